from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Security deposits are booked from now on; those held already have no entry, and a person has to look at them.

    Nothing is posted: they stay held, marked as not in the books, each with an activity for who looks after it.
    """
    cr.execute("DROP INDEX IF EXISTS ar_dunning_deposit_payment_once")
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["ar.dunning.deposit"].search([("unbooked", "=", True)])._tell_unbooked()

from odoo.addons.ar_dunning.tools.divided import refuse_before_upgrade

from . import core, models, wizards


def _keep_what_was_demanded(env):
    """Notices that left before this was kept on sending keep it now: their totals and their words stay."""
    env["ar.dunning.notice"]._keep_charges_of_left()

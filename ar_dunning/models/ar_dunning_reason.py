from odoo import fields, models


class ArDunningReason(models.Model):
    """A reason that people choose from a list: why a customer is late, why dunning stops, what came of a call.

    One list for all kinds, so that reports speak the same words everywhere. A reason to pause also says what
    else must stop while it holds (a moratorium, a death), so that nobody has to remember it.
    """

    _name = "ar.dunning.reason"
    _inherit = ["ar.dunning.settings", "ar.dunning.used"]
    _description = "Dunning Reason"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [
            ("overdue", "Why overdue"),
            ("pause", "Why paused"),
            ("cancel", "Why cancelled"),
            ("call", "Outcome of a call"),
        ],
        required=True,
        default="overdue",
        index=True,
        help="Where this reason is offered.",
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Leave empty to offer the reason in every company."
    )
    no_contact = fields.Boolean(help="No notice of any kind is sent while a pause with this reason stands.")
    freeze_before = fields.Boolean(
        "Freeze Earlier Items",
        help="Asks for a day: what arose before it stays frozen, what arises later is dunned as usual "
        "(claims before and after the opening of an insolvency).",
    )
    write_to = fields.Selection(
        [("customer", "The customer"), ("administrator", "The administrator"), ("heir", "The heirs")],
        required=True,
        default="customer",
        help="Who is written to from now on.",
    )

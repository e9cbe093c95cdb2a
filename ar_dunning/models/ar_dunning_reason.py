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
            ("dispute", "Why disputed"),
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
    is_common = fields.Boolean("Shown First", help="Offered before the others.")
    owner_role = fields.Selection(
        [("sales", "Sales"), ("logistics", "Logistics"), ("billing", "Billing"), ("quality", "Quality")],
        help="Whose answer it takes: sales is the salesperson of the invoice.",
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Answered by",
        domain="[('share', '=', False)]",
        help="Who answers such disputes. Leave empty for the role, else for whoever looks after the customer.",
    )
    answer_days = fields.Integer("Days to Answer", default=10, help="The answer is due so many days after the dispute.")
    blocks_dunning = fields.Boolean(default=True, help="Dunning leaves the disputed part alone until it is resolved.")
    x12_code = fields.Char(help="The adjustment reason code of X12 (element 426), for exchange with others.")
    outcome_does = fields.Selection(
        [("promise", "Asks for day and amount"), ("dispute", "Opens a dispute")],
        string="In the Call",
        help="What the call dialog asks for when this is the outcome.",
    )

    def _owner_for(self, customer, items):
        """Who answers a dispute with this reason."""
        salesperson = items.sudo().move_id.invoice_user_id[:1] if self.owner_role == "sales" else self.env["res.users"]
        found = (self.owner_id | salesperson).filtered(lambda user: user._is_dunning_person())
        return found[:1] or customer._who_is_asked(self.env.user)

from odoo import fields, models


class ArDunningCustomer(models.Model):
    """A customer's charges, and his payments spread over charges and invoices."""

    _inherit = "ar.dunning.customer"

    interest_rule_id = fields.Many2one(
        "ar.dunning.interest.rule",
        string="Agreed Interest",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="What this customer's contract says. Empty: the policy's rule, else the law.",
    )
    charge_ids = fields.One2many("ar.dunning.charge", "customer_id", string="Charges", readonly=True)
    charge_count = fields.Integer("Charges Open", compute="_compute_charge_count")

    def _compute_charge_count(self):
        """Charges that somebody has yet to pay: announced or booked."""
        counts = dict(
            self.env["ar.dunning.charge"]._read_group(
                [("customer_id", "in", self.ids), ("state", "in", ("announced", "booked"))],
                ["customer_id"],
                ["__count"],
            )
        )
        for customer in self:
            customer.charge_count = counts.get(customer, 0)

    def action_view_charges(self):
        """Open what was claimed from this customer."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning_charge.ar_dunning_charge_action") | {
            "domain": [("customer_id", "=", self.id)],
            "context": {"search_default_open": 1},
        }

    def action_allocate(self):
        """Show how a payment is spread over charges and invoices, and spread it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Allocate a payment"),
            "res_model": "ar.dunning.allocate.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_customer_id": self.id},
        }

    def _take_over(self, others):
        """The charges of `others` come along: they are evidence like the notices that claim them."""
        self._move_rows("ar_dunning_charge", "customer_id", others)
        return super()._take_over(others)

    def _person_writes(self):
        return super()._person_writes() | {"interest_rule_id"}

    def _merge_values(self, others):
        return super()._merge_values(others) | {"interest_rule_id": (self | others).interest_rule_id[:1].id}

    def _merge_apart(self):
        return super()._merge_apart() | {"charge_ids"}

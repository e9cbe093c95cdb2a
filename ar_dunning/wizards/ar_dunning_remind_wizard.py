from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date


class ArDunningRemindWizard(models.TransientModel):
    """*Remind now*, before anything is drafted: what would be prepared for whom, and what stands in the way."""

    _name = "ar.dunning.remind.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Remind Now"

    customer_ids = fields.Many2many("ar.dunning.customer", string="Customers", required=True)
    is_manager = fields.Boolean(compute="_compute_is_manager")
    escalate = fields.Boolean(
        "Go to the Next Level",
        help="Also where a deadline is still running or the customer was reminded only lately. For managers.",
    )
    reason = fields.Char(help="Why the next level cannot wait. It stays with the notice and in its history.")
    plan_html = fields.Html("What Would Be Prepared", compute="_compute_plan_html", sanitize=False)

    @api.depends_context("uid")
    def _compute_is_manager(self):
        self.is_manager = self.env.user.has_group("ar_dunning.group_dunning_manager")

    @api.depends("customer_ids", "escalate")
    def _compute_plan_html(self):
        for wizard in self:
            rows = wizard._rows(wizard.customer_ids._origin, wizard.escalate and wizard.is_manager)
            wizard.plan_html = self.env["ir.qweb"]._render("ar_dunning.remind_plan", {"rows": rows})

    @api.model
    def _rows(self, customers, escalate=False):
        """What would happen to each customer: dicts with `customer`, `does`, `stops`, `kind`."""
        customers.check_access("read")
        drafted = self.env["ar.dunning.notice"]._read_group(
            [("customer_id", "in", customers.ids), ("state", "=", "draft")], ["customer_id"]
        )
        drafted = {customer.id for (customer,) in drafted}
        rows = [
            {"customer": customer, "does": self.env._("Its draft is opened."), "stops": "", "kind": "draft"}
            for customer in customers
            if customer.id in drafted
        ]
        rest = customers.filtered(lambda customer: customer.id not in drafted)
        for company, group in rest.grouped("company_id").items():
            on = company._dunning_today()
            decisions = self.env["ar.dunning.remind"].sudo()._decide_ahead(group.sudo(), on, escalate)
            rows += [self._row(customer, decisions[customer.id], on) for customer in group]
        return rows

    @api.model
    def _row(self, customer, decision, on):
        levels = self.env["ar.dunning.level"].sudo().browse([one.level.key for one in decision.notices])
        names = ", ".join(dict.fromkeys(levels.mapped("name")))
        if not decision.notices:
            does, kind = self.env._("Left alone."), "none"
        elif decision.ahead == "repeat":
            does, kind = self.env._("%s, once more and without new charges.", names), "repeat"
        else:
            does, kind = names, decision.ahead or "due"
        return {"customer": customer, "does": does, "stops": self._stops_of(decision, on), "kind": kind}

    @api.model
    def _stops_of(self, decision, on):
        running = [item.deadline for item in decision.items if item.deadline and item.deadline >= on]
        if not running:
            return decision.stops
        last = self.env._("Its last deadline is %s.", format_date(self.env, max(running)))
        return " ".join(filter(None, (decision.stops, last)))

    def action_prepare(self):
        """Prepare the drafts, and open what there is to read."""
        self.ensure_one()
        reason = (self.reason or "").strip()
        if self.escalate and not self.is_manager:
            raise AccessError(
                self.env._("Only a dunning manager can go to the next level before the deadline is over.")
            )
        if self.escalate and not reason:
            raise UserError(self.env._("Write down why the next level cannot wait."))
        return self.customer_ids._remind(reason if self.escalate else False)

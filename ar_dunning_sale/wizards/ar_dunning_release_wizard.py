from odoo import fields, models


class ArDunningReleaseWizard(models.TransientModel):
    """Approve, decline or confirm anyway, with a reason that stays on order and customer."""

    _name = "ar.dunning.release.wizard"
    _description = "Decide about an Order on Hold"

    order_ids = fields.Many2many("sale.order", string="Orders", required=True, readonly=True)
    decision = fields.Selection(
        [("approved", "Approve"), ("declined", "Decline"), ("overridden", "Confirm anyway")], required=True
    )
    banner = fields.Html(compute="_compute_banner", sanitize=False)
    note = fields.Text("Reason", help="Colleagues read it on the order and on the customer.")

    def _compute_banner(self):
        for wizard in self:
            order = wizard.order_ids[:1]
            wizard.banner = order.ar_dunning_banner or order.ar_dunning_waits_banner

    def action_decide(self):
        """Record the decision; *confirm anyway* confirms, too."""
        self.ensure_one()
        self.order_ids._dunning_decide(self.decision, self.note)
        return {"type": "ir.actions.act_window_close"}

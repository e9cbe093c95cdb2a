from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDunningReleaseWizard(models.TransientModel):
    """Approve, decline or confirm anyway, with a reason that stays on order and customer."""

    _name = "ar.dunning.release.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Decide about an Order on Hold"

    order_ids = fields.Many2many("sale.order", string="Orders", required=True, readonly=True)
    decision = fields.Selection(
        [("approved", "Approve"), ("declined", "Decline"), ("overridden", "Confirm anyway")], required=True
    )
    currency_id = fields.Many2one(related="order_ids.currency_id")
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="What the orders charged when this was opened; a decision is for no more.",
    )
    banner = fields.Html(compute="_compute_banner", sanitize=False)
    note = fields.Text("Reason", help="Colleagues read it on the order and on the customer.")
    until = fields.Date(
        "Holds until", help="The last day on which the order may be confirmed with it. Leave empty for no such day."
    )

    @api.depends("order_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard._charged()

    def _charged(self):
        """What the orders charge now, in their currency."""
        return sum(order._dunning_chargeable() for order in self.order_ids.sudo())

    def _compute_banner(self):
        for wizard in self:
            order = wizard.order_ids[:1]
            wizard.banner = order.ar_dunning_banner or order.ar_dunning_waits_banner

    def action_decide(self):
        """Record the decision; *confirm anyway* confirms, too.

        :raise UserError: there is no order, or the orders have grown since this was opened
        """
        self.ensure_one()
        if not self.order_ids:
            raise UserError(self.env._("Open this from a quotation or an order: there is none to decide about."))
        now = self._charged()
        if self.decision != "declined" and self.currency_id.compare_amounts(now, self.amount) > 0:
            raise UserError(
                self.env._(
                    "The order has grown to %(now)s while you looked at %(seen)s. Close this and look again.",
                    now=self.currency_id.format(now),
                    seen=self.currency_id.format(self.amount),
                )
            )
        self.order_ids._dunning_decide(self.decision, self.note, self.until)
        return {"type": "ir.actions.act_window_close"}

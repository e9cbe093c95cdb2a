from odoo import fields, models
from odoo.tools import float_compare, float_round

# Context key: the order that these lines are part of asks the rules itself, once, when it is written.
LATER = "ar_dunning_deposit_later"
DEPOSIT_BASIS = {
    "partner_id", "partner_invoice_id", "company_id", "pricelist_id", "currency_id", "order_line", "require_payment",
    "prepayment_percent",
    "sale_order_template_id",
}  # fmt: skip
DIGITS = 4  # of a share: the portal prints it as a percentage


class SaleOrder(models.Model):
    """The deposit that the rules demand, carried by Odoo's own prepayment, so that the portal collects it.

    A share that a salesperson has set by hand stays, unless the rules demand more: it cannot be set lower.
    """

    _inherit = "sale.order"

    ar_dunning_deposit_share = fields.Float(
        "Share to Pay First",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What the deposit rules demand of this customer for this order before confirmation.",
    )

    def _dunning_refresh_deposits(self):
        """Ask the rules again: the order, its customer's status or the day may have changed."""
        if self.env.context.get(LATER):
            return
        todo = self.sudo().filtered(lambda order: order._dunning_is_open())
        if not todo or not (any(todo.mapped("ar_dunning_deposit_share")) or todo._dunning_may_need_deposit()):
            return
        verdicts = todo._dunning_verdicts_alone()
        for order in todo:
            order._dunning_set_share(float_round(verdicts[order.id].deposit.share, DIGITS, rounding_method="UP"))

    def _dunning_set_share(self, share):
        """Raise the prepayment to `share`, or take back what an earlier rule has raised."""
        self.ensure_one()
        self = self.with_context(**{LATER: True})
        before = self.ar_dunning_deposit_share
        asked = self.prepayment_percent if self.require_payment else 0.0
        if float_compare(share, before, DIGITS) == 0 and (not share or float_compare(asked, share, DIGITS) >= 0):
            return
        values = {"ar_dunning_deposit_share": share}
        if before and float_compare(asked, before, DIGITS) == 0:
            self._compute_require_payment()
            self._compute_prepayment_percent()
            asked = self.prepayment_percent if self.require_payment else 0.0
        if float_compare(share, asked, DIGITS) > 0:
            values |= {"prepayment_percent": share, "require_payment": True}
        self.write(values)

    def _dunning_may_need_deposit(self):
        """Whether it is worth asking: there is a rule, or one of the customers is insolvent."""
        Rule, Check = self.env["ar.dunning.deposit.rule"].sudo(), self.env["ar.dunning.solvency.check"].sudo()
        partners = self._dunning_parties()
        return bool(
            Rule.search_count([("stage", "=", "confirm")], limit=1)
            or Check.search_count(
                [("customer_id.partner_id", "in", partners.ids), ("result", "=", "insolvent")], limit=1
            )
        )

    def action_quotation_send(self):
        self._dunning_refresh_deposits()
        return super().action_quotation_send()

    def _get_prepayment_required_amount(self):
        """What is still to be paid online: transfers and paid down-payment invoices are deducted.

        Core compares it with `amount_paid`, which knows payment transactions only.
        """
        required = super()._get_prepayment_required_amount()
        if not self._dunning_is_open():
            return required
        share = self.sudo().ar_dunning_deposit_share
        required = max(required, self.currency_id.round(self.amount_total * share))
        if not required:
            return required
        money = self.sudo()._dunning_money()[self.id]
        return max(self.currency_id.round(required - money.total + money.online), 0.0)

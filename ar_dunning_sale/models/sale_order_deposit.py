from odoo import fields, models
from odoo.tools import float_compare

from .verdict import Ours

# Context key: the order that these lines are part of asks the rules itself, once, when it is written.
LATER = "ar_dunning_deposit_later"
DEPOSIT_BASIS = {
    "partner_id", "partner_invoice_id", "company_id", "pricelist_id", "currency_id", "order_line", "require_payment",
    "prepayment_percent",
    "sale_order_template_id",
}  # fmt: skip
DIGITS = 10  # of a share: it has to give the amount to the last coin


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
        if Ours.says(self.env, LATER):
            return
        todo = self.sudo().filtered(lambda order: order._dunning_is_open())
        if not todo or not (any(todo.mapped("ar_dunning_deposit_share")) or todo._dunning_may_need_deposit()):
            return
        verdicts = todo._dunning_verdicts_alone()
        for order in todo:
            order._dunning_set_share(verdicts[order.id].deposit.share)

    def _dunning_set_share(self, share):
        """Raise the prepayment to `share`, or take back what an earlier rule has raised."""
        self.ensure_one()
        self = self.with_context(**{LATER: Ours()})
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
        self._put(values)

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

    def copy_data(self, default=None):
        """A deposit that the rules have raised is not copied: they are asked about the copy."""
        vals_list = super().copy_data(default)
        for order, vals in zip(self, vals_list, strict=True):
            share = order.sudo().ar_dunning_deposit_share
            if share and float_compare(order.prepayment_percent, share, DIGITS) == 0:
                for name in {"require_payment", "prepayment_percent"} - set(default or {}):
                    vals.pop(name, None)
        return vals_list

    def _get_prepayment_required_amount(self):
        """What is still to be paid before confirmation: whatever has come in is deducted, free lines are not asked.

        Core asks for the whole share again, whatever has been paid of it.
        """
        required = super()._get_prepayment_required_amount()
        if not self._dunning_is_open():
            return required
        order = self.sudo()
        share = order.prepayment_percent if order.require_payment else 0.0
        asked = self.currency_id.round(order._dunning_chargeable() * share)
        asked = max(asked, self.currency_id.round(order.amount_total * order.ar_dunning_deposit_share))
        return max(self.currency_id.round(asked - order._dunning_money()[self.id].total), 0.0) if asked else 0.0

    def _is_confirmation_amount_reached(self):
        if not self._dunning_is_open():
            return super()._is_confirmation_amount_reached()
        return self.currency_id.is_zero(self._get_prepayment_required_amount())

    def _dunning_rest_to_pay(self):
        """What is left of the whole order once all that has come in is deducted, in its currency; no less than 0."""
        self.ensure_one()
        order = self.sudo()
        if not self._dunning_is_open():
            return order.amount_total
        return max(self.currency_id.round(order._dunning_chargeable() - order._dunning_money()[self.id].total), 0.0)

    def _get_default_payment_link_values(self):
        values = super()._get_default_payment_link_values()
        if self._dunning_is_open():
            values["amount_max"] = min(values["amount_max"], self._dunning_rest_to_pay())
            values["amount"] = min(values["amount"], values["amount_max"])
        return values

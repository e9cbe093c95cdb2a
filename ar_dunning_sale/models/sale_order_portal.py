from odoo import fields, models

from odoo.addons.ar_dunning.tools.attempt import attempt

from .verdict import CreditRefusedError


class SaleOrder(models.Model):
    """Customers who sign or pay online: what they did is never lost, and they are not told why they wait."""

    _inherit = "sale.order"

    ar_dunning_parked = fields.Boolean(
        "Waits for Review",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Signed or paid by the customer, but credit control stops it.",
    )

    def _validate_order(self):
        """Confirm what may be confirmed; the rest keeps signature and payment and goes to the credit controller."""
        results = [None]
        for order in self:
            validate = super(SaleOrder, order)._validate_order
            refused = attempt(self.env, lambda do=validate: results.append(do()), only=CreditRefusedError)
            if refused is not None:
                order._dunning_park(self.env._("%s has been accepted online and waits for review.", order.name))
        return results[-1]

    def _dunning_is_reviewed(self):
        """Whether the customer is to be told that the order is being reviewed."""
        self.ensure_one()
        order = self.sudo()
        return (
            order.ar_dunning_parked
            and order.state in ("draft", "sent")
            and order.ar_dunning_release != "declined"
            and not (order._has_to_be_signed() or order._has_to_be_paid())
        )

    def _dunning_came_otherwise(self):
        """What has come in for a quotation beside online payments, which core shows: in its currency, at most all."""
        self.ensure_one()
        if not self._dunning_is_open():
            return 0.0
        money = self.sudo()._dunning_money()[self.id]
        return self.currency_id.round(min(money.total, self.amount_total) - min(money.online, self.amount_total))

    def _dunning_asks_a_part(self):
        """Whether less than the whole order is to be paid before it is confirmed."""
        self.ensure_one()
        return self._has_to_be_paid() and (
            self.currency_id.compare_amounts(self._get_prepayment_required_amount(), self.amount_total) < 0
        )

    def _dunning_percent_to_pay(self):
        """What is still to be paid online as a percentage of the order, for the portal: at most two decimals."""
        self.ensure_one()
        if not self.amount_total:
            return "0"
        return f"{100 * self._get_prepayment_required_amount() / self.amount_total:.2f}".rstrip("0").rstrip(".")

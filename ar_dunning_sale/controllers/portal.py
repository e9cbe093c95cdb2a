from odoo.addons.sale.controllers.portal import CustomerPortal


class SalePortal(CustomerPortal):
    """The payment page asks for what is left, not for what has come in by transfer already, nor for free lines."""

    def _determine_is_down_payment(self, order_sudo, amount_selection, payment_amount):
        if amount_selection is None and payment_amount is None and order_sudo._dunning_is_open():
            return order_sudo._dunning_asks_a_part()
        return super()._determine_is_down_payment(order_sudo, amount_selection, payment_amount)

    def _get_payment_values(self, order_sudo, is_down_payment=False, payment_amount=None, **kwargs):
        """The full amount is what is left of it; core takes a smaller amount than the total as a down payment."""
        rest = order_sudo._dunning_rest_to_pay()
        if is_down_payment or not order_sudo._dunning_is_open() or not 0 < rest < order_sudo.amount_total:
            return super()._get_payment_values(order_sudo, is_down_payment, payment_amount, **kwargs)
        values = super()._get_payment_values(order_sudo, True, rest, **kwargs)
        return {**values, "payment_amount": payment_amount}

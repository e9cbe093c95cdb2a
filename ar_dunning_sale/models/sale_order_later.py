from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """Deposits that are due before delivery and invoicing; down-payment invoices ask for them and always pass."""

    _inherit = "sale.order"

    def _dunning_check_later_deposit(self):
        """
        :raise UserError: the deposit that is due before delivery and invoicing is missing
        """
        rules = self.env["ar.dunning.deposit.rule"].sudo()
        todo = self.filtered(
            lambda order: order.state == "sale" and order.ar_dunning_release not in ("approved", "overridden")
        )
        if not todo or not rules.search_count([("stage", "=", "invoice")], limit=1):
            return
        verdicts = todo._dunning_verdicts()
        missing = todo.filtered(lambda order: verdicts[order.id].deposit.later_missing > 0)
        if missing:
            lines = [
                f"{order.name}: {order._dunning_later_text(verdicts[order.id].deposit)}" for order in missing.sudo()
            ]
            raise UserError("\n".join([self.env._("Nothing is delivered or invoiced before the deposit:"), *lines]))

    def _dunning_later_text(self, deposit):
        return self.env._(
            "%(amount)s (%(rule)s), %(missing)s missing.",
            amount=self._dunning_money_text(deposit.later),
            rule=deposit.later_rule,
            missing=self._dunning_money_text(deposit.later_missing),
        )

    def _create_invoices(self, grouped=False, final=False, date=None):
        self._dunning_check_later_deposit()
        return super()._create_invoices(grouped=grouped, final=final, date=date)

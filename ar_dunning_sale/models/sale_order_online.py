from odoo import models


class SaleOrder(models.Model):
    """Online payments of an order: what came and stayed, neither refunded, voided nor used for something else.

    Core's `amount_paid` adds up transactions, whatever their currency and whatever happened to the money afterwards.
    """

    _inherit = "sale.order"

    def _dunning_online(self):
        """Money that came in online for this order and still is its own, in its currency."""
        self.ensure_one()
        return self.currency_id.round(sum(self._dunning_of_transaction(tx) for tx in self._dunning_transactions()))

    def _dunning_online_outside(self):
        """The part of it that the ledger does not know yet."""
        self.ensure_one()
        return sum(
            self._dunning_of_transaction(tx)
            for tx in self._dunning_transactions()
            if not self._dunning_payments_of(tx).move_id.filtered(lambda move: move.state == "posted")
        )

    def _dunning_transactions(self):
        return self.transaction_ids.filtered(
            lambda tx: tx.state in ("authorized", "done") and tx.currency_id == self.currency_id
        )

    def _dunning_payments_of(self, tx):
        """The payments of a transaction, which may have been captured in parts; without refunds."""
        return (tx | tx.child_transaction_ids.filtered(lambda child: child.operation != "refund")).payment_id

    def _dunning_of_transaction(self, tx):
        """What a transaction has left for this order; one of several orders pays them by their size."""
        refunds = tx.child_transaction_ids.filtered(lambda child: child.operation == "refund")
        back = -sum(refunds.filtered(lambda child: child.state == "done").mapped("amount"))
        voided = sum(child.amount for child in tx.child_transaction_ids - refunds if child.state == "cancel")
        elsewhere = self._dunning_used_elsewhere(tx, refunds)
        left = max(tx.amount - back - voided - elsewhere, 0.0)
        sharing = tx.sale_order_ids.filtered(lambda order: order.state != "cancel" and order.amount_total > 0)
        if len(sharing) < 2 or self not in sharing:
            return left
        return left * self.amount_total / sum(sharing.mapped("amount_total"))

    def _dunning_used_elsewhere(self, tx, refunds):
        """What of its payments has been matched with something that is not this order's."""
        own = tx.sale_order_ids.invoice_ids | refunds.payment_id.move_id
        credits = self._dunning_payments_of(tx).move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and line.credit
        )
        return sum(
            partial.credit_amount_currency
            for partial in credits.matched_debit_ids
            if partial.debit_move_id.move_id not in own
        )

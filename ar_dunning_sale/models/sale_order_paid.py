from odoo import models


class SaleOrder(models.Model):
    """Money that paid the invoices of an order: down payments, and what it has charged otherwise."""

    _inherit = "sale.order"

    def _dunning_paid_invoices(self):
        """Money that paid the invoices of this order, in its currency; credited ones do not count.

        A transfer that named the order, or money without a name, is matched with its invoices sooner or later, and
        stays the order's. Payments of the order's own online transactions are left out: those count as transactions.
        """
        self.ensure_one()
        moves = self._dunning_own_invoices()
        deposits = moves.filtered(lambda move: move._is_downpayment())
        paid = min(sum(map(self._dunning_paid_of, deposits)), self._dunning_invoiced_deposits())
        others = min(sum(map(self._dunning_paid_of, moves - deposits)), self._dunning_invoiced_otherwise())
        return self.currency_id.round(max(paid, 0.0) + max(others, 0.0))

    def _dunning_own_invoices(self):
        return self.order_line.invoice_lines.move_id.filtered(
            lambda move: (
                move.state == "posted" and move.move_type == "out_invoice" and move.currency_id == self.currency_id
            )
        )

    def _dunning_open_invoices(self):
        """What is open of the order's invoices, down payments among them, in its currency."""
        self.ensure_one()
        return sum(
            move.amount_residual * min(max(self._dunning_part_of(move) / move.amount_total, 0.0), 1.0)
            for move in self._dunning_own_invoices()
            if move.amount_residual
        )

    def _dunning_paid_of(self, move):
        """How much of the order's part of an invoice has been paid by money, but not by its own transactions.

        A security deposit that was applied to it is money that came in once.
        """
        own = (self.transaction_ids | self.transaction_ids.child_transaction_ids).payment_id
        paid = sum(
            partial.debit_amount_currency
            for partial in move.line_ids.filtered(lambda line: line.display_type == "payment_term").matched_credit_ids
            for credit in partial.credit_move_id
            if (credit.payment_id - own or credit.statement_line_id or credit.move_id.ar_dunning_deposit_id)
        )
        if not paid or move._is_downpayment():
            return paid
        return paid * min(max(self._dunning_part_of(move) / move.amount_total, 0.0), 1.0)

    def _dunning_part_of(self, move):
        """What an invoice or credit note charges for this order, which it may share with others; taxes included."""
        return sum(line.price_total for line in move.invoice_line_ids if self in line.sale_line_ids.order_id)

    def _dunning_invoiced_otherwise(self):
        """Invoiced and posted less credited, apart from down payments, taxes included, in the order's currency."""
        self.ensure_one()
        moves = self.order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.currency_id == self.currency_id and not move._is_downpayment()
        )
        return sum(-move.direction_sign * self._dunning_part_of(move) for move in moves)

    def _dunning_invoiced_deposits(self):
        """Down payments invoiced and posted less credited ones, taxes included, in the order's currency."""
        self.ensure_one()
        lines = self.order_line.filtered("is_downpayment").invoice_lines
        moves = lines.move_id.filtered(lambda move: move.state == "posted" and move.currency_id == self.currency_id)
        return sum(-move.direction_sign * move.amount_total for move in moves if move._is_downpayment())

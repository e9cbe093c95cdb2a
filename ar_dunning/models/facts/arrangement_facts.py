"""The money that came of promises, as read for a batch of customers: plain values."""

from ...core.allocation import ZERO
from ...core.arrangement import Debt, Receipt
from ...tools.figures import as_decimal


class Money:
    """What lowered debts, for `core.arrangement`: `found` is `{customer id: ([Receipt], [Debt])}`.

    :param customers: `ar.dunning.customer` records of one company
    :param items: `{journal item id: item id}` of theirs
    """

    def __init__(self, customers, items):
        self.found = {customer.id: ([], []) for customer in customers}
        self._customer_of = {customer.partner_id.id: customer.id for customer in customers}
        self._items = items

    def add_matched(self, rows):
        """Rows of what is matched: customer, item, day, amount in the debt's currency, currency, cash, returned."""
        for customer_id, item_id, day, amount, currency_id, cash, returned in rows:
            receipt = Receipt(day, as_decimal(amount), currency_id, item_id, bool(cash), returned)
            self.found[customer_id][0].append(receipt)

    def add_incoming(self, incoming):
        """Money on its way that nobody has matched; what is only announced keeps no promise."""
        left = {line.id: line.residual for line in incoming.lines.values() if line.id in self._items}
        for row, amount in incoming.kept():
            if row.kind != "promised" and amount > ZERO:
                self._add_row(incoming, row, amount, left)
        for key, amount in left.items():
            line = incoming.lines[key]
            if line.owner in self._customer_of:
                debt = Debt(self._items[key], line.due, amount, line.currency_id)
                self.found[self._customer_of[line.owner]][1].append(debt)

    def _add_row(self, incoming, row, amount, left):
        """What the row names gets it first; the rest pays whatever is oldest."""
        named = [line for line in incoming.lines.values() if line.id in left and line.move_id in row.moves]
        for line in sorted(named, key=lambda line: (line.due, line.id)):
            part = min(amount, left[line.id]) if line.currency_id == row.currency_id else ZERO
            if part > ZERO:
                self._add(line.owner, row, part, self._items[line.id])
                left[line.id] -= part
                amount -= part
        if amount > ZERO and row.spread:
            self._add(row.owner, row, amount, None)

    def _add(self, owner, row, amount, item_id):
        if owner in self._customer_of:
            receipts, _debts = self.found[self._customer_of[owner]]
            receipts.append(Receipt(row.day, amount, row.currency_id, item_id, row.kind != "note"))

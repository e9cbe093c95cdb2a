from datetime import timedelta
from decimal import Decimal

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.incoming_common import IncomingCommon

DAY = DUE + timedelta(days=40)


@tagged("post_install", "-at_install")
class TestIncomingEqual(IncomingCommon):
    """Interest runs on what dunning asks for: both read the same money on its way, whatever the ledger."""

    def test_interest_reads_what_dunning_reads(self):
        for seed in range(8):
            with self.subTest(seed=seed):
                _partner, invoices = self.made_up_ledger(seed)
                dunned = self.dunned(invoices, DAY)
                self.assertEqual(set(dunned), set(invoices.ids))
                items = [self.item(move).id for move in invoices]
                debts = self.env["ar.dunning.arrears"].sudo()._read(items, self.company, DAY)
                self.assertEqual({debt.move_id: debt.open for debt in debts.values()}, dunned)

    def test_money_of_another_customer_stops_interest_from_its_day(self):
        """B pays 400 of A's 1,000 by its number, a day after it was due; whether B is asked for, too, or not."""
        b = self.env["res.partner"].create({"name": "Bo", "is_company": True})
        mine, theirs = self.invoice(1000.0), self.invoice(600.0, partner=b)
        came = DUE + timedelta(days=1)
        self.receive(400.0, came, memo=mine.name, partner=b)
        items = self.item(mine) | self.item(theirs)
        for asked in (items, self.item(mine)):
            debts = self.env["ar.dunning.arrears"].sudo()._read(asked.ids, self.company, DAY)
            debt = next(debt for debt in debts.values() if debt.move_id == mine.id)
            self.assertEqual(debt.open, 600)
            self.assertIn((came, Decimal(-400)), [(moved.on, moved.amount) for moved in debt.movements])

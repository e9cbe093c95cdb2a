from datetime import timedelta

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
                debts = self.env["ar.dunning.claims"].sudo()._read_debts(items, self.company, DAY)
                self.assertEqual({debt.move_id: debt.open for debt in debts.values()}, dunned)

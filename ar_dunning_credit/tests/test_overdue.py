from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.incoming_common import IncomingCommon


@tagged("post_install", "-at_install")
class TestOverdue(IncomingCommon):
    """What is overdue for the worklist is overdue for the credit status."""

    def test_an_entry_without_a_maturity_is_due_on_its_own_day(self):
        entry = self.entry(500.0, DUE)
        entry.line_ids.filtered(lambda line: line.account_type == "asset_receivable").date_maturity = False
        customer = self.item(entry).customer_id.sudo()
        (debt,) = customer._credit_facts(DUE + timedelta(days=60))[customer.id].debts
        self.assertEqual((debt.due, debt.amount), (DUE, 500))

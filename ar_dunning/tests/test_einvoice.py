from datetime import timedelta

from odoo.tests import tagged

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestEinvoice(DunningCommon):
    """An e-invoice that the customer's access point refused was never received: nobody is reminded of it."""

    def setUp(self):
        super().setUp()
        if "peppol_move_state" not in self.env["account.move"]._fields:
            self.skipTest("account_peppol is not installed")

    def test_a_rejected_e_invoice_is_not_reminded_of(self):
        invoice = self.invoice()
        invoice.peppol_move_state = "error"
        self.assertEqual(self.blockers(invoice, FIRST), {"einvoice_rejected"})
        self.assertFalse(self.day(FIRST))
        invoice.peppol_move_state = "done"
        notice = self.day(FIRST + timedelta(days=1))
        self.assertEqual((notice.state, notice.level_id.name), ("sent", "First reminder"))
        self.assertEqual(notice.line_ids.move_id, invoice)

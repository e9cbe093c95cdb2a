from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import DUE
from .incoming_common import IncomingCommon


@tagged("post_install", "-at_install")
class TestOverdue(IncomingCommon):
    """What is overdue is one rule: worklist and customer form say the same."""

    def test_an_entry_without_a_maturity_is_due_on_its_own_day(self):
        entry = self.entry(500.0, DUE)
        entry.line_ids.filtered(lambda line: line.account_type == "asset_receivable").date_maturity = False
        customer = self.item(entry).customer_id
        day = DUE + timedelta(days=60)
        with freeze_time(day):
            customer.sudo()._refresh_figures()
            self.assertEqual((customer.late_total, customer.late_since), (500.0, DUE))
            self.assertEqual((customer.overdue_amount, customer.oldest_due_date), (500.0, DUE))

    def test_the_setup_counts_it_too(self):
        entry = self.entry(500.0, DUE)
        entry.line_ids.filtered(lambda line: line.account_type == "asset_receivable").date_maturity = False
        setup = self.env["ar.dunning.setup"].create({"not_before": DUE + timedelta(days=1)})
        self.assertEqual((setup.oldest_due, setup.older_count), (DUE, 1))

    def test_a_draft_credit_note_left_behind_is_a_finding(self):
        note = self.credit_note(5.0, DUE, post=False)
        setup = self.env["ar.dunning.setup"].create({})
        for days, count in ((60, 0), (61, 1)):
            with freeze_time(DUE + timedelta(days=days)):
                setup.invalidate_recordset()
                self.assertEqual(setup.old_draft_count, count)
                self.assertEqual(setup._old_drafts(), note if count else note.browse())

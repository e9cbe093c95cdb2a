from datetime import date, datetime, time

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DEADLINE, REMINDED

from .charge_common import BOOKED, LATER, ChargeCommon


@tagged("post_install", "-at_install")
class TestChargeNight(ChargeCommon):
    """What sending and the night do by themselves."""

    def sent_with_charges(self, mode, **values):
        """An invoice whose reminder goes with a fee of 5.00."""
        self.policy.charge_mode = mode
        invoice = self.invoice(1000.0)
        notice = self.night(REMINDED).notice_ids
        charge = self.claim(self.item(invoice), "fee", 5.0, notice, **values)
        self.send(notice, REMINDED)
        return invoice, charge

    def cron(self, day):
        with freeze_time(datetime.combine(day, time(10))), self.enter_registry_test_mode():
            self.env.ref("ar_dunning_charge.ir_cron_book").method_direct_trigger()

    def test_announced_only(self):
        _invoice, charge = self.sent_with_charges("announce")
        self.assertEqual(charge.state, "announced")
        self.cron(REMINDED)
        self.assertFalse(self.settle(self.plus(5)))
        self.assertEqual(charge.state, "announced")

    def test_booked_with_the_notice(self):
        _invoice, charge = self.sent_with_charges("book")
        self.cron(REMINDED)
        self.assertEqual((charge.state, charge.document_id.date), ("booked", REMINDED))
        self.assertEqual(charge.document_id.invoice_date_due, DEADLINE)

    def test_sending_asks_for_booking_at_once(self):
        book = self.env.ref("ar_dunning_charge.ir_cron_book")
        before = self.env["ir.cron.trigger"].search_count([("cron_id", "=", book.id)])
        self.sent_with_charges("book")
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", book.id)]), before)

    def test_what_cannot_be_booked_is_told_once_and_tried_again(self):
        invoice, charge = self.sent_with_charges("book")
        self.company.fiscalyear_lock_date = date(2026, 3, 31)
        (skipped,) = self.settle(self.plus(1))
        self.assertEqual(skipped[0], charge)
        self.assertIn("locked on 03/08/2026", skipped[1])
        self.assertEqual((charge.state, charge.booking_error), ("announced", skipped[1]))
        told = charge.notice_id.message_ids.filtered(lambda message: "could not be booked" in message.body)
        self.assertEqual(len(told), 1)
        self.settle(self.plus(1))
        self.assertEqual(
            charge.notice_id.message_ids.filtered(lambda message: "could not be booked" in message.body), told
        )
        self.assertFalse(self.settle(date(2026, 4, 1)))
        self.assertEqual((charge.state, charge.booking_error), ("booked", False))
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_the_night_tells_what_it_skipped(self):
        _invoice, charge = self.sent_with_charges("book")
        self.company.fiscalyear_lock_date = date(2026, 3, 31)
        run = self.make_run(self.plus(1))
        run._settle_charges()
        self.assertEqual(run.skipped_ids.customer_id, charge.customer_id)
        self.assertRegex(run.skipped_ids.reason, "^Charges: The books of .* are locked on 03/08/2026")

    def test_booked_when_the_principal_is_paid(self):
        invoice, charge = self.sent_with_charges("on_payment")
        self.pay(invoice, 999.99, self.plus(2))
        self.settle(self.plus(3))
        self.assertEqual(charge.state, "announced")
        self.pay(invoice, 0.01, self.plus(3))
        self.settle(self.plus(4))
        self.assertEqual((charge.state, charge.document_id.date), ("booked", self.plus(4)))

    def test_a_credit_note_is_no_payment(self):
        invoice, charge = self.sent_with_charges("on_payment")
        refund = invoice._reverse_moves([{"invoice_date": self.plus(1), "date": self.plus(1)}], cancel=True)
        self.assertTrue(refund and invoice.payment_state == "reversed")
        self.settle(self.plus(4))
        self.assertEqual(charge.state, "announced")

    # === Waived if paid by === #

    def test_an_offer_keeps_itself(self):
        invoice, charge = self.sent_with_charges("book", waive_until=DEADLINE)
        self.cron(REMINDED)
        self.pay(invoice, 1000.0, DEADLINE)
        self.settle(self.plus(20))
        self.assertEqual((charge.state, charge.reason), ("waived", "Paid by 03/14/2026 as offered."))
        self.assertFalse(charge.waived_by_id)
        self.assertEqual((charge.document_id.amount_residual, charge.document_id.payment_state), (0.0, "reversed"))

    def test_a_day_late_is_late(self):
        invoice, charge = self.sent_with_charges("announce", waive_until=DEADLINE)
        self.pay(invoice, 600.0, DEADLINE)
        self.pay(invoice, 400.0, date(2026, 3, 15))
        self.settle(date(2026, 3, 15))
        self.assertEqual((charge.state, charge.waive_until), ("announced", False))

    def test_an_offer_lapses_when_post_and_bank_had_their_days(self):
        _invoice, charge = self.sent_with_charges("announce", waive_until=DEADLINE)
        self.settle(date(2026, 3, 16))  # two transit days: the 15th and the 16th
        self.assertEqual(charge.waive_until, DEADLINE)
        self.settle(date(2026, 3, 17))
        self.assertFalse(charge.waive_until)

    def test_money_that_is_not_matched_yet_keeps_the_offer(self):
        invoice, charge = self.sent_with_charges("announce", waive_until=DEADLINE)
        payment = self.unmatched_payment(1000.0, DEADLINE)
        self.settle(date(2026, 4, 1))
        self.assertEqual((charge.state, charge.waive_until), ("announced", DEADLINE))
        lines = (invoice.line_ids | payment.move_id.line_ids).filtered(lambda line: line.account_id == self.receivable)
        lines.reconcile()
        self.settle(date(2026, 4, 2))
        self.assertEqual(charge.state, "waived")

    def test_an_exchange_difference_is_no_late_payment(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-03-08", 0.8)])
        invoice = self.invoice(300.0, currency=euro)
        charge = self.announced(self.item(invoice), "fee", 4.0, waive_until=DEADLINE)
        self.pay(invoice, 300.0, DEADLINE)
        self.env["account.partial.reconcile"].search(
            [("debit_move_id", "in", invoice.line_ids.ids)]
        ).exchange_move_id.line_ids.flush_recordset()
        self.assertEqual(charge._settled_on(), {charge.id: DEADLINE})
        self.settle(date(2026, 3, 20))
        self.assertEqual(charge.state, "waived")

    # === Documents that people change === #

    def test_a_cancelled_document_books_nothing(self):
        _invoice, charge = self.sent_with_charges("announce")
        document = charge._book(BOOKED)
        document.button_draft()
        document.button_cancel()
        self.settle(LATER)
        self.assertEqual(
            (charge.state, charge.document_id.id, charge.reason), ("announced", False, "Its document was cancelled.")
        )

    def test_a_credited_document_takes_its_charges_back(self):
        for kind in ("invoice", "entry"):
            self.company.ar_dunning_charge_document = kind
            charge = self.announced(self.item(self.invoice(100.0)), "fee", 5.0)
            document = charge._book(BOOKED)
            document._reverse_moves([{"invoice_date": LATER, "date": LATER}], cancel=True)
            self.assertEqual((charge.state, charge.reason), ("reversed", "Its document was credited."))

    def test_a_document_of_charges_is_not_deleted(self):
        _invoice, charge = self.sent_with_charges("announce")
        document = charge._book(BOOKED)
        document.button_draft()
        with self.assertRaisesRegex(UserError, "books charges and cannot be deleted"):
            document.unlink()

    def test_a_charge_goes_with_its_item(self):
        _invoice, charge = self.sent_with_charges("announce")
        other = self.item(self.invoice(10.0, partner=self.partner_b)).customer_id
        charge.item_id.sudo()._put({"customer_id": other.id})
        self.settle(LATER)
        self.assertEqual(charge.customer_id, other)

    # === A credit that equals charges === #

    def test_without_a_responsible_the_company_s_dunning_manager_is_told(self):
        invoice, charge = self.sent_with_charges("announce")
        charge.customer_id.responsible_id = False
        self.pay(invoice, 1000.0, self.plus(2))
        self.unmatched_payment(5.0, self.plus(2))
        self.settle(self.plus(3))
        self.assertTrue(charge.booking_proposed_on)
        asked = charge.customer_id.activity_ids.user_id
        self.assertEqual(asked, self.company._dunning_manager())
        self.assertTrue(asked.has_group("ar_dunning.group_dunning_manager"))

    def test_a_surplus_that_equals_the_charges_is_told_once(self):
        invoice, charge = self.sent_with_charges("announce")
        customer = charge.customer_id
        customer.responsible_id = self.accountant
        self.pay(invoice, 1000.0, self.plus(2))
        self.unmatched_payment(5.01, self.plus(2))
        self.settle(self.plus(3))
        self.assertFalse(customer.activity_ids)
        self.unmatched_payment(4.99, self.plus(3))
        self.announced(self.item(invoice), "interest", 5.0, charge.notice_id)
        self.settle(self.plus(4))
        self.assertEqual(customer.activity_ids.user_id, self.accountant)
        self.assertRegex(customer.activity_ids.summary, "Credit of .*10.00 equals announced charges")
        customer.activity_ids.action_done()
        self.settle(self.plus(5))
        self.assertFalse(customer.activity_ids)

    def test_a_surplus_beside_an_open_invoice_counts_what_is_left(self):
        _invoice, charge = self.sent_with_charges("announce")
        charge.customer_id.responsible_id = self.accountant
        self.unmatched_payment(1005.0, self.plus(2))
        self.settle(self.plus(3))
        self.assertRegex(charge.customer_id.activity_ids.summary, "5.00")

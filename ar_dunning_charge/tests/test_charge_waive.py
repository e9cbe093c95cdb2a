from datetime import date, datetime, time

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DEADLINE, REMINDED

from .charge_common import ChargeCommon

BOOKED = date(2026, 3, 10)
LATER = date(2026, 3, 12)


@tagged("post_install", "-at_install")
class TestChargeDecisions(ChargeCommon):
    """Waive, reinstate, reverse: with reason, history and credit notes."""

    def setUp(self):
        super().setUp()
        self.bill, self.notice = self.reminded()
        self.row = self.item(self.bill)
        self.fee = self.announced(self.row, "fee", 5.0, self.notice)
        self.interest = self.announced(self.row, "interest", 1.23, self.notice)

    def history(self, charge):
        self.env.flush_all()
        self.env.cr.precommit.run()
        charge.invalidate_recordset(["message_ids"])
        values = charge.sudo().message_ids.tracking_value_ids
        return {(value.field_id.name, value.new_value_char) for value in values}

    def test_announced_is_waived_without_the_books(self):
        self.env.cr.precommit.run()  # what was made in this very transaction is not tracked
        charge = self.fee.with_context(tracking_disable=False)
        charge._waive("Goodwill", LATER)
        self.assertEqual((charge.state, charge.reason), ("waived", "Goodwill"))
        self.assertEqual((charge.waived_by_id, charge.waived_on), (self.manager, LATER))
        self.assertFalse(charge.document_id or charge.reversal_id)
        self.assertLessEqual({("state", "Waived"), ("reason", "Goodwill")}, self.history(charge))
        self.assertFalse(charge._book(LATER))

    def test_booked_is_waived_by_a_credit_note_for_exactly_it(self):
        document = (self.fee | self.interest)._book(BOOKED)
        self.fee._waive("Goodwill", LATER)
        credit = self.fee.reversal_id
        self.assertEqual(
            (credit.move_type, credit.state, credit.date, credit.reversed_entry_id),
            ("out_refund", "posted", LATER, document),
        )
        self.assertEqual(self.ledger(credit), [(self.receivable, 0.0, 5.0), (self.income, 5.0, 0.0)])
        self.assertEqual((credit.amount_residual, document.amount_residual), (0.0, 1.23))
        self.assertEqual((self.fee.state, self.interest.state), ("waived", "booked"))
        self.interest._waive("Goodwill", LATER)
        self.assertEqual((document.amount_residual, document.payment_state), (0.0, "reversed"))
        self.assertEqual(self.interest.state, "waived")

    def test_waived_at_once_gives_one_credit_note(self):
        document = (self.fee | self.interest)._book(BOOKED)
        (self.fee | self.interest)._waive("Goodwill", LATER)
        self.assertEqual(self.fee.reversal_id, self.interest.reversal_id)
        self.assertEqual((self.fee.reversal_id.amount_total, document.amount_residual), (6.23, 0.0))

    def test_the_credit_note_gives_back_the_tax(self):
        tax = self.env["account.tax"].create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})
        self.env.ref("ar_dunning_charge.product_fee").taxes_id = tax
        document = (self.fee | self.interest)._book(BOOKED)
        self.assertEqual(document.amount_total, 7.48)
        self.env.ref("ar_dunning_charge.product_fee").taxes_id = False
        self.fee._waive("Goodwill", LATER)
        credit = self.fee.reversal_id
        self.assertEqual((credit.amount_untaxed, credit.amount_tax, credit.line_ids.tax_line_id), (5.0, 1.25, tax))
        self.assertEqual(document.amount_residual, 1.23)

    def test_the_reversal_of_a_credit_is_not_dunned(self):
        charge = self.announced(self.item(self.invoice(200.0)), "interest", -7.5)
        document = charge._book(BOOKED)
        self.assertEqual(document.move_type, "out_refund")
        paid_out = self.invoice(7.5)
        (document._ar_dunning_open_terms() | paid_out._ar_dunning_open_terms()).reconcile()
        charge._reverse("Mistake", LATER)
        again = charge.reversal_id
        self.assertEqual((again.move_type, again.amount_residual), ("out_invoice", 7.5))
        self.assertIn("charge", self.blockers(again, date(2026, 6, 1)))

    def test_an_entry_is_reversed_by_an_entry(self):
        self.company.ar_dunning_charge_document = "entry"
        document = (self.fee | self.interest)._book(BOOKED)
        self.fee._reverse("Wrong customer", LATER)
        opposite = self.fee.reversal_id
        self.assertEqual(self.ledger(opposite), [(self.receivable, 0.0, 5.0), (self.income, 5.0, 0.0)])
        self.assertEqual(
            (opposite.move_type, opposite.journal_id, opposite.date), ("entry", document.journal_id, LATER)
        )
        term = document.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual((term.amount_residual, self.fee.state, self.interest.state), (1.23, "reversed", "booked"))

    def test_in_a_foreign_currency_nothing_stays_behind(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-03-11", 0.8)])
        other = self.invoice(300.0, currency=euro)
        for kind in ("invoice", "entry"):
            self.company.ar_dunning_charge_document = kind
            charge = self.announced(self.item(other), "interest", 4.0)
            document = charge._book(BOOKED)
            charge._reverse("Wrong rate", LATER)
            # At the rate of the document (half a euro), so that income and receivable are as before.
            lines = (document | charge.reversal_id).line_ids
            for account in (self.receivable, self.income):
                own = lines.filtered(lambda line, account=account: line.account_id == account)
                self.assertEqual(sorted(own.mapped("balance")), [-8.0, 8.0])
            self.assertFalse(lines.matched_debit_ids.exchange_move_id)
            self.assertTrue(all(lines.filtered(lambda line: line.account_id == self.receivable).mapped("reconciled")))

    def test_a_paid_charge_is_reversed_not_waived(self):
        document = (self.fee | self.interest)._book(BOOKED)
        self.pay(document, 6.23, BOOKED)
        with self.assertRaisesRegex(UserError, "is paid and cannot be waived any more. Reverse it"):
            self.fee._waive("Goodwill", LATER)
        self.fee._reverse("Wrongly claimed", LATER)
        credit = self.fee.reversal_id
        self.assertEqual((credit.amount_residual, credit.payment_state), (5.0, "not_paid"))
        self.assertEqual((self.fee.state, self.interest.state), ("reversed", "paid"))

    def test_what_is_paid_in_part_is_waived_only_as_far_as_it_is_open(self):
        document = (self.fee | self.interest)._book(BOOKED)
        self.pay(document, 2.0, BOOKED)
        with self.assertRaisesRegex(UserError, "is paid in part"):
            self.fee._waive("Goodwill", LATER)
            self.env.flush_all()

    def test_partly_paid_reversal_leaves_the_rest_as_credit(self):
        document = (self.fee | self.interest)._book(BOOKED)
        self.pay(document, 2.0, BOOKED)
        self.fee._reverse("Wrongly claimed", LATER)
        self.assertEqual((document.amount_residual, self.fee.reversal_id.amount_residual), (0.0, 0.77))

    def test_reinstated_is_announced_again_or_booked_anew(self):
        self.fee._waive("Goodwill", LATER)
        self.fee._reinstate("He did not pay after all", LATER)
        self.assertEqual((self.fee.state, self.fee.waived_on, self.fee.document_id.id), ("announced", False, False))
        former = self.fee._book(LATER)
        self.fee._waive("Goodwill", LATER)
        self.fee._reinstate("He did not pay after all", date(2026, 3, 13))
        self.assertEqual((self.fee.state, self.fee.document_id.date), ("booked", date(2026, 3, 13)))
        self.assertNotEqual(self.fee.document_id, former)
        self.assertFalse(self.fee.reversal_id)
        receivable = (former | former.reversal_move_ids | self.fee.document_id)._ar_dunning_terms()
        self.assertEqual(sum(receivable.mapped("balance")), 5.0)

    def test_a_wrong_state_is_told(self):
        self.fee._reverse("Mistake", LATER)
        for act, word in (
            (self.fee._waive, "waived"),
            (self.fee._reverse, "reversed"),
            (self.fee._reinstate, "reinstated"),
        ):
            with self.assertRaisesRegex(UserError, f"cannot be {word}: its state is 'Reversed'"):
                act("Again")

    def test_reversed_may_be_claimed_anew_but_waived_not(self):
        self.fee._reverse("Mistake", LATER)
        again = self.claim(self.row, "fee", 4.0, self.notice)
        self.assertEqual(again.stage, "draft")

    def test_a_locked_day_is_told(self):
        (self.fee | self.interest)._book(BOOKED)
        self.company.fiscalyear_lock_date = date(2026, 3, 31)
        with self.assertRaisesRegex(UserError, "locked on 03/12/2026"):
            self.fee._waive("Goodwill", LATER)
        self.assertEqual(self.fee.state, "booked")

    # === The limit of a user === #

    def test_no_limit_means_none(self):
        with self.assertRaisesRegex(AccessError, "You may waive .*0.00.* for a customer within 30 days"):
            self.fee.with_user(self.accountant)._waive("Goodwill", LATER)

    def test_the_limit_counts_thirty_days_per_customer_and_user(self):
        self.accountant.ar_dunning_waive_limit = 6.0
        fee, interest = (self.fee | self.interest).with_user(self.accountant)
        fee._waive("Goodwill", LATER)
        self.assertEqual((fee.state, fee.waived_by_id), ("waived", self.accountant))
        # 5.00 and 1.23 are above 6.00 until the first is 30 days old.
        with self.assertRaises(AccessError):
            interest._waive("Goodwill", date(2026, 4, 10))
        other = self.invoice(100.0, partner=self.partner_b)
        self.announced(self.item(other), "fee", 6.0).with_user(self.accountant)._waive("Goodwill", LATER)
        interest._waive("Goodwill", date(2026, 4, 11))
        self.assertEqual(interest.state, "waived")

    def test_nobody_raises_his_own_limit(self):
        with self.assertRaises(AccessError):
            self.accountant.with_user(self.accountant).ar_dunning_waive_limit = 1000.0

    def test_charges_of_another_company_are_out_of_reach(self):
        other = self.setup_other_company()["company"]
        self.accountant.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        self.accountant.ar_dunning_waive_limit = 1000.0
        for act in (self.fee.with_user(self.accountant)._waive, self.fee.with_user(self.accountant)._reverse):
            with self.assertRaises(AccessError):
                act("Not ours", LATER)

    def test_the_limit_is_in_company_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        charge = self.announced(self.item(self.invoice(300.0, currency=euro)), "fee", 4.0)
        self.accountant.ar_dunning_waive_limit = 7.99
        with self.assertRaises(AccessError):
            charge.with_user(self.accountant)._waive("Goodwill", LATER)
        self.accountant.ar_dunning_waive_limit = 8.0
        charge.with_user(self.accountant)._waive("Goodwill", LATER)
        self.assertEqual(charge.state, "waived")

    # === The notice === #

    def test_sending_announces_and_cancelling_reverses(self):
        document = self.fee._book(BOOKED)
        self.interest._waive("Goodwill", LATER)
        with freeze_time(LATER):
            self.notice._cancel("Wrong address")
        self.assertEqual(set((self.fee | self.interest).mapped("state")), {"reversed"})
        self.assertEqual(self.fee.reason, f"Notice {self.notice.name} was cancelled: Wrong address")
        self.assertEqual((document.amount_residual, self.fee.reversal_id.date), (0.0, LATER))

    def test_a_draft_notice_takes_its_charges_along(self):
        draft = self.night(date(2026, 3, 18)).notice_ids
        charge = self.claim(self.row, "interest", 2.0, draft)
        draft.with_user(self.accountant)._cancel("Not needed")
        self.assertFalse(charge.exists())
        self.assertEqual(self.fee.state, "announced")


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

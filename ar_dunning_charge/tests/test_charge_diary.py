from datetime import date, datetime, time

from freezegun import freeze_time

from odoo.tests import Form, tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon

FIRST = date(2026, 3, 7)  # five days late
SECOND = date(2026, 3, 17)  # fifteen days late
THIRD = date(2026, 3, 27)  # twenty-five days late


@tagged("post_install", "-at_install")
class TestChargeDiary(DunningCommon):
    """A German business customer from the first reminder to the last cent, figures worked out by hand.

    Base rate 1.27 + 9 = 10.27 % actual/365, EUR 40 (BGB 288). A unit of company currency is 0.8 euro.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ar.dunning.statutory"]._apply(["DE"], ["business"])
        cls.policy.due_agreed = True
        cls.policy.level_ids.filtered(lambda level: level.days in (15, 25)).write(
            {"charge_interest": True, "charge_compensation": True}
        )
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.env["res.currency.rate"].create({"currency_id": cls.euro.id, "name": "2026-01-01", "rate": 0.8})
        cls.debtor = cls.env["res.partner"].create(
            {
                "name": "Schmidt GmbH",
                "is_company": True,
                "email": "buchhaltung@example.com",
                "country_id": cls.env.ref("base.de").id,
            }
        )

    def cron(self, name, day, clock):
        with freeze_time(datetime.combine(day, clock)), self.enter_registry_test_mode():
            self.env.ref(name).sudo().method_direct_trigger()
        self.env.invalidate_all()

    def second_reminder(self, mode):
        self.policy.charge_mode = mode
        bill = self.invoice(1000.0, partner=self.debtor, currency=self.euro)
        self.day(FIRST)
        (notice,) = self.day(SECOND)
        return bill, notice

    def test_booked_with_the_notice_and_paid_in_the_order_of_the_law(self):
        bill, second = self.second_reminder("book")
        self.cron("ar_dunning_charge.ir_cron_book", SECOND, time(10))
        # 1000 x 10.27 % x 15 / 365 = 4.2205
        document = second.charge_ids.document_id
        self.assertEqual((document.amount_total, document.currency_id, document.ref), (44.22, self.euro, second.name))
        self.assertEqual(document.invoice_date_due, second.deadline)
        receivable = document.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        self.assertEqual((receivable.amount_currency, receivable.balance), (44.22, 55.28))  # 50.00 + 5.28

        (third,) = self.day(THIRD)
        lines = {line.move_id: line.is_demanded for line in third.line_ids}
        self.assertEqual(lines, {bill: True, document: False})
        self.assertFalse(third.earlier_charge_ids, "What is booked is listed as a document")
        # Ten days more, 18 to 27 March: 1000 x 10.27 % x 10 / 365 = 2.8137; no second EUR 40.
        more = third.charge_ids
        self.assertEqual(
            (more.kind, more.amount, more.date_from, more.date_to), ("interest", 2.81, date(2026, 3, 18), THIRD)
        )
        self.cron("ar_dunning_charge.ir_cron_book", THIRD, time(10))
        self.assertEqual(more.document_id.amount_total, 2.81)

        payment = self.unmatched_payment(1000.0, date(2026, 3, 30), partner=self.debtor, currency=self.euro)
        Wizard = self.env["ar.dunning.allocate.wizard"].with_context(default_customer_id=third.customer_id.id)
        wizard = Form(Wizard).save()
        self.assertEqual(wizard.order, "costs_interest_principal")  # BGB 367
        wizard.action_allocate()
        line = payment.move_id.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        self.assertEqual(
            {(part.debit_move_id.move_id, part.debit_amount_currency) for part in line.matched_debit_ids},
            {(document, 44.22), (more.document_id, 2.81), (bill, 952.97)},
        )
        self.assertEqual(bill.amount_residual, 47.03)
        self.assertEqual(set((second.charge_ids | more).mapped("state")), {"paid"})

    def test_booked_by_the_night_after_the_principal_was_paid(self):
        bill, second = self.second_reminder("on_payment")
        self.cron("ar_dunning_charge.ir_cron_book", SECOND, time(10))
        self.assertEqual(set(second.charge_ids.mapped("state")), {"announced"})
        self.pay(bill, 1000.0, date(2026, 3, 19))
        self.env["ar.dunning.run"].sudo().search([])._put({"state": "done"})  # the nights played before
        self.cron("ar_dunning.ir_cron_night", date(2026, 3, 20), time(2))
        self.assertEqual(set(second.charge_ids.mapped("state")), {"booked"})
        self.assertEqual(second.charge_ids.document_id.invoice_date, date(2026, 3, 20))

    def test_cancelled_and_claimed_anew(self):
        bill, second = self.second_reminder("book")
        self.cron("ar_dunning_charge.ir_cron_book", SECOND, time(10))
        document = second.charge_ids.document_id
        with freeze_time(date(2026, 3, 18)):
            second._cancel("Sent to the wrong address")
        self.assertEqual(set(second.charge_ids.mapped("state")), {"reversed"})
        self.assertEqual((document.payment_state, document.amount_residual), ("reversed", 0.0))
        self.assertEqual(second.charge_ids.reversal_id.date, date(2026, 3, 18))
        again = self.night(date(2026, 3, 18)).notice_ids
        # From 3 to 18 March: 1000 x 10.27 % x 16 / 365 = 4.5019
        self.assertEqual(
            {charge.kind: charge.amount for charge in again.charge_ids}, {"interest": 4.5, "compensation": 40.0}
        )
        self.assertEqual(again.line_ids.move_id, bill)

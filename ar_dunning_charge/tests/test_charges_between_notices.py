from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon

from .claims_common import FIRST, SECOND, THIRD


@tagged("post_install", "-at_install")
class TestChargesBetweenNotices(DunningCommon):
    """What happens to charges between two notices: terms that change, payments that come late to the books, waivers.

    German businesses: 1.27 + 9 = 10.27 % and EUR 40 from the second reminder on.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ar.dunning.statutory"]._apply(["DE"], ["business"])
        cls.policy.due_agreed = True
        cls.first, cls.second, cls.third = cls.policy.level_ids.sorted("days")[2:5]
        (cls.second | cls.third).write({"charge_interest": True, "charge_compensation": True})
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.env["res.currency.rate"].create({"currency_id": cls.euro.id, "name": "2026-01-01", "rate": 0.8})
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Debtor",
                "is_company": True,
                "email": "debtor@example.com",
                "country_id": cls.env.ref("base.de").id,
            }
        )

    def claimed(self, amount=1000.0, on=SECOND, **values):
        """An invoice, and its second reminder as sent on `on`."""
        invoice = self.invoice(amount, partner=self.customer, currency=self.euro, **values)
        self.day(FIRST)
        notice = self.night(SECOND).notice_ids
        self.send(notice, on)
        self.assertEqual(notice.state, "sent")
        return invoice, notice

    def contract(self, rate, **values):
        return self.env["ar.dunning.interest.rule"].create(
            {"name": f"Contract {rate}", "interest_source": "fixed", "fixed_rate": rate, **values}
        )

    # === Terms that change === #

    def test_a_contract_agreed_later_claws_nothing_back(self):
        """4 % from the 18th on: ten days are 1.0959; the 4.22 claimed by law before stand."""
        invoice, _notice = self.claimed()
        self.item(invoice).customer_id.interest_rule_id = self.contract(4)
        interest = self.night(THIRD).notice_ids.charge_ids
        self.assertFalse(interest.slice_ids.filtered("is_correction"))
        self.assertEqual((interest.amount, interest.slice_ids.rate), (1.10, 4.0))

    def test_a_contract_changed_in_place_claws_nothing_back(self):
        """8 %: 15 days are 3.2877; 4 %: ten days more are 1.0959, in all 4.3836."""
        self.policy.interest_rule_id = self.contract(8)
        _invoice, notice = self.claimed()
        self.assertEqual(notice.charge_ids.filtered("date_from").amount, 3.29)
        self.policy.interest_rule_id.fixed_rate = 4
        interest = self.night(THIRD).notice_ids.charge_ids
        self.assertFalse(interest.slice_ids.filtered("is_correction"))
        self.assertEqual(interest.amount, 1.09)

    def test_a_published_value_put_right_is_corrected(self):
        """0.27 instead of 1.27 for all 25 days at 9.27 %: 6.3493 in all, 4.22 were claimed."""
        _invoice, _notice = self.claimed()
        series = self.env["ar.dunning.regime"].search([("country_code", "=", "DE")], limit=1).interest_rate_id
        series.value_ids.filtered(lambda value: value.date_from == date(2026, 1, 1)).value = 0.27
        interest = self.night(THIRD).notice_ids.charge_ids
        self.assertTrue(interest.slice_ids.filtered("is_correction"))
        self.assertEqual(interest.amount, 2.13)

    # === Paid before, entered later === #

    def test_a_payment_in_full_entered_later_is_corrected_without_a_notice(self):
        """Claimed until the 17th, paid on the 10th: 8 of 15 days, 2.2510 of 4.22. Under every policy, and once."""
        invoice, _notice = self.claimed()
        self.pay(invoice, 1000.0, date(2026, 3, 10))
        late = self.env["ar.dunning.late.interest"].sudo()
        correction = late._claim(self.company, date(2026, 3, 18))
        self.assertEqual((correction.amount, correction.state), (-1.97, "announced"))
        self.assertEqual(correction.slice_ids.mapped("is_correction"), [True])
        self.assertFalse(late._claim(self.company, date(2026, 3, 19)))
        other = self.invoice(500.0, partner=self.customer, currency=self.euro)
        notice = self.night(date(2026, 3, 25)).notice_ids
        self.assertEqual(notice.line_ids.filtered("is_demanded").move_id, other)
        self.assertAlmostEqual(sum(notice.earlier_charge_ids.mapped("amount")), 42.25)  # 40 + 2.25

    def test_nothing_is_claimed_after_an_offer_was_kept(self):
        self.policy.write({"interest_rule_id": self.contract(10, after_payment=True).id, "charge_mode": "book"})
        self.third.charge_waived_if_paid = True
        invoice, _notice = self.claimed()
        third = self.night(THIRD).notice_ids
        self.send(third, THIRD)
        self.pay(invoice, 1000.0, date(2026, 3, 30))
        Charge = self.env["ar.dunning.charge"].sudo()
        self.env["ar.dunning.settlement"].sudo()._settle(self.company, date(2026, 3, 31))
        self.assertEqual(third.charge_ids.state, "waived")
        self.assertFalse(Charge.search([("notice_id", "=", False), ("item_id", "=", self.item(invoice).id)]))

    def test_a_credit_note_is_no_late_payment(self):
        self.policy.write({"interest_rule_id": self.contract(10, after_payment=True).id, "charge_mode": "book"})
        invoice, _notice = self.claimed()
        credit = invoice._reverse_moves([{"date": date(2026, 3, 25), "invoice_date": date(2026, 3, 25)}], cancel=True)
        self.assertEqual((credit.state, invoice.payment_state), ("posted", "reversed"))
        self.assertFalse(self.env["ar.dunning.late.interest"].sudo()._claim(self.company, date(2026, 3, 27)))

    # === What a waiting notice repeats === #

    def test_a_charge_waived_since_is_not_demanded(self):
        _invoice, second = self.claimed()
        third = self.night(THIRD).notice_ids
        self.assertEqual(third.earlier_charge_ids, second.charge_ids)
        compensation = second.charge_ids.filtered(lambda charge: charge.kind == "compensation")
        compensation._waive("Goodwill", THIRD)
        self.send(third, THIRD)
        self.assertEqual((third.state, third.earlier_charge_ids), ("sent", second.charge_ids - compensation))
        self.assertIn("1,007.03", third.text)  # 1000 + 4.22 + 2.81
        self.assertIn("1,007.03", third.totals)

    def test_a_booked_charge_is_not_demanded_beside_its_document(self):
        _invoice, second = self.claimed()
        third = self.night(THIRD).notice_ids
        second.charge_ids._book(THIRD)
        self.send(third, THIRD)
        self.assertFalse(third.earlier_charge_ids)
        self.assertIn("1,002.81", third.totals)

    def test_an_offer_kept_is_not_demanded_before_the_night_waives_it(self):
        self.second.charge_waived_if_paid = True
        invoice, second = self.claimed()
        self.invoice(500.0, partner=self.customer, currency=self.euro, due=date(2026, 3, 20))
        self.pay(invoice, 1000.0, date(2026, 3, 20))
        self.assertEqual(set(second.charge_ids.mapped("state")), {"announced"})
        notice = self.night(date(2026, 3, 25)).notice_ids
        self.assertTrue(notice)
        self.assertFalse(notice.earlier_charge_ids)

    def test_a_notice_for_each_invoice_repeats_its_own_charges(self):
        self.policy.grouping = "invoice"
        invoices = self.env["account.move"].browse(
            [self.invoice(partner=self.customer, currency=self.euro).id for _number in range(2)]
        )
        self.day(FIRST)
        seconds = self.night(SECOND).notice_ids
        self.send(seconds, SECOND)
        self.assertFalse(seconds.earlier_charge_ids)
        thirds = self.night(THIRD).notice_ids
        self.assertEqual(thirds.line_ids.move_id, invoices)
        for notice in thirds:
            self.assertEqual(notice.earlier_charge_ids.move_id, notice.line_ids.filtered("is_demanded").move_id)
            self.assertIn("1,047.03", notice.text)

    def test_a_notice_that_came_back_has_told_nobody_of_its_charges(self):
        _invoice, second = self.claimed()
        self.invoice(500.0, partner=self.customer, currency=self.euro, due=date(2026, 3, 20))
        second.delivery_ids.sudo()._update_state(("sent",), "bounced")
        second._update_state(("sent",), "failed", error="No such mailbox")
        self.assertEqual(set(second.charge_ids.mapped("state")), {"announced"})
        self.customer.write({"street": "Am Markt 1", "city": "Bremen"})
        notice = self.night(date(2026, 3, 25)).notice_ids
        self.assertTrue(notice)
        self.assertFalse(notice.earlier_charge_ids)

    def test_a_charge_on_an_invoice_taken_back_is_not_demanded(self):
        invoice, _second = self.claimed()
        self.invoice(500.0, partner=self.customer, currency=self.euro, due=date(2026, 3, 20))
        invoice.button_draft()
        notice = self.night(date(2026, 3, 25)).notice_ids
        self.assertTrue(notice)
        self.assertFalse(notice.earlier_charge_ids)

    def test_sums_in_an_edited_text_follow_the_day_of_sending(self):
        """Written on the 17th with 1,044.22, sent on the 19th with 4.78 of interest."""
        self.invoice(partner=self.customer, currency=self.euro)
        self.day(FIRST)
        notice = self.night(SECOND).notice_ids
        notice.text = notice.text.replace("Dear", "Good day")
        self.assertIn("1,044.22", notice.text)
        self.send(notice, date(2026, 3, 19))
        self.assertEqual(notice.state, "sent")
        self.assertIn("Good day", notice.text)
        self.assertIn("1,044.78", notice.text)
        self.assertNotIn("1,044.22", notice.text)
        self.assertIn("03/26/2026", notice.text)

    def test_what_was_waived_is_not_given_back(self):
        """4.22 waived; 400 paid on the 10th, entered later. Ten days of 600 follow: 1.6882, less nothing."""
        invoice, second = self.claimed()
        second.charge_ids.filtered(lambda charge: charge.kind == "interest")._waive("Goodwill", SECOND)
        self.pay(invoice, 400.0, date(2026, 3, 10))
        interest = self.night(THIRD).notice_ids.charge_ids
        self.assertFalse(interest.slice_ids.filtered("is_correction"))
        self.assertEqual(interest.amount, 1.69)

    # === Fees === #

    def fee(self, amount=8.0, **values):
        tier = {"currency_id": self.euro.id, "fixed": amount}
        return self.env["ar.dunning.fee.rule"].create(
            {"name": "Reminder", "method": "fixed", "is_agreed": True, "tier_ids": [(0, 0, tier)], **values}
        )

    def own_law(self):
        """Neither interest nor compensation, and a country without statutory rules: fees are what was agreed."""
        (self.second | self.third).write({"charge_interest": False, "charge_compensation": False})
        self.customer.country_id = self.env.ref("base.ch")

    def test_a_fee_for_the_notice_is_charged_once_whatever_its_levels(self):
        """One invoice at the second reminder, one at the first: the fee of the higher level, 12, and not 5 beside it."""
        self.own_law()
        self.second.fee_rule_id = self.fee(12.0, scope="notice")
        self.first.fee_rule_id = self.fee(5.0, scope="notice")
        older = self.invoice(partner=self.customer, currency=self.euro)
        first = self.day(FIRST)
        self.assertEqual(first.charge_ids.mapped("amount"), [5.0])
        self.invoice(500.0, partner=self.customer, currency=self.euro, due=date(2026, 3, 10))
        notice = self.night(SECOND).notice_ids
        self.assertEqual(notice.line_ids.filtered("is_demanded").level_id, self.first | self.second)
        self.assertEqual([(fee.amount, fee.move_id) for fee in notice.charge_ids], [(12.0, older)])

    def test_a_level_lowered_to_one_taken_charges_its_fee_no_second_time(self):
        self.own_law()
        (self.first | self.second).fee_rule_id = self.fee(scope="notice")
        self.invoice(partner=self.customer, currency=self.euro)
        self.assertEqual(self.day(FIRST).charge_ids.mapped("amount"), [8.0])
        notice = self.night(SECOND).notice_ids
        self.assertEqual(notice.charge_ids.mapped("amount"), [8.0])
        notice.level_id = self.first
        self.assertFalse(notice.charge_ids)
        self.assertIn("claimed for this level already", notice.charges_withheld)

    def test_a_rule_that_cannot_be_followed_stops_neither_night_nor_reminder(self):
        self.invoice(partner=self.customer, currency=self.euro)
        self.day(FIRST)
        regime = self.env["ar.dunning.regime"].search([("country_code", "=", "DE")])
        self.env.flush_all()
        self.env.cr.execute("UPDATE ar_dunning_regime SET factor = -1 WHERE id = ANY(%s)", [regime.ids])
        self.env.invalidate_all()
        notice = self.night(SECOND).notice_ids
        self.assertFalse(notice.charge_ids)
        self.assertIn("a rule cannot be followed", notice.charges_withheld)
        self.send(notice, SECOND)
        self.assertEqual(notice.state, "sent")
        self.assertEqual(self.env["ar.dunning.payoff"].sudo()._of(notice.line_ids.move_id, THIRD)["total"], 1000.0)

    def test_what_stops_the_charges_of_a_company_is_told_on_the_run(self):
        run = self.make_run(SECOND)
        Charge = self.env.registry["ar.dunning.charge"]
        with (
            patch.object(Charge, "_follow_documents", side_effect=UserError("The journal is gone.")),
            self.assertLogs("odoo.addons.ar_dunning_charge.models.ar_dunning_run", "ERROR"),
        ):
            run._settle_charges()
        self.assertIn("The journal is gone.", run.error_ids.reason)

    # === Interest on interest === #

    def test_interest_that_was_paid_joins_the_principal_no_more(self):
        """10 % added each year: 100 after 365 days (rest of 3 March 2027), paid on 12 March, nine days later."""
        self.policy.interest_rule_id = self.contract(10, compounding="yearly")
        invoice, second = self.claimed()
        item = self.item(invoice)
        payoff = self.env["ar.dunning.payoff"].sudo()

        def owed(on):
            return payoff._of(invoice, on)["interest"]

        self.assertEqual(round(owed(date(2027, 3, 2)) + 4.11, 2), 100.0)  # 4.11 are in the second reminder
        without = owed(date(2027, 3, 22))  # 20 days of 1,100: 6.03
        interest = second.charge_ids.filtered(lambda charge: charge.kind == "interest")
        document = interest._book(date(2026, 3, 20))
        self.pay(document, 4.11, date(2027, 3, 12))
        # 10 days of 1,100.00 and 10 of 1,095.89: 3.0137 + 3.0024 = 6.0161, and not 6.0274.
        self.assertEqual((round(without + 4.11 - 100, 2), round(owed(date(2027, 3, 22)) + 4.11 - 100, 2)), (6.03, 6.02))
        self.assertEqual(item.currency_id, self.euro)

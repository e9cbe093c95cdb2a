from datetime import date, timedelta

from lxml.html import fromstring

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon

ON = date(2026, 7, 1)  # 121 days after DUE


class ScoreCommon(DunningCommon):
    def refresh(self, on=ON, partner=None):
        """The whole company is judged as of `on`; the partner's record."""
        self.env["ar.dunning.customer"].sudo()._refresh_scores(self.company, on)
        partner = partner or self.partner_a
        return self.env["ar.dunning.customer"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )

    def figures(self, on=ON, partner=None):
        """Count, mean, by amount, on time, worst, overdue amount and days."""
        c = self.refresh(on, partner)
        return (
            c.history_count, c.days_late_mean, c.days_late_weighted, round(c.on_time_share, 2), c.days_late_worst,
            c.score_overdue, c.overdue_days,
        )  # fmt: skip

    def paid(self, days, amount=1000.0, due=DUE, **values):
        invoice = self.invoice(amount, due=due, **values)
        self.pay(invoice, amount, due + timedelta(days=days))
        return invoice

    @classmethod
    def write_off(cls, invoice, amount, day):
        """An entry that clears the claim without money."""
        account = invoice._ar_dunning_terms().account_id
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create({"account_id": account.id, "partner_id": invoice.partner_id.id, "credit": amount}),
                    Command.create({"account_id": cls.company_data["default_account_expense"].id, "debit": amount}),
                ],
            }
        )
        entry.action_post()
        lines = invoice._ar_dunning_terms() | entry.line_ids.filtered(lambda line: line.account_id == account)
        lines.reconcile()

    @classmethod
    def credit(cls, invoice, amount, day):
        """A credit note that is set off against the invoice."""
        note = cls.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "invoice_date": day,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create({"name": "Back", "price_unit": amount, "tax_ids": []})],
            }
        )
        note.action_post()
        (invoice._ar_dunning_terms() | note._ar_dunning_terms()).reconcile()


@tagged("post_install", "-at_install")
class TestHistories(ScoreCommon):
    """Histories worked out by hand."""

    def test_paid_in_two_parts(self):
        invoice = self.invoice(1000.0)
        self.pay(invoice, 600.0, DUE)
        self.pay(invoice, 400.0, DUE + timedelta(days=20))
        # Settled with the last payment; by amount (600 * 0 + 400 * 20) / 1000.
        self.assertEqual(self.figures(), (1, 20.0, 8.0, 0.0, 20, 0.0, 0))

    def test_as_the_books_stood_on_the_day(self):
        invoice = self.invoice(1000.0)
        self.pay(invoice, 600.0, DUE)
        self.pay(invoice, 400.0, DUE + timedelta(days=20))
        # Eight days after the due date 400 were open: (600 * 0 + 400 * 8) / 1000.
        self.assertEqual(self.figures(DUE + timedelta(days=8)), (1, 8.0, 3.2, 0.0, 8, 400.0, 8))
        self.assertEqual(self.figures(DUE)[0], 0)

    def test_credit_note_is_no_payment(self):
        credited = self.invoice(500.0)
        self.credit(credited, 500.0, DUE + timedelta(days=50))
        partly = self.invoice(1000.0)
        self.credit(partly, 400.0, DUE + timedelta(days=50))
        self.pay(partly, 600.0, DUE + timedelta(days=10))
        self.assertEqual(self.figures(), (1, 10.0, 10.0, 0.0, 10, 0.0, 0))

    def test_credit_note_alone_does_not_settle_the_rest(self):
        partly = self.invoice(1000.0)
        self.credit(partly, 400.0, DUE)
        self.assertEqual(self.figures(), (1, 121.0, 121.0, 0.0, 121, 600.0, 121))

    def test_unpaid_counts_with_its_days_so_far(self):
        self.paid(0)
        self.paid(-10)
        self.invoice(1000.0)
        # (0 - 10 + 121) / 3
        self.assertEqual(self.figures(), (3, 37.0, 37.0, 0.67, 121, 1000.0, 121))

    def test_not_yet_due_is_not_known(self):
        self.paid(4)
        self.invoice(1000.0, due=ON)
        self.invoice(1000.0, due=ON + timedelta(days=9))
        self.assertEqual(self.figures(), (1, 4.0, 4.0, 0.0, 4, 0.0, 0))

    def test_written_off_was_owed_until_then(self):
        self.write_off(self.invoice(1000.0), 1000.0, DUE + timedelta(days=91))
        self.assertEqual(self.figures(), (1, 91.0, 91.0, 0.0, 91, 0.0, 0))

    def test_small_remainders_do_not_matter(self):
        written = self.invoice(1000.0)
        self.pay(written, 999.0, DUE)
        self.write_off(written, 1.0, DUE + timedelta(days=91))
        left = self.invoice(1000.0)
        self.pay(left, 980.0, DUE)
        # Both settled on the due date; by amount (1 * 91 + 20 * 121) / 2000; the 20 stay overdue, but have no age.
        self.assertEqual(self.figures(), (2, 0.0, 1.26, 1.0, 0, 20.0, 0))

    def test_foreign_currency_with_exchange_difference(self):
        currency = self.setup_other_currency("CHF", rates=[("2026-01-01", 2.0), ("2026-03-10", 4.0)])
        invoice = self.invoice(1000.0, currency=currency)  # 500 in company currency; 250 on the day of payment
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"amount": 1000.0, "currency_id": currency.id, "payment_date": DUE + timedelta(days=12)}
        )._create_payments()
        self.assertEqual(invoice.amount_residual, 0)
        self.paid(0, amount=250.0)
        # 250 of money came after 12 days, 250 after none; the difference of 250 is neither money nor delay.
        self.assertEqual(self.figures(), (2, 6.0, 6.0, 0.5, 12, 0.0, 0))

    def test_instalments_count_apart(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "Half and half",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
                ],
            }
        )
        invoice = self.invoice(1000.0, invoice_date=DUE, invoice_payment_term_id=terms.id, invoice_date_due=False)
        self.pay(invoice, 1000.0, DUE + timedelta(days=10))
        # Ten days late, and twenty days early.
        self.assertEqual(self.figures(), (2, -5.0, -5.0, 0.5, 10, 0.0, 0))

    def test_disputed_or_excluded_is_held_against_nobody(self):
        self.paid(0)
        self.invoice(700.0).ar_dunning_excluded = True
        self.invoice(800.0).action_toggle_block_payment()
        self.assertEqual(self.figures(), (1, 0.0, 0.0, 1.0, 0, 0.0, 0))

    def test_people_of_a_company_are_one_customer(self):
        child = self.env["res.partner"].create({"name": "Anna's brother", "parent_id": self.partner_a.id})
        self.paid(6, partner=child)
        self.paid(4)
        self.assertEqual(self.figures()[:2], (2, 5.0))
        self.assertFalse(self.env["ar.dunning.customer"].search([("partner_id", "=", child.id)]))

    def test_branches_apart(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.cr.precommit.run()
        self.paid(5)
        self.invoice(300.0, company=branch)
        self.assertEqual(self.figures()[:2], (1, 5.0))
        self.env["ar.dunning.customer"].sudo()._refresh_scores(branch, ON)
        there = self.env["ar.dunning.customer"].search([("company_id", "=", branch.id)])
        self.assertEqual((there.history_count, there.days_late_mean, there.score_overdue), (1, 121.0, 300.0))

    def test_trend_of_six_months(self):
        for days, due in ((0, DUE), (4, DUE), (20, date(2026, 5, 1)), (30, date(2026, 5, 1))):
            self.paid(days, due=due)
        customer = self.refresh(date(2026, 10, 1))
        # Half a year ends on 2 April: 25 against 2.
        self.assertEqual((customer.days_late_recent, customer.days_late_trend), (25.0, 23.0))

    def test_returned_payments(self):
        self.item(self.invoice(100.0)).collection_failed = True
        payment = self.unmatched_payment(50.0, DUE)
        payment.action_reject()
        self.assertEqual(self.refresh().returned_payments, 2)
        self.assertEqual(self.refresh().broken_promises, 0)


@tagged("post_install", "-at_install")
class TestGrades(ScoreCommon):
    """Grades where people see them."""

    def late_customer(self):
        for days in (30, 40, 50):
            self.paid(days)
        self.invoice(1000.0)
        return self.refresh()

    def test_no_history_is_new(self):
        self.paid(90)
        self.paid(90)
        customer = self.refresh()
        self.assertEqual((customer.grade, customer.score, customer.history_count), ("new", 0, 2))
        self.assertIn("Too little history", customer.score_html)

    def test_good_payer_without_open_items_has_a_grade(self):
        for days in (-3, 0, 0, -1):
            self.paid(days)
        self.assertFalse(self.env["ar.dunning.customer"].search([("partner_id", "=", self.partner_a.id)]))
        customer = self.refresh()
        self.assertEqual(customer.grade, "a")
        self.assertIn(customer, self.env["ar.dunning.customer"].search([("grade", "=", "a"), ("score", ">", 90)]))

    def test_points_explain_the_score(self):
        customer = self.late_customer()
        # (30 + 40 + 50 + 121) / 4 = 60.25 days late, nothing on time, everyone pays like this one: 55 + 10 + 5 lost;
        # worst 121: 3; overdue for 121 days, more than a month's invoices: 20. No trend (all within six months), 4 months: 0.
        self.assertEqual((customer.score, customer.grade), (7, "e"))
        page = fromstring(customer.score_html)
        rows = [[cell.text_content().strip() for cell in row.findall("td")] for row in page.iter("tr")]
        self.assertIn(["Pays 60 days late on average over 4 invoices", "\N{MINUS SIGN}10.0"], rows)
        self.assertIn(["The longest delay was 121 days", "\N{MINUS SIGN}3.0"], rows)
        self.assertIn(
            ["$ 1,000.00 overdue, the oldest for 121 days".replace(" ", "\xa0", 1), "\N{MINUS SIGN}20.0"], rows
        )
        points = [float(row[1].replace("\N{MINUS SIGN}", "-")) for row in rows[:-1]]
        self.assertAlmostEqual(sum(points), customer.score, delta=0.5)
        self.assertEqual(rows[-1], ["Score, from 0 to 100", "7"])

    def test_on_demand_by_an_ordinary_user(self):
        customer = self.late_customer()
        user = new_test_user(self.env, "sven", "ar_dunning.group_dunning_user", company_id=self.company.id)
        open_invoice = self.env["account.move"].search(
            [("partner_id", "=", self.partner_a.id)], order="id desc", limit=1
        )
        self.pay(open_invoice, 1000.0, ON)
        with freeze_time("2026-07-02 10:00:00"):
            customer.with_user(user).action_refresh_score()
        self.assertEqual((customer.score_on, customer.score_overdue), (date(2026, 7, 2), 0.0))
        self.assertEqual(customer.score, 27)  # the twenty points of what was overdue are back

    def test_night_judges_everybody(self):
        self.late_customer()
        with freeze_time("2026-07-02 03:00:00"), self.enter_registry_test_mode():
            self.env.ref("ar_dunning.ir_cron_night").sudo().method_direct_trigger()
        self.env.invalidate_all()
        customer = self.env["ar.dunning.customer"].search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual((customer.score_on, customer.overdue_days), (date(2026, 7, 2), 122))

    def test_rule_shows_its_effect_before_it_is_saved(self):
        self.late_customer()
        with Form(self.env["ar.dunning.score.rule"].with_company(self.company)) as form:
            form.overdue = 0
            form.grade_d = 25
            self.assertIn("<b>1</b> of 1 customers", form.effect_html)
            form.trend = 40
            self.assertIn("must not weigh more", form.effect_html)
            form.trend = 10
        customer = self.env["ar.dunning.customer"].search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual((customer.score, customer.grade), (27, "d"))
        form.record.action_defaults()
        self.assertEqual((customer.score, customer.grade), (7, "e"))

    def test_rules_that_make_no_sense_are_refused(self):
        rule = self.env["ar.dunning.score.rule"].create({"company_id": self.company.id})
        for values in ({"trend": 16}, {"worst": -1}, {"grade_b": 85}, {"minimum": 0}, {"grade_a": 101}):
            with self.subTest(values), self.assertRaises(ValidationError), self.cr.savepoint():
                rule.write(values)

    def test_only_managers_change_rules(self):
        user = new_test_user(self.env, "sven", "ar_dunning.group_dunning_user", company_id=self.company.id)
        rule = self.env["ar.dunning.score.rule"].create({"company_id": self.company.id})
        with self.assertRaises(AccessError):
            rule.with_user(user).grade_a = 90


@tagged("post_install", "-at_install")
class TestExpected(ScoreCommon):
    """When an invoice will probably be paid."""

    def test_invoice_says_when(self):
        for _count in range(14):  # of these, three months old, each counts a little less than one
            self.paid(7)
        invoice = self.invoice(1000.0, due=ON)
        item = self.item(invoice)
        with freeze_time("2026-06-20 10:00:00"):
            self.refresh(date(2026, 6, 20))
            self.assertEqual(invoice.ar_dunning_expected_date, ON + timedelta(days=7))
            self.assertIn("as this customer pays; late: 100%", invoice.ar_dunning_expected_text)
        self.assertEqual((item.expected_date, item.late_chance), (ON + timedelta(days=7), 1.0))

    def test_already_late_is_not_expected_before_today(self):
        for days in (5, 5, 5, 5, 25):
            self.paid(days)
        invoice = self.invoice(1000.0, due=date(2026, 6, 11))
        item = self.item(invoice)
        self.refresh(ON)
        # What is left: its own 25 days, and the same one as others would stray: the habit of 9 days, and 18 more than
        # the (20 + 5 * 9) / 9 that the other four say. The second counts for more: 27 days after the due date.
        self.assertEqual(item.expected_date, date(2026, 7, 8))
        self.assertEqual((item.expected_from, item.expected_to), (date(2026, 7, 6), date(2026, 7, 8)))

    def test_nobody_has_paid_yet(self):
        invoice = self.invoice(1000.0, due=ON)
        with freeze_time("2026-06-20 10:00:00"):
            self.assertEqual(invoice.ar_dunning_expected_date, ON)
            self.assertIn("Nothing has been paid yet", invoice.ar_dunning_expected_text)

    def test_paid_and_draft_have_no_forecast(self):
        paid = self.paid(0)
        self.assertFalse(paid.ar_dunning_expected_date)
        self.assertFalse(self.env["account.move"].new({"move_type": "out_invoice"}).ar_dunning_expected_date)

    def test_new_customer_is_judged_like_the_others(self):
        for _count in range(12):
            self.paid(7)
        invoice = self.invoice(1000.0, due=ON, partner=self.partner_b)
        item = self.item(invoice)
        self.refresh(date(2026, 6, 20))
        self.assertEqual(item.expected_date, ON + timedelta(days=7))
        customer = self.refresh(date(2026, 6, 20), self.partner_b)
        self.assertEqual((customer.grade, customer.late_ahead), ("new", 1.0))

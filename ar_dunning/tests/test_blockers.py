from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import tagged

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestBlockers(DunningCommon):
    """Everything that must keep a reminder from going, one by one."""

    def test_nothing_in_the_way(self):
        invoice = self.invoice()
        self.assertEqual(self.blockers(invoice, FIRST), set())
        self.assertEqual(self.blockers(invoice, FIRST - timedelta(days=1)), {"not_due_yet"})

    def test_excluded_from_follow_up(self):
        invoice = self.invoice()
        invoice.ar_dunning_excluded = True
        self.assertTrue(all(invoice._ar_dunning_terms().mapped("no_followup")))
        self.assertEqual(self.blockers(invoice, FIRST), {"no_followup"})
        self.assertFalse(self.night(FIRST).notice_ids)

    def test_blocked_payment(self):
        invoice = self.invoice()
        invoice.action_toggle_block_payment()
        self.assertEqual(self.blockers(invoice, FIRST), {"blocked"})

    def test_paid_while_blocked_is_gone(self):
        invoice = self.invoice()
        invoice.action_toggle_block_payment()
        self.pay(invoice, 1000.0, DUE)
        self.assertFalse(self.night(FIRST).notice_ids)
        self.assertFalse(self.item(invoice).is_open)

    def test_never_and_pause_of_customer_and_invoice(self):
        invoice, other = self.invoice(), self.invoice()
        customer = self.item(invoice).customer_id
        customer.never = True
        self.assertEqual(self.blockers(invoice, FIRST), {"never"})
        customer.never = False
        pause = {"customer_id": customer.id, "date_start": DUE, "reason": "x"}
        self.env["ar.dunning.arrangement"].create(dict(pause, move_id=invoice.id, date_end=FIRST + timedelta(days=2)))
        self.assertEqual(self.blockers(invoice, FIRST), {"paused"})
        self.assertEqual(self.blockers(other, FIRST), set())
        self.assertEqual(self.blockers(invoice, FIRST + timedelta(days=2)), {"paused"})
        self.assertEqual(self.blockers(invoice, FIRST + timedelta(days=3)), set())
        whole = self.env["ar.dunning.arrangement"].create(dict(pause, date_end=FIRST))
        self.assertEqual(self.blockers(other, FIRST), {"paused"})
        whole._end("It is over")
        self.assertEqual(self.blockers(other, FIRST), set())

    def test_never_sent(self):
        invoice = self.invoice(sent=False)
        self.assertEqual(self.blockers(invoice, FIRST), {"not_sent"})
        self.item(invoice)._put({"is_loaded": True})
        self.assertEqual(self.blockers(invoice, FIRST), set())

    def test_we_collect_until_it_failed(self):
        method = self.company_data["default_journal_bank"].inbound_payment_method_line_ids[0]
        method.ar_dunning_we_collect = True
        invoice = self.invoice(preferred_payment_method_line_id=method.id)
        self.assertEqual(self.blockers(invoice, FIRST), {"we_collect"})
        self.item(invoice).collection_failed = True
        self.assertEqual(self.blockers(invoice, FIRST), set())

    def test_a_refused_collection_is_found(self):
        method = self.company_data["default_journal_bank"].inbound_payment_method_line_ids[0]
        method.ar_dunning_we_collect = True
        invoice = self.invoice(preferred_payment_method_line_id=method.id)
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 1000.0,
                "date": DUE,
                "journal_id": self.company_data["default_journal_bank"].id,
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )
        self.assertEqual(self.blockers(invoice, FIRST), {"we_collect"})
        payment.action_post()
        payment.action_cancel()
        self.assertEqual(self.blockers(invoice, FIRST), set())

    def test_factored(self):
        invoice = self.invoice()
        self.item(invoice).is_factored = True
        self.assertEqual(self.blockers(invoice, FIRST), {"factored"})

    def test_own_company_and_colleague(self):
        invoice = self.invoice(partner=self.company.partner_id)
        self.assertIn("own", self.blockers(invoice, FIRST))
        invoice = self.invoice(partner=self.env.user.partner_id)
        self.assertIn("own", self.blockers(invoice, FIRST))

    def test_no_channel_bounced_blacklisted(self):
        invoice = self.invoice()
        self.partner_a.write({"street": False, "email": False})
        self.assertEqual(self.blockers(invoice, FIRST), {"no_channel"})
        self.partner_a.email = "anna@example.com"
        self.assertEqual(self.blockers(invoice, FIRST), set())
        self.env["mail.blacklist"]._add("anna@example.com")
        self.assertEqual(self.blockers(invoice, FIRST), {"no_channel"})
        self.partner_a.street = "Storgata 1"
        self.assertEqual(self.blockers(invoice, FIRST), set(), "a letter is possible")

    def test_formal_notice_may_go_to_a_blacklisted_address(self):
        invoice = self.invoice()
        self.partner_a.street = False
        for offset in (5, 15, 25):
            self.day(DUE + timedelta(days=offset))
        self.env["mail.blacklist"]._add("anna@example.com")
        notice = self.day(DUE + timedelta(days=40))
        self.assertEqual(notice.delivery_ids.mapped("address"), ["anna@example.com"])
        self.assertTrue(invoice)

    def test_before_the_start(self):
        invoice = self.invoice()
        self.company.ar_dunning_not_before = DUE + timedelta(days=1)
        self.assertEqual(self.blockers(invoice, FIRST), {"before_start"})
        self.company.ar_dunning_not_before = DUE
        self.assertEqual(self.blockers(invoice, FIRST), set())

    def test_cap_of_a_night(self):
        partners = self.env["res.partner"].create(
            [{"name": f"C{n}", "is_company": True, "email": f"c{n}@example.com"} for n in range(3)]
        )
        for partner in partners:
            self.invoice(partner=partner)
        self.company.ar_dunning_max_notices = 2
        run = self.night(FIRST)
        self.assertEqual(len(run.notice_ids), 2)
        self.assertEqual(run.skipped_counts, {"cap": 1})
        self.day(FIRST)
        self.assertEqual(len(self.night(FIRST + timedelta(days=1)).notice_ids), 1)

    def test_small_balance_is_listed_never_dunned_alone(self):
        self.policy.tolerance = 10.0
        small = self.invoice(9.99)
        self.assertEqual(self.blockers(small, FIRST), {"small_balance"})
        self.assertFalse(self.night(FIRST).notice_ids)
        self.invoice(10.0)
        notice = self.night(FIRST).notice_ids
        self.assertEqual(
            {line.move_id == small: line.is_demanded for line in notice.line_ids}, {True: False, False: True}
        )
        self.assertEqual(notice.amount_total, 10.0)

    def test_tolerance_is_compared_in_company_currency(self):
        """500 JPY are below, 12 GBP above a tolerance of 10 in the company's currency."""
        yen, pound = (
            self.setup_other_currency("JPY", rates=[("2020-01-01", 100.0)]),
            self.setup_other_currency("GBP", rates=[("2020-01-01", 0.5)]),
        )
        self.assertEqual(self.blockers(self.invoice(500.0, currency=yen), FIRST), {"small_balance"})
        self.assertEqual(self.blockers(self.invoice(12.0, currency=pound), FIRST), set())

    def test_deadline_gap_and_gate(self):
        invoice = self.invoice()
        self.day(FIRST)
        self.assertEqual(
            self.blockers(invoice, FIRST + timedelta(days=1)), {"not_due_yet", "contact_gap", "deadline_running"}
        )
        item = self.item(invoice)
        self.assertEqual(item.next_date, DUE + timedelta(days=15))
        self.policy.level_ids.filtered(lambda v: v.kind == "reminder" and v.days > 5).unlink()
        self.assertEqual(self.blockers(invoice, DUE + timedelta(days=60)), {"formal_gate"})
        item.sudo()._put({"gate_override_reason": "Told us he will not pay"})
        self.assertEqual(self.blockers(invoice, DUE + timedelta(days=60)), set())

    def test_ladder_finished(self):
        invoice = self.invoice()
        for offset in (5, 15, 25, 40):
            self.day(DUE + timedelta(days=offset))
        self.assertEqual(self.blockers(invoice, DUE + timedelta(days=100)), {"ladder_finished"})

    def test_working_days_and_holidays(self):
        self.policy.working_days_only = True
        calendar = self.company.resource_calendar_id
        self.assertEqual({a.dayofweek for a in calendar.attendance_ids}, {"0", "1", "2", "3", "4"})
        saturday = date(2026, 3, 7)
        invoice = self.invoice(due=saturday - timedelta(days=5))
        self.assertEqual(self.blockers(invoice, saturday), {"non_working_day"})
        self.assertFalse(self.night(saturday).notice_ids)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": datetime(2026, 3, 9, 0),
                "date_to": datetime(2026, 3, 9, 23),
            }
        )
        self.assertFalse(self.night(date(2026, 3, 9)).notice_ids)
        self.assertEqual(self.item(invoice).next_date, date(2026, 3, 10))
        self.assertEqual(len(self.night(date(2026, 3, 10)).notice_ids), 1)

    def test_bank_data_too_old(self):
        self.policy.bank_max_age = 3
        invoice = self.invoice()
        self.bank_line(5.0, "fees", FIRST - timedelta(days=10))
        self.assertEqual(self.blockers(invoice, FIRST), set(), "review: only a warning")
        notice = self.night(FIRST).notice_ids
        self.assertIn("the customer may have paid already", notice.warning)
        self.assertEqual(notice.recorded_until, FIRST - timedelta(days=10))
        notice._cancel("test")
        self.policy.mode = "automatic"
        self.assertEqual(self.blockers(invoice, FIRST), {"bank_stale"})
        self.bank_line(5.0, "fees", FIRST - timedelta(days=1))
        self.assertEqual(self.blockers(invoice, FIRST), set())

    def test_notes_wait_for_nothing_overdue_and_lapse(self):
        self.invoice(due=DUE - timedelta(days=10))
        self.day(DUE - timedelta(days=5))
        soon = self.invoice(due=DUE)
        self.assertEqual(self.blockers(soon, DUE - timedelta(days=3)), {"customer_overdue"})
        other = self.env["res.partner"].create({"name": "B", "is_company": True, "email": "b@example.com"})
        late = self.invoice(due=DUE, partner=other)
        self.assertEqual(self.day(DUE - timedelta(days=1)).level_id.name, "Soon due", "caught up after a missed night")
        self.assertFalse(self.day(DUE + timedelta(days=1)), "the note of the day has lapsed")
        self.assertEqual(self.item(late).rank, 0)
        notices = self.day(FIRST).filtered(lambda notice: notice.commercial_partner_id == other)
        self.assertEqual(notices.level_id.mapped("name"), ["First reminder"])

    def test_notes_spare_punctual_payers(self):
        self.policy.skip_notes_if_punctual = True
        for number in range(3):
            due = DUE - timedelta(days=60 + number)
            self.pay(self.invoice(due=due), 1000.0, due)
        invoice = self.invoice()
        self.assertEqual(self.blockers(invoice, DUE), {"punctual"})
        due = DUE - timedelta(days=50)
        self.pay(self.invoice(due=due), 1000.0, due + timedelta(days=2))
        self.assertEqual(self.blockers(invoice, DUE), set())

    # === Money on its way === #

    def test_unmatched_payment_pays_the_oldest_first(self):
        old, young = self.invoice(100.0, DUE - timedelta(days=1)), self.invoice(200.0)
        self.unmatched_payment(150.0, DUE)
        self.assertEqual(self.blockers(old, FIRST), {"money_coming"})
        self.assertEqual(self.blockers(young, FIRST), set())
        notice = self.night(FIRST).notice_ids
        self.assertEqual(notice.line_ids.move_id, young)
        line = notice.line_ids
        self.assertEqual((line.amount_residual, line.amount_credit, line.amount_due), (200.0, 50.0, 150.0))
        self.assertEqual(notice.amount_total, 150.0)

    def test_credit_note_larger_than_the_debt(self):
        invoice = self.invoice(500.0)
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner_a.id,
                "invoice_date": DUE,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 800.0, "tax_ids": []})],
            }
        )
        self.assertEqual(self.blockers(invoice, FIRST), {"draft_credit_note"})
        refund.action_post()
        self.assertEqual(self.blockers(invoice, FIRST), {"money_coming"})
        self.assertFalse(self.night(FIRST).notice_ids)

    def test_credit_in_another_currency_is_for_a_person(self):
        """Only what it could cover: 100 EUR at 0.5 EUR a unit are 200 of 500, and all of 150."""
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        invoice = self.invoice(500.0)
        payment = self.unmatched_payment(100.0, DUE, currency=euro)
        self.assertEqual(self.blockers(invoice, FIRST), set())
        self.assertEqual(self.night(FIRST).notice_ids.amount_total, 300.0)
        self.pay(invoice, 350.0, DUE)
        self.assertEqual(self.blockers(invoice, FIRST), {"foreign_credit", "notice_pending"})
        payment.action_cancel()
        self.assertEqual(self.blockers(invoice, FIRST), {"notice_pending"})

    def test_bank_line_by_partner(self):
        invoice = self.invoice(500.0)
        self.bank_line(500.0, "transfer", DUE, partner=self.partner_a)
        self.assertEqual(self.blockers(invoice, FIRST), {"money_coming"})

    def test_bank_line_by_reference(self):
        first, second = self.invoice(500.0), self.invoice(300.0)
        self.bank_line(300.0, f"Payment {second.name}, thank you", DUE)
        self.assertEqual(self.blockers(second, FIRST), {"money_coming"})
        self.assertEqual(self.blockers(first, FIRST), set())

    def test_bank_line_by_account(self):
        invoice = self.invoice(500.0)
        self.env["res.partner.bank"].create({"acc_number": "NO93 8601 1117 947", "partner_id": self.partner_a.id})
        self.bank_line(500.0, "x", DUE, account_number="NO9386011117947")
        self.assertEqual(self.blockers(invoice, FIRST), {"money_coming"})

    def test_bank_line_by_amount_alone(self):
        invoice, other = self.invoice(512.34), self.invoice(600.0)
        self.bank_line(512.34, "no reference at all", DUE)
        self.assertEqual(self.blockers(invoice, FIRST), {"money_coming"})
        self.assertEqual(self.blockers(other, FIRST), set())

    def test_someone_elses_bank_line_counts_for_nothing(self):
        invoice = self.invoice(500.0)
        self.bank_line(500.0, "transfer", DUE, partner=self.partner_b)
        self.assertEqual(self.blockers(invoice, FIRST), set())

    def test_pending_transaction(self):
        invoice, other = self.invoice(500.0, DUE), self.invoice(500.0, DUE - timedelta(days=1))
        provider = self.env["payment.provider"].sudo().search([], limit=1).copy({"company_id": self.company.id})
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        transaction = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "amount": 500.0,
                    "currency_id": invoice.currency_id.id,
                    "partner_id": self.partner_a.id,
                    "reference": "T1",
                    "invoice_ids": [Command.set(invoice.ids)],
                    "company_id": self.company.id,
                }
            )
        )
        self.assertEqual(self.blockers(invoice, FIRST), set())
        transaction.write({"state": "pending", "last_state_change": datetime(2026, 3, 1)})
        self.assertEqual(self.blockers(invoice, FIRST), {"money_coming"})
        self.assertEqual(self.blockers(other, FIRST), set(), "it names the other invoice")
        self.assertEqual(self.blockers(invoice, FIRST + timedelta(days=40)), set(), "never arrived")
        transaction.state = "done"
        self.assertEqual(self.blockers(invoice, FIRST + timedelta(days=40)), {"money_coming"})

    def test_zero_foreign_residual(self):
        """A line whose own residual is zero is paid, whatever its company-currency remainder says."""
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        invoice = self.invoice(100.0, currency=euro)
        self.pay(invoice, 100.0, DUE)
        self.assertFalse(self.night(FIRST).notice_ids)

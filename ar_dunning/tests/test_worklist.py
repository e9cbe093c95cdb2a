from datetime import date, datetime, time, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.misc import format_amount
from odoo.tools.safe_eval import safe_eval

from .common import DUE
from .worklist_common import FIRST, WorklistCommon, morning

LIST = {
    name: {}
    for name in (
        "late_total", "foreign_text", "late_30", "late_more", "late_since", "level_id", "next_level_id", "next_on",
        "call_outcome_id", "overdue_reason_id", "phone", "email", "paused_until", "responsible_id", "draft_count",
        "failed_count", "effective_policy_id", "effective_audience", "worth", "activity_ids", "is_big",
    )
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestFigures(WorklistCommon):
    """What the worklist says on a given day, to the cent."""

    def test_each_bucket_begins_and_ends_on_its_day(self):
        customer = self.customer(self.invoice(100))
        for late, bucket in ((0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (400, 4)):
            with self.subTest(days_late=late):
                expected = [0.0] * 5
                expected[bucket] = 100.0
                expected.append(100.0 if late else 0.0)
                self.assertEqual(self.figures(customer, DUE + timedelta(days=late)), expected)

    def test_partial_payment_foreign_currency_and_worth(self):
        first = self.invoice(1000)
        self.invoice(300, due=DUE + timedelta(days=40))
        foreign = self.setup_other_currency("GBP", rounding=0.01, rates=[("2016-01-01", 2.0)])
        self.invoice(500, due=DUE - timedelta(days=60), currency=foreign)
        self.pay(first, 400, DUE)
        customer = self.customer(first)
        figures = self.figures(customer, DUE + timedelta(days=35))
        # 600 are 35 days late; 500 GBP = 250 are 95 days late; 300 are not due.
        self.assertEqual(figures, [300.0, 0.0, 600.0, 0.0, 250.0, 850.0])
        self.assertEqual(customer.foreign_text, format_amount(self.env, 500, foreign))
        self.assertEqual(customer.late_foreign, {str(foreign.id): 500})
        self.assertEqual(customer.worth, 2 * 600 + 4 * 250)
        self.assertEqual(customer.late_since, DUE - timedelta(days=60))
        self.assertEqual(customer.figures_on, datetime.combine(DUE + timedelta(days=35), time(9)))
        with morning(DUE + timedelta(days=35)):
            self.assertEqual(customer.overdue_amount, 850.0, "the live figure says the same")

    def test_paid_customers_fall_to_zero_and_the_live_figure_does_not_wait(self):
        invoice = self.invoice(100)
        customer = self.customer(invoice)
        self.figures(customer, FIRST)
        with morning(FIRST):
            self.pay(invoice, 100, FIRST)
            self.env.invalidate_all()
            self.assertEqual((customer.late_total, customer.overdue_amount), (100.0, 0.0))
        self.assertEqual(self.figures(customer, FIRST), [0.0] * 6)
        self.assertFalse(customer.late_since)
        self.assertFalse(customer.worth)

    def test_nothing_is_worth_chasing_while_paused_or_never_dunned(self):
        customer = self.customer(self.invoice(100))
        self.figures(customer, FIRST)
        self.assertEqual(customer.worth, 100)
        pause = self.env["ar.dunning.arrangement"].create(
            {"customer_id": customer.id, "date_start": DUE, "date_end": FIRST, "reason": "Goods returned"}
        )
        self.figures(customer, FIRST)
        self.assertEqual((customer.worth, customer.late_total), (0, 100))
        pause._end("It is over")
        customer.never = True
        self.figures(customer, FIRST)
        self.assertEqual(customer.worth, 0)

    def test_the_whole_company_costs_one_statement(self):
        for number in range(12):
            self.invoice(100 + number, partner=self.env["res.partner"].create({"name": f"C{number}"}))
        self.item(self.invoice(1))
        Customer = self.env["ar.dunning.customer"].sudo()
        self.env.flush_all()
        with morning(FIRST):
            today = self.company._dunning_today()
            self.assertEqual(today, FIRST)
            with self.assertQueryCount(1):
                Customer._refresh_figures(self.company)
        self.assertEqual(len(Customer.search([("company_id", "=", self.company.id), ("late_total", ">", 0)])), 13)

    def test_next_step_follows_the_night_and_the_sending(self):
        customer = self.customer(self.invoice(100))
        notice = self.day(FIRST)
        self.assertEqual(notice.state, "sent")
        second = self.policy.level_ids.filtered(lambda level: level.days == 15)
        self.assertEqual((customer.next_level_id, customer.next_on), (second, DUE + timedelta(days=15)))

    def test_big_ones_owe_four_fifths(self):
        customers = []
        for amount in (700, 200, 60, 40):
            partner = self.env["res.partner"].create({"name": f"Owes {amount}"})
            customers.append(self.customer(self.invoice(amount, partner=partner)))
        self.figures(customers[0], FIRST)
        domain = [("is_big", "=", True), ("company_id", "=", self.company.id)]
        found = self.env["ar.dunning.customer"].with_context(allowed_company_ids=self.company.ids).search(domain)
        self.assertEqual(found, customers[0] | customers[1])
        self.assertEqual([customer.is_big for customer in customers], [True, True, False, False])

    def test_list_of_eighty_costs_what_a_list_of_twenty_costs(self):
        for number in range(80):
            partner = self.env["res.partner"].create({"name": f"C{number:02}", "phone": f"+47 {number}"})
            self.invoice(100 + number, due=DUE - timedelta(days=number), partner=partner)
        self.night(FIRST)
        with morning(FIRST):
            self.env["ar.dunning.customer"].sudo()._refresh_figures(self.company)
            env = self.env(user=self.user, context={"allowed_company_ids": self.company.ids})

            def cost(limit):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                found = env["ar.dunning.customer"].web_search_read([], LIST, limit=limit, order="worth desc, id")
                self.assertEqual(len(found["records"]), limit)
                return self.env.cr.sql_log_count - before

            cost(2)
            self.assertEqual(cost(20), cost(80))
            self.assertLess(cost(80), 40)

    def test_figures_sort_group_and_plot(self):
        partner = self.env["res.partner"].create({"name": "Small"})
        big, small = self.customer(self.invoice(900)), self.customer(self.invoice(90, partner=partner))
        reason = self.env.ref("ar_dunning.reason_overdue_cash")
        big.overdue_reason_id = reason
        self.figures(big, FIRST)
        Customer = self.env["ar.dunning.customer"]
        mine = [("company_id", "=", self.company.id)]
        self.assertEqual(Customer.search(mine, order="worth desc")[:2], big | small)
        rows = Customer._read_group(mine, ["overdue_reason_id"], ["late_30:sum"])
        self.assertEqual({row[0].id: row[1] for row in rows}, {reason.id: 900.0, False: 90.0})


@tagged("post_install", "-at_install")
class TestDesk(WorklistCommon):
    """Calls, assignments, copies, and archiving who owes."""

    def test_a_call_is_logged_and_comes_back(self):
        customer = self.customer(self.invoice(1000)).with_user(self.user)
        customer.responsible_id = self.manager
        with morning(FIRST):
            customer.activity_schedule("mail.mail_activity_data_call", date_deadline=FIRST, summary="Call Anna")
            with Form(
                self.env["ar.dunning.call.wizard"].with_user(self.user).with_context(default_customer_id=customer.id)
            ) as form:
                form.outcome_id = self.env.ref("ar_dunning.reason_call_promised")
                form.overdue_reason_id = self.env.ref("ar_dunning.reason_overdue_cash")
                form.promised_on = date(2026, 3, 19)
                form.next_call = date(2026, 3, 20)
                form.note = "Pays <on Friday>"
            form.record.action_log()
        self.assertEqual(
            (customer.last_call, customer.call_outcome_id.name, customer.overdue_reason_id.name),
            (FIRST, "Promised to pay", "Short of cash"),
        )
        self.assertEqual(
            [(a.date_deadline, a.user_id, a.summary) for a in customer.activity_ids],
            [(date(2026, 3, 20), self.manager, "Call again: Promised to pay")],
            "the call that was due is done",
        )
        bodies = " ".join(customer.message_ids.mapped("body"))
        for text in ("Call: Promised to pay", "Short of cash", "03/20/2026", "Pays &lt;on Friday&gt;"):
            self.assertIn(text, bodies)
        self.assertIn("Pays $\xa01,000.00 by 03/19/2026", bodies.replace("&nbsp;", "\xa0"))
        promise = customer.arrangement_ids
        self.assertEqual(
            (promise.kind, promise.promised_amount, promise.date_end, promise.source, promise.channel, promise.reason),
            ("promise", 1000.0, date(2026, 3, 19), "call", "phone", "Pays <on Friday>"),
        )
        self.assertEqual((promise.is_whole, promise.create_uid), (True, self.user))

    def call(self, customer, outcome, **values):
        outcome = self.env.ref(f"ar_dunning.reason_call_{outcome}")
        return (
            self.env["ar.dunning.call.wizard"]
            .with_user(self.user)
            .create({"customer_id": customer.id, "outcome_id": outcome.id, **values})
        )

    def test_a_promise_in_a_call_needs_day_and_amount(self):
        customer = self.customer(self.invoice(1000))
        for values, words in (
            ({}, "a promise needs both"),
            ({"promised_on": date(2026, 3, 20), "promised_amount": 0}, "a promise needs both"),
            ({"promised_on": DUE}, "in the past"),
        ):
            with morning(FIRST), self.assertRaises(UserError) as found:
                self.call(customer, "promised", **values).action_log()
            self.assertIn(words, str(found.exception))
        self.assertFalse(customer.arrangement_ids)

    def test_a_call_opens_a_dispute(self):
        invoice = self.invoice(1000)
        customer, item = self.customer(invoice), self.item(invoice)
        reason = self.env.ref("ar_dunning.reason_dispute_quality")
        with morning(FIRST):
            with self.assertRaisesRegex(UserError, "Choose what is disputed"):
                self.call(customer, "disputed").action_log()
            answer = self.call(
                customer,
                "disputed",
                item_ids=item.ids,
                dispute_reason_id=reason.id,
                disputed_amount=250.0,
                note="Two legs are broken",
            ).action_log()
        dispute = customer.arrangement_ids
        self.assertEqual(answer["type"], "ir.actions.act_window_close")
        self.assertEqual(
            (dispute.kind, dispute.state, dispute.item_ids, dispute.disputed_amount, dispute.reason_id, dispute.reason),
            ("dispute", "open", item, 250.0, reason, "Two legs are broken"),
        )

    def test_a_call_does_what_a_notice_asked_for(self):
        customer = self.customer(self.invoice(1000)).with_user(self.user)
        notice = self.night(FIRST).notice_ids
        with morning(FIRST):
            notice.activity_schedule("mail.mail_activity_data_call", date_deadline=FIRST, summary="Call")
            notice.activity_schedule("mail.mail_activity_data_todo", date_deadline=FIRST, summary="Look")
            self.env["ar.dunning.call.wizard"].with_user(self.user).create(
                {"customer_id": customer.id, "outcome_id": self.env.ref("ar_dunning.reason_call_nobody").id}
            ).action_log()
        self.assertEqual(notice.activity_ids.mapped("summary"), ["Look"])

    def test_a_next_call_in_the_past_is_refused(self):
        customer = self.customer(self.invoice(1000))
        outcome = self.env.ref("ar_dunning.reason_call_nobody")
        with morning(FIRST), self.assertRaisesRegex(UserError, "in the past"):
            self.env["ar.dunning.call.wizard"].with_user(self.user).create(
                {"customer_id": customer.id, "outcome_id": outcome.id, "next_call": DUE}
            ).action_log()
        self.assertFalse(customer.last_call)

    def test_due_today_are_drafts_calls_and_steps(self):
        drafted, called, planned, later = (
            self.customer(self.invoice(100, due=due, partner=self.env["res.partner"].create(values)))
            for due, values in (
                (DUE, {"name": "Drafted", "email": "d@example.com"}),
                (FIRST, {"name": "Called", "email": "c@example.com"}),
                (DUE, {"name": "Planned", "email": "p@example.com"}),
                (FIRST + timedelta(days=9), {"name": "Later", "email": "l@example.com"}),
            )
        )
        arch = etree.fromstring(
            self.env["ar.dunning.customer"].get_views([(False, "search")])["views"]["search"]["arch"]
        )
        domain = safe_eval(arch.xpath("//filter[@name='due_today']")[0].get("domain"))
        with morning(FIRST):
            called.activity_schedule("mail.mail_activity_data_call", date_deadline=FIRST)
            self.env["ar.dunning.ledger"]._plan_again(drafted | called | planned | later)
            drafted.with_user(self.user).action_remind_now()
            found = self.env["ar.dunning.customer"].search([*domain, ("company_id", "=", self.company.id)])
        self.assertEqual(found.mapped("partner_id.name"), ["Drafted", "Called", "Planned"])

    def test_responsible_by_rule(self):
        sold, named, taken = (
            self.customer(self.invoice(100, partner=self.env["res.partner"].create({"name": name, "is_company": True})))
            for name in ("Sold", "Named", "Taken")
        )
        stranger = new_test_user(self.env, "stranger", "base.group_user")
        sold.partner_id.user_id = self.user
        named.partner_id.user_id = stranger
        taken.responsible_id = self.manager
        Customer = self.env["ar.dunning.customer"].sudo()
        Customer._assign_responsible(self.company)
        self.assertEqual(
            [c.responsible_id for c in (sold, named, taken)], [self.user, self.env["res.users"], self.manager]
        )
        self.policy.responsible_id = self.env.user
        Customer._assign_responsible(self.company)
        self.assertEqual([c.responsible_id for c in (sold, named, taken)], [self.user, self.env.user, self.manager])

    def test_assign_many(self):
        customers = self.customer(self.invoice(100)) | self.customer(self.invoice(90, partner=self.partner_b))
        action = customers.with_user(self.user).action_assign()
        wizard = self.env["ar.dunning.assign.wizard"].with_user(self.user).with_context(**action["context"])
        wizard.create({"responsible_id": self.manager.id}).action_assign()
        self.assertEqual(customers.responsible_id, self.manager)

    def test_address_of_the_dunning_contact(self):
        customer = self.customer(self.invoice(100))
        self.partner_a.write({"phone": "1", "email": "a@example.com"})
        self.assertEqual((customer.phone, customer.email), ("1", "a@example.com"))
        books = self.env["res.partner"].create(
            {"name": "Books", "parent_id": self.partner_a.id, "type": "invoice", "email": "books@example.com"}
        )
        customer.invalidate_recordset()
        self.assertEqual((customer.phone, customer.email), ("1", books.email))

    def test_copies_go_to_the_dunning_contact(self):
        invoice = self.invoice(1000)
        future = self.invoice(70, due=date(2099, 1, 1))
        customer = self.customer(invoice)
        with self.allow_pdf_render():
            action = customer.with_user(self.user).action_send_copies()
        composer = self.env["mail.compose.message"].with_user(self.user).with_context(**action["context"]).create({})
        self.assertEqual(composer.partner_ids, self.partner_a)
        self.assertEqual(composer.attachment_ids.mapped("name"), [invoice._get_invoice_report_filename()])
        self.assertIn("1,000.00", composer.body)
        composer._action_send_mail()
        message = customer.message_ids[0]
        self.assertEqual(
            (message.subject, message.attachment_ids.mapped("mimetype")), (invoice.name, ["application/pdf"])
        )
        self.assertEqual(message.notified_partner_ids, self.partner_a)
        self.assertNotIn(future.name, message.subject)

    def test_archiving_who_owes_asks_first(self):
        invoice = self.invoice(1000)
        self.item(invoice)
        with self.assertRaisesRegex(RedirectWarning, "not paid yet") as caught:
            self.partner_a.action_archive()
        self.assertTrue(self.partner_a.active)
        _message, action, _button, context = caught.exception.args
        self.env["ir.actions.server"].browse(action).with_context(**context).run()
        self.assertFalse(self.partner_a.active)
        self.pay(self.invoice(1, partner=self.partner_b), 1, DUE)
        self.partner_b.action_archive()
        self.assertFalse(self.partner_b.active)

    def test_who_has_paid_is_on_no_level_and_on_no_hold(self):
        """The third reminder puts on hold; the night after the payment takes level and hold away."""
        invoice = self.invoice()
        for day in (7, 17, 27):
            self.day(date(2026, 3, day))
        customer = self.item(invoice).customer_id
        self.assertEqual((customer.level_id.name, customer.credit_hold), ("Third reminder", True))
        self.pay(invoice, 1000.0, date(2026, 3, 28))
        self.night(date(2026, 3, 29))
        with freeze_time("2026-03-29 02:00:00"):
            customer.sudo()._close_night(self.company)
        self.assertFalse(customer.level_id or customer.credit_hold)
        self.assertFalse(self.partner_a.ar_dunning_on_hold)
        self.assertEqual(customer.last_contact, date(2026, 3, 27))

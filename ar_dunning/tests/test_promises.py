from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .arrangement_common import BIG, LAST, MADE, PROMISED, ArrangementCommon
from .common import DUE, REMINDED

ONE = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestPromises(ArrangementCommon):
    """A promise over the days: what it holds, what keeps it, and what follows when it is broken."""

    def setUp(self):
        super().setUp()
        self.move = self.invoice()
        self.bank_reaches(DUE)
        self.euro = self.setup_other_currency("EUR")

    # === What became of it === #

    def test_nothing_comes_and_the_bank_is_two_days_late(self):
        """Open until the tolerance is over, waiting while the bank is behind, broken once it is known so far."""
        promise = self.promise(self.move)
        found = {}
        for days in range(8):
            day = PROMISED + timedelta(days=days)
            self.bank_reaches(day - timedelta(days=2))
            found[days] = self.judged(promise, day)
        self.assertEqual(
            found,
            {0: "open", 1: "open", 2: "open", 3: "waiting", 4: "broken", 5: "broken", 6: "broken", 7: "broken"},
        )
        self.assertEqual(promise.received_amount, 0.0)

    def test_a_matched_payment_keeps_it_at_once(self):
        promise = self.promise(self.move)
        self.pay(self.move, BIG, PROMISED - ONE)
        self.assertEqual(self.judged(promise, PROMISED - ONE), "kept")
        self.assertEqual(promise.received_amount, BIG)

    def test_so_does_money_that_nobody_has_matched(self):
        for name, come in {
            "payment": lambda: self.receive(BIG, PROMISED),
            "bank line": lambda: self.bank_line(BIG, self.move.name, PROMISED, self.partner_a),
            "bank line of nobody": lambda: self.bank_line(BIG, f"For {self.move.name}", PROMISED),
        }.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                promise = self.promise(self.move)
                come()
                self.assertEqual(self.judged(promise, PROMISED), "kept")
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

    def test_a_payment_entered_late_with_an_earlier_date_still_keeps_it(self):
        promise = self.promise(self.move)
        self.bank_reaches(LAST + ONE)
        self.assertEqual(self.judged(promise, LAST + ONE), "broken")
        self.assertTrue(promise.todo_id)
        self.pay(self.move, BIG, LAST)
        self.assertEqual(self.judged(promise, LAST + 9 * ONE), "kept")
        self.assertFalse(promise.todo_id, "nobody need ask the customer any more")

    def test_a_payment_after_the_tolerance_is_too_late(self):
        promise = self.promise(self.move)
        self.pay(self.move, BIG, LAST + ONE)
        self.bank_reaches(LAST + ONE)
        self.assertEqual(self.judged(promise, LAST + 2 * ONE), "broken")

    def test_a_part_of_it(self):
        promise = self.promise(self.move)
        self.pay(self.move, 400.0, PROMISED)
        self.bank_reaches(LAST)
        self.assertEqual(self.judged(promise, LAST + ONE), "partly")
        self.assertEqual(promise.received_amount, 400.0)

    def test_the_share_that_the_policy_takes_for_kept(self):
        self.policy.promise_share = 95.0
        promise = self.promise(self.move)
        self.policy.promise_share = 100.0
        self.pay(self.move, 950.0, PROMISED)
        self.assertEqual(self.judged(promise, PROMISED), "kept", "as agreed on the day of the promise")

    def test_a_credit_note_lowers_it_and_keeps_nothing(self):
        promise = self.promise(self.move)
        note = self.credit_note(300.0, PROMISED)
        (note | self.move).line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.bank_reaches(LAST)
        self.assertEqual(self.judged(promise, LAST + ONE), "broken")
        self.pay(self.move, 700.0, LAST)
        self.assertEqual(self.judged(promise, LAST + ONE), "kept")

    def test_a_credit_note_over_all_of_it_settles_it(self):
        promise = self.promise(self.move)
        note = self.credit_note(BIG, PROMISED)
        (note | self.move).line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(self.judged(promise, PROMISED), "settled")

    def test_a_returned_payment_reopens_it(self):
        """Taken off again by a person, or returned by the bank as a payment to the customer."""
        promise = self.promise(self.move)
        payment = self.pay(self.move, BIG, MADE + ONE)
        self.assertEqual(self.judged(promise, MADE + ONE), "kept")
        self.receive(BIG, MADE + 3 * ONE, paid_back=True)
        self.assertEqual(self.judged(promise, MADE + 3 * ONE), "open")
        self.bank_reaches(LAST)
        self.assertEqual(self.judged(promise, LAST + ONE), "broken")
        payment.action_draft()
        self.assertEqual(self.judged(promise, LAST + ONE), "broken")

    def test_money_in_another_currency_does_not_count(self):
        promise = self.promise(self.move)
        self.receive(BIG, PROMISED, currency=self.euro)
        self.bank_reaches(LAST)
        self.assertEqual(self.judged(promise, LAST + ONE), "broken")

    def test_money_for_other_invoices_does_not_count(self):
        other = self.invoice(500.0, DUE + timedelta(days=20))
        promise = self.promise(self.move)
        self.receive(500.0, PROMISED, memo=other.name)
        self.bank_reaches(LAST)
        self.assertEqual(self.judged(promise, LAST + ONE), "broken")

    def test_without_bank_lines_three_working_days_are_waited_for(self):
        """No line for sixty days: the company records none. What a person enters ends the wait."""
        self.env["account.bank.statement.line"].search([("company_id", "=", self.company.id)]).unlink()
        self.company.resource_calendar_id = self.env["resource.calendar"].create({"name": "Office", "tz": "UTC"})
        promise = self.promise(self.move)
        self.assertEqual(LAST.weekday(), 1)
        self.assertEqual(self.judged(promise, LAST + 2 * ONE), "waiting")
        self.company.ar_dunning_bank_until = LAST
        self.assertEqual(self.judged(promise, LAST + 2 * ONE), "broken")
        self.company.ar_dunning_bank_until = False
        promise._put({"state": "open"})
        self.assertEqual(self.judged(promise, LAST + 3 * ONE), "broken", "Friday")

    def test_two_promises_and_one_payment(self):
        first = self.promise(self.move, 500.0, MADE + 2 * ONE)
        second = self.promise(self.move, 500.0)
        self.pay(self.move, 500.0, MADE + ONE)
        self.bank_reaches(LAST)
        self.assertEqual((self.judged(first, LAST + ONE), second.state), ("kept", "broken"))

    def test_what_came_on_its_day_before_it_was_made_does_not_count(self):
        self.pay(self.move, 300.0, MADE)
        promise = self.promise(self.move, 700.0)
        self.assertEqual((promise.received_before, self.judged(promise, MADE)), (300.0, "open"))
        self.pay(self.move, 700.0, PROMISED)
        self.assertEqual(self.judged(promise, PROMISED), "kept")

    def test_a_cancelled_promise_holds_nothing(self):
        promise = self.promise(self.move)
        self.assertEqual(self.blockers(self.move, REMINDED), {"promised"})
        with self.at(MADE + ONE):
            promise.action_cancel()
        self.assertEqual((self.judged(promise, LAST), promise.ended_on), ("cancelled", MADE + ONE))
        self.assertEqual(self.blockers(self.move, REMINDED), set())
        with self.assertRaisesRegex(UserError, "still open"):
            promise.action_cancel()

    # === What it holds === #

    def test_it_holds_dunning_until_its_day_and_the_tolerance(self):
        self.promise(self.move)
        self.assertEqual(self.blockers(self.move, REMINDED), {"promised"})
        self.assertEqual(self.blockers(self.move, LAST), {"promised"})
        with self.at(MADE):
            self.env["ar.dunning.ledger"]._plan_again(self.item(self.move).customer_id)
            item = self.item(self.move)
            self.assertEqual((item.next_level_id.name, item.next_date), ("First reminder", LAST + ONE))

    def test_broken_it_goes_on_with_the_next_step_only(self):
        """The first reminder was sent before the promise; twenty days later the second one comes, not the third."""
        self.day(REMINDED)
        promise = self.promise(self.move, made=REMINDED + ONE, day=DUE + timedelta(days=30))
        self.bank_reaches(DUE + timedelta(days=33))
        for days in (18, 28, 32):
            self.assertFalse(self.day(DUE + timedelta(days=days)))
        notice = self.day(DUE + timedelta(days=33))
        self.assertEqual((promise.state, notice.level_id.name), ("broken", "Second reminder"))
        todo = self.item(self.move).customer_id.activity_ids
        self.assertEqual(todo.summary, "Promise broken: $\xa01,000.00 until 04/01/2026")
        self.assertEqual(self.day(DUE + timedelta(days=34)), self.env["ar.dunning.notice"])

    def test_everything_that_is_open_means_what_had_arisen(self):
        later = self.invoice(70.0, due=DUE + timedelta(days=9))
        later.button_draft()
        later.invoice_date = MADE + ONE
        later.invoice_date_due = DUE + timedelta(days=9)
        later.action_post()
        self.item(later)
        promise = self.promise(self.move, item_ids=[])
        self.assertTrue(promise.is_whole)
        self.assertEqual(self.blockers(self.move, LAST), {"promised"})
        self.assertEqual(self.blockers(later, LAST), set())

    def test_the_customer_is_told_where_the_policy_says_so(self):
        self.policy.promise_tell_broken = True
        promise = self.promise(self.move)
        self.bank_reaches(LAST)
        self.judged(promise, LAST + ONE)
        message = promise.message_ids.filtered(lambda message: message.subject == "Your promise to pay")
        self.assertEqual(message.partner_ids, self.partner_a)
        self.assertIn(
            "pay $\xa01,000.00 by 03/15/2026. We have received $\xa00.00.", message.body.replace("&nbsp;", "\xa0")
        )

    def test_it_stands_in_the_calendar_while_it_runs(self):
        promise = self.promise(self.move, 400.0)
        agenda = self.env["ar.dunning.agenda"].search(
            [("kind", "=", "promise"), ("customer_id", "=", promise.customer_id.id)]
        )
        self.assertEqual((agenda.date, agenda.amount, agenda.action_open()["res_id"]), (PROMISED, 400.0, promise.id))
        promise._put({"state": "kept"})
        self.assertFalse(agenda.search([("kind", "=", "promise"), ("customer_id", "=", promise.customer_id.id)]))

    def test_many_cost_as_many_statements_as_one(self):
        """A night judges all of them by set."""
        Judgement = self.env["ar.dunning.judgement"].sudo()
        counts = []
        for number in (1, 12):
            for made in range(number):
                partner = self.env["res.partner"].create({"name": f"P{number}-{made}", "is_company": True})
                self.promise(self.invoice(partner=partner))
            self.env.flush_all()
            with self.at(PROMISED):
                Judgement._judge(self.company)
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                Judgement._judge(self.company)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    # === Who may === #

    def accountant(self, groups="ar_dunning.group_dunning_user"):
        return new_test_user(
            self.env, f"clerk{len(groups)}", groups, company_id=self.company.id, company_ids=[(6, 0, self.company.ids)]
        )

    def refused(self, words, *args, **values):
        """A promise like this is refused, and nothing of it stays."""
        with self.assertRaises(UserError) as found:  # in a savepoint of its own
            self.promise(self.move, *args, **values)
        self.assertIn(words, str(found.exception))

    def test_beyond_the_policys_limits_a_manager_must_agree(self):
        self.env.user.group_ids = [
            (3, self.env.ref("ar_dunning.group_dunning_manager").id),
            (4, self.env.ref("ar_dunning.group_dunning_user").id),
        ]
        self.policy.sudo().write({"promise_max_days": 20, "promise_max_running": 1, "promise_max_broken": 1})
        self.refused("20 days ahead at most. A dunning manager must agree", day=MADE + 21 * ONE)
        promise = self.promise(self.move, 500.0, day=MADE + 20 * ONE)
        self.refused("1 promises of partner_a are running", 500.0)
        promise._put({"state": "broken"})
        self.refused("has broken 1 promises", 500.0)
        self.env.user.group_ids |= self.env.ref("ar_dunning.group_dunning_manager")
        self.assertEqual(self.promise(self.move, 500.0).state, "open")

    def test_what_was_promised_is_not_changed(self):
        clerk = self.accountant()
        promise = self.promise(self.move).with_user(clerk)
        for name, value in {"promised_amount": 1.0, "date_end": LAST, "state": "kept", "received_amount": BIG}.items():
            with self.subTest(name), self.assertRaises(AccessError):
                promise.write({name: value})
        promise.note = "He called again"

    def test_portal_and_sales_are_refused(self):
        promise = self.promise(self.move)
        for groups in ("base.group_portal", "base.group_user"):
            user = self.accountant(groups)
            with self.subTest(groups):
                for call in (
                    lambda user=user: promise.with_user(user).read(["state"]),
                    lambda user=user: promise.with_user(user).action_cancel(),
                    lambda user=user: self.env["ar.dunning.arrangement"].with_user(user).create({"kind": "promise"}),
                ):
                    with self.assertRaises(AccessError):
                        call()

    def test_a_promise_needs_a_day_and_an_amount_and_one_currency(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.promise(self.move, 0.0)
        foreign = self.invoice(50.0, currency=self.euro)
        both = self.item(self.move) | self.item(foreign)
        with self.assertRaisesRegex(ValidationError, "one currency only"):
            self.promise(self.move, item_ids=both.ids)
        stranger = self.invoice(partner=self.partner_b)
        with self.assertRaisesRegex(ValidationError, "is not owed by"):
            self.promise(self.move, item_ids=self.item(stranger).ids)

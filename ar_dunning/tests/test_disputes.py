from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .arrangement_common import BIG, MADE, PROMISED, ArrangementCommon
from .common import DUE, REMINDED

ONE = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestDisputes(ArrangementCommon):
    """A dispute over the days: its part is left alone, the rest is dunned with its own figures, the customer is told."""

    def setUp(self):
        super().setUp()
        self.move = self.invoice()

    def resolve(self, dispute, outcome, amount=0.0, day=PROMISED, answer="So it is.", **values):
        with self.at(day):
            wizard = self.env["ar.dunning.resolve.wizard"].create(
                {"dispute_id": dispute.id, "outcome": outcome, "answer": answer, **values}
            )
            if amount:
                wizard.credited_amount = amount
            wizard.answer = answer
            answer = wizard.action_resolve()
        self.env.invalidate_all()
        return answer

    # === What it holds === #

    def test_all_of_it_is_left_alone(self):
        self.dispute(self.move)
        self.assertEqual(self.blockers(self.move, REMINDED), {"disputed"})
        self.assertEqual(self.blockers(self.move, REMINDED + 400 * ONE), {"disputed"})
        self.assertFalse(self.day(REMINDED))

    def test_the_undisputed_rest_is_dunned_with_its_own_figures(self):
        self.dispute(self.move, 300.0)
        notice = self.day(REMINDED)
        line = notice.line_ids
        self.assertEqual((notice.amount_total, line.amount_due, line.amount_held), (700.0, 700.0, 300.0))
        self.assertEqual(line.held_codes, "disputed")
        self.assertIn("$&nbsp;700.00", notice.text)
        self.assertNotIn("1,000.00", notice.text)

    def test_payments_settle_the_undisputed_part_first_and_credit_notes_the_disputed(self):
        """Of 1,000 with 300 in dispute: what a notice may demand, after what has come."""
        self.dispute(self.move, 300.0)
        receivable = lambda move: move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")  # noqa: E731

        def credit(amount):
            note = self.credit_note(amount, MADE + ONE)
            (receivable(note) | receivable(self.move)).reconcile()

        cases = {
            "nothing": (lambda: None, 700),
            "a part": (lambda: self.pay(self.move, 200.0, MADE), 500),
            "the undisputed": (lambda: self.pay(self.move, 700.0, MADE), 0),
            "more than that": (lambda: self.pay(self.move, 900.0, MADE), 0),
            "unmatched": (lambda: self.receive(200.0, MADE), 500),
            "credit of a part": (lambda: credit(100.0), 700),
            "credit of all that is disputed": (lambda: credit(300.0), 700),
            "credit of more": (lambda: credit(400.0), 600),
        }
        for name, (come, demanded) in cases.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                come()
                self.assertEqual(self.demanded(self.move, REMINDED), Decimal(demanded))
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

    def test_money_that_nobody_matched_pays_other_debts_first(self):
        other = self.invoice(400.0)
        self.dispute(self.move)
        self.receive(400.0, MADE)
        self.assertEqual((self.covered(self.move, MADE), self.covered(other, MADE)), (Decimal(0), Decimal(400)))

    def test_a_promise_never_hides_a_dispute(self):
        self.dispute(self.move, 300.0)
        promise = self.promise(self.move, 700.0)
        self.assertEqual(self.blockers(self.move, REMINDED), {"promised"})
        with self.at(MADE):
            promise.action_cancel()
        self.assertEqual(self.demanded(self.move, REMINDED), 700)
        self.promise(self.move, 700.0)
        self.dispute(self.move, reason="quality")
        self.assertEqual(self.blockers(self.move, REMINDED), {"promised", "disputed"})

    def test_a_disputed_instalment_holds_itself_only(self):
        other = self.invoice(50.0)
        self.dispute(self.move)
        notice = self.day(REMINDED)
        self.assertEqual((notice.line_ids.move_id, notice.amount_total), (other, 50.0))

    def test_a_reason_that_does_not_stop_dunning(self):
        self.env.ref("ar_dunning.reason_dispute_contract").blocks_dunning = False
        self.dispute(self.move, reason="contract")
        self.assertEqual(self.blockers(self.move, REMINDED), set())

    # === Who answers === #

    def test_owner_and_answer_day_come_from_the_reason(self):
        dispute = self.dispute(self.move, reason="paid")
        self.assertEqual(dispute.answer_due, MADE + timedelta(days=5))
        self.assertEqual(dispute.todo_id.user_id, dispute.owner_id)
        self.assertEqual(dispute.todo_id.date_deadline, MADE + timedelta(days=5))
        self.assertIn("Already paid", dispute.todo_id.summary)

    def test_a_late_answer_is_told_a_manager_once(self):
        dispute = self.dispute(self.move, reason="paid")
        customer = dispute.customer_id
        for days, count in ((5, 0), (6, 1), (7, 1)):
            with self.at(MADE + timedelta(days=days), 2):
                self.env["ar.dunning.arrangement"].sudo()._escalate(self.company)
            told = customer.activity_ids.filtered(lambda one: "not answered" in (one.summary or ""))
            self.assertEqual(len(told), count, days)
        self.assertEqual((dispute.escalated_on, told.user_id), (MADE + 6 * ONE, self.company._dunning_manager()))

    def test_its_answer_stands_in_the_calendar(self):
        dispute = self.dispute(self.move, 300.0, reason="paid")
        entry = self.env["ar.dunning.agenda"].search([("kind", "=", "answer"), ("res_id", "=", dispute.id)])
        self.assertEqual(
            (entry.date, entry.amount, entry.responsible_id), (MADE + timedelta(days=5), 300.0, dispute.owner_id)
        )

    # === What came of it === #

    def told(self, dispute):
        return dispute.message_ids.filtered(lambda message: (message.subject or "").startswith("Your complaint"))

    def test_the_customer_is_right(self):
        dispute = self.dispute(self.move, 300.0)
        opened = self.resolve(dispute, "credited", 300.0, cause_id=self.env.ref("ar_dunning.reason_dispute_rebate").id)
        refund = self.env["account.move"].browse(opened["res_id"])
        self.assertEqual((refund.move_type, refund.state, refund.amount_total), ("out_refund", "draft", 300.0))
        self.assertEqual((dispute.state, dispute.outcome, dispute.refund_id), ("settled", "credited", refund))
        self.assertEqual((dispute.days_open, dispute.cause_id.name), (10, "Discount or rebate deducted"))
        self.assertEqual(self.told(dispute).partner_ids, self.partner_a)
        self.assertFalse(dispute.todo_id)
        # The draft still holds its part; posted and matched, nothing of it is left.
        self.assertEqual(self.demanded(self.move, REMINDED + 20 * ONE), 700)

    def test_the_answer_has_words_of_its_own_for_each_outcome(self):
        dispute = self.dispute(self.move, 300.0)
        for outcome, amount, words in (
            ("credited", 300.0, f"You are right about {self.move.name}: you need not pay $\xa0300.00."),
            ("partly", 100.0, "Please pay the other $\xa0200.00."),
            ("rejected", 0.0, "find the invoice right. Please pay $\xa0300.00."),
        ):
            wizard = self.env["ar.dunning.resolve.wizard"].new({"dispute_id": dispute.id, "outcome": outcome})
            wizard.credited_amount = amount
            self.assertIn(words, wizard.answer)

    def test_the_customer_is_always_told(self):
        dispute = self.dispute(self.move)
        with self.assertRaisesRegex(UserError, "customer is always told"):
            self.resolve(dispute, "rejected", answer=" ")
        with self.assertRaisesRegex(UserError, "enter a part"):
            self.resolve(dispute, "partly", BIG)
        self.partner_a.email = False
        self.resolve(dispute, "rejected", answer="It was delivered, see the signed note.")
        todo = dispute.customer_id.activity_ids.filtered(lambda one: "Your complaint" in (one.summary or ""))
        self.assertIn("signed note", todo.note)
        with self.assertRaisesRegex(UserError, "Only an open dispute"):
            self.resolve(dispute, "rejected")

    def test_rejected_as_a_whole_it_goes_on_where_it_stopped(self):
        self.day(REMINDED)
        dispute = self.dispute(self.move, made=REMINDED + ONE)
        self.assertFalse(self.day(DUE + timedelta(days=18)))
        self.resolve(dispute, "rejected", day=DUE + timedelta(days=30))
        notice = self.day(DUE + timedelta(days=31))
        self.assertEqual((notice.level_id.name, notice.amount_total), ("Second reminder", 1000.0))

    def test_a_rejected_part_goes_on_at_the_level_that_demanded_it(self):
        """First reminder about 1,000; second and third about 700; 300 were rejected: the second comes again, about 1,000,
        and the formal notice waits until three reminders have asked for all of it."""
        self.day(REMINDED)
        dispute = self.dispute(self.move, 300.0, made=REMINDED + ONE)
        sent = [self.day(DUE + timedelta(days=days)) for days in (17, 27)]
        self.assertEqual([notice.amount_total for notice in sent], [700.0, 700.0])
        self.resolve(dispute, "rejected", day=DUE + timedelta(days=29))
        item = self.item(self.move)
        self.assertEqual((item.level_id.name, item.reminder_count), ("First reminder", 1))
        found = []
        for days in range(30, 90):
            for notice in self.day(DUE + timedelta(days=days)):
                found.append((notice.level_id.name, notice.amount_total))
        self.assertEqual(found, [("Second reminder", 1000.0), ("Third reminder", 1000.0), ("Formal notice", 1000.0)])

    def test_what_a_dispute_is_about(self):
        with self.assertRaisesRegex(ValidationError, "is about items"):
            self.dispute(self.move, item_ids=[])
        overdue = self.env.ref("ar_dunning.reason_overdue_cash")
        with self.assertRaisesRegex(ValidationError, "a reason of its own"):
            self.dispute(self.move, reason_id=overdue.id)
        other = self.invoice(20.0)
        both = self.item(self.move) | self.item(other)
        with self.assertRaisesRegex(ValidationError, "one item only"):
            self.dispute(self.move, 10.0, item_ids=both.ids)
        self.assertEqual(self.dispute(self.move, item_ids=both.ids).amount_company, 1020.0)

    def test_a_share_of_what_is_open(self):
        items = self.item(self.move)
        wizard = self.env["ar.dunning.arrange.wizard"].create(
            {
                "customer_id": items.customer_id.id,
                "item_ids": items.ids,
                "kind": "dispute",
                "dispute_reason_id": self.env.ref("ar_dunning.reason_dispute_price").id,
                "disputed_share": 33.333,
            }
        )
        with self.at(MADE):
            wizard.action_arrange()
        self.assertEqual(items.customer_id.arrangement_ids.disputed_amount, 333.33)

    def test_a_dispute_of_a_deleted_invoice_is_cancelled(self):
        dispute = self.dispute(self.move)
        promise = self.promise(self.move)
        self.move.button_draft()
        self.move.with_context(force_delete=True).unlink()
        self.assertEqual(
            (dispute.state, promise.state, dispute.todo_id), ("cancelled", "cancelled", dispute.todo_id.browse())
        )
        self.assertIn("was deleted", " ".join(dispute.message_ids.mapped("body")))

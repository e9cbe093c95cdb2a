from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo.tests import Form, tagged

from .common import DEADLINE, DUE, REMINDED, UNKNOWN
from .timeline_common import TimelineCommon

LATER = REMINDED + timedelta(days=2)
SENT = ("2026-03-07", "First reminder sent, to be paid by 03/14/2026", "$1,000.00")


@tagged("post_install", "-at_install")
class TestTimeline(TimelineCommon):
    """What happened with a customer: the entry of each source with its day, words and amount."""

    def setUp(self):
        super().setUp()
        self.bill = self.invoice()
        self.customer = self.item(self.bill).customer_id

    def reminded(self):
        notice = self.night(REMINDED).notice_ids
        self.send(notice, REMINDED)
        return notice

    def entry(self, record, kind):
        """The only entry of a kind."""
        (entry,) = self.timeline(record, kinds=[kind])
        return entry

    def test_a_customer_with_whom_nothing_happened(self):
        page = self.env["ar.dunning.timeline"].entries("ar.dunning.customer", self.customer.id)
        self.assertEqual(page, {"entries": [], "kinds": [], "steps": [], "next": False})

    # === Notices and deliveries === #

    def test_a_notice_that_was_sent(self):
        """One line of a customer; on the notice itself also who prepared, approved and mailed it."""
        notice = self.reminded()
        self.assertEqual(self.rows(self.customer), [SENT])
        self.assertEqual(
            [row[:2] for row in self.rows(notice)],
            [
                ("2026-03-07", "E-mail to anna@example.com: Sent"),
                SENT[:2],
                ("2026-03-07", "First reminder approved"),
                ("2026-03-07", "First reminder prepared"),
            ],
        )
        self.assertEqual(self.rows(self.customer, every_step=True), self.rows(notice))
        mail, sent, approved, prepared = self.timeline(notice)
        self.assertEqual([entry["time"] for entry in (mail, sent, approved, prepared)], ["09:00"] * 3 + [""])
        self.assertEqual([entry["who"] for entry in (sent, approved, prepared)], [self.env.user.name] * 3)
        self.assertEqual((mail["res_model"], mail["res_id"]), ("ar.dunning.notice", notice.id))

    def test_a_draft_is_no_step_on_the_way(self):
        self.night(REMINDED)
        self.assertEqual(self.rows(self.customer), [("2026-03-07", "First reminder prepared", "$1,000.00")])

    def test_a_cancelled_notice_says_why(self):
        notice = self.night(REMINDED).notice_ids
        with freeze_time(datetime.combine(LATER, time(10))):
            notice._cancel("Agreed on the telephone")
        entry = self.timeline(self.customer)[0]
        told = (entry["day"], entry["time"], entry["title"], entry["detail"], entry["who"])
        self.assertEqual(
            told, ("2026-03-09", "10:00", "First reminder cancelled", "Agreed on the telephone", self.env.user.name)
        )

    def test_a_notice_that_could_not_be_made_ready(self):
        notice = self.night(REMINDED).notice_ids
        notice._approve()
        with freeze_time(datetime.combine(LATER, time(10))):
            notice._update_state(("queued",), "failed", error="No bank account")
        entry = self.timeline(self.customer)[0]
        told = (entry["day"], entry["title"], entry["detail"])
        self.assertEqual(told, ("2026-03-09", "First reminder not delivered", "No bank account"))

    def test_a_mail_that_came_back(self):
        """It had left on the 7th, and came back on the 9th with its reason; a letter then waits in its place."""
        notice = self.reminded()
        with freeze_time(datetime.combine(LATER, time(8, 15))):
            notice.sudo().delivery_ids._come_back(UNKNOWN)
        returned = self.entry(self.customer, "delivery")
        told = (returned["day"], returned["time"], returned["title"], returned["detail"])
        self.assertEqual(
            told,
            ("2026-03-09", "08:15", "E-mail to anna@example.com: Bounced", "The mail came back: 5.1.1 no such user"),
        )
        left = [row[:2] for row in self.rows(notice, "delivery")]
        self.assertIn(("2026-03-07", "E-mail to anna@example.com left"), left)

    def test_a_letter_that_was_posted(self):
        """The day is that of the post, whenever somebody writes it down."""
        notice = self.reminded()
        delivery = notice.sudo().delivery_ids
        letter = delivery._make({"notice_id": notice.id, "channel": "letter", "partner_id": self.partner_a.id})
        letter._mark_posted(LATER, "RR 123")
        (entry, *_others) = self.timeline(notice, kinds=["delivery"])
        told = (entry["day"], entry["time"], entry["title"], entry["detail"])
        self.assertEqual(told, ("2026-03-09", "", "Letter to partner_a: Posted", "RR 123"))

    def test_a_delivery_nobody_knows_about(self):
        notice = self.reminded()
        with freeze_time(datetime.combine(LATER, time(11))):
            notice.sudo().delivery_ids._update_state(("sent",), "unconfirmed", failure="The server stopped.")
        entry = self.entry(self.customer, "delivery")
        self.assertEqual(
            (entry["day"], entry["title"], entry["detail"]),
            ("2026-03-09", "E-mail to anna@example.com: Unconfirmed", "The server stopped."),
        )

    # === What was said === #

    def test_a_reply_to_a_notice(self):
        """Who wrote, the subject, and what he wrote without the mail below it."""
        notice = self.reminded()
        body = "<p>We pay on Friday.</p><p>Anna</p><blockquote>Dear Anna, please pay</blockquote>"
        self.said(notice, LATER, body, subject="Re: First reminder")
        entry = self.entry(self.customer, "reply")
        self.assertEqual((entry["day"], entry["time"], entry["who"]), ("2026-03-09", "14:30", "partner_a"))
        self.assertEqual(entry["title"], "Reply: Re: First reminder")
        self.assertEqual(entry["detail"], "We pay on Friday.\nAnna")
        self.assertEqual((entry["res_model"], entry["res_id"]), ("ar.dunning.notice", notice.id))

    def test_a_reply_to_the_mail_of_an_invoice(self):
        self.said(self.bill, LATER, "<p>Where is it?</p>")
        entry = self.entry(self.customer, "reply")
        self.assertEqual(
            (entry["title"], entry["detail"], entry["res_model"]), ("Reply", "Where is it?", "account.move")
        )

    def test_our_own_mails_are_no_replies(self):
        notice = self.reminded()
        self.said(notice, LATER, "<p>Please pay</p>", message_type="email_outgoing")
        self.assertFalse(self.timeline(self.customer, kinds=["reply"]))

    def test_a_call(self):
        """What came of it, who called, and the rest of the log; the call that was due is done by it, and not told twice."""
        self.customer.activity_schedule("mail.mail_activity_data_call", date_deadline=REMINDED, user_id=self.env.uid)
        outcome = self.env["ar.dunning.reason"].create({"name": "Speaks to his boss", "kind": "call"})
        with freeze_time(datetime.combine(LATER, time(15))):
            wizard = Form(self.env["ar.dunning.call.wizard"].with_context(default_customer_id=self.customer.id))
            wizard.outcome_id = outcome
            wizard.note = "Was friendly"
            wizard.save().action_log()
        entry = self.entry(self.customer, "call")
        self.assertEqual((entry["day"], entry["time"]), ("2026-03-09", "15:00"))
        self.assertEqual((entry["title"], entry["detail"]), ("Call: Speaks to his boss", "Was friendly"))
        self.assertEqual(entry["who"], self.env.user.name)

    def test_a_task_that_is_done(self):
        task = self.customer.activity_schedule("mail.mail_activity_data_todo", summary="Ask for the order number")
        with freeze_time(datetime.combine(LATER, time(15))):
            task.action_feedback(feedback="It is 4711")
        entry = self.entry(self.customer, "call")
        self.assertIn("Ask for the order number", entry["title"] + entry["detail"])
        self.assertIn("It is 4711", entry["detail"])

    def test_a_note_of_a_colleague(self):
        self.said(self.customer, LATER, "<p>Ask for Bo.<br/>Not before ten.</p>", message_type="comment")
        entry = self.entry(self.customer, "note")
        self.assertEqual((entry["title"], entry["detail"]), ("Ask for Bo.", "Not before ten."))

    # === Arrangements === #

    def test_a_pause_and_its_end(self):
        pause = self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": self.customer.id,
                "date_start": REMINDED,
                "date_end": REMINDED + timedelta(days=20),
                "reason_id": self.env.ref("ar_dunning.reason_pause_agreed").id,
                "reason": "until his boss is back",
            }
        )
        self.dated(pause, REMINDED)
        self.assertEqual(self.rows(self.customer), [("2026-03-07", "Pause until 03/27/2026", "")])
        reason = self.env.ref("ar_dunning.reason_pause_agreed").name
        self.assertEqual(self.entry(self.customer, "arrangement")["detail"], f"{reason}: until his boss is back")
        with freeze_time(LATER):
            pause._end("Paid half")
        self.assertEqual(self.rows(self.customer)[0][:2], ("2026-03-09", "Pause: Ended"))

    # === Money === #

    def test_a_payment_and_what_it_settles(self):
        """400 of 1,000; on the invoice also which money it was matched with."""
        payment = self.pay(self.bill, 400, LATER)
        row = ("2026-03-09", "Payment received", "$400.00")
        self.assertEqual(self.rows(self.customer), [row])
        entry = self.entry(self.customer, "payment")
        self.assertIn(payment.move_id.name, entry["detail"])
        self.assertEqual((entry["res_model"], entry["res_id"]), ("account.payment", payment.id))
        match, paid = self.rows(self.bill)
        self.assertEqual(paid, row)
        words = f"{self.bill.name} matched with {payment.move_id.name} of 03/09/2026"
        self.assertEqual(match[1:], (words, "$400.00"))

    def test_a_match_that_is_undone(self):
        """Odoo keeps nothing of it; here it stays which money it was, how much, and who undid it when."""
        payment = self.pay(self.bill, 400, REMINDED)
        with freeze_time(datetime.combine(LATER, time(16))):
            self.bill.line_ids.remove_move_reconcile()
        undone, paid = self.timeline(self.customer, kinds=["payment"])
        self.assertEqual((undone["day"], undone["time"], undone["who"]), ("2026-03-09", "16:00", self.env.user.name))
        words = f"{self.bill.name} no longer matched with {payment.move_id.name}: $ 400.00"
        self.assertEqual(undone["title"].replace("\N{NO-BREAK SPACE}", " "), words)
        self.assertEqual((paid["title"], paid["day"]), ("Payment received", "2026-03-07"))
        self.assertEqual(self.timeline(self.bill, kinds=["payment"])[0], undone)

    def test_money_paid_back(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 75,
                "date": LATER,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        self.assertEqual(self.rows(self.customer), [("2026-03-09", "Payment returned or paid back", "$75.00")])

    def test_a_bank_line(self):
        line = self.bank_line(250, "who knows", LATER, partner=self.partner_a)
        receivable = self.company_data["default_account_receivable"]
        line.move_id.button_draft()
        suspense = line.move_id.line_ids.filtered(lambda one: one.account_id == line.journal_id.suspense_account_id)
        suspense.account_id = receivable
        line.move_id.action_post()
        self.assertEqual(self.rows(self.customer), [("2026-03-09", "Payment received", "$250.00")])
        self.assertEqual(self.entry(self.customer, "payment")["res_id"], line.move_id.id)

    def test_a_credit_note(self):
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner_a.id,
                "invoice_date": LATER,
                "ref": "Broken",
                "invoice_line_ids": [(0, 0, {"name": "Back", "price_unit": 300, "tax_ids": []})],
            }
        )
        refund.action_post()
        self.assertEqual(self.rows(self.customer), [("2026-03-09", f"Credit note {refund.name}", "$300.00")])
        self.assertEqual(self.entry(self.customer, "payment")["detail"], "Broken")

    # === Levels and rules === #

    def test_a_level_set_by_hand(self):
        level = self.policy.level_ids.filtered(lambda one: one.days == 15)
        with freeze_time(LATER):
            self.item(self.bill)._set_level(level, "Taken over from the old system")
        entry = self.entry(self.customer, "rule")
        self.assertEqual((entry["day"], entry["title"]), ("2026-03-09", f"{self.bill.name} set to Second reminder"))
        self.assertEqual((entry["detail"], entry["who"]), ("Taken over from the old system", self.env.user.name))

    def test_a_rule_that_was_changed(self):
        customer = self.customer.with_context(tracking_disable=False, mail_notrack=False)
        customer.write({"never": True, "policy_id": self.policy.id})
        self.env.flush_all()
        self.env.cr.precommit.run()
        entry = self.entry(self.customer, "rule")
        self.assertEqual(set(entry["title"].split(", ")), {"Never Dun: Yes", "Policy: Plain"})
        self.assertEqual(entry["who"], self.env.user.name)


@tagged("post_install", "-at_install")
class TestTimelineOfRecords(TimelineCommon):
    """Which entries stand on an invoice and on a notice, in which order, and how they are filtered."""

    def setUp(self):
        super().setUp()
        self.bill, self.other = self.invoice(), self.invoice(250, due=DUE + timedelta(days=60))
        self.customer = self.item(self.bill).customer_id
        self.item(self.other)
        self.notice = self.night(REMINDED).notice_ids
        self.send(self.notice, REMINDED)
        self.said(self.notice, LATER, "<p>On Friday</p>")
        self.pay(self.bill, 400, DEADLINE)
        self.pay(self.other, 250, DEADLINE)

    def titles(self, record, *kinds, **options):
        return [row[1] for row in self.rows(record, *kinds, **options)]

    def test_newest_first(self):
        days = [row[0] for row in self.rows(self.customer)]
        self.assertEqual(days, sorted(days, reverse=True))
        self.assertEqual(days, ["2026-03-14", "2026-03-14", "2026-03-09", "2026-03-07"])

    def test_an_invoice_has_what_names_it(self):
        """The payment of another invoice is not its own; the notice, the reply to it and its own money are."""
        self.assertEqual(
            [row[1:] for row in self.rows(self.bill)][1:],
            [("Payment received", "$400.00"), ("Reply", ""), SENT[1:]],
        )
        self.assertEqual([row[1:] for row in self.rows(self.other)][1:], [("Payment received", "$250.00")])

    def test_a_pause_of_everything_stands_on_each_invoice_since(self):
        pause = self.env["ar.dunning.arrangement"].create(
            {"customer_id": self.customer.id, "date_end": DEADLINE, "date_start": REMINDED, "reason": "Ill"}
        )
        self.dated(pause, REMINDED)
        self.assertIn("Pause until 03/14/2026", self.titles(self.other))
        self.assertIn("Pause until 03/14/2026", self.titles(self.bill))
        self.dated(pause, self.bill.invoice_date - timedelta(days=1))
        self.assertNotIn("Pause until 03/14/2026", self.titles(self.bill))

    def test_a_notice_has_what_became_of_what_it_demanded(self):
        self.assertEqual(self.titles(self.notice, "payment")[-1], "Payment received")
        amounts = {row[2] for row in self.rows(self.notice, "payment")}
        self.assertEqual(amounts, {"$400.00"})

    def test_filters(self):
        """Chips say how many there are of each kind, in their order; they hold with and without every step."""
        page = self.env["ar.dunning.timeline"].entries("ar.dunning.customer", self.customer.id, kinds=["reply"])
        self.assertEqual([entry["kind"] for entry in page["entries"]], ["reply"])
        chips = [(kind["code"], kind["label"], kind["count"]) for kind in page["kinds"]]
        self.assertEqual(chips, [("notice", "Notices", 1), ("reply", "Replies", 1), ("payment", "Payments", 2)])
        steps = self.env["ar.dunning.timeline"].entries("ar.dunning.customer", self.customer.id, every_step=True)
        counts = {kind["code"]: kind["count"] for kind in steps["kinds"]}
        self.assertEqual(counts, {"notice": 3, "delivery": 1, "reply": 1, "payment": 4})
        self.assertEqual(self.titles(self.customer, "notice", "reply"), ["Reply", SENT[1]])

    def test_an_invoice_says_what_became_of_each_notice(self):
        """Level, day, outcome and what it demanded of this invoice, in one line."""
        (step,) = self.env["ar.dunning.timeline"].entries("account.move", self.bill.id)["steps"]
        told = (step["level"], step["day"], step["outcome"], step["amount"].replace("\N{NO-BREAK SPACE}", ""))
        self.assertEqual(told, ("First reminder", "03/07/2026", "Sent · answered on 03/09/2026", "$1,000.00"))
        self.assertFalse(step["trouble"] or step["off"])
        self.assertFalse(self.env["ar.dunning.timeline"].entries("account.move", self.other.id)["steps"])

    def test_a_notice_that_came_back_or_was_cancelled_says_so_on_the_invoice(self):
        self.notice.sudo().delivery_ids._come_back(UNKNOWN)
        self.notice._cancel("Wrong customer")
        (step,) = self.env["ar.dunning.timeline"].entries("account.move", self.bill.id)["steps"]
        self.assertEqual(step["outcome"], "Cancelled: Wrong customer · came back · answered on 03/09/2026")
        self.assertTrue(step["trouble"] and step["off"])

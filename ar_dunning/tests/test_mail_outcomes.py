from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..core.smtp_reply import Phase, Verdict
from ..tools.smtp import Answer
from .common import DUE, DunningCommon

DAY = DUE + timedelta(days=8)
MORNING = datetime(2026, 3, 10, 9)

REPORT = """From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: bounce@example.com
Subject: Delivery Status Notification
Message-ID: <report-{number}@mx.example.com>
Date: Tue, 10 Mar 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain; charset=us-ascii

See below.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; anna@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} see the log

--part
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Reminder

--part--
"""


class OutcomesCommon(DunningCommon):
    def setUp(self):
        super().setUp()
        self.server = self.env["ar.dunning.mail.server"]._of(False)
        self.manager = self.company._dunning_manager()

    def waiting(self, **partner):
        """The delivery of the notice of `DAY`, whose mail waits."""
        self.partner_a.write(partner)
        self.invoice()
        [notice] = self.night(DAY).notice_ids
        with freeze_time(MORNING):
            notice._approve()
            self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, DAY)
        [delivery] = notice.sudo().delivery_ids
        self.assertEqual((delivery.state, delivery.server_id), ("queued", self.server))
        return delivery

    def say(self, delivery, verdict, phase, words="no", at=MORNING, until=False):
        """The server's answer to one attempt."""
        with freeze_time(at):
            self.assertEqual(delivery._claim("token"), delivery)
            delivery._update_state(("claimed",), "sending", attempts=delivery.attempts + 1)
            delivery._record(Answer(verdict, words, phase), until)

    def letters(self, delivery):
        return delivery.notice_id.delivery_ids.filtered(lambda other: other.channel == "letter")


@tagged("post_install", "-at_install")
class TestMailOutcomes(OutcomesCommon):
    """What the answers of mail servers do to a mail, its notice and the next channel."""

    def test_only_a_refusal_of_the_recipient_takes_the_next_channel(self):
        delivery = self.waiting()
        self.say(delivery, Verdict.RECIPIENT, Phase.RECIPIENT, "550 5.1.1 no such user")
        self.assertEqual((delivery.state, delivery.is_refused), ("failed", True))
        self.assertEqual(delivery.failure, "550 5.1.1 no such user")
        letter = self.letters(delivery)
        self.assertEqual((letter.state, letter.stands_in, delivery.notice_id.state), ("queued", True, "queued"))

    def test_the_server_may_refuse_any_number_of_times(self):
        delivery = self.waiting()
        for number in range(1, 9):
            until = MORNING + timedelta(hours=number)
            self.say(delivery, Verdict.SERVER, Phase.CONTENT, "451 disk full", until, until + timedelta(hours=1))
            self.assertEqual((delivery.state, delivery.attempts), ("queued", number))
            self.assertEqual(delivery.wait_until, until + timedelta(hours=1))
        self.assertFalse(self.letters(delivery))

    def test_a_greylisting_server_is_believed_after_five_tries_if_it_takes_other_mails(self):
        delivery = self.waiting()
        for number in range(1, 7):
            self.say(delivery, Verdict.RECIPIENT_LATER, Phase.RECIPIENT, "450 later", MORNING + timedelta(hours=number))
        self.assertEqual((delivery.state, delivery.attempts), ("queued", 6), "nobody's mails pass there")
        self.another_passes(MORNING + timedelta(hours=7))
        self.say(delivery, Verdict.RECIPIENT_LATER, Phase.RECIPIENT, "450 later", MORNING + timedelta(hours=8))
        self.assertEqual((delivery.state, delivery.is_refused), ("failed", True))
        self.assertEqual(self.letters(delivery).state, "queued")

    def another_passes(self, at):
        other = self.env["res.partner"].create({"name": "Other", "email": "other@example.com"})
        self.invoice(partner=other)
        [notice] = self.night(DAY).notice_ids
        notice._approve()
        self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, DAY)
        notice.sudo().delivery_ids._update_state(("queued",), "sent", done_on=at)

    def refused_for_good(self, phase):
        """A refusal that may concern everybody, again, and once more after another mail has passed."""
        delivery = self.waiting()
        self.say(delivery, Verdict.EITHER, phase, "554 5.7.1 no")
        self.say(delivery, Verdict.EITHER, phase, "554 5.7.1 no", MORNING + timedelta(hours=1))
        self.assertEqual(delivery.state, "queued")
        self.another_passes(MORNING + timedelta(hours=2))
        self.say(delivery, Verdict.EITHER, phase, "554 5.7.1 no", MORNING + timedelta(hours=3))
        return delivery

    def test_a_policy_refusal_of_a_recipient_goes_by_letter_once_others_pass(self):
        delivery = self.refused_for_good(Phase.RECIPIENT)
        self.assertEqual((delivery.state, delivery.is_refused), ("failed", True))
        self.assertEqual((self.letters(delivery).state, delivery.notice_id.state), ("queued", "queued"))

    def test_a_refusal_of_the_message_waits_for_a_person_once_others_pass(self):
        delivery = self.refused_for_good(Phase.CONTENT)
        self.assertEqual((delivery.state, delivery.is_refused), ("failed", False))
        self.assertFalse(self.letters(delivery))
        self.assertEqual(delivery.notice_id.state, "failed")

    def test_a_mail_that_cannot_be_built_waits_for_a_person_in_the_end(self):
        delivery = self.waiting()
        for number in range(1, 6):
            with freeze_time(MORNING + timedelta(hours=number)):
                delivery._claim("token")
                delivery._cannot_be_sent("no file")
            self.assertEqual(delivery.attempts, number)
        self.assertEqual((delivery.state, delivery.is_refused), ("failed", False))
        self.assertFalse(self.letters(delivery))

    def test_a_deleted_or_cancelled_mail_is_not_sent(self):
        for doing in (lambda mail: mail.unlink(), lambda mail: mail.cancel()):
            delivery = self.waiting()
            doing(delivery.mail_id)
            with freeze_time(MORNING):
                self.assertFalse(delivery._claim("token"))
            self.assertEqual(delivery.failure, "Somebody cancelled or deleted the mail.")
            self.assertEqual((delivery.state, delivery.notice_id.state), ("failed", "failed"))
            self.assertFalse(self.letters(delivery))
            delivery.notice_id._cancel("next case")

    def test_what_is_claimed_can_be_taken_back(self):
        delivery = self.waiting()
        with freeze_time(MORNING):
            delivery._claim("token")
            self.assertEqual(delivery.state, "claimed")
            delivery.notice_id._cancel("A promise came in.")
        self.assertEqual((delivery.state, delivery.mail_id.state), ("cancelled", "cancel"))

    def test_odoos_own_queue_leaves_our_mails_alone(self):
        delivery = self.waiting()
        theirs = self.env["mail.mail"].create({"subject": "Theirs", "email_to": "x@example.com"})
        Mail = self.env["mail.mail"]
        seen = []
        self.patch(type(Mail), "send", lambda mails, *_args, **_kwargs: seen.extend(mails.ids))
        Mail.process_email_queue()
        self.assertIn(theirs.id, seen)
        self.assertNotIn(delivery.mail_id.id, seen)


@tagged("post_install", "-at_install")
class TestSecondCopy(OutcomesCommon):
    """A mail and the letter that stands in for it: whichever goes out first takes the other back."""

    def refused(self):
        delivery = self.waiting()
        self.say(delivery, Verdict.RECIPIENT, Phase.RECIPIENT, "550 5.1.1 no such user")
        return delivery, self.letters(delivery)

    def test_send_again_takes_the_letter_out_of_the_pile(self):
        delivery, letter = self.refused()
        delivery.action_resend()
        self.assertEqual((delivery.state, delivery.is_refused, letter.state), ("queued", False, "cancelled"))
        self.say(delivery, Verdict.RECIPIENT, Phase.RECIPIENT, "550 5.1.1 still not", MORNING + timedelta(hours=1))
        self.assertEqual(self.letters(delivery).sorted("id").mapped("state"), ["cancelled", "queued"])

    def test_a_posted_letter_cancels_the_waiting_mail(self):
        delivery = self.waiting()
        notice = delivery.notice_id
        self.say(delivery, Verdict.SERVER, Phase.CONTENT, "451", MORNING, MORNING + timedelta(hours=1))
        self.assertEqual(notice.other_channel, "letter", "a person need not wait for the server")
        with freeze_time(MORNING):
            notice.action_send_letter_instead()
        letter = self.letters(delivery)
        self.assertEqual((letter.state, delivery.state), ("queued", "queued"))
        with freeze_time(MORNING + timedelta(days=1)):
            letter._mark_posted(DAY + timedelta(days=1))
        self.assertEqual((letter.state, delivery.state, notice.state), ("posted", "cancelled", "sent"))
        self.assertEqual(delivery.mail_id.state, "cancel")

    def test_a_mail_that_leaves_takes_the_letter_back(self):
        delivery = self.waiting()
        self.say(delivery, Verdict.SERVER, Phase.CONTENT, "451", MORNING, MORNING + timedelta(hours=1))
        with freeze_time(MORNING):
            delivery.notice_id.action_send_letter_instead()
        letter = self.letters(delivery)
        self.say(delivery, Verdict.ACCEPTED, Phase.CONTENT, "", MORNING + timedelta(hours=2))
        with freeze_time(MORNING + timedelta(hours=2)):
            delivery.notice_id._settle()
        self.assertEqual((delivery.state, letter.state, delivery.notice_id.state), ("sent", "cancelled", "sent"))
        with self.assertRaisesRegex(UserError, "No letter waits"):
            letter.action_print_for_post()

    def test_a_letter_that_the_level_asks_for_stays_beside_the_mail(self):
        self.policy.level_ids.channel_letter = True
        self.invoice()
        [notice] = self.night(DAY).notice_ids
        self.send(notice, DAY)
        states = {delivery.channel: delivery.state for delivery in notice.sudo().delivery_ids}
        self.assertEqual(states, {"email": "sent", "letter": "queued"})


@tagged("post_install", "-at_install")
class TestDeliveryReports(OutcomesCommon):
    """Delivery reports count by their action and status."""

    def report(self, delivery, action, status):
        """The report comes in as any mail does."""
        text = REPORT.format(number=f"{action}-{status}", action=action, status=status, message_id=delivery.message_id)
        with freeze_time(MORNING + timedelta(hours=1)):
            self.env["mail.thread"].message_process(False, text)

    def sent(self):
        delivery = self.waiting()
        self.say(delivery, Verdict.ACCEPTED, Phase.CONTENT)
        delivery.notice_id._settle()
        self.assertEqual((delivery.state, delivery.notice_id.state), ("sent", "sent"))
        return delivery

    def test_delayed_delivered_relayed_and_expanded_are_no_bounces(self):
        delivery = self.sent()
        for action, status in (
            ("delayed", "4.4.1"),
            ("delivered", "2.0.0"),
            ("relayed", "2.0.0"),
            ("expanded", "2.0.0"),
        ):
            self.report(delivery, action, status)
            self.assertEqual((delivery.state, delivery.notice_id.state), ("sent", "sent"), action)
            self.assertEqual(self.partner_a.message_bounce, 0)
        self.assertFalse(self.letters(delivery))

    def test_failed_at_the_address_goes_by_letter(self):
        delivery = self.sent()
        self.report(delivery, "failed", "5.1.1")
        self.assertEqual(delivery.state, "bounced")
        self.assertEqual(delivery.failure, "The mail came back: 5.1.1 550 5.1.1 see the log")
        self.assertEqual((self.letters(delivery).state, delivery.notice_id.state), ("queued", "queued"))
        self.assertEqual(self.partner_a.message_bounce, 1)

    def test_failed_because_the_sender_is_not_wanted_needs_a_person(self):
        delivery = self.sent()
        self.report(delivery, "failed", "5.7.1")
        self.assertEqual((delivery.state, delivery.notice_id.state), ("failed", "failed"))
        self.assertIn("5.7.1", delivery.notice_id.error)
        self.assertFalse(self.letters(delivery))
        self.assertEqual(self.partner_a.message_bounce, 0, "the address is all right")
        self.assertTrue(delivery.notice_id.can_resend)

    def test_a_report_of_a_copy_concerns_nobody_else(self):
        payer = self.partner_b
        payer.email = "pay@example.com"
        self.item(self.invoice(partner=self.partner_a)).customer_id.sudo().payer_id = payer
        [notice] = self.night(DAY).notice_ids
        self.send(notice, DAY)
        own, copy = notice.sudo().delivery_ids.sorted("is_copy")
        self.report(copy, "failed", "5.1.1")
        self.assertEqual((own.state, copy.state, notice.state), ("sent", "bounced", "sent"))


@tagged("post_install", "-at_install")
class TestServerTrouble(OutcomesCommon):
    """One to-do for each server and trouble, closed by itself."""

    def alarms(self):
        return self.server.activity_ids

    def test_one_alarm_however_often_and_closed_when_it_works(self):
        with freeze_time(MORNING):
            self.assertEqual(self.server._fails("", "Connection refused"), MORNING + timedelta(minutes=5))
        [alarm] = self.alarms()
        self.assertEqual(alarm.user_id, self.manager)
        self.assertIn("Connection refused", alarm.note)
        with freeze_time(MORNING + timedelta(minutes=5)):
            self.server._fails("", "Connection refused")
        self.assertEqual(self.alarms(), alarm)
        self.assertEqual(self.server.next_try, MORNING + timedelta(minutes=15))
        self.server._passes("kari@nordlys.example")
        self.assertFalse(self.alarms())
        self.assertFalse(self.server.is_down)

    def test_trouble_with_one_sender_stays_until_that_one_passes(self):
        with freeze_time(MORNING):
            self.server._fails("kari@nordlys.example", "550 who are you")
            self.assertTrue(self.server._waits_until("kari@nordlys.example"))
            self.assertFalse(self.server._waits_until("ola@nordlys.example"))
            self.server._passes("ola@nordlys.example")
            self.assertTrue(self.alarms())
            self.assertIn("kari@nordlys.example: 550 who are you", self.server.trouble)
            self.server._passes("kari@nordlys.example")
        self.assertFalse(self.alarms())

    def test_try_now(self):
        with freeze_time(MORNING):
            self.server._fails("", "Connection refused")
            delivery = self.waiting()
            delivery._update_state(("queued",), "queued", wait_until=MORNING + timedelta(hours=1))
            self.server.action_try_now()
            self.assertFalse(self.server._waits_until(""))
        self.assertFalse(delivery.wait_until)
        self.assertTrue(self.server.is_down, "until a mail passes")

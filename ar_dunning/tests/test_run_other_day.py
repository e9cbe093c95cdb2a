from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import DUE
from .look_common import ON, LookCommon


@tagged("post_install", "-at_install")
class TestRunForAnotherDay(LookCommon):
    """A run for a day to come leaves today's work alone, and what it makes waits for that day."""

    def run_for(self, day, today):
        with self.nine(today):
            run = self.make_run(day)
            run._play()
            self.env.invalidate_all()
        self.assertFalse(run.error_ids.mapped("reason"))
        return run

    def test_a_run_for_a_later_day_touches_no_draft_of_today(self):
        """*Run now* for five days on redates none of today's drafts."""
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        run = self.run_for(ON + timedelta(days=5), ON)
        self.assertFalse(run.notice_ids)
        self.assertEqual((notice.date, notice.state, notice.line_ids.days_late), (ON, "draft", 5))

    def test_sending_before_its_day_asks_and_waits(self):
        """A draft for six days on, sent today, asks; then it leaves on its day and not before."""
        self.invoice(1000)
        day = DUE + timedelta(days=6)
        notice = self.run_for(day, DUE).notice_ids.sudo(False)
        self.assertEqual(notice.date, day)
        with self.nine(DUE):
            action = notice.action_send()
            self.assertEqual((action["res_model"], notice.state), ("ar.dunning.send.wizard", "draft"))
            wizard = self.env["ar.dunning.send.wizard"].browse(action["res_id"])
            self.assertIn("It is for 03/08/2026, which has not come.", wizard.questions)
            wizard.action_send()
            self.dispatch(notice, DUE)
        self.assertEqual((notice.state, notice.send_after), ("queued", datetime(2026, 3, 8, 8)))
        self.assertFalse(notice.sudo().delivery_ids)
        with self.nine(day):
            self.dispatch(notice, day)
        self.assertTrue(self.mail(notice))

    def test_in_bulk_what_is_for_a_later_day_is_left_out_and_told(self):
        """Two drafts, one of them for a later day: one is sent, the other is named."""
        self.invoice(1000)
        other = self.env["res.partner"].create({"name": "Twin", "email": "t@example.com", "is_company": True})
        today = self.night(ON).notice_ids
        self.invoice(500, due=ON, partner=other)
        self.item(self.invoice(1, partner=other))
        later = self.run_for(ON + timedelta(days=6), ON).notice_ids.sudo(False)
        with self.nine(ON):
            action = (today | later).action_send()
        self.assertEqual((today.state, later.state), ("queued", "draft"))
        self.assertIn(f"Left out, {later.name}: It is for", action["params"]["message"])

    def test_the_night_takes_a_later_draft_up_where_something_is_due(self):
        """A draft for a later day does not keep back what falls due before it."""
        first = self.invoice(1000, due=DUE + timedelta(days=1))
        later = self.run_for(DUE + timedelta(days=6), DUE).notice_ids
        second = self.invoice(500)
        self.night(DUE + timedelta(days=3))
        self.assertEqual(
            (later.state, later.date), ("draft", DUE + timedelta(days=6)), "nothing is due: left for its day"
        )
        self.night(ON)
        self.assertEqual((later.date, later.line_ids.filtered("is_demanded").move_id), (ON, second))
        self.assertNotEqual(first, second)

    def test_automatic_notices_for_a_later_day_wait_for_it(self):
        """In automatic mode, too, nothing leaves before its day."""
        self.policy.mode = "automatic"
        self.invoice(1000)
        day = DUE + timedelta(days=6)
        notice = self.run_for(day, DUE).notice_ids
        self.assertEqual((notice.state, notice.send_after), ("queued", datetime(2026, 3, 8, 8)))
        with self.nine(DUE):
            self.dispatch(notice, DUE)
        self.assertEqual((notice.state, len(notice.delivery_ids)), ("queued", 0))

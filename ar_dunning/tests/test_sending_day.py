from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import DUE
from .night_common import NightCommon


@tagged("post_install", "-at_install")
class TestSendingDay(NightCommon):
    """Working days hold for sending, too: what is left over from another day waits; a person's own Send does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        calendar = cls.env.ref("resource.resource_calendar_std").copy(
            {"tz": "Europe/Oslo", "company_id": cls.company.id}
        )
        cls.company.resource_calendar_id = calendar
        cls.policy.working_days_only = True
        cls.friday, cls.sunday, cls.monday = date(2026, 3, 13), date(2026, 3, 15), date(2026, 3, 16)

    def at_nine(self, day):
        return freeze_time(datetime(day.year, day.month, day.day, 8))  # nine o'clock in Oslo

    def queue(self):
        Dispatch = self.env["ar.dunning.dispatch"].sudo()
        return (
            self.env["ar.dunning.notice"]
            .browse(Dispatch._queue(fields.Datetime.now()))
            .filtered(lambda n: n.company_id == self.company)
        )

    def friday_s_notice(self, mode):
        self.policy.mode = mode
        self.invoice(due=self.friday - timedelta(days=5))
        notice = self.night(self.friday).notice_ids
        self.assertEqual(len(notice), 1)
        return notice

    def test_an_automatic_notice_of_friday_waits_for_monday_after_an_outage(self):
        notice = self.friday_s_notice("automatic")
        with self.at_nine(self.friday):
            self.assertEqual(self.queue(), notice)
        with self.at_nine(self.sunday):
            self.assertFalse(self.queue())
        with self.at_nine(self.monday):
            self.assertEqual(self.queue(), notice)

    def test_one_that_a_person_sent_on_friday_waits_too(self):
        notice = self.friday_s_notice("review")
        with self.at_nine(self.friday):
            notice._approve()
        with self.at_nine(self.sunday):
            self.assertFalse(self.queue())
        with freeze_time("2026-03-16 05:00:00"):  # on Monday at six: a person's notice waits for no window
            self.assertEqual(self.queue(), notice)

    def test_what_a_person_sends_on_a_sunday_goes(self):
        notice = self.friday_s_notice("review")
        with self.at_nine(self.sunday):
            notice._approve()
            self.assertEqual(self.queue(), notice)

    def test_every_day_works_where_the_policy_says_so(self):
        notice = self.friday_s_notice("automatic")
        self.policy.working_days_only = False
        with self.at_nine(self.sunday):
            self.assertEqual(self.queue(), notice)

    def test_a_mail_that_the_mail_server_kept_waiting_leaves_on_a_working_day(self):
        notice = self.friday_s_notice("review")
        with self.at_nine(self.friday):
            notice._approve()
            self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids)
        delivery = notice.sudo().delivery_ids
        self.assertEqual((len(delivery), delivery.state, delivery.queued_on.date()), (1, "queued", self.friday))
        for day, waits in ((self.friday, False), (self.sunday, True), (self.monday, False)):
            with self.at_nine(day):
                self.assertEqual(delivery._waits_for_a_working_day(), waits, day)
        delivery._update_state(("queued",), "failed")
        with self.at_nine(self.sunday):  # "Send again"
            delivery.action_resend()
            self.assertFalse(delivery._waits_for_a_working_day())

    def test_the_window_is_that_of_who_sends(self):
        """A branch in New York with the policy of its parent in Oslo: eight o'clock there is two o'clock here."""
        branch = self.env["res.company"].create({"name": "NY", "parent_id": self.company.id})
        branch.resource_calendar_id = self.company.resource_calendar_id.copy(
            {"tz": "America/New_York", "company_id": branch.id}
        )
        self.assertTrue(self.policy._in_window(datetime(2026, 3, 13, 8), self.company))
        self.assertFalse(self.policy._in_window(datetime(2026, 3, 13, 8), branch))
        self.assertTrue(self.policy._in_window(datetime(2026, 3, 13, 12, 30), branch))
        self.assertEqual(self.policy._next_window(datetime(2026, 3, 13, 8), branch), datetime(2026, 3, 13, 12))


@tagged("post_install", "-at_install")
class TestDayOfScreens(NightCommon):
    """What a screen calls today is the company's day, for a user of any zone."""

    def test_days_late_and_pauses_follow_the_company_s_day(self):
        self.zone("Pacific/Auckland")
        self.env.user.tz = "America/Los_Angeles"
        invoice = self.invoice()
        item = self.item(invoice)
        pause = self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": item.customer_id.id,
                "date_start": DUE,
                "date_end": date(2026, 3, 4),
                "reason_id": self.env["ar.dunning.reason"].search([("kind", "=", "pause")], limit=1).id,
            }
        )
        Arrangement = self.env["ar.dunning.arrangement"]
        for moment, late, runs in (("2026-03-04 10:30", 2, True), ("2026-03-04 11:30", 3, False)):
            with freeze_time(moment):  # midnight in Auckland is 11:00 UTC
                self.env.invalidate_all()
                self.assertEqual((item.days_late, pause.is_running), (late, runs))
                self.assertEqual(bool(Arrangement.search([("is_running", "=", True), ("id", "=", pause.id)])), runs)
                self.assertEqual(
                    bool(Arrangement.search([("is_running", "=", False), ("id", "=", pause.id)])), not runs
                )
                self.assertEqual((item.customer_id.is_paused, invoice.ar_dunning_is_paused), (runs, runs))
                self.assertEqual(item.customer_id.overdue_amount, 1000.0)

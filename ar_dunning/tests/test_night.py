import importlib.util
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DUE
from .night_common import UTC, NightCommon

ZONES = (
    "America/New_York",
    "America/Sao_Paulo",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)
MIGRATION = Path(__file__).parents[1] / "migrations" / "19.0.3.0.0" / "post-nights.py"


@tagged("post_install", "-at_install")
class TestNight(NightCommon):
    """A company's night begins at its own hour, wherever the server stands."""

    # === Around the world === #

    def hours_of(self, zone, day):
        """Hours of a company's day, as the server counts them: around the night, the window, noon and the evening."""
        start = datetime(day.year, day.month, day.day, 0, 15, tzinfo=zone).astimezone(UTC)
        return [(start + timedelta(hours=hour)).replace(tzinfo=None) for hour in (0, 1, 2, 7, 8, 9, 13, 22)]

    def live(self, zone, day, person):
        """A whole day of the company; in review, a person approves at nine.

        :return: `{notice: moment at which it left}`, by the company's clock
        """
        Dispatch, left = self.env["ar.dunning.dispatch"].sudo(), {}
        for moment in self.hours_of(zone, day):
            local = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
            with freeze_time(moment):
                self.tick()
                drafts = self.env["ar.dunning.notice"].search(
                    [("company_id", "=", self.company.id), ("state", "=", "draft")]
                )
                if person and local.hour == 9:
                    drafts._approve()
                queue = [
                    key
                    for key in Dispatch._queue(moment)
                    if Dispatch.env["ar.dunning.notice"].browse(key).company_id == self.company
                ]
                Dispatch._send_ready(queue)
                notices = self.env["ar.dunning.notice"].browse(queue)
                notices.sudo().delivery_ids._update_state(("queued",), "sent", done_on=moment)
                notices._settle()
                left |= dict.fromkeys(notices.filtered(lambda notice: notice.state == "sent"), local)
        return left

    def play(self, name, mode):
        zone = self.zone(name)
        self.policy.mode = mode
        invoice = self.invoice()
        for offset, level in ((-3, "Soon due"), (0, "Due today"), (4, None), (5, "First reminder")):
            day = DUE + timedelta(days=offset)
            left = self.live(zone, day, mode == "review")
            self.assertEqual([notice.level_id.name for notice in left], [level] if level else [], (name, day))
            for notice, moment in left.items():
                self.assertEqual((moment.date(), notice.date, notice.sent_on), (day, day, day))
                self.assertTrue(8 <= moment.hour < 10, moment)
                self.assertEqual(notice.line_ids.days_late, max(offset, 0))
        notices = self.item(invoice).line_ids.notice_id
        self.assertEqual(set(notices.mapped("state")), {"sent"}, "nothing was made in vain")

    def test_each_notice_leaves_on_its_day_wherever_the_company_is(self):
        """The note on the due date leaves on the due date, the reminder on its day and not the day after."""
        for name in ZONES:
            for mode in ("automatic", "review"):
                with self.subTest(zone=name, mode=mode), self.env.cr.savepoint() as savepoint:
                    self.play(name, mode)
                    savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_two_companies_have_each_their_own_day(self):
        """At 16:30 UTC it is half past one of the next day in Tokyo: there the hour has come, in New York it is noon."""
        other = self.setup_other_company()["company"]
        other.ar_dunning_night_hour = 1.5
        self.zone("America/New_York")
        self.zone("Asia/Tokyo", other)
        with freeze_time("2026-03-06 16:30:00"):
            here, there = self.tick(), self.tick(other)
        self.assertEqual((here.date, here.company_id), (date(2026, 3, 6), self.company))
        self.assertEqual((there.date, there.company_id), (date(2026, 3, 7), other))

    def test_the_company_s_hour(self):
        zone = self.zone("Europe/Oslo")
        self.company.ar_dunning_night_hour = 4.75
        with self.at(zone, 2026, 3, 7, 4, 30):
            self.assertFalse(self.tick())
        with self.at(zone, 2026, 3, 7, 4, 45):
            self.assertEqual(self.tick().date, date(2026, 3, 7))
        with self.at(zone, 2026, 3, 7, 5, 0):
            self.assertFalse(self.tick(), "one night a day")

    def test_no_hour_outside_the_day(self):
        for hour in (-0.25, 24.0):
            with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
                self.company.ar_dunning_night_hour = hour
                self.env.flush_all()

    def test_the_database_holds_one_night_a_day(self):
        self.make_run(DUE, "night")
        self.make_run(DUE, "manual")
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.make_run(DUE, "night")

    # === Clocks that are changed === #

    def test_an_hour_that_the_clock_skips(self):
        """On 2026-03-08 New York goes from 1:59 to 3:00: the night of two o'clock begins at three."""
        zone = self.zone("America/New_York")
        with freeze_time("2026-03-08 06:45:00"):  # 1:45
            self.assertFalse(self.tick())
        with freeze_time("2026-03-08 07:00:00"):  # 3:00
            self.assertEqual(self.tick().date, date(2026, 3, 8))
        with self.at(zone, 2026, 3, 8, 23, 45):
            self.assertFalse(self.tick())

    def test_an_hour_that_comes_twice(self):
        """On 2026-11-01 New York has half past one twice: the first is the night's."""
        self.zone("America/New_York")
        self.company.ar_dunning_night_hour = 1.5
        with freeze_time("2026-11-01 05:30:00"):
            self.assertEqual(self.tick().date, date(2026, 11, 1))
        with freeze_time("2026-11-01 06:30:00"):
            self.assertFalse(self.tick())

    def test_a_company_that_moves_to_the_west_has_no_day_twice(self):
        zone = self.zone("Asia/Tokyo")
        with self.at(zone, 2026, 3, 7, 2, 0):
            self.assertEqual(self.tick().date, date(2026, 3, 7))
        zone = self.zone("America/Los_Angeles")
        with self.at(zone, 2026, 3, 6, 10, 0):
            self.assertFalse(self.tick())
        with self.at(zone, 2026, 3, 7, 10, 0):
            self.assertFalse(self.tick())
        with self.at(zone, 2026, 3, 8, 3, 0):
            self.assertEqual((self.tick().date, self.Run._last_night(self.company).missed), (date(2026, 3, 8), False))

    def test_a_company_that_moves_to_the_east_goes_on_with_its_new_day(self):
        zone = self.zone("America/Los_Angeles")
        with self.at(zone, 2026, 3, 7, 2, 0):
            self.tick()
        self.zone("Asia/Tokyo")
        with self.at(zone, 2026, 3, 7, 10, 0):  # three o'clock of the next day in Tokyo
            self.assertEqual(self.tick().date, date(2026, 3, 8))

    # === A server that stood still === #

    def test_a_late_server_makes_the_night_of_its_day(self):
        zone = self.zone("Europe/Oslo")
        with self.at(zone, 2026, 3, 7, 17, 20):
            self.assertEqual(self.tick().date, date(2026, 3, 7))

    def test_only_the_latest_of_missed_nights_is_played_and_says_so(self):
        zone = self.zone("Europe/Oslo")
        with self.at(zone, 2026, 3, 1, 2, 0):
            self.assertFalse(self.tick().missed, "the first night misses nothing")
        invoice = self.invoice()
        with self.at(zone, 2026, 3, 19, 0, 30):
            self.assertFalse(self.tick(), "yesterday's night is over; today's hour has not come")
        with self.at(zone, 2026, 3, 19, 2, 0):
            run = self.tick()
        self.assertEqual(run.missed, "17 nights were missed, from 03/02/2026 to 03/18/2026.")
        self.assertEqual((run.notice_ids.level_id.name, run.notice_ids.date), ("First reminder", date(2026, 3, 19)))
        self.assertEqual(self.item(invoice).line_ids.notice_id, run.notice_ids, "one notice, not one for each night")
        with self.at(zone, 2026, 3, 21, 2, 0):
            self.assertEqual(self.tick().missed, "The night of 03/20/2026 was missed.")

    def test_a_night_that_was_stopped_ends_where_the_next_begins(self):
        zone = self.zone("Europe/Oslo")
        with self.at(zone, 2026, 3, 7, 2, 0):
            stopped = self.Run._begin_night(self.company)
            stopped._put({"state": "running"})
        by_hand = self.make_run(date(2026, 3, 7), state="queued")
        with self.at(zone, 2026, 3, 8, 1, 45):
            self.assertFalse(self.Run._begin_night(self.company))
            self.assertEqual(self.Run._unfinished(self.company), stopped | by_hand)
        with self.at(zone, 2026, 3, 8, 2, 0):
            night = self.Run._begin_night(self.company)
        self.assertEqual((stopped.state, night.state, by_hand.state), ("done", "queued", "queued"))
        self.assertEqual(
            stopped.error_ids.reason, "It was stopped on its way. The night of 03/08/2026 looks at everything anew."
        )

    def test_one_company_that_breaks_does_not_stop_the_others(self):
        other = self.setup_other_company()["company"]
        broken, fine = self.make_run(DUE, state="queued"), self.make_run(DUE, company=other, state="queued")
        Item = type(self.env["ar.dunning.item"])
        sync = Item._sync

        def fails(item, companies):
            if companies == self.company:
                raise ValueError("no such account")
            return sync(item, companies)

        cron = self.env.ref("ar_dunning.ir_cron_night").sudo()
        with (
            patch.object(Item, "_sync", fails),
            patch.object(type(self.Run), "_begin_night", lambda runs, company: None),
            mute_logger("odoo.addons.ar_dunning.models.ar_dunning_run_night"),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((broken.state, fine.state), ("running", "done"))
        self.assertEqual(broken.error_ids.mapped("reason"), ["no such account"], "told once, however often it is tried")
        self.assertEqual(broken.error_ids.company_id, self.company)

    # === Runs by hand === #

    def test_run_now_makes_a_run_for_each_company(self):
        other = self.setup_other_company()["company"]
        runs = self.env["ar.dunning.run"]._queue_manual(DUE, self.company | other)
        self.assertEqual(
            [(run.company_id, run.kind, run.date) for run in runs],
            [(self.company, "manual", DUE), (other, "manual", DUE)],
        )
        wizard = self.env["ar.dunning.run.wizard"].create({"date": DUE, "company_ids": [(5,)]})
        with self.assertRaisesRegex(UserError, "Choose a company"):
            wizard.action_run()

    def test_a_user_sees_the_runs_of_his_companies_only(self):
        other = self.setup_other_company()["company"]
        ours, theirs = self.make_run(DUE), self.make_run(DUE, company=other)
        of_both = self.make_run(DUE, company=other, customer_count=12, skipped_counts={"paused": 7})
        of_both._put({"company_ids": [(6, 0, (self.company | other).ids)], "company_id": False})
        self.env["ar.dunning.run.line"].sudo()._make([{"run_id": of_both.id, "kind": "error", "reason": "Of both"}])
        of_theirs = self.make_run(DUE, company=other)
        of_theirs._put({"company_ids": [(6, 0, other.ids)], "company_id": False})
        user = self.env["res.users"].create(
            {
                "name": "Uma",
                "login": "uma",
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [(6, 0, self.env.ref("ar_dunning.group_dunning_user").ids)],
            }
        )
        runs = ours | theirs | of_both | of_theirs
        self.assertEqual(self.seen_by(user, runs), ours, "no other company's data in a count")
        self.assertFalse(self.env["ar.dunning.run.line"].with_user(user).search([("run_id", "=", of_both.id)]))
        user.company_ids |= other
        self.assertEqual(self.seen_by(user, runs), runs)
        self.assertTrue(self.env["ar.dunning.run.line"].with_user(user).search([("run_id", "=", of_both.id)]))

    def seen_by(self, user, runs):
        companies = user.company_ids.ids
        Run = self.env["ar.dunning.run"].with_user(user).with_context(allowed_company_ids=companies)
        return Run.search([("id", "in", runs.ids)], order="id").sudo(False).with_env(self.env)

    # === Nights of before === #

    def script(self):
        spec = importlib.util.spec_from_file_location("post_nights", MIGRATION)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        return script

    def test_runs_of_before_go_to_their_company_and_stay_readable(self):
        script = self.script()
        other = self.setup_other_company()["company"]
        runs = self.Run.browse()
        for companies in (self.company, self.company, self.company | other, self.company.browse()):
            run = self.make_run(DUE - timedelta(days=400), "night", state="running")
            run._put({"company_id": False, "company_ids": [(6, 0, companies.ids)]})
            runs |= run
            self.env.flush_all()
        script.give_runs(self.cr)
        script.name_companies(self.cr)
        script.end_runs_of_several(self.cr)
        self.env.invalidate_all()
        self.assertEqual(
            [(run.company_id, run.company_ids, run.state) for run in runs],
            [
                (self.company, self.company, "running"),
                (self.company.browse(), self.company, "done"),
                (self.company.browse(), self.company | other, "done"),
                (self.company.browse(), self.env["res.company"].search([]), "done"),
            ],
        )
        self.assertEqual(self.Run._last_night(other).date, DUE - timedelta(days=400))

    def test_an_hour_that_somebody_chose_is_kept(self):
        script = self.script()
        self.zone("Asia/Tokyo")
        cron = self.env.ref("ar_dunning.ir_cron_night").sudo()
        cron.nextcall = datetime(2026, 3, 7, 2, 0)
        script.keep_hour(self.env)
        self.assertEqual(self.company.ar_dunning_night_hour, 2.0)
        cron.nextcall = datetime(2026, 3, 6, 20, 30)  # 5:30 in Tokyo, after the bank's data
        script.keep_hour(self.env)
        self.assertEqual(self.company.ar_dunning_night_hour, 5.5)

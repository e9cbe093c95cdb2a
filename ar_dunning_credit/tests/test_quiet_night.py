from datetime import datetime, time, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.quiet_common import ON, QuietCommon, QuietTests


@tagged("post_install", "-at_install")
class TestQuietNight(QuietTests, QuietCommon):
    """What a night judges and writes of scores, forecasts and status where nothing has changed: nothing."""

    def judge(self, day):
        for step in self.env["ar.dunning.scoring"].sudo()._steps(self.company, day):
            step()

    def test_the_next_night_refreshes_only_whose_days_late_have_grown(self):
        written = self.written(ON + timedelta(days=1))
        self.assertEqual(written["ar_dunning_customer"], self.late.ids)
        self.assertLessEqual(set(written["ar_dunning_item"]), set(self.late.item_ids.ids))
        self.assertEqual(self.late.overdue_days, 12)

    def test_figures_that_nobody_wrote_are_as_of_the_last_night(self):
        day = ON + timedelta(days=1)
        self.play(day)
        for customer in self.later | self.history | self.late:
            self.assertEqual((customer.score_on, customer.credit_on), (day, day))

    def test_an_item_becomes_overdue_and_its_customer_is_judged(self):
        day = self.later_invoice.invoice_date_due
        self.later.never = True
        self.play(day)
        written = self.written(day + timedelta(days=1))
        self.assertIn(self.later.id, written["ar_dunning_customer"])
        self.assertNotIn(self.history.id, written["ar_dunning_customer"])
        self.assertEqual(self.later.overdue_days, 1)

    def test_a_grade_that_ages_is_written(self):
        """An invoice leaves the three years that count: the history is shorter, without anything booked."""
        last = DUE - timedelta(days=40) + timedelta(days=1096)
        self.late.item_ids.move_id.button_draft()
        self.later_invoice.button_draft()
        self.play(last - timedelta(days=1))
        self.assertEqual(self.history.history_count, 1)
        written = self.written(last)
        self.assertIn(self.history.id, written["ar_dunning_customer"])
        self.assertEqual((self.history.history_count, self.history.grade), (0, "new"))

    def test_batches_judge_as_one_whole(self):
        """Scores, forecasts, the pool and the status are the same in batches of one customer as in one batch."""
        path = "odoo.addons.ar_dunning_credit.models.ar_dunning_%s.BATCH"
        names = ["score", "grade", "late_ahead", "score_facts", "credit_status", "credit_used", "credit_reasons"]
        customers = self.later | self.history | self.late
        whole = customers.read(names), customers.item_ids.read(["expected_date", "late_chance"])
        pool = self.company.sudo().ar_dunning_pool
        self.env.flush_all()
        kept = "score_kept = NULL, credit_kept = NULL"
        self.env.cr.execute(
            f"UPDATE ar_dunning_customer SET grade = NULL, credit_status = NULL, late_ahead = NULL, {kept}"
        )
        self.env.cr.execute("UPDATE ar_dunning_item SET expected_date = NULL, late_chance = NULL")
        self.company.sudo()._put({"ar_dunning_pool": False})
        self.env.invalidate_all()
        with patch(path % "scoring", 1), patch(path % "standing", 1):
            self.play(ON)
        self.assertEqual((customers.read(names), customers.item_ids.read(["expected_date", "late_chance"])), whole)
        self.assertEqual(self.company.sudo().ar_dunning_pool, pool)

    def test_what_fails_in_one_batch_is_told_and_the_others_are_kept(self):
        """Each batch is a transaction of its own, so the night goes on behind the one that failed."""
        Scoring = type(self.env["ar.dunning.scoring"])
        original, broken = Scoring._judge, self.history

        def judge(scoring, customers, *args, **kwargs):
            if broken in customers:
                raise ValueError("broken add-on")
            return original(scoring, customers, *args, **kwargs)

        self.company.sudo()._put({"ar_dunning_scores_on": False})  # everybody is judged
        day = ON + timedelta(days=1)
        path = "odoo.addons.ar_dunning_credit.models.ar_dunning_scoring.BATCH"
        with (
            freeze_time(datetime.combine(day, time(2))),
            patch(path, 1),
            patch.object(Scoring, "_judge", judge),
            mute_logger("odoo.addons.ar_dunning.models.ar_dunning_run_night"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("ar_dunning.ir_cron_night").sudo().method_direct_trigger()
        self.env.invalidate_all()
        run = self.env["ar.dunning.run"].search([("company_id", "=", self.company.id)], order="id desc", limit=1)
        self.assertEqual((run.kind, run.state, run.error_ids.mapped("reason")), ("night", "done", ["broken add-on"]))
        self.assertEqual(self.late.overdue_days, 12)

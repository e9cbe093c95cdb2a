from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DUE, DunningCommon

TABLES = ("ar_dunning_customer", "ar_dunning_item", "ar_dunning_notice")
ON = DUE + timedelta(days=11)


@tagged("post_install", "-at_install")
class TestQuietNight(DunningCommon):
    """What a night writes where nothing has changed since the last one: nothing; and whom it does refresh."""

    def setUp(self):
        super().setUp()
        later, history, late = (
            self.env["res.partner"].create({"name": name, "is_company": True, "email": f"{name}@example.com"})
            for name in ("later", "history", "late")
        )
        self.later_invoice = self.invoice(due=DUE + timedelta(days=90), partner=later)
        for days, paid_after in ((160, 3), (100, 0), (40, 12)):
            paid = self.invoice(due=DUE - timedelta(days=days), partner=history)
            self.pay(paid, 1000.0, paid.invoice_date_due + timedelta(days=paid_after))
        self.invoice(due=DUE, partner=late)
        self.play(ON)
        self.later, self.history, self.late = (
            self.env["ar.dunning.customer"].search([("partner_id", "=", partner.id)])
            for partner in (later, history, late)
        )
        self.late.never = True
        self.play(ON)

    def play(self, day):
        """The whole night of a day, in the present transaction; a day has one night, so this is a run by hand and the
        scores."""
        with freeze_time(datetime.combine(day, time(2))):
            run = self.make_run(day)
            run._play()
            self.env["ar.dunning.customer"].sudo()._refresh_scores(self.company, day)
            for step in run._steps_after():
                step()
            run._put({"state": "done"})
            self.env.flush_all()
            self.env.invalidate_all()
        self.assertFalse(run.error_ids.mapped("reason"))

    def versions(self):
        """Which version of each row counts: `{table: {id: place of the row on disk}}`; an UPDATE moves the row."""
        found = {}
        for table in TABLES:
            self.env.cr.execute(f"SELECT id, ctid::text FROM {table}")  # pylint: disable=sql-injection
            found[table] = dict(self.env.cr.fetchall())
        return found

    def written(self, day):
        """The rows that the night of this day writes: `{table: ids}`."""
        self.env.flush_all()
        before = self.versions()
        self.play(day)
        after = self.versions()
        return {
            table: sorted(key for key, place in after[table].items() if before[table].get(key) != place)
            for table in TABLES
        }

    def test_a_second_night_of_the_same_day_writes_no_row(self):
        self.assertEqual(self.written(ON), {table: [] for table in TABLES})

    def test_the_next_night_refreshes_only_whose_days_late_have_grown(self):
        late = self.late.item_ids.ids
        written = self.written(ON + timedelta(days=1))
        self.assertEqual(written["ar_dunning_customer"], self.late.ids)
        self.assertLessEqual(set(written["ar_dunning_item"]), set(late))
        self.assertFalse(written["ar_dunning_notice"])
        self.assertEqual(self.late.overdue_days, 12)

    def test_figures_that_nobody_wrote_are_as_of_the_last_night(self):
        day = ON + timedelta(days=1)
        self.play(day)
        for customer in self.later | self.history | self.late:
            self.assertEqual((customer.score_on, customer.credit_on), (day, day))
            self.assertEqual(customer.figures_on, datetime.combine(day, time(2)))
        self.assertEqual(self.late.late_total, 1000.0)

    def test_an_item_becomes_overdue_and_its_customer_is_refreshed(self):
        day = self.later_invoice.invoice_date_due
        self.later.never = True
        self.play(day)
        self.assertEqual((self.later.late_0, self.later.late_total), (1000.0, 0.0))
        written = self.written(day + timedelta(days=1))
        self.assertIn(self.later.id, written["ar_dunning_customer"])
        self.assertNotIn(self.history.id, written["ar_dunning_customer"])
        self.assertEqual((self.later.late_0, self.later.late_total, self.later.overdue_days), (0.0, 1000.0, 1))

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
        path = "odoo.addons.ar_dunning.models.ar_dunning_customer_%s.BATCH"
        names = ["score", "grade", "late_ahead", "score_facts", "credit_status", "credit_used", "credit_reasons"]
        customers = self.later | self.history | self.late
        whole = customers.read(names), customers.item_ids.read(["expected_date", "late_chance"])
        pool = self.company.sudo().ar_dunning_pool
        self.env.flush_all()
        self.env.cr.execute("UPDATE ar_dunning_customer SET grade = NULL, credit_status = NULL, late_ahead = NULL")
        self.env.cr.execute("UPDATE ar_dunning_item SET expected_date = NULL, late_chance = NULL")
        self.company.sudo()._put({"ar_dunning_pool": False})
        self.env.invalidate_all()
        with patch(path % "score", 1), patch(path % "credit_night", 1):
            self.play(ON)
        self.assertEqual((customers.read(names), customers.item_ids.read(["expected_date", "late_chance"])), whole)
        self.assertEqual(self.company.sudo().ar_dunning_pool, pool)

    def test_what_fails_in_one_batch_is_told_and_the_others_are_kept(self):
        """Each batch is a transaction of its own, so the night goes on behind the one that failed."""
        Customer = type(self.env["ar.dunning.customer"])
        original, broken = Customer._judge, self.history

        def judge(customers, *args, **kwargs):
            if broken in customers:
                raise ValueError("broken add-on")
            return original(customers, *args, **kwargs)

        day = ON + timedelta(days=1)
        path = "odoo.addons.ar_dunning.models.ar_dunning_customer_score.BATCH"
        with (
            freeze_time(datetime.combine(day, time(2))),
            patch(path, 1),
            patch.object(Customer, "_judge", judge),
            mute_logger("odoo.addons.ar_dunning.models.ar_dunning_run_night"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("ar_dunning.ir_cron_night").sudo().method_direct_trigger()
        self.env.invalidate_all()
        run = self.env["ar.dunning.run"].search([("company_id", "=", self.company.id)], order="id desc", limit=1)
        self.assertEqual((run.kind, run.state, run.error_ids.mapped("reason")), ("night", "done", ["broken add-on"]))
        self.assertEqual(self.late.overdue_days, 12)

    def test_sending_writes_only_items_whose_progress_moved(self):
        items = self.late.item_ids | self.later.item_ids
        items._forget_next_date()
        items.sudo()._refresh_progress()
        before = self.versions()
        items.sudo()._refresh_progress()
        self.assertEqual(self.versions(), before)

    def test_statements_do_not_grow_with_customers(self):
        def statements(day):
            before = self.env.cr.sql_log_count
            self.play(day)
            return self.env.cr.sql_log_count - before

        few = statements(ON)
        partners = self.env["res.partner"].create([{"name": f"Later {n}", "is_company": True} for n in range(8)])
        for partner in partners:
            self.invoice(due=DUE + timedelta(days=90), partner=partner)
        self.play(ON)
        self.assertLessEqual(statements(ON), few + 2)


@tagged("post_install", "-at_install")
class TestNightGoesOn(DunningCommon):
    """A run that was stopped, and customers whose rows somebody else holds."""

    def setUp(self):
        super().setUp()
        self.partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "is_company": True, "email": f"p{n}@example.com"} for n in range(3)]
        )
        for partner in self.partners:
            self.invoice(due=date(2026, 2, 20), partner=partner)
        self.env["ar.dunning.item"].sudo()._sync(self.company)
        self.run_of_day = self.make_run(DUE)

    def test_it_goes_on_behind_the_last_customer(self):
        """The run itself knows how far it is; no customer's row is written for that."""
        run = self.run_of_day
        todo = run._due_customers()
        self.assertEqual(len(todo), 3)
        with freeze_time(datetime.combine(DUE, time(2))):
            run._prepare(todo[:2])
            self.assertEqual(run._due_customers(), todo[2:])
            run._prepare(todo[2:])
        self.assertFalse(run._due_customers())
        self.assertEqual(run.customer_count, 3)

    def test_whom_somebody_held_has_his_turn_in_the_second_round(self):
        run = self.run_of_day
        todo = run._due_customers()
        Customer = type(self.env["ar.dunning.customer"])

        def held(customers, **_kwargs):
            return customers.filtered(lambda customer: customer.id != todo[0])

        with freeze_time(datetime.combine(DUE, time(2))):
            with patch.object(Customer, "try_lock_for_update", held):
                run._prepare(todo)
            self.assertEqual(run._due_customers(), todo[:1])
            run._prepare(todo[:1])
        self.assertFalse(run._due_customers())
        self.assertEqual(run.customer_count, 3)
        self.assertEqual(len(run.notice_ids), 3)

from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..models import ar_dunning_run_night
from .common import DUE, DunningCommon
from .quiet_common import ON, QuietCommon, QuietTests


@tagged("post_install", "-at_install")
class TestQuietNight(QuietTests, QuietCommon):
    """What a night writes where nothing has changed since the last one: nothing; and whom it does refresh."""

    def test_a_draft_that_waits_is_made_anew_only_where_it_would_say_something_else(self):
        self.late.never = False
        self.play(ON)
        draft = self.late.notice_ids.filtered(lambda notice: notice.state == "draft")
        lines = draft.line_ids
        self.assertEqual((draft.date, lines.amount_due), (ON, 1000.0))
        self.assertFalse(self.written(ON)["ar_dunning_notice"])
        self.assertEqual(draft.line_ids, lines)
        deadline, tomorrow = draft.deadline, ON + timedelta(days=1)
        written = self.written(tomorrow)
        self.assertEqual(written["ar_dunning_notice"], draft.ids, "another day late, and a day more to pay")
        self.assertEqual((draft.date, draft.deadline), (tomorrow, deadline + timedelta(days=1)))
        self.assertEqual(written["ar_dunning_customer"], self.late.ids, "one more day late")
        self.assertFalse(self.written(tomorrow)["ar_dunning_notice"])
        self.pay(draft.line_ids.move_id, 400.0, tomorrow)
        self.assertEqual(self.written(tomorrow)["ar_dunning_notice"], draft.ids)
        self.assertEqual((draft.date, draft.line_ids.amount_due), (tomorrow, 600.0))

    def test_the_next_night_refreshes_only_whose_days_late_have_grown(self):
        late = self.late.item_ids.ids
        written = self.written(ON + timedelta(days=1))
        self.assertLessEqual(set(written["ar_dunning_customer"]), set(self.late.ids))
        self.assertLessEqual(set(written["ar_dunning_item"]), set(late))
        self.assertFalse(written["ar_dunning_notice"])

    def test_figures_that_nobody_wrote_are_as_of_the_last_night(self):
        day = ON + timedelta(days=1)
        self.play(day)
        for customer in self.later | self.history | self.late:
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
        self.assertEqual((self.later.late_0, self.later.late_total), (0.0, 1000.0))

    def test_sending_writes_only_items_whose_progress_moved(self):
        items = self.late.item_ids | self.later.item_ids
        items._forget_next_date()
        items.sudo()._refresh_progress()
        before = self.versions()
        items.sudo()._refresh_progress()
        self.assertEqual(self.versions(), before)


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

    def test_drafts_of_the_day_are_looked_at_together_and_others_in_small_batches(self):
        """A second run of a day looked at all who had a draft in batches as small as if each were made anew."""
        todo = self.run_of_day._due_customers()
        with freeze_time(datetime.combine(DUE, time(2))), patch.object(ar_dunning_run_night, "BATCH", 1):
            self.assertEqual(list(self.run_of_day._batches(todo)), [[key] for key in todo])
            self.run_of_day._prepare(todo[:2])
            self.assertEqual(list(self.make_run(DUE)._batches(todo)), [todo])
            self.assertEqual(list(self.make_run(DUE + timedelta(days=1))._batches(todo)), [[key] for key in todo])

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

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import freeze_time, tagged

from odoo.addons.ar_dunning_credit.core.forecast import EVERY_DAY
from odoo.addons.ar_dunning_credit.models.facts.behaviour_facts import BehaviourFacts, Pasts

from .test_score import ScoreCommon

MONDAY = date(2026, 6, 1)
SATURDAY = date(2026, 7, 4)
WORK = frozenset(range(5))


@tagged("post_install", "-at_install")
class TestExpectedWeek(ScoreCommon):
    """Money does not arrive on weekends: an invoice due on a Saturday is expected on Monday."""

    def week(self, found, on):
        pasts = Pasts(on)
        pasts.add(found)
        return pasts.week

    def test_week_is_counted_from_the_day_the_books_were_read(self):
        # Read on a Wednesday; fifteen payments on each working day of weeks past.
        on = date(2026, 7, 1)
        ages = [
            (on - (MONDAY - timedelta(days=7 * week) + timedelta(days=day))).days
            for week in range(15)
            for day in range(5)
        ]
        facts = BehaviourFacts(1, paid_days=[0] * len(ages), paid_ages=ages)
        self.assertEqual(self.week([facts], on), WORK)
        self.assertEqual(self.week([facts], on + timedelta(days=1)), frozenset({1, 2, 3, 4, 5}))
        self.assertEqual(self.week([BehaviourFacts(1, paid_days=[0], paid_ages=[3])], on), EVERY_DAY)

    def test_a_payment_on_monday_may_have_been_sent_on_saturday(self):
        facts = BehaviourFacts(1, paid_days=[2, 4], paid_ages=[0, 5])  # on a Monday, and the Wednesday before
        self.assertEqual(
            facts.past(MONDAY, WORK).days,
            {0: Decimal(1) / 3, 1: Decimal(1) / 3, 2: Decimal(1) / 3, 4: Decimal("0.990550")},
        )

    def test_due_on_a_saturday_is_expected_on_monday(self):
        for week in range(14):  # pays on the day, a Wednesday
            self.paid(0, due=date(2026, 3, 4) + timedelta(days=7 * week))
        saturday, friday = self.invoice(due=SATURDAY), self.invoice(due=SATURDAY - timedelta(days=1))
        items = self.item(saturday) | self.item(friday)
        customer = self.refresh(date(2026, 6, 20))
        self.assertEqual(items.mapped("expected_date"), [SATURDAY, SATURDAY - timedelta(days=1)])
        self.assertEqual(customer.late_ahead, 0.0)
        # A company that has seen enough payments knows that none came on a weekend.
        self.company._keep_dunning_pool(replace(self.company._dunning_pool(), week=WORK))
        with freeze_time("2026-06-20 10:00:00"):
            customer.action_refresh_score()
            self.assertEqual(saturday.ar_dunning_expected_date, SATURDAY + timedelta(days=2))
            self.assertIn("late: 100%", saturday.ar_dunning_expected_text)
            self.assertEqual(friday.ar_dunning_expected_date, SATURDAY - timedelta(days=1))
        self.assertEqual(items.mapped("expected_date"), [SATURDAY + timedelta(days=2), SATURDAY - timedelta(days=1)])
        self.assertEqual((items[0].late_chance, items[1].late_chance), (1.0, 0.0))

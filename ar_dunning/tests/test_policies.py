import itertools
import re
from contextlib import contextmanager
from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.ar_dunning_level import PLACEHOLDER
from .policies_common import LADDER, PoliciesCase

KINDS = ["note", "note", "reminder", "reminder", "reminder", "formal"]


@tagged("post_install", "-at_install")
class TestShippedPolicies(PoliciesCase):
    """What a new database starts with."""

    def test_each_audience_has_two_notes_three_reminders_and_a_formal_notice(self):
        for audience, policy in self.policies.items():
            with self.subTest(audience):
                levels = policy.level_ids.sorted("days")
                self.assertEqual(policy.audience, audience)
                self.assertEqual(policy.mode, "review")
                self.assertEqual(levels.mapped("days"), [-3, 0, *LADDER[audience]])
                self.assertEqual(levels.mapped("kind"), KINDS)
                self.assertEqual(policy.reminders_before_formal, 3)
                self.assertFalse(policy.gate_warning)

    def test_the_pace_quickens(self):
        for audience, policy in self.policies.items():
            days = policy.level_ids.filtered(lambda level: level.days > 0).sorted("days").mapped("days")
            gaps = [after - before for before, after in itertools.pairwise(days)]
            self.assertEqual(gaps, sorted(gaps, reverse=True), audience)
            self.assertLess(gaps[-1], gaps[0], audience)
            self.assertGreaterEqual(gaps[-1], policy.contact_gap, audience)

    def test_no_step_waits_for_the_deadline_before_it(self):
        """With every day a working day each step goes on its own day: nothing in the ladder holds it back."""
        for audience, policy in self.policies.items():
            policy.working_days_only = False
            due = date(2026, 3, 3)
            offsets = [(planned.on - due).days for planned in policy._timeline(due)]
            self.assertEqual(offsets, [-3, 0, *LADDER[audience]], audience)

    def test_timeline_day_by_day(self):
        """One invoice due on Tuesday 3 March 2026, a sender working Monday to Friday, no holidays.

        The note of day -3 falls on a Saturday and goes on Monday. A step is free on the day after its
        predecessor's deadline and two days for the bank; where its own day is a day off it goes on the next working day:

        * business: 7 = Tue 10/3, deadline +10; 21 = Tue 24/3 (free 23/3), +7; 33 = Sun 5/4 so Mon 6/4
          (free 3/4), +7; 44 = Thu 16/4 (free 16/4), +14.
        * consumer: 10 = Fri 13/3, +14; 29 = Wed 1/4 (free 30/3), +14; 47 = Sun 19/4 so Mon 20/4 (free
          18/4), +10; 62 = Mon 4/5 (free 3/5), +21.
        * public: 14 = Tue 17/3, +14; 35 = Tue 7/4 (free 3/4), +14; 54 = Sun 26/4 so Mon 27/4 (free
          24/4), +14 = Mon 11/5; 72 = Thu 14/5 (free 14/5), +21.
        """
        notes = [(date(2026, 3, 2), None), (date(2026, 3, 3), None)]
        expected = {
            "business": [
                (date(2026, 3, 10), date(2026, 3, 20)),
                (date(2026, 3, 24), date(2026, 3, 31)),
                (date(2026, 4, 6), date(2026, 4, 13)),
                (date(2026, 4, 16), date(2026, 4, 30)),
            ],
            "consumer": [
                (date(2026, 3, 13), date(2026, 3, 27)),
                (date(2026, 4, 1), date(2026, 4, 15)),
                (date(2026, 4, 20), date(2026, 4, 30)),
                (date(2026, 5, 4), date(2026, 5, 25)),
            ],
            "public": [
                (date(2026, 3, 17), date(2026, 3, 31)),
                (date(2026, 4, 7), date(2026, 4, 21)),
                (date(2026, 4, 27), date(2026, 5, 11)),
                (date(2026, 5, 14), date(2026, 6, 4)),
            ],
        }
        self.company.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Monday to Friday",
                "tz": "UTC",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create({"name": f"Day {day}", "dayofweek": str(day), "hour_from": 8, "hour_to": 16})
                    for day in range(5)
                ],
            }
        )
        for audience, policy in self.policies.items():
            with self.subTest(audience):
                played = [(planned.on, planned.deadline) for planned in policy._timeline(date(2026, 3, 3))]
                self.assertEqual(played, notes + expected[audience])

    def test_channels_enclosures_and_effects(self):
        for audience, policy in self.policies.items():
            with self.subTest(audience):
                *notes, first, second, third, formal = policy.level_ids.sorted("days")
                self.assertTrue(all(policy.level_ids.mapped("channel_email")))
                self.assertEqual(policy.level_ids.filtered("channel_letter"), formal)
                self.assertEqual([note.deadline_days for note in notes], [0, 0])
                self.assertEqual({note.attach_invoices for note in notes}, {"none"})
                self.assertEqual({level.attach_invoices for level in first + second + third + formal}, {"overdue"})
                self.assertEqual(policy.level_ids.filtered("copy_salesperson"), formal)
                self.assertEqual(policy.level_ids.filtered("warn_salesperson"), formal)
                self.assertEqual(policy.level_ids.filtered(lambda level: level.legal_effect == "collection"), formal)
                self.assertEqual(first.legal_effect, "none")
                self.assertGreaterEqual(formal.deadline_days, 14)
                self.assertTrue(formal.credit_hold)
                self.assertEqual(third.credit_hold, audience == "business")
                self.assertEqual(third.channel_activity, audience != "consumer")

    def test_words_hold_only_what_is_there_to_fill_in(self):
        """Known placeholders; a deadline in every text that grants one, and in no other; no statutory sums."""
        for level in self.env["ar.dunning.level"].union(*(p.level_ids for p in self.policies.values())):
            words = f"{level.subject} {level.text} {level.closing}"
            with self.subTest(f"{level.policy_id.name}: {level.name}"):
                self.assertLessEqual(set(PLACEHOLDER.findall(words)), set(self.env["ar.dunning.level"]._placeholders()))
                self.assertEqual("{deadline}" in words, bool(level.deadline_days))
                # What is overdue is the principal; what a formal notice demands includes its charges.
                self.assertEqual("{total}" in level.text, level.kind in ("note", "formal"))
                self.assertEqual("{principal}" in level.text, level.kind != "note")
                self.assertFalse(re.search(r"\d|%|\(s\)", words), words)


@tagged("post_install", "-at_install")
class TestPolicyRules(PoliciesCase):
    """What a policy refuses, and which one a customer gets."""

    def level(self, **values):
        return self.env["ar.dunning.level"].create(
            {"policy_id": self.policies["business"].id, "name": "Extra", "days": 60, "subject": "Extra", **values}
        )

    @contextmanager
    def refused(self, message):
        """The block ends in this message to the user and leaves nothing behind."""
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            yield

    @contextmanager
    def refused_by_the_database(self, constraint):
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(IntegrityError, constraint), self.cr.savepoint():
            yield
            self.env.flush_all()

    def test_an_unknown_placeholder_is_refused_by_name(self):
        for field in ("subject", "text", "closing"):
            with self.refused(r"Extra: unknown placeholder \{amount\}\. Known are .*\{total\}"):
                self.level(**{field: "Pay {amount} by {deadline}"})
        self.assertEqual(self.level(text="<p>Pay {total} by {deadline}</p>").days, 60)

    def test_kind_and_days_belong_together(self):
        with self.refused("courtesy note goes up to the due date"):
            self.level(kind="note")
        with self.refused("courtesy note goes up to the due date"):
            self.level(days=-10, kind="reminder")
        self.assertEqual(self.level(days=-10, kind="note").kind, "note")

    def test_the_database_refuses_what_makes_no_sense(self):
        for values, constraint in (
            ({"days": 7}, "days_unique"),
            ({"deadline_days": -1}, "deadline_positive"),
            ({"channel_email": False}, "has_channel"),
        ):
            with self.subTest(values), self.refused_by_the_database(constraint):
                self.level(**values)
        for field, constraint in (
            ("contact_gap", "contact_gap_positive"),
            ("transit_days", "transit_days_positive"),
            ("grace_days", "grace_days_positive"),
            ("tolerance", "tolerance_positive"),
            ("reminders_before_formal", "gate_positive"),
        ):
            with self.subTest(field), self.refused_by_the_database(constraint):
                self.policies["business"].write({field: -1})

    def test_the_send_window_is_a_period_of_one_day(self):
        policy = self.policies["business"]
        for start, end in ((10, 10), (10, 8), (-1, 8), (20, 25)):
            with self.subTest((start, end)), self.refused("send window of Businesses"):
                policy.write({"window_start": start, "window_end": end})
        policy.write({"window_start": 0, "window_end": 24})
        self.assertEqual((policy.window_start, policy.window_end), (0, 24))

    def test_a_gate_that_cannot_be_passed_is_pointed_out(self):
        policy = self.policies["consumer"]
        policy.reminders_before_formal = 4
        self.assertEqual(
            policy.gate_warning,
            "The formal notice can never go: it needs 4 reminders before it and the levels have 3.",
        )

    def customer(self, country=None, company=None, **partner):
        partner = self.env["res.partner"].create(
            {"name": "Somebody", "country_id": country and self.env.ref(f"base.{country}").id, **partner}
        )
        return self.env["ar.dunning.customer"].create(
            {"partner_id": partner.id, "company_id": (company or self.company).id}
        )

    def test_audience_from_the_contact(self):
        public = self.env.ref("base.res_partner_industry_O")
        for partner, audience, unclear in (
            ({"is_company": True}, "business", False),
            ({"is_company": False}, "consumer", False),
            ({"is_company": False, "vat": "DE123456788"}, "consumer", True),
            ({"is_company": False, "vat": "/"}, "consumer", False),
            ({"is_company": True, "industry_id": public.id}, "public", False),
        ):
            with self.subTest(partner):
                customer = self.customer(**partner)
                self.assertEqual((customer.effective_audience, customer.audience_unclear), (audience, unclear))
                self.assertEqual(customer.effective_policy_id, self.policies[audience])

    def test_confirming_the_audience_settles_it(self):
        trader = self.customer(vat="DE123456788")
        self.assertIn(trader, self.env["ar.dunning.customer"].search([("audience_unclear", "=", True)]))
        trader.audience = "business"
        self.assertFalse(trader.audience_unclear)
        self.assertEqual(trader.effective_policy_id, self.policies["business"])
        self.assertNotIn(trader, self.env["ar.dunning.customer"].search([("audience_unclear", "=", True)]))

    def test_policy_of_a_customer_from_the_nearest_rule_outwards(self):
        business = self.policies["business"]
        norway = business.copy({"name": "Norway", "country_ids": [Command.set(self.env.ref("base.no").ids)]})
        special = business.copy({"name": "Special", "country_ids": [Command.set(self.env.ref("base.is").ids)]})
        self.assertEqual(self.customer("no", is_company=True).effective_policy_id, norway)
        self.assertEqual(self.customer("se", is_company=True).effective_policy_id, business)
        self.assertEqual(self.customer(None, is_company=True).effective_policy_id, business)
        self.assertEqual(self.customer("no").effective_policy_id, self.policies["consumer"])
        chosen = self.customer("no", is_company=True)
        chosen.policy_id = special
        self.assertEqual(chosen.effective_policy_id, special)

    def test_without_a_policy_for_the_audience_the_default_of_the_company_serves(self):
        self.policies["public"].active = False
        body = {"is_company": True, "industry_id": self.env.ref("base.res_partner_industry_O").id}
        self.assertFalse(self.customer(**body).effective_policy_id)
        self.company.ar_dunning_policy_id = self.policies["consumer"]
        self.assertEqual(self.customer(**body).effective_policy_id, self.policies["consumer"])

    def test_a_branch_uses_its_parents_policies_and_another_company_its_own(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.env["ar.dunning.policy"].search([("company_id", "=", branch.id)]))
        self.assertEqual(self.customer(company=branch, is_company=True).effective_policy_id, self.policies["business"])
        own = self.customer(company=other, is_company=True).effective_policy_id
        self.assertEqual((own.company_id, own.audience), (other, "business"))

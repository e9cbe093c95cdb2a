from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon


@tagged("post_install", "-at_install")
class TestChargeRules(DunningCommon):
    """Rules of one's own: what they refuse when entered, and what their form previews."""

    def interest(self, **values):
        return self.env["ar.dunning.interest.rule"].create(
            {"name": "Terms", "interest_source": "fixed", "fixed_rate": 8.5, **values}
        )

    def fee(self, method, tiers=(), **values):
        return self.env["ar.dunning.fee.rule"].create(
            {"name": "Fee", "method": method, "tier_ids": [(0, 0, tier) for tier in tiers], **values}
        )

    def test_interest_refuses(self):
        for values, words in (
            ({"fixed_rate": 0}, "a fixed rate must be above 0"),
            ({"interest_source": "reference"}, "choose the reference rate"),
            ({"interest_source": "none"}, "claims no interest"),
            ({"margin": -1}, "the margin cannot be negative"),
            ({"factor": 0}, "a factor must be above 0"),
            ({"total_step": -0.5}, "cannot be negative"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(ValidationError, words):
                self.interest(**values)

    def test_interest_example_by_the_real_calculation(self):
        """The British government's example: 1,000 at 8.5 % for 50 days is 11.50 by rounded days, 11.64 otherwise."""
        rule = self.interest()
        with freeze_time("2026-06-01"):
            self.assertIn("11.64", rule.example_html)
            rule.rounding = "daily"
            self.assertIn("11.50", rule.example_html)
            rule.write({"minimum": 20})
            self.assertIn("Nothing is claimed yet", rule.example_html)

    def test_example_says_which_rate_is_missing(self):
        rate = self.env["ar.dunning.rate"].create({"name": "My bank's rate", "code": "MINE", "fixing": "half_year"})
        rule = self.interest(interest_source="reference", interest_rate_id=rate.id, margin=5)
        with freeze_time("2026-06-01"):
            self.assertIn("My bank&#39;s rate has no value from 04/13/2026 on", rule.example_html)

    def test_fee_refuses(self):
        for method, tiers, values, words in (
            ("fixed", [], {}, "enter at least one amount"),
            ("fixed", [{"fixed": 5}, {"fixed": 6}], {}, "one amount per currency"),
            ("percent", [], {}, "enter the percentage"),
            ("share", [], {}, "choose the published amount"),
            ("bands", [{"up_to": 100, "fixed": 5}], {}, "The last band must be open-ended"),
            (
                "bands",
                [{"up_to": 100, "fixed": 5}, {"up_to": 100, "fixed": 6}, {"fixed": 9}],
                {},
                "out of order or overlap",
            ),
            ("percent", [], {"percent": 5, "minimum": 50, "maximum": 20}, "above its maximum"),
        ):
            with self.subTest(words=words), self.assertRaisesRegex(ValidationError, words):
                self.fee(method, tiers, **values)

    def test_fee_examples(self):
        """Bands and scale of the same figures on 1,000: 10 + 2 % of all, and 5 % of 500 + 2 % of the rest."""
        bands = self.fee("bands", [{"up_to": 500, "percent": 5}, {"percent": 2, "fixed": 10}])
        self.assertIn("30.00", bands.example_html)
        scale = self.fee("marginal", [{"up_to": 500, "percent": 5}, {"percent": 2}])
        self.assertIn("35.00", scale.example_html)
        scale.maximum = 32
        self.assertIn("32.00", scale.example_html)

    def test_form_warns_where_the_law_caps(self):
        self.env["ar.dunning.statutory"]._apply(["NO", "FR"], ["business"])
        krone = self.env.ref("base.NOK")
        krone.active = True
        rule = self.fee("fixed", [{"currency_id": krone.id, "fixed": 60}])
        rule.example_currency_id = krone
        with freeze_time(date(2026, 6, 1)):
            html = str(rule.example_html)
        self.assertIn("Norway: businesses: cut to", html)
        self.assertIn("38.00", html)
        self.assertIn("France: businesses: no reminder fee.", html)

    def test_only_managers_write_rules(self):
        rule, fee = self.interest(), self.fee("percent", percent=5)
        accountant = new_test_user(self.env, "rules accountant", "ar_dunning.group_dunning_user")
        sales = new_test_user(self.env, "rules sales", "base.group_user")
        self.assertEqual(rule.with_user(accountant).name, "Terms")
        for record in (rule, fee):
            with self.assertRaises(AccessError):
                record.with_user(accountant).name = "Mine"
            with self.assertRaises(AccessError):
                record.with_user(sales).read(["name"])

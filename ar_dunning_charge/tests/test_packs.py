import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .packs_common import AUDIENCES, COUNTRIES, MARCH, NOVEMBER, PackCommon

# Total rates of the second half of 2026 in percent, typed in from the reference table of the project.
RATES = {
    ("NO", "business"): "12.25",
    ("NO", "consumer"): "12.25",
    ("SE", "business"): "10",
    ("SE", "consumer"): "10",
    ("FI", "business"): "10.5",
    ("FI", "consumer"): "9.5",
    ("DE", "business"): "10.52",
    ("DE", "consumer"): "6.52",
    ("AT", "business"): "10.73",
    ("AT", "consumer"): "4",
    ("CH", "business"): "5",
    ("CH", "consumer"): "5",
    ("FR", "business"): "12.4",
    ("FR", "public"): "10.4",
    ("BE", "business"): "10.5",
    ("BE", "consumer"): "4.5",
    ("NL", "business"): "10.4",
    ("NL", "consumer"): "4",
    ("LU", "business"): "10.4",
    ("IT", "business"): "10.4",
    ("IT", "consumer"): "1.6",
    ("ES", "business"): "10.4",
    ("ES", "consumer"): "3.25",
    ("PT", "business"): "10.4",
    ("IE", "business"): "10.4",
    ("GB", "business"): "11.75",
    ("PL", "business"): "13.75",
}
# Where the second half of 2026 is not established, and the first half was.
FIRST_HALF = {("DK", "business"): "9.75", ("DK", "consumer"): "9.75", ("FR", "consumer"): "2.62"}
# Nothing statutory, or nothing established.
NO_RATE = [("GB", "consumer"), ("IE", "consumer"), ("PT", "consumer"), ("LU", "consumer"), ("PL", "consumer")]


@tagged("post_install", "-at_install")
class TestPackData(PackCommon):
    """What ships: every country and kind of debtor, each figure with its source."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.apply(*COUNTRIES)

    def test_every_country_and_kind_has_one_rule(self):
        found = [(regime.country_code, regime.audience) for regime in self.Regime.search([])]
        self.assertEqual(sorted(found), sorted((c, a) for c in COUNTRIES for a in AUDIENCES))

    def test_rates_of_today(self):
        for (country, audience), rate in RATES.items():
            with self.subTest(country=country, audience=audience):
                self.assertEqual(self.regime(country, audience)._rate_on(NOVEMBER), Decimal(rate))
        for (country, audience), rate in FIRST_HALF.items():
            with self.subTest(country=country, audience=audience):
                self.assertIsNone(self.regime(country, audience)._rate_on(NOVEMBER))
                self.assertEqual(self.regime(country, audience)._rate_on(MARCH), Decimal(rate))
        for country, audience in NO_RATE:
            with self.subTest(country=country, audience=audience):
                self.assertIsNone(self.regime(country, audience)._rate_on(NOVEMBER))

    def test_other_days(self):
        """Figures typed in from the reference table: the reference of the half-year's first day, and its rounding."""
        for country, audience, day, rate in (
            ("NO", "business", MARCH, "12"),
            ("IT", "business", date(2024, 8, 1), "12.25"),
            ("FR", "business", date(2024, 8, 1), "14.25"),
            ("FR", "business", MARCH, "12.15"),
            ("BE", "business", MARCH, "10.5"),
            ("BE", "business", date(2018, 8, 1), "8"),
            ("SE", "business", date(2017, 3, 1), "7.5"),
            ("DE", "business", date(2019, 3, 1), "8.12"),
            ("ES", "business", date(2020, 3, 1), "8"),
            ("PL", "business", MARCH, "14"),
            ("GB", "business", date(2024, 3, 1), "13.25"),
            ("LU", "consumer", date(2024, 3, 1), "4.5"),
            ("AT", "business", date(2023, 8, 1), "12.58"),
            ("AT", "business", date(2014, 8, 1), "9.08"),
            ("GB", "business", date(2025, 3, 1), "12.75"),
            ("PL", "consumer", date(2022, 8, 1), "12"),
            ("IT", "consumer", date(2023, 8, 1), "5"),
            ("BE", "consumer", date(2024, 3, 1), "5.75"),
        ):
            with self.subTest(country=country, day=day):
                self.assertEqual(self.regime(country, audience)._rate_on(day), Decimal(rate))

    def test_sums(self):
        for country, audience, kind, amount, currency in (
            ("SE", "business", "fixed", 450, "SEK"),
            ("DK", "business", "fixed", 310, "DKK"),
            ("FI", "business", "fixed", 40, "EUR"),
            ("DE", "business", "fixed", 40, "EUR"),
            ("FR", "business", "fixed", 40, "EUR"),
            ("NL", "business", "fixed", 40, "EUR"),
            ("DE", "consumer", "none", 0, False),
            ("NO", "consumer", "none", 0, False),
            ("FR", "consumer", "none", 0, False),
            ("CH", "business", "none", 0, False),
        ):
            with self.subTest(country=country, audience=audience):
                regime = self.regime(country, audience)
                self.assertEqual(
                    (regime.compensation_kind, regime.compensation_amount, regime.compensation_currency_id.name),
                    (kind, amount, currency),
                )
        norway = self.regime("NO")
        self.assertEqual(norway.compensation_rate_id._as_series().on(NOVEMBER).rate, 430)
        self.assertTrue(norway.offsets_reminder_fees)
        for country, bounds in (("GB", ["999.99", "9999.99"]), ("IE", ["1000", "10000"]), ("PL", ["5000", "49999.99"])):
            tiers = self.regime(country)._as_tiers("compensation")
            self.assertEqual([tier.fixed for tier in tiers], [40, 70, 100])
            self.assertEqual([tier.up_to for tier in tiers], [*map(Decimal, bounds), None])
        self.assertEqual(self.regime("PL").bound_currency_id.name, "PLN")

    def test_reminder_fees(self):
        norway = self.regime("NO", "consumer")
        self.assertEqual((norway._fee_on(NOVEMBER), norway._fee_on(NOVEMBER, demand=True)), (38, 113))
        self.assertEqual((norway._fee_on(date(2025, 3, 1)), norway._fee_on(date(2025, 3, 1), demand=True)), (35, 105))
        self.assertEqual((norway.fee_max_count, norway.fee_min_days, norway.fee_missed_deadline_days), (2, 14, 14))
        denmark = self.regime("DK", "consumer")
        self.assertEqual((denmark._fee_on(NOVEMBER), denmark.fee_max_count, denmark.fee_spacing_days), (100, 3, 10))
        self.assertEqual((self.regime("SE")._fee_on(NOVEMBER), self.regime("SE").fee_allowed), (60, "agreed"))
        finland = self.regime("FI", "consumer")
        self.assertEqual((finland._fee_on(NOVEMBER), finland.fee_min_days), (5, 14))
        self.assertEqual([tier.fixed for tier in finland._as_tiers("demand")], [14, 24, 50])
        self.assertEqual([tier.fixed for tier in self.regime("FI")._as_tiers("demand")], [50, 70, 90, 110])
        for country in ("FR", "NL", "ES"):
            self.assertEqual(self.regime(country, "consumer").fee_allowed, "no")
        for country in ("DE", "CH", "BE", "NL"):
            self.assertEqual(self.regime(country, "consumer").free_reminders, 1)

    def test_belgian_penalty_and_dutch_scale_by_hand(self):
        """Belgium: EUR 215 may bear 30 + 10 % of 65 = 36.50. Netherlands: 4,000 bears 375 + 10 % of 1,500 = 525."""
        for country, kind, debt, expected in (
            ("BE", "penalty", 150, "20"),
            ("BE", "penalty", 215, "36.50"),
            ("BE", "penalty", 500, "65"),
            ("BE", "penalty", 100000, "2000"),
            ("NL", "collection", 100, "40"),
            ("NL", "collection", 2500, "375"),
            ("NL", "collection", 4000, "525"),
            ("NL", "collection", 10000, "875"),
            ("NL", "collection", 2000000, "6775"),
        ):
            with self.subTest(country=country, debt=debt):
                tiers = self.regime(country, "consumer")._as_tiers(kind)
                tier = next(tier for tier in tiers if tier.holds(Decimal(debt)))
                amount = tier.fixed + (debt - tier.over) * tier.percent / 100
                amount = max(amount, tier.minimum or 0)
                self.assertEqual(min(amount, tier.maximum or amount), Decimal(expected))

    def test_default_and_notice(self):
        germany = self.regime("DE", "consumer")
        self.assertEqual((germany.ground_invoice_days, germany.invoice_needs_mention), (30, True))
        self.assertTrue(germany.mention_for_ground)
        self.assertFalse(self.regime("DE").invoice_needs_mention)
        belgium = self.regime("BE", "consumer")
        self.assertEqual((belgium.interest_start_days, belgium.ground_agreed), (14, False))
        self.assertEqual((belgium.notice_deadline_days, belgium.notice_runs_from), (14, "receipt"))
        self.assertEqual(self.regime("NO", "consumer").notice_deadline_days, 14)
        self.assertEqual(self.regime("DK", "consumer").notice_deadline_days, 10)
        self.assertTrue(self.regime("LU", "consumer").mention_for_interest)
        self.assertTrue(self.regime("PL").shift_non_banking)
        self.assertEqual([r.frozen for r in map(self.regime, ("GB", "DE", "FR"))], [True, False, False])
        self.assertEqual(self.regime("NO").basis, "act_act")
        self.assertEqual(self.regime("NL").compounding, "yearly")
        self.assertEqual(self.regime("DE").allocation, "costs_interest_principal")

    def test_limits_of_agreed_rates(self):
        floor, cap = self.regime("FR")._agreed_bounds()
        self.assertEqual(floor.on(MARCH), Decimal("7.86"))
        self.assertIsNone(cap)
        self.assertEqual(self.regime("BE", "consumer")._agreed_bounds()[1].on(NOVEMBER), Decimal("10.5"))
        self.assertEqual(self.regime("FI", "consumer")._agreed_bounds()[1].on(NOVEMBER), Decimal("9.5"))

    def test_no_claim_without_a_source(self):
        for country, pack in self.env["ar.dunning.statutory"]._packs().items():
            for row in pack["regimes"]:
                for group in ("interest", "compensation"):
                    said = row[group]
                    claims = said.get("interest_source", "none") != "none" or said.get("compensation_amount")
                    claims = claims or said.get("compensation_rate") or said.get("tiers")
                    with self.subTest(country=country, rule=row["key"], group=group):
                        if claims:
                            self.assertIn(said["status"], "PSD")
                            self.assertTrue(said["sources"])
                        for source in said.get("sources", ()):
                            self.assertTrue(pack["sources"][source]["title"])
        values = self.env["ar.dunning.rate.value"].search([])
        self.assertEqual(len(values), 295)
        for value in values:
            self.assertIn(value.status, ("P", "S", "D"))
            self.assertTrue(value.source and value.checked_on, value.display_name)

    def test_values_agree_with_the_reference_table(self):
        path = Path(__file__).parents[3] / "shared" / "statutory" / "statutory.json"
        if not path.exists():
            self.skipTest("The reference table is not here.")
        table = json.loads(path.read_text())["reference_rates"]
        compared = 0
        for rate in self.env["ar.dunning.rate"].search([]):
            for point in table[rate.code]["points"]:
                value = rate._value_on(date.fromisoformat(point["from"]))
                if value and point["value"] is not None:
                    self.assertEqual(value.value, point["value"], f"{rate.code} {point['from']}")
                    compared += 1
        self.assertGreater(compared, 250)

    @freeze_time(NOVEMBER)
    def test_what_is_missing_is_said(self):
        luxembourg = self.regime("LU")
        self.assertIn("To be entered: the lump sum", luxembourg.missing)
        luxembourg.write({"compensation_amount": 40, "compensation_sources": "Law of 2004, art. 5"})
        self.assertFalse(luxembourg.missing)
        self.assertEqual((luxembourg.compensation_status, luxembourg.interest_status), (False, "P"))
        self.assertIn("Danish lending rate", self.regime("DK").missing)
        self.assertIn("To be entered", self.regime("PT", "consumer").missing)
        self.assertFalse(self.regime("DE").missing)

    def test_a_rule_is_found_by_country_kind_and_due_date(self):
        germany, find = self.env.ref("base.de"), self.Regime._for_debtor
        self.assertEqual(find(germany, "business", NOVEMBER), self.regime("DE"))
        self.assertFalse(find(germany, "business", date(2014, 7, 28)), "the law was another one")
        self.assertTrue(find(germany, "business", date(2014, 7, 29)))
        self.assertFalse(find(self.env.ref("base.is"), "business", NOVEMBER))
        self.assertFalse(find(germany, False, NOVEMBER))

    def test_a_new_act_follows_the_old_one(self):
        old = self.regime("NO")
        with self.assertRaises(ValidationError) as caught:
            old.copy({"name": "New act", "date_from": "2027-01-01"})
        self.assertIn("both in force", str(caught.exception))
        old.date_to = "2026-12-31"
        new = old.copy({"name": "New act", "date_from": "2027-01-01", "date_to": False})
        norway = self.env.ref("base.no")
        self.assertEqual(self.Regime._for_debtor(norway, "business", date(2026, 12, 31)), old)
        self.assertEqual(self.Regime._for_debtor(norway, "business", date(2027, 1, 1)), new)

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

COUNTRIES = ["NO", "SE", "DK", "FI", "DE", "AT", "CH", "FR", "BE", "NL", "IT", "ES", "IE", "GB", "PL", "LU", "PT"]
AUDIENCES = ["business", "consumer", "public"]
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
NOVEMBER = date(2026, 11, 22)
MARCH = date(2026, 3, 2)


class PackCommon(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Regime = cls.env["ar.dunning.regime"]
        cls.Regime.with_context(active_test=False).search([]).unlink()
        cls.env["ar.dunning.rate"].with_context(active_test=False).search([]).unlink()

    @classmethod
    def apply(cls, *countries, audiences=AUDIENCES):
        return cls.Regime._apply_pack(list(countries), audiences)

    @classmethod
    def regime(cls, country, audience="business"):
        return cls.Regime.search([("country_code", "=", country), ("audience", "=", audience)])

    def actions(self, steps):
        return {step.action for step in steps}


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
        for country, pack in self.Regime._packs().items():
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


@tagged("post_install", "-at_install")
class TestPackUpdate(PackCommon):
    """Applying is told beforehand, happens once, and leaves the user's own alone."""

    def test_preview_is_what_happens(self):
        before = self.Regime._preview_pack(["DE", "FR"], ["business"])
        self.assertFalse(self.Regime.search([]), "a preview changes nothing")
        self.assertEqual(
            {step.key for step in before if step.model == "ar.dunning.rate"}, {"DE_BASISZINS", "ECB_MRO", "FR_TIL_PRO"}
        )
        germany = next(step for step in before if step.key == "DE-1/business")
        margin = next(change for change in germany.changes if change.label.startswith("Margin"))
        self.assertEqual((margin.old, margin.new, margin.status), ("", "9", "S"))
        self.assertIn("haldan-inkasso.de", margin.source)
        done = self.apply("DE", "FR", audiences=["business"])
        self.assertEqual([(s.model, s.key, s.action) for s in done], [(s.model, s.key, s.action) for s in before])
        self.assertEqual(sorted(self.Regime.search([]).mapped("country_code")), ["DE", "FR"])
        self.assertEqual(self.regime("DE").tier_ids.ids, [])

    def test_twice_changes_nothing(self):
        self.apply(*COUNTRIES)
        self.assertEqual(self.actions(self.Regime._preview_pack(COUNTRIES, AUDIENCES)), {"same"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE ar_dunning_regime SET write_date = '2000-01-01'")
        self.env.cr.execute("UPDATE ar_dunning_rate_value SET write_date = '2000-01-01'")
        self.env.invalidate_all()
        self.apply(*COUNTRIES)
        self.env.flush_all()
        for table in ("ar_dunning_regime", "ar_dunning_rate_value"):
            self.env.cr.execute(f"SELECT count(*) FROM {table} WHERE write_date > '2000-01-01'")
            self.assertEqual(self.env.cr.fetchone(), (0,))

    def outdate(self, record, **values):
        """Bring a record to what an earlier version of the data would have written."""
        raw = {name: record._pack_plain(name, value) for name, value in values.items()}
        record._put({**values, "pack_values": {**record.pack_values, **raw}})

    def test_newer_data_updates_what_nobody_edited(self):
        self.apply("DE")
        germany = self.regime("DE")
        self.outdate(germany, margin=8.0)
        germany.fee_note = "Our lawyer says EUR 2.50."
        value = germany.interest_rate_id._value_on(NOVEMBER)
        self.outdate(value, value=1.4)
        steps = {step.key: step for step in self.Regime._preview_pack(["DE"], AUDIENCES)}
        step = steps["DE-1/business"]
        self.assertEqual((step.action, step.write), ("update", {"margin": 9.0}))
        self.assertEqual(
            [(c.old, c.new, c.kept) for c in step.changes if c.label.startswith("Margin")], [("8", "9", False)]
        )
        kept = next(change for change in step.changes if change.kept)
        self.assertIn("EUR 2.50", kept.old)
        self.assertEqual(steps["DE_BASISZINS/2026-07-01"].write, {"value": 1.52})
        self.apply("DE")
        self.assertEqual((germany.margin, germany.fee_note, value.value), (9, "Our lawyer says EUR 2.50.", 1.52))

    def test_edited_added_and_deleted_values_stay(self):
        self.apply("DE", "DK")
        base = self.regime("DE").interest_rate_id
        edited = base._value_on(NOVEMBER)
        edited.write({"value": 1.77, "source": "Bundesbank, corrected"})
        base._value_on(MARCH).unlink()
        denmark = self.regime("DK").interest_rate_id
        own = self.env["ar.dunning.rate.value"].create(
            {"rate_id": denmark.id, "date_from": "2026-07-01", "value": 2.0, "source": "Nationalbanken"}
        )
        self.apply("DE", "DK")
        self.assertEqual((edited.value, edited.source, edited.status), (1.77, "Bundesbank, corrected", False))
        self.assertFalse(base._value_on(MARCH))
        self.assertEqual(denmark._value_on(NOVEMBER), own)
        self.assertEqual(self.regime("DK")._rate_on(NOVEMBER), 10)

    def test_an_edited_band_is_the_users_own(self):
        self.apply("GB")
        british = self.regime("GB")
        first = british.tier_ids.sorted("up_to")[1]
        self.assertEqual((first.up_to, first.amount), (999.99, 40))
        british.write({"tier_ids": [(1, first.id, {"amount": 45})]})
        self.assertEqual((british.compensation_status, british.compensation_sources), (False, False))
        self.assertEqual(british.interest_status, "P")
        self.apply("GB")
        self.assertEqual([tier.fixed for tier in british._as_tiers("compensation")], [45, 70, 100])

    def test_a_shipped_value_gives_way_to_the_users_own(self):
        self.apply("DE")
        base = self.regime("DE").interest_rate_id
        base._value_on(NOVEMBER).unlink()
        base._put({"pack_values": {name: value for name, value in base.pack_values.items() if name != "values"}})
        self.env["ar.dunning.rate.value"].create({"rate_id": base.id, "date_from": "2026-09-01", "value": 1.6})
        step = next(s for s in self.Regime._preview_pack(["DE"], AUDIENCES) if s.key == "DE_BASISZINS/2026-07-01")
        self.assertEqual(step.action, "keep")
        self.apply("DE")
        self.assertEqual(base._value_on(NOVEMBER).value, 1.6)

    def test_a_rule_or_series_of_the_users_own_stays_alone(self):
        own_series = self.env["ar.dunning.rate"].create({"name": "Ours", "code": "DE_BASISZINS"})
        own = self.Regime.create(
            {
                "name": "Our German rule",
                "country_id": self.env.ref("base.de").id,
                "audience": "business",
                "interest_source": "fixed",
                "fixed_rate": 6,
            }
        )
        steps = {step.key: step.action for step in self.apply("DE")}
        self.assertEqual((steps["DE-1/business"], steps["DE_BASISZINS"]), ("keep", "keep"))
        self.assertEqual(self.regime("DE"), own)
        self.assertFalse(own_series.value_ids)
        self.assertEqual(self.regime("DE", "consumer").interest_rate_id, own_series)

    def test_invoice_texts_come_in_the_installed_languages(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.apply("FR")
        france = self.regime("FR")
        self.assertIn("EUR 40", france.with_context(lang="en_US").mention_text)
        self.assertIn("40 €", france.with_context(lang="fr_FR").mention_text)
        self.assertEqual(self.actions(self.Regime._preview_pack(["FR"], AUDIENCES)), {"same"})

    def test_a_language_installed_later_gets_the_texts(self):
        self.apply("DE")
        self.env["res.lang"]._activate_lang("de_DE")
        self.apply("DE")
        text = self.regime("DE", "consumer").with_context(lang="de_DE").mention_text
        self.assertIn("ohne weitere Mahnung in Verzug", text)


@tagged("post_install", "-at_install")
class TestPackWizard(PackCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "pack_manager", "ar_dunning.group_dunning_manager")

    def wizard(self, user, *codes, **kinds):
        countries = self.env["res.country"].search([("code", "in", codes)])
        chosen = {"for_business": False, "for_consumer": False, "for_public": False, **kinds}
        return self.env["ar.dunning.pack.wizard"].with_user(user).create({"country_ids": countries.ids, **chosen})

    def test_choose_read_apply(self):
        wizard = self.wizard(self.manager, "NO", "GB", for_business=True)
        self.assertIn("Norway: businesses", wizard.preview)
        self.assertIn("https://lovdata.no/forskrift/2024-12-19-3279", wizard.preview)
        self.assertNotIn("Norway: consumers", wizard.preview)
        self.assertNotIn("Germany: ", wizard.preview)
        rules = wizard.action_apply()
        self.assertEqual(self.Regime.search(rules["domain"]).mapped("country_code"), ["GB", "NO"])
        self.assertEqual(self.wizard(self.manager, "NO", "GB", for_business=True).change_count, 0)

    def test_claims_are_ticked_on_the_levels(self):
        """From the second reminder on: the courtesy notes and the first reminder stay free."""
        company = self.env.company.root_id
        policy = self.env["ar.dunning.policy"].search(
            [("company_id", "=", company.id), ("audience", "=", "business")], limit=1
        )
        other = self.env["ar.dunning.policy"].search(
            [("company_id", "=", company.id), ("audience", "=", "consumer")], limit=1
        )
        wizard = self.wizard(self.manager, "NO", for_business=True)
        wizard.write({"claim_from": "second", "due_agreed": True})
        wizard.action_apply()
        ladder = policy.level_ids.filtered(lambda level: level.kind != "note").sorted("days")
        self.assertEqual(ladder.mapped("charge_interest"), [False] + [True] * (len(ladder) - 1))
        self.assertEqual(ladder.mapped("charge_compensation"), [False] + [True] * (len(ladder) - 1))
        self.assertFalse(any((policy.level_ids - ladder).mapped("charge_interest")))
        self.assertTrue(policy.due_agreed)
        self.assertFalse(other.due_agreed or any(other.level_ids.mapped("charge_interest")))

    def test_only_managers(self):
        accountant = new_test_user(self.env, "pack_user", "ar_dunning.group_dunning_user")
        with self.assertRaises(AccessError):
            self.wizard(accountant, "NO", for_business=True)
        self.apply("NO")
        self.assertEqual(self.regime("NO").with_user(accountant).margin, 0)
        with self.assertRaises(AccessError):
            self.regime("NO").with_user(accountant).margin = 1

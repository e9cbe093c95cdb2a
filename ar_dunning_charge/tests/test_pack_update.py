from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .packs_common import AUDIENCES, COUNTRIES, MARCH, NOVEMBER, PackCommon


@tagged("post_install", "-at_install")
class TestPackUpdate(PackCommon):
    """Applying is told beforehand, happens once, and leaves the user's own alone."""

    def test_preview_is_what_happens(self):
        before = self.env["ar.dunning.statutory"]._preview(["DE", "FR"], ["business"])
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
        self.assertEqual(self.actions(self.env["ar.dunning.statutory"]._preview(COUNTRIES, AUDIENCES)), {"same"})
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
        steps = {step.key: step for step in self.env["ar.dunning.statutory"]._preview(["DE"], AUDIENCES)}
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
        step = next(
            s
            for s in self.env["ar.dunning.statutory"]._preview(["DE"], AUDIENCES)
            if s.key == "DE_BASISZINS/2026-07-01"
        )
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
        self.assertEqual(self.actions(self.env["ar.dunning.statutory"]._preview(["FR"], AUDIENCES)), {"same"})

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

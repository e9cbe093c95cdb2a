from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon


@tagged("post_install", "-at_install")
class TestPreselectionOfRules(DunningCommon):
    """Which countries' rules the dialog proposes, and in which languages they are named."""

    def test_statutory_rules_for_the_countries_of_the_customers(self):
        """The company's country and every country of its customers that has rules, and no other."""
        self.company.country_id = self.env.ref("base.no")
        for code in ("de", "fr", "se", "us"):
            partner = self.partner_b.copy({"name": code, "country_id": self.env.ref(f"base.{code}").id})
            self.item(self.invoice(partner=partner))
        wizard = self.env["ar.dunning.pack.wizard"].create({})
        self.assertEqual(set(wizard.country_ids.mapped("code")), {"NO", "DE", "FR", "SE"})

    def test_names_of_statutory_rules_are_spoken_in_each_language(self):
        """A rule's name is kept in every installed language; one that somebody changed stays."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["res.lang"]._activate_lang("fr_FR")
        Regime = self.env["ar.dunning.regime"]
        Statutory = self.env["ar.dunning.statutory"]
        Regime.with_context(active_test=False).search([]).unlink()

        def spoken(statutory, country, audience):
            return f"{audience} in {statutory.env.lang}"

        with patch.object(type(Statutory), "_regime_name", spoken):
            Statutory._apply(["DE"], ["business"])
            rule = Regime.search([("country_id.code", "=", "DE"), ("audience", "=", "business")])
            self.assertEqual(rule.with_context(lang="en_US").name, "Germany: businesses")
            self.assertEqual(rule.with_context(lang="de_DE").name, "business in de_DE")
            self.assertEqual(rule.with_context(lang="fr_FR").name, "business in fr_FR")
            steps = [step for step in Statutory._preview(["DE"], ["business"]) if step.model == Regime._name]
            self.assertEqual([step.action for step in steps], ["same"])

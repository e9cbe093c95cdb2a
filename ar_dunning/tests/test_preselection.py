from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..tools.authority import as_system
from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestPreselection(DunningCommon):
    """What dialogs propose before anybody chooses."""

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
        Regime.with_context(active_test=False).search([]).unlink()

        def spoken(regime, country, audience):
            return f"{audience} in {regime.env.lang}"

        with patch.object(type(Regime), "_regime_name", spoken):
            Regime._apply_pack(["DE"], ["business"])
            rule = Regime.search([("country_id.code", "=", "DE"), ("audience", "=", "business")])
            self.assertEqual(rule.with_context(lang="en_US").name, "Germany: businesses")
            self.assertEqual(rule.with_context(lang="de_DE").name, "business in de_DE")
            self.assertEqual(rule.with_context(lang="fr_FR").name, "business in fr_FR")
            steps = [step for step in Regime._preview_pack(["DE"], ["business"]) if step.model == Regime._name]
            self.assertEqual([step.action for step in steps], ["same"])

    def test_no_letter_ticked_means_those_that_were_printed(self):
        """Of two letters that wait one was printed: without a tick that one is posted, and the dialog says so."""
        self.env = self.env(context=dict(self.env.context, force_report_rendering=True))
        self.policy.level_ids[2].write({"channel_email": False, "channel_letter": True})
        other = self.partner_b
        other.write({"street": "Gata 2", "zip": "0155", "city": "Oslo", "is_company": True})
        self.invoice()
        self.invoice(partner=other)
        letters = self.day(FIRST).sudo().delivery_ids.filtered(lambda delivery: delivery.channel == "letter")
        self.assertEqual(letters.mapped("state"), ["queued", "queued"])
        printed = letters[0]
        with as_system():
            printed.write({"printed_on": "2026-03-07 10:00:00", "print_number": 1})
        action = letters.browse().action_mark_posted()
        wizard = self.env["ar.dunning.post.wizard"].with_context(**action["context"]).create({"posted_on": FIRST})
        self.assertEqual((wizard.of_all, wizard.letter_count), (True, 1))
        wizard.action_post()
        self.assertEqual((printed.state, (letters - printed).state), ("posted", "queued"))
        chosen = (letters - printed).action_mark_posted()
        self.assertFalse(self.env["ar.dunning.post.wizard"].with_context(**chosen["context"]).create({}).of_all)

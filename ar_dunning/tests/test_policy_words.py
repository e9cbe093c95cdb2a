import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import polib

from odoo.tests import tagged
from odoo.tools.misc import file_path

from ..models.ar_dunning_level import PLACEHOLDER
from .common import DUE, DunningCommon
from .policies_common import LANGUAGES, PoliciesCase

FRAMES = "model_terms:ir.ui.view,arch_db:ar_dunning."


def customer_terms(po):
    """The entries of a catalogue that a customer reads: the shipped policies, the frames of mail and letter."""
    prefixes = (
        "model:ar.dunning.policy,",
        "model:ar.dunning.level,",
        "model_terms:ar.dunning.level,",
        f"{FRAMES}notice_mail_",
        f"{FRAMES}report_notice",
        "code:addons/ar_dunning/models/ar_dunning_fee_rule_words.py",
        "code:addons/ar_dunning/models/ar_dunning_interest_terms_words.py",
        "code:addons/ar_dunning/models/ar_dunning_notice_annex.py",
        "code:addons/ar_dunning/models/ar_dunning_rate_words.py",
        "code:addons/ar_dunning/models/ar_dunning_notice_charges.py",
        "code:addons/ar_dunning/models/ar_dunning_print.py",
        "code:addons/ar_dunning/models/ir_actions_report.py",
    )
    return [entry for entry in po if any(place.startswith(prefixes) for place, _line in entry.occurrences)]


@tagged("post_install", "-at_install")
class TestTranslatedPolicies(PoliciesCase):
    """The shipped words in every language we ship."""

    def test_every_language_is_complete_and_keeps_the_placeholders(self):
        folder = Path(file_path("ar_dunning/i18n"))
        needed = {entry.msgid for entry in customer_terms(polib.pofile(str(folder / "ar_dunning.pot")))}
        self.assertGreater(len(needed), 60)
        for language in LANGUAGES:
            entries = {
                entry.msgid: entry.msgstr for entry in customer_terms(polib.pofile(str(folder / f"{language}.po")))
            }
            self.assertEqual(set(entries), needed, language)
            for source, words in entries.items():
                with self.subTest(f"{language}: {source}"):
                    self.assertTrue(words)
                    self.assertEqual(Counter(PLACEHOLDER.findall(words)), Counter(PLACEHOLDER.findall(source)))
                    self.assertEqual(Counter(re.findall(r"<[^>]+>", words)), Counter(re.findall(r"<[^>]+>", source)))

    def test_the_catalogue_has_the_words_of_the_records(self):
        """A text changed in the data without a new export would silently lose its translations."""
        folder = Path(file_path("ar_dunning/i18n"))
        known = {entry.msgid for entry in polib.pofile(str(folder / "ar_dunning.pot"))}
        for policy in self.policies.values():
            self.assertIn(policy.name, known)
            for level in policy.level_ids:
                paragraphs = re.findall(r"<p>(.*?)</p>", f"{level.text}{level.closing}")
                self.assertGreaterEqual(len(paragraphs), 3)
                self.assertLessEqual({level.name, level.subject, *paragraphs}, known)
        views = self.env["ir.ui.view"].search(
            ["|", ("key", "=like", "ar_dunning.notice_mail_%"), ("key", "=like", "ar_dunning.report_notice%")]
        )
        self.assertGreater(len(views), 6)
        for view in views:
            terms = view._fields["arch_db"].get_trans_terms(view.with_context(lang="en_US").arch_db)
            missing = {term for term in terms if re.search(r"\w", term)} - known
            self.assertFalse(missing, f"{view.key}: run `make pot` and translate what is new in i18n/*.po")

    def test_a_new_language_translates_the_records(self):
        level = self.env.ref("ar_dunning.level_business_formal")
        english = level.text
        for code, name, opening in (
            ("de_DE", "Förmliche Zahlungsaufforderung", "<p>Sehr geehrte Damen und Herren,</p>"),
            ("fr_FR", "Mise en demeure", "<p>Madame, Monsieur,</p>"),
            ("nb_NO", "Inkassovarsel", "<p>Til rette vedkommende,</p>"),
            ("nl_NL", "Sommatie", "<p>Geachte heer, mevrouw,</p>"),
            ("es_ES", "Requerimiento de pago", "<p>Muy señores nuestros:</p>"),
        ):
            self.load_language(code)
            translated = level.with_context(lang=code)
            self.assertEqual(translated.name, name)
            self.assertIn(opening, translated.text)
            self.assertEqual(translated.subject.split("{")[1], "invoices}")
        self.assertEqual(level.with_context(lang="en_US").text, english)

    def test_a_second_company_gets_translated_copies_in_review(self):
        self.load_language("de_DE")
        self.policies["business"].mode = "automatic"
        company = self.env["res.company"].with_context(lang="de_DE").create({"name": "Zweite GmbH"})
        copies = self.env["ar.dunning.policy"].search([("company_id", "=", company.id)], order="sequence")
        self.assertEqual(
            copies.with_context(lang="en_US").mapped("name"), ["Businesses", "Consumers", "Public administration"]
        )
        self.assertEqual(
            copies.with_context(lang="de_DE").mapped("name"), ["Unternehmen", "Verbraucher", "Öffentliche Verwaltung"]
        )
        self.assertEqual(copies.mapped("mode"), ["review"] * 3)
        for copied, policy in zip(copies, self.policies.values(), strict=True):
            self.assertFalse(copied & policy)
            for lang in ("en_US", "de_DE"):
                for name in ("name", "subject", "text", "closing"):
                    self.assertEqual(
                        copied.level_ids.sorted("days").with_context(lang=lang).mapped(name),
                        policy.level_ids.sorted("days").with_context(lang=lang).mapped(name),
                    )
        self.assertEqual(self.policies["business"].mode, "automatic")

    def test_a_language_added_later_reaches_the_copies_but_no_edited_text(self):
        company = self.env["res.company"].create({"name": "Second"})
        copied = self.env["ar.dunning.policy"].search([("company_id", "=", company.id), ("audience", "=", "consumer")])
        levels = copied.level_ids.sorted("days")
        edited = levels[2]
        edited.text = "<p>Our own words, {contact}.</p>"
        self.load_language("fr_FR")
        french = levels.with_context(lang="fr_FR")
        self.assertEqual(copied.with_context(lang="fr_FR").name, "Particuliers")
        self.assertEqual(
            french.mapped("name"),
            [
                "Avis avant échéance",
                "Avis le jour de l'échéance",
                "Premier rappel",
                "Deuxième relance",
                "Troisième relance",
                "Mise en demeure",
            ],
        )
        self.assertEqual(edited.with_context(lang="fr_FR").text, "<p>Our own words, {contact}.</p>")
        self.assertIn("Bonjour {contact},", french[3].text)


@tagged("post_install", "-at_install")
class TestFilledWords(DunningCommon):
    """Placeholders in a real notice, in the customer's language."""

    def test_shipped_first_reminder_in_german(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"]._load_module_terms(["ar_dunning"], ["de_DE"])
        self.env.invalidate_all()
        self.partner_a.write({"lang": "de_DE", "name": "Muster & Söhne"})
        self.policy.active = False
        shipped = (
            self.env.ref("ar_dunning.policy_business").sudo().copy({"company_id": self.company.id, "name": "Kopie"})
        )
        shipped.write({"working_days_only": False, "bank_max_age": 0})
        self.company.ar_dunning_policy_id = shipped
        first, second = self.invoice(1000.0, DUE), self.invoice(234.5, DUE)
        notice = self.night(DUE + timedelta(days=7)).notice_ids
        # Due Monday 2 March 2026; first reminder on day 7, to be paid within 10 days: 19 March.
        self.assertEqual(notice.subject, f"Zahlungserinnerung: {first.name}, {second.name}")
        self.assertIn("<p>Guten Tag Muster &amp; Söhne,</p>", notice.text)
        self.assertIn("1.234,50", notice.text)
        self.assertIn("überfällig seit dem 02.03.2026", notice.text)
        self.assertIn("<p>Bitte veranlassen Sie die Zahlung bis zum 19.03.2026.</p>", notice.text)
        body = self.env["ar.dunning.print"]._mail_content(notice)["body"]
        for words in ("Offene Posten in", "Fällig am 02.03.2026", "7 Tage überfällig", "Mit freundlichen Grüßen"):
            self.assertIn(words, body)

    def test_the_number_of_the_notice_can_be_printed(self):
        level = self.policy.level_ids.filtered(lambda level: level.days == 5)
        level.write({"subject": "{reference}: {invoices}", "closing": "<p>Quote {reference}.</p>"})
        invoice = self.invoice(1000.0, DUE)
        notice = self.night(DUE + timedelta(days=5)).notice_ids
        self.assertRegex(notice.name, r"^\w+/\d{4}/\d+$")
        self.assertEqual(notice.subject, f"{notice.name}: {invoice.name}")
        self.assertEqual(notice.closing, f"<p>Quote {notice.name}.</p>")
        # The draft follows the ledger the next night and keeps its number.
        self.night(DUE + timedelta(days=6))
        self.assertEqual(notice.closing, f"<p>Quote {notice.name}.</p>")

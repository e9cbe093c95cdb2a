from datetime import date, timedelta
from unittest.mock import patch

import lxml.html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.ar_dunning.tests.common import DUE

from .charge_print_common import DAY, ChargePrintCommon, fold


@tagged("post_install", "-at_install")
class TestChargesInMailAndLetter(ChargePrintCommon):
    """Every figure is read back from the mail's text and the PDF's."""

    def test_without_charges_nothing_is_said(self):
        self.invoice(1000)
        notice = self.notice()
        self.assertEqual((notice.amount_total, notice.amount_charges), (1000.0, 0.0))
        for text in (self.mail(notice), *self.pages(notice)):
            self.assertNotIn("Interest and charges", text)
            self.assertNotIn("Total to pay", text)

    def test_everything_that_says_how_much_to_pay_counts_the_charges(self):
        self.policy.level_ids.filtered(lambda level: level.days == 5).write(
            {"text": "<p>{total} with {charges} charges</p>"}
        )
        invoice = self.invoice(1000)
        notice = self.notice()
        self.assertIn("$ 1,000.00 with $ 0.00 charges", fold(notice.text))
        self.claim(
            self.values(notice, "fee", 5.0, rule="Agreed in our terms, section 7"),
            self.values(notice, "compensation", 40.0),
        )
        self.assertEqual((notice.amount_total, notice.amount_charges), (1000.0, 45.0))
        self.assertEqual(fold(notice.totals), "$ 1,045.00")
        self.assertIn("$ 1,045.00 with $ 45.00 charges", fold(notice.text))
        mail, [letter] = self.mail(notice), self.pages(notice)
        for text in (mail, letter):
            self.assertIn("Total USD $ 1,000.00", text)
            self.assertIn("Interest and charges in USD", text)
            self.assertIn("Interest and charges in total $ 45.00", text)
            self.assertIn("Total to pay USD $ 1,045.00", text)
            self.assertIn("Reminder fee, Agreed in our terms, section 7", text)
            self.assertNotIn("annex", text)
        self.assertIn(f"Lump-sum compensation {invoice.name} 40.00", mail)
        self.assertIn(f"Reminder fee {invoice.name} 5.00", letter)
        self.assertIn("Amount to pay $ 1,045.00", letter)
        asked = []
        with patch.object(
            type(self.bank), "build_qr_code_base64", lambda _self, *args: asked.append(args[0]) or "data:,"
        ):
            self.env["ar.dunning.print"]._print_transfer(notice, with_qr=True)
        self.assertEqual(asked, [1045.0])

    def test_two_periods_show_their_arithmetic_in_the_customers_number_format(self):
        for code, first, second in (
            (
                "de_DE",
                "01.06.2026 - 30.06.2026: 1.000,00 x 10,27 % x 30 / 365 = 8,44",
                "01.07.2026 - 19.08.2026: 1.000,00 x 10,52 % x 50 / 365 = 14,41",
            ),
            (
                "nb_NO",
                "01.06.2026 - 30.06.2026: 1 000,00 x 10,27 % x 30 / 365 = 8,44",
                "01.07.2026 - 19.08.2026: 1 000,00 x 10,52 % x 50 / 365 = 14,41",
            ),
        ):
            with self.subTest(code), self.cr.savepoint() as savepoint:
                self.speak(code)
                self.invoice(1000)
                notice = self.notice()
                self.claim(self.two_periods(notice))
                for text in (self.mail(notice), *self.pages(notice)):
                    self.assertIn(f"{first} {second}", text)
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_words_of_the_customer(self):
        for code, words in (
            ("de_DE", ("Zinsen und Kosten in USD", "Verzugszinsen", "Mahngebühr", "Insgesamt zu zahlen USD")),
            ("fr_FR", ("Intérêts et frais en USD", "Intérêts de retard", "Frais de rappel", "Total à payer USD")),
            ("nb_NO", ("Renter og gebyrer i USD", "Forsinkelsesrente", "Purregebyr", "Å betale i alt USD")),
        ):
            with self.subTest(code), self.cr.savepoint() as savepoint:
                self.speak(code)
                self.invoice(1000)
                notice = self.notice()
                self.claim(self.two_periods(notice), self.values(notice, "fee", 5.0))
                for text in (self.mail(notice), *self.pages(notice)):
                    for word in words:
                        self.assertIn(word, text)
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_a_daily_rate_rounded_first_is_shown_that_way(self):
        """The example of the United Kingdom's government: 1,000 at 8.5 % is 0.23 a day, 11.50 for 50 days."""
        self.invoice(1000)
        notice = self.notice()
        piece = self.piece(date(2026, 2, 1), date(2026, 3, 22), 1000.0, 8.5, "11.64383562", 11.5)
        self.claim(self.interest(notice, 11.5, [piece]))
        self.assertIn("02/01/2026 - 03/22/2026: (1,000.00 x 8.5 % / 365 = 0.23) x 50 = 11.50", self.mail(notice))

    def test_amounts_that_only_add_up_together_show_more_places(self):
        """0.344 and 0.344 are 0.34 and 0.35 of a rounded 0.69: a line by itself would look wrong."""
        self.invoice(1000)
        notice = self.notice()
        pieces = [
            self.piece(date(2026, 6, 1), date(2026, 6, 10), 125.56, 10.0, "0.34400000", 0.34),
            self.piece(date(2026, 6, 11), date(2026, 6, 20), 125.56, 10.0, "0.34400000", 0.35),
        ]
        self.claim(self.interest(notice, 0.69, pieces))
        text = self.mail(notice)
        self.assertEqual(text.count("125.56 x 10 % x 10 / 365 = 0.3440"), 2)
        self.assertNotIn("see the annex", text)

    def test_steps_of_a_fee_are_shown_where_they_say_something(self):
        self.invoice(1000)
        notice = self.notice()
        self.claim(
            self.values(notice, "fee", 5.0, steps=[["Fixed amount", "5.00"]]),
            self.values(notice, "compensation", 472.0, steps=[["Converted at 11.8, the rate of the day", "kr 472.00"]]),
        )
        text = self.mail(notice)
        self.assertIn("Converted at 11.8, the rate of the day: kr 472.00", text)
        self.assertNotIn("Fixed amount", text)

    def test_what_earlier_notices_claimed_is_repeated_and_counted(self):
        invoice = self.invoice(1000)
        [first] = self.day(DUE + timedelta(days=5))
        charges = self.env["ar.dunning.charge"]._create_claims([self.values(first, "fee", 5.0)])
        charges.sudo()._update_stage(("draft",), "announced")
        notice = self.notice(DUE + timedelta(days=20))
        notice._put({"earlier_charge_ids": [Command.set(charges.ids)]})
        self.claim(self.values(notice, "compensation", 40.0))
        self.assertEqual(notice.amount_charges, 40.0)
        self.assertEqual(fold(notice.totals), "$ 1,045.00")
        text = self.mail(notice)
        self.assertIn(
            f"Lump-sum compensation {invoice.name} 40.00 From earlier notices Reminder fee {invoice.name} 5.00", text
        )
        self.assertIn("Interest and charges in total $ 45.00 Total to pay USD $ 1,045.00", text)

    def test_two_currencies(self):
        self.invoice(1000)
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.invoice(200, currency=euro)
        notice = self.notice()
        dollars, euros = notice.line_ids.sorted("amount_due", reverse=True)
        self.claim(
            self.values(notice, "fee", 5.0, dollars),
            self.values(notice, "compensation", 40.0, euros, amount_company=46.0),
        )
        self.assertEqual(notice.amount_charges, 51.0)
        for text in (self.mail(notice), *self.pages(notice)):
            self.assertIn("Total to pay USD $ 1,005.00", text)
            self.assertIn("Total to pay EUR 240.00 €", text)
        self.assertEqual(self.env["ar.dunning.print"]._print_qr(notice, self.bank), "")

    def test_charges_without_principal_stand_alone(self):
        self.invoice(1000)
        euro = self.env.ref("base.EUR")
        euro.active = True
        notice = self.notice()
        self.claim(self.values(notice, "compensation", 40.0, currency_id=euro.id, waive_until=notice.deadline))
        mail, [letter] = self.mail(notice), self.pages(notice)
        for text in (mail, letter):
            self.assertIn("Interest and charges in EUR", text)
            self.assertNotIn("Open items in EUR", text)
            self.assertNotIn("we waive", text)
        self.assertIn("Amount to pay 40.00 € EUR", letter)

    def test_many_charges_are_summed_up_by_kind(self):
        for number in range(5):
            self.invoice(100 + number)
        notice = self.notice()
        values = [self.values(notice, "compensation", 40.0, line) for line in notice.line_ids]
        values += [self.values(notice, "fee", 1.5, line) for line in notice.line_ids[:4]]
        self.claim(*values)
        mail = self.mail(notice)
        block = mail.split("Interest and charges in USD")[1].split("Please pay")[0]
        self.assertIn("Lump-sum compensation 5 items see the annex 200.00", block)
        self.assertIn("Reminder fee 4 items see the annex 6.00", block)
        self.assertIn("Interest and charges in total $ 206.00", block)
        annex = mail.split("Annex: calculation of interest and charges")[1]
        self.assertEqual(annex.count("Lump-sum compensation 40.00"), 5)
        self.assertEqual(annex.count("Total $ 41.50"), 4)
        self.assertIn("Interest and charges in total $ 206.00", annex)

    def test_the_offer_to_waive(self):
        self.invoice(1000)
        notice = self.notice()
        charges = self.claim(
            self.values(notice, "fee", 5.0, waive_until=notice.deadline),
            self.values(notice, "compensation", 40.0, waive_until=notice.deadline),
        )
        offer = "If the principal of $ 1,000.00 reaches us by March 17, 2026, we waive these charges."
        for text in (self.mail(notice), *self.pages(notice)):
            self.assertIn(offer, text)
        charges = charges.sudo()
        charges[0]._put({"waive_until": False})
        self.assertIn("reaches us by March 17, 2026, we waive $ 40.00 of these charges.", self.mail(notice))
        charges[1]._put({"waive_until": notice.date - timedelta(days=1)})
        self.assertNotIn("we waive", self.mail(notice))

    def test_what_is_withheld_stays_inside(self):
        self.invoice(1000)
        notice = self.notice()
        notice._put({"charges_withheld": "Interest: no rate for 2026"})
        for text in (self.mail(notice), *self.pages(notice)):
            self.assertNotIn("no rate for 2026", text)

    def test_markup_in_rules_and_sources_is_text(self):
        self.invoice(1000)
        notice = self.notice()
        piece = self.piece(date(2026, 6, 1), date(2026, 6, 30), 1000.0, 10.27, "8.44109589", 8.44, source="<i>s</i>")
        self.claim(
            self.interest(notice, 8.44, [piece] * 3, rule="<b>r</b>"),
            self.values(notice, "fee", 5.0, steps=[["<u>1</u>", "<s>2</s>"]]),
        )
        body = str(self.env["ar.dunning.print"]._mail_contents(notice)[notice.id]["body"])
        self.assertEqual(list(lxml.html.fromstring(body).iter("i", "b", "u", "s")), [])
        for part in ("<i>s</i>", "<b>r</b>", "<u>1</u>: <s>2</s>"):
            self.assertIn(part, self.mail(notice))

    def test_a_batch_costs_no_statement_per_charge(self):
        partners = self.partner_a
        for number in range(5):
            partners |= self.partner_a.copy({"name": f"Customer {number}", "email": f"c{number}@example.com"})
        for partner in partners:
            self.invoice(1000, partner=partner)
        notices = self.night(DAY).notice_ids
        self.assertEqual(len(notices), 6)
        self.claim(*(self.two_periods(notice) for notice in notices))
        self.env["ar.dunning.print"]._mail_contents(notices)

        self.assertLessEqual(self.mail_statements(notices), self.mail_statements(notices[:1]))


@tagged("post_install", "-at_install")
class TestChargesOfADraft(ChargePrintCommon):
    """What the accountant may still take off."""

    def test_a_dropped_charge_leaves_the_draft_and_its_texts(self):
        self.invoice(1000)
        notice = self.notice()
        fee, lump = self.claim(self.values(notice, "fee", 5.0), self.values(notice, "compensation", 40.0))
        notice._add_evidence({"letter_id": self.env["ir.attachment"].create({"name": "x", "raw": b"x"}).id})
        clerk = new_test_user(
            self.env,
            "charge_clerk",
            "ar_dunning.group_dunning_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        fee.with_user(clerk).action_drop()
        self.assertEqual((notice.charge_ids, notice.is_edited, notice.amount_charges), (lump, True, 40.0))
        self.assertFalse(notice.letter_id, "the letter drawn before is forgotten")
        self.assertIn("$ 1,040.00 until", fold(notice.text))

    def test_words_of_a_person_stay(self):
        self.invoice(1000)
        notice = self.notice()
        fee = self.claim(self.values(notice, "fee", 5.0))
        notice.text = "<p>Please pay, Anna.</p>"
        fee.action_drop()
        self.assertIn("Please pay, Anna.", notice.text)

    def test_what_was_claimed_cannot_be_dropped(self):
        self.invoice(1000)
        notice = self.notice()
        fee = self.claim(self.values(notice, "fee", 5.0))
        fee.sudo()._update_stage(("draft",), "announced")
        with self.assertRaisesRegex(UserError, "was claimed and stays on record"), self.cr.savepoint():
            fee.action_drop()
        notice._approve()
        with self.assertRaisesRegex(UserError, "no longer a draft"):
            fee.action_drop()

    def test_a_stranger_may_not_drop(self):
        self.invoice(1000)
        fee = self.claim(self.values(self.notice(), "fee", 5.0))
        with self.assertRaises(AccessError):
            fee.with_user(new_test_user(self.env, "stranger", "base.group_user")).action_drop()

    def test_dropping_an_invoice_drops_what_is_claimed_on_it(self):
        first, second = self.invoice(1000), self.invoice(500)
        notice = self.notice()
        lines = {line.move_id: line for line in notice.line_ids}
        self.claim(
            self.values(notice, "compensation", 40.0, lines[first]),
            self.values(notice, "compensation", 41.0, lines[second]),
        )
        notice.write({"line_ids": [Command.delete(lines[second].id)]})
        self.assertEqual(notice.charge_ids.mapped("amount"), [40.0])
        self.assertIn("$ 1,040.00 until", fold(notice.text))
        self.assertEqual(fold(notice.totals), "$ 1,040.00")

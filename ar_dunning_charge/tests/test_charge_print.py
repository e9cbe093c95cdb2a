import re
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

import lxml.html

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.ar_dunning.models.print_sections import pages_of
from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon
from odoo.addons.ar_dunning.tests.pdf_common import texts_of

from ..models.facts.print_charges import ANNEX_HEAD, ANNEX_LINES, AnnexItem, AnnexRow, Period, adds_up

DAY = DUE + timedelta(days=8)
SIGNS = {
    "&nbsp;": " ",
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
    "\N{ZERO WIDTH NO-BREAK SPACE}": "",
    "\N{EN DASH}": "-",
    "\N{MULTIPLICATION SIGN}": "x",
}
BANK = "Bundesbank, base rate of 1 July 2026"


def fold(text):
    """Blanks folded, without the characters that only keep words together; signs as one types them."""
    for sign, typed in SIGNS.items():
        text = text.replace(sign, typed)
    # A minus sign comes back from a PDF with its invisible companion.
    return " ".join(text.split()).replace("- \N{ZERO WIDTH SPACE} ", "-")


class ChargeCommon(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.write({"name": "Kari Lund", "email": "kari@nordlys.example"})
        cls.bank = cls.env["res.partner.bank"].create(
            {"acc_number": "NO93 8601 1117 947", "partner_id": cls.company.partner_id.id}
        )
        cls.reports = cls.env["ir.actions.report"].with_context(force_report_rendering=True)

    def notice(self, day=DAY):
        [notice] = self.night(day).notice_ids
        return notice

    def formal_notice(self):
        """The same as a formal notice."""
        self.policy.reminders_before_formal = 0
        self.policy.level_ids.filtered(lambda level: level.days == 5).kind = "formal"
        notice = self.notice()
        self.assertEqual(notice.kind, "formal")
        return notice

    def speak(self, code):
        """The customer speaks this language; the addon's words in it are loaded."""
        self.env["res.lang"]._activate_lang(code)
        self.env["ir.module.module"]._load_module_terms(["ar_dunning", "ar_dunning_charge"], [code])
        self.env.invalidate_all()
        self.partner_a.lang = code

    def values(self, notice, kind, amount, line=None, **values):
        line = line or notice.line_ids[0]
        return {
            "kind": kind,
            "customer_id": notice.customer_id.id,
            "company_id": notice.company_id.id,
            "item_id": line.item_id.id,
            "move_id": line.move_id.id,
            "notice_id": notice.id,
            "level_id": notice.level_id.id,
            "date": notice.date,
            "currency_id": line.currency_id.id,
            "amount": amount,
            "amount_company": amount,
            "slices": [],
            **values,
        }

    def piece(self, first, last, principal, rate, exact, amount, **values):
        """A period; `exact` as text, days counted from the dates."""
        return {
            "date_from": first,
            "date_to": last,
            "days": (last - first).days + 1,
            "principal": principal,
            "rate": rate,
            "source": BANK,
            "basis": "act_365",
            "exact": exact,
            "amount": amount,
            "is_correction": False,
            **values,
        }

    def interest(self, notice, amount, pieces, line=None, **values):
        line = line or notice.line_ids[0]
        own = [piece for piece in pieces if not piece["is_correction"]] or pieces
        return self.values(
            notice,
            "interest",
            amount,
            line,
            date_from=own[0]["date_from"],
            date_to=own[-1]["date_to"],
            default_date=line.due_date,
            default_ground="agreed",
            slices=pieces,
            **values,
        )

    def claim(self, *values):
        """Put these charges on their notices, whose texts follow."""
        charges = self.env["ar.dunning.charge"]._create_claims(list(values))
        self.env.invalidate_all()
        for notice in charges.notice_id:
            notice._put(notice._text_values())
        return charges

    def mail(self, notice):
        root = lxml.html.fromstring(str(notice._mail_contents()[notice.id]["body"]))
        return fold(" ".join(root.itertext()))

    def pages(self, notice):
        with self.allow_pdf_render():
            pdf, _kind = self.reports._render_qweb_pdf("ar_dunning.action_report_notice", notice.ids)
        return [fold(page) for page in texts_of(pdf)]

    def two_periods(self, notice, line=None, **values):
        """1,000 x 10.27 % x 30 / 365 = 8.44 and 1,000 x 10.52 % x 50 / 365 = 14.41."""
        pieces = [
            self.piece(date(2026, 6, 1), date(2026, 6, 30), 1000.0, 10.27, "8.44109589", 8.44),
            self.piece(date(2026, 7, 1), date(2026, 8, 19), 1000.0, 10.52, "14.41095890", 14.41),
        ]
        return self.interest(notice, 22.85, pieces, line, **values)


@tagged("post_install", "-at_install")
class TestChargesInMailAndLetter(ChargeCommon):
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
            notice._print_transfer(with_qr=True)
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
        self.assertEqual(notice._print_qr(self.bank), "")

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
        body = str(notice._mail_contents()[notice.id]["body"])
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
        notices._mail_contents()

        def statements(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.browse(records.ids)._mail_contents()
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(statements(notices), statements(notices[:1]))


@tagged("post_install", "-at_install")
class TestAnnex(ChargeCommon):
    """What a judge needs to recompute every amount by hand."""

    def three_periods(self, notice, line=None, **values):
        """1,000 at 11.27, 10.27 and 10.52 %: 17.599726 + 102.70 + 41.791781 = 162.09."""
        pieces = [
            self.piece(date(2025, 5, 5), date(2025, 6, 30), 1000.0, 11.27, "17.59972603", 17.6, source="Rate A"),
            self.piece(date(2025, 7, 1), date(2026, 6, 30), 1000.0, 10.27, "102.70000000", 102.7, source="Rate B"),
            self.piece(date(2026, 7, 1), date(2026, 11, 22), 1000.0, 10.52, "41.79178082", 41.79, source="Rate A"),
        ]
        return self.interest(notice, 162.09, pieces, line, **values)

    def test_a_reminder_with_more_periods_has_an_annex(self):
        invoice = self.invoice(1000)
        notice = self.notice()
        self.claim(self.three_periods(notice), self.values(notice, "fee", 5.0, rule="Our terms"))
        letter, annex = self.pages(notice)
        self.assertIn("05/05/2025 - 11/22/2026, see the annex", letter)
        self.assertIn("The annex shows the calculation, period by period.", letter)
        for part in (
            f"Annex to our letter {notice.name}, March 10, 2026 Calculation of interest and charges",
            f"Invoice {invoice.name} due on 03/02/2026, in default since 03/02/2026 (agreed due date)",
            "From To Days Principal Rate per year Day count Before rounding Amount",
            "Late-payment interest - 162.09",
            "05/05/2025 06/30/2025 57 1,000.00 11.27 % [1] actual/365 17.599726 17.60",
            "07/01/2025 06/30/2026 365 1,000.00 10.27 % [2] actual/365 102.700000 102.70",
            "07/01/2026 11/22/2026 145 1,000.00 10.52 % [1] actual/365 41.791781 41.79",
            "Reminder fee, Our terms 5.00",
            "Total $ 167.09",
            "Interest and charges in total $ 167.09",
            "[1] Rate A [2] Rate B",
            "Interest is the principal times the yearly rate times the days",
            "Rounding: the amounts before rounding are added up",
        ):
            self.assertIn(part, annex)
        mail = self.mail(notice)
        self.assertIn("The annex below shows the calculation", mail)
        self.assertIn("05/05/2025 - 06/30/2025: 1,000.00 x 11.27 % [1] x 57 / 365 = 17.599726 17.60", mail)
        self.assertIn("[2] Rate B", mail)

    def test_a_formal_notice_always_has_one_and_its_mail_points_to_the_letter(self):
        self.invoice(1000)
        notice = self.formal_notice()
        self.claim(self.values(notice, "fee", 5.0))
        pages = self.pages(notice)
        self.assertIn("Calculation of interest and charges", pages[-1])
        self.assertIn("Reminder fee 5.00 Total $ 5.00", pages[-1])
        self.assertNotIn("Rounding", pages[-1])
        mail = self.mail(notice)
        self.assertIn("The annex to the enclosed letter shows the calculation, period by period.", mail)
        self.assertNotIn("Total, sources and rounding", mail)

    def test_a_formal_notice_without_charges_has_none(self):
        self.invoice(1000)
        notice = self.formal_notice()
        for text in (self.mail(notice), *self.pages(notice)):
            self.assertNotIn("annex", text.lower())

    def test_corrections_are_marked_with_their_reason(self):
        first, last = date(2026, 5, 16), date(2026, 6, 1)
        for changes, reason in (
            ([(-300.0, 12.0)], "a payment was recorded later, with an earlier date"),
            ([(300.0, 12.0)], "a payment was taken back"),
            ([(-300.0, 12.0), (300.0, 11.0)], "their rate has been put right"),
            ([(-300.0, 12.0), (100.0, 11.0)], "payments or rates have been put right"),
        ):
            with self.subTest(reason), self.cr.savepoint() as savepoint:
                self.invoice(1000)
                notice = self.notice()
                pieces = [self.piece(date(2026, 6, 2), date(2026, 6, 30), 700.0, 12.0, "6.67397260", 6.67)]
                pieces += [
                    self.piece(first, last, principal, rate, "-1.67671233", -1.68, is_correction=True)
                    for principal, rate in changes
                ]
                self.claim(self.interest(notice, 4.99, pieces))
                _letter, annex = self.pages(notice)
                before, after = annex.split(f"Correction of days claimed before: {reason}")
                self.assertIn("06/02/2026 06/30/2026 29 700.00 12 %", before)
                self.assertRegex(after, r"05/16/2026 06/01/2026 17 -?300\.00 12 % \[1\] actual/365 -1\.676712 -1\.68")
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_charges_of_earlier_notices_name_them(self):
        self.invoice(1000)
        [first] = self.day(DUE + timedelta(days=5))
        charges = self.env["ar.dunning.charge"]._create_claims([self.values(first, "fee", 5.0)])
        charges.sudo()._update_stage(("draft",), "announced")
        notice = self.notice(DUE + timedelta(days=20))
        notice._put({"earlier_charge_ids": [Command.set(charges.ids)]})
        self.claim(self.three_periods(notice))
        annex = self.mail(notice).split("Annex: calculation")[1]
        self.assertIn(f"Reminder fee, from our notice {first.name} of 03/07/2026 5.00", annex)
        self.assertIn("Total $ 167.09", annex)

    def test_the_notice_that_put_in_default_is_named(self):
        self.invoice(1000)
        [first] = self.day(DUE + timedelta(days=5))
        notice = self.notice(DUE + timedelta(days=20))
        values = self.three_periods(notice)
        values.update(default_ground="notice", default_date=date(2026, 3, 9))
        charge = self.claim(values)
        self.assertIn("in default since 03/09/2026 (our notice received)", self.mail(notice))
        charge.item_id.sudo()._put({"default_notice_id": first.id})
        self.assertIn(f"in default since 03/09/2026 (our notice {first.name} of 03/07/2026)", self.mail(notice))

    def test_day_counts(self):
        self.invoice(1000)
        notice = self.notice()
        first, last = date(2024, 2, 1), date(2024, 2, 29)
        bases = [
            ("act_365", "actual/365", 365),
            ("act_act", "actual/366", 366),
            ("act_360", "actual/360", 360),
            ("30_360", "30/360", 360),
        ]
        self.claim(
            self.interest(
                notice, 40.0, [self.piece(first, last, 1000.0, 10.0, "10", 10.0, basis=code) for code, *_rest in bases]
            )
        )
        _letter, annex = self.pages(notice)
        mail = self.mail(notice)
        for _code, words, days in bases:
            self.assertIn(f"10 % [1] {words} 10.000000 10.00", annex)
            self.assertIn(f"1,000.00 x 10 % [1] x 29 / {days} = 10.000000", mail)

    def test_both_ways_of_rounding_are_explained(self):
        self.invoice(1000)
        self.invoice(500)
        notice = self.notice()
        one, other = notice.line_ids
        daily = self.piece(date(2026, 2, 1), date(2026, 3, 22), 1000.0, 8.5, "11.64383562", 11.5)
        self.claim(self.three_periods(notice, one), self.interest(notice, 34.5, [daily] * 3, other))
        mail = self.mail(notice)
        self.assertIn("Rounding: the amounts before rounding are added up", mail)
        self.assertIn("Rounding: the interest of one day is rounded first and then multiplied by the days.", mail)

    def test_forty_periods_break_over_pages(self):
        """Every page has headings of its own, every period stands once, the sums add up to the block."""
        for _number in range(5):
            self.invoice(10000)
        notice = self.formal_notice()
        values, seen = [], []
        for number, line in enumerate(notice.line_ids):
            first, pieces = date(2020, 1, 1) + timedelta(days=number), []
            for step in range(8 + 4 * (number == 0)):
                begin = first + timedelta(days=31 * step)
                amount = 80.0 + number + step
                last = begin + timedelta(days=30)
                pieces.append(self.piece(begin, last, 10000.0, 9.5, f"{amount:.8f}", amount))
                seen.append(
                    f"{begin:%m/%d/%Y} {last:%m/%d/%Y} 31 10,000.00 9.5 % [1] actual/365 {amount:.6f} {amount:.2f}"
                )
            values.append(self.interest(notice, sum(piece["amount"] for piece in pieces), pieces, line))
            values.append(self.values(notice, "compensation", 40.0, line))
        self.claim(*values)
        total = sum(one["amount"] for one in values)
        pages = self.pages(notice)
        annexes = [page for page in pages if "Calculation of interest and charges" in page]
        self.assertEqual(len(annexes), 2)
        for page in annexes:
            self.assertIn("From To Days Principal Rate per year Day count Before rounding Amount", page)
        text = " ".join(annexes)
        self.assertEqual(len(seen), 44)
        self.assertEqual([row for row in seen if text.count(row) != 1], [])
        totals = [Decimal(found.replace(",", "")) for found in re.findall(r"(?<!to pay )Total \$ ([\d,.]+)", text)]
        self.assertEqual(len(totals), 5)
        self.assertEqual(sum(totals), Decimal(f"{total:.2f}"))
        self.assertIn(f"Interest and charges in total $ {total:,.2f}", annexes[-1])
        self.assertIn(f"Interest and charges in total $ {total:,.2f}", " ".join(pages[: -len(annexes)]))


@tagged("post_install", "-at_install")
class TestAnnexPages(DunningCommon):
    """Tables of the annex are cut to fit, without a database record."""

    def item(self, rows, **values):
        return AnnexItem("Invoice 1", "due", tuple(AnnexRow(text="x", **values) for _row in range(rows)))

    def shape(self, parts):
        cut = pages_of(parts, lines=ANNEX_LINES, head=ANNEX_HEAD)
        return [[(len(part.rows), part.last) for part in page] for page in cut]

    def test_a_long_item_goes_on_overleaf(self):
        full = ANNEX_LINES - ANNEX_HEAD
        self.assertEqual(self.shape([self.item(full)]), [[(full, True)]])
        self.assertEqual(self.shape([self.item(full + 2)]), [[(full, False)], [(2, True)]])

    def test_short_items_share_a_page(self):
        self.assertEqual(self.shape([self.item(4), self.item(5), self.item(3)]), [[(4, True), (5, True), (3, True)]])

    def test_long_texts_take_more_lines(self):
        self.assertEqual(AnnexRow(text="x" * 109).height, 1)
        self.assertEqual(AnnexRow(text="x" * 230).height, 3)

    def test_ways_of_rounding_are_told_apart(self):
        def period(exact, amount, principal="1000", rate="8.5", days=50):
            return Period(Decimal(principal), Decimal(rate), days, 365, Decimal(exact), Decimal(amount), 2)

        self.assertEqual(period("11.64383562", "11.64").rounded, Decimal("11.64"))
        self.assertEqual(period("11.64383562", "11.50").daily, Decimal("0.23"))
        self.assertTrue(period("11.64383562", "11.50").is_daily)
        self.assertFalse(period("11.64383562", "11.64").is_daily)
        self.assertTrue(adds_up([period("0.344", "0.34"), period("0.344", "0.35")]))
        self.assertFalse(adds_up([period("0.344", "0.34"), period("0.344", "0.34")]))


@tagged("post_install", "-at_install")
class TestChargesOfADraft(ChargeCommon):
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

import re
from datetime import date, timedelta
from decimal import Decimal

import lxml.etree
import lxml.html

from odoo import Command
from odoo.tests import tagged

from odoo.addons.ar_dunning.models.facts.print_sections import pages_of
from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon

from ..models.facts.print_charges import ANNEX_HEAD, ANNEX_LINES, AnnexItem, AnnexRow, Period, adds_up
from .charge_print_common import ChargePrintCommon, fold


@tagged("post_install", "-at_install")
class TestAnnex(ChargePrintCommon):
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

    def test_nobody_promises_an_annex_that_is_not_attached(self):
        """Once the charges are gone with their addon, mail and letter of a notice that has left keep amount and days alone."""
        self.invoice(1000)
        notice = self.notice()
        self.claim(self.three_periods(notice), self.values(notice, "fee", 5.0))
        notice._keep_demands()
        self.assertIn("05/05/2025 - 11/22/2026, see the annex 162.09", self.mail(notice))
        self.assertIn("05/05/2025 - 11/22/2026, see the annex", self.html(notice))
        self.env.cr.execute("DELETE FROM ar_dunning_charge WHERE notice_id = %s", notice.ids)
        self.env.invalidate_all()
        templates = self.env["ir.ui.view"].search([("key", "=like", "ar_dunning_charge.%notice%")])
        self.assertEqual(len(templates), 6)
        for gone in (templates.browse(), templates):  # installed again, and not
            gone.active = False
            for text in (self.mail(notice), self.html(notice)):
                self.assertNotIn("annex", text.lower())
                self.assertRegex(text, r"05/05/2025 - 11/22/2026 (INV/\S+ )?162\.09")

    def html(self, notice):
        """The letter as its preview shows it, without its style."""
        html, _kind = self.reports._render_qweb_html("ar_dunning.action_report_notice", notice.ids)
        root = lxml.html.fromstring(html)
        lxml.etree.strip_elements(root, "style", "script", with_tail=False)
        return fold(" ".join(root.itertext()))

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

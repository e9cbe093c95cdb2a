from datetime import timedelta
from decimal import Decimal

from odoo.tests import tagged

from ..core.plan import Blocker
from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)
REVIEW = "court_review"  # a reason that no part of the base knows


@tagged("post_install", "-at_install")
class TestSeams(DunningCommon):
    """A member of the family brings a reason, a placeholder or a demand of its own; the base tells and obeys it."""

    def stop(self, invoice, **blocker):
        """A member that stops this invoice's item."""
        item = self.item(invoice)
        Ledger = type(self.env["ar.dunning.ledger"])
        sentences = Ledger._sentences
        self.patch(Ledger, "_facts_of", lambda ledger, items, on: {item.id: [Blocker(REVIEW, **blocker)]})
        self.patch(Ledger, "_sentences", lambda ledger: {**sentences(ledger), REVIEW: "A judge looks at it."})
        return item

    def test_a_reason_of_a_member_stops_a_step_and_is_told(self):
        """Nothing is made, the item says why, and so do the run and its count."""
        item = self.stop(self.invoice())
        run = self.night(FIRST)
        self.assertFalse(run.notice_ids)
        self.assertEqual((item.blocker_codes, item.blocker_text), (REVIEW, "A judge looks at it."))
        self.assertEqual(run.skipped_counts, {REVIEW: 1})
        self.assertIn("A judge looks at it.", run.skipped_html)
        self.assertEqual(run.skipped_ids.mapped("reason"), ["A judge looks at it."])

    def test_it_passes_by_itself_where_its_day_is_known(self):
        invoice = self.invoice()
        self.stop(invoice, until=FIRST + timedelta(days=3))
        self.assertFalse(self.night(FIRST).notice_ids)
        self.assertTrue(self.night(FIRST + timedelta(days=3)).notice_ids)

    def test_it_may_hold_a_part(self):
        """Of 1,000 a member holds 400: 600 are demanded."""
        self.stop(self.invoice(1000), amount=Decimal(400))
        notice = self.night(FIRST).notice_ids
        self.assertEqual((notice.line_ids.amount_due, notice.line_ids.amount_held), (600.0, 400.0))

    def test_it_says_whether_its_item_is_listed_beside_others(self):
        """By itself an unknown reason keeps its item off the notice; one that says so is listed, not demanded."""
        for lists, listed in ((None, 1), (True, 2)):
            with self.subTest(lists=lists):
                partner = self.env["res.partner"].create(
                    {"name": "Debtor", "email": "d@example.com", "is_company": True}
                )
                self.stop(self.invoice(100, partner=partner), lists=lists)
                other = self.invoice(200, partner=partner)
                notice = self.night(FIRST).notice_ids.filtered(lambda one, who=partner: one.partner_id == who)
                self.assertEqual(len(notice.line_ids), listed)
                self.assertEqual(notice.line_ids.filtered("is_demanded").move_id, other)

    def test_a_reason_whose_member_has_gone_is_still_told(self):
        item = self.item(self.invoice())
        item.sudo()._put({"blocker_codes": "gone_reason"})
        self.assertEqual(item.blocker_text, "A reason of a part that is not installed any more: gone_reason.")

    def test_a_placeholder_of_a_member(self):
        """It may be written in the words of a level, and is refused again once nobody knows it."""
        Level, Wording = type(self.env["ar.dunning.level"]), type(self.env["ar.dunning.wording"])
        names, values = Level._placeholders, Wording._placeholder_values
        self.patch(Level, "_placeholders", lambda level: {**names(level), "case": "Number of the case"})
        self.patch(
            Wording,
            "_placeholder_values",
            lambda wording, *args, **more: {**values(wording, *args, **more), "case": "K 7"},
        )
        level = self.policy.level_ids.filtered(lambda one: one.days == 5)
        level.subject = "Case {case}"
        self.invoice()
        self.assertEqual(self.night(FIRST).notice_ids.subject, "Case K 7")

    def test_what_a_member_demands_stays_once_the_notice_has_left(self):
        """12.50 beside 1,000: in the total, in the letter's sum, and frozen when the notice is sent, member or not."""
        Notice = type(self.env["ar.dunning.notice"])
        currency = self.company.currency_id
        self.patch(Notice, "_added_demands", lambda notice: [(currency, 12.5)])
        self.invoice(1000)
        notice = self.night(FIRST).notice_ids
        notice.invalidate_recordset(["totals"])
        self.assertIn("1,012.50", notice.totals)
        self.send(notice, FIRST)
        self.patch(Notice, "_added_demands", lambda notice: [])
        notice.invalidate_recordset(["totals"])
        self.assertIn("1,012.50", notice.totals)
        self.assertEqual(
            [section.to_pay for section in self.env["ar.dunning.print"]._print_sections(notice)],
            ["$\N{NO-BREAK SPACE}1,012.50"],
        )

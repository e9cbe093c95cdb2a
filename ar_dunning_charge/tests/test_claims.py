from datetime import date

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE

from ..models.facts.claim_facts import Asked
from .claims_common import FIRST, SECOND, THIRD, ClaimsCommon


@tagged("post_install", "-at_install")
class TestClaims(ClaimsCommon):
    """Each debtor pays what his own law allows; the figures are worked out by hand from the published rates."""

    def test_germany(self):
        """Base rate 1.27 + 9 = 10.27 %: 1000 x 10.27 % x 15 / 365 = 4.2205; EUR 40 (BGB 288)."""
        notice = self.until_second(self.invoice(partner=self.debtor("DE"), currency=self.euro))
        self.assertEqual(self.charges(notice), {"interest": 4.22, "compensation": 40.0})
        interest = notice.charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertEqual((interest.date_from, interest.date_to), (date(2026, 3, 3), SECOND))
        piece = interest.slice_ids
        self.assertEqual((piece.days, piece.rate, piece.principal, piece.amount), (15, 10.27, 1000.0, 4.22))
        self.assertEqual(piece.source, "German base rate (Basiszinssatz, BGB 247), 1.27 % since 01/01/2026")
        self.assertEqual(interest.currency_id, self.euro)
        self.assertEqual(interest.default_ground, "agreed")
        self.assertEqual(interest.item_id.default_date, DUE)
        self.assertEqual(interest.amount_company, 5.28)  # 4.22 / 0.8 = 5.275
        self.assertFalse(notice.charges_withheld)

    def test_germany_without_agreement_needs_a_notice_or_thirty_days(self):
        """A due date that stands only on the invoice is no agreement; neither notice nor thirty days yet."""
        self.policy.due_agreed = False
        notice = self.until_second(self.invoice(partner=self.debtor("DE"), currency=self.euro))
        self.assertFalse(notice.charge_ids)
        self.assertIn("it can be claimed from 04/02/2026 on", notice.charges_withheld)
        self.assertFalse(notice.line_ids.item_id.default_date)

    def test_germany_default_by_notice(self):
        """A reminder that puts in default, sent on Saturday 7 March: received Monday 9, interest from the 10th."""
        self.policy.due_agreed = False
        self.first.legal_effect = "default"
        notice = self.until_second(self.invoice(partner=self.debtor("DE"), currency=self.euro))
        interest = notice.charge_ids.filtered(lambda charge: charge.kind == "interest")
        self.assertEqual((interest.date_from, interest.date_to), (date(2026, 3, 10), SECOND))
        self.assertEqual(interest.amount, 2.25)  # 1000 x 10.27 % x 8 / 365 = 2.2510
        self.assertEqual(interest.default_ground, "notice")
        self.assertEqual(interest.item_id.default_notice_id.level_id, self.first)

    def test_german_consumer(self):
        """Base rate + 5 = 6.27 %, no EUR 40: 1000 x 6.27 % x 15 / 365 = 2.5767."""
        notice = self.until_second(self.invoice(partner=self.debtor("DE", False), currency=self.euro))
        self.assertEqual(self.charges(notice), {"interest": 2.58})
        self.assertIn("compensation not claimed: the law grants none there", notice.charges_withheld)

    def test_norway_compensation_and_fee_do_not_add_up(self):
        """12.00 %: 1000 x 12 % x 15 / 365 = 4.9315; NOK 460, from which the fee of 38 is not claimed again."""
        self.second.fee_rule_id = self.fee_rule
        self.second.deadline_days = 14
        notice = self.until_second(self.invoice(partner=self.debtor("NO"), currency=self.krone))
        self.assertEqual(self.charges(notice), {"interest": 4.93, "compensation": 460.0})
        self.assertIn("compensation and fees do not add up", notice.charges_withheld)

    def test_norwegian_consumer_pays_the_fee_after_fourteen_days(self):
        """One twentieth of 750 = 37.5, to the krone 38; no compensation (inkassoforskriften 1-2)."""
        self.policy.level_ids.fee_rule_id = self.fee_rule
        self.policy.level_ids.filtered(lambda level: level.days > 0).deadline_days = 14
        invoice = self.invoice(partner=self.debtor("NO", False), currency=self.krone)
        first = self.night(FIRST).notice_ids
        self.assertFalse(first.charge_ids)
        self.assertIn("the law allows it only 14 days after the due date", first.charges_withheld)
        self.send(first, FIRST)
        on = date(2026, 3, 24)  # fourteen days to pay and two days of transit
        notice = self.night(on).notice_ids
        self.assertEqual(notice.line_ids.move_id, invoice)
        self.assertEqual(self.charges(notice), {"interest": 7.23, "fee": 38.0})  # 1000 x 12 % x 22 / 365 = 7.2329

    def test_norway_short_deadline_bears_no_fee(self):
        self.second.fee_rule_id = self.fee_rule  # seven days to pay, the law wants fourteen
        notice = self.until_second(self.invoice(partner=self.debtor("NO", False), currency=self.krone))
        self.assertEqual(self.charges(notice), {"interest": 4.93})
        self.assertIn("a reminder with a fee must give at least 14 days to pay", notice.charges_withheld)

    def test_france(self):
        """2.15 + 10 = 12.15 %: 1000 x 12.15 % x 15 / 365 = 4.9932; EUR 40 (Code de commerce L441-10, D441-5)."""
        notice = self.until_second(self.invoice(partner=self.debtor("FR"), currency=self.euro))
        self.assertEqual(self.charges(notice), {"interest": 4.99, "compensation": 40.0})

    def test_claim_that_needs_a_text_on_the_invoice(self):
        """A German consumer is in default thirty days after invoice and due date only where the invoice said so.

        Due on 2 March, so from 2 April: nine days until the 10th at 6.27 % are 1.5460.
        """
        self.policy.due_agreed = False
        customer = self.debtor("DE", False)
        silent = self.invoice(partner=customer, currency=self.euro)
        self.company.ar_dunning_mentions = True
        spoken = self.invoice(partner=customer, currency=self.euro)
        self.assertFalse(silent.ar_dunning_mention)
        self.assertIn("within 30 days", spoken.ar_dunning_mention)
        self.day(FIRST)
        self.day(SECOND)
        notice = self.night(date(2026, 4, 10)).notice_ids
        self.assertEqual([(c.move_id, c.kind, c.amount) for c in notice.charge_ids], [(spoken, "interest", 1.55)])
        self.assertEqual(notice.charge_ids.default_ground, "invoice")
        self.assertIn(f"{silent.name}: interest not claimed", notice.charges_withheld)
        self.assertIn("the invoice does not announce the default", notice.charges_withheld)

    def test_text_on_invoices_is_printed_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ar.dunning.statutory"]._apply(["DE"], ["consumer"])  # brings the language that came later
        self.company.ar_dunning_mentions = True
        invoice = self.invoice(partner=self.debtor("DE", False, lang="de_DE"), currency=self.euro)
        self.assertIn("in Verzug", invoice.ar_dunning_mention)
        html = self.env["ir.actions.report"]._render_qweb_html("account.report_invoice", invoice.ids)[0].decode()
        self.assertIn("in Verzug", html)
        self.assertFalse(invoice.copy().ar_dunning_mention)

    def test_dutch_collection_costs_contain_the_lump_sum(self):
        """4,000: 15 % of 2,500 and 10 % of 1,500 are 525 (Besluit incassokosten); the EUR 40 is part of it."""
        self.env["ar.dunning.statutory"]._apply(["NL"], ["business"])
        rule = self.env["ar.dunning.fee.rule"].create({"name": "Collection costs", "method": "collection"})
        self.third.fee_rule_id = rule
        invoice = self.invoice(4000.0, partner=self.debtor("NL"), currency=self.euro)
        self.send(self.until_second(invoice), SECOND)
        notice = self.night(THIRD).notice_ids
        self.assertEqual(self.charges(notice)["fee"], 485.0)
        self.assertEqual(notice.charge_ids.filtered(lambda charge: charge.kind == "fee").gross, 525.0)

    def test_britain_rate_stays_and_compensation_goes_by_size(self):
        """3.75 + 8 = 11.75 %: 1000 x 11.75 % x 15 / 365 = 4.8288; GBP 70 from 1,000 on, 40 below."""
        customer = self.debtor("GB")
        large = self.invoice(partner=customer, currency=self.pound)
        small = self.invoice(999.99, partner=customer, currency=self.pound)
        self.day(FIRST)
        notice = self.night(SECOND).notice_ids
        amounts = {(charge.move_id, charge.kind): charge.amount for charge in notice.charge_ids}
        self.assertEqual(
            amounts,
            {
                (large, "interest"): 4.83,
                (large, "compensation"): 70.0,
                (small, "interest"): 4.83,
                (small, "compensation"): 40.0,
            },
        )

    def test_unknown_law_claims_nothing(self):
        """Neither a country without rules, nor a customer without country, nor a doubtful sole trader."""
        for customer, reason in (
            (self.debtor("SE"), "no statutory rules are set up for Sweden"),
            (self.debtor("DE", country_id=False), "the customer has no country"),
            (self.debtor("DE", False, vat="DE123456788"), "Set the audience"),
        ):
            with self.subTest(reason=reason):
                invoice = self.invoice(partner=customer, currency=self.euro)
                self.day(FIRST)
                notice = self.night(SECOND).notice_ids.filtered(lambda n, i=invoice: n.line_ids.move_id == i)
                self.assertFalse(notice.charge_ids)
                self.assertEqual(notice.charges_withheld.count(reason), 2)
                notice._update_state(("draft",), "cancelled", cancel_reason="Next case")
                self.pay(invoice, 1000.0, SECOND)

    def test_reasons_that_forbid_charges(self):
        """Insolvency, moratorium and death stop interest and fees; a complaint does not."""
        for name, forbids in (("insolvency", True), ("moratorium", True), ("death", True), ("agreed", False)):
            self.assertEqual(self.env.ref(f"ar_dunning.reason_pause_{name}").no_charges, forbids, name)

    def test_no_charges_while_a_pause_forbids_them(self):
        """A moratorium from 8 to 12 March: five of the fifteen days bear no interest: 2.8137."""
        invoice = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        self.day(FIRST)
        reason = self.env["ar.dunning.reason"].create({"name": "Moratorium", "kind": "pause", "no_charges": True})
        self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": self.item(invoice).customer_id.id,
                "date_start": date(2026, 3, 8),
                "date_end": date(2026, 3, 12),
                "reason_id": reason.id,
            }
        )
        self.assertEqual(self.charges(self.night(SECOND).notice_ids)["interest"], 2.81)

    def test_missing_rate_claims_nothing_and_says_so(self):
        """The reminder itself still goes out."""
        series = self.env["ar.dunning.regime"].search([("country_code", "=", "DE")]).interest_rate_id
        series.value_ids.filtered(lambda value: value.date_from >= date(2026, 1, 1)).unlink()
        notice = self.until_second(self.invoice(partner=self.debtor("DE"), currency=self.euro))
        self.assertEqual(self.charges(notice), {"compensation": 40.0})
        self.assertIn("has no value from 03/03/2026 on", notice.charges_withheld)
        self.send(notice, SECOND)
        self.assertEqual(notice.state, "sent")

    def test_contract_comes_before_policy_and_law(self):
        """Policy 6 %: 2.4658; the customer's own contract 4 %: 1.6438."""
        Rule = self.env["ar.dunning.interest.rule"]
        self.policy.interest_rule_id = Rule.create({"name": "Terms", "interest_source": "fixed", "fixed_rate": 6})
        customer = self.debtor("CH")
        invoice = self.invoice(partner=customer, currency=self.euro)
        second = self.until_second(invoice)
        self.assertEqual(self.charges(second)["interest"], 2.47)
        self.item(invoice).customer_id.interest_rule_id = Rule.create(
            {"name": "Contract", "interest_source": "fixed", "fixed_rate": 4}
        )
        self.night(SECOND)
        self.assertEqual(self.charges(second)["interest"], 1.64)

    def test_own_fee_is_cut_to_what_the_law_allows(self):
        """NOK 60 entered, 38 allowed; nothing in France, whose law knows no reminder fee."""
        rule = self.env["ar.dunning.fee.rule"].create(
            {
                "name": "Reminder",
                "method": "fixed",
                "tier_ids": [(0, 0, {"currency_id": self.krone.id, "fixed": 60.0})],
            }
        )
        self.second.write({"fee_rule_id": rule.id, "deadline_days": 14, "charge_compensation": False})
        self.invoice(partner=self.debtor("NO"), currency=self.krone)
        self.invoice(partner=self.debtor("FR"), currency=self.euro)
        self.day(FIRST)
        notices = self.night(SECOND).notice_ids
        norwegian = notices.filtered(lambda notice: notice.line_ids.currency_id == self.krone)
        self.assertEqual(self.charges(norwegian)["fee"], 38.0)
        self.assertIn("cut to", norwegian.charges_withheld)
        self.assertIn("allows no reminder fee", (notices - norwegian).charges_withheld)

    def test_fee_once_for_the_notice(self):
        """Two invoices, one notice, one fee; the amount in another currency is converted and says so."""
        rule = self.env["ar.dunning.fee.rule"].create(
            {
                "name": "Reminder",
                "method": "fixed",
                "scope": "notice",
                "is_agreed": True,
                "tier_ids": [(0, 0, {"currency_id": self.euro.id, "fixed": 8.0})],
            }
        )
        self.second.write({"fee_rule_id": rule.id, "charge_interest": False, "charge_compensation": False})
        customer = self.debtor("CH")
        self.invoice(partner=customer)
        self.invoice(500.0, partner=customer)
        self.day(FIRST)
        fee = self.night(SECOND).notice_ids.charge_ids
        self.assertEqual((fee.kind, fee.amount, fee.currency_id), ("fee", 10.0, self.company.currency_id))
        self.assertEqual(fee.basis, 1500.0)
        self.assertIn("Converted at 1.25", str(fee.steps))

    def test_the_customer_reads_his_language_and_the_accountant_her_own(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ar.dunning.statutory"]._apply(["DE"], ["business", "consumer"])
        self.invoice(partner=self.debtor("DE", False, lang="de_DE"), currency=self.euro)
        self.day(FIRST)
        notice = self.night(SECOND).notice_ids
        self.assertEqual(notice.charge_ids.rule, "§ 288 Abs. 1 BGB: Basiszinssatz (§ 247 BGB) plus 5 Prozentpunkte")
        self.assertIn("compensation not claimed: the law grants none there", notice.charges_withheld)

    def test_reading_costs_the_same_for_two_items_and_for_thirty(self):
        customer = self.debtor("DE")
        invoices = [self.invoice(100.0 + number, partner=customer, currency=self.euro) for number in range(30)]
        for invoice in invoices[::3]:
            self.pay(invoice, 40.0, date(2026, 3, 10))
        items = self.item(self.env["account.move"].browse([invoice.id for invoice in invoices[:1]]))
        items = self.env["ar.dunning.item"].search([("customer_id", "=", items.customer_id.id)], order="id")
        self.assertEqual(len(items), 30)
        asked = [Asked("one notice", item.id, self.second, self.policy, "en_US", None) for item in items]
        Claims = self.env["ar.dunning.claims"].sudo()

        def statements(some):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            worked = Claims._work_out(some, self.company, SECOND)
            self.assertEqual(len(worked["one notice"].charges), 2 * len(some))
            return self.env.cr.sql_log_count - before

        statements(asked[:2])
        self.assertEqual(statements(asked), statements(asked[:2]))

    def test_item_of_the_system_before(self):
        """What was claimed there is not known, so nothing is; from the day after the last one known, interest is."""
        invoice = self.invoice(partner=self.debtor("DE"), currency=self.euro)
        item = self.item(invoice)
        item.sudo()._put({"opening_rank": 1, "rank": 1, "opening_date": date(2026, 3, 7), "is_loaded": True})
        item._refresh_progress()
        notice = self.night(SECOND).notice_ids
        self.assertFalse(notice.charge_ids)
        self.assertEqual(notice.charges_withheld.count("reminded in the system before"), 2)
        item.sudo().opening_claimed_until = date(2026, 3, 7)
        self.night(SECOND)
        self.assertEqual(self.charges(notice), {"interest": 2.81})  # 8 to 17 March: 10 days, 2.8137
        self.assertEqual(notice.charge_ids.date_from, date(2026, 3, 8))

    def test_due_on_a_sunday_in_germany(self):
        """1 March 2026 is a Sunday: the debtor has until Monday (BGB 193), so 15 days until the 17th, not 16."""
        notice = self.until_second(self.invoice(partner=self.debtor("DE"), currency=self.euro, due=date(2026, 3, 1)))
        self.assertEqual(self.charges(notice)["interest"], 4.22)
        self.assertEqual(notice.line_ids.item_id.default_date, date(2026, 3, 2))

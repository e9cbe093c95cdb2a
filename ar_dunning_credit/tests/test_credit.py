from datetime import timedelta
from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.ar_dunning.tests.common import DUE

from ..core.credit_status import Code, Status
from .credit_common import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestStatus(CreditCommon):
    """Reasons, holds, rules, and what is stored."""

    def test_overdue_names_what_to_pay(self):
        invoice = self.invoice(400.0)
        later = self.invoice(300.0, due=DUE + timedelta(days=5))
        day = DUE + timedelta(days=31)
        (reason,) = self.state(day).reasons
        self.assertEqual((reason.code, reason.unlock.amount, reason.unlock.names), (Code.OVERDUE, 400, (invoice.name,)))
        self.assertEqual(self.state(day - timedelta(days=1)).status, Status.OK)
        (reason,) = self.state(day + timedelta(days=5)).reasons
        self.assertEqual((reason.unlock.amount, reason.unlock.names), (700, (invoice.name, later.name)))
        self.unmatched_payment(700.0, DUE)
        self.assertEqual(self.state(day + timedelta(days=5)).status, Status.OK)

    def test_what_is_disputed_or_excluded_is_not_overdue(self):
        invoice = self.invoice(400.0)
        day = DUE + timedelta(days=60)
        self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": self.item(invoice).customer_id.id,
                "move_id": invoice.id,
                "date_start": DUE,
                "date_end": day,
                "reason": "Complaint",
            }
        )
        self.assertEqual(self.state(day).status, Status.OK)
        self.assertEqual(self.codes(self.state(day + timedelta(days=1))), [Code.OVERDUE])
        excluded = self.invoice(50.0, due=DUE)
        excluded.ar_dunning_excluded = True
        self.assertEqual(self.state(day).status, Status.OK)

    def test_a_dunning_level_with_credit_hold_until_it_is_paid(self):
        self.company.ar_dunning_overdue_effect = False
        invoice = self.invoice(400.0)
        for days in (5, 15):
            self.day(DUE + timedelta(days=days))
        self.assertEqual(self.state(DUE + timedelta(days=20)).status, Status.OK)
        self.day(DUE + timedelta(days=25))
        (reason,) = self.state(DUE + timedelta(days=26)).reasons
        self.assertEqual((reason.code, reason.values["level"]), (Code.LEVEL, "Third reminder"))
        self.pay(invoice, 400.0, DUE + timedelta(days=26))
        self.assertEqual(self.state(DUE + timedelta(days=26)).status, Status.OK)

    def test_hold_by_hand_and_lift_with_a_reason(self):
        customer = self.customer()
        wizard = {"customer_ids": [(6, 0, customer.ids)], "reason": "Cheque bounced"}
        with self.assertRaises(AccessError):
            self.env["ar.dunning.hold.wizard"].with_user(self.seller).create(wizard)
        self.env["ar.dunning.hold.wizard"].with_user(self.controller).create(wizard).action_confirm()
        self.assertEqual((customer.credit_status, customer.hold_user_id), ("hold", self.controller))
        (reason,) = self.state().reasons
        self.assertEqual(
            (reason.code, reason.values["by"], reason.values["reason"]),
            (Code.MANUAL, self.controller.name, "Cheque bounced"),
        )
        self.env["ar.dunning.hold.wizard"].with_user(self.controller).create(
            {**wizard, "lift": True, "reason": "Paid in cash"}
        ).action_confirm()
        self.assertEqual((customer.credit_status, customer.manual_hold), ("ok", False))
        self.assertIn("Paid in cash", "".join(customer.message_ids.mapped("body")))
        with self.assertRaises(UserError):
            self.env["ar.dunning.hold.wizard"].create({**wizard, "reason": "  "}).action_confirm()

    def test_a_hold_in_the_root_company_holds_in_its_branches(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.customer()._hold("blocked", "Fraud")
        self.assertEqual(self.state(company=branch).status, Status.BLOCKED)

    def test_a_hold_with_a_last_day_is_taken_away_by_the_night(self):
        customer = self.customer()
        customer._hold("hold", "Until Friday", ON)
        standing = self.env["ar.dunning.standing"]
        self.assertFalse(standing._end_holds(self.company, ON))
        self.assertEqual(self.state(ON).status, Status.HOLD)
        self.assertEqual(standing._end_holds(self.company, ON + timedelta(days=1)), customer)
        self.assertFalse(customer.manual_hold)

    def test_the_end_of_a_temporary_limit_and_of_a_cover_is_told_once(self):
        customer = self.customer()
        customer.write(
            {
                "responsible_id": self.controller.id,
                "temporary_limit": 5.0,
                "temporary_limit_until": ON,
                "insured_amount": 5.0,
                "insured_until": ON,
            }
        )
        standing = self.env["ar.dunning.standing"]
        standing._warn_ending_limits(self.company, ON - timedelta(days=8))
        self.assertFalse(customer.activity_ids)
        for days in (7, 6, 0):
            standing._warn_ending_limits(self.company, ON - timedelta(days=days))
        self.assertEqual(customer.activity_ids.mapped("date_deadline"), [ON, ON])
        self.assertEqual(
            set(customer.activity_ids.mapped("summary")),
            {"The temporary credit limit ends", "The insurance or guarantee ends"},
        )

    def test_a_legal_case_blocks(self):
        self.customer().legal_case = True
        state = self.state()
        self.assertEqual((state.status, self.codes(state)), (Status.BLOCKED, [Code.LEGAL_CASE]))
        self.assertFalse(state.may_override)

    def test_rules_of_the_companys_own(self):
        group = self.env.ref("ar_dunning_credit.group_credit_override")
        self.env["ar.dunning.credit.rule"].create(
            {
                "name": "Abroad",
                "company_id": self.company.id,
                "domain": "[('partner_id.city', '=', 'Oslo')]",
                "effect": "hold",
                "message": "Abroad: 30 % in advance, please.",
                "group_ids": [Command.set(group.ids)],
                "below_amount": 100.0,
            }
        )
        self.assertEqual(self.state().status, Status.HOLD)
        self.assertEqual(self.state(extra="99.99").status, Status.OK)
        self.assertEqual(self.state(extra="100").status, Status.HOLD)
        self.assertEqual(self.state(partner=self.partner_b).status, Status.OK)
        self.assertEqual(self.state(user=self.seller).status, Status.HOLD)
        self.seller.group_ids |= group
        self.assertEqual(self.state(user=self.seller).status, Status.OK)
        customer = self.customer()
        self.assertIn("30 % in advance", customer._credit_text(self.state()))

    def test_a_rule_that_cannot_be_read_is_refused_where_it_is_written(self):
        for domain in ("[('no_such_field', '=', 1)]", "nonsense", "[('partner_id',)]"):
            with self.assertRaises(ValidationError, msg=domain), self.cr.savepoint():
                self.env["ar.dunning.credit.rule"].create({"name": "Bad", "domain": domain})

    def test_a_rule_that_broke_later_stops_nothing_but_shows(self):
        rule = self.env["ar.dunning.credit.rule"].create({"name": "Old", "domain": "[]", "effect": "blocked"})
        self.env.cr.execute(
            "UPDATE ar_dunning_credit_rule SET domain = %s WHERE id = %s", ["[('gone', '=', 1)]", rule.id]
        )
        rule.invalidate_recordset()
        with mute_logger("odoo.addons.ar_dunning_credit.models.ar_dunning_credit_rule"):
            state = self.state()
        self.assertEqual(state.status, Status.WATCH)
        self.assertIn("'Old' cannot be read", self.customer()._credit_text(state))

    def test_the_night_stores_what_the_ledger_says(self):
        self.invoice(1240.0)
        customer = self.customer()
        self.env["ar.dunning.standing"]._refresh_everybody(self.company, ON)
        self.assertEqual(
            (customer.credit_status, customer.credit_used, customer.credit_available, customer.credit_on),
            ("hold", 1240.0, -240.0, ON),
        )
        self.assertEqual(customer.credit_reasons[0]["code"], "over_limit")
        self.assertEqual(customer.credit_reasons[0]["unlock"]["amount"], "240")
        later = ON + timedelta(days=3)
        self.env["ar.dunning.standing"]._refresh_everybody(self.company, later)
        self.assertEqual((customer.credit_since, customer.credit_on), (ON, later))
        self.limit(2000.0)
        self.env["ar.dunning.standing"]._refresh_everybody(self.company, later)
        self.assertEqual((customer.credit_status, customer.credit_since, customer.credit_reasons), ("ok", later, []))

    def test_two_decisions_never_count_the_same_room(self):
        """The second of two transactions cannot go on with what it saw before the first one decided."""
        customer = self.customer()
        before = customer.credit_checked_at
        state = customer.with_user(self.seller)._lock_and_credit_state({customer.id: Decimal(1001)})[customer.id]
        self.assertEqual((state.status, state.excess), (Status.HOLD, 1))
        customer.invalidate_recordset()
        self.assertNotEqual(customer.credit_checked_at, before)  # written, so that the other one fails to serialise

    def test_records_of_new_partners_are_made_once(self):
        partner = self.env["res.partner"].create({"name": "New", "credit_limit": 10.0})
        Customer = self.env["ar.dunning.customer"]
        self.assertFalse(Customer._of_partners(partner, self.company))
        made = Customer._of_partners(partner, self.company, create=True)
        self.assertEqual(Customer._of_partners(partner, self.company, create=True), made)
        self.assertEqual(made._credit_state(ON, {made.id: Decimal(11)})[made.id].status, Status.HOLD)

    def test_bad_input(self):
        customer = self.customer()
        with self.assertRaises(ValidationError):
            self.limit(-1.0)
        with self.assertRaises(ValidationError):
            customer.temporary_limit = 10.0  # without a last day
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.env["res.config.settings"].create({"account_default_credit_limit": -5.0})
        currency = self.env["res.currency"].create({"name": "QQQ", "symbol": "Q"})
        with self.assertRaisesRegex(UserError, "no exchange rate between QQQ and USD"):
            self.company._dunning_in_company_currency(10.0, currency, ON)
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "rate": 4.0, "currency_id": currency.id, "company_id": self.company.id}
        )
        self.assertEqual(self.company._dunning_in_company_currency(10.0, currency, ON), 2.5)

    def test_an_archived_customer_keeps_its_status(self):
        self.invoice(1240.0)
        self.partner_a.active = False
        self.assertEqual(self.state().status, Status.HOLD)
        self.env["ar.dunning.standing"]._refresh_everybody(self.company, ON)
        self.assertEqual(self.customer().credit_status, "hold")

    def test_a_company_without_accounts_has_no_exposure(self):
        bare = self.env["res.company"].create({"name": "Bare"})
        self.env.user.company_ids |= bare
        state = self.state(company=bare)
        self.assertEqual((state.status, state.used), (Status.OK, 0))
        self.env["ar.dunning.standing"]._refresh_everybody(bare, ON)

    def test_of_merged_customers_the_strictest_values_stay(self):
        self.limit(500.0, self.partner_b)
        keep, gone = self.customer(), self.customer(self.partner_b)
        keep.write({"temporary_limit": 9000.0, "temporary_limit_until": ON, "insured_amount": 300.0})
        gone.write({"legal_case": True, "insured_amount": 200.0, "insured_by": "Cover Ltd"})
        gone._hold("blocked", "Fraud")
        check = self.env["ar.dunning.solvency.check"].create({"customer_id": gone.id, "result": "caution"})
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.partner_a | self.partner_b).ids, self.partner_a, extra_checks=False
        )
        self.env.invalidate_all()
        self.assertEqual((keep.manual_hold, keep.hold_reason, keep.legal_case), ("blocked", "Fraud", True))
        self.assertEqual((keep.credit_limit, keep.temporary_limit_until, keep.insured_amount), (500.0, False, 200.0))
        self.assertEqual(check.customer_id, keep)


@tagged("post_install", "-at_install")
class TestCreditRights(CreditCommon):
    """Salespeople see status and reasons without any accounting right; amounts as far as the company allows."""

    def seen(self, user=None):
        self.customer()  # the night makes one for everybody who owes something
        self.env.invalidate_all()
        partner = self.partner_a.with_user(user or self.seller).with_company(self.company)
        return partner.read(["ar_dunning_credit_status", "ar_dunning_credit_html"])[0]

    def test_a_plain_user_reads_status_and_reasons_but_no_amounts(self):
        invoice = self.invoice(1240.0)
        seen = self.seen()
        self.assertEqual(seen["ar_dunning_credit_status"], "hold")
        self.assertIn("The credit limit is used up.", seen["ar_dunning_credit_html"])
        self.assertIn(invoice.name, seen["ar_dunning_credit_html"])
        self.assertNotIn("240", seen["ar_dunning_credit_html"].replace(invoice.name, ""))
        self.company.ar_dunning_sales_amounts = True
        self.assertIn("240.00", self.seen()["ar_dunning_credit_html"])
        with self.assertRaises(AccessError):
            self.env["ar.dunning.customer"].with_user(self.seller).search([])
        with self.assertRaises(AccessError):
            self.partner_a.with_user(self.seller).read(["credit_limit"])

    def test_accounting_people_read_amounts(self):
        self.invoice(1240.0)
        html = self.seen(self.controller)["ar_dunning_credit_html"]
        self.assertIn("1,240.00", html)
        self.assertIn("1,000.00", html)

    def test_a_portal_user_reads_nothing(self):
        portal = new_test_user(self.env, "portal_credit", "base.group_portal")
        portal.partner_id.parent_id = self.partner_a
        for name in ("ar_dunning_credit_status", "ar_dunning_credit_html"):
            with self.assertRaises(AccessError):
                portal.partner_id.with_user(portal).read([name])

    def test_status_is_searched_in_the_users_company(self):
        self.invoice(1240.0)
        contact = self.env["res.partner"].create({"name": "Shop 2", "parent_id": self.partner_a.id})
        self.customer(self.partner_a | self.partner_b)
        self.env["ar.dunning.standing"]._refresh_everybody(self.company, ON)
        Partner = self.env["res.partner"].with_user(self.seller).with_company(self.company)
        both = self.partner_a | contact
        within = [("id", "in", (both | self.partner_b).ids)]
        self.assertEqual(Partner.search([("ar_dunning_credit_status", "=", "hold"), *within]), both)
        self.assertEqual(Partner.search([("ar_dunning_credit_status", "!=", "hold"), *within]), self.partner_b)
        self.assertEqual(Partner.search([("ar_dunning_credit_status", "=", "ok"), *within]), self.partner_b)
        self.assertEqual(Partner.search([("ar_dunning_on_hold", "=", True), *within]), both)
        fresh = self.env["res.partner"].create({"name": "Fresh"})
        self.assertIn(fresh, Partner.search([("ar_dunning_credit_status", "=", False)]))

    def test_a_branch_without_a_record_of_its_own_reads_its_roots(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.invoice(1240.0)
        self.customer()
        self.env["ar.dunning.standing"]._refresh_everybody(self.company, ON)
        self.seller.write({"company_ids": [(4, branch.id)]})
        Partner = self.env["res.partner"].with_user(self.seller).with_company(branch)
        self.assertEqual(Partner.browse(self.partner_a.id).ar_dunning_credit_status, "hold")
        self.assertIn(self.partner_a, Partner.search([("ar_dunning_credit_status", "=", "hold")]))

    def test_models_of_credit_are_for_dunning_users(self):
        for model in ("ar.dunning.solvency.check", "ar.dunning.credit.rule"):
            self.env[model].with_user(self.controller).search([])
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.seller).search([])
        with self.assertRaises(AccessError):
            self.env["ar.dunning.credit.rule"].with_user(self.controller).create({"name": "x"})

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.ar_dunning.tests.common import DUE

from ..core.credit_status import Code, Status
from .test_credit import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestReviewExposure(CreditCommon):
    """What counts, where it is easily counted wrongly."""

    @classmethod
    def entry(cls, amount, day):
        """An opening balance: an entry on the receivable account, followed up, without a due date of its own."""
        account = cls.company_data["default_account_receivable"]
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create({"account_id": account.id, "partner_id": cls.partner_a.id, "debit": amount}),
                    Command.create({"account_id": cls.company_data["default_account_revenue"].id, "credit": amount}),
                ],
            }
        )
        entry.action_post()
        line = entry.line_ids.filtered(lambda line: line.account_id == account)
        line.no_followup = False
        return line

    @classmethod
    def branch(cls):
        branch = cls.env["res.company"].create({"name": "Branch", "parent_id": cls.company.id})
        cls.env.user.company_ids |= branch
        cls.env.cr.precommit.run()
        return branch

    def test_an_opening_balance_is_overdue_from_its_own_day(self):
        line = self.entry(400.0, DUE)
        self.assertFalse(line.date_maturity)
        self.assertEqual(self.state(DUE + timedelta(days=30)).status, Status.OK)
        (reason,) = self.state(DUE + timedelta(days=31)).reasons
        self.assertEqual((reason.code, reason.unlock.amount, reason.values["days"]), (Code.OVERDUE, 400, 31))

    def test_what_to_pay_is_named_however_low_the_threshold(self):
        """At 40 % of 1,000.00, with 450.00 open and nothing overdue."""
        self.company.ar_dunning_limit_percent = 40.0
        invoice = self.invoice(450.0, due=ON + timedelta(days=20))
        (reason,) = self.state().reasons
        self.assertEqual((reason.unlock.amount, reason.unlock.names), (50, (invoice.name,)))

    def test_money_paid_back_uses_up_the_credit_note(self):
        """An unmatched credit of 400 that was paid out: the 400 overdue are as overdue as before."""
        invoice = self.invoice(400.0)
        self.unmatched_payment(400.0, DUE)
        day = DUE + timedelta(days=31)
        self.assertEqual(self.state(day).status, Status.OK)
        payout = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 400.0,
                "date": DUE + timedelta(days=1),
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payout.action_post()
        state = self.state(day)
        self.assertEqual((state.used, self.codes(state)), (400, [Code.OVERDUE]))
        self.assertEqual((state.reasons[0].unlock.amount, state.reasons[0].unlock.names), (400, (invoice.name,)))

    def test_paying_what_is_named_unlocks_beside_a_disputed_invoice(self):
        """The money is not matched yet: it must not be taken for the older, disputed invoice."""
        disputed = self.invoice(400.0)
        disputed.ar_dunning_excluded = True
        owed = self.invoice(300.0, due=DUE + timedelta(days=1))
        day = DUE + timedelta(days=40)
        (reason,) = self.state(day).reasons
        self.assertEqual((reason.unlock.amount, reason.unlock.names), (300, (owed.name,)))
        self.unmatched_payment(300.0, day)
        self.assertEqual(self.state(day).status, Status.OK)

    def test_an_ended_special_limit_of_a_branch_hides_nothing(self):
        """Own temporary limit and cover have ended: what the root company grants holds."""
        branch = self.branch()
        here, there = self.customer(), self.customer(company=branch)
        ended = ON - timedelta(days=1)
        there.write(
            {
                "temporary_limit": 10.0,
                "temporary_limit_until": ended,
                "insured_amount": 10.0,
                "insured_until": ended,
            }
        )
        here.write({"temporary_limit": 3000.0, "temporary_limit_until": ON, "insured_amount": 500.0})
        state = self.state(company=branch)
        self.assertEqual((state.limit, state.insured), (3500, 500))

    def test_a_branchs_own_limit_is_not_replaced_by_its_roots_temporary_one(self):
        branch = self.branch()
        self.limit(2000.0, company=branch)
        self.customer().write({"temporary_limit": 50.0, "temporary_limit_until": ON})
        self.assertEqual((self.state().limit, self.state(company=branch).limit), (50, 2000))

    def test_a_rule_of_a_company_between_root_and_branch(self):
        branch = self.branch()
        below = self.env["res.company"].create({"name": "Below", "parent_id": branch.id})
        self.env.user.company_ids |= below
        self.env["ar.dunning.credit.rule"].create({"name": "Ask", "company_id": branch.id, "effect": "hold"})
        self.assertEqual(self.state(company=below).status, Status.HOLD)
        self.assertEqual(self.state().status, Status.OK)

    def test_every_hold_of_the_family_is_told(self):
        """A hold that has ended hides none that stands, and lifting one shows the other."""
        branch = self.branch()
        here, there = self.customer(), self.customer(company=branch)
        here._hold("blocked", "Fraud", ON - timedelta(days=1))
        there._hold("hold", "Ask first")
        state = self.state(company=branch)
        self.assertEqual((state.status, self.codes(state)), (Status.HOLD, [Code.MANUAL]))
        here._hold("blocked", "Fraud", ON)
        state = self.state(company=branch)
        self.assertEqual([reason.values["reason"] for reason in state.reasons], ["Fraud", "Ask first"])

    def test_the_first_rate_is_used_for_days_before_it_as_in_the_ledger(self):
        """Core values a document before the first rate by that rate; so does the limit."""
        currency = self.setup_other_currency("CHF", rates=[("2026-03-01", 4.0)])
        before = fields.Date.to_date("2026-02-01")
        self.assertEqual(self.company._dunning_in_company_currency(10.0, currency, before), 2.5)
        self.assertEqual(currency._convert(10.0, self.company.currency_id, self.company, before), 2.5)


@tagged("post_install", "-at_install")
class TestReviewPosting(CreditCommon):
    """Posting over the limit."""

    def draft(self, amount, company=None):
        company = company or self.company
        return (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": company.id,
                    "partner_id": self.partner_a.id,
                    "invoice_date": DUE,
                    "invoice_line_ids": [Command.create({"name": "Work", "price_unit": amount, "tax_ids": []})],
                }
            )
        )

    def test_a_temporary_limit_of_the_root_counts_in_a_branch_without_a_record(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.env.cr.precommit.run()
        self.limit(0.0)
        self.company.ar_dunning_post_over_limit = "block"
        self.customer().write({"temporary_limit": 50.0, "temporary_limit_until": "2100-01-01"})
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            self.draft(51.0, branch).action_post()

    def test_whoever_may_not_read_amounts_is_not_told_them(self):
        """A salesperson's invoice is posted as superuser, in his name: a refusal says who, but not how much."""
        self.company.ar_dunning_post_over_limit = "block"
        draft = self.draft(1234.5)
        for user, told in ((self.seller, False), (self.controller, True)):
            with self.assertRaisesRegex(UserError, "over the credit limit") as refusal, self.cr.savepoint():
                draft.with_user(user).sudo().action_post()
            self.assertEqual("1,234.50" in str(refusal.exception), told)
            self.assertEqual("1,000.00" in str(refusal.exception), told)

    def test_the_note_on_the_invoice_shows_no_amounts_that_salespeople_may_not_read(self):
        """They read the invoice with its notes; the amounts are in the customer's history, for accounting."""
        self.company.ar_dunning_post_over_limit = "activity"
        draft = self.draft(1234.5)
        draft.action_post()
        told = " ".join([*map(str, draft.message_ids.mapped("body")), str(draft.activity_ids.note)])
        self.assertIn("over the credit limit", told)
        self.assertNotIn("1,234.50", told)
        self.assertIn(f"{draft.name}: ", "".join(map(str, self.customer().message_ids.mapped("body"))))
        self.assertIn("1,234.50 of", "".join(map(str, self.customer().message_ids.mapped("body"))))
        self.company.ar_dunning_sales_amounts = True
        draft = self.draft(1.0)
        draft.action_post()
        self.assertIn("1,235.50 of", "".join(map(str, draft.message_ids.mapped("body"))))

    def test_no_key_in_the_context_opens_the_gate(self):
        """Loading old invoices is the manager's; the key that it works with is no way round for others."""
        self.company.ar_dunning_post_over_limit = "block"
        draft = self.draft(1001.0)
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            draft.with_user(self.controller).with_context(ar_dunning_foreign_names=True).action_post()


@tagged("post_install", "-at_install")
class TestReviewNight(CreditCommon):
    """One customer that fails, and people who have left."""

    def close(self):
        self.env["ar.dunning.customer"].sudo()._close_night(self.company)

    def test_one_customer_that_fails_does_not_stop_the_others(self):
        run = self.make_run(ON)
        broken, fine = self.customer(), self.customer(self.partner_b)
        self.invoice(10.0, partner=self.partner_b)
        Customer = type(self.env["ar.dunning.customer"])
        original = Customer._credit_grade

        def grade(customer):
            if customer.id == broken.id:
                raise ValueError("broken add-on")
            return original(customer)

        with patch.object(Customer, "_credit_grade", grade), mute_logger("odoo.addons.ar_dunning"):
            self.close()
        self.env.invalidate_all()
        self.assertFalse(broken.credit_status)
        self.assertEqual((fine.credit_status, fine.credit_used), ("hold", 10.0))
        self.assertEqual(run.error_ids.customer_id, broken)
        self.assertIn("broken add-on", run.error_ids.reason)

    def test_a_to_do_that_fails_stops_neither_the_others_nor_the_status(self):
        broken, fine = self.customer(), self.customer(self.partner_b)
        today = self.company._dunning_today()
        for customer in broken | fine:
            customer.write({"temporary_limit": 5.0, "temporary_limit_until": today})
        Customer = type(self.env["ar.dunning.customer"])
        original, refusal = Customer._warn_ending_limit, "no such to-do"

        def warn(customer, ends):
            if customer.id == broken.id:
                raise UserError(refusal)
            return original(customer, ends)

        with patch.object(Customer, "_warn_ending_limit", warn), mute_logger("odoo.addons.ar_dunning"):
            self.close()
        self.assertEqual((len(broken.activity_ids), len(fine.activity_ids)), (0, 1))
        self.assertEqual((broken.credit_on, fine.credit_on), (today, today))

    def test_no_to_do_for_somebody_who_has_left_or_about_nothing(self):
        leaver = new_test_user(self.env, "leaver", "ar_dunning.group_dunning_user", company_id=self.company.id)
        customer = self.customer()
        today = self.company._dunning_today()
        customer.write({"responsible_id": leaver.id, "temporary_limit": 5.0, "temporary_limit_until": today})
        customer.write({"insured_amount": 0.0, "insured_until": today})
        self.env["ar.dunning.solvency.check"].create(
            {"customer_id": customer.id, "date": DUE, "result": "good", "valid_until": DUE + timedelta(days=1)}
        )
        leaver.active = False
        self.close()
        self.assertEqual(
            set(customer.activity_ids.mapped("summary")), {"Check solvency again", "The temporary credit limit ends"}
        )
        self.assertTrue(all(customer.activity_ids.user_id.mapped("active")))

    def test_a_hold_that_is_over_before_it_begins_is_refused(self):
        wizard = self.env["ar.dunning.hold.wizard"].create(
            {
                "customer_ids": [Command.set(self.customer().ids)],
                "reason": "Cheque bounced",
                "until": self.company._dunning_today() - timedelta(days=1),
            }
        )
        with self.assertRaisesRegex(UserError, "last day"):
            wizard.action_confirm()
        wizard.until = self.company._dunning_today()
        wizard.action_confirm()
        self.assertEqual(self.customer().manual_hold, "hold")

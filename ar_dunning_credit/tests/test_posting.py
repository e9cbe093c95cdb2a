from decimal import Decimal
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.ar_dunning.tests.common import DUE

from .credit_common import CreditCommon


@tagged("post_install", "-at_install")
class TestPosting(CreditCommon):
    """An invoice over the limit, on whatever path it is posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.override = new_test_user(
            cls.env,
            "credit_override",
            "account.group_account_invoice,ar_dunning_credit.group_credit_override",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def draft(self, amount):
        """A draft invoice, while one of 10.00 is open."""
        self.invoice(10.0)
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": DUE,
                "invoice_line_ids": [
                    Command.create({"name": "Work", "quantity": 1, "price_unit": amount, "tax_ids": []})
                ],
            }
        )

    def notes(self, record):
        return " ".join(str(body) for body in record.message_ids.mapped("body"))

    def test_refused_on_every_path(self):
        self.company.ar_dunning_post_over_limit = "block"
        draft = self.draft(990.01)  # 10.00 are open
        for post in (draft.action_post, draft._post, lambda: draft._post(soft=False)):
            with self.assertRaisesRegex(UserError, "over the credit limit"), self.cr.savepoint():
                post()
        self.assertEqual(draft.state, "draft")
        draft.invoice_line_ids.price_unit = 990.0
        draft.action_post()
        self.assertEqual(draft.state, "posted")

    def test_several_invoices_count_together(self):
        self.company.ar_dunning_post_over_limit = "block"
        first, second = self.draft(600.0), self.draft(600.0)
        with self.assertRaises(UserError), self.cr.savepoint():
            (first | second).action_post()
        first.action_post()
        with self.assertRaises(UserError):
            second.action_post()

    def test_what_leaves_the_orders_is_not_counted_twice(self):
        """An order of 900.00 under a limit of 1,000.00: its invoice fits, one of 91.00 beside it does not."""
        self.company.ar_dunning_post_over_limit = "block"
        draft, beside = self.draft(900.0), self.draft(91.0)
        customer = self.customer()
        Customer, Move = type(self.env["ar.dunning.customer"]), type(self.env["account.move"])
        with (
            patch.object(Customer, "_uninvoiced_orders", lambda records: dict.fromkeys(records.ids, Decimal(900))),
            patch.object(
                Move, "_get_partner_credit_warning_exclude_amount", lambda move: 900.0 if move == draft else 0.0
            ),
        ):
            self.assertEqual(draft._ar_dunning_credit_extras(customer), ({customer.id: Decimal(0)}, {}))
            self.assertEqual(draft._ar_dunning_over_limit_of(self.company, False), [])
            self.assertEqual([row[0] for row in beside._ar_dunning_over_limit_of(self.company, False)], [beside])

    def test_what_is_paid_online_adds_nothing(self):
        """The invoice of an online payment is posted before the payment is booked: it must not be refused."""
        self.company.ar_dunning_post_over_limit = "block"
        draft = self.draft(5000.0)
        provider = self.env["payment.provider"].sudo().create({"name": "Card", "company_id": self.company.id})
        method = self.env["payment.method"].sudo().with_context(active_test=False).search([], limit=1)
        transaction = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "reference": "TX-1",
                    "amount": 4500.0,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.partner_a.id,
                    "invoice_ids": [Command.set(draft.ids)],
                }
            )
        )
        self.assertEqual(draft._ar_dunning_credit_extra(), 5000)
        transaction.state = "done"
        self.assertEqual(draft._ar_dunning_credit_extra(), 500)
        draft.action_post()
        self.assertEqual(draft.state, "posted")

    def test_a_currency_without_rate_is_told(self):
        self.company.ar_dunning_post_over_limit = "warn"
        currency = self.env["res.currency"].create({"name": "QQQ", "symbol": "Q"})
        draft = self.draft(10.0)
        draft.currency_id = currency
        draft.action_post()
        self.assertIn("no exchange rate between QQQ", self.notes(draft))

    def test_credit_override_posts_with_a_written_reason(self):
        self.company.ar_dunning_post_over_limit = "block"
        draft = self.draft(5000.0)
        wizard = {"move_ids": [(6, 0, draft.ids)], "reason": "Guarantee arrived"}
        with self.assertRaises(AccessError):
            self.env["ar.dunning.over.limit.wizard"].with_user(self.controller).create(wizard)
        with self.assertRaises(AccessError):
            draft.with_user(self.controller).with_context(ar_dunning_over_limit_reason="I may not").action_post()
        self.env["ar.dunning.over.limit.wizard"].with_user(self.override).create(wizard).action_confirm()
        self.assertEqual(draft.state, "posted")
        self.assertIn("Guarantee arrived", self.notes(draft))
        self.assertIn("Guarantee arrived", self.notes(self.customer()))

    def test_noted_or_told_by_choice_of_the_company(self):
        self.company.ar_dunning_post_over_limit = "warn"
        draft = self.draft(1990.0)
        draft.action_post()
        self.assertIn("over the credit limit", self.notes(draft))
        self.assertIn("2,000.00 of", self.notes(self.customer()))
        self.assertFalse(draft.activity_ids)
        self.customer().responsible_id = self.controller
        self.company.ar_dunning_post_over_limit = "activity"
        draft = self.draft(10.0)
        draft.action_post()
        self.assertEqual(draft.activity_ids.user_id, self.controller)
        self.company.ar_dunning_post_over_limit = "ignore"
        draft = self.draft(10.0)
        draft.action_post()
        self.assertNotIn("over the credit limit", self.notes(draft))

    def test_a_temporary_limit_counts_without_an_ordinary_one(self):
        self.company.ar_dunning_post_over_limit = "block"
        self.limit(0.0)
        draft = self.draft(100.0)
        self.customer().write({"temporary_limit": 50.0, "temporary_limit_until": "2100-01-01"})
        with self.assertRaises(UserError):
            draft.action_post()

    def test_core_warns_in_the_documents_company_and_of_now(self):
        self.company.account_use_credit_limit = True
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        draft = self.draft(500.0)
        self.assertFalse(draft.partner_credit_warning)
        self.invoice(600.0)  # core keeps the balance that it read before
        draft.invalidate_recordset(["partner_credit_warning"])
        self.assertIn("1,000.00", draft.partner_credit_warning)
        elsewhere = draft.with_company(other)
        elsewhere.invalidate_recordset(["partner_credit_warning"])
        self.assertIn("1,000.00", elsewhere.partner_credit_warning)
        self.customer().write({"insured_amount": 500.0})
        draft.invalidate_recordset(["partner_credit_warning"])
        self.assertFalse(draft.partner_credit_warning)
        self.customer().write({"insured_amount": 50.0})
        draft.invalidate_recordset(["partner_credit_warning"])
        self.assertIn("1,050.00", draft.partner_credit_warning)


@tagged("post_install", "-at_install")
class TestPostingRights(CreditCommon):
    """Whose limit counts, who reads the amounts of a refusal, and no way round it."""

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

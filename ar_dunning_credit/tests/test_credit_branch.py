from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.ar_dunning.tests.common import DUE

from .credit_common import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditBranch(CreditCommon):
    """People of a branch who may not enter its root company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create({"name": "Branch", "parent_id": cls.company.id})
        cls.env.user.company_ids |= cls.branch
        cls.env.cr.precommit.run()
        only = {"company_id": cls.branch.id, "company_ids": [Command.set(cls.branch.ids)]}
        cls.there = new_test_user(cls.env, "controller_there", "ar_dunning.group_dunning_user", **only)
        cls.chief = new_test_user(cls.env, "chief_there", "ar_dunning.group_dunning_manager", **only)
        cls.seller_there = new_test_user(cls.env, "seller_there", "base.group_user", **only)

    def mine(self, record, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return record.with_user(user or self.there).with_context(allowed_company_ids=self.branch.ids)

    def draft(self):
        """A draft invoice of 101.00 in the branch."""
        return (
            self.env["account.move"]
            .with_company(self.branch)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": self.branch.id,
                    "partner_id": self.partner_a.id,
                    "invoice_date": DUE,
                    "invoice_line_ids": [Command.create({"name": "Work", "price_unit": 101.0, "tax_ids": []})],
                }
            )
        )

    def test_the_record_opens_and_tells_what_the_root_knows(self):
        self.invoice(1240.0)
        self.customer()._hold("hold", "Fraud")
        here = self.customer(company=self.branch)
        seen = self.mine(here)
        values = seen.read(["credit_now", "credit_html", "credit_limit", "score_html", "plan_html"])[0]
        self.assertEqual(values["credit_now"], "hold")
        self.assertIn("Fraud", values["credit_html"])
        self.assertIn("1,240.00", values["credit_html"])
        with self.assertRaises(AccessError):
            self.mine(self.customer()).read(["credit_used"])

    def test_an_insolvency_written_down_there_freezes_the_root_too(self):
        here = self.customer(company=self.branch)
        self.customer()
        Check = self.mine(self.env["ar.dunning.solvency.check"])
        check = Check.create(
            {"customer_id": here.id, "date": DUE, "result": "insolvent", "opening_date": DUE, "user_id": self.there.id}
        )
        self.assertEqual(len(check.sudo().arrangement_ids), 2)
        self.assertEqual(self.mine(check).standing, "counts")
        self.assertEqual(self.mine(check).read(["arrangement_ids", "display_name"])[0]["id"], check.id)
        self.mine(check).write({"opening_date": "2026-03-01"})
        self.mine(check).active = False
        self.assertEqual(set(check.sudo().arrangement_ids.mapped("state")), {"ended"})

    def test_posting_over_the_shared_limit(self):
        self.company.ar_dunning_post_over_limit = "block"
        self.invoice(900.0)
        draft = self.draft()
        with self.assertRaisesRegex(UserError, "1,001.00 of"):
            self.mine(draft).action_post()
        wizard = self.mine(self.env["ar.dunning.over.limit.wizard"], self.chief)
        wizard.create({"move_ids": [Command.set(draft.ids)], "reason": "Guarantee"}).action_confirm()
        self.assertEqual(draft.state, "posted")

    def test_core_warns_by_the_roots_limit_before_there_is_a_record(self):
        self.branch.account_use_credit_limit = True
        self.invoice(900.0)
        draft = self.draft()
        self.assertFalse(self.env["ar.dunning.customer"].search([("partner_id", "=", self.partner_a.id)]))
        self.assertIn("1,000.00", draft.partner_credit_warning)
        self.limit(1001.0)
        draft.invalidate_recordset(["partner_credit_warning"])
        self.assertFalse(draft.partner_credit_warning)

    def test_holding_and_limits_there(self):
        here = self.customer(company=self.branch)
        self.customer()
        self.mine(here).credit_limit = 700.0
        self.assertEqual((here.credit_limit, self.customer().credit_limit), (700.0, 1000.0))
        self.mine(here)._hold("blocked", "Bad news")
        self.env.invalidate_all()
        self.assertEqual(self.customer().credit_status, "blocked")
        self.mine(here)._lift_hold("Good news")
        self.mine(here).write({"temporary_limit": 5.0, "temporary_limit_until": "2100-01-01"})
        self.mine(here).action_refresh_score()
        self.assertEqual(self.mine(here).grade, "new")

    def test_the_contact_and_its_filters(self):
        self.invoice(1240.0)
        partner = self.mine(self.partner_a, self.seller_there)
        self.assertEqual(partner.ar_dunning_credit_status, "hold")
        Partner = self.mine(self.env["res.partner"], self.seller_there)
        self.assertIn(self.partner_a, Partner.search([("ar_dunning_credit_status", "=", "hold")]))
        self.assertIn(self.partner_a, Partner.search([("ar_dunning_on_hold", "=", True)]))

    def test_the_preview_of_a_rule_opens_there(self):
        rule = self.env["ar.dunning.score.rule"].create({"company_id": self.company.id})
        self.customer().sudo()._put({"grade": "b"})
        self.assertIn("of 1 customers", self.mine(rule, self.chief).effect_html)

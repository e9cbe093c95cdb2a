from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError, Passed

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestConfirm(SaleDunningCommon):
    """Every path into state *sale* passes the gate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debt = cls.overdue(500.0)

    def refused(self, confirm, *words):
        with self.assertRaises(CreditRefusedError) as caught:
            confirm()
        for word in words:
            self.assertIn(word, str(caught.exception).replace("\xa0", " "))

    def test_button(self):
        order = self.quotation()
        self.refused(order.action_confirm, order.name, self.partner_a.name, "500.00", self.debt.name, "Confirm anyway")
        self.assertEqual(order.state, "draft")

    def test_salesperson_reads_reason_and_way_out_but_no_amounts(self):
        order = self.quotation().with_user(self.seller)
        with self.assertRaises(CreditRefusedError) as caught:
            order.action_confirm()
        self.assertIn("40 days late", str(caught.exception))
        self.assertIn(self.debt.name, str(caught.exception))
        self.assertIn("Request approval", str(caught.exception))
        self.assertNotIn("500.00", str(caught.exception))

    def test_write_of_the_state(self):
        order = self.quotation()
        self.refused(lambda: order.write({"state": "sale"}), "500.00")
        self.refused(lambda: order.sudo().write({"state": "sale"}), "500.00")

    def test_create_in_state_sale(self):
        self.refused(lambda: self.quotation(state="sale"), "500.00")
        Order = self.env["sale.order"].with_context(default_state="sale")
        self.refused(lambda: Order.create({"partner_id": self.partner_a.id, "company_id": self.company.id}), "500.00")

    def test_create_in_state_sale_of_a_good_customer(self):
        order = self.quotation(partner=self.partner_b, state="sale")
        self.assertEqual(order.state, "sale")

    def test_import(self):
        order = self.quotation()
        name = f"__export__.order_{order.id}"
        self.env["ir.model.data"].create(
            {"module": "__export__", "name": f"order_{order.id}", "model": "sale.order", "res_id": order.id}
        )
        result = self.env["sale.order"].load(["id", "state"], [[name, "sale"]])
        self.assertFalse(result["ids"])
        self.assertIn("500.00", result["messages"][0]["message"])
        self.assertEqual(order.state, "draft")
        result = self.env["sale.order"].load(["partner_id/.id", "state"], [[str(self.partner_a.id), "Sales Order"]])
        self.assertFalse(result["ids"])

    def test_internal_confirmation(self):
        order = self.quotation()
        self.refused(order._action_confirm, "500.00")

    def test_a_forged_context_does_not_pass(self):
        order = self.quotation()
        for forged in (True, order.ids, {"ids": order.ids}):
            self.refused(order.with_context(ar_dunning_gate=forged).action_confirm, "500.00")
        real = order.with_context(ar_dunning_gate=Passed(frozenset(order.ids)))
        real.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_from_cancelled_straight_to_sale(self):
        order = self.quotation()
        order._action_cancel()
        self.refused(lambda: order.write({"state": "sale"}), "500.00")

    def test_payment_opens_the_gate(self):
        order = self.quotation()
        self.pay(self.debt, 500.0, self.today)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_one_bad_order_refuses_the_batch(self):
        good, bad = self.quotation(partner=self.partner_b), self.quotation()
        self.refused((good | bad).action_confirm, bad.name)
        self.assertEqual((good | bad).mapped("state"), ["draft", "draft"])

    def test_orders_confirmed_together_share_the_limit(self):
        self.limit(1500.0, self.partner_b)
        first, second = self.quotation(partner=self.partner_b), self.quotation(partner=self.partner_b)
        self.refused((first | second).action_confirm, "2,000.00", "1,500.00")
        first.action_confirm()
        self.refused(second.action_confirm, "2,000.00")
        second.order_line.price_unit = 500.0
        second.action_confirm()
        self.assertEqual(second.state, "sale")

    def test_who_pays_and_who_orders_are_both_asked(self):
        order = self.quotation(partner=self.partner_b, partner_invoice_id=self.partner_a.id)
        self.refused(order.action_confirm, "500.00")
        order = self.quotation(partner_invoice_id=self.partner_b.id)
        self.refused(order.action_confirm, "500.00")

    def test_contacts_follow_their_company(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.partner_a.id})
        self.refused(self.quotation(partner=contact).action_confirm, "500.00")

    def test_blocked_passes_nobody(self):
        self.dunning_customer(self.partner_a).legal_case = True
        order = self.quotation()
        self.refused(order.action_confirm, "Nothing new is sold")
        with self.assertRaises(UserError):
            order.with_user(self.controller)._dunning_decide("overridden", "please")
        with self.assertRaises(UserError):
            order.with_user(self.seller).action_request_approval()

    def test_what_people_decide_cannot_be_written(self):
        order = self.quotation().with_user(self.seller)
        with self.assertRaises(AccessError):
            order.write({"ar_dunning_release": "approved"})
        values = {"order_id": order.id, "state": "approved", "amount": 1e6, "currency_id": order.currency_id.id}
        with self.assertRaises(AccessError):
            self.env["ar.dunning.release"].with_user(self.controller).sudo().create(values)
        Order = self.env["sale.order"].with_user(self.seller).with_context(default_ar_dunning_release="approved")
        self.assertFalse(Order.create({"partner_id": self.partner_a.id}).ar_dunning_release)

    def test_foreign_currency_counts_in_company_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": currency.id})
        self.limit(1000.0, self.partner_b)
        order = self.quotation(2002.0, partner=self.partner_b, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        self.refused(order.action_confirm, "1,001.00")
        order.order_line.price_unit = 2000.0
        order.action_confirm()
        later = self.quotation(1.0, partner=self.partner_b)
        self.refused(later.action_confirm, "1,001.00")

    def test_currency_without_rate_is_told_where_it_matters(self):
        currency = self.env["res.currency"].create({"name": "XTS", "symbol": "X", "rounding": 0.01})
        pricelist = self.env["product.pricelist"].create({"name": "XTS", "currency_id": currency.id})
        order = self.quotation(partner=self.partner_b, pricelist_id=pricelist.id)
        self.limit(5000.0, self.partner_b)
        self.assertFalse(order.ar_dunning_stopped, "it opens")
        with self.assertRaisesRegex(UserError, "no exchange rate between XTS"):
            order.action_confirm()
        self.limit(0.0, self.partner_b)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_branch_sees_the_debts_of_the_root(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        order = (
            self.env["sale.order"]
            .with_company(branch)
            .create(
                {
                    "partner_id": self.partner_a.id,
                    "company_id": branch.id,
                    "order_line": [Command.create({"product_id": self.goods.id, "price_unit": 10.0})],
                }
            )
        )
        self.refused(order.action_confirm, "500.00")

    def test_a_confirmed_order_cannot_grow_past_the_gate(self):
        self.limit(1500.0, self.partner_b)
        order = self.quotation(partner=self.partner_b)
        order.action_confirm()
        line = order.order_line
        self.refused(lambda: setattr(line, "price_unit", 1500.01), "1,500.01 used of", "($ 1,500.01)")
        more = {"order_line": [Command.create({"product_id": self.goods.id, "price_unit": 501.0, "tax_ids": []})]}
        self.refused(lambda: order.write(more), "1,501.00")
        self.refused(
            lambda: self.env["sale.order.line"].create(
                {"order_id": order.id, "product_id": self.goods.id, "price_unit": 501.0, "tax_ids": []}
            ),
            "1,501.00",
        )
        line.price_unit = 1500.0
        self.assertEqual((order.amount_total, order.ar_dunning_checked), (1500.0, 1500.0))
        line.price_unit = 10.0
        self.limit(5.0, self.partner_b)
        line.price_unit = 1500.0
        self.assertEqual(order.amount_total, 1500.0, "what was let pass once")

    def test_growth_needs_its_deposit(self):
        self.rule(0.3)
        order = self.quotation(partner=self.partner_b)
        self.transfer(300.0, order.name, self.partner_b)
        order.action_confirm()
        self.refused(lambda: setattr(order.order_line, "price_unit", 2000.0), "300.00 missing")
        self.transfer(300.0, order.name, self.partner_b)
        order.order_line.price_unit = 2000.0
        self.assertEqual(order.ar_dunning_checked, 2000.0)

    def test_a_confirmed_order_does_not_move_to_a_customer_on_hold(self):
        order = self.quotation(partner=self.partner_b)
        order.action_confirm()
        self.refused(lambda: order.write({"partner_invoice_id": self.partner_a.id}), "500.00 overdue")
        other = self.quotation(partner=self.partner_b)
        self.refused(lambda: other.write({"state": "sale", "partner_id": self.partner_a.id}), "500.00 overdue")

    def test_state_and_lines_written_together(self):
        self.limit(1500.0, self.partner_b)
        order = self.quotation(partner=self.partner_b)
        line = Command.create({"product_id": self.goods.id, "price_unit": 501.0, "tax_ids": []})
        self.refused(lambda: order.write({"state": "sale", "order_line": [line]}), "1,501.00")

from functools import partial

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.ar_dunning_sale.models.verdict import CreditRefusedError

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestGrowth(SaleDunningCommon):
    """What is added to a confirmed order needs room like a new one, however small the order began."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.limit(cls, 1500.0, cls.partner_b)

    def refused(self, change, *words):
        with self.assertRaises(CreditRefusedError) as caught:
            change()
        for word in words:
            self.assertIn(word, str(caught.exception).replace("\xa0", " "))
        return str(caught.exception)

    def add(self, order, amount):
        return self.env["sale.order.line"].create(
            {"order_id": order.id, "product_id": self.goods.id, "price_unit": amount, "tax_ids": []}
        )

    def test_an_order_confirmed_empty_cannot_be_filled_past_the_gate(self):
        for amount in (0.0, 1.0):
            with self.subTest(amount):
                order = self.quotation(amount, partner=self.partner_b)
                order.action_confirm()
                with self.assertRaises(CreditRefusedError):
                    self.add(order, 5000.0)
                with self.assertRaises(CreditRefusedError):
                    order.order_line.price_unit = 5000.0
                with self.assertRaises(CreditRefusedError):
                    order.write({"order_line": [Command.update(order.order_line[0].id, {"price_unit": 5000.0})]})
                order._action_cancel()

    def test_an_order_of_before_the_gate_is_asked_about_what_is_added_only(self):
        order = self.quotation(1000.0, partner=self.partner_b)
        order.action_confirm()
        order.sudo()._put({"ar_dunning_checked": 0.0})  # confirmed before the module was there
        self.limit(100.0, self.partner_b)
        order.order_line.price_unit = 900.0
        order.write({"order_line": [Command.update(order.order_line.id, {"price_unit": 800.0})]})
        self.assertEqual(order.amount_total, 800.0)
        with self.assertRaises(CreditRefusedError):
            order.order_line.price_unit = 801.0

    def test_another_unit_is_another_amount(self):
        order = self.quotation(1000.0, partner=self.partner_b)
        order.action_confirm()
        self.goods.list_price = 1000.0
        with self.assertRaises(CreditRefusedError):
            order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")

    def test_the_way_out_of_a_confirmed_order_exists(self):
        order = self.quotation(1000.0, partner=self.partner_b)
        order.action_confirm()
        for user in (self.seller, self.env.user):
            line = order.with_user(user).order_line
            message = self.refused(partial(setattr, line, "price_unit", 5000.0), "new quotation")
            self.assertNotIn("Request approval", message)
            self.assertNotIn("Confirm anyway", message)

    # === Free lines === #

    def pilot(self, amount=5000.0):
        order = self.quotation(
            amount, partner=self.partner_b, ar_dunning_trial="pilot", ar_dunning_trial_end=self.today
        )
        order.order_line.ar_dunning_trial = True
        order.action_confirm()
        return order

    def test_charging_a_free_period_passes_the_gate(self):
        order = self.pilot()
        self.refused(order.action_trial_charge, "5,000.00 used of", "new quotation")
        order = self.pilot(1500.0)
        order.with_user(self.seller).action_trial_charge()
        self.assertEqual(order.ar_dunning_trial_state, "charged")

    def test_charging_needs_its_deposit(self):
        self.rule(0.5)
        order = self.pilot(1000.0)
        self.refused(order.action_trial_charge, "500.00 missing")
        self.transfer(500.0, order.name, self.partner_b)
        order.action_trial_charge()
        self.assertEqual(order.ar_dunning_checked, 1000.0)

    def test_unmarking_free_lines_passes_the_gate(self):
        order = self.pilot()
        for values in (
            {"ar_dunning_trial": False, "ar_dunning_trial_end": False},
            {"order_line": [Command.update(order.order_line.id, {"ar_dunning_trial": False})]},
        ):
            with self.assertRaises(CreditRefusedError):
                order.write(values)
        with self.assertRaises(CreditRefusedError):
            order.order_line.ar_dunning_trial = False

    def test_an_approval_covers_what_was_to_be_charged(self):
        self.overdue(500.0, partner=self.partner_b)
        order = self.quotation(
            5000.0, partner=self.partner_b, ar_dunning_trial="pilot", ar_dunning_trial_end=self.today
        )
        order.order_line.ar_dunning_trial = True
        order.with_user(self.controller)._dunning_decide("approved", "a test, free of charge")
        order.order_line.ar_dunning_trial = False
        with self.assertRaises(CreditRefusedError):
            order.action_confirm()


@tagged("post_install", "-at_install")
class TestDecisions(SaleDunningCommon):
    """What an approval covers, how long, and who is asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debt = cls.overdue(500.0)
        cls.order = cls.quotation()
        cls.approval = cls.env.ref("ar_dunning_sale.mail_activity_type_approval")

    def asked(self):
        return self.order.activity_ids.filtered(lambda activity: activity.activity_type_id == self.approval)

    def decide(self, decision="approved", note="fine"):
        self.order.with_user(self.controller)._dunning_decide(decision, note)

    def wizard(self, decision="approved"):
        action = getattr(self.order.with_user(self.controller), f"action_{decision}")()
        return self.env["ar.dunning.release.wizard"].with_user(self.controller).with_context(**action["context"])

    def test_an_override_is_for_one_confirmation(self):
        self.decide("overridden")
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.order.action_draft()
        with self.assertRaises(CreditRefusedError):
            self.order.action_confirm()

    def test_cancelling_ends_an_open_request(self):
        self.order.with_user(self.seller).action_request_approval()
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertFalse(self.asked())
        self.assertFalse(self.order.ar_dunning_release)

    def test_confirming_ends_an_open_request(self):
        self.order.with_user(self.seller).action_request_approval()
        self.pay(self.debt, 500.0, self.today)
        self.order.with_user(self.seller).action_confirm()
        self.assertFalse(self.asked())
        self.assertFalse(self.order.ar_dunning_release)

    def test_a_reason_that_came_later_needs_a_new_answer(self):
        self.decide()
        self.env["ar.dunning.solvency.check"].create(
            {
                "customer_id": self.dunning_customer(self.partner_a).id,
                "date": self.today,
                "source": "register",
                "result": "insolvent",
                "opening_date": self.today,
            }
        )
        with self.assertRaisesRegex(CreditRefusedError, "Insolvent"):
            self.order.action_confirm()
        self.assertIn("needs a new approval", self.order.ar_dunning_banner)
        self.decide()
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_the_same_reason_with_other_figures_is_covered(self):
        self.decide()
        self.overdue(70.0, days=50)
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_whoever_else_orders_is_no_part_of_the_answer(self):
        self.decide()
        other = self.env["res.partner"].create({"name": "Also bad", "is_company": True})
        self.overdue(700.0, partner=other)
        self.order.write({"partner_id": other.id, "partner_invoice_id": self.partner_a.id})
        with self.assertRaisesRegex(CreditRefusedError, "700.00"):
            self.order.action_confirm()

    def test_a_request_for_less_can_be_renewed(self):
        self.order.with_user(self.seller).action_request_approval()
        self.assertFalse(self.order.ar_dunning_may_request)
        self.order.order_line.price_unit = 9000.0
        self.assertTrue(self.order.ar_dunning_may_request)
        self.assertIn("has grown or changed since", self.order.ar_dunning_banner)
        self.order.with_user(self.seller).action_request_approval()
        self.assertIn("9,000.00", self.asked().note)
        self.assertEqual(self.order.ar_dunning_release_amount, 9000.0)

    def test_what_grew_while_the_controller_looked_is_not_approved(self):
        self.order.with_user(self.seller).action_request_approval()
        wizard = self.wizard("approve").create({"note": "fine"})
        self.assertEqual(wizard.amount, 1000.0)
        self.order.order_line.price_unit = 9000.0
        with self.assertRaisesRegex(UserError, "9,000.00"):
            wizard.action_decide()
        self.assertEqual(self.order.ar_dunning_release, "requested")

    def test_request_and_answer_keep_amounts_from_salespeople(self):
        """The order's activities and messages are read by salespeople, too."""
        for allowed in (False, True):
            with self.subTest(allowed):
                self.company.ar_dunning_sales_amounts = allowed
                self.order.with_user(self.seller).action_request_approval()
                seen = self.asked().with_user(self.seller).note
                self.assertIn("40 days late", seen)
                self.assertEqual("500.00" in seen, allowed)
                self.decide("declined")
                seen = " ".join(self.order.with_user(self.seller).message_ids.mapped("body"))
                self.assertEqual("500.00" in seen, allowed)

    def test_salespeople_do_not_read_the_customers_other_money(self):
        self.rule(0.5)
        self.transfer(7777.0, partner=self.partner_b)
        order = self.quotation(partner=self.partner_b)
        self.assertEqual(order.ar_dunning_received, 7777.0)
        self.assertEqual(order.with_user(self.seller).ar_dunning_received, 500.0)

    def test_a_parked_order_can_be_answered(self):
        """Nobody has requested anything; Approve and Decline are there all the same."""
        self.order._dunning_park("Signed")
        form = self.env.ref("sale.view_order_form").id
        view = etree.fromstring(self.env["sale.order"].with_user(self.controller).get_view(form, "form")["arch"])
        values = {name: self.order[name] for name in self.order._fields if name.startswith("ar_dunning_")}
        for name in ("action_approve", "action_decline"):
            (button,) = view.xpath(f"//header/button[@name='{name}']")
            self.assertFalse(safe_eval(button.get("invisible"), values), name)
        self.decide("declined", "no")
        self.assertFalse(self.asked())

    # === Who reads what === #

    def test_portal_users_read_no_credit_fields(self):
        user = new_test_user(self.env, "anna", "base.group_portal")
        user.partner_id.parent_id = self.partner_a
        self.order.partner_id = user.partner_id
        self.order.message_subscribe(user.partner_id.ids)
        self.decide("declined", "They are broke")
        mine = self.order.with_user(user)
        self.assertEqual(mine.read(["name"])[0]["name"], self.order.name)
        for name in (
            "ar_dunning_release", "ar_dunning_release_note", "ar_dunning_release_user_id", "ar_dunning_release_amount",
            "ar_dunning_banner", "ar_dunning_status", "ar_dunning_verdict", "ar_dunning_stopped", "ar_dunning_checked",
            "ar_dunning_relied", "ar_dunning_parked", "ar_dunning_received", "ar_dunning_deposit_share",
        ):  # fmt: skip
            with self.subTest(name), self.assertRaises(AccessError):
                mine.read([name])
        readable = mine.fields_get()
        self.assertFalse([name for name in readable if name.startswith("ar_dunning_release")])

    def test_rated_in_one_company_and_not_in_another(self):
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        self.dunning_customer(self.partner_a)._refresh_credit_of()
        there = self.env["sale.order"].create({"partner_id": self.partner_a.id, "company_id": other.id})
        Order = self.env["sale.order"].with_context(allowed_company_ids=(self.company | other).ids)
        self.assertFalse(there.ar_dunning_status)
        found = Order.search([("ar_dunning_status", "=", False), ("partner_id", "=", self.partner_a.id)])
        self.assertEqual(found, there)


@tagged("post_install", "-at_install")
class TestNight(SaleDunningCommon):
    """The night asks the rules about every open quotation, customers side by side."""

    def queries(self, customers, each):
        partners = self.env["res.partner"].create([{"name": f"P{i}", "is_company": True} for i in range(customers)])
        orders = self.env["sale.order"].concat(
            *(self.quotation(1000.0, partner=partner) for partner in partners for _number in range(each))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        orders._dunning_refresh_deposits()
        self.env.flush_all()
        self.assertEqual(set(orders.mapped("prepayment_percent")), {0.3})
        return self.env.cr.sql_log_count - before

    def test_queries(self):
        self.rule(0.3)
        self.queries(1, 1)
        few, many = self.queries(5, 1), self.queries(40, 1)
        self.assertEqual(few, many)
        self.assertLess(self.queries(2, 11) - many, 10 * 14, "what is the same for all is read once")

    def test_each_quotation_is_judged_by_itself(self):
        self.rule(0.5, status_from="hold")
        self.limit(1000.0)
        first, second, big = self.quotation(900.0), self.quotation(800.0), self.quotation(1000.01)
        other = self.quotation(5000.0, partner=self.partner_b)
        orders = first | second | big | other
        orders._dunning_refresh_deposits()
        self.assertEqual(orders.mapped("ar_dunning_deposit_share"), [0.0, 0.0, 0.5, 0.0])

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestApproval(SaleDunningCommon):
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
        self.assertEqual(self.order.ar_dunning_release_id.amount, 9000.0)

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
            "ar_dunning_release", "ar_dunning_release_id", "ar_dunning_release_ids", "ar_dunning_release_count",
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

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestRelease(SaleDunningCommon):
    """Request, answer, override: for this customer, currency and amount, and on record."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.overdue(500.0)
        cls.order = cls.quotation()

    def decide(self, decision, note="Called them, will pay on Friday", user=None, order=None):
        wizard = (
            self.env["ar.dunning.release.wizard"]
            .with_user(user or self.controller)
            .create({"order_ids": (order or self.order).ids, "decision": decision, "note": note})
        )
        return wizard.action_decide()

    def approvals(self, order=None):
        return (order or self.order).activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref("ar_dunning_sale.mail_activity_type_approval")
        )

    def test_request_goes_to_the_responsible(self):
        self.order.with_user(self.seller).action_request_approval()
        activity = self.approvals()
        self.assertEqual((activity.user_id, activity.date_deadline), (self.controller, self.today))
        for words in ("Sara Seller", "1,000.00", "Invoices are overdue", "40 days late"):
            self.assertIn(words, activity.note)
        self.assertNotIn("500.00", activity.note, "salespeople read it on the order")
        self.assertEqual(self.order.ar_dunning_release, "requested")
        self.order.with_user(self.seller).action_request_approval()
        self.assertEqual(len(self.approvals()), 1)

    def test_without_responsible_to_a_manager_and_to_administrators_last(self):
        self.dunning_customer(self.partner_a).responsible_id = False
        override = self.env.ref("ar_dunning_credit.group_credit_override")
        administrators = override.all_user_ids & self.env.ref("base.group_system").all_user_ids
        self.assertTrue(administrators.filtered(lambda user: user.id < self.controller.id))
        (override.all_user_ids - administrators - self.controller).active = False
        self.assertEqual(self.env["ar.dunning.release"]._controller(self.order), self.controller)
        manager = self.make_user("manager", "Mona Manager", "ar_dunning.group_dunning_manager")
        self.assertEqual(self.env["ar.dunning.release"]._controller(self.order), manager)
        (self.controller | manager).active = False
        self.assertIn(self.env["ar.dunning.release"]._controller(self.order), administrators)
        self.dunning_customer(self.partner_a).responsible_id = self.seller
        self.assertNotEqual(self.env["ar.dunning.release"]._controller(self.order), self.seller, "may not decide")

    def test_approved_then_confirmed_by_the_salesperson(self):
        self.order.with_user(self.seller).action_request_approval()
        self.decide("approved")
        self.assertFalse(self.approvals())
        self.assertFalse(self.order.ar_dunning_stopped)
        self.assertIn(
            "Approved by Karl Controller up to $ 1,000.00: Called them",
            self.order.ar_dunning_banner.replace("\xa0", " "),
        )
        todo = self.order.activity_ids.filtered(lambda activity: activity.user_id == self.seller)
        self.assertIn("Approved by Karl Controller", todo.summary)
        self.order.with_user(self.seller).action_confirm()
        self.assertEqual(self.order.state, "sale")
        self.assertFalse(todo.exists(), "confirmed: nothing is left to do")

    def test_whoever_asked_is_told(self):
        """A colleague asks for the salesperson: both get the answer, the one who decides gets none."""
        colleague = self.seller.copy({"login": "colleague", "name": "Cora Colleague"})
        colleague.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.order.with_user(colleague).action_request_approval()
        self.decide("declined", note="Not before they pay")
        todos = self.order.activity_ids.filtered(lambda activity: "Not before they pay" in (activity.summary or ""))
        self.assertEqual(todos.user_id, self.seller | colleague)
        self.assertEqual(len(todos), 2)

    def test_approval_ends_when_the_order_grows(self):
        self.decide("approved")
        self.order.order_line.price_unit = 1000.01
        with self.assertRaises(CreditRefusedError):
            self.order.action_confirm()
        self.assertIn("needs a new approval", self.order.ar_dunning_banner)
        self.order.order_line.price_unit = 1000.0
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")

    def test_approval_is_for_one_customer_and_currency(self):
        self.decide("approved")
        other = self.env["res.partner"].create({"name": "Also bad", "is_company": True})
        self.overdue(700.0, partner=other)
        self.order.partner_invoice_id = other
        with self.assertRaises(CreditRefusedError):
            self.order.action_confirm()
        self.order.partner_invoice_id = self.partner_a
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.order.pricelist_id = self.env["product.pricelist"].create({"name": "E", "currency_id": currency.id})
        with self.assertRaises(CreditRefusedError):
            self.order.action_confirm()

    def test_a_copy_is_not_approved(self):
        self.decide("approved")
        self.assertFalse(self.order.copy().ar_dunning_release)

    def test_declined(self):
        self.order.with_user(self.seller).action_request_approval()
        self.decide("declined", "Too risky")
        with self.assertRaises(CreditRefusedError):
            self.order.action_confirm()
        self.assertIn("Declined by Karl Controller: Too risky", self.order.ar_dunning_banner)

    def test_override_is_logged_on_order_and_customer(self):
        self.decide("overridden", "Strategic customer")
        self.assertEqual(self.order.state, "sale")
        customer = self.dunning_customer(self.partner_a)
        for record in (self.order, customer):
            text = " ".join(record.message_ids.mapped("body"))
            self.assertIn("Confirmed anyway by Karl Controller", text)
            self.assertIn("Strategic customer", text)
        self.assertIn(self.order.name, " ".join(customer.message_ids.mapped("body")))

    def test_override_needs_group_and_reason(self):
        with self.assertRaises(AccessError):
            self.decide("overridden", user=self.seller)
        with self.assertRaises(AccessError):
            self.order.with_user(self.seller)._dunning_decide("overridden", "I want")
        for note in ("", "  "):
            with self.assertRaises(UserError):
                self.decide("overridden", note)
        self.assertEqual(self.order.state, "draft")

    def test_override_passes_a_missing_deposit(self):
        self.rule(0.5)
        order = self.quotation(partner=self.partner_b)
        self.decide("overridden", order=order)
        self.assertEqual(order.state, "sale")

    def test_nothing_to_ask(self):
        order = self.quotation(partner=self.partner_b)
        with self.assertRaises(UserError):
            order.action_request_approval()

    def test_amounts_for_salespeople_by_company_choice(self):
        order = self.order.with_user(self.seller)
        self.assertNotIn("500.00", order.ar_dunning_banner)
        self.assertIn("40 days late", order.ar_dunning_banner)
        self.company.ar_dunning_sales_amounts = True
        order.invalidate_recordset()
        self.assertIn("500.00", order.ar_dunning_banner)

    def test_list_and_filter_use_the_stored_status(self):
        self.assertFalse(self.order.ar_dunning_status)
        self.dunning_customer(self.partner_a)._refresh_credit_of()
        self.order.invalidate_recordset()
        Order = self.env["sale.order"].with_user(self.seller)
        self.assertEqual(self.order.with_user(self.seller).ar_dunning_status, "hold")
        held = Order.search([("ar_dunning_status", "in", ("hold", "blocked")), ("company_id", "=", self.company.id)])
        self.assertEqual(held, self.order)
        fine = Order.search([("ar_dunning_status", "=", False), ("company_id", "=", self.company.id)])
        self.assertNotIn(self.order, fine)

    def test_eighty_quotations_take_a_constant_number_of_queries(self):
        def queries(count):
            partners = self.env["res.partner"].create([{"name": f"P{i}"} for i in range(count)])
            orders = self.env["sale.order"].create(
                [
                    {"partner_id": partner.id, "company_id": self.company.id, "user_id": self.seller.id}
                    for partner in partners
                ]
            )
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders.with_user(self.seller).web_read(
                {"name": {}, "partner_id": {"fields": {"display_name": {}}}, "ar_dunning_status": {}}
            )
            return self.env.cr.sql_log_count - before

        queries(1)
        few, many = queries(8), queries(80)
        self.assertEqual(few, many)


@tagged("post_install", "-at_install")
class TestRights(SaleDunningCommon):
    """A salesperson without any accounting right, an accountant without any sales right."""

    def test_salesperson_from_quotation_to_order(self):
        self.rule(0.3)
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": self.partner_b.id,
                    "order_line": [(0, 0, {"product_id": self.goods.id, "price_unit": 100.0, "tax_ids": []})],
                }
            )
        )
        self.assertEqual(order.ar_dunning_deposit, 30.0)
        self.assertFalse(self.seller.has_group("account.group_account_readonly"))
        self.transfer(30.0, order.name, self.partner_b)
        order.invalidate_recordset()
        self.assertEqual(order.ar_dunning_received, 30.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertTrue(order.search([("ar_dunning_status", "in", ("ok", False)), ("id", "=", order.id)]))

    def test_salesperson_reads_but_does_not_decide(self):
        deposit = self.env["ar.dunning.deposit"].create(
            {
                "name": "Device", "customer_id": self.dunning_customer(self.partner_a).id, "amount": 1.0,
                "return_date": self.today, "company_id": self.company.id,
            }
        )  # fmt: skip
        mine = deposit.with_user(self.seller)
        self.assertEqual(mine.amount, 1.0)
        with self.assertRaises(AccessError):
            mine.action_receive()
        for model in ("ar.dunning.deposit.rule", "ar.dunning.customer"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.seller).search([])

    def test_salesperson_asks_for_a_security_deposit(self):
        order = self.quotation()
        context = order.with_user(self.seller).action_ask_security_deposit()["context"]
        with Form(self.env["ar.dunning.deposit"].with_user(self.seller).with_context(**context)) as form:
            form.name = "Loan device"
            form.amount = 400.0
            form.return_date = self.today
        deposit = form.record
        self.assertEqual((deposit.partner_id, deposit.order_id, deposit.state), (self.partner_a, order, "requested"))
        self.assertEqual(order.ar_dunning_deposit_count, 1)
        with self.assertRaises(AccessError):
            deposit.with_user(self.seller).action_receive()
        deposit.with_user(self.seller).amount = 300.0
        self.env["ar.dunning.deposit"].browse(deposit.id).sudo()._put({"state": "paid"})
        with self.assertRaises(AccessError):
            deposit.with_user(self.seller).return_date = self.today
        rows = (
            self.env["ar.dunning.deposit"]
            .with_user(self.seller)
            .search([])
            .web_read({"partner_id": {"fields": {"display_name": {}}}, "amount": {}})
        )
        self.assertEqual([row["amount"] for row in rows], [300.0])

    def test_accountant_opens_and_decides_an_order(self):
        self.overdue(500.0)
        order = self.quotation()
        mine = order.with_user(self.controller)
        self.assertFalse(self.controller.has_group("sales_team.group_sale_salesman"))
        self.assertIn("500.00", mine.ar_dunning_banner)
        mine.action_approve()
        mine._dunning_decide("approved", "fine")
        self.assertEqual(order.ar_dunning_release_id.decided_by_id, self.controller)

    def test_views_open(self):
        for user, model in (
            (self.seller, "sale.order"), (self.controller, "sale.order"), (self.controller, "ar.dunning.deposit"),
            (self.controller, "ar.dunning.deposit.rule"), (self.controller, "ar.dunning.terms"),
            (self.controller, "ar.dunning.customer"),
        ):  # fmt: skip
            with self.subTest(model, user=user.login):
                views = self.env[model].with_user(user).get_views([(False, "form"), (False, "list"), (False, "search")])
                self.assertIn("form", views["views"])

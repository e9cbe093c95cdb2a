import html

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestPeople(DeliveryCommon):
    """Who reads what: the warehouse a plain sentence, sales the order's own figures, accounting everything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls.delivery()
        cls.order = cls.picking.sale_id

    def banner(self, user):
        picking = self.picking.with_user(user)
        picking.invalidate_recordset()
        return html.unescape(picking.ar_dunning_banner).replace("\xa0", " ")

    def test_the_warehouse(self):
        for group in (
            "sales_team.group_sale_salesman",
            "account.group_account_readonly",
            "ar_dunning.group_dunning_user",
        ):
            self.assertFalse(self.packer.has_group(group), group)
        banner = self.banner(self.packer)
        self.assertIn(f"{self.order.name}: The deposit has not come in yet.", banner)
        self.assertIn("Use 'Request approval' on the delivery", banner)
        for word in ("500", "1,000", "Pays first"):
            self.assertNotIn(word, banner)
        with Form(self.picking) as form:
            self.assertTrue(form.ar_dunning_stopped)
        self.assertEqual(self.picking.web_read({"ar_dunning_wait": {}})[0]["ar_dunning_wait"], "deposit")
        with self.assertRaises(AccessError):
            self.env["ar.dunning.customer"].with_user(self.packer).search([])
        with self.assertRaises(AccessError):
            self.env["ar.dunning.deposit.rule"].with_user(self.packer).search([])

    def test_amounts_if_the_company_shows_them(self):
        self.company.ar_dunning_sales_amounts = True
        banner = self.banner(self.packer)
        for word in ("Deposit of $ 500.00 before delivery and invoicing (Pays first)", "$ 500.00 missing"):
            self.assertIn(word, banner)

    def test_hold_without_reasons_for_the_warehouse(self):
        self.half.unlink()
        self.overdue(700.0)
        self.assertNotIn("overdue", self.banner(self.packer))
        self.assertIn("40 days late", self.banner(self.seller))
        self.assertNotIn("700.00", self.banner(self.seller))
        self.assertIn("700.00", self.banner(self.env.user))

    def test_sales(self):
        self.assertFalse(self.seller.has_group("stock.group_stock_user"))
        self.assertIn("$ 500.00 missing", self.banner(self.seller))
        self.picking.move_ids.picked = True
        self.refused(self.picking.with_user(self.seller)._action_done, "500.00 missing")

    def test_complete_says_nothing(self):
        self.transfer(500.0, self.order.name)
        self.picking.invalidate_recordset()
        self.assertFalse(self.picking.ar_dunning_banner or self.picking.ar_dunning_wait)

    def test_views_open(self):
        for user in (self.packer, self.seller, self.env.user):
            with self.subTest(user.login):
                views = (
                    self.env["stock.picking"]
                    .with_user(user)
                    .get_views([(False, "form"), (False, "list"), (False, "kanban"), (False, "search")])
                )
                self.assertIn("ar_dunning_wait", views["views"]["list"]["arch"])
                self.assertIn("ar_dunning_wait", views["views"]["kanban"]["arch"])
                self.assertIn("ar_dunning_deposit", views["views"]["search"]["arch"])
                arch = views["views"]["form"]["arch"]
                self.assertEqual(
                    "action_dunning_approve" in arch, user.has_group("ar_dunning_credit.group_credit_override")
                )

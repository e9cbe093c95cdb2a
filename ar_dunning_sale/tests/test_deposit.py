from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError

from .common import SaleDunningCommon

SQL_LOG = "odoo.sql_db"


@tagged("post_install", "-at_install")
class TestDepositRules(SaleDunningCommon):
    """Which rule counts, and how Odoo's own prepayment carries it."""

    def share(self, **values):
        return self.quotation(**values).ar_dunning_deposit_share

    def test_without_rules_nothing_changes(self):
        order = self.quotation()
        self.assertEqual((order.require_payment, order.ar_dunning_deposit_share), (False, 0.0))
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_prepayment_of_the_portal(self):
        self.rule(0.3)
        order = self.quotation(1000.0)
        self.assertEqual((order.require_payment, order.prepayment_percent), (True, 0.3))
        self.assertEqual(order._get_prepayment_required_amount(), 300.0)
        self.assertTrue(order._has_to_be_paid())
        self.assertIn("300.00 before confirmation (Pays first)", order.ar_dunning_banner)

    def test_a_higher_share_of_the_company_stays(self):
        self.company.write({"portal_confirmation_pay": True, "prepayment_percent": 0.8})
        self.rule(0.3)
        self.assertEqual(self.quotation().prepayment_percent, 0.8)
        self.rule(0.9)
        self.assertEqual(self.quotation().prepayment_percent, 0.9)

    def test_the_strictest_counts_and_names_itself(self):
        self.rule(0.2, name="Everybody")
        self.rule(0.0, name="At least", amount=350.0)
        self.rule(0.5, name="Big", amount_from=2000.0)
        self.assertEqual(self.share(amount=1000.0), 0.35)
        self.assertEqual(self.share(amount=1999.0), 0.2)
        self.assertEqual(self.share(amount=1600.0), 0.21875, "exactly: a rounded share asks for other cents")
        order = self.quotation(2000.0)
        self.assertEqual((order.ar_dunning_deposit_share, order.ar_dunning_deposit), (0.5, 1000.0))
        self.assertIn("(Big)", order.ar_dunning_banner)
        self.assertEqual(self.share(amount=100.0), 1.0, "never more than the order")

    def test_conditions(self):
        customer = self.dunning_customer(self.partner_a)
        table = [
            ({"first_order": True}, 0.3),
            ({"audience": "business"}, 0.3),
            ({"audience": "consumer"}, 0.0),
            ({"grade_from": "d"}, 0.0),
            ({"ungraded": True}, 0.3),
            ({"grade_from": "d", "ungraded": True}, 0.3),
            ({"status_from": "watch"}, 0.0),
            ({"amount_from": 1000.0}, 0.3),
            ({"amount_from": 1000.01}, 0.0),
        ]
        for condition, expected in table:
            with self.subTest(condition):
                rule = self.rule(0.3, **condition)
                self.assertEqual(self.share(), expected)
                rule.unlink()
        for grade, expected in (("c", 0.0), ("d", 0.3), ("e", 0.3), ("new", 0.0)):
            with self.subTest(grade):
                customer._put({"grade": grade})
                rule = self.rule(0.3, grade_from="d")
                self.assertEqual(self.share(), expected)
                rule.unlink()
        customer._put({"grade": "b"})
        rule = self.rule(0.3, ungraded=True)
        self.assertEqual(self.share(), 0.0)

    def test_first_order_only_once(self):
        self.rule(1.0, first_order=True)
        first = self.quotation(partner=self.partner_b)
        self.assertEqual(first.ar_dunning_deposit, 1000.0)
        self.transfer(1000.0, first.name, self.partner_b)
        first.action_confirm()
        self.assertEqual(self.share(partner=self.partner_b), 0.0)

    def test_category_and_below(self):
        parent = self.env["product.category"].create({"name": "Machines"})
        child = self.env["product.category"].create({"name": "Lathes", "parent_id": parent.id})
        self.rule(0.4, category_id=parent.id)
        self.assertEqual(self.share(), 0.0)
        self.goods.categ_id = child
        self.assertEqual(self.share(), 0.4)

    def test_status_follows_the_order_itself(self):
        self.rule(0.5, status_from="hold")
        self.limit(1000.0)
        self.assertEqual(self.share(amount=1000.0), 0.0)
        self.assertEqual(self.share(amount=1000.01), 0.5)

    def test_share_follows_lines_and_night(self):
        self.rule(0.3, amount_from=1000.0)
        order = self.quotation(999.0)
        self.assertFalse(order.require_payment)
        order.order_line.price_unit = 1000.0
        self.assertEqual((order.require_payment, order.prepayment_percent), (True, 0.3))
        self.rule(0.6)
        self.assertEqual(order.prepayment_percent, 0.3)
        self.env["ar.dunning.customer"]._close_night(self.company)
        self.assertEqual(order.prepayment_percent, 0.6)

    def test_amounts_are_company_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": currency.id})
        self.rule(0.0, amount=300.0)
        order = self.quotation(1000.0, pricelist_id=pricelist.id)
        self.assertEqual(order.ar_dunning_deposit, 600.0)

    def test_yen_have_no_cents(self):
        currency = self.setup_other_currency("JPY", rates=[("2016-01-01", 100.0)], rounding=1.0)
        pricelist = self.env["product.pricelist"].create({"name": "JPY", "currency_id": currency.id})
        self.rule(1 / 3)
        order = self.quotation(1000.0, pricelist_id=pricelist.id)
        self.assertEqual(order.ar_dunning_deposit, 333.0)

    def test_other_companies_rules(self):
        other = self.setup_other_company()["company"]
        self.rule(0.3, company_id=other.id)
        self.assertEqual(self.share(), 0.0)

    def test_form(self):
        self.rule(0.3)
        with Form(self.env["sale.order"].with_user(self.seller)) as form:
            form.partner_id = self.partner_b
            with form.order_line.new() as line:
                line.product_id = self.goods
        order = form.record
        self.assertEqual((order.amount_total, order.prepayment_percent), (100.0, 0.3))
        with Form(order) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 5
        self.assertEqual(order._get_prepayment_required_amount(), 150.0)

    def test_bad_rules(self):
        for values in ({"share": 0.0}, {"share": 1.5}, {"share": -0.1}, {"amount": -1.0}):
            with self.subTest(values), self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger(SQL_LOG):
                self.rule(**{"share": 0.5, **values})

    def test_insolvent_pays_all_in_advance(self):
        customer = self.dunning_customer(self.partner_b)
        self.env["ar.dunning.solvency.check"].create(
            {
                "customer_id": customer.id,
                "date": self.today,
                "source": "register",
                "result": "insolvent",
                "opening_date": self.today,
            }
        )
        order = self.quotation(partner=self.partner_b)
        self.assertEqual(order.ar_dunning_deposit, 1000.0)
        with self.assertRaises(CreditRefusedError):
            order.action_confirm()
        self.transfer(1000.0, order.name, self.partner_b)
        order.invalidate_recordset()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_deposit_that_releases_a_hold(self):
        self.overdue()
        rule = self.rule(0.5, status_from="hold")
        order = self.quotation()
        self.transfer(500.0, order.name)
        with self.assertRaisesRegex(CreditRefusedError, "overdue"):
            order.action_confirm()
        rule.releases_hold = True
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_before_delivery_and_invoicing(self):
        self.rule(0.5, stage="invoice")
        order = self.quotation()
        self.assertFalse(order.require_payment)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "500.00 missing"):
            order._create_invoices()
        with self.assertRaisesRegex(UserError, "500.00 missing"):
            order.order_line.qty_delivered = 1
        self.transfer(500.0, order.name)
        order.order_line.qty_delivered = 1
        self.assertEqual(order._create_invoices().amount_total, 1000.0)

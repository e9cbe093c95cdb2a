from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.ar_dunning_sale.models.verdict import CreditRefusedError

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
        self.assertEqual(self.share(amount=1600.0), 0.2188, "rounded up: 350 of 1,600 are 21.875 %")
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
                customer.grade = grade
                rule = self.rule(0.3, grade_from="d")
                self.assertEqual(self.share(), expected)
                rule.unlink()
        customer.grade = "b"
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


@tagged("post_install", "-at_install")
class TestMoney(SaleDunningCommon):
    """What counts as received, and that nothing counts twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule(0.5)

    def received(self, order):
        order.invalidate_recordset()
        return order.ar_dunning_received

    def down_payment(self, order, amount):
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": order.ids, "advance_payment_method": "fixed", "fixed_amount": amount}
        )
        invoice = wizard._create_invoices(order)
        invoice.action_post()
        return invoice

    def test_transfer_that_names_the_order(self):
        order = self.quotation()
        self.transfer(200.0, f"Deposit {order.name}, thanks")
        self.assertEqual(self.received(order), 200.0)
        self.assertEqual(order._get_prepayment_required_amount(), 300.0)
        with self.assertRaisesRegex(CreditRefusedError, "200.00 received, .*300.00 missing"):
            order.action_confirm()
        self.transfer(300.0, f"Rest {order.name}")
        self.assertEqual(self.received(order), 500.0)
        self.assertFalse(order._has_to_be_paid())
        order.action_confirm()
        self.assertEqual((order.state, order.ar_dunning_relied), ("sale", 0.0))

    def test_a_number_within_a_number_is_another_order(self):
        order = self.quotation()
        self.transfer(500.0, f"{order.name}9")
        order2 = self.quotation()
        order2.name = f"{order.name}9"
        self.assertEqual((self.received(order), self.received(order2)), (0.0, 500.0))

    def test_transfer_in_another_currency_does_not_count(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        order = self.quotation()
        self.transfer(500.0, order.name, currency=currency)
        self.assertEqual(self.received(order), 0.0)

    def test_money_without_a_name_pays_debts_first(self):
        order = self.quotation()
        self.transfer(700.0)
        self.assertEqual(self.received(order), 700.0)
        self.invoice(400.0, self.today)
        self.assertEqual(self.received(order), 300.0)

    def test_money_without_a_name_covers_one_order_only(self):
        first, second = self.quotation(), self.quotation()
        self.transfer(600.0)
        self.assertEqual((self.received(first), self.received(second)), (600.0, 600.0))
        first.action_confirm()
        self.assertEqual(first.ar_dunning_relied, 500.0)
        self.assertEqual(self.received(second), 100.0)
        with self.assertRaisesRegex(CreditRefusedError, "400.00 missing"):
            second.action_confirm()

    def test_down_payment_invoice_counts_once_it_is_paid(self):
        order = self.quotation()
        invoice = self.down_payment(order, 500.0)
        self.assertEqual(self.received(order), 0.0)
        self.pay(invoice, 200.0, self.today)
        self.assertEqual(self.received(order), 200.0)
        self.pay(invoice, 300.0, self.today)
        self.assertEqual(self.received(order), 500.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_credited_down_payment_does_not_count(self):
        order = self.quotation()
        invoice = self.down_payment(order, 500.0)
        self.pay(invoice, 500.0, self.today)
        refund = invoice._reverse_moves([{"invoice_date": self.today}])
        refund.action_post()
        self.assertEqual(order._dunning_invoiced_deposits(), 0.0)
        self.assertEqual(self.received(order), 0.0)

    def test_down_payment_paid_by_credit_note_is_no_money(self):
        order = self.quotation()
        invoice = self.down_payment(order, 500.0)
        invoice._reverse_moves([{"invoice_date": self.today}], cancel=True)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(self.received(order), 0.0)

    def test_bank_line_that_names_the_order(self):
        order = self.quotation()
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": self.today,
                "payment_ref": f"ORDER {order.name}",
                "amount": 500.0,
            }
        )
        self.assertEqual(self.received(order), 500.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_matched_transfer_is_gone(self):
        order = self.quotation()
        invoice = self.invoice(500.0, self.today)
        payment = self.transfer(500.0, order.name)
        (payment.move_id | invoice).line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(self.received(order), 0.0)

    def test_other_customers_money(self):
        order = self.quotation()
        self.transfer(500.0, partner=self.partner_b)
        self.assertEqual(self.received(order), 0.0)

    def test_exposure_of_confirmed_orders(self):
        order = self.quotation()
        invoice = self.down_payment(order, 500.0)
        self.pay(invoice, 500.0, self.today)
        order.action_confirm()
        customer = self.dunning_customer(self.partner_a)
        self.assertEqual(customer._uninvoiced_orders()[customer.id], 500)
        final = order._create_invoices(final=True)
        self.assertEqual(customer._uninvoiced_orders()[customer.id], 500, "a draft is no invoice yet")
        final.action_post()
        self.assertEqual(final.amount_total, 500.0)
        self.assertEqual(customer._uninvoiced_orders()[customer.id], 0)
        state = customer._credit_state(self.today)[customer.id]
        self.assertEqual((state.exposure.receivables, state.exposure.orders), (500, 0))

    def test_paid_deposit_makes_room_under_the_limit(self):
        self.limit(500.0)
        order = self.quotation()
        with self.assertRaises(CreditRefusedError):
            order.action_confirm()
        self.transfer(500.0, order.name)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_room_under_the_limit_is_not_made_twice(self):
        """An invoiced and paid down payment is neither in the order nor in the receivables."""
        self.limit(499.0)
        order = self.quotation()
        self.pay(self.down_payment(order, 500.0), 500.0, self.today)
        with self.assertRaisesRegex(CreditRefusedError, "500.00 used of .*499.00"):
            order.action_confirm()


@tagged("post_install", "-at_install")
class TestSecurityDeposit(SaleDunningCommon):
    """Money that is given back: requested, paid, released or applied."""

    def deposit(self, **values):
        return self.env["ar.dunning.deposit"].create(
            {
                "name": "Loan device",
                "customer_id": self.dunning_customer(self.partner_a).id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "amount": 400.0,
                "return_date": fields.Date.add(self.today, days=90),
                "user_id": self.seller.id,
                **values,
            }
        )

    def test_life(self):
        deposit = self.deposit().with_user(self.controller)
        deposit.action_paid()
        self.assertEqual((deposit.state, deposit.paid_on), ("paid", self.today))
        activity = deposit.activity_ids
        self.assertEqual((activity.date_deadline, activity.user_id), (deposit.return_date, self.seller))
        deposit.return_date = fields.Date.add(self.today, days=30)
        self.assertEqual(deposit.activity_ids.date_deadline, fields.Date.add(self.today, days=30))
        deposit.action_release()
        self.assertEqual((deposit.state, deposit.closed_on), ("released", self.today))
        self.assertFalse(deposit.activity_ids)
        with self.assertRaises(UserError):
            deposit.action_paid()

    def test_it_is_no_advance(self):
        self.rule(0.3)
        order = self.quotation()
        payment = self.transfer(400.0)
        self.assertEqual(order.ar_dunning_received, 400.0)
        deposit = self.deposit(payment_id=payment.id)
        deposit.action_paid()
        order.invalidate_recordset()
        self.assertEqual(order.ar_dunning_received, 0.0)
        deposit.action_release()
        order.invalidate_recordset()
        self.assertEqual(order.ar_dunning_received, 400.0)

    def test_applied_to_an_invoice(self):
        invoice = self.invoice(1000.0, self.today)
        deposit = self.deposit(payment_id=self.transfer(400.0).id)
        deposit.action_paid()
        with self.assertRaises(UserError):
            deposit.action_apply()
        deposit.move_id = invoice
        deposit.action_apply()
        self.assertEqual((deposit.state, invoice.amount_residual), ("applied", 600.0))

    def test_what_is_refused(self):
        deposit = self.deposit()
        with self.assertRaises(UserError):
            deposit.state = "paid"
        with self.assertRaises(ValidationError):
            deposit.payment_id = self.transfer(400.0, partner=self.partner_b)
        deposit.action_paid()
        with self.assertRaises(UserError):
            deposit.amount = 1.0
        with self.assertRaises(UserError):
            deposit.unlink()
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger(SQL_LOG):
            self.deposit(amount=0.0)

    def test_merged_customers(self):
        deposit = self.deposit(customer_id=self.dunning_customer(self.partner_b).id)
        deposit.action_paid()
        self.partner_b._merge_dunning_records(self.partner_a)
        self.assertEqual(deposit.customer_id, self.dunning_customer(self.partner_a))

    def test_sums_per_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.deposit()
        self.deposit(currency_id=currency.id, amount=70.0)
        rows = self.env["ar.dunning.deposit"]._read_group(
            [("company_id", "=", self.company.id)], ["currency_id"], ["amount:sum"], order="currency_id"
        )
        self.assertEqual(
            {found.name: amount for found, amount in rows}, {self.company.currency_id.name: 400.0, "EUR": 70.0}
        )

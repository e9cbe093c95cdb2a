from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SaleDunningCommon

SQL_LOG = "odoo.sql_db"


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

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .deposit_common import DepositCommon

SQL_LOG = "odoo.sql_db"


@tagged("post_install", "-at_install")
class TestSecurityDeposit(DepositCommon):
    """Money that is given back: requested, paid, released or applied."""

    def test_life(self):
        deposit = self.deposit().with_user(self.controller)
        self.receive(deposit)
        self.assertEqual((deposit.state, deposit.paid_on, deposit.amount_left), ("paid", self.today, 400.0))
        activity = deposit.activity_ids
        self.assertEqual((activity.date_deadline, activity.user_id), (deposit.return_date, self.seller))
        told = [("model", "=", deposit._name), ("subject", "like", "Give back or apply")]
        self.assertEqual(self.env["mail.message"].sudo().search_count(told), 0, "no mail today about a day far off")
        deposit.return_date = fields.Date.add(self.today, days=30)
        self.assertEqual(deposit.activity_ids.date_deadline, fields.Date.add(self.today, days=30))
        self.give_back(deposit)
        self.assertEqual((deposit.state, deposit.closed_on, deposit.amount_left), ("released", self.today, 0.0))
        self.assertFalse(deposit.activity_ids)
        with self.assertRaisesRegex(UserError, "has come in already"):
            self.receive(deposit)

    def test_what_is_refused(self):
        deposit = self.deposit()
        for values in ({"state": "paid"}, {"receipt_move_id": 1}, {"account_id": 1}, {"closed_on": self.today}):
            with self.assertRaisesRegex(UserError, "by its buttons"):
                deposit.write(values)
        with self.assertRaises(ValidationError):
            deposit.payment_id = self.transfer(400.0, partner=self.partner_b)
        self.receive(deposit)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            deposit.amount = 1.0
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            deposit.unlink()
        with self.assertRaisesRegex(UserError, "Not possible in this status"):
            deposit.action_cancel()
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger(SQL_LOG):
            self.deposit(amount=0.0)

    def test_a_new_one_is_requested(self):
        for values in ({"state": "paid"}, {"paid_on": self.today}, {"account_id": self.liability.id}):
            with self.assertRaisesRegex(UserError, "requested first"):
                self.env["ar.dunning.deposit"].with_user(self.controller).create(
                    {
                        "name": "Device",
                        "customer_id": self.dunning_customer(self.partner_a).id,
                        "amount": 1.0,
                        "return_date": self.today,
                        **values,
                    }
                )

    def test_merged_customers(self):
        deposit = self.deposit(customer_id=self.dunning_customer(self.partner_b).id)
        self.receive(deposit, self.transfer(400.0, partner=self.partner_b))
        kept = self.dunning_customer(self.partner_a)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.partner_a | self.partner_b).ids, self.partner_a, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual((deposit.customer_id, deposit.partner_id, deposit.amount_left), (kept, self.partner_a, 400.0))
        self.assertEqual(deposit.receipt_move_id.line_ids.partner_id, self.partner_a)
        self.give_back(deposit)
        self.assertEqual(deposit.state, "released")
        self.assert_books(0.0)

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

    def test_reference(self):
        deposit = self.deposit()
        self.assertEqual(deposit.reference, f"SD{deposit.id:05d}")
        self.assertEqual(self.env["ar.dunning.deposit"].search([("reference", "=", deposit.reference)]), deposit)

    def test_sales_may_only_request(self):
        deposit = self.deposit()
        invoice = self.invoice(100.0, self.today)
        mine = deposit.with_user(self.seller)
        payment = self.transfer(400.0)
        calls = [
            lambda: mine.action_receive(), lambda: mine.action_apply(), lambda: mine.action_release(),
            lambda: mine.action_undo_receipt(), lambda: mine.action_cancel(),
            lambda: self.receive(mine, payment), lambda: self.apply(mine, {invoice: 1.0}), lambda: self.give_back(mine),
        ]  # fmt: skip
        for number, call in enumerate(calls):
            with self.subTest(number), self.assertRaises(AccessError):
                call()
        for wizard in ("receipt", "return", "apply", "undo"):
            with self.assertRaises(AccessError):
                self.env[f"ar.dunning.deposit.{wizard}.wizard"].with_user(self.seller).create(
                    {"deposit_id": deposit.id}
                )
        self.assertEqual((deposit.state, deposit.entry_count), ("requested", 0))

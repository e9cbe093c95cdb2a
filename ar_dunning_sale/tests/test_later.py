from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestLater(SaleDunningCommon):
    """A deposit before delivery and invoicing: what counts for it, who may let an order pass, and that nobody asks twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule(0.5, stage="invoice")
        cls.order = cls.confirmed()

    @classmethod
    def confirmed(cls, amount=1000.0, **values):
        order = cls.quotation(amount, **values)
        order.action_confirm()
        return order

    def approve(self, order=None, note="Known for years", user=None, decision="approved"):
        (order or self.order).with_user(user or self.controller)._dunning_decide(decision, note)

    def test_the_order_says_what_it_waits_for(self):
        order = self.order.with_user(self.seller)
        self.assertTrue(order.ar_dunning_waits)
        for words in ("before delivery and invoicing (Pays first)", "0.00 received", "500.00 missing"):
            self.assertIn(words, order.ar_dunning_waits_banner.replace("\xa0", " "))
        self.transfer(500.0, order.name)
        order.invalidate_recordset()
        self.assertFalse(order.ar_dunning_waits or order.ar_dunning_waits_banner)
        self.assertFalse(self.quotation().ar_dunning_waits, "a quotation waits for its confirmation")

    def test_a_deposit_matched_with_an_invoice_stays_the_order_s(self):
        self.order.order_line.write({"product_uom_qty": 2, "price_unit": 1000.0})
        payment = self.transfer(1000.0, self.order.name)
        invoice = self.order._create_invoices()
        invoice.invoice_line_ids.quantity = 1
        invoice.action_post()
        (payment.move_id | invoice).line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(self.order._dunning_money()[self.order.id].invoices, 1000.0)
        self.assertEqual(self.order._create_invoices().amount_total, 1000.0)

    def test_a_shared_invoice_counts_in_parts(self):
        other = self.confirmed(3000.0)
        self.transfer(500.0, self.order.name)
        self.transfer(1500.0, other.name)
        invoice = (self.order | other)._create_invoices()
        self.assertEqual((len(invoice), invoice.amount_total), (1, 4000.0))
        invoice.action_post()
        self.pay(invoice, 1000.0, self.today)
        money = (self.order | other)._dunning_money()
        self.assertEqual((money[self.order.id].invoices, money[other.id].invoices), (250.0, 750.0))

    def test_a_credited_invoice_is_no_money(self):
        payment = self.transfer(500.0, self.order.name)
        invoice = self.order._create_invoices()
        invoice.action_post()
        (payment.move_id | invoice).line_ids.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(self.order._dunning_money()[self.order.id].invoices, 500.0)
        refund = invoice._reverse_moves([{"invoice_date": self.today}])
        refund.action_post()
        self.assertEqual(self.order._dunning_money()[self.order.id].invoices, 0.0)

    def test_money_without_a_name_lets_one_order_pass(self):
        second = self.confirmed()
        self.transfer(600.0)
        self.assertEqual(self.order._create_invoices().amount_total, 1000.0)
        self.assertEqual(self.order.ar_dunning_relied, 500.0)
        with self.assertRaisesRegex(UserError, f"{second.name}: .*400.00 missing"):
            second._create_invoices()

    def test_its_own_open_invoice_does_not_eat_its_money(self):
        self.transfer(600.0)
        self.order.order_line.write({"product_uom_qty": 2, "price_unit": 500.0})
        invoice = self.order._create_invoices()
        invoice.invoice_line_ids.quantity = 1
        invoice.action_post()
        self.assertEqual(self.order._dunning_money()[self.order.id].spare, 600.0)
        self.assertEqual(self.order._create_invoices().amount_total, 500.0)
        other = self.confirmed(10.0)
        self.assertEqual(other._dunning_money()[other.id].spare, 0.0)

    def test_orders_decided_together_share_money_without_a_name(self):
        second = self.confirmed()
        self.transfer(600.0)
        with self.assertRaisesRegex(UserError, f"{second.name}: .*400.00 missing"):
            (self.order | second)._create_invoices()
        self.transfer(400.0)
        self.assertEqual(sum((self.order | second)._create_invoices().mapped("amount_total")), 2000.0)
        self.assertEqual((self.order.ar_dunning_relied, second.ar_dunning_relied), (500.0, 500.0))

    def test_orders_confirmed_together_share_money_without_a_name(self):
        self.env["ar.dunning.deposit.rule"].search([]).write({"stage": "confirm"})
        orders = self.quotation() | self.quotation()
        self.transfer(999.0)
        with self.assertRaisesRegex(CreditRefusedError, "499.00 received, .*1.00 missing"):
            orders.action_confirm()
        self.transfer(1.0)
        orders.action_confirm()
        self.assertEqual(orders.mapped("ar_dunning_relied"), [500.0, 500.0])

    def test_first_order_stays_the_first_one(self):
        self.env["ar.dunning.deposit.rule"].search([]).first_order = True
        second = self.confirmed()
        verdicts = (self.order | second)._dunning_verdicts()
        later = [verdicts[order.id].deposit.later for order in (self.order, second)]
        self.assertEqual(later, [500.0, 0.0])

    def test_approved_after_confirmation(self):
        self.order.with_user(self.seller).action_request_approval()
        activity = self.order.activity_ids.filtered(lambda found: found.user_id == self.controller)
        self.assertIn("Sara Seller asks to deliver and invoice", activity.note)
        self.assertIn("500.00 missing", activity.note.replace("\xa0", " "))
        self.assertEqual(self.order.ar_dunning_release, "requested")
        self.approve()
        self.assertFalse(self.order.activity_ids.filtered(lambda found: found.user_id == self.controller))
        self.order.invalidate_recordset()
        self.assertFalse(self.order.ar_dunning_waits)
        self.assertEqual(self.order._create_invoices().amount_total, 1000.0)
        for record in (self.order, self.dunning_customer(self.partner_a)):
            self.assertIn("Known for years", " ".join(record.message_ids.mapped("body")))

    def test_an_approval_ends_when_the_order_grows(self):
        self.approve()
        self.order.order_line.price_unit = 2000.0
        with self.assertRaisesRegex(UserError, "1,000.00 missing"):
            self.order._create_invoices()

    def test_only_credit_override_decides_and_only_where_something_is_stopped(self):
        with self.assertRaises(AccessError):
            self.approve(user=self.seller)
        with self.assertRaisesRegex(UserError, "Write down why"):
            self.approve(note=" ")
        self.transfer(500.0, self.order.name)
        with self.assertRaisesRegex(UserError, "nothing of it is stopped"):
            self.approve()
        with self.assertRaisesRegex(UserError, "there is nothing to approve"):
            self.order.with_user(self.seller).action_request_approval()

    def test_never_past_a_block(self):
        self.dunning_customer(self.partner_a).legal_case = True
        with self.assertRaisesRegex(UserError, "Nothing new is sold to a blocked customer"):
            self.approve()
        self.approve(decision="declined")
        self.assertEqual(self.order.ar_dunning_release, "declined")

    def test_wizard_shows_what_is_missing(self):
        action = self.order.with_user(self.controller).action_approve()
        wizard = (
            self.env["ar.dunning.release.wizard"]
            .with_user(self.controller)
            .with_context(**action["context"])
            .create({"note": "fine"})
        )
        self.assertIn("500.00 missing", wizard.banner.replace("\xa0", " "))
        wizard.action_decide()
        self.assertEqual(
            (self.order.ar_dunning_release, self.order.ar_dunning_release_id.decided_by_id),
            ("approved", self.controller),
        )

    def test_down_payment_invoice_asks_for_it_and_passes(self):
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": [Command.set(self.order.ids)], "advance_payment_method": "fixed", "fixed_amount": 500.0}
        )
        invoice = wizard._create_invoices(self.order)
        invoice.action_post()
        self.order.invalidate_recordset()
        self.assertTrue(self.order.ar_dunning_waits)
        self.pay(invoice, 500.0, self.today)
        self.order.invalidate_recordset()
        self.assertFalse(self.order.ar_dunning_waits)

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import SaleDunningCommon

END = date(2026, 3, 31)


@tagged("post_install", "-at_install")
class TestTrial(SaleDunningCommon):
    """Free of charge until 31 March: announced on the 17th, to decide from 1 April, never invoiced by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.quotation(
            600.0,
            ar_dunning_trial="trial",
            ar_dunning_trial_end=END,
            ar_dunning_trial_limit=0.0,
            date_order="2026-03-01",
        )
        cls.order.order_line.ar_dunning_trial = True
        cls.order.action_confirm()

    def day(self, day):
        with freeze_time(datetime.combine(day, datetime.min.time()) + timedelta(hours=3)):
            self.order.ar_dunning_trial_id._check(day)
        self.env.flush_all()

    def mails(self):
        return self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "=", self.order.id), ("subject", "like", "free period ends")]
        )

    def activities(self):
        return self.order.activity_ids.filtered(
            lambda found: found.activity_type_id == self.env.ref("ar_dunning_sale.mail_activity_type_trial")
        )

    def test_nothing_is_invoiced(self):
        line = self.order.order_line
        line.qty_delivered = 1
        self.assertEqual((line.qty_to_invoice, self.order.invoice_status), (0.0, "no"))
        with self.assertRaisesRegex(UserError, "Free lines are not invoiced"):
            self.order._create_invoices()
        self.order._force_lines_to_invoice_policy_order()
        with self.assertRaises(UserError):
            self.order._create_invoices()
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": self.order.ids, "advance_payment_method": "percentage", "amount": 50}
        )
        with self.assertRaisesRegex(UserError, "is free of charge"):
            wizard._create_invoices(self.order)

    def test_customer_and_salesperson_are_told_in_time(self):
        self.day(date(2026, 3, 16))
        self.assertFalse(self.mails() or self.activities())
        self.day(date(2026, 3, 17))
        mail = self.mails()
        self.assertEqual(mail.recipient_ids, self.partner_a)
        self.assertIn("03/31/2026", mail.subject)
        self.assertIn("Nothing is charged without your agreement", mail.body_html)
        self.assertEqual((self.activities().user_id, self.activities().date_deadline), (self.seller, END))
        self.day(date(2026, 3, 18))
        self.assertEqual(len(self.mails()), 1)
        self.assertEqual(self.order.ar_dunning_trial_state, "running")

    def test_customer_reads_the_own_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "ar_dunning_sale")])._update_translations(["de_DE"])
        self.partner_a.lang = "de_DE"
        self.day(date(2026, 3, 17))
        mail = self.env["mail.mail"].search(
            [("res_id", "=", self.order.id), ("subject", "like", "Ihre kostenlose Zeit")]
        )
        self.assertIn("31.03.2026", mail.subject)
        self.assertIn("Ohne Ihre Zustimmung wird nichts berechnet", mail.body_html)

    def test_without_address_the_salesperson_calls(self):
        self.partner_a.email = False
        self.day(date(2026, 3, 17))
        self.assertFalse(self.mails())
        self.assertIn("please call", self.activities().summary)

    def test_last_day_is_free_then_somebody_decides(self):
        self.day(END)
        self.assertEqual(self.order.ar_dunning_trial_state, "running")
        self.day(END + timedelta(days=1))
        self.assertEqual(self.order.ar_dunning_trial_state, "decide")
        self.assertEqual(len(self.activities()), 1)
        self.assertIn("charge from now on", self.activities().summary)
        self.assertEqual(self.order.order_line.qty_to_invoice, 0.0)

    def test_limit_reached(self):
        self.order.ar_dunning_trial_limit = 600.0
        self.day(date(2026, 3, 2))
        self.assertNotEqual(self.order.ar_dunning_trial_state, "decide")
        self.order.order_line.qty_delivered = 1
        self.day(date(2026, 3, 3))
        self.assertEqual(self.order.ar_dunning_trial_state, "decide")

    def test_charged(self):
        self.day(END + timedelta(days=1))
        self.order.with_user(self.seller).action_trial_charge()
        self.assertFalse(self.activities())
        self.assertEqual(self.order._create_invoices().amount_total, 600.0)

    def test_ended(self):
        self.order.with_user(self.seller).action_trial_end()
        self.assertEqual(self.order.ar_dunning_trial_state, "ended")
        with self.assertRaises(UserError):
            self.order._create_invoices()
        self.day(END + timedelta(days=9))

    def test_extended_and_announced_anew(self):
        self.day(date(2026, 3, 17))
        self.day(END + timedelta(days=1))
        self.order.with_user(self.seller).ar_dunning_trial_end = date(2026, 6, 30)
        self.assertEqual((self.order.ar_dunning_trial_state, self.order.ar_dunning_trial_told), ("running", False))
        self.day(date(2026, 6, 16))
        self.assertEqual(len(self.mails()), 2)

    def test_no_exposure_while_free(self):
        customer = self.dunning_customer(self.partner_a)
        self.assertEqual(customer._uninvoiced_orders()[customer.id], 0)
        self.order.action_trial_charge()
        self.assertEqual(customer._uninvoiced_orders()[customer.id], 600)

    def test_free_lines_need_no_room_and_no_deposit(self):
        self.limit(500.0, self.partner_b)
        self.rule(0.3)
        order = self.quotation(600.0, partner=self.partner_b, ar_dunning_trial="pilot", ar_dunning_trial_end=self.today)
        self.assertTrue(order.ar_dunning_stopped)
        order.order_line.ar_dunning_trial = True
        order.action_confirm()
        self.assertEqual((order.state, order.ar_dunning_trial_state), ("sale", "running"))

    def test_only_marked_lines_are_free(self):
        self.order.write({"order_line": [(0, 0, {"product_id": self.goods.id, "price_unit": 50.0, "tax_ids": []})]})
        self.assertEqual(self.order._create_invoices().amount_total, 50.0)

    def test_scheduled_action(self):
        with self.enter_registry_test_mode(), freeze_time("2026-03-17 03:00:00"):
            self.env.ref("ar_dunning_sale.ir_cron_trials").with_user(
                self.env.ref("base.user_admin")
            ).method_direct_trigger()
        self.assertEqual(self.order.ar_dunning_trial_told, date(2026, 3, 17))
        self.assertEqual(self.activities().user_id, self.seller)
        told = [("model", "=", "sale.order"), ("subject", "like", "assigned to you")]
        self.assertEqual(self.env["mail.message"].sudo().search_count(told), 0, "a to-do, without a mail about it")

    def test_an_end_is_needed(self):
        order = self.quotation()
        with self.assertRaisesRegex(ValidationError, "needs its last day"):
            order.ar_dunning_trial = "pilot"

from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import SaleDunningCommon

END = date(2026, 3, 31)


@tagged("post_install", "-at_install")
class TestTrialTold(SaleDunningCommon):
    """Told once, in time, and truthfully; never charged because somebody forgot something."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.pilot()

    @classmethod
    def pilot(cls, **values):
        order = cls.quotation(
            600.0, ar_dunning_trial="pilot", ar_dunning_trial_end=END, date_order="2026-03-01", **values
        )
        order.order_line.ar_dunning_trial = True
        order.action_confirm()
        return order

    def day(self, day):
        with freeze_time(datetime.combine(day, datetime.min.time()) + timedelta(hours=3)):
            self.order.ar_dunning_trial_id._check(day)
        self.env.flush_all()

    def mails(self, order=None):
        return self.env["mail.mail"].search(
            [
                ("model", "=", "sale.order"),
                ("res_id", "=", (order or self.order).id),
                ("subject", "like", "free period"),
            ]
        )

    def activities(self):
        kind = self.env.ref("ar_dunning_sale.mail_activity_type_trial")
        return self.order.activity_ids.filtered(lambda found: found.activity_type_id == kind)

    def test_told_again_only_about_another_day(self):
        self.day(date(2026, 3, 17))
        self.assertEqual(len(self.mails()), 1)
        for values in (
            {"ar_dunning_trial_end": END},
            {"ar_dunning_trial_end": "2026-03-31"},
            {"ar_dunning_trial_limit": 900.0},
            {"ar_dunning_trial_limit": 900.0, "note": "x"},
        ):
            with self.subTest(values):
                self.order.write(values)
                self.day(date(2026, 3, 18))
                self.assertEqual(len(self.mails()), 1)
        self.order.ar_dunning_trial_end = date(2026, 3, 25)  # earlier than the customer has been told
        self.day(date(2026, 3, 18))
        self.assertEqual(len(self.mails()), 2)
        self.assertIn("03/25/2026", self.mails()[0].subject)

    def test_a_higher_limit_makes_it_run_again(self):
        self.order.ar_dunning_trial_limit = 500.0
        self.order.order_line.qty_delivered = 1
        self.day(date(2026, 3, 2))
        self.assertEqual(self.order.ar_dunning_trial_state, "decide")
        self.order.ar_dunning_trial_limit = 700.0
        self.assertEqual((self.order.ar_dunning_trial_state, len(self.activities())), ("running", 0))

    def test_used_up_early_the_customer_is_told_too(self):
        self.order.ar_dunning_trial_limit = 500.0
        self.order.order_line.qty_delivered = 1
        self.day(date(2026, 3, 2))
        self.assertEqual(len(self.mails()), 1)
        self.assertIn("500.00", self.mails().body_html)
        self.assertEqual(self.order.ar_dunning_trial_told, date(2026, 3, 2))
        self.assertIn("charge from now on", self.activities().summary)
        self.day(date(2026, 3, 17))
        self.assertEqual(len(self.mails()), 1)

    def test_nobody_is_told_of_an_end_that_has_passed(self):
        self.day(END + timedelta(days=1))
        self.assertFalse(self.mails() or self.order.ar_dunning_trial_told)

    def test_without_address_nothing_is_recorded_as_told(self):
        self.partner_a.email = False
        self.day(date(2026, 3, 17))
        self.assertFalse(self.order.ar_dunning_trial_told)
        self.assertIn("please call", self.activities().summary)
        self.activities().action_done()
        self.day(date(2026, 3, 18))
        self.assertFalse(self.activities(), "asked once")
        self.partner_a.email = "anna@example.com"
        self.day(date(2026, 3, 19))
        self.assertEqual((len(self.mails()), self.order.ar_dunning_trial_told), (1, date(2026, 3, 19)))

    def test_told_although_on_the_list_of_no_advertising(self):
        self.env["mail.blacklist"]._add(self.partner_a.email)
        self.day(date(2026, 3, 17))
        self.assertEqual(self.mails().state, "outgoing")

    def test_cancelled_leaves_nothing_to_do(self):
        self.day(date(2026, 3, 17))
        self.assertTrue(self.activities())
        self.order._action_cancel()
        self.assertFalse(self.activities())

    def test_who_has_left_is_not_asked(self):
        self.seller.active = False
        self.partner_a.user_id = self.env.user
        self.day(date(2026, 3, 17))
        self.assertEqual(self.activities().user_id, self.env.user)

    def test_another_transaction_in_the_way_is_no_message_on_the_order(self):
        """A failed serialisation goes through, so that the scheduled action begins anew; nothing is told on the order."""
        before = self.order.message_ids
        trial = self.order.ar_dunning_trial_id
        with (
            patch.object(type(trial), "_check", side_effect=SerializationFailure("could not serialize")),
            self.assertRaises(SerializationFailure),
        ):
            trial._try(date(2026, 3, 17))
        self.assertEqual(self.order.message_ids, before)

    def test_one_that_fails_does_not_stop_the_others(self):
        other = self.pilot()
        (self.order | other).flush_recordset()
        Trial = type(self.order.ar_dunning_trial_id)
        announce, refusal = Trial._announce, "broken template"

        def fails(trial, on):
            if trial.order_id == self.order:
                raise UserError(refusal)
            return announce(trial, on)

        self.patch(Trial, "_announce", fails)
        with self.enter_registry_test_mode(), freeze_time("2026-03-17 03:00:00"):
            self.env.ref("ar_dunning_sale.ir_cron_trials").method_direct_trigger()
        self.assertEqual((len(self.mails(other)), len(self.mails(self.order))), (1, 0))
        self.assertIn(refusal, " ".join(self.order.message_ids.mapped("body")))

    def test_the_quotation_says_what_is_free(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "ar_dunning_sale")])._update_translations(["de_DE"])
        line = {
            "product_id": self.env["product.product"].create({"name": "Training"}).id,
            "price_unit": 50.0,
            "tax_ids": [],
        }
        self.order.write({"order_line": [Command.create(line)]})
        text = self.order._dunning_free_text()
        self.assertEqual(
            text,
            "Free of charge until and including 03/31/2026: Goods. Nothing of it is charged without your agreement.",
        )
        self.order.ar_dunning_trial_limit = 500.0
        self.partner_a.lang = "de_DE"
        Report = self.env["ir.actions.report"]
        html = Report._render_qweb_html("sale.report_saleorder", self.order.ids)[0].decode().replace("\xa0", " ")
        self.assertIn("Kostenlos bis einschließlich 31.03.2026, bis zu einem Wert von", html)
        self.assertIn("Ohne Ihre Zustimmung wird davon nichts berechnet.", html)
        self.order.action_trial_charge()
        self.assertEqual(self.order._dunning_free_text(), "")

    def test_a_free_period_without_free_lines_is_no_trap(self):
        order = self.quotation(600.0, ar_dunning_trial="pilot", ar_dunning_trial_end=END)
        with self.assertRaisesRegex(UserError, "no line is marked 'Free'"):
            order.with_user(self.seller).action_confirm()
        with Form(self.env["sale.order"].with_user(self.seller)) as form:
            form.partner_id = self.partner_b
            with form.order_line.new() as line:
                line.product_id = self.goods
            form.ar_dunning_trial = "trial"
            form.ar_dunning_trial_end = END
        self.assertTrue(form.record.order_line.ar_dunning_trial)

    def test_an_order_without_lines_or_of_texts_only_is_confirmed(self):
        order = self.quotation(0.0, ar_dunning_trial="pilot", ar_dunning_trial_end=END)
        order.order_line.unlink()
        order.write({"order_line": [Command.create({"display_type": "line_note", "name": "see contract"})]})
        order.action_confirm()
        self.assertEqual(order.state, "sale")

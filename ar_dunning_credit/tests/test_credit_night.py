from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.ar_dunning.tests.common import DUE

from .credit_common import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestCreditNight(CreditCommon):
    """One customer that fails, and people who have left."""

    def close(self):
        self.env["ar.dunning.customer"].sudo()._close_night(self.company)

    def test_one_customer_that_fails_does_not_stop_the_others(self):
        run = self.make_run(ON)
        broken, fine = self.customer(), self.customer(self.partner_b)
        self.invoice(10.0, partner=self.partner_b)
        Customer = type(self.env["ar.dunning.customer"])
        original = Customer._credit_grade

        def grade(customer):
            if customer.id == broken.id:
                raise ValueError("broken add-on")
            return original(customer)

        with patch.object(Customer, "_credit_grade", grade), mute_logger("odoo.addons.ar_dunning"):
            self.close()
        self.env.invalidate_all()
        self.assertFalse(broken.credit_status)
        self.assertEqual((fine.credit_status, fine.credit_used), ("hold", 10.0))
        self.assertEqual(run.error_ids.customer_id, broken)
        self.assertIn("broken add-on", run.error_ids.reason)

    def test_a_to_do_that_fails_stops_neither_the_others_nor_the_status(self):
        broken, fine = self.customer(), self.customer(self.partner_b)
        today = self.company._dunning_today()
        for customer in broken | fine:
            customer.write({"temporary_limit": 5.0, "temporary_limit_until": today})
        Standing = type(self.env["ar.dunning.standing"])
        original, refusal = Standing._warn_ending_limit, "no such to-do"

        def warn(standing, customer, ends):
            if customer.id == broken.id:
                raise UserError(refusal)
            return original(standing, customer, ends)

        with patch.object(Standing, "_warn_ending_limit", warn), mute_logger("odoo.addons.ar_dunning"):
            self.close()
        self.assertEqual((len(broken.activity_ids), len(fine.activity_ids)), (0, 1))
        self.assertEqual((broken.credit_on, fine.credit_on), (today, today))

    def test_no_to_do_for_somebody_who_has_left_or_about_nothing(self):
        leaver = new_test_user(self.env, "leaver", "ar_dunning.group_dunning_user", company_id=self.company.id)
        customer = self.customer()
        today = self.company._dunning_today()
        customer.write({"responsible_id": leaver.id, "temporary_limit": 5.0, "temporary_limit_until": today})
        customer.write({"insured_amount": 0.0, "insured_until": today})
        self.env["ar.dunning.solvency.check"].create(
            {"customer_id": customer.id, "date": DUE, "result": "good", "valid_until": DUE + timedelta(days=1)}
        )
        leaver.active = False
        self.close()
        self.assertEqual(
            set(customer.activity_ids.mapped("summary")), {"Check solvency again", "The temporary credit limit ends"}
        )
        self.assertTrue(all(customer.activity_ids.user_id.mapped("active")))

    def test_a_hold_that_is_over_before_it_begins_is_refused(self):
        wizard = self.env["ar.dunning.hold.wizard"].create(
            {
                "customer_ids": [Command.set(self.customer().ids)],
                "reason": "Cheque bounced",
                "until": self.company._dunning_today() - timedelta(days=1),
            }
        )
        with self.assertRaisesRegex(UserError, "last day"):
            wizard.action_confirm()
        wizard.until = self.company._dunning_today()
        wizard.action_confirm()
        self.assertEqual(self.customer().manual_hold, "hold")

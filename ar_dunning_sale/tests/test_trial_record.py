from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SaleDunningCommon

END = date(2100, 3, 31)


@tagged("post_install", "-at_install")
class TestTrialRecord(SaleDunningCommon):
    """What stays of a free period: from when, until when, in which state, and what it turned into."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.pilot()
        cls.trial = cls.order.ar_dunning_trial_id

    @classmethod
    def pilot(cls, amount=600.0, **values):
        order = cls.quotation(amount, ar_dunning_trial="pilot", ar_dunning_trial_end=END, **values)
        order.order_line.ar_dunning_trial = True
        return order

    def test_planned_with_the_quotation(self):
        self.assertEqual((self.trial.state, self.trial.kind, self.trial.until), ("planned", "pilot", END))
        self.assertEqual((self.trial.company_id, self.trial.partner_id), (self.company, self.partner_a))
        self.assertEqual(self.trial.display_name, f"{self.order.name}: Pilot")
        self.assertFalse(self.trial.start)

    def test_it_runs_with_the_order(self):
        self.order.with_user(self.seller).action_confirm()
        self.assertEqual((self.trial.state, self.trial.start), ("running", self.today))
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(self.trial.state, "cancelled")
        self.order.action_draft()
        self.assertEqual(self.trial.state, "planned")
        self.order.action_confirm()
        self.assertEqual(self.order.ar_dunning_trial_ids, self.trial)
        self.assertEqual(self.trial.state, "running")

    def test_what_it_turned_into(self):
        self.order.action_confirm()
        self.trial.with_user(self.seller).action_charge()
        self.assertEqual(
            (self.trial.state, self.trial.decided_by_id, self.trial.worth), ("charged", self.seller, 600.0)
        )
        self.assertTrue(self.trial.decided_on)
        other = self.pilot(50.0)
        other.action_confirm()
        other.ar_dunning_trial_id.with_user(self.seller).action_end()
        self.assertEqual((other.ar_dunning_trial_state, other.ar_dunning_trial_id.worth), ("ended", 50.0))

    def test_decided_once(self):
        self.order.action_confirm()
        self.order.action_trial_end()
        with self.assertRaisesRegex(UserError, "no free period"):
            self.order.action_trial_charge()
        with self.assertRaisesRegex(UserError, "stays as it is"):
            self.order.with_user(self.seller).ar_dunning_trial_end = END + timedelta(days=1)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            self.order.with_user(self.seller).ar_dunning_trial = False

    def test_taken_back_before_it_ran_leaves_no_trace(self):
        self.order.with_user(self.seller).write({"ar_dunning_trial": False, "ar_dunning_trial_end": False})
        self.assertFalse(self.trial.exists())
        self.assertFalse(self.order.ar_dunning_trial_id)

    def test_taken_back_while_it_runs(self):
        self.order.action_confirm()
        self.order.with_user(self.seller).ar_dunning_trial = False
        self.assertEqual((self.trial.state, self.order.ar_dunning_trial_id.id), ("withdrawn", False))
        self.assertEqual(self.order._create_invoices().amount_total, 600.0)

    def test_another_after_one_that_was_taken_back(self):
        self.order.action_confirm()
        self.order.ar_dunning_trial = False
        self.order.write({"ar_dunning_trial": "trial", "ar_dunning_trial_end": END})
        later = self.order.ar_dunning_trial_id
        self.assertEqual((later.state, later.start, later.kind), ("running", self.today, "trial"))
        self.assertEqual(self.order.ar_dunning_trial_ids, later | self.trial)

    def test_form_of_the_order(self):
        with Form(self.env["sale.order"].with_user(self.seller)) as form:
            form.partner_id = self.partner_b
            with form.order_line.new() as line:
                line.product_id = self.goods
            form.ar_dunning_trial = "trial"
            form.ar_dunning_trial_end = END
            form.ar_dunning_trial_limit = 250.0
        trial = form.record.ar_dunning_trial_id
        self.assertEqual((trial.kind, trial.until, trial.free_value, trial.state), ("trial", END, 250.0, "planned"))
        with Form(form.record) as form:
            form.ar_dunning_trial_limit = 300.0
        self.assertEqual((trial.free_value, trial.until), (300.0, END))

    def test_form_of_the_record(self):
        self.order.action_confirm()
        with Form(self.trial.with_user(self.seller)) as form:
            form.until = END + timedelta(days=30)
        self.assertEqual(self.order.ar_dunning_trial_end, END + timedelta(days=30))

    def test_lines_and_free_period_change_together(self):
        """What is charged in the end counts, not what was on the way."""
        self.limit(700.0)
        self.order.action_confirm()
        line = self.order.order_line
        self.order.write({"ar_dunning_trial": False, "order_line": [Command.update(line.id, {"price_unit": 650.0})]})
        self.assertEqual(self.order.ar_dunning_checked, 650.0)

    def test_found_by_its_fields(self):
        Order = self.env["sale.order"].with_user(self.seller)
        other, mine = self.quotation(), [("id", "in", (self.order | self.quotation()).ids)]
        self.assertEqual(Order.search([("ar_dunning_trial", "=", "pilot"), *mine]), self.order)
        self.assertEqual(Order.search([("ar_dunning_trial", "!=", False), *mine]), self.order)
        self.assertIn(other, Order.search([("ar_dunning_trial", "=", False)]))
        self.assertEqual(Order.search([("ar_dunning_trial_end", ">=", END), *mine]), self.order)
        self.assertEqual(Order.search([("ar_dunning_trial_state", "in", ("planned", "running")), *mine]), self.order)

    def test_who_reads_and_who_decides(self):
        self.order.action_confirm()
        accountant, other = self.controller, self.seller.copy({"login": "colleague", "name": "Cora Colleague"})
        Trial = self.env["ar.dunning.trial"]
        self.assertEqual(Trial.with_user(accountant).search([("id", "=", self.trial.id)]), self.trial)
        self.assertFalse(Trial.with_user(other).search([("id", "=", self.trial.id)]))
        for attempt in (self.trial.with_user(other).action_charge, self.order.with_user(other).action_trial_charge):
            with self.assertRaises(AccessError):
                attempt()
        with self.assertRaises(AccessError):
            self.trial.with_user(accountant).write({"until": END})
        with self.assertRaises(AccessError):
            self.trial.with_user(self.seller).unlink()
        self.assertEqual(self.trial.state, "running")

    def test_the_order_leads_to_it(self):
        self.order.action_confirm()
        action = self.order.with_user(self.seller).action_view_trial()
        self.assertEqual((action["res_model"], action["res_id"]), ("ar.dunning.trial", self.trial.id))

    def test_only_one_counts(self):
        """The database says so, too."""
        values = {"order_id": self.order.id, "kind": "trial", "until": fields.Date.to_string(END)}
        with self.assertRaisesRegex(Exception, "counts"), self.cr.savepoint():
            self.env["ar.dunning.trial"].sudo()._make(values)

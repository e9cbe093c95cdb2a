from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from .common import DUE, DunningCommon
from .test_setup import SetupCommon

FIRST = DUE + timedelta(days=5)
ORDER = ["_sync", "_assign_responsible"]


@tagged("post_install", "-at_install")
class TestFirstHour(SetupCommon):
    """The ledger was there before: the worklist is right before any set-up, after it, and after a rehearsal."""

    def setUp(self):
        super().setUp()
        self.partner_b.write({"email": "b@example.com", "is_company": True})
        self.invoice(100.0)
        self.invoice(250.0, partner=self.partner_b)
        self.Customer = self.env["ar.dunning.customer"].with_user(self.user)
        self.startPatcher(freeze_time("2026-03-07 09:00:00"))

    def worklist(self):
        """What the menu shows: partner and overdue amount of each line."""
        action = self.env.ref("ar_dunning.ar_dunning_customer_menu").action.with_user(self.user)
        shown = action.with_context(allowed_company_ids=self.company.ids).run()
        self.assertEqual(shown["res_model"], "ar.dunning.customer")
        found = self.Customer.search([("company_id", "=", self.company.id), ("late_total", ">", 0)])
        return {customer.partner_id: customer.late_total for customer in found}

    def test_before_any_set_up(self):
        self.assertFalse(self.Customer.search([("company_id", "=", self.company.id)]))
        self.assertEqual(self.worklist(), {self.partner_a: 100.0, self.partner_b: 250.0})

    def test_after_set_up(self):
        self.setup_wizard(self.user).action_findings()
        found = self.Customer.search([("company_id", "=", self.company.id)])
        self.assertEqual(sorted(found.mapped("late_total")), [100.0, 250.0])

    def test_after_a_rehearsal(self):
        wizard = self.setup_wizard(self.user)
        wizard.action_findings()
        with self.rehearsing():
            wizard.action_rehearse()
        self.assertEqual(self.worklist(), {self.partner_a: 100.0, self.partner_b: 250.0})

    def test_between_the_nights(self):
        """What is loaded or posted late in the day is in the worklist before the next night."""
        self.night(FIRST)
        self.assertEqual(self.worklist()[self.partner_a], 100.0)
        self.invoice(40.0)
        self.assertEqual(self.worklist()[self.partner_a], 140.0)

    def test_who_may_not_look_at_it(self):
        sales = new_test_user(self.env, "first_sales", "base.group_user")
        self.assertNotIn(
            self.env.ref("ar_dunning.ar_dunning_customer_menu").id,
            self.env["ir.ui.menu"].with_user(sales).load_menus(False),
        )

    def test_set_up_stands_first_until_a_manager_has_answered(self):
        first = self.env.ref("ar_dunning.ar_dunning_setup_first_menu")
        siblings = self.env["ir.ui.menu"].search([("parent_id", "=", first.parent_id.id)])
        self.assertEqual(siblings[0], first)
        self.setup_wizard(self.user).action_findings()
        self.assertTrue(first.active, "somebody who may only look")
        self.setup_wizard().action_findings()
        self.assertFalse(first.active)
        self.assertTrue(self.env.ref("ar_dunning.ar_dunning_setup_menu").active)

    def test_a_rehearsal_uses_up_no_numbers(self):
        sequence = self.env.ref("ar_dunning.sequence_notice").sudo()
        self.env.cr.execute("SELECT last_value, is_called FROM ir_sequence_%03d" % sequence.id)
        before = self.env.cr.fetchone()
        Wizard = self.env["ar.dunning.run.wizard"]
        with self.rehearsing():
            rows, _told = Wizard._rehearse(FIRST, self.company)
        self.assertEqual(len(rows), 2)
        self.env.cr.execute("SELECT last_value, is_called FROM ir_sequence_%03d" % sequence.id)
        self.assertEqual(self.env.cr.fetchone(), before)


@tagged("post_install", "-at_install")
class TestRehearsalOrder(DunningCommon):
    """A rehearsal does what the night does, in the night's order."""

    def rehearse(self, day):
        with self.enter_registry_test_mode():
            rows, told = self.env["ar.dunning.run.wizard"]._rehearse(day, self.company)
        return rows, told

    def test_the_steps_of_the_night_are_those_of_the_rehearsal(self):
        run = self.make_run(FIRST, "rehearsal")
        steps = [step.func.__name__ for step in run._steps_before()]
        self.assertEqual([name for name in steps if name in ORDER], ORDER)

    def test_who_looks_after_a_customer_is_assigned_first(self):
        """The note to a colleague and the sender of the mail are those of the night."""
        user = new_test_user(self.env, "resp", "ar_dunning.group_dunning_user", company_id=self.company.id)
        user.partner_id.email = "resp@example.com"
        self.policy.responsible_id = user
        self.invoice()
        seen = []
        Run = type(self.env["ar.dunning.run"])
        prepare = Run._prepare

        def looking(run, customer_ids):
            prepare(run, customer_ids)
            seen.append((run.kind, run.notice_ids.responsible_id))

        self.patch(Run, "_prepare", looking)
        self.rehearse(FIRST)
        self.night(FIRST)
        self.assertEqual(seen, [("rehearsal", user), ("manual", user)])

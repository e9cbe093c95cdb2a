from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE

from .charge_common import ChargeCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestRehearsalOfCharges(ChargeCommon):
    """A rehearsal does with charges what the night does."""

    def rehearse(self, day):
        with self.enter_registry_test_mode():
            rows, told = self.env["ar.dunning.run.wizard"]._rehearse(day, self.company)
        return rows, told

    def test_charges_are_settled_first(self):
        """What is waived or booked is not claimed again by the notices of the same night."""
        steps = [step.func.__name__ for step in self.make_run(FIRST, "rehearsal")._steps_before()]
        self.assertEqual(steps, ["_settle_charges", "_sync", "_assign_responsible", "_judge", "_escalate"])

    def test_what_cannot_be_booked_is_told_by_the_rehearsal_too(self):
        Settlement = type(self.env["ar.dunning.settlement"])
        self.patch(Settlement, "_settle", lambda settlement, company, on: 1 / 0)
        _rows, told = self.rehearse(FIRST)
        self.assertIn("division by zero", told)
        self.assertFalse(self.env["ar.dunning.run"].search([("kind", "=", "rehearsal")]))

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon
from .foreign_common import ForeignIdsWalk


@tagged("post_install", "-at_install")
class TestForeignIds(ForeignIdsWalk, DunningCommon):
    addon = "ar_dunning"
    least = 25

    def test_no_line_of_a_dialog_takes_one_either(self):
        """An id of another company in a line of a dialog of one's own is refused as well."""
        wizard = self.env["ar.dunning.run.wizard"].with_user(self.accountant).create({})
        line = Command.create({"partner_id": self.theirs.id})
        self._refused("line written", lambda: wizard.write({"line_ids": [line]}))
        self._refused("line onchange", lambda: wizard.onchange({"line_ids": [line]}, ["line_ids"], {"line_ids": {}}))

    def test_nobody_looks_after_customers_of_a_company_he_does_not_work_in(self):
        """A colleague of another company can be seen, and is no choice."""
        clerk = new_test_user(
            self.env,
            "their_clerk",
            "ar_dunning.group_dunning_user",
            company_id=self.other.id,
            company_ids=[Command.set(self.other.ids)],
        )
        customer = self.item(self.invoice()).customer_id
        wizard = self.env["ar.dunning.assign.wizard"].with_user(self.accountant)
        values = {"customer_ids": [Command.set(customer.ids)], "responsible_id": clerk.id}
        with self.assertRaisesRegex(UserError, "their_clerk.* does not work in company_1_data"):
            wizard.create(values).action_assign()
        self.assertNotEqual(customer.responsible_id, clerk)

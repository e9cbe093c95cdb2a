from datetime import timedelta

from lxml import html

from odoo.tests import new_test_user

from .common import DUE
from .look_common import LookCommon

FIRST = DUE + timedelta(days=5)
SOON = FIRST + timedelta(days=2)


class RemindCommon(LookCommon):
    """An accountant and a manager who press *Remind now*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "ar_dunning.group_dunning_user,account.group_account_invoice"
        company = {"company_id": cls.company.id, "company_ids": [(6, 0, cls.company.ids)]}
        cls.user = new_test_user(cls.env, "reminder", groups, **company)
        cls.manager = new_test_user(
            cls.env, "escalator", "ar_dunning.group_dunning_manager,account.group_account_invoice", **company
        )

    def customer(self, invoice):
        return self.item(invoice).customer_id

    def press(self, customers, day, user=None):
        """Press the button: the dialog's record, or the action where no dialog comes."""
        with self.nine(day):
            action = customers.with_user(user or self.user).action_remind_now()
        if action.get("res_model") != "ar.dunning.remind.wizard":
            return action
        return self.env["ar.dunning.remind.wizard"].with_user(user or self.user).browse(action["res_id"])

    def prepare(self, wizard, day):
        """Press *Prepare*: the draft that opens."""
        with self.nine(day):
            action = wizard.action_prepare()
        return self.env["ar.dunning.notice"].browse(action.get("res_id"))

    def table(self, wizard, day):
        """The rows of the dialog, as texts."""
        with self.nine(day):
            wizard.invalidate_recordset(["plan_html"])
            tree = html.fromstring(str(wizard.plan_html))
        return [[cell.text_content() for cell in row.findall("td")] for row in tree.findall(".//tbody/tr")]

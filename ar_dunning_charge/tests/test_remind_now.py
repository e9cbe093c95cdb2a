from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.remind_common import FIRST, SOON, RemindCommon

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestRemindNowWithCharges(RemindCommon, ChargeCommon):
    """*Remind now* claims nothing new within a running deadline."""

    def test_no_charges_before_the_first_deadline(self):
        """The second level charges a fee, the first does not: nothing is charged within the first deadline."""
        second = self.policy.level_ids.filtered(lambda level: level.days == 15)
        first = self.policy.level_ids.filtered(lambda level: level.days == 5)
        rule = self.fee_rule(12.0)
        second.fee_rule_id = rule
        invoice = self.invoice(1000)
        self.day(FIRST)
        first.fee_rule_id = rule  # were it sent now, it would be charged for
        notice = self.prepare(self.press(self.customer(invoice), SOON), SOON)
        self.assertEqual(
            (notice.level_id.name, notice.charge_ids.ids, notice.amount_total), ("First reminder", [], 1000.0)
        )
        self.leave(notice, SOON)
        self.assertFalse(notice.charge_ids)
        self.assertTrue(self.mail(notice))
        with self.nine(SOON):
            notice._cancel("Another way is found")
        self.assertEqual(self.night(DUE + timedelta(days=17)).notice_ids.charge_ids.mapped("amount"), [12.0])

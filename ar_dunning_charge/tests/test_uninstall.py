from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import REMINDED
from odoo.addons.ar_dunning.tests.uninstall_common import UninstallCase

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestUninstall(UninstallCase, ChargeCommon):
    """Booked charges keep the addon; what notices demanded is kept by them when it goes."""

    def test_booked_charges_keep_it_until_they_are_reversed(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        charge._book(REMINDED)
        self.assertEqual(self.sentences("ar_dunning_charge"), ["Booked charges: 1. Reverse them first."])
        self.assertIn("Booked charges: 1. Reverse them first.", self.sentences("ar_dunning"))
        charge._reverse("Goodwill")
        self.uninstall("ar_dunning_charge")

    def test_announced_and_waived_charges_do_not(self):
        invoice, notice = self.reminded()
        self.announced(self.item(invoice), "fee", 5.0, notice)
        self.announced(self.item(invoice), "interest", 2.0, notice)._waive("Goodwill")
        self.uninstall("ar_dunning_charge")

    def test_a_notice_under_way_leaves_with_its_charges(self):
        invoice = self.invoice()
        notice = self.night(REMINDED).notice_ids
        self.claim(self.item(invoice), "fee", 5.0, notice)
        notice._approve()
        told = ["Notices on their way that claim charges: 1. Send or cancel them first."]
        self.assertEqual(self.sentences("ar_dunning_charge"), told)
        notice._update_state(("queued",), "cancelled")
        self.uninstall("ar_dunning_charge")

    def test_notices_that_left_before_it_was_kept_keep_it_now(self):
        """Sum, rows and arithmetic read as before, and stay when the charges are waived or gone."""
        invoice = self.invoice()
        notice = self.night(REMINDED).notice_ids
        self.claim(self.item(invoice), "interest", 6.5, notice)
        self.claim(self.item(invoice), "fee", 5.0, notice)
        self.send(notice, REMINDED)
        other = self.invoice(partner=self.partner_b)
        notice._add_evidence({"left_with": False})  # as before it was kept
        words = (notice.totals, self.env["ar.dunning.print"]._mail_content(notice))
        self.assertIn("1,011.50", notice.totals)

        self.env["ar.dunning.notice"]._keep_charges_of_left()
        self.assertEqual(sorted(amount for _currency, amount in notice.left_with and notice._demands()), [5.0, 6.5])
        self.assertEqual((notice.totals, self.env["ar.dunning.print"]._mail_content(notice)), words)
        self.assertFalse(self.env["ar.dunning.notice"].search([("partner_id", "=", other.partner_id.id)]).left_with)
        self.env.cr.execute("DELETE FROM ar_dunning_charge WHERE notice_id = %s", notice.ids)
        self.env.invalidate_all()
        self.assertEqual(notice.totals, words[0])
        self.assertIn("Late-payment interest", self.env["ar.dunning.print"]._mail_content(notice)["body"])

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DunningCommon
from odoo.addons.ar_dunning.tests.readable_common import ReadableWalk


@tagged("post_install", "-at_install")
class TestReadableFields(ReadableWalk, DunningCommon):
    addon = "ar_dunning_credit"
    colleagues_read = {
        "res.partner": {"ar_dunning_credit_status", "ar_dunning_credit_html", "ar_dunning_credit_listed"},
    }

    def test_settings_are_refused_over_the_wire(self):
        """What the company reacts to, and what its customers have in common: for nobody but dunning."""
        field = "ar_dunning_overdue_amount"
        for user in (*self.outsiders, *self.colleagues):
            company = self.company.with_user(user)
            for call in (
                lambda company=company: company.read([field]),
                lambda company=company: company.read(["ar_dunning_pool"]),
                lambda company=company: company.search([(field, ">", 0)]),
                lambda company=company: company._read_group([], [field]),
            ):
                with self.assertRaises(AccessError, msg=user.login):
                    call()
        self.assertEqual(self.company.with_user(self.accountant).read([field])[0][field], 0.0)

    def test_what_they_do_still_works(self):
        """A clerk posts an invoice over the limit and sees the customer's state, though he reads no setting."""
        self.company.sudo().write({"ar_dunning_post_over_limit": "warn", "ar_dunning_count_drafts": True})
        self.partner_a.write({"use_partner_credit_limit": True, "credit_limit": 10.0})
        self.env.invalidate_all()
        clerk = self.colleagues[1]
        invoice = self.env["account.move"].with_user(clerk).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_line_ids": [Command.create({"name": "Work", "price_unit": 1000.0, "tax_ids": []})],
            }
        )  # fmt: skip
        self.env.invalidate_all()
        invoice.action_post()
        self.env.invalidate_all()
        self.assertEqual(invoice.state, "posted")
        for user in self.colleagues:
            partner = self.partner_a.with_user(user)
            partner.read(["ar_dunning_state", "ar_dunning_credit_status", "ar_dunning_credit_html"])
            self.env.invalidate_all()

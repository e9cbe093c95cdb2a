import base64
from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import DUE, DunningCommon


@tagged("post_install", "-at_install")
class TestLevelPreview(DunningCommon):
    """A level's words with a real customer's figures, and nothing left behind."""

    def test_mail_and_letter_of_a_real_customer(self):
        bill = self.invoice(1234.5)
        customer = self.item(bill).customer_id
        level = self.policy.level_ids.filtered(lambda level: level.kind == "formal")
        values = {"company_id": self.company.id, "company_ids": [(6, 0, self.company.ids)]}
        user = new_test_user(self.env, "paula", "base.group_user,ar_dunning.group_dunning_user", **values)
        self.env.flush_all()
        number = self.env.ref("ar_dunning.sequence_notice").number_next_actual
        with freeze_time(DUE + timedelta(days=10)), self.allow_pdf_render():
            action = level.with_user(user).with_context(force_report_rendering=True).action_preview()
        preview = self.env["ar.dunning.level.preview"].browse(action["res_id"])
        self.assertEqual((preview.level_id, preview.customer_id), (level, customer))
        self.assertEqual(preview.subject, f"Formal notice: {bill.name}")
        self.assertIn("1,234.50", preview.mail_html)
        self.assertIn("03/22/2026", preview.mail_html)
        self.assertTrue(base64.b64decode(preview.letter).startswith(b"%PDF"))
        self.assertFalse(self.env["ar.dunning.notice"].search([("customer_id", "=", customer.id)]))
        self.assertFalse(self.item(bill).level_id)
        self.assertEqual(self.env.ref("ar_dunning.sequence_notice").number_next_actual, number)

    def test_nothing_to_show(self):
        with self.assertRaisesRegex(UserError, "No customer owes anything yet"):
            self.policy.level_ids[0].action_preview()

    def test_placeholders_have_examples(self):
        bill = self.invoice(1234.5)
        self.item(bill)
        level = self.policy.level_ids.filtered(lambda level: level.kind == "formal")
        with freeze_time(DUE + timedelta(days=10)):
            rows = {name: example for name, _meaning, example in level._placeholder_rows()}
            with Form(level) as form:
                html = form.placeholder_html
        self.assertEqual(len(rows), 12)
        self.assertEqual(rows["{invoices}"], bill.name)
        self.assertEqual(rows["{total}"], "$\N{NO-BREAK SPACE}1,234.50")
        self.assertEqual(rows["{principal}"], "$\N{NO-BREAK SPACE}1,234.50")
        self.assertEqual(rows["{charges}"], "$\N{NO-BREAK SPACE}0.00")
        self.assertEqual((rows["{deadline}"], rows["{oldest_due_date}"]), ("03/22/2026", "03/02/2026"))
        self.assertIn(bill.name, html)

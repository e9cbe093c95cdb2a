from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import DUE, DunningCommon
from .screens import unreadable


@tagged("post_install", "-at_install")
class TestNewRecords(DunningCommon):
    """What the web client asks of a record that is not saved yet."""

    def test_computed_fields_bear_new_and_many_records(self):
        """A new invoice could not be opened: a field of ours asked for the saved record that there was not."""
        self.invoice()
        self.night(DUE.replace(day=9))
        self.assertEqual(unreadable(self.env, "ar_dunning"), [])

    def test_new_invoice_opens(self):
        form = Form(self.env["account.move"].with_context(default_move_type="out_invoice"))
        self.assertEqual(form.move_type, "out_invoice")

    def test_new_invoice_is_saved(self):
        """A form sends along the linked records that it shows: none of them is nothing written by hand."""
        form = Form(self.env["account.move"].with_context(default_move_type="out_invoice"))
        form.partner_id = self.partner_a
        with form.invoice_line_ids.new() as line:
            line.name = "Work"
            line.price_unit = 100.0
            line.tax_ids.clear()
        self.assertEqual(form.save().amount_total, 100.0)

    def test_undo_without_a_run_says_so(self):
        wizard = self.env["ar.dunning.undo.wizard"].new({"reason": "By mistake"})
        self.assertEqual((wizard.draft_count, wizard.delivered_count, wizard.standing_text), (0, 0, False))
        with self.assertRaisesRegex(UserError, "Nothing of this run is left to undo"):
            wizard.action_undo()

    def test_notices_without_a_run_are_no_part_of_no_run(self):
        """What was prepared outside any run must not be undone by a wizard that names none."""
        self.invoice()
        notices = self.night(DUE.replace(day=9)).notice_ids
        notices.sudo()._put({"run_id": False})
        self.assertFalse(self.env["ar.dunning.undo.wizard"].new({})._chosen())

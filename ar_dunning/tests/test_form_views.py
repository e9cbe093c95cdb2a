from datetime import timedelta

from odoo.tests import tagged

from .common import REMINDED, DunningCommon
from .form_walk import FormWalk


@tagged("post_install", "-at_install")
class TestFormViews(FormWalk, DunningCommon):
    """Nobody is stopped by an error while opening a form or typing in it: a sentence, or nothing.

    Models, views and sets of defaults are found by themselves; each kind of user opens what he may.
    """

    def setUp(self):
        super().setUp()
        self.people = self.make_people()
        invoice, notice = self.reminded()
        bill = self.init_invoice("in_invoice", partner=self.partner_b, amounts=[200.0], post=True)
        draft = self.init_invoice("out_invoice", partner=self.partner_a, amounts=[100.0], invoice_date=REMINDED)
        self.kept = {
            "account.move": [invoice.id, bill.id, draft.id],
            "res.partner": self.partner_a.ids,
            "ar.dunning.notice": notice.ids,
        }
        self.make_records(notice)

    def make_records(self, notice):
        """What becomes of a customer who has been reminded."""
        customer, run = notice.customer_id, notice.run_id
        self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": customer.id,
                "date_start": REMINDED,
                "date_end": REMINDED + timedelta(days=30),
                "reason": "Goods returned",
            }
        )
        self.env["ar.dunning.run.line"].sudo()._make({"run_id": run.id, "kind": "skipped", "customer_id": customer.id})

    def test_every_form_opens_and_takes_what_is_typed(self):
        """New records of each kind of entry and of each action's defaults, and saved ones; each field changed once."""
        new, saved, complaints = self.walk("ar_dunning", self.people)
        self.assertEqual(complaints, [])
        self.assertGreaterEqual(new, {"account.move", "res.partner", "ar.dunning.policy", "ar.dunning.arrangement"})
        self.assert_seen("ar_dunning", saved)

    def test_a_dialog_without_a_record_answers_with_a_sentence(self):
        self.assertEqual(self.press("ar_dunning", self.people), [])

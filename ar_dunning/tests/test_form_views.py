from datetime import timedelta

from odoo.tests import tagged

from .common import REMINDED, DunningCommon
from .form_walk import FormWalk


@tagged("post_install", "-at_install")
class TestFormViews(FormWalk, DunningCommon):
    """Nobody is stopped by an error while opening a form or typing in it: a sentence, or nothing.

    Models, views and sets of defaults are found by themselves; each kind of user opens what he may.
    """

    addon = "ar_dunning"
    opened_new = {"account.move", "res.partner", "ar.dunning.policy", "ar.dunning.arrangement"}

    def setUp(self):
        super().setUp()
        self.people = self.make_people()
        _invoice, notice = self.keep_reminded()
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

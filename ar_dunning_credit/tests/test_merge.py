from datetime import date

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.merge_common import MergeCommon


@tagged("post_install", "-at_install")
class TestMerge(MergeCommon):
    """Contacts that are merged: the strictest of two standings wins, checks move."""

    def test_the_strictest_wins(self):
        until = date(2026, 9, 1)
        self.keep.write({"credit_limit": 5000.0, "temporary_limit": 9000.0, "temporary_limit_until": until})
        self.gone.write({"legal_case": True, "credit_limit": 700.0, "insured_amount": 300.0})
        self.gone._put(
            {"manual_hold": "blocked", "hold_reason": "Bounced", "hold_on": DUE, "hold_user_id": self.env.uid}
        )
        self.merge()
        self.assertTrue(self.keep.legal_case)
        self.assertEqual((self.keep.credit_limit, self.keep.insured_amount), (700.0, 300.0))
        self.assertEqual((self.keep.temporary_limit, self.keep.temporary_limit_until), (0.0, False))
        self.assertEqual((self.keep.manual_hold, self.keep.hold_reason, self.keep.hold_on), ("blocked", "Bounced", DUE))

    def test_checks_move_and_the_status_follows(self):
        checks = (
            self.env["ar.dunning.solvency.check"]
            .sudo()
            .create(
                [
                    {"customer_id": record.id, "result": result}
                    for record, result in ((self.keep, "good"), (self.gone, "bad"))
                ]
            )
        )
        self.merge()
        self.assertEqual(checks.customer_id, self.keep)
        self.assertEqual(self.keep.credit_status, "hold", "by the bad check of the one that is gone")
        self.assertTrue(self.keep.score_on)

from odoo.tests import tagged

from ..core.credit_status import Code, Status
from .credit_common import CreditCommon


@tagged("post_install", "-at_install")
class TestGrade(CreditCommon):
    """The grade where orders are decided."""

    def test_a_branch_without_history_uses_the_familys_grade(self):
        self.company.write({"ar_dunning_grade_effect": "hold", "ar_dunning_grade_from": "d"})
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        here, there = self.customer().sudo(), self.customer(company=branch).sudo()
        here._put({"grade": "e"})
        there._put({"grade": "new"})
        state = self.state(company=branch)
        self.assertEqual((state.status, self.codes(state)), (Status.HOLD, [Code.GRADE]))
        there._put({"grade": "b"})  # its own experience counts for more
        self.assertEqual(self.state(company=branch).status, Status.OK)

    def test_a_rule_without_a_message_still_says_what_to_do(self):
        self.env["ar.dunning.credit.rule"].create({"name": "Abroad", "effect": "hold"})
        text = self.customer()._credit_text(self.state())
        self.assertEqual(text, "Abroad Ask accounting: this is a rule of the company.")

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.merge_common import MergeCommon


@tagged("post_install", "-at_install")
class TestMergeOfCharges(MergeCommon):
    def test_the_contract_s_interest_is_kept(self):
        """The one record had an agreed interest, the other stays: the contract holds on."""
        rule = self.env["ar.dunning.interest.rule"].sudo()
        rule = rule.create({"name": "Contract", "company_id": self.company.id, "fixed_rate": 12.0})
        self.gone.write({"interest_rule_id": rule.id})
        self.merge()
        self.assertEqual(self.keep.interest_rule_id, rule)

from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.used_common import UsedCommon
from odoo.addons.ar_dunning.tools.authority import as_system

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestUsedByCharges(UsedCommon):
    """What charges and their rules use is not deleted, and a sentence says by what it is used."""

    def test_a_policy_whose_level_only_is_used(self):
        """A level that a charge names: its policy would delete it behind everybody's back."""
        other = self.make_policy(self.company, name="Elsewhere")
        item = self.item(self.invoice())
        with as_system():
            self.env["ar.dunning.charge"].sudo().create(
                {
                    "customer_id": item.customer_id.id,
                    "company_id": self.company.id,
                    "item_id": item.id,
                    "level_id": other.level_ids[2].id,
                    "kind": "fee",
                    "amount": 5.0,
                    "date": FIRST,
                    "currency_id": item.currency_id.id,
                }
            )
        self.refused(other, "First reminder cannot be deleted: it is used by Dunning Charge")

    def test_rules_and_rates(self):
        """Each thing that a rule or a person chose from a list."""
        rate = self.env["ar.dunning.rate"].create({"name": "Base", "code": "used_base"})
        rule = self.env["ar.dunning.interest.rule"].create(
            {
                "name": "Contract",
                "company_id": self.company.id,
                "interest_source": "reference",
                "interest_rate_id": rate.id,
            }
        )
        fee = self.env["ar.dunning.fee.rule"].create(
            {"name": "Flat", "company_id": self.company.id, "method": "percent", "percent": 5.0}
        )
        self.policy.interest_rule_id = rule
        self.policy.level_ids[3].fee_rule_id = fee
        self.refused(rate, "Base cannot be deleted: it is used by .* Contract")
        self.refused(rule, "Contract cannot be deleted: it is used by Dunning Policy Plain")
        self.refused(fee, "Flat cannot be deleted: it is used by Dunning Level")

from datetime import timedelta
from decimal import Decimal

from odoo.tests import new_test_user

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon

ON = DUE + timedelta(days=10)


class CreditCommon(DunningCommon):
    """A customer with a credit limit of 1,000 in a company that holds orders over the limit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "ar_dunning_limit_effect": "hold",
                "ar_dunning_overdue_effect": "hold",
                "ar_dunning_overdue_days": 30,
                "ar_dunning_overdue_amount": 0.0,
                "ar_dunning_post_over_limit": "ignore",
            }
        )
        cls.limit(1000.0)
        users = {"company_id": cls.company.id, "company_ids": [(6, 0, cls.company.ids)]}
        cls.seller = new_test_user(cls.env, "plain_seller", "base.group_user", **users)
        cls.controller = new_test_user(cls.env, "credit_controller", "ar_dunning.group_dunning_user", **users)

    @classmethod
    def limit(cls, amount, partner=None, company=None):
        (partner or cls.partner_a).with_company(company or cls.company).credit_limit = amount

    def customer(self, partner=None, company=None):
        return self.env["ar.dunning.customer"]._of_partners(
            partner or self.partner_a, company or self.company, create=True
        )

    def state(self, on=ON, extra=None, partner=None, company=None, user=None):
        customer = self.customer(partner, company)
        given = {customer.id: Decimal(extra)} if extra is not None else None
        return customer._credit_state(on, given, user=user)[customer.id]

    def codes(self, state):
        return [reason.code for reason in state.reasons]

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.ar_dunning.tests.common import DunningCommon


class SaleDunningCommon(DunningCommon):
    """A company whose switches are set one by one, a product without taxes, and helpers for quotations and money."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.company.write(
            {
                "ar_dunning_limit_effect": "hold",
                "ar_dunning_overdue_effect": "hold",
                "ar_dunning_overdue_days": 10,
                "portal_confirmation_sign": True,
                "portal_confirmation_pay": False,
            }
        )
        cls.env["ar.dunning.deposit.rule"].search([]).unlink()
        cls.today = fields.Date.today()
        cls.goods = cls.env["product.product"].create(
            {
                "name": "Goods",
                "type": "consu",
                "invoice_policy": "order",
                "list_price": 100.0,
                "taxes_id": False,
                "property_account_income_id": cls.company_data["default_account_revenue"].id,
            }
        )
        cls.seller = cls.make_user("seller", "Sara Seller", "sales_team.group_sale_salesman")
        cls.controller = cls.make_user(
            "controller", "Karl Controller", "ar_dunning.group_dunning_user,ar_dunning_credit.group_credit_override"
        )
        cls.dunning_customer(cls.partner_a).responsible_id = cls.controller

    @classmethod
    def make_user(cls, login, name, groups):
        return new_test_user(
            cls.env,
            login,
            groups,
            name=name,
            password=login,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def dunning_customer(cls, partner, company=None):
        return cls.env["ar.dunning.customer"]._of_partners(partner, company or cls.company, create=True)

    @classmethod
    def quotation(cls, amount=1000.0, partner=None, **values):
        """A quotation of one line over `amount`, of the salesperson."""
        return cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.partner_a).id,
                "company_id": cls.company.id,
                "user_id": cls.seller.id,
                "order_line": [
                    Command.create(
                        {"product_id": cls.goods.id, "product_uom_qty": 1, "price_unit": amount, "tax_ids": []}
                    )
                ],
                **values,
            }
        )

    @classmethod
    def rule(cls, share=0.3, **values):
        return cls.env["ar.dunning.deposit.rule"].create({"name": "Pays first", "share": share, **values})

    @classmethod
    def transfer(cls, amount, memo="", partner=None, currency=None):
        """A bank transfer that nobody has matched."""
        payment = cls.unmatched_payment(amount, cls.today, partner, currency)
        payment.memo = memo
        return payment

    @classmethod
    def overdue(cls, amount=500.0, days=40, **values):
        return super().invoice(
            amount, cls.today - timedelta(days=days), invoice_date=cls.today - timedelta(days=days + 30), **values
        )

    def limit(self, amount, partner=None):
        (partner or self.partner_a).with_company(self.company).credit_limit = amount

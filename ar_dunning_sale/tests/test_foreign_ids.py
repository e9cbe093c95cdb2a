from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon
from odoo.addons.ar_dunning.tests.foreign_common import SECRET, ForeignIdsWalk


@tagged("post_install", "-at_install")
class TestForeignIds(ForeignIdsWalk, DunningCommon):
    addon = "ar_dunning_sale"
    least = 5

    @classmethod
    def _samples(cls, partner, invoice, policy):
        samples = super()._samples(partner, invoice, policy)
        customer = samples["ar.dunning.customer"]
        order = cls.env["sale.order"].sudo().with_company(cls.other).create(
            {"partner_id": partner.id, "company_id": cls.other.id}
        )  # fmt: skip
        deposit = cls.env["ar.dunning.deposit"].with_company(cls.other).sudo().create(
            {
                "customer_id": customer.id,
                "currency_id": cls.other.currency_id.id,
                "amount": 77777.77,
                "name": SECRET,
                "return_date": DUE,
            }
        )  # fmt: skip
        bank = cls.env["res.partner.bank"].create(
            {"acc_number": "ZYXW 77", "partner_id": partner.id, "company_id": cls.other.id}
        )
        return samples | {record._name: record for record in (order, deposit, bank)}

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon
from odoo.addons.ar_dunning.tests.foreign_common import ForeignIdsWalk


@tagged("post_install", "-at_install")
class TestForeignIdsOfCharge(ForeignIdsWalk, DunningCommon):
    addon = "ar_dunning_charge"
    least = 4

    @classmethod
    def _samples(cls, partner, invoice, policy):
        samples = super()._samples(partner, invoice, policy)
        env, other = cls.env, cls.other
        customer, item, notice = (samples[f"ar.dunning.{name}"] for name in ("customer", "item", "notice"))
        charge = (
            env["ar.dunning.charge"]
            .sudo()
            ._make(
                {
                    "customer_id": customer.id,
                    "item_id": item.id,
                    "notice_id": notice.id,
                    "kind": "fee",
                    "amount": 77777.77,
                    "date": DUE,
                    "currency_id": other.currency_id.id,
                    "company_id": other.id,
                }
            )
        )
        return samples | {charge._name: charge}

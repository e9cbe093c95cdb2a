from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.incoming_common import IncomingCommon

DAY = DUE + timedelta(days=40)


@tagged("post_install", "-at_install")
class TestIncomingEqual(IncomingCommon):
    """Money without a name that a new order may count on is what dunning has no use for, whatever the ledger."""

    def test_orders_count_on_what_dunning_leaves(self):
        for seed in range(8):
            with self.subTest(seed=seed):
                partner, _invoices = self.made_up_ledger(seed)
                incoming = self.env["ar.dunning.incoming"].sudo()._read(partner.ids, self.company, DAY, sure=True)
                order = self.env["sale.order"].sudo().create({"partner_id": partner.id, "company_id": self.company.id})
                left = incoming.found.cash.get((partner.id, self.company.currency_id.id), 0)
                self.assertEqual(order._dunning_money()[order.id].spare, left)

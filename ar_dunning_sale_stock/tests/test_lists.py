from odoo.tests import tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestLists(DeliveryCommon):
    """The flag, and what finds it."""

    def found(self, *values, operator="in"):
        return (
            self.env["stock.picking"]
            .with_user(self.packer)
            .search([("ar_dunning_wait", operator, list(values)), ("company_id", "=", self.company.id)])
        )

    def test_flag_and_filter(self):
        waiting = self.delivery()
        held = self.delivery(partner=self.partner_b)
        self.transfer(500.0, held.sale_id.name, self.partner_b)
        both = self.delivery(partner=self.env["res.partner"].create({"name": "Both", "is_company": True}))
        done = self.delivery()
        self.approve(done.sale_id)
        done.button_validate()
        fine = self.delivery()
        self.approve(fine.sale_id)
        for order in (held.sale_id, both.sale_id):
            self.overdue(300.0, partner=order.partner_id)
            self.dunning_customer(order.partner_id)._refresh_credit_of()
        pickings = waiting | held | both | done | fine
        pickings.invalidate_recordset()
        flags = pickings.mapped("ar_dunning_wait")
        self.assertEqual(flags, ["deposit", "hold", "both", False, False])
        self.assertEqual(self.found("deposit", "both"), waiting | both)
        self.assertEqual(self.found("hold", "both"), held | both)
        self.assertEqual(self.found(False) & pickings, done | fine)
        self.assertEqual(self.found("deposit", operator="not in") & pickings, held | both | done | fine)
        self.company.ar_dunning_delivery_hold = "ignore"
        pickings.invalidate_recordset()
        self.assertEqual(pickings.mapped("ar_dunning_wait"), ["deposit", False, "deposit", False, False])
        self.assertFalse(self.found("hold"))

    def test_money_that_came_in_counts_at_once(self):
        picking = self.delivery()
        self.assertEqual(self.found("deposit"), picking)
        self.transfer(500.0, picking.sale_id.name)
        self.env.invalidate_all()
        self.assertFalse(self.found("deposit"))

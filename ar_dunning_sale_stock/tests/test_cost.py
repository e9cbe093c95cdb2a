from odoo import Command
from odoo.tests import tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestCost(DeliveryCommon):
    """Flags, filter and gate cost the same for any number of deliveries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.few, cls.many = cls.deliveries(8), cls.deliveries(80)

    @classmethod
    def deliveries(cls, count):
        """Deliveries of as many customers; every second one has paid its deposit."""
        partners = cls.env["res.partner"].create([{"name": f"P{number}"} for number in range(count)])
        line = {"product_id": cls.goods.id, "product_uom_qty": 1, "price_unit": 100.0, "tax_ids": []}
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "user_id": cls.seller.id,
                    "order_line": [Command.create(line)],
                }
                for partner in partners
            ]
        )
        orders.action_confirm()
        payment = {
            "payment_type": "inbound",
            "partner_type": "customer",
            "amount": 50.0,
            "journal_id": cls.company_data["default_journal_bank"].id,
        }
        cls.env["account.payment"].create(
            [{**payment, "partner_id": order.partner_id.id, "memo": order.name} for order in orders[::2]]
        ).action_post()
        return cls.env["stock.picking"].browse(orders.picking_ids.ids)

    def queries(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        call()
        return self.env.cr.sql_log_count - before

    def assertSameCost(self, call):  # noqa: N802
        for pickings in (self.few, self.many):
            call(pickings)
        spent = [self.queries(lambda pickings=pickings: call(pickings)) for pickings in (self.few, self.many)]
        self.assertEqual(*spent)

    def test_a_list_of_eighty(self):
        def read(pickings):
            rows = pickings.with_user(self.packer).web_read({"name": {}, "ar_dunning_wait": {}})
            self.assertEqual(sum(row["ar_dunning_wait"] == "deposit" for row in rows), len(pickings) // 2)

        self.assertSameCost(read)

    def test_searching(self):
        def find(count):
            found = (
                self.env["stock.picking"]
                .with_user(self.packer)
                .search([("ar_dunning_wait", "=", "deposit"), ("company_id", "=", self.company.id)])
            )
            self.assertEqual(len(found), count)

        find(44)
        many = self.queries(lambda: find(44))
        self.many.action_cancel()
        find(4)
        # Money of those who are not asked about any more may mean somebody who is: one statement for each of two readings.
        self.assertLessEqual(self.queries(lambda: find(4)), many + 2)

    def test_the_gate(self):
        self.assertSameCost(lambda pickings: pickings[::2].move_ids._dunning_pass())

    def test_validating(self):
        """Odoo spends some queries on each delivery, the gate none."""

        def validate(pickings, gate):
            with self.cr.savepoint() as savepoint:
                if not gate:
                    self.patch(
                        self.registry["stock.move"],
                        "_dunning_pass",
                        lambda self, records=None: self if records is None else records,
                    )
                spent = self.queries(pickings.button_validate)
                self.assertEqual(set(pickings.mapped("state")), {"done"})
                savepoint.rollback()
            self.env.invalidate_all()
            return spent

        spent = {}
        for gate in (True, False):
            for pickings in (self.few[::2], self.many[::2]) * 2:  # the first time fills Odoo's caches
                spent[gate, len(pickings)] = validate(pickings, gate)
        self.assertEqual(spent[True, 4] - spent[False, 4], spent[True, 40] - spent[False, 40])

    def test_without_a_rule_nothing_is_asked(self):
        self.half.unlink()
        self.company.ar_dunning_delivery_hold = "ignore"
        moves = self.env["stock.move"].browse(self.many.move_ids.ids)
        self.assertLess(self.queries(moves._dunning_pass), 10)

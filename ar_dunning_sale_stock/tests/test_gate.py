from odoo import Command
from odoo.tests import Form, tagged

from odoo.addons.ar_dunning_sale_stock.models.stock_move import GATE

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestGate(DeliveryCommon):
    """Every path by which goods of an order leave, without and with the deposit."""

    def test_button(self):
        picking = self.delivery()
        order = picking.sale_id
        text = self.refused(picking.button_validate, picking.name, order.name, "The deposit has not come in yet")
        self.assertNotIn("500", text)
        self.assertEqual((picking.state, order.order_line.qty_delivered), ("assigned", 0.0))
        self.transfer(499.99, order.name)
        self.refused(picking.button_validate)
        self.transfer(0.01, order.name)
        self.assertIs(picking.button_validate(), True)
        self.assertEqual((picking.state, order.order_line.qty_delivered), ("done", 1.0))

    def test_every_other_way(self):
        picking = self.delivery()
        move = picking.move_ids
        move.picked = True
        ways = {
            "transfer": picking._action_done,
            "move": move._action_done,
            "move, rest cancelled": lambda: move._action_done(cancel_backorder=True),
            "written by a remote call": lambda: move.write({"state": "done"}),
            "without backorder": picking.with_context(skip_backorder=True).button_validate,
            "without checks": picking.with_context(skip_sanity_check=True).button_validate,
        }
        for name, way in ways.items():
            with self.subTest(name):
                self.refused(way, picking.name)
                self.assertEqual(picking.state, "assigned")
        self.transfer(500.0, picking.sale_id.name)
        picking._action_done()
        self.assertEqual(picking.state, "done")

    def test_a_move_made_in_state_done(self):
        picking = self.delivery()
        values = {
            "product_id": self.goods.id,
            "product_uom_qty": 1,
            "location_id": self.warehouse.lot_stock_id.id,
            "location_dest_id": self.customers.id,
            "state": "done",
        }
        Move = self.env["stock.move"].with_user(self.packer)
        self.refused(lambda: Move.create({**values, "picking_id": picking.id}), picking.name)
        order = picking.sale_id
        self.refused(lambda: Move.create({**values, "sale_line_id": order.order_line.id}), order.name)
        self.assertEqual(Move.create(values).state, "done", "nobody's order")

    def test_a_draft_is_validated_at_once(self):
        order = self.confirmed()
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.customers.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.goods.id,
                            "product_uom_qty": 1,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.customers.id,
                            "sale_line_id": order.order_line.id,
                        }
                    )
                ],
            }
        )
        self.assertEqual(picking.state, "draft")
        self.refused(picking.button_validate, order.name)
        self.assertEqual(picking.state, "draft")
        self.transfer(500.0, order.name)
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_more_on_a_delivery_of_the_order(self):
        """A line that somebody adds to the delivery, and that no order line knows."""
        picking = self.delivery()
        picking.move_ids.sale_line_id = False
        picking.sudo().sale_id = order = self.confirmed()
        self.by_hand(picking.location_id, picking.location_dest_id, picking=picking.sudo())
        self.refused(picking.button_validate, order.name)

    def test_backorders_are_asked_again(self):
        order = self.confirmed(quantity=10)
        payment = self.transfer(500.0, order.name)
        picking = self.delivery(order)
        picking.move_ids.quantity = 4
        action = picking.button_validate()
        Form.from_action(self.env(user=self.packer), action).save().process()
        self.assertEqual(order.order_line.qty_delivered, 4.0)
        rest = picking.backorder_ids
        payment.action_draft()
        self.refused(rest.button_validate, rest.name)
        payment.action_post()
        rest.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 10.0)

    def test_refused_before_the_question_about_a_backorder(self):
        picking = self.delivery(quantity=10)
        picking.move_ids.quantity = 4
        self.refused(picking.button_validate, picking.name)
        wizard = self.env["stock.backorder.confirmation"].with_user(self.packer)
        for way in ("process", "process_cancel_backorder"):
            with self.subTest(way):
                context = {"button_validate_picking_ids": picking.ids, "default_pick_ids": picking.ids}
                self.refused(getattr(wizard.with_context(**context).create({}), way), picking.name)
        self.assertFalse(picking.backorder_ids)

    def test_together_with_good_ones(self):
        bad, good = self.delivery(), self.delivery(partner=self.partner_b)
        self.transfer(500.0, good.sale_id.name, self.partner_b)
        text = self.refused(
            (bad | good).button_validate, bad.name, "The other transfers can be validated on their own."
        )
        self.assertNotIn(good.name, text)
        self.assertEqual(good.state, "assigned")
        good.button_validate()
        self.assertEqual(good.state, "done")

    def test_batch(self):
        if "stock.picking.batch" not in self.env:
            self.skipTest("stock_picking_batch is not installed")
        bad, good = self.delivery(), self.delivery(partner=self.partner_b)
        self.transfer(500.0, good.sale_id.name, self.partner_b)
        batch = self.env["stock.picking.batch"].with_user(self.packer).create({"picking_ids": (bad | good).ids})
        batch.action_confirm()
        (bad | good).move_ids.picked = True
        self.refused(batch.action_done, bad.name)
        self.transfer(500.0, bad.sale_id.name)
        batch.action_done()
        self.assertEqual((bad | good).mapped("state"), ["done", "done"])

    def test_two_orders_on_one_delivery(self):
        first, second = self.confirmed(), self.confirmed(partner=self.partner_b)
        picking = first.picking_ids
        second.picking_ids.move_ids.picking_id = picking
        self.transfer(500.0, first.name)
        text = self.refused(picking.button_validate, second.name)
        self.assertNotIn(first.name, text)
        picking.move_ids.filtered(lambda move: move.sale_line_id.order_id == first).picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual((first.order_line.qty_delivered, second.order_line.qty_delivered), (1.0, 0.0))

    def test_money_without_a_name_lets_one_delivery_pass(self):
        first, second = self.delivery(), self.delivery()
        self.transfer(600.0)
        self.refused((first | second).button_validate, second.name)
        first.button_validate()
        self.assertEqual((first.state, first.sale_id.ar_dunning_relied), ("done", 500.0))
        self.refused(second.button_validate, second.name)

    def test_picking_is_free_shipping_is_not(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self.confirmed()
        pick = order.picking_ids
        self.assertNotEqual(pick.location_dest_id, self.customers)
        pick.with_user(self.packer).button_validate()
        ship = order.picking_ids - pick
        self.assertEqual((pick.state, ship.location_dest_id), ("done", self.customers))
        self.refused(ship.with_user(self.packer).button_validate, ship.name)

    def test_returns_pass(self):
        picking = self.delivery()
        payment = self.transfer(500.0, picking.sale_id.name)
        picking.button_validate()
        payment.action_draft()
        back = self.take_back(picking)
        self.assertEqual((back.location_id, back.sale_id), (self.customers, picking.sale_id))
        self.assertFalse(back.ar_dunning_stopped or back.ar_dunning_banner or back.ar_dunning_wait)
        back.with_user(self.packer).button_validate()
        self.assertEqual((back.state, picking.sale_id.order_line.qty_delivered), ("done", 0.0))
        again = self.take_back(back)
        self.refused(again.with_user(self.packer).button_validate, again.name)

    def test_transfers_without_an_order_pass(self):
        stock, output = self.warehouse.lot_stock_id, self.warehouse.wh_output_stock_loc_id
        self.confirmed()
        for source, destination, kind in (
            (stock, self.customers, "out_type_id"),
            (stock, output, "int_type_id"),
            (self.suppliers, stock, "in_type_id"),
        ):
            with self.subTest(kind):
                picking = self.by_hand(source, destination, kind)
                picking.with_user(self.packer).button_validate()
                self.assertEqual(picking.state, "done")

    def test_from_the_supplier_to_the_customer(self):
        order = self.confirmed()
        picking = self.by_hand(self.suppliers, self.customers, "in_type_id", order.order_line)
        self.assertTrue(picking.ar_dunning_stopped)
        self.refused(picking.with_user(self.packer).button_validate, order.name)
        self.transfer(500.0, order.name)
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_to_a_sister_company(self):
        order = self.confirmed()
        transit = self.env.ref("stock.stock_location_inter_company")
        picking = self.by_hand(self.warehouse.lot_stock_id, transit, "out_type_id", order.order_line)
        self.refused(picking.button_validate, order.name)

    def test_more_of_what_has_left(self):
        order = self.confirmed(quantity=10)
        payment = self.transfer(500.0, order.name)
        picking = self.delivery(order)
        picking.move_ids.quantity = 4
        picking.with_context(skip_backorder=True).button_validate()
        payment.action_draft()
        line = picking.move_line_ids
        self.refused(lambda: line.write({"quantity": 5.0}), picking.name)
        self.refused(lambda: picking.move_ids.write({"quantity": 5.0}), picking.name)
        self.refused(lambda: line.copy({"quantity": 1.0, "move_id": line.move_id.id}), picking.name)
        line.quantity = 3.0
        self.assertEqual(order.order_line.qty_delivered, 3.0)

    def test_a_forged_context_does_not_pass(self):
        picking = self.delivery()
        picking.move_ids.picked = True
        order = picking.sale_id
        for forged in (order.ids, {"ids": order.ids}, True, f"Passed(ids=frozenset({{{order.id}}}))"):
            with self.subTest(forged):
                self.refused(picking.with_context(**{GATE: forged}).button_validate, picking.name)
                self.refused(picking.with_context(**{GATE: forged})._action_done, picking.name)

    def test_nothing_stays_in_the_context(self):
        picking = self.delivery(quantity=10)
        self.transfer(500.0, picking.sale_id.name)
        picking.move_ids.quantity = 4
        self.assertNotIn(GATE, picking.button_validate()["context"])
        picking.move_ids.picked = True
        self.assertNotIn(GATE, picking.move_ids._action_done().env.context)

    def test_currencies(self):
        currency = self.setup_other_currency("JPY", rates=[("2016-01-01", 100.0)], rounding=1.0)
        pricelist = self.env["product.pricelist"].create({"name": "JPY", "currency_id": currency.id})
        self.half.write({"share": 0.0, "amount": 3.0})
        picking = self.delivery(pricelist_id=pricelist.id)
        order = picking.sale_id
        self.assertIn("300 missing", picking.with_user(self.env.user).ar_dunning_banner.replace("\xa0", " "))
        self.transfer(300.0, order.name)
        self.refused(picking.button_validate)
        self.transfer(300.0, order.name, currency=currency)
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_branch_and_other_companies(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        other = self.setup_other_company()["company"]
        self.half.company_id = other
        free = self.delivery()
        self.half.company_id = self.company
        self.add_user_to(branch)
        self.env.user.company_ids |= branch
        order = self.confirmed(company_id=branch.id)
        self.assertEqual(order.picking_ids.company_id, branch)
        picking = order.picking_ids.with_user(self.packer).with_context(allowed_company_ids=branch.ids)
        self.refused(picking.button_validate, order.name)
        self.transfer(500.0, order.name)
        picking.button_validate()
        self.assertEqual(picking.state, "done", "the ledger is the root's")
        self.half.company_id = other
        free.button_validate()
        self.assertEqual(free.state, "done")

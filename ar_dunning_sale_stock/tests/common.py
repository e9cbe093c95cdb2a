from odoo import Command
from odoo.tests import Form

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError
from odoo.addons.ar_dunning_sale.tests.common import SaleDunningCommon


class DeliveryCommon(SaleDunningCommon):
    """Half of every order is to be paid before delivery; somebody from the warehouse, who may do nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("stock.group_stock_manager")
        cls.packer = cls.make_user("packer", "Pia Packer", "stock.group_stock_user")
        cls.half = cls.rule(0.5, stage="invoice")
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.suppliers = cls.env.ref("stock.stock_location_suppliers")

    @classmethod
    def confirmed(cls, amount=1000.0, quantity=1, **values):
        """A sales order of `quantity` pieces over `amount`, confirmed."""
        order = cls.quotation(amount, **values)
        if quantity != 1:
            order.order_line.write({"product_uom_qty": quantity, "price_unit": amount / quantity})
        order.action_confirm()
        return order

    @classmethod
    def delivery(cls, order=None, **values):
        """The delivery of an order, ready, as the warehouse sees it."""
        order = order or cls.confirmed(**values)
        return order.picking_ids.with_user(cls.packer)

    @classmethod
    def by_hand(cls, source, destination, kind="int_type_id", order_line=None, picking=None):
        """One piece from here to there."""
        picking = picking or cls.env["stock.picking"].create(
            {
                "picking_type_id": cls.warehouse[kind].id,
                "location_id": source.id,
                "location_dest_id": destination.id,
                "partner_id": cls.partner_a.id,
            }
        )
        move = cls.env["stock.move"].create(
            {
                "product_id": cls.goods.id,
                "product_uom_qty": 1,
                "location_id": source.id,
                "location_dest_id": destination.id,
                "picking_id": picking.id,
                "sale_line_id": order_line.id if order_line else False,
            }
        )
        picking.action_confirm()
        move.quantity = 1
        return picking

    def refused(self, call, *words):
        """The call is refused, in these words, and nothing has moved."""
        with self.assertRaises(CreditRefusedError) as caught, self.cr.savepoint():
            call()
        text = str(caught.exception).replace("\xa0", " ")
        for word in words:
            self.assertIn(word, text)
        return text

    def approve(self, order, decision="approved", user=None):
        order.with_user(user or self.controller)._dunning_decide(decision, "Known for years")

    def take_back(self, picking):
        """The return of a delivery that is done."""
        wizard = Form(
            self.env["stock.return.picking"].with_context(
                active_id=picking.id, active_ids=picking.ids, active_model="stock.picking"
            )
        ).save()
        wizard.product_return_moves.quantity = 1
        return self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])

    @classmethod
    def add_user_to(cls, company):
        for user in (cls.packer, cls.controller, cls.seller):
            user.company_ids = [Command.link(company.id)]

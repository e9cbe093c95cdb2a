from odoo import fields, models
from odoo.fields import Domain


class StockPicking(models.Model):
    """The flag in lists, and what finds it.

    Deposits are read from the ledger of now, because money comes in at any hour and nobody in the warehouse shall wait
    for the night; the status of the customer is the one of the last night, as in every list.
    """

    _inherit = "stock.picking"

    ar_dunning_wait = fields.Selection(
        [
            ("deposit", "Waiting for a deposit"),
            ("hold", "Customer on hold"),
            ("both", "Waiting for a deposit, customer on hold"),
        ],
        "Credit",
        compute="_compute_ar_dunning_wait",
        search="_search_ar_dunning_wait",
        compute_sudo=True,
        groups="base.group_user",
        help="Deliveries of orders whose deposit is due before delivery and has not come in, and those of customers that "
        "are on hold or blocked.",
    )

    def _compute_ar_dunning_wait(self):
        """A list of any length takes the same number of queries."""
        orders_of = self._origin._dunning_orders()
        orders = self.env["sale.order"].union(*orders_of.values())
        waiting, held = orders._dunning_without_deposit(), orders._dunning_held()
        for picking in self:
            mine = orders_of.get(picking._origin.id, orders.browse())
            waits, on_hold = bool(mine & waiting), bool(mine & held)
            picking.ar_dunning_wait = (
                "both" if waits and on_hold else "deposit" if waits else "hold" if on_hold else False
            )

    def _search_ar_dunning_wait(self, operator, value):
        if operator != "in":
            return NotImplemented
        candidates = self.search(
            Domain("state", "not in", ("done", "cancel"))
            & Domain("sale_id", "!=", False)
            & Domain("location_dest_id.usage", "in", ("customer", "transit"))
        )
        found = candidates.filtered(lambda picking: picking.ar_dunning_wait in value)
        if False in value:
            return [("id", "not in", (candidates - found).ids)]
        return [("id", "in", found.ids)]

from odoo import api, models

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError, Passed

GATE = "ar_dunning_delivery_gate"


def _is_outside(location):
    """Whether goods there are the customer's: his place, or on the way to a sister company that bought them."""
    return location.usage == "customer" or (location.usage == "transit" and location._is_outgoing())


class StockMove(models.Model):
    """The gate: goods of a sales order get to the customer only past it, whichever way the transfer is validated.

    Button, batch, backorder, scanner and remote calls all end in the moves' state *done*; the earlier places ask, too,
    because there nothing has happened yet. Returns, transfers within and transfers without an order are not asked.
    """

    _inherit = "stock.move"

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves.filtered(lambda move: move.state == "done")._dunning_pass()
        return moves

    def write(self, vals):
        if vals.get("state") == "done":
            self = self.filtered(lambda move: move.state != "done")._dunning_pass(self)
        return super().write(vals)

    def _action_done(self, cancel_backorder=False):
        leaving = self.filtered(lambda move: move.state not in ("done", "cancel") and move.picked and move.quantity)
        moves = super(StockMove, leaving._dunning_pass(self))._action_done(cancel_backorder=cancel_backorder)
        return moves.with_env(self.env)

    def _dunning_to_customer(self):
        """`{sales order: moves}`, as superuser: those of these moves that hand over goods of an order.

        Where they come from does not matter, be it our stock or the supplier's (drop-shipping).
        """
        found = {}
        for move in self.sudo():
            order = move.sale_line_id.order_id or move.picking_id.sale_id
            if order and _is_outside(move.location_dest_id) and not _is_outside(move.location_id):
                found[order] = found.get(order, move.browse()) | move
        return found

    def _dunning_pass(self, records=None):
        """Let these moves pass, or refuse them all; an order that was asked once in a call is not asked again.

        :param records: the recordset to go on with, when it is not these moves
        :return: the records, knowing in their context which orders have passed
        :raise CreditRefusedError: with every reason and the way out
        """
        records = self if records is None else records
        passed = self.env.context.get(GATE)
        ids = passed.ids if isinstance(passed, Passed) else frozenset()
        moves = {order: moves for order, moves in self._dunning_to_customer().items() if order.id not in ids}
        if not moves:
            return records
        orders = self.env["sale.order"].sudo().union(*moves)
        refused = orders._dunning_stopped_deliveries()
        if refused:
            raise CreditRefusedError(
                self._dunning_refusal({order: found for order, found in moves.items() if order.id in refused}, refused)
            )
        return records.with_context(**{GATE: Passed(ids | frozenset(orders.ids))})

    def _dunning_refusal(self, stopped, verdicts):
        """Which deliveries are not handed over, every reason, and the way out, in the words of the user's language.

        :param stopped: `{sales order: its moves}`
        """
        blocks, ways = [], []
        for order, moves in stopped.items():
            verdict = verdicts[order.id]
            head = self.env._(
                "%(delivery)s of order %(order)s for %(customer)s cannot be handed over yet:",
                delivery=", ".join(moves.picking_id.mapped("name")) or moves.product_id[:1].display_name,
                order=order.name,
                customer=order.partner_id.display_name,
            )
            blocks.append("\n".join([head, *(f"- {line}" for line in order._dunning_delivery_lines(verdict))]))
            ways.append(order._dunning_delivery_way_out(verdict))
        if self.picking_id.sudo() - self.browse().union(*stopped.values()).picking_id:
            ways.append(self.env._("The other transfers can be validated on their own."))
        return "\n\n".join([*blocks, "\n".join(dict.fromkeys(ways))])

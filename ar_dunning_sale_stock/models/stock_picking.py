from odoo import api, fields, models


class StockPicking(models.Model):
    """What a delivery says: whether it may leave, why not, and whom to ask."""

    _inherit = "stock.picking"

    ar_dunning_stopped = fields.Boolean(
        "Cannot Be Handed Over", compute="_compute_ar_dunning_delivery", compute_sudo=True, groups="base.group_user"
    )
    ar_dunning_requested = fields.Boolean(
        "Approval Requested", compute="_compute_ar_dunning_delivery", compute_sudo=True, groups="base.group_user"
    )
    ar_dunning_banner = fields.Html(
        "Why It Waits",
        compute="_compute_ar_dunning_delivery",
        compute_sudo=True,
        groups="base.group_user",
        sanitize=False,
    )

    @api.depends("state", "location_dest_id", "move_ids.state", "move_ids.sale_line_id", "sale_id.ar_dunning_release")
    @api.depends_context("uid", "lang")
    def _compute_ar_dunning_delivery(self):
        """Read from the ledger of now; only for what can still be stopped."""
        orders_of = self._origin._dunning_orders()
        verdicts = self.env["sale.order"].union(*orders_of.values())._dunning_delivery_verdicts()
        for picking in self:
            orders = orders_of.get(picking._origin.id, self.env["sale.order"]).filtered(
                lambda order: order.id in verdicts
            )
            stopped = orders.filtered(lambda order: order._dunning_waits(verdicts[order.id]))
            picking.ar_dunning_stopped = bool(stopped)
            picking.ar_dunning_requested = bool(stopped) and not any(stopped.mapped("ar_dunning_may_request"))
            picking.ar_dunning_banner = picking._dunning_banner(orders, stopped, verdicts) if orders else False

    def _dunning_banner(self, orders, stopped, verdicts):
        """The sentences of every order, and the way out of what stops: html."""
        ways = [order._dunning_delivery_way_out(verdicts[order.id]) for order in stopped]
        return self.env["ir.qweb"]._render(
            "ar_dunning_sale_stock.delivery_banner",
            {
                "orders": [(order.name, order._dunning_delivery_lines(verdicts[order.id])) for order in orders],
                "ways": list(dict.fromkeys(ways)),
            },
        )

    def _dunning_orders(self):
        """`{picking id: sales orders}`, as superuser: whose goods these transfers are still to bring to customers."""
        found = dict.fromkeys(self.ids, self.env["sale.order"].sudo())
        moves = self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        for order, leaving in moves._dunning_to_customer().items():
            for picking in leaving.picking_id:
                found[picking.id] |= order
        return found

    def button_validate(self):
        """Refused before anybody is asked about backorders."""
        leaving = self.env["stock.move"].concat(*(picking._dunning_leaving() for picking in self))
        leaving._dunning_pass()
        return super().button_validate()

    def _dunning_leaving(self):
        """The moves that validating means: those that are picked, else those with a quantity, else all."""
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        return moves.filtered("picked") or moves.filtered("quantity") or moves

    def action_dunning_request(self):
        """Ask the credit controller to let the orders of this delivery pass."""
        for order in self._dunning_stopped_orders():
            if order.ar_dunning_may_request:
                order.with_user(self.env.user).action_request_approval()
        return True

    def action_dunning_approve(self):
        """Ask for a reason, then let the orders of this delivery pass."""
        return self._dunning_stopped_orders().with_user(self.env.user).action_approve()

    def _dunning_stopped_orders(self):
        self.ensure_one()
        orders = self._dunning_orders()[self.id]
        verdicts = orders._dunning_delivery_verdicts()
        return orders.filtered(lambda order: order.id in verdicts and order._dunning_waits(verdicts[order.id]))

from odoo import api, fields, models

from .ar_dunning_trial import PAID
from .facts.gate import LATER, Ours

PRICED = {
    "product_id", "product_uom_qty", "product_uom_id", "price_unit", "discount", "tax_ids", "ar_dunning_trial",
    "order_id",
}  # fmt: skip


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    ar_dunning_trial = fields.Boolean(
        "Free", copy=False, help="Free of charge for the order's free period: not invoiced until somebody decides."
    )

    def _dunning_is_free(self):
        """Whether the line is free and nobody has decided to charge it."""
        self.ensure_one()
        trial = self.order_id.sudo().ar_dunning_trial_id
        return bool(self.ar_dunning_trial and trial and trial.state not in PAID)

    @api.depends("ar_dunning_trial", "order_id.ar_dunning_trial_id.state")
    def _compute_qty_to_invoice(self):
        result = super()._compute_qty_to_invoice()
        for line in self:
            if not line.display_type and line._dunning_is_free():
                line.qty_to_invoice = 0
        return result

    def write(self, vals):
        """Nothing is delivered by hand before the deposit that is due before delivery has come in."""
        if vals.get("qty_delivered"):
            more = self.filtered(lambda line: vals["qty_delivered"] > line.qty_delivered)
            more.order_id._dunning_check_later_deposit()
        charged = self.order_id._dunning_charged() if PRICED & set(vals) and not self._dunning_later() else {}
        result = super().write(vals)
        if PRICED & set(vals):
            self.order_id._dunning_priced(charged)
        return result

    @api.model_create_multi
    def create(self, vals_list):
        orders = self.env["sale.order"]
        if not self._dunning_later():
            orders = orders.browse({vals["order_id"] for vals in vals_list if vals.get("order_id")})
        charged = orders._dunning_charged()
        lines = super().create(vals_list)
        lines.order_id._dunning_priced(charged)
        return lines

    def _dunning_later(self):
        """Whether the order asks itself, once, when all of its lines are written."""
        return Ours.says(self.env, LATER)

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders.exists()._dunning_refresh_deposits()
        return result

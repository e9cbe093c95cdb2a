from odoo import api, fields, models

from .sale_order_deposit import LATER

PRICED = {"product_id", "product_uom_qty", "price_unit", "discount", "tax_ids", "ar_dunning_trial"}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    ar_dunning_trial = fields.Boolean(
        "Free", copy=False, help="Free of charge for the order's free period: not invoiced until somebody decides."
    )

    def _dunning_is_free(self):
        """Whether the line is free and nobody has decided to charge it."""
        self.ensure_one()
        order = self.order_id
        return bool(order.ar_dunning_trial and self.ar_dunning_trial and order.ar_dunning_trial_state != "charged")

    @api.depends("ar_dunning_trial", "order_id.ar_dunning_trial", "order_id.ar_dunning_trial_state")
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
        result = super().write(vals)
        if PRICED & set(vals):
            self._dunning_priced()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._dunning_priced()
        return lines

    def _dunning_priced(self):
        """Another total: another deposit, and for a confirmed order another decision, unless the order asks itself."""
        if not self.env.context.get(LATER):
            self.order_id._dunning_refresh_deposits()
            self.order_id._dunning_check_growth()

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        orders.exists()._dunning_refresh_deposits()
        return result

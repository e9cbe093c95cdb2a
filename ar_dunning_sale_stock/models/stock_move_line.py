from odoo import api, models


class StockMoveLine(models.Model):
    """More of a delivery that is done already (unlocked, remote call) has to pass the gate like any other."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state == "done" and line.quantity).move_id._dunning_pass()
        return lines

    def write(self, vals):
        if vals.get("quantity"):
            self.filtered(
                lambda line: line.state == "done" and vals["quantity"] > line.quantity
            ).move_id._dunning_pass()
        return super().write(vals)

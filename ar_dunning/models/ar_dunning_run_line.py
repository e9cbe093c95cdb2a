from odoo import api, fields, models


class ArDunningRunLine(models.Model):
    """What a run has to say: a due step that was stopped, or an error, of one item or customer or of the run itself."""

    _name = "ar.dunning.run.line"
    _inherit = ["ar.dunning.protected"]
    _description = "Dunning Run Line"
    _order = "kind, customer_id, id"

    run_id = fields.Many2one("ar.dunning.run", required=True, index=True, ondelete="cascade")
    kind = fields.Selection([("skipped", "Skipped"), ("error", "Error")], required=True)
    customer_id = fields.Many2one(
        "ar.dunning.customer", ondelete="cascade", index=True, help="Empty where the run as a whole had trouble."
    )
    item_id = fields.Many2one("ar.dunning.item", ondelete="cascade", index="btree_not_null")
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    codes = fields.Char("Reason Codes")
    reason = fields.Text()

    @api.depends("run_id.company_id", "customer_id.company_id")
    def _compute_company_id(self):
        for line in self:
            line.company_id = line.run_id.company_id or line.customer_id.company_id

from odoo import fields, models


class ArDunningRunLine(models.Model):
    """What a run has to say about one item or customer: a due step that was stopped, or an error."""

    _name = "ar.dunning.run.line"
    _description = "Dunning Run Line"
    _order = "kind, customer_id, id"

    run_id = fields.Many2one("ar.dunning.run", required=True, index=True, ondelete="cascade")
    kind = fields.Selection([("skipped", "Skipped"), ("error", "Error")], required=True)
    customer_id = fields.Many2one("ar.dunning.customer", required=True, ondelete="cascade", index=True)
    item_id = fields.Many2one("ar.dunning.item", ondelete="cascade", index="btree_not_null")
    company_id = fields.Many2one(related="customer_id.company_id", store=True, index=True)
    codes = fields.Char("Reason Codes")
    reason = fields.Text()

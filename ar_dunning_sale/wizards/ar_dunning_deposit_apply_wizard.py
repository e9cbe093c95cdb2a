from odoo import Command, api, fields, models

MOST = 200


class ArDunningDepositApplyWizard(models.TransientModel):
    """Choose the invoices that a security deposit pays."""

    _name = "ar.dunning.deposit.apply.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Apply a Security Deposit"

    deposit_id = fields.Many2one("ar.dunning.deposit", required=True, readonly=True)
    company_id = fields.Many2one(related="deposit_id.company_id")
    currency_id = fields.Many2one(related="deposit_id.currency_id")
    amount_left = fields.Monetary(related="deposit_id.amount_left")
    line_ids = fields.One2many("ar.dunning.deposit.apply.wizard.line", "wizard_id", string="Invoices")
    rest = fields.Monetary("Stays a Deposit", compute="_compute_rest")
    date = fields.Date(required=True, default=lambda self: self.env.company._dunning_today())

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        deposit = self.env["ar.dunning.deposit"].browse(values.get("deposit_id"))
        if deposit and "line_ids" in fields_list:
            values["line_ids"] = [
                Command.create({"move_line_id": line.id, "amount": amount})
                for line, amount in self._proposal(deposit).items()
            ]
        return values

    @api.model
    def _proposal(self, deposit):
        """`{open receivable: amount}`: invoices of the deposit's order first, then the oldest, until it is used up."""
        lines = deposit._debts(MOST)
        own = deposit.sudo().order_id.invoice_ids
        proposal, left = {}, deposit.amount_left
        for line in lines.sorted(lambda line: line.move_id not in own):
            proposal[line] = min(left, line.amount_residual_currency)
            left = deposit.currency_id.round(left - proposal[line])
        return proposal

    @api.depends("line_ids.amount", "deposit_id")
    def _compute_rest(self):
        for wizard in self:
            wizard.rest = wizard.amount_left - sum(wizard.line_ids.mapped("amount"))

    def action_apply(self):
        """Book it."""
        self.ensure_one()
        self.deposit_id._apply({line.move_line_id: line.amount for line in self.line_ids}, self.date)
        return {"type": "ir.actions.act_window_close"}


class ArDunningDepositApplyWizardLine(models.TransientModel):
    """One open invoice, and how much of it the deposit pays."""

    _name = "ar.dunning.deposit.apply.wizard.line"
    _inherit = "ar.dunning.guarded"
    _description = "Invoice to Apply a Security Deposit to"

    wizard_id = fields.Many2one("ar.dunning.deposit.apply.wizard", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    move_line_id = fields.Many2one("account.move.line", "Journal Item", required=True, ondelete="cascade")
    invoice = fields.Char(related="move_line_id.move_name")
    due_date = fields.Date("Due", related="move_line_id.date_maturity")
    open_amount = fields.Monetary("Open", related="move_line_id.amount_residual_currency")
    amount = fields.Monetary("Pays")

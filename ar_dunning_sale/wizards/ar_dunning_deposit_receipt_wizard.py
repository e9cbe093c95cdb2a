from odoo import Command, api, fields, models

# More unmatched receipts than anybody looks through in a dialog.
MOST = 200


class ArDunningDepositReceiptWizard(models.TransientModel):
    """Name the receipt with which a security deposit came in."""

    _name = "ar.dunning.deposit.receipt.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Receipt of a Security Deposit"

    deposit_id = fields.Many2one("ar.dunning.deposit", required=True, readonly=True)
    company_id = fields.Many2one(related="deposit_id.company_id")
    currency_id = fields.Many2one(related="deposit_id.currency_id")
    partner_id = fields.Many2one(related="deposit_id.partner_id", string="Customer")
    amount = fields.Monetary(related="deposit_id.amount", string="Security Deposit")
    line_ids = fields.One2many("ar.dunning.deposit.receipt.wizard.line", "wizard_id", string="Receipts")
    total = fields.Monetary("Chosen", compute="_compute_total")
    date = fields.Date(
        compute="_compute_date",
        store=True,
        readonly=False,
        help="That of the receipt. Choose a later day only where its own is locked.",
    )
    account_id = fields.Many2one("account.account", "Booked on", compute="_compute_account_id")

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
        """`{unmatched credit: amount}`, the likely ones first and filled in up to the deposit's amount.

        Likely is the payment named on the deposit, or a receipt whose text names deposit or order; without any of
        these, a receipt of exactly this amount, if there is only one.
        """
        lines = deposit._receipts(MOST)
        likely = lines.filtered(lambda line: self._names(deposit, line))
        if not likely:
            same = lines.filtered(
                lambda line: not deposit.currency_id.compare_amounts(-line.amount_residual_currency, deposit.amount)
            )
            likely = same if len(same) == 1 else likely
        proposal, missing = {}, deposit.amount
        for line in likely | lines:
            take = min(missing, -line.amount_residual_currency) if line in likely else 0.0
            proposal[line] = take
            missing = deposit.currency_id.round(missing - take)
        return proposal

    @api.model
    def _names(self, deposit, line):
        if deposit.payment_id and line.payment_id == deposit.payment_id:
            return True
        read = self.env["ar.dunning.incoming"]._reference_words
        label = " ".join(filter(None, (line.name, line.move_id.ref, line.payment_id.memo)))
        wanted = {max(read(name), key=len) for name in (deposit.reference, deposit.order_id.name) if name}
        return bool(wanted & read(label))

    @api.depends("line_ids.amount")
    def _compute_total(self):
        for wizard in self:
            wizard.total = sum(wizard.line_ids.mapped("amount"))

    @api.depends("line_ids.amount")
    def _compute_date(self):
        for wizard in self:
            taken = wizard.line_ids.filtered("amount").move_line_id
            wizard.date = max(taken.mapped("date"), default=False)

    @api.depends("deposit_id")
    def _compute_account_id(self):
        for wizard in self:
            wizard.account_id = wizard.company_id._dunning_deposit_account(look=True)

    def action_receive(self):
        """Book it."""
        self.ensure_one()
        self.deposit_id._receive({line.move_line_id: line.amount for line in self.line_ids}, self.date)
        return {"type": "ir.actions.act_window_close"}


class ArDunningDepositReceiptWizardLine(models.TransientModel):
    """One unmatched receipt, and how much of it is the deposit."""

    _name = "ar.dunning.deposit.receipt.wizard.line"
    _inherit = "ar.dunning.guarded"
    _description = "Receipt to Take a Security Deposit From"

    wizard_id = fields.Many2one("ar.dunning.deposit.receipt.wizard", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    move_line_id = fields.Many2one("account.move.line", "Journal Item", required=True, ondelete="cascade")
    date = fields.Date(related="move_line_id.date")
    entry = fields.Char("Receipt", related="move_line_id.move_name")
    label = fields.Char(compute="_compute_label")
    open_amount = fields.Monetary("Open", compute="_compute_label")
    amount = fields.Monetary("Is the Deposit")

    @api.depends("move_line_id")
    def _compute_label(self):
        for line in self:
            item = line.move_line_id
            line.label = item.payment_id.memo or item.move_id.ref or item.name
            line.open_amount = -item.amount_residual_currency

from odoo import api, fields, models


class ArDunningDepositReturnWizard(models.TransientModel):
    """Give a security deposit back, or a part of it: how much, when, and from which bank account."""

    _name = "ar.dunning.deposit.return.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Give a Security Deposit Back"
    _check_company_auto = True

    deposit_id = fields.Many2one("ar.dunning.deposit", required=True, readonly=True)
    company_id = fields.Many2one(related="deposit_id.company_id")
    currency_id = fields.Many2one(related="deposit_id.currency_id")
    partner_id = fields.Many2one(related="deposit_id.partner_id", string="Customer")
    amount_left = fields.Monetary(related="deposit_id.amount_left")
    amount = fields.Monetary(
        "Give Back", compute="_compute_amount", store=True, precompute=True, readonly=False, required=True
    )
    date = fields.Date(required=True, default=lambda self: self.env.company._dunning_today())
    journal_id = fields.Many2one(
        "account.journal",
        "Paid from",
        compute="_compute_journal_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash'))]",
    )
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        "Paid to",
        compute="_compute_partner_bank_id",
        store=True,
        precompute=True,
        readonly=False,
        domain="[('partner_id', '=', partner_id)]",
        help="The customer's bank account.",
    )

    @api.depends("deposit_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.deposit_id.amount_left

    @api.depends("deposit_id")
    def _compute_journal_id(self):
        """Where it came in, or the first bank."""
        Journal = self.env["account.journal"]
        for wizard in self:
            former = wizard.deposit_id.payment_id.journal_id
            if former.type not in ("bank", "cash"):
                domain = [*Journal._check_company_domain(wizard.company_id), ("type", "=", "bank")]
                former = Journal.search(domain, limit=1)
            wizard.journal_id = former

    @api.depends("deposit_id")
    def _compute_partner_bank_id(self):
        for wizard in self:
            wizard.partner_bank_id = wizard.partner_id.bank_ids[:1]

    def action_give_back(self):
        """Post the payment."""
        self.ensure_one()
        self._give_back()
        return {"type": "ir.actions.act_window_close"}

    def action_give_back_and_open(self):
        """Post the payment, and show it."""
        self.ensure_one()
        return self._give_back()._get_records_action()

    def _give_back(self):
        return self.deposit_id._give_back(self.amount, self.date, self.journal_id, self.partner_bank_id)

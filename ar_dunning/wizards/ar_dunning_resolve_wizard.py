from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.screen import form_of


class ArDunningResolveWizard(models.TransientModel):
    """What came of a dispute: who was right, what really was the matter, and the answer that the customer gets."""

    _name = "ar.dunning.resolve.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Resolve a Dispute"

    dispute_id = fields.Many2one("ar.dunning.arrangement", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="dispute_id.currency_id")
    disputed = fields.Monetary(compute="_compute_disputed")
    outcome = fields.Selection(
        [("credited", "Customer is right"), ("partly", "Right in part"), ("rejected", "Rejected")],
        required=True,
        default="credited",
    )
    credited_amount = fields.Monetary(
        "Not to Be Paid",
        compute="_compute_credited_amount",
        store=True,
        readonly=False,
        help="A draft credit note over it is made; once posted, it settles that part.",
    )
    with_refund = fields.Boolean("Make the Credit Note", default=True)
    cause_id = fields.Many2one(
        "ar.dunning.reason",
        string="Root Cause",
        domain="[('kind', '=', 'dispute')]",
        help="What really was the matter. Reports group by it.",
    )
    answer = fields.Text(
        "Answer to the Customer",
        compute="_compute_answer",
        store=True,
        readonly=False,
        help="Sent to the customer by e-mail.",
    )

    @api.depends("dispute_id")
    def _compute_disputed(self):
        for wizard in self:
            wizard.disputed = wizard.dispute_id.disputed_amount or wizard.dispute_id._open_of_items()

    @api.depends("outcome", "dispute_id")
    def _compute_credited_amount(self):
        for wizard in self:
            wizard.credited_amount = wizard.disputed if wizard.outcome == "credited" else 0.0

    @api.depends("outcome", "credited_amount")
    def _compute_answer(self):
        for wizard in self:
            dispute = wizard.dispute_id
            lang = dispute.partner_id.lang or wizard.env.lang
            wizard.answer = dispute and wizard.with_context(lang=lang)._proposal()

    def _proposal(self):
        """What the customer may be told, in his language."""
        words = {
            "items": self.dispute_id._names(),
            "amount": self.dispute_id._money(self.credited_amount),
            "rest": self.dispute_id._money(max(self.disputed - self.credited_amount, 0.0)),
        }
        if self.outcome == "credited":
            return self.env._(
                "You are right about %(items)s: you need not pay %(amount)s. We send you a credit note.", **words
            )
        if self.outcome == "partly":
            return self.env._(
                "About %(items)s: you need not pay %(amount)s, for which we send you a credit note. Please pay the other "
                "%(rest)s.",
                **words,
            )
        return self.env._("We have looked at %(items)s and find the invoice right. Please pay %(rest)s.", **words)

    def action_resolve(self):
        """Close the dispute, tell the customer, and make the credit note where one is due."""
        self.ensure_one()
        dispute = self.dispute_id
        dispute.check_access("write")
        self._check()
        amount = self.credited_amount if self.outcome != "rejected" else 0.0
        refund = dispute._credit_note(amount) if amount and self.with_refund else None
        dispute._resolve(self.outcome, amount, self.answer, self.cause_id)
        return form_of(refund) if refund else {"type": "ir.actions.act_window_close"}

    def _check(self):
        if not (self.answer or "").strip():
            raise UserError(self.env._("Write an answer: the customer is always told."))
        part = self.credited_amount
        if self.outcome == "partly" and not 0 < part < self.disputed:
            raise UserError(self.env._("Right in part: enter a part of what is disputed."))
        if self.outcome == "credited" and not 0 < part <= self.disputed:
            raise UserError(self.env._("Enter what the customer need not pay, at most what is disputed."))

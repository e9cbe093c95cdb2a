from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.figures import as_decimal
from ..tools.screen import say

DONE = {"type": "ir.actions.act_window_close"}


class ArDunningSaid(models.AbstractModel):
    """What a dialog asks when a customer promises to pay or disputes something, and what it makes of the answer."""

    _name = "ar.dunning.said"
    _inherit = "ar.dunning.guarded"
    _description = "What a Customer Says"

    customer_id = fields.Many2one("ar.dunning.customer", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Debtor")
    item_ids = fields.Many2many(
        "ar.dunning.item",
        string="Items",
        domain="[('customer_id', '=', customer_id), ('is_open', '=', True)]",
        help="Leave empty for everything that is open now. A dispute names what it is about.",
    )
    said_currency_id = fields.Many2one("res.currency", compute="_compute_said_currency_id")
    promised_on = fields.Date("Pays by", help="The last day on which the payment is made.")
    promised_amount = fields.Monetary(
        "Amount",
        currency_field="said_currency_id",
        compute="_compute_promised_amount",
        store=True,
        readonly=False,
        help="What the customer pays by that day.",
    )
    dispute_reason_id = fields.Many2one(
        "ar.dunning.reason",
        string="What Is Wrong",
        domain="[('kind', '=', 'dispute'), ('is_common', 'in', (True, not all_reasons))]",
        help="Says who answers, until when, and whether dunning stops meanwhile.",
    )
    all_reasons = fields.Boolean("More reasons")
    disputed_amount = fields.Monetary(
        "Disputed Part",
        currency_field="said_currency_id",
        help="Of one item, tax included. Leave it at 0 where all of it is disputed.",
    )
    disputed_share = fields.Float("or (%)", help="The disputed part in percent of what is open.")
    agreed_by_id = fields.Many2one("res.partner", string="Who Said So", domain="[('id', 'child_of', partner_id)]")

    @api.depends("item_ids", "customer_id")
    def _compute_said_currency_id(self):
        for said in self:
            said.said_currency_id = said.item_ids.currency_id[:1] or said.customer_id.currency_id

    @api.depends("item_ids", "customer_id")
    def _compute_promised_amount(self):
        """What is overdue of the items; of nothing overdue, what is open."""
        for said in self:
            today, currency = said.customer_id.company_id._dunning_today(), said.said_currency_id
            items = said.item_ids or said.customer_id.item_ids
            items = items.filtered(lambda item, currency=currency: item.is_open and item.currency_id == currency)
            overdue = items.filtered(lambda item, today=today: item.due_date < today)
            said.promised_amount = sum((overdue or items).mapped("amount_residual_currency"))

    @api.onchange("disputed_share")
    def _onchange_disputed_share(self):
        if self.disputed_share and len(self.item_ids) == 1:
            self.disputed_amount = self._part_of_share()

    def _part_of_share(self):
        """The disputed part of the one item in its currency."""
        open_amount = as_decimal(self.item_ids.amount_residual_currency)
        return self.said_currency_id.round(float(open_amount * as_decimal(self.disputed_share) / 100))

    def _arrange(self, kind, source, channel, words):
        """Make the promise or the dispute.

        :param words: what was said, for colleagues
        :return: what the screen answers: closes, or tells first what can no longer be taken back
        """
        self.ensure_one()
        vals = {
            "kind": kind,
            "customer_id": self.customer_id.id,
            "source": source,
            "channel": channel,
            "item_ids": self.item_ids.ids,
            "reason": words,
            "agreed_by_id": self.agreed_by_id.id,
        }
        more = self._promise_values() if kind == "promise" else self._dispute_values()
        arrangement = self.env["ar.dunning.arrangement"].create(vals | more)
        self.env["ar.dunning.ledger"]._plan_again(arrangement.customer_id)
        late = arrangement._too_late_for()
        return say(late, "warning", DONE) if late else DONE

    def _promise_values(self):
        today = self.customer_id.company_id._dunning_today()
        if not self.promised_on or self.promised_amount <= 0:
            raise UserError(self.env._("Ask for the day and the amount: a promise needs both."))
        if self.promised_on < today:
            raise UserError(
                self.env._("%s is in the past. Choose the day by which the customer pays.", self.promised_on)
            )
        return {
            "date_start": today,
            "date_end": self.promised_on,
            "promised_amount": self.promised_amount,
            "currency_id": self.said_currency_id.id,
        }

    def _dispute_values(self):
        if not self.item_ids or not self.dispute_reason_id:
            raise UserError(self.env._("Choose what is disputed, and why."))
        part = self.disputed_amount
        if self.disputed_share and not part and len(self.item_ids) == 1:
            part = self._part_of_share()
        return {
            "reason_id": self.dispute_reason_id.id,
            "disputed_amount": part,
            "date_start": self.customer_id.company_id._dunning_today(),
        }

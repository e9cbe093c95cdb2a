from datetime import timedelta

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..core.arrangement import RUNNING
from ..core.plan import Code


class ArDunningArrangement(models.Model):
    """The customer disputes items, or a part of one: dunning leaves that part alone, the rest goes on with its own figures.

    Payments settle the undisputed part first, credit notes the disputed one. The reason says who answers, in how many
    days, and whether dunning stops meanwhile. The customer is always told what came of it. A part that was rejected is
    demanded from the highest level on that demanded it: what went out meanwhile without it does not count for it.
    """

    _inherit = "ar.dunning.arrangement"

    disputed_amount = fields.Monetary(
        "Disputed", tracking=True, help="The part of one item that is disputed, tax included. 0: all of it."
    )
    amount_company = fields.Monetary(
        "At Issue",
        currency_field="company_currency_id",
        compute="_compute_amount_company",
        store=True,
        help="What was promised or disputed, in company currency at the rate of the first day.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    owner_id = fields.Many2one(
        "res.users",
        string="Answered by",
        tracking=True,
        index="btree_not_null",
        domain="[('share', '=', False)]",
        help="Who finds out whether the customer is right.",
    )
    answer_due = fields.Date(tracking=True, help="A manager gets a to-do when this day has passed.")
    dispute_deadline = fields.Date(
        related="item_ids.move_id.ar_dunning_dispute_deadline",
        help="Until when the invoice may be disputed, where law or contract says so.",
    )
    escalated_on = fields.Date(readonly=True)
    outcome = fields.Selection(
        [("credited", "Customer is right"), ("partly", "Right in part"), ("rejected", "Rejected")],
        readonly=True,
        tracking=True,
    )
    credited_amount = fields.Monetary("Conceded", readonly=True)
    cause_id = fields.Many2one(
        "ar.dunning.reason",
        string="Root Cause",
        readonly=True,
        ondelete="restrict",
        help="What really was the matter, which need not be what the customer said.",
    )
    answer = fields.Text("Answer to the Customer", readonly=True)
    refund_id = fields.Many2one("account.move", string="Credit Note", readonly=True, ondelete="set null")
    days_open = fields.Integer(
        "Days to Resolve", compute="_compute_days_open", store=True, aggregator="avg", help="Of what is resolved."
    )

    _disputed = models.Constraint(
        "CHECK(disputed_amount IS NULL OR disputed_amount >= 0)", "A disputed part is above zero."
    )

    @api.depends("promised_amount", "disputed_amount", "item_ids", "currency_id", "date_start")
    def _compute_amount_company(self):
        for one in self:
            currency = one.currency_id or one.company_currency_id
            amount = one.promised_amount or one.disputed_amount or (one.kind == "dispute" and one._open_of_items())
            one.amount_company = bool(amount) and currency._convert(
                amount, one.company_currency_id, one.company_id, one.date_start or one.company_id._dunning_today()
            )

    def _open_of_items(self):
        return sum(self.item_ids.sudo().mapped("amount_residual_currency"))

    @api.depends("date_start", "ended_on")
    def _compute_days_open(self):
        for one in self:
            one.days_open = (one.ended_on - one.date_start).days if one.ended_on and one.date_start else 0

    @api.constrains("kind", "item_ids", "disputed_amount", "reason_id")
    def _check_dispute(self):
        for dispute in self.filtered(lambda one: one.kind == "dispute"):
            if not dispute.item_ids or dispute.reason_id.kind != "dispute":
                raise ValidationError(self.env._("A dispute is about items, and has a reason of its own."))
            if dispute.disputed_amount and len(dispute.item_ids) > 1:
                raise ValidationError(self.env._("A part can be disputed of one item only. Enter a dispute for each."))

    # === Who answers === #

    @api.model
    def _with_owner(self, vals):
        """Who answers a new dispute and until when, as its reason says, where nobody has chosen."""
        customer = self.env["ar.dunning.customer"].browse(vals["customer_id"]).sudo()
        reason = self.env["ar.dunning.reason"].browse(vals.get("reason_id")).sudo()
        start = fields.Date.to_date(vals.get("date_start")) or customer.company_id._dunning_today()
        owner = reason._owner_for(customer, self._given_items(vals))
        return {"owner_id": owner.id, "answer_due": start + timedelta(days=reason.answer_days or 0)} | vals

    def _ask_owners(self):
        for dispute in self.filtered(lambda arrangement: arrangement.kind == "dispute"):
            dispute._ask_owner()

    def _ask_owner(self):
        """A to-do for who finds out whether the customer is right."""
        activity = self.customer_id.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.answer_due,
            summary=self.env._("Dispute: %(items)s, %(reason)s", items=self._names(), reason=self.reason_id.name),
            note=self.reason,
            user_id=self.company_id._dunning_person(self.owner_id).id,
        )
        self._put({"todo_id": activity.id})

    def _names(self):
        return ", ".join(self.item_ids.sudo().mapped("display_name"))

    @api.model
    def _escalate(self, company):
        """A to-do for a manager about each dispute that was not answered in time, once."""
        today = company._dunning_today()
        late = self.search(
            [
                *(("company_id", "=", company.id), ("kind", "=", "dispute"), ("state", "=", "open")),
                *(("answer_due", "<", today), ("escalated_on", "=", False)),
            ]
        )
        for dispute in late:
            dispute.customer_id.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=today,
                summary=self.env._("Dispute not answered: %s", dispute._names()),
                note=self.env._(
                    "%(user)s was to answer by %(date)s.",
                    user=dispute.owner_id.name or "-",
                    date=format_date(self.env, dispute.answer_due),
                ),
                user_id=company._dunning_manager().id,
            )
        late._put({"escalated_on": today})

    # === Resolution === #

    def action_resolve(self):
        """Ask what came of the dispute, and what the customer is told."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Resolve the dispute"),
            "res_model": "ar.dunning.resolve.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_dispute_id": self.id},
        }

    def _resolve(self, outcome, credited, answer, cause):
        """Close the dispute, tell the customer, and let dunning go on with what was rejected.

        :param float credited: what the customer need not pay, in the items' currency
        """
        self.ensure_one()
        if self.kind != "dispute" or self.state not in RUNNING:
            raise UserError(self.env._("Only an open dispute can be resolved."))
        self._put(
            {
                "state": "settled",
                "decided": "settled",
                "ended_on": self.company_id._dunning_today(),
                "outcome": outcome,
                "credited_amount": credited,
                "answer": answer,
                "cause_id": cause.id,
            }
        )
        self.sudo().todo_id.unlink()
        if outcome != "credited":
            self._resume_from_what_demanded_it()
        self._tell_customer(self.env._("Your complaint about %s", self._names()), answer)
        self.env["ar.dunning.ledger"]._plan_again(self.customer_id)

    def _resume_from_what_demanded_it(self):
        """Levels that went out without the part that was disputed do not count for it: the item goes on from before."""
        lines = self.item_ids.sudo().line_ids.filtered(
            lambda line: (
                line.is_step
                and not line.is_cancelled
                and Code.DISPUTED in (line.held_codes or "").split(",")
                and line.notice_id.date >= self.date_start
            )
        )
        lines._put({"is_step": False})
        self.item_ids.sudo()._refresh_progress()
        for line in lines:
            line.notice_id.message_post(
                body=self.env._(
                    "%s: a part was disputed then and is demanded now; this level comes again.", line.move_name
                )
            )

    def _credit_note(self, amount):
        """A draft credit note over `amount` of the disputed invoice, each line in proportion."""
        self.ensure_one()
        move = self.item_ids.move_id[:1]
        share = min(amount / move.amount_total, 1.0) if move.amount_total else 1.0
        refund = move._reverse_moves(
            [{"ref": self.env._("Complaint about %s", move.name), "invoice_date": self.company_id._dunning_today()}]
        )
        if share < 1:
            refund.write(
                {
                    "invoice_line_ids": [
                        Command.update(line.id, {"price_unit": line.price_unit * share})
                        for line in refund.invoice_line_ids.filtered(lambda line: line.display_type == "product")
                    ]
                }
            )
        self._put({"refund_id": refund.id})
        return refund

    def _tell_customer(self, subject, text):
        """A message to the customer, in the history of this arrangement; Odoo sends it by e-mail.

        Where nobody has an e-mail address, whoever looks after the customer gets a to-do to tell him.
        """
        self.ensure_one()
        customer = self.customer_id.sudo()
        named = self.item_ids.sudo().move_id.partner_id.ids
        book = self.env["ar.dunning.address"].sudo()._read(customer.ids, self.company_id._dunning_today(), named)
        mail = book.of(customer.id, named).mail
        if not mail:
            customer.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=subject,
                note=text,
                user_id=customer._who_is_asked(self.env.user).id,
            )
            return
        self.sudo().message_post(
            subject=subject,
            body=Markup("<br/>").join(text.split("\n")),
            partner_ids=[mail.party.id],
            author_id=self.env.user.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid="mail.mail_notification_light",
        )

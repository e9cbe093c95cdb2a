from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class ArDunningItem(models.Model):
    """What a person sees and says of an item: the columns of the list, why it is overdue, the level set by hand.

    What a manager sets takes the place of what was loaded; levels that are delivered afterwards go on from there.
    It never goes below a level whose notice was delivered: that would send the same step again. Cancelling that
    notice is the way down. Reminders that were passed over do not count for the formal gate.
    """

    _inherit = "ar.dunning.item"

    amount_currency = fields.Monetary(related="move_line_id.amount_currency", string="Amount")
    balance = fields.Monetary(
        related="move_line_id.balance", string="Amount (company currency)", currency_field="company_currency_id"
    )
    invoice_date = fields.Date(related="move_id.invoice_date")
    sent_on = fields.Date(
        "Invoice Sent",
        compute="_compute_sent_on",
        help="The day on which its document was sent; of an invoice from another system, its own date.",
    )
    responsible_id = fields.Many2one(related="customer_id.responsible_id")
    overdue_reason_id = fields.Many2one(
        "ar.dunning.reason",
        string="Reason Overdue",
        domain="[('kind', '=', 'overdue')]",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Why this invoice is late, as far as we know. Its customer may be late for another reason.",
    )
    customer_reason_id = fields.Many2one(related="customer_id.overdue_reason_id", string="Customer's Reason")

    override_on = fields.Date("Level Set on", readonly=True)
    override_level_id = fields.Many2one("ar.dunning.level", "Level Set by Hand", readonly=True, ondelete="set null")
    override_rank = fields.Integer(readonly=True, help="Place of the level set by hand in its policy's ladder.")
    override_reason = fields.Char("Why the Level Was Set", readonly=True)
    override_user_id = fields.Many2one("res.users", "Level Set by", readonly=True)

    @api.constrains("overdue_reason_id")
    def _check_overdue_reason_id(self):
        if any(reason.kind != "overdue" for reason in self.overdue_reason_id):
            raise ValidationError(self.env._("Choose a reason why an invoice is overdue."))

    @api.depends("move_id.is_move_sent", "move_id.invoice_date", "is_loaded")
    def _compute_sent_on(self):
        """The document is drawn and kept when it is sent for the first time."""
        for item in self:
            move, company = item.move_id.sudo(), item.company_id
            document = move.is_move_sent and move.invoice_pdf_report_id
            drawn = document and company._dunning_local(document.create_date).date()
            item.sent_on = move.invoice_date if item.is_loaded else drawn

    # === The level, set by hand === #

    def _refuse_person(self, names):
        if any(name.startswith("override_") for name in names):
            raise AccessError(
                self.env._("A level is set by hand with the action Set Level, which asks for the reason.")
            )
        return super()._refuse_person(names)

    def action_set_level(self):
        """Ask the manager for level and reason."""
        self._check_may_set_level()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set level"),
            "res_model": "ar.dunning.level.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_item_ids": self.ids},
        }

    def _check_may_set_level(self):
        if not self.env.user.has_group("ar_dunning.group_dunning_manager"):
            raise AccessError(self.env._("Only a dunning manager can set the level of an item."))

    def _set_level(self, level, reason):
        """Set the level reached; no level: as if nothing had been sent.

        :raise UserError: a notice of a higher level was delivered, or one that a person has worked on is waiting
        """
        self._check_may_set_level()
        self.check_access("write")
        self._check_delivered(level)
        drafts = self._waiting_drafts()
        ladder = level.policy_id.level_ids.filtered(lambda other: other.days > 0).sorted("days")
        former = {item: item.level_id.name or self.env._("none") for item in self}
        drafts._update_state(("draft",), "cancelled", cancel_reason=self.env._("The level was set by hand: %s", reason))
        self.sudo()._put(
            {
                "override_on": self.company_id._dunning_today(),
                "override_level_id": level.id,
                "override_rank": ladder.ids.index(level.id) + 1 if level else 0,
                "override_reason": reason,
                "override_user_id": self.env.uid,
            }
        )
        self.sudo()._refresh_progress()
        for customer, items in self.grouped("customer_id").items():
            customer.message_post(
                body=self.env._(
                    "Level set to %(level)s for %(items)s: %(reason)s",
                    level=level.name or self.env._("none"),
                    items=", ".join(f"{item.display_name} ({former[item]})" for item in items),
                    reason=reason,
                )
            )
        self.env["ar.dunning.ledger"]._plan_again(self.customer_id)

    def _check_delivered(self, level):
        """What was delivered stays taken: a lower level would send it again."""
        for line in self.line_ids.filtered("is_step"):
            if line.notice_id.state == "sent" and line.kind != "note" and line.level_id.days > (level.days or 0):
                raise UserError(
                    self.env._(
                        "%(level)s of %(item)s was delivered with %(notice)s. To go below it, cancel that notice.",
                        level=line.level_id.name,
                        item=line.item_id.display_name,
                        notice=line.notice_id.name,
                    )
                )

    def _waiting_drafts(self):
        """Drafts that the night makes anew anyway. One that a person approved or edited must be settled first."""
        waiting = self.line_ids.filtered("is_demanded").notice_id.filtered(
            lambda notice: notice.state in ("draft", "queued", "failed")
        )
        worked_on = waiting.filtered(lambda notice: notice.state != "draft" or notice.is_edited)
        if worked_on:
            raise UserError(
                self.env._("%s still waits for these items. Send it or cancel it first.", worked_on[0].name)
            )
        return waiting

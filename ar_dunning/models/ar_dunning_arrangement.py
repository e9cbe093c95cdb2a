from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.authority import is_system


class ArDunningArrangement(models.Model):
    """What suspends dunning for a while: so far a pause of a customer or of one invoice, with a reason.

    It expires by itself on its last day; what was missed meanwhile is not replayed. Where the reason
    forbids contact (insolvency, moratorium, death), it may stay open until somebody ends it. A pause
    may freeze only what arose before a day, and may send what arises later to somebody else.
    """

    _name = "ar.dunning.arrangement"
    _description = "Dunning Arrangement"
    _inherit = ["ar.dunning.protected", "mail.thread"]
    _order = "date_end desc, id desc"
    _check_company_auto = True
    _person_creates = True

    kind = fields.Selection([("pause", "Pause")], required=True, default="pause")
    customer_id = fields.Many2one(
        "ar.dunning.customer", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Debtor")
    company_id = fields.Many2one(related="customer_id.company_id", store=True, index=True)
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        index="btree_not_null",
        ondelete="set null",
        domain="[('commercial_partner_id', '=', partner_id), ('company_id', '=', company_id), "
        "('move_type', '=', 'out_invoice'), ('state', '=', 'posted')]",
        help="Leave empty to pause everything this customer owes.",
    )
    lost_invoice = fields.Char(
        "Deleted Invoice", readonly=True, copy=False, help="The invoice that it was about, which somebody has deleted."
    )
    date_start = fields.Date("From", required=True, default=lambda self: self.env.company._dunning_today())
    date_end = fields.Date(
        "Until",
        tracking=True,
        help="The last day without dunning. May stay empty where the reason forbids contact: the pause then lasts "
        "until somebody ends it.",
    )
    review_date = fields.Date(
        "Look at It Again on", tracking=True, help="Stands in the calendar, so that an open pause is not forgotten."
    )
    reason_id = fields.Many2one(
        "ar.dunning.reason",
        tracking=True,
        ondelete="restrict",
        domain="[('kind', '=', 'pause'), ('company_id', 'in', (False, company_id))]",
        help="Why dunning stops. Some reasons also forbid contact and charges, or ask for a day.",
    )
    reason = fields.Char("Details", tracking=True, help="In your own words, for colleagues.")
    note = fields.Text()
    freeze_before = fields.Date(
        "Only What Arose before",
        tracking=True,
        help="Only items invoiced or due before this day are held, e.g. the day on which the insolvency was opened. "
        "Later items are dunned as usual. Leave empty to hold everything.",
    )
    addressee_id = fields.Many2one(
        "res.partner",
        string="Write to",
        tracking=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Administrator or heirs: while this pause of a whole customer runs, notices about the items that are "
        "not held go to them.",
    )
    no_contact = fields.Boolean(related="reason_id.no_contact")
    asks_day = fields.Boolean(related="reason_id.freeze_before")
    write_to = fields.Selection(related="reason_id.write_to", string="Who Is Written to")
    state = fields.Selection(
        [("active", "Active"), ("ended", "Ended")],
        required=True,
        default="active",
        readonly=True,
        tracking=True,
    )
    ended_on = fields.Date(readonly=True, help="The day on which somebody ended it before its last day.")
    is_running = fields.Boolean(compute="_compute_is_running", search="_search_is_running")

    _dates = models.Constraint("CHECK(date_end >= date_start)", "A pause cannot end before it begins.")

    @api.depends("customer_id", "move_id", "lost_invoice", "date_end", "date_start")
    def _compute_display_name(self):
        for arrangement in self:
            subject = arrangement.move_id.name or arrangement.lost_invoice or arrangement.partner_id.display_name
            start, end = (day and format_date(self.env, day) for day in (arrangement.date_start, arrangement.date_end))
            if subject and end:
                name = self.env._("%(subject)s until %(date)s", subject=subject, date=end)
            elif subject and start and arrangement.id:
                name = self.env._("%(subject)s from %(date)s on", subject=subject, date=start)
            else:
                name = self.env._("New pause")
            arrangement.display_name = name

    @api.depends("date_start", "date_end", "state")
    def _compute_is_running(self):
        for company, arrangements in self.grouped("company_id").items():
            today = company._dunning_today()
            for arrangement in arrangements:
                arrangement.is_running = arrangement._holds_on(today)

    def _search_is_running(self, operator, value):
        if operator != "in":
            return NotImplemented
        running = Domain("state", "=", "active") & Domain.OR(
            Domain("company_id", "in", companies.ids)
            & Domain("date_start", "<=", today)
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", today))
            for today, companies in self.env["res.company"]._dunning_days().items()
        )
        return running if True in value else ~running

    @api.constrains("move_id", "customer_id")
    def _check_move(self):
        for arrangement in self:
            move = arrangement.move_id
            if move and (move.commercial_partner_id, move.company_id) != (
                arrangement.partner_id,
                arrangement.company_id,
            ):
                raise ValidationError(
                    self.env._(
                        "Invoice %(invoice)s does not belong to %(customer)s. Choose an invoice of this customer.",
                        invoice=move.name,
                        customer=arrangement.partner_id.display_name,
                    )
                )

    @api.constrains("reason_id", "reason", "date_end", "freeze_before", "move_id", "addressee_id")
    def _check_reason(self):
        for arrangement in self:
            arrangement._check_why()
            if not arrangement.date_end and not arrangement.no_contact:
                raise ValidationError(
                    self.env._(
                        "A pause needs a last day. It may only stay open where its reason forbids contact, "
                        "e.g. an insolvency."
                    )
                )
            if arrangement.asks_day and not arrangement.move_id and not arrangement.freeze_before:
                raise ValidationError(
                    self.env._(
                        "%s freezes what arose before a day. Enter that day; later items are dunned as usual.",
                        arrangement.reason_id.name,
                    )
                )
            if arrangement.addressee_id and arrangement.move_id:
                raise ValidationError(
                    self.env._(
                        "Another addressee holds for a whole customer. Leave the invoice or the addressee empty."
                    )
                )

    def _check_why(self):
        self.ensure_one()
        if not self.reason_id and not self.reason:
            raise ValidationError(self.env._("Choose a reason for the pause: colleagues must be able to read it."))

    @api.onchange("reason_id")
    def _onchange_reason_id(self):
        if self.reason_id.write_to == "customer":
            self.addressee_id = False

    def _person_writes(self):
        if self.state == "ended":
            return {"note"}
        own = {
            *("date_start", "date_end", "review_date", "reason_id", "reason", "note"),
            *("freeze_before", "addressee_id"),
        }
        return own if self else own | {"kind", "customer_id", "move_id"}

    def _check_not_ended_backwards(self, last):
        """A pause that is running is not ended by a last day in the past: that is *Resume*, a manager's, with a reason."""
        for arrangement in self:
            today = arrangement.company_id._dunning_today()
            if last < today and arrangement._holds_on(today):
                raise UserError(
                    self.env._(
                        "%s is running. End it with Resume, which asks for the reason.", arrangement.display_name
                    )
                )

    def _refuse_deletion(self):
        self._unlink_never()

    @api.model_create_multi
    def create(self, vals_list):
        arrangements = super().create(vals_list)
        arrangements._items()._forget_next_date()
        arrangements._recall_notices()
        self.env["ar.dunning.delivery"]._look_again(arrangements.customer_id.partner_id.ids)
        arrangements.customer_id.sudo()._refresh_figures()
        return arrangements

    def write(self, vals):
        if vals.get("date_end") and not is_system():
            self._check_not_ended_backwards(fields.Date.to_date(vals["date_end"]))
        result = super().write(vals)
        if {"date_start", "date_end", "state", "move_id", "customer_id", "freeze_before", "addressee_id"} & set(vals):
            self._items()._forget_next_date()
            self.env["ar.dunning.delivery"]._look_again(self.customer_id.partner_id.ids)
            self.customer_id.sudo()._refresh_figures()
        if "addressee_id" in vals:
            self._recall_notices()
        return result

    def _recall_notices(self):
        """Notices approved for the debtor that have not left become drafts: somebody else is written to from now on."""
        redirected = self.filtered(lambda arrangement: arrangement.addressee_id and arrangement.state == "active")
        if not redirected:
            return
        waiting = self.env["ar.dunning.notice"].search(
            [
                ("customer_id", "in", redirected.customer_id.ids),
                ("state", "in", ("draft", "queued")),
                ("is_leaving", "=", False),
            ]
        )
        waiting._update_state(("queued",), "draft", send_after=False, approved_by_id=False)
        for notice in waiting:
            addressee = redirected.filtered(lambda a, notice=notice: a.customer_id == notice.customer_id)[
                :1
            ].addressee_id
            self.env["ar.dunning.revision"]._redirect(notice, addressee)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An arrangement is evidence and stays. End it instead."))

    def action_end(self):
        """Ask the manager why dunning is resumed before the pause is over."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Resume dunning"),
            "res_model": "ar.dunning.resume.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_arrangement_ids": self.ids},
        }

    def _end(self, reason):
        """Resume dunning now; the reason stays in the history of the pause and of its customer."""
        running = self.filtered(lambda arrangement: arrangement.state == "active")
        for company, group in running.grouped("company_id").items():
            group._put({"state": "ended", "ended_on": company._dunning_today()})
        for arrangement in running:
            arrangement.message_post(body=self.env._("Resumed: %s", reason))
            arrangement.customer_id.message_post(
                body=self.env._(
                    "Dunning resumed (%(pause)s): %(reason)s", pause=arrangement.display_name, reason=reason
                )
            )
        self.env["ar.dunning.ledger"]._plan_again(running.customer_id)

    def _lose_invoice(self):
        """Their invoices are about to be deleted: they end, but stay as evidence, and do not become the customer's."""
        for move, arrangements in self.grouped("move_id").items():
            arrangements._end(self.env._("%s was deleted.", move.name or move.display_name))
            arrangements._put({"lost_invoice": move.name or move.display_name})

    def _items(self):
        """The items that these arrangements hold back."""
        whole = self.filtered(lambda arrangement: not arrangement.move_id).customer_id
        return self.env["ar.dunning.item"].search(
            ["|", ("customer_id", "in", whole.ids), ("move_id", "in", self.move_id.ids)]
        )

    def _holds_on(self, day):
        self.ensure_one()
        if not self.date_start or self.state != "active":  # no date yet while a person is typing
            return False
        return self.date_start <= day and (not self.date_end or day <= self.date_end)

    def _holds_move(self, move):
        """Whether this invoice arose early enough for the pause to hold it."""
        self.ensure_one()
        if self.move_id or not self.freeze_before:
            return True
        arose = min(day for day in (move.invoice_date, move.date, move.invoice_date_due) if day)
        return arose < self.freeze_before

    def _last_day(self):
        """The last day on which one of these holds, False where one is open or there is none."""
        days = self.mapped("date_end")
        return max(days) if days and all(days) else False

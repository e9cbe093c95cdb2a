from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..core.arrangement import RUNNING
from ..tools.authority import as_system, is_system

# What items are planned by: where one of these is written, the next night looks at them again.
FOLLOWED = {
    *("date_start", "date_end", "state", "move_id", "customer_id", "freeze_before", "addressee_id"),
    *("disputed_amount", "reason_id"),
}


class ArDunningArrangement(models.Model):
    """What was agreed with a customer, or what he says, that suspends dunning: a pause, a promise to pay, a dispute.

    Kinds are open codes with registered labels: a member adds its own by `_kind_labels`. Several may stand at once, and
    none hides another. What was missed meanwhile is not replayed.

    A pause of a customer or of one invoice, with a reason, expires by itself on its last day. Where the reason
    forbids contact (insolvency, moratorium, death), it may stay open until somebody ends it. A pause
    may freeze only what arose before a day, and may send what arises later to somebody else.
    """

    _name = "ar.dunning.arrangement"
    _description = "Dunning Arrangement"
    _inherit = ["ar.dunning.protected", "mail.thread"]
    _order = "date_end desc, id desc"
    _check_company_auto = True
    _person_creates = True

    kind = fields.Selection("_kind_labels", required=True, default="pause", index=True)
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
    item_ids = fields.Many2many(
        "ar.dunning.item",
        "ar_dunning_arrangement_item_rel",
        "arrangement_id",
        "item_id",
        string="Items",
        domain="[('customer_id', '=', customer_id), ('is_open', '=', True)]",
        help="What a promise or a dispute is about. Leave empty for everything that is open.",
    )
    is_whole = fields.Boolean(
        "Everything", readonly=True, help="About everything that the customer owed when it was made."
    )
    reason_id = fields.Many2one(
        "ar.dunning.reason",
        tracking=True,
        ondelete="restrict",
        domain="[('kind', '=', kind), ('company_id', 'in', (False, company_id))]",
        help="Why dunning stops. Some reasons also forbid contact and charges, or ask for a day.",
    )
    agreed_by_id = fields.Many2one(
        "res.partner",
        string="Who Said So",
        tracking=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('id', 'child_of', partner_id)]",
        help="The person at the customer.",
    )
    channel = fields.Selection(
        [
            ("phone", "Telephone"),
            ("email", "E-mail"),
            ("letter", "Letter"),
            ("meeting", "In person"),
            ("portal", "Portal"),
        ],
        string="Told by",
    )
    source = fields.Selection(
        [("desk", "Desk"), ("call", "Call"), ("portal", "Portal"), ("mail", "Mail")],
        string="Entered from",
        required=True,
        default="desk",
        readonly=True,
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
        [
            ("active", "Active"),
            ("open", "Open"),
            ("waiting", "Waiting for the bank"),
            ("kept", "Kept"),
            ("partly", "Partly kept"),
            ("broken", "Broken"),
            ("settled", "Settled"),
            ("cancelled", "Cancelled"),
            ("ended", "Ended"),
        ],
        required=True,
        default="active",
        readonly=True,
        tracking=True,
    )
    ended_on = fields.Date(readonly=True, help="The day on which somebody ended it before its last day.")
    is_running = fields.Boolean(compute="_compute_is_running", search="_search_is_running")

    _dates = models.Constraint("CHECK(date_end >= date_start)", "An arrangement cannot end before it begins.")

    @api.model
    def _kind_labels(self):
        """Seam. The kinds of arrangements, as codes with their labels; a member adds its own.

        Called wherever a kind is shown or checked; code and label are texts.
        """
        return [
            ("pause", self.env._("Pause")),
            ("promise", self.env._("Promise to pay")),
            ("dispute", self.env._("Dispute")),
        ]

    @api.depends("customer_id", "move_id", "item_ids", "lost_invoice", "date_end", "date_start")
    def _compute_display_name(self):
        for arrangement in self:
            subject = arrangement.move_id.name or arrangement.lost_invoice or arrangement._subject()
            start, end = (day and format_date(self.env, day) for day in (arrangement.date_start, arrangement.date_end))
            if subject and end:
                name = self.env._("%(subject)s until %(date)s", subject=subject, date=end)
            elif subject and start and arrangement.id:
                name = self.env._("%(subject)s from %(date)s on", subject=subject, date=start)
            else:
                name = self.env._("New pause") if arrangement.kind == "pause" else self.env._("New")
            arrangement.display_name = name

    def _subject(self):
        """Whom or what it is about, in a few words."""
        self.ensure_one()
        one = self.item_ids.display_name if len(self.item_ids) == 1 else False
        return one or self.partner_id.display_name

    @api.depends("date_start", "date_end", "state")
    def _compute_is_running(self):
        for company, arrangements in self.grouped("company_id").items():
            today = company._dunning_today()
            for arrangement in arrangements:
                arrangement.is_running = arrangement.state in RUNNING or arrangement._holds_on(today)

    def _search_is_running(self, operator, value):
        if operator != "in":
            return NotImplemented
        running = Domain("state", "=", "active") & Domain.OR(
            Domain("company_id", "in", companies.ids)
            & Domain("date_start", "<=", today)
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", today))
            for today, companies in self.env["res.company"]._dunning_days().items()
        )
        running |= Domain("state", "in", list(RUNNING))
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
        for arrangement in self.filtered(lambda arrangement: arrangement.kind == "pause"):
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
        """By kind; on a promise nothing that would change what was said: who misheard cancels it, and enters it anew."""
        if self.state not in (False, "active", "open", "waiting"):
            return {"note"}
        if self.kind == "promise":
            return {"note", "reason", "agreed_by_id", "channel"}
        if self.kind == "dispute":
            names = {"reason_id", "disputed_amount", "owner_id", "answer_due"}
            return names | {"note", "reason", "agreed_by_id", "channel"}
        own = {
            *("date_start", "date_end", "review_date", "reason_id", "reason", "note"),
            *("freeze_before", "addressee_id"),
        }
        new = {
            *("kind", "customer_id", "move_id", "item_ids", "agreed_by_id", "channel", "source"),
            *("promised_amount", "currency_id", "disputed_amount", "owner_id", "answer_due"),
        }
        return own if self else own | new

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
        if not is_system():
            for vals in vals_list:
                self.browse()._check_person(vals)
        with as_system():
            arrangements = super().create([self._complete(dict(vals)) for vals in vals_list])
        arrangements._items()._forget_next_date()
        arrangements._recall_notices()
        self.env["ar.dunning.delivery"]._look_again(arrangements.customer_id.partner_id.ids)
        arrangements._check_promises()
        arrangements._ask_owners()
        arrangements._take_back()
        arrangements.customer_id.sudo()._refresh_figures()
        return arrangements

    @api.model
    def _complete(self, vals):
        """The values of a new arrangement with what follows from its kind."""
        if not self.env.su:
            self.env["ar.dunning.customer"].browse(vals.get("customer_id")).check_access("read")
        kind = vals.get("kind", "pause")
        if kind == "pause":
            return vals
        vals |= {"state": "open", "is_whole": not self._given_items(vals)}
        vals = self._with_currency(vals)
        return self._with_owner(vals) if kind == "dispute" else vals

    @api.model
    def _given_items(self, vals):
        """The items that the values of a new arrangement name."""
        ids, _told = self.env["ar.dunning.guarded"]._given_many(vals.get("item_ids") or ())
        return self.env["ar.dunning.item"].browse(ids)

    def write(self, vals):
        if vals.get("date_end") and not is_system():
            self._check_not_ended_backwards(fields.Date.to_date(vals["date_end"]))
        result = super().write(vals)
        if FOLLOWED & set(vals):
            self._items()._forget_next_date()
            self.env["ar.dunning.delivery"]._look_again(self.customer_id.partner_id.ids)
            self.customer_id.sudo()._refresh_figures()
        if "addressee_id" in vals:
            self._recall_notices()
        return result

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
        whole = self.filtered(lambda arrangement: not (arrangement.move_id or arrangement.item_ids)).customer_id
        found = self.env["ar.dunning.item"].search(
            ["|", ("customer_id", "in", whole.ids), ("move_id", "in", self.move_id.ids)]
        )
        return found | self.item_ids

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

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .sql import NAMED, OPEN_LINE, SQUEEZED

# The earliest step of each invoice's open items.
SQL_NEXT_STEPS = SQL(
    """
    SELECT move_id, level_id, day FROM (
        SELECT DISTINCT ON (i.move_id) i.move_id, i.next_level_id AS level_id, i.next_date AS day
          FROM ar_dunning_item i
          JOIN account_move_line l ON l.id = i.move_line_id
         WHERE i.next_level_id IS NOT NULL AND i.next_date IS NOT NULL AND %s
         ORDER BY i.move_id, i.next_date, i.id) steps
    """,
    OPEN_LINE,
)


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "ar.dunning.written", "ar.dunning.level.groups"]

    # Money may name an open invoice of anybody.
    _ar_dunning_name = models.Index(f"({SQUEEZED % 'name'}) WHERE {NAMED}")
    _ar_dunning_reference = models.Index(f"({SQUEEZED % 'payment_reference'}) WHERE {NAMED}")

    # Written by SQL, because writing an invoice re-syncs its lines.
    ar_dunning_level_id = fields.Many2one(
        "ar.dunning.level",
        string="Dunning Level",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
    )
    ar_dunning_accessory = fields.Boolean(
        "Accessory Claim",
        readonly=True,
        copy=False,
        groups="ar_dunning.group_dunning_user",
        help="It books, or takes back, what was claimed beside invoices: it has no ladder of its own, is no sale and pays "
        "nobody's reputation. Set with the draft by the member that makes it, and stays.",
    )
    ar_dunning_item_ids = fields.One2many(
        "ar.dunning.item", "move_id", string="Dunning Items", groups="ar_dunning.group_dunning_user"
    )
    ar_dunning_plan_html = fields.Html(
        "Why / Why Not / When",
        compute="_compute_ar_dunning_plan_html",
        sanitize=False,
        groups="ar_dunning.group_dunning_user",
    )
    ar_dunning_outlook_html = fields.Html(
        "What Comes",
        compute="_compute_ar_dunning_outlook_html",
        sanitize=False,
        groups="ar_dunning.group_dunning_user",
    )
    ar_dunning_next_level_id = fields.Many2one(
        "ar.dunning.level",
        string="Next Dunning Step",
        compute="_compute_ar_dunning_next",
        search="_search_ar_dunning_next_level_id",
        groups="ar_dunning.group_dunning_user",
    )
    ar_dunning_next_date = fields.Date(
        "Next Dunning Date",
        compute="_compute_ar_dunning_next",
        search="_search_ar_dunning_next_date",
        groups="ar_dunning.group_dunning_user",
        help="The day of the next step of its earliest open instalment.",
    )
    ar_dunning_is_paused = fields.Boolean(
        compute="_compute_ar_dunning_paused_until", groups="ar_dunning.group_dunning_user"
    )
    ar_dunning_paused_until = fields.Date(
        compute="_compute_ar_dunning_paused_until",
        groups="ar_dunning.group_dunning_user",
        help="Empty where the pause has no end.",
    )
    ar_dunning_excluded = fields.Boolean(
        "Exclude from Follow-up",
        compute="_compute_ar_dunning_excluded",
        inverse="_inverse_ar_dunning_excluded",
        groups="ar_dunning.group_dunning_user",
        help="Dunning leaves this invoice alone, whatever its policy says.",
    )

    ar_dunning_dispute_deadline = fields.Date(
        "Dispute Deadline",
        copy=False,
        groups="ar_dunning.group_dunning_user",
        help="Until when the customer may dispute this invoice, where law or contract sets a day.",
    )

    def _person_writes(self):
        return super()._person_writes() | {"ar_dunning_dispute_deadline"}

    @api.depends("ar_dunning_item_ids")
    def _compute_ar_dunning_plan_html(self):
        texts = self.env["ar.dunning.ledger"]._explain(self.ar_dunning_item_ids)
        for move in self:
            items = move.ar_dunning_item_ids.filtered(lambda item: item.id in texts)
            move.ar_dunning_plan_html = self.env["ir.qweb"]._render(
                "ar_dunning.plan_of_items", {"items": items, "texts": texts}
            )

    def _compute_ar_dunning_paused_until(self):
        arrangements = self.env["ar.dunning.arrangement"].search(
            [
                ("state", "=", "active"),
                ("partner_id", "in", self.commercial_partner_id.ids),
                "|",
                ("move_id", "=", False),
                ("move_id", "in", self.ids),
            ]
        )
        for move in self:
            holding = arrangements.filtered(
                lambda a, move=move: (
                    a.partner_id == move.commercial_partner_id
                    and a.company_id == move.company_id
                    and a.move_id in (move, move.browse())
                    and a._holds_move(move)
                    and a._holds_on(a.company_id._dunning_today())
                )
            )
            move.ar_dunning_is_paused = bool(holding)
            move.ar_dunning_paused_until = holding._last_day()

    @api.depends("ar_dunning_item_ids")
    def _compute_ar_dunning_outlook_html(self):
        """What comes if nothing is paid, by the same calculation as the night's."""
        outlooks = self.env["ar.dunning.outlook"]._outlook(self.ar_dunning_item_ids)
        for move in self:
            items = move.ar_dunning_item_ids.filtered(lambda item: outlooks.get(item.id))
            move.ar_dunning_outlook_html = (
                self.env["ir.qweb"]._render("ar_dunning.outlook_of_items", {"items": items, "outlooks": outlooks})
                if items
                else False
            )

    # === The next step: read from the items, never written to the invoice === #

    @api.depends("ar_dunning_item_ids.next_date", "ar_dunning_item_ids.next_level_id", "amount_residual")
    def _compute_ar_dunning_next(self):
        rows = {}
        if self.ids:
            self.env["ar.dunning.item"].flush_model()
            self.env["account.move.line"].flush_model(["reconciled", "parent_state", "amount_residual_currency"])
            self.env.cr.execute(SQL("%s WHERE move_id = ANY(%s)", SQL_NEXT_STEPS, self.ids))
            rows = {move_id: (level_id, day) for move_id, level_id, day in self.env.cr.fetchall()}
        for move in self:
            level_id, day = rows.get(move._origin.id, (False, False))
            move.ar_dunning_next_level_id = level_id
            move.ar_dunning_next_date = day

    def _search_ar_dunning_next_level_id(self, operator, value):
        return self._search_ar_dunning_next("next_level_id", operator, value)

    def _search_ar_dunning_next_date(self, operator, value):
        return self._search_ar_dunning_next("next_date", operator, value)

    def _search_ar_dunning_next(self, name, operator, value):
        """Invoices whose next step fits; the condition is put to the items, of which only open ones count."""
        if operator == "in" and False in value:
            others = [item for item in value if item]
            none = Domain("ar_dunning_item_ids", "not any", [("is_open", "=", True), (name, "!=", False)])
            return none | self._search_ar_dunning_next(name, "in", others) if others else none
        if operator not in ("in", "<", "<=", ">", ">=", "any"):
            return NotImplemented
        wanted = [("is_open", "=", True), ("next_level_id", "!=", False), (name, operator, value)]
        return Domain("ar_dunning_item_ids", "any", wanted)

    def _field_to_sql(self, alias, fname, query=None):
        """Lets lists be grouped and sorted by the next step, which no column of the invoice holds."""
        column = {"ar_dunning_next_level_id": "level_id", "ar_dunning_next_date": "day"}.get(fname)
        if not column:
            return super()._field_to_sql(alias, fname, query=query)
        self.env["ar.dunning.item"].check_access("read")
        return SQL(
            "(SELECT n.%s FROM (%s) n WHERE n.move_id = %s)",
            SQL.identifier(column),
            SQL_NEXT_STEPS,
            SQL.identifier(alias, "id"),
        )

    @api.depends("line_ids.no_followup")
    def _compute_ar_dunning_excluded(self):
        for move in self:
            terms = move._ar_dunning_terms()
            move.ar_dunning_excluded = bool(terms) and all(terms.mapped("no_followup"))

    def _inverse_ar_dunning_excluded(self):
        for move in self:
            terms = move._ar_dunning_terms()
            terms.write({"no_followup": move.ar_dunning_excluded})
            move.ar_dunning_item_ids._forget_next_date()

    def _ar_dunning_terms(self):
        return self.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def _ar_dunning_open_terms(self):
        """The receivable lines that are not settled yet."""
        return self._ar_dunning_terms().filtered(lambda line: line.parent_state == "posted" and not line.reconciled)

    def _ar_dunning_is_credited(self):
        """Whether nothing but credit notes (or opposite entries) settled this document."""
        self.ensure_one()
        if self.move_type != "entry":
            return self.payment_state == "reversed"
        terms = self._ar_dunning_terms()
        against = (terms.matched_debit_ids.debit_move_id | terms.matched_credit_ids.credit_move_id).move_id
        return bool(against) and not self._ar_dunning_open_terms() and against <= self.reversal_move_ids

    def unlink(self):
        """What was agreed about deleted invoices stays as evidence."""
        Arrangement = self.env["ar.dunning.arrangement"].sudo()
        Arrangement.search([("move_id", "in", self.ids)])._lose_invoice()
        Arrangement._lose_items_of(self)
        return super().unlink()

    def action_ar_dunning_arrange(self):
        """Ask what the customer promises or disputes about this invoice."""
        self.ensure_one()
        items = self.ar_dunning_item_ids.filtered("is_open")
        return items.customer_id[:1]._ask_what_was_said(items)

    def action_ar_dunning_pause(self):
        """Ask until when, and why, to leave these invoices alone."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pause dunning"),
            "res_model": "ar.dunning.pause.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_move_ids": self.ids},
        }

    def _post(self, soft=True):
        """A payment or credit note may be all that a mail demands which is about to leave; so may money that names it."""
        posted = super()._post(soft)
        named = self.env["ar.dunning.incoming"].sudo()._named_debtors(posted.sudo())
        self.env["ar.dunning.delivery"]._look_again(posted.commercial_partner_id.ids + named)
        return posted

    def write(self, vals):
        """Reset to draft, cancelled or blocked: it is not demanded any more."""
        result = super().write(vals)
        if {"state", "payment_state"} & set(vals):
            self.env["ar.dunning.delivery"]._look_again(self.sudo().commercial_partner_id.ids)
        return result

    def _sequence_matches_date(self):
        """A loaded invoice keeps the number its customer knows, whatever year stands in it."""
        return bool(self.env.context.get("ar_dunning_foreign_names")) or super()._sequence_matches_date()

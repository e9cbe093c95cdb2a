from odoo import api, fields, models
from odoo.tools import SQL

from .sql import CLAIM, DUE, OPEN_LINE, TRADE


class ArDunningItem(models.Model):
    """One receivable journal item (an instalment with its own maturity) under dunning.

    The debt is the state: amounts are read from the journal item, never copied; the level
    reached is derived from delivered notices. `move_line_id` may go empty (editing a draft
    recycles and deletes term lines), so the item also keeps invoice, ordinal and due date,
    by which it finds its line again after re-posting.
    """

    _name = "ar.dunning.item"
    _inherit = ["ar.dunning.protected", "ar.dunning.dated"]
    _description = "Dunning Item"
    _order = "due_date, id"
    _check_company_auto = True
    _day_field = "due_date"

    customer_id = fields.Many2one("ar.dunning.customer", required=True, index=True, ondelete="restrict", readonly=True)
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Debtor")
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    move_line_id = fields.Many2one("account.move.line", string="Journal Item", ondelete="set null", readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Invoice", index="btree_not_null", ondelete="set null", readonly=True
    )
    ordinal = fields.Integer(readonly=True, default=1, help="1 for the first instalment of an invoice, and so on.")
    due_date = fields.Date(required=True, readonly=True)
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    amount_residual_currency = fields.Monetary(related="move_line_id.amount_residual_currency", string="Open")
    amount_residual = fields.Monetary(
        related="move_line_id.amount_residual", string="Open (company currency)", currency_field="company_currency_id"
    )
    is_open = fields.Boolean("Open Item", compute="_compute_is_open", search="_search_is_open")
    days_late = fields.Integer(compute="_compute_days_late")

    level_id = fields.Many2one(
        "ar.dunning.level", string="Level Reached", readonly=True, index="btree_not_null", ondelete="set null"
    )
    rank = fields.Integer(readonly=True, help="How many levels after the due date this item has taken.")
    reminder_count = fields.Integer("Reminders", readonly=True)
    last_date = fields.Date("Last Notice", readonly=True)
    deadline = fields.Date(readonly=True, help="The deadline granted by the last notice.")
    next_level_id = fields.Many2one("ar.dunning.level", readonly=True, ondelete="set null")
    next_date = fields.Date(
        "Next Step", readonly=True, help="The next level cannot become due before this day. Empty: to be looked at."
    )
    next_ahead = fields.Integer(
        compute="_compute_next_ahead",
        search="_search_next_ahead",
        export_string_translation=False,
        help="Days from today to the next step, by the company's clock.",
    )
    blocker_codes = fields.Char(readonly=True, help="What stopped a due step in the last run.")
    blocker_text = fields.Char("Stopped by", compute="_compute_blocker_text")
    warned_level_id = fields.Many2one("ar.dunning.level", readonly=True, ondelete="set null")

    opening_rank = fields.Integer(readonly=True, help="Levels taken before this system, as loaded.")
    opening_level_id = fields.Many2one("ar.dunning.level", readonly=True, ondelete="set null")
    opening_date = fields.Date(readonly=True)
    opening_deadline = fields.Date(readonly=True)
    opening_reminders = fields.Integer(readonly=True)
    not_before = fields.Date(
        "No Notice before", readonly=True, help="Somebody cancelled a notice that had not left, and said until when."
    )
    is_loaded = fields.Boolean(readonly=True, help="Loaded from another system, so the customer has the invoice.")

    is_factored = fields.Boolean("Assigned to a Factor", help="The claim was sold: the factor collects it.")
    collection_failed = fields.Boolean(
        help="The direct debit or automatic payment failed, so the item is dunned after all."
    )
    gate_override_reason = fields.Char(readonly=True)
    gate_override_user_id = fields.Many2one("res.users", readonly=True)
    line_ids = fields.One2many("ar.dunning.notice.line", "item_id", string="Notices")
    plan_html = fields.Html("Why / Why Not / When", compute="_compute_plan_html", sanitize=False)

    _move_line_unique = models.UniqueIndex(
        "(move_line_id) WHERE move_line_id IS NOT NULL", "A journal item has one dunning item."
    )
    _next_index = models.Index("(company_id, next_date)")

    @api.depends("move_id.name", "ordinal")
    def _compute_display_name(self):
        several = {
            move
            for move, count in self.env["ar.dunning.item"]._read_group(
                [("move_id", "in", self.move_id.ids)], ["move_id"], ["__count"]
            )
            if count > 1
        }
        for item in self:
            name = item.move_id.name or self.env._("Deleted invoice")
            item.display_name = f"{name} ({item.ordinal})" if item.move_id in several else name

    @api.depends("move_line_id.amount_residual_currency", "move_line_id.parent_state", "move_line_id.reconciled")
    def _compute_is_open(self):
        for item in self:
            line = item.move_line_id
            item.is_open = line.parent_state == "posted" and not line.reconciled and line.amount_residual_currency > 0

    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = [
            ("move_line_id.parent_state", "=", "posted"),
            ("move_line_id.reconciled", "=", False),
            ("move_line_id.amount_residual_currency", ">", 0),
        ]
        return domain if True in value else ["!", "&", "&", *domain]

    @api.depends("next_date", "company_id")
    def _compute_next_ahead(self):
        for item in self:
            item.next_ahead = item.next_date and (item.next_date - item.company_id._dunning_today()).days

    def _search_next_ahead(self, operator, value):
        return self._search_ahead("next_date", operator, value)

    @api.depends("due_date")
    def _compute_days_late(self):
        for company, items in self.grouped("company_id").items():
            today = company._dunning_today()
            for item in items:
                item.days_late = max((today - item.due_date).days, 0) if item.due_date else 0

    @api.depends("blocker_codes")
    def _compute_blocker_text(self):
        Ledger = self.env["ar.dunning.ledger"]
        for item in self:
            codes = (item.blocker_codes or "").split(",") if item.blocker_codes else []
            item.blocker_text = " ".join(str(Ledger._sentence_of(code)) for code in codes)

    def _compute_plan_html(self):
        texts = self.env["ar.dunning.ledger"]._explain(self._origin)
        for item in self:
            item.plan_html = texts.get(item._origin.id, False)

    def _person_writes(self):
        return {"is_factored", "collection_failed", "overdue_reason_id"} if self else frozenset()

    def write(self, vals):
        """A changed rule is looked at the next night."""
        result = super().write(vals)
        if {"gate_override_reason", "is_factored", "collection_failed"} & set(vals):
            self._forget_next_date()
        return result

    @api.model
    def _forget_next_dates(self, companies):
        """Something changed that may bring steps forward: the next night looks at all items of these companies."""
        companies = companies._dunning_tree() if companies else companies
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE ar_dunning_item SET next_date = NULL WHERE next_date IS NOT NULL AND company_id = ANY(%s)",
                companies.ids,
            )
        )
        self.invalidate_model(["next_date"])

    def _forget_next_date(self):
        """Like `_forget_next_dates`, for these items."""
        self.sudo().filtered("next_date")._put({"next_date": False})

    def action_open_move(self):
        """Open the invoice."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    def action_override_gate(self):
        """Ask the manager why a formal notice may go without its reminders."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pass the formal gate"),
            "res_model": "ar.dunning.gate.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_item_ids": self.ids},
        }

    # === The ledger is the source: items follow its lines === #

    @api.model
    def _sync(self, companies):
        """Make items (and customer records) for open receivables that have none, and re-attach strayed ones.

        Set-based: a constant number of statements. A receivable is dunned if it is a posted, trade
        `asset_receivable` line of an invoice or entry (of a payment only where a bank returned it), open in its
        own currency. Entries need `no_followup` switched off, as core switches it on for them.
        """
        self.env.flush_all()
        self._reattach(companies)
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE IF NOT EXISTS ar_dunning_new_line
                    (line_id int, move_id int, partner_id int, company_id int, due date) ON COMMIT DROP;
                TRUNCATE ar_dunning_new_line;
                INSERT INTO ar_dunning_new_line
                SELECT l.id, l.move_id, p.commercial_partner_id, l.company_id, %(due)s
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id
                  JOIN account_move m ON m.id = l.move_id
                  JOIN res_partner p ON p.id = l.partner_id
                 WHERE %(open)s AND %(trade)s AND %(claim)s AND l.company_id = ANY(%(companies)s)
                   AND (m.move_type <> 'entry' OR l.no_followup IS NOT TRUE)
                   AND NOT EXISTS (SELECT FROM ar_dunning_item i WHERE i.move_line_id = l.id)
                """,
                companies=companies.ids,
                open=OPEN_LINE,
                trade=TRADE,
                claim=CLAIM,
                due=DUE,
            )
        )
        self.env.cr.execute("SELECT EXISTS (SELECT FROM ar_dunning_new_line)")
        if self.env.cr.fetchone()[0]:
            self._insert_new_customers(self.env.uid)
            self._insert_new_items(self.env.uid)
        self._follow_partner(companies)
        self.env.invalidate_all(flush=False)

    @api.model
    def _insert_new_customers(self, uid):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ar_dunning_customer
                       (partner_id, company_id, create_uid, write_uid, create_date, write_date)
                SELECT DISTINCT n.partner_id, n.company_id, %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM ar_dunning_new_line n
                    ON CONFLICT DO NOTHING
                """,
                uid=uid,
            )
        )

    @api.model
    def _insert_new_items(self, uid):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ar_dunning_item
                       (customer_id, company_id, move_line_id, move_id, ordinal, due_date, rank, reminder_count,
                        create_uid, write_uid, create_date, write_date)
                SELECT c.id, n.company_id, n.line_id, n.move_id, o.ordinal, n.due, 0, 0, %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM ar_dunning_new_line n
                  JOIN ar_dunning_customer c ON c.partner_id = n.partner_id AND c.company_id = n.company_id
                  JOIN LATERAL (
                        SELECT count(*) AS ordinal FROM account_move_line l
                          JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                         WHERE l.move_id = n.move_id AND (%(due)s, l.id) <= (n.due, n.line_id)) o ON TRUE
                    ORDER BY n.due, n.line_id
                    ON CONFLICT DO NOTHING
                """,
                uid=uid,
                due=DUE,
            )
        )
        # The figures of these customers are of before: to be taken anew.
        self.env.cr.execute(
            """
            UPDATE ar_dunning_customer c SET figures_kept = NULL
              FROM ar_dunning_new_line n
             WHERE c.partner_id = n.partner_id AND c.company_id = n.company_id AND c.figures_kept IS NOT NULL
            """
        )

    # === Progress: derived from what was delivered === #

    def _refresh_progress(self):
        """Derive level, reminders and deadline from delivered notices (and what was loaded), and forget the plan."""
        if not self.ids:
            return
        self.env.flush_all()
        self._derive_progress()
        self._derive_level_of_invoices()
        self.invalidate_recordset()
        self.move_id.invalidate_recordset(["ar_dunning_level_id"])
        self.customer_id._refresh_level()

    def _derive_progress(self):
        """One statement: what was delivered counts, beside what was loaded or set by hand."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE ar_dunning_item i
                   SET level_id = found.level_id, rank = found.rank, reminder_count = found.reminder_count,
                       last_date = found.last_date, deadline = found.deadline,
                       next_date = NULL, next_level_id = NULL, blocker_codes = NULL
                  FROM ar_dunning_item self
                  LEFT JOIN (
                        SELECT d.item_id,
                               count(*) FILTER (
                                   WHERE d.is_step AND (o.override_on IS NULL OR v.days > COALESCE(manual.days, 0))) AS steps,
                               count(*) FILTER (WHERE d.is_step AND d.kind = 'reminder') AS reminders,
                               max(n.sent_on) AS last_date,
                               -- What repeats a notice takes no level, but grants its own deadline.
                               max(n.deadline) AS deadline,
                               (array_agg(d.level_id ORDER BY n.sent_on DESC, n.id DESC) FILTER (WHERE d.is_step))[1]
                                   AS level_id
                          FROM ar_dunning_notice_line d
                          JOIN ar_dunning_notice n ON n.id = d.notice_id
                          JOIN ar_dunning_item o ON o.id = d.item_id
                          LEFT JOIN ar_dunning_level v ON v.id = d.level_id
                          LEFT JOIN ar_dunning_level manual ON manual.id = o.override_level_id
                         WHERE d.item_id = ANY(%(ids)s) AND d.is_demanded AND d.kind <> 'note' AND n.state = 'sent'
                         GROUP BY d.item_id) s ON s.item_id = self.id
                 CROSS JOIN LATERAL (
                        SELECT CASE WHEN s.steps > 0 THEN s.level_id
                                    WHEN self.override_on IS NOT NULL THEN self.override_level_id
                                    ELSE self.opening_level_id END AS level_id,
                               CASE WHEN self.override_on IS NOT NULL THEN COALESCE(self.override_rank, 0)
                                    ELSE COALESCE(self.opening_rank, 0) END + COALESCE(s.steps, 0) AS rank,
                               COALESCE(self.opening_reminders, 0) + COALESCE(s.reminders, 0) AS reminder_count,
                               GREATEST(s.last_date, self.opening_date) AS last_date,
                               GREATEST(s.deadline, self.opening_deadline) AS deadline) found
                 WHERE i.id = self.id AND i.id = ANY(%(ids)s)
                   AND ((i.level_id, i.rank, i.reminder_count, i.last_date, i.deadline) IS DISTINCT FROM
                        (found.level_id, found.rank, found.reminder_count, found.last_date, found.deadline)
                        OR (i.next_date, i.next_level_id, i.blocker_codes) IS DISTINCT FROM (NULL, NULL, NULL))
                """,
                ids=self.ids,
            )
        )

    def _derive_level_of_invoices(self):
        """An invoice shows the level of that of its instalments which has gone furthest."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move m SET ar_dunning_level_id = top.level_id
                  FROM (SELECT i.move_id, (array_agg(i.level_id ORDER BY i.rank DESC, i.id))[1] AS level_id
                          FROM ar_dunning_item i
                         WHERE i.move_id IN (SELECT move_id FROM ar_dunning_item WHERE id = ANY(%s))
                         GROUP BY i.move_id) top
                 WHERE m.id = top.move_id AND m.ar_dunning_level_id IS DISTINCT FROM top.level_id
                """,
                self.ids,
            )
        )

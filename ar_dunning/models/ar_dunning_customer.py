from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .sql import OPEN_LINE

AUDIENCES = [
    ("business", "Business"),
    ("consumer", "Consumer"),
    ("public", "Public administration"),
]


class ArDunningCustomer(models.Model):
    """One per commercial partner and company: who is written to, by whose rules, and what must not happen.

    This is the row that a batch of the night locks. Rows are created by the night for every
    customer with a receivable; nothing is stored on the partner.
    """

    _name = "ar.dunning.customer"
    _description = "Dunning Customer"
    _inherit = ["ar.dunning.protected", "mail.thread", "mail.activity.mixin"]
    _rec_name = "partner_id"
    _order = "company_id, id"
    _check_company_auto = True
    _person_creates = True

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(related="partner_id.active")
    item_ids = fields.One2many("ar.dunning.item", "customer_id", string="Items")
    notice_ids = fields.One2many("ar.dunning.notice", "customer_id", string="Notices")
    arrangement_ids = fields.One2many("ar.dunning.arrangement", "customer_id", string="Arrangements")
    policy_id = fields.Many2one(
        "ar.dunning.policy",
        check_company=True,
        tracking=True,
        help="Leave empty to let audience and country decide.",
    )
    effective_policy_id = fields.Many2one(
        "ar.dunning.policy", string="Policy in Force", compute="_compute_effective_policy_id"
    )
    audience = fields.Selection(
        AUDIENCES, tracking=True, help="Leave empty to let the contact decide: company, individual or public body."
    )
    effective_audience = fields.Selection(
        AUDIENCES,
        string="Audience in Force",
        compute="_compute_effective_audience",
        search="_search_effective_audience",
    )
    audience_unclear = fields.Boolean(
        "Audience to Confirm",
        compute="_compute_effective_audience",
        search="_search_audience_unclear",
        help="An individual with a VAT number may be a sole trader: set the audience by hand. Until then the "
        "customer is treated as a consumer.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Dunning Contact",
        tracking=True,
        help="Who gets reminders. Leave empty for the invoice contact, else the customer itself.",
    )
    payer_id = fields.Many2one(
        "res.partner",
        tracking=True,
        index="btree_not_null",
        help="Somebody else who pays: gets a copy of every notice by e-mail, and his payments count for the invoices "
        "they name.",
    )
    responsible_id = fields.Many2one(
        "res.users", tracking=True, index="btree_not_null", domain="[('share', '=', False)]"
    )
    never = fields.Boolean("Never Dun", tracking=True, help="Nothing is ever sent to this customer by dunning.")
    always_review = fields.Boolean(
        tracking=True, help="Notices to this customer wait for approval even in automatic mode."
    )
    note = fields.Text(help="For colleagues; never printed.")
    level_id = fields.Many2one("ar.dunning.level", readonly=True, help="The highest level reached by an open item.")
    credit_hold = fields.Boolean(readonly=True)
    last_contact = fields.Date(
        "Last Notice", readonly=True, help="Day of the last delivered reminder or formal notice."
    )
    notice_count = fields.Integer(compute="_compute_notice_count")
    next_date = fields.Date("Next Step", compute="_compute_next_date")
    is_paused = fields.Boolean(compute="_compute_paused_until")
    paused_until = fields.Date(compute="_compute_paused_until", help="Empty where the pause has no end.")
    plan_html = fields.Html("Why / Why Not / When", compute="_compute_plan_html", sanitize=False)

    _partner_company_unique = models.UniqueIndex(
        "(partner_id, company_id)", "A customer has one dunning record per company."
    )

    @api.depends("policy_id", "effective_audience", "partner_id.country_id")
    def _compute_effective_policy_id(self):
        for company, customers in self.grouped("company_id").items():
            find = self.env["ar.dunning.ledger"]._policy_finder(company)
            for customer in customers:
                customer.effective_policy_id = customer.policy_id or find(
                    customer.effective_audience, customer.partner_id.country_id.id
                )

    @api.depends("audience", "partner_id.is_company", "partner_id.vat", "partner_id.industry_id")
    def _compute_effective_audience(self):
        for customer in self:
            partner = customer.partner_id
            audience, unclear = self._audience_of(
                customer.audience, partner.is_company, partner.vat, partner.industry_id.id
            )
            customer.effective_audience = audience
            customer.audience_unclear = unclear

    @api.model
    def _audience_of(self, chosen, is_company, vat, industry_id):
        """The audience, and whether a person should confirm it. Unknown means consumer: the gentler rules."""
        if chosen:
            return chosen, False
        if industry_id and industry_id == self.env["ir.model.data"]._xmlid_to_res_id("base.res_partner_industry_O"):
            return "public", False
        if is_company:
            return "business", False
        return "consumer", bool(vat and len(vat) > 1)

    def _search_audience_unclear(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = [
            ("audience", "=", False),
            ("partner_id.is_company", "=", False),
            ("partner_id.vat", "not in", [False, "", "/"]),
        ]
        found = self.search(domain).filtered("audience_unclear").ids
        return [("id", "in" if True in value else "not in", found)]

    def _search_effective_audience(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [
            (
                "id",
                "in",
                self.search([("partner_id", "!=", False)]).filtered(lambda c: c.effective_audience in value).ids,
            )
        ]

    def _compute_notice_count(self):
        counts = dict(
            self.env["ar.dunning.notice"]._read_group([("customer_id", "in", self.ids)], ["customer_id"], ["__count"])
        )
        for customer in self:
            customer.notice_count = counts.get(customer, 0)

    def _compute_next_date(self):
        dates = dict(
            self.env["ar.dunning.item"]._read_group(
                [("customer_id", "in", self.ids), ("is_open", "=", True), ("next_level_id", "!=", False)],
                ["customer_id"],
                ["next_date:min"],
            )
        )
        for customer in self:
            customer.next_date = dates.get(customer, False)

    def _compute_paused_until(self):
        for customer in self:
            today = customer.company_id._dunning_today()
            pauses = customer.arrangement_ids.filtered(lambda a, today=today: not a.move_id and a._holds_on(today))
            customer.is_paused = bool(pauses)
            customer.paused_until = pauses._last_day()

    def _compute_plan_html(self):
        """What comes next for each open item; the oldest fifty, which is what a person reads."""
        for customer in self:
            items = customer.item_ids.filtered("is_open").sorted(lambda item: (item.due_date, item.id))[:50]
            customer.plan_html = self.env["ir.qweb"]._render(
                "ar_dunning.plan_of_items", {"items": items, "texts": self.env["ar.dunning.ledger"]._explain(items)}
            )

    def _person_writes(self):
        own = {
            *("policy_id", "audience", "contact_id", "payer_id", "responsible_id"),
            *("never", "always_review", "note", "overdue_reason_id"),
        }
        return own if self else own | {"partner_id", "company_id"}

    def write(self, vals):
        result = super().write(vals)
        if {"policy_id", "audience", "contact_id", "never"} & set(vals):
            self.item_ids._forget_next_date()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        self.notice_ids._check_deletable()

    def _who_answers(self):
        """Whose name notices bear and who gets the replies: the responsible; nobody but the company where none is set.
        Where the responsible has left, who is asked in his place."""
        self.ensure_one()
        responsible = self.sudo().responsible_id
        return responsible if responsible._is_dunning_person() or not responsible else self._who_is_asked()

    def _who_is_asked(self, *others):
        """Who gets a call or a to-do about this customer: its responsible, the policy's, else one of these users, else
        a dunning manager of the company. Never who has left, nor a user that is no person."""
        self.ensure_one()
        customer = self.sudo()
        policy = customer.effective_policy_id
        return customer.company_id._dunning_person(customer.responsible_id, policy.responsible_id, *others)

    @api.model
    def _assign_responsible(self, company):
        """Where nobody looks after a customer: its salesperson, if that is a dunning user, else who the policy names."""
        group = self.env.ref("ar_dunning.group_dunning_user")
        users = self.env["res.users"].search([("all_group_ids", "in", group.ids), ("company_ids", "in", company.ids)])
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ar_dunning_customer c SET responsible_id = p.user_id
                  FROM res_partner p
                 WHERE c.partner_id = p.id AND c.company_id = %(company)s AND c.responsible_id IS NULL
                   AND p.user_id = ANY(%(users)s)
                """,
                company=company.id,
                users=users.ids,
            )
        )
        self.invalidate_model(["responsible_id"])
        policies = self.env["ar.dunning.policy"].search(
            [("company_id", "parent_of", company.id), ("responsible_id", "!=", False)]
        )
        if not policies:
            return
        nobody = self.search([("company_id", "=", company.id), ("responsible_id", "=", False)])
        for user, customers in nobody.grouped(lambda customer: customer.effective_policy_id.responsible_id).items():
            if user:
                customers.with_context(mail_notrack=True, mail_auto_subscribe_no_notify=True).responsible_id = user

    def _as_of(self, kept, refreshed):
        """As of when figures hold: this customer's own refresh, or that of all of his company, whichever came later.

        :param kept: the customer's field; empty: never, or not since something about him is new
        :param refreshed: the company's field
        """
        self.ensure_one()
        return self[kept] and max(self[kept], self.company_id[refreshed] or self[kept])

    def _is_held(self):
        """Whether sales to this customer wait, as far as is stored; asked by the contact's ribbon and filter.

        A member with reasons of its own adds them by `super() or ...`, and to `res.partner._ar_dunning_held_domain`.
        """
        return self._is_held_by_level()

    def _is_held_by_level(self):
        """Whether the level reached holds credit; a member may leave it to the company what the mark does."""
        self.ensure_one()
        return bool(self.credit_hold)

    def _state_text(self, today):
        """Level, pause and hold in a few words, without amounts."""
        self.ensure_one()
        words = []
        if self._is_held_by_level():
            words.append(self.env._("on hold"))
        if self.level_id:
            words.append(self.level_id.name)
        pauses = self.arrangement_ids.filtered(lambda a: not a.move_id and a._holds_on(today))
        if pauses:
            until = pauses._last_day()
            words.append(self.env._("paused until %s", format_date(self.env, until)) if until else self.env._("paused"))
        if self.never:
            words.append(self.env._("never dunned"))
        return ", ".join(words) or False

    def _refresh_level(self):
        """Derive level, credit hold and last contact from the delivered notices, for many customers in one statement."""
        if not self.ids:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ar_dunning_customer c
                   SET level_id = top.level_id,
                       credit_hold = COALESCE(top.credit_hold, FALSE),
                       last_contact = contact.day
                  FROM ar_dunning_customer self
                  LEFT JOIN LATERAL (
                        SELECT i.level_id, bool_or(EXISTS (
                                   SELECT FROM ar_dunning_level h
                                    WHERE h.policy_id = v.policy_id AND h.credit_hold AND h.days <= v.days)
                               ) OVER () AS credit_hold
                          FROM ar_dunning_item i
                          JOIN ar_dunning_level v ON v.id = i.level_id
                          JOIN account_move_line l ON l.id = i.move_line_id
                         WHERE i.customer_id = self.id AND %(open)s
                         ORDER BY v.days DESC, v.id LIMIT 1) top ON TRUE
                  LEFT JOIN LATERAL (
                        SELECT max(day) AS day FROM (
                            SELECT n.sent_on AS day FROM ar_dunning_notice n
                             WHERE n.customer_id = self.id AND n.state = 'sent' AND n.kind <> 'note'
                            UNION ALL
                            SELECT i.opening_date FROM ar_dunning_item i
                             WHERE i.customer_id = self.id AND i.opening_rank > 0) days) contact ON TRUE
                 WHERE c.id = self.id AND c.id = ANY(%(ids)s)
                   AND (c.level_id IS DISTINCT FROM top.level_id
                        OR COALESCE(c.credit_hold, FALSE) <> COALESCE(top.credit_hold, FALSE)
                        OR c.last_contact IS DISTINCT FROM contact.day)
                """,
                ids=self.ids,
                open=OPEN_LINE,
            )
        )
        self.invalidate_recordset(["level_id", "credit_hold", "last_contact"])

    # === Merged contacts === #
    # One record stays and speaks for the others: the strictest value wins, evidence moves along. Every stored field has an
    # answer here or in the part that brings it (a test walks them all): `_merge_values` says what is kept, `_merge_apart`
    # what is read anew from the ledger or moves with its own records.

    def _merge_values(self, others):
        """What this record says once it stands for `others`, too: values to write."""
        records = self | others
        values = {name: any(records.mapped(name)) for name in ("never", "always_review")}
        for name in ("policy_id", "contact_id", "overdue_reason_id"):
            values[name] = records[name][:1].id
        # Who is merged with his payer pays himself.
        values["payer_id"] = (records.payer_id - records.partner_id)[:1].id
        values["responsible_id"] = (records.responsible_id.filtered("active") or records.responsible_id)[:1].id
        values["audience"] = next((record.audience for record in records if record.audience), False)
        values["note"] = "\n".join(note for note in records.mapped("note") if note) or False
        called = records.filtered("last_call").sorted("last_call", reverse=True)[:1]
        return values | {"last_call": called.last_call, "call_outcome_id": called.call_outcome_id.id}

    def _merge_apart(self):
        """Names of the stored fields that a merge does not choose between."""
        identity = {"partner_id", "company_id"}
        moved = {"item_ids", "notice_ids", "arrangement_ids", "message_ids", "message_follower_ids", "activity_ids"}
        derived = {
            *("level_id", "credit_hold", "last_contact"),
            *("late_0", "late_30", "late_60", "late_90", "late_more", "late_total", "late_foreign", "late_since"),
            *("next_level_id", "next_on", "worth", "figures_kept"),
        }
        return identity | moved | derived

    def _absorb(self, others):
        """Stand for `others` (same company) from now on: take over what they say and what is theirs, and delete them."""
        self.ensure_one()
        names = ", ".join(others.mapped("display_name"))
        self._put(self._merge_values(others))
        self._take_over(others)
        self.message_post(body=self.env._("Merged with the dunning record of %s.", names))
        others._discard()
        self._refresh_level()

    def _take_over(self, others):
        """Items, notices, arrangements, messages and to-dos of `others` become this record's."""
        self.message_subscribe(others.message_partner_ids.ids)
        for table in ("ar_dunning_item", "ar_dunning_arrangement", "ar_dunning_notice"):
            self._move_rows(table, "customer_id", others)
        for table, model in (("mail_message", "model"), ("mail_activity", "res_model"), ("ir_attachment", "res_model")):
            self._move_rows(table, "res_id", others, SQL("AND %s = %s", SQL.identifier(model), self._name))
        self.env.invalidate_all()

    def _move_rows(self, table, column, others, condition=None):
        """Rows of a table that point at `others` point here: evidence that nobody writes otherwise."""
        self.env.flush_all()
        names = {"table": SQL.identifier(table), "column": SQL.identifier(column)}
        query = SQL(
            "UPDATE %(table)s SET %(column)s = %(id)s WHERE %(column)s = ANY(%(ids)s)",
            id=self.id,
            ids=others.ids,
            **names,
        )
        self.env.cr.execute(SQL("%s %s", query, condition or SQL()))

    def _after_merge(self):
        """What is derived from the ledger, read anew once the invoices have their new contact."""
        self.env["ar.dunning.ledger"]._plan_again(self)

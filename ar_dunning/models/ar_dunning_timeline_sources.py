from odoo import api, models
from odoo.tools import SQL

from ..tools.timeline import label, named, source

# An activity or the log of a call; the done call of a log is the same call.
DONE = """
    m.mail_activity_type_id IS NOT NULL
    AND NOT (k.category = 'phonecall' AND m.subtype_id = %(done)s AND EXISTS (
        SELECT FROM mail_message log
         WHERE log.model = 'ar.dunning.customer' AND log.res_id = c.id AND log.create_date = m.create_date
           AND log.mail_activity_type_id = m.mail_activity_type_id AND log.subtype_id <> m.subtype_id))
"""
# What was written on the records of a customer `c`: its own, its notices, its invoices.
OF_CUSTOMER = "JOIN ar_dunning_customer c ON m.model = 'ar.dunning.customer' AND m.res_id = c.id"
OF_NOTICE = """
    JOIN ar_dunning_notice n ON m.model = 'ar.dunning.notice' AND m.res_id = n.id
    JOIN ar_dunning_customer c ON c.id = n.customer_id
"""
OF_INVOICE = """
    JOIN (SELECT DISTINCT move_id, customer_id FROM ar_dunning_item) i ON m.model = 'account.move' AND m.res_id = i.move_id
    JOIN ar_dunning_customer c ON c.id = i.customer_id
"""
NOTICES = """
    FROM ar_dunning_notice n
    JOIN res_company o ON o.id = n.company_id
    JOIN ar_dunning_level v ON v.id = n.level_id
"""
NOTICE = {
    "id": "n.id",
    "amount": "n.amount_total",
    "currency_id": "o.currency_id",
    "customer_id": "n.customer_id",
    "company_id": "n.company_id",
    "notice_id": "n.id",
    "res_model": "'ar.dunning.notice'",
    "res_id": "n.id",
}
PREPARED = {
    "moment": "CASE WHEN n.create_date::date = n.date THEN n.create_date END",  # else it is for another day
    "day": "n.date",
    "user_id": "n.create_uid",
    "amount": "CASE WHEN n.state = 'draft' THEN n.amount_total END",
    "minor": "n.state <> 'draft'",
}
APPROVED = {
    "moment": "COALESCE(n.approved_on, n.send_after)",
    "user_id": "n.approved_by_id",
    "amount": "NULL",
    "detail": "n.escalation_reason",
    "minor": "TRUE",
}
LEFT = """
    (SELECT min(d.done_on) FROM ar_dunning_delivery d
      WHERE d.notice_id = n.id AND d.channel = 'email' AND d.state = 'sent'
        AND d.is_copy IS NOT TRUE AND d.is_correction IS NOT TRUE)
"""
DELIVERIES = """
    FROM ar_dunning_delivery d
    JOIN ar_dunning_notice n ON n.id = d.notice_id
    LEFT JOIN res_partner p ON p.id = d.partner_id
"""
DELIVERY = {
    "id": "d.id",
    "customer_id": "n.customer_id",
    "company_id": "n.company_id",
    "notice_id": "n.id",
    "res_model": "'ar.dunning.notice'",
    "res_id": "n.id",
}
BECAME = {
    "moment": """
        CASE WHEN d.state IN ('sent', 'acknowledged') THEN d.done_on
             WHEN d.state = 'posted' AND d.posted_on IS NOT NULL THEN NULL
             ELSE COALESCE(d.state_on, d.write_date) END
    """,
    "day": "d.posted_on",
    "detail": "COALESCE(NULLIF(d.failure, ''), d.tracking_number)",
    "minor": "d.state NOT IN ('bounced', 'failed', 'unconfirmed')",
}
ARRANGEMENTS = "FROM ar_dunning_arrangement a LEFT JOIN ar_dunning_reason q ON q.id = a.reason_id"
ARRANGEMENT = {
    "id": "a.id",
    "customer_id": "a.customer_id",
    "company_id": "a.company_id",
    "move_ids": "CASE WHEN a.move_id IS NOT NULL THEN ARRAY[a.move_id] END",
    "common": "a.move_id IS NULL AND a.lost_invoice IS NULL",
    "res_model": "'ar.dunning.arrangement'",
    "res_id": "a.id",
}
STATE_CAME = """
    CASE WHEN %(ended)s IS NULL THEN
        (SELECT max(m.date) FROM mail_message m JOIN mail_tracking_value v ON v.mail_message_id = m.id
          WHERE m.model = 'ar.dunning.arrangement' AND m.res_id = %(arrangement)s AND v.field_id = %(field)s) END
"""
RECEIVED = """
    FROM account_move_line l
    JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
    JOIN account_move m ON m.id = l.move_id
    JOIN ar_dunning_customer c ON c.partner_id = l.partner_id AND c.company_id = l.company_id
   WHERE l.parent_state = 'posted'
"""
LINE = {
    "id": "l.id",
    "parts": {"name": "m.name"},
    "day": "l.date",
    "currency_id": "l.currency_id",
    "user_id": "l.create_uid",
    "customer_id": "c.id",
    "company_id": "c.company_id",
    "move_ids": """
        (SELECT array_agg(d.move_id) FROM account_partial_reconcile r JOIN account_move_line d ON d.id = r.debit_move_id
          WHERE r.credit_move_id = l.id)
    """,
}
MONEY = {
    "amount": "abs(l.amount_currency)",
    "detail": "concat_ws(', ', m.name, NULLIF(m.ref, ''))",
    "res_model": "CASE WHEN l.payment_id IS NULL THEN 'account.move' ELSE 'account.payment' END",
    "res_id": "COALESCE(l.payment_id, l.move_id)",
}
CREDIT_NOTE = {
    "amount": "-l.amount_currency",
    "detail": "NULLIF(m.ref, '')",
    "res_model": "'account.move'",
    "res_id": "l.move_id",
}
MATCHES = """
    FROM account_partial_reconcile r
    JOIN ar_dunning_item i ON i.move_line_id = r.debit_move_id
    JOIN account_move_line l ON l.id = r.debit_move_id
    JOIN account_move_line k ON k.id = r.credit_move_id
"""
MATCH = {
    "id": "r.id",
    "parts": {"invoice": "l.move_name", "name": "k.move_name", "paid_on": "k.date"},
    "moment": "r.create_date",
    "amount": "r.debit_amount_currency",
    "currency_id": "r.debit_currency_id",
    "user_id": "r.create_uid",
    "minor": "TRUE",
    "customer_id": "i.customer_id",
    "company_id": "i.company_id",
    "move_ids": "ARRAY[l.move_id]",
    "res_model": "CASE WHEN k.payment_id IS NULL THEN 'account.move' ELSE 'account.payment' END",
    "res_id": "COALESCE(k.payment_id, k.move_id)",
}
LEVELS = """
    FROM ar_dunning_item i
    LEFT JOIN account_move m ON m.id = i.move_id
    LEFT JOIN ar_dunning_level v ON v.id = i.override_level_id
   WHERE i.override_on IS NOT NULL
"""
LEVEL = {
    "id": "i.id",
    "detail": "i.override_reason",
    "day": "i.override_on",
    "user_id": "i.override_user_id",
    "customer_id": "i.customer_id",
    "company_id": "i.company_id",
    "move_ids": "CASE WHEN i.move_id IS NOT NULL THEN ARRAY[i.move_id] END",
    "res_model": "'ar.dunning.item'",
    "res_id": "i.id",
}
TRACKED = """
    FROM %(table)s t
    JOIN ar_dunning_customer c ON c.id = %(customer)s
    JOIN mail_message m ON m.model = %(model)s AND m.res_id = t.id
    JOIN LATERAL (
         SELECT jsonb_agg(jsonb_build_object(
                    'label', %(label)s, 'type', f.ttype, 'char', v.new_value_char, 'float', v.new_value_float,
                    'integer', v.new_value_integer, 'datetime', v.new_value_datetime, 'currency', v.currency_id)
                    ORDER BY v.id) AS told
           FROM mail_tracking_value v JOIN ir_model_fields f ON f.id = v.field_id
          WHERE v.mail_message_id = m.id AND v.field_id = ANY(%(fields)s)) changes ON changes.told IS NOT NULL
    LEFT JOIN res_partner w ON w.id = m.author_id
"""
CHANGE = {
    "id": "m.id",
    "parts": {"changes": "changes.told"},
    "moment": "m.date",
    "who": "w.complete_name",
    "customer_id": "c.id",
    "company_id": "c.company_id",
    "res_id": "t.id",
}


class ArDunningTimeline(models.AbstractModel):
    """Where the entries come from: each source is a select of one kind of record."""

    _inherit = "ar.dunning.timeline"

    @api.model
    def _timeline_kinds(self):
        """Seam. The kinds of entries, in the order of their filters: `{code: (label, icon)}`; members add theirs."""
        return {
            "notice": (self.env._("Notices"), "fa-envelope-o"),
            "delivery": (self.env._("Deliveries"), "fa-paper-plane-o"),
            "reply": (self.env._("Replies"), "fa-reply"),
            "call": (self.env._("Calls and tasks"), "fa-phone"),
            "arrangement": (self.env._("Arrangements"), "fa-pause"),
            "payment": (self.env._("Payments"), "fa-money"),
            "rule": (self.env._("Levels and rules"), "fa-sliders"),
            "note": (self.env._("Notes"), "fa-sticky-note-o"),
        }

    @api.model
    def _timeline_sources(self):
        """Seam. Selects of entries, asked when a page of a timeline is read; a member adds its own by `super()`.

        :return: a list of SQL, each made by `tools.timeline.source`
        """
        return [
            *self._notice_sources(),
            *self._delivery_sources(),
            *self._message_sources(),
            *self._arrangement_sources(),
            *self._payment_sources(),
            self._level_source(),
            self._tracked_source(
                "rule",
                "ar.dunning.customer",
                ["policy_id", "audience", "contact_id", "payer_id", "responsible_id", "never", "always_review"],
            ),
        ]

    # === Notices === #

    @api.model
    def _notice_sources(self):
        """Made, approved, sent, not delivered, cancelled."""
        level = named(self.env["ar.dunning.level"], "v")

        def notice(words, where, **columns):
            parts = {"level": level, "until_on": "n.deadline"}
            return source("notice", words, f"{NOTICES} WHERE {where}", parts=parts, **(NOTICE | columns))

        sent = SQL(
            "CASE WHEN n.deadline IS NULL THEN %s ELSE %s END",
            self.env._("%(level)s sent"),
            self.env._("%(level)s sent, to be paid by %(until_on)s"),
        )
        approved = "n.approved_by_id IS NOT NULL AND n.state <> 'draft'"
        since = "COALESCE(n.state_on, n.write_date)"
        return [
            notice(self.env._("%(level)s prepared"), "TRUE", **PREPARED),
            notice(self.env._("%(level)s approved"), approved, **APPROVED),
            notice(sent, "n.sent_on IS NOT NULL", moment=LEFT, day="n.sent_on", user_id="n.approved_by_id"),
            notice(self.env._("%(level)s not delivered"), "n.state = 'failed'", moment=since, detail="n.error"),
            notice(
                self.env._("%(level)s cancelled"),
                "n.state = 'cancelled'",
                moment=since,
                user_id="n.write_uid",
                detail="n.cancel_reason",
            ),
        ]

    # === Deliveries === #

    @api.model
    def _delivery_sources(self):
        """What became of each delivery; of one that came back, also when it had gone."""
        Delivery = self.env["ar.dunning.delivery"]
        state, channel = label(Delivery, "state", "d.state"), label(Delivery, "channel", "d.channel")
        row = DELIVERY | {"parts": {"channel": channel, "to": "COALESCE(d.address, p.complete_name)", "state": state}}
        words = SQL(
            "CASE WHEN d.channel = 'activity' THEN %s WHEN d.is_correction THEN %s WHEN d.is_copy THEN %s ELSE %s END",
            self.env._("%(channel)s: %(state)s"),
            self.env._("Correction to %(to)s: %(state)s"),
            self.env._("Copy to %(to)s: %(state)s"),
            self.env._("%(channel)s to %(to)s: %(state)s"),
        )
        left = f"{DELIVERIES} WHERE d.state = 'bounced' AND d.done_on IS NOT NULL"
        return [
            source("delivery", words, DELIVERIES, **row, **BECAME),
            source("delivery", self.env._("%(channel)s to %(to)s left"), left, **row, moment="d.done_on", minor="TRUE"),
        ]

    # === What was said === #

    @api.model
    def _message_sources(self):
        """Replies, calls and other tasks that are done, and colleagues' notes; on the invoices only what customers write."""
        reply = SQL(
            "CASE WHEN m.subject <> '' THEN %s ELSE %s END", self.env._("Reply: %(subject)s"), self.env._("Reply")
        )
        done = SQL(DONE, done=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_activities"))
        note = SQL("m.message_type = 'comment' AND m.mail_activity_type_id IS NULL")
        email = SQL("m.message_type = 'email'")
        return [
            self._message_source("reply", reply, OF_CUSTOMER, email, common="TRUE"),
            self._message_source("reply", reply, OF_NOTICE, email, notice_id="n.id"),
            self._message_source("reply", reply, OF_INVOICE, email, move_ids="ARRAY[i.move_id]"),
            self._message_source("call", None, OF_CUSTOMER, done, common="TRUE"),
            self._message_source("call", None, OF_NOTICE, done, notice_id="n.id"),
            self._message_source("note", None, OF_CUSTOMER, note, common="TRUE"),
            self._message_source("note", None, OF_NOTICE, note, notice_id="n.id"),
        ]

    @api.model
    def _message_source(self, kind, words, joined, where, **columns):
        """Messages of one kind on one model; whoever reads the record reads them."""
        origin = SQL(
            """
            FROM mail_message m %s
            LEFT JOIN mail_activity_type k ON k.id = m.mail_activity_type_id
            LEFT JOIN res_partner w ON w.id = m.author_id
           WHERE %s
            """,
            SQL(joined),
            where,
        )
        return source(
            kind,
            words,
            origin,
            id="m.id",
            parts={"subject": "m.subject"},
            html="m.body",
            moment="m.date",
            who=SQL(
                "CASE WHEN w.id IS DISTINCT FROM %s THEN COALESCE(w.complete_name, m.email_from) END",
                self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root"),
            ),
            customer_id="c.id",
            company_id="c.company_id",
            res_model="m.model",
            res_id="m.res_id",
            **columns,
        )

    # === Arrangements === #

    @api.model
    def _arrangement_sources(self):
        """What was agreed, and its end where somebody or something ended it."""
        kind = label(self.env["ar.dunning.arrangement"], "kind", "a.kind")
        row = ARRANGEMENT | {"parts": {"kind": kind, "until_on": "a.date_end", "from_on": "a.date_start"}}
        words = SQL(
            "CASE WHEN a.date_end IS NULL THEN %s ELSE %s END",
            self.env._("%(kind)s from %(from_on)s on"),
            self.env._("%(kind)s until %(until_on)s"),
        )
        why = SQL("concat_ws(': ', %s, NULLIF(a.reason, ''))", named(self.env["ar.dunning.reason"], "q"))
        agreed = {"moment": "a.create_date", "user_id": "a.create_uid", "detail": why}
        state = label(self.env["ar.dunning.arrangement"], "state", "a.state")
        result = row | {"parts": row["parts"] | {"state": state}, "moment": self._state_came("a"), "day": "a.ended_on"}
        over = f"{ARRANGEMENTS} WHERE a.state NOT IN ('active', 'open')"
        return [
            source("arrangement", words, ARRANGEMENTS, **row, **agreed),
            source("arrangement", self.env._("%(kind)s: %(state)s"), over, **result),
            self._tracked_source("arrangement", "ar.dunning.arrangement", ["date_end", "review_date"]),
        ]

    @api.model
    def _state_came(self, alias):
        """When an arrangement came into its state, as its history tells; one that a person ended has a day of its own."""
        field = self.env["ir.model.fields"]._get("ar.dunning.arrangement", "state")
        return SQL(STATE_CAME, arrangement=SQL.identifier(alias, "id"), ended=SQL.identifier(alias, "ended_on"), field=field.id)

    # === Money === #

    @api.model
    def _payment_sources(self):
        """What came in or was given back, credit notes, and what they were matched with, or are no more."""
        words = SQL(
            "CASE WHEN l.balance < 0 THEN %s ELSE %s END",
            self.env._("Payment received"),
            self.env._("Payment returned or paid back"),
        )
        money = f"{RECEIVED} AND (l.payment_id IS NOT NULL OR l.statement_line_id IS NOT NULL)"
        credit = f"{RECEIVED} AND m.move_type = 'out_refund'"
        undone = SQL("m.subtype_id = %s", self.env["ir.model.data"]._xmlid_to_res_id("ar_dunning.mt_unmatched"))
        return [
            source("payment", words, money, **LINE, **MONEY),
            source("payment", self.env._("Credit note %(name)s"), credit, **LINE, **CREDIT_NOTE),
            self._message_source("payment", None, OF_INVOICE, undone, move_ids="ARRAY[i.move_id]"),
            source("payment", self.env._("%(invoice)s matched with %(name)s of %(paid_on)s"), MATCHES, **MATCH),
        ]

    # === Levels and rules === #

    @api.model
    def _level_source(self):
        """The level of an item, as a manager has set it last."""
        words = SQL(
            "CASE WHEN v.id IS NULL THEN %s ELSE %s END",
            self.env._("%(invoice)s set back: as if nothing had been sent"),
            self.env._("%(invoice)s set to %(level)s"),
        )
        parts = {"invoice": "m.name", "level": named(self.env["ar.dunning.level"], "v")}
        return source("rule", words, LEVELS, parts=parts, **LEVEL)

    @api.model
    def _tracked_source(self, kind, model, names):
        """What a record's history says of changes of some fields: an entry for each message, which may tell several.

        :param model: `ar.dunning.customer`, or one with a field `customer_id`
        """
        Model = self.env[model]
        ids = [self.env["ir.model.fields"]._get(model, name).id for name in names]
        origin = SQL(
            TRACKED,
            table=SQL.identifier(Model._table),
            customer=SQL("t.id" if model == "ar.dunning.customer" else "t.customer_id"),
            model=model,
            label=named(self.env["ir.model.fields"].sudo(), "f", "field_description"),
            fields=ids,
        )
        return source(kind, None, origin, **CHANGE, res_model=SQL("%s", model))

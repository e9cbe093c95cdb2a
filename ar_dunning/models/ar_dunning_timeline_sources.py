from odoo import api, models
from odoo.tools import SQL

from ..tools.timeline import label, named, source
from .facts import timeline_rows as rows


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
            return source("notice", words, f"{rows.NOTICES} WHERE {where}", parts=parts, **(rows.NOTICE | columns))

        sent = SQL(
            "CASE WHEN n.deadline IS NULL THEN %s ELSE %s END",
            self.env._("%(level)s sent"),
            self.env._("%(level)s sent, to be paid by %(until_on)s"),
        )
        approved = "n.approved_by_id IS NOT NULL AND n.state <> 'draft'"
        since = "COALESCE(n.state_on, n.write_date)"
        return [
            notice(self.env._("%(level)s prepared"), "TRUE", **rows.PREPARED),
            notice(self.env._("%(level)s approved"), approved, **rows.APPROVED),
            notice(sent, "n.sent_on IS NOT NULL", moment=rows.WENT, day="n.sent_on", user_id="n.approved_by_id"),
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
        row = rows.DELIVERY | {
            "parts": {"channel": channel, "to": "COALESCE(d.address, p.complete_name)", "state": state}
        }
        words = SQL(
            "CASE WHEN d.channel = 'activity' THEN %s WHEN d.is_correction THEN %s WHEN d.is_copy THEN %s ELSE %s END",
            self.env._("%(channel)s: %(state)s"),
            self.env._("Correction to %(to)s: %(state)s"),
            self.env._("Copy to %(to)s: %(state)s"),
            self.env._("%(channel)s to %(to)s: %(state)s"),
        )
        left = f"{rows.DELIVERIES} WHERE d.state = 'bounced' AND d.done_on IS NOT NULL"
        return [
            source("delivery", words, rows.DELIVERIES, **row, **rows.BECAME),
            source("delivery", self.env._("%(channel)s to %(to)s left"), left, **row, moment="d.done_on", minor="TRUE"),
        ]

    # === What was said === #

    @api.model
    def _message_sources(self):
        """Replies, calls and other tasks that are done, and colleagues' notes; on the invoices only what customers write."""
        reply = SQL(
            "CASE WHEN m.subject <> '' THEN %s ELSE %s END", self.env._("Reply: %(subject)s"), self.env._("Reply")
        )
        done = SQL(rows.DONE, done=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_activities"))
        note = SQL("m.message_type = 'comment' AND m.mail_activity_type_id IS NULL")
        email = SQL("m.message_type = 'email'")
        return [
            self._message_source("reply", reply, rows.OF_CUSTOMER, email, common="TRUE"),
            self._message_source("reply", reply, rows.OF_NOTICE, email, notice_id="n.id"),
            self._message_source("reply", reply, rows.OF_INVOICE, email, move_ids="ARRAY[i.move_id]"),
            self._message_source("call", None, rows.OF_CUSTOMER, done, common="TRUE"),
            self._message_source("call", None, rows.OF_NOTICE, done, notice_id="n.id"),
            self._message_source("note", None, rows.OF_CUSTOMER, note, common="TRUE"),
            self._message_source("note", None, rows.OF_NOTICE, note, notice_id="n.id"),
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
        row = rows.ARRANGEMENT | {"parts": {"kind": kind, "until_on": "a.date_end", "from_on": "a.date_start"}}
        words = SQL(
            "CASE WHEN a.date_end IS NULL THEN %s ELSE %s END",
            self.env._("%(kind)s from %(from_on)s on"),
            self.env._("%(kind)s until %(until_on)s"),
        )
        why = SQL("concat_ws(': ', %s, NULLIF(a.reason, ''))", named(self.env["ar.dunning.reason"], "q"))
        agreed = {"moment": "a.create_date", "user_id": "a.create_uid", "detail": why}
        state = label(self.env["ar.dunning.arrangement"], "state", "a.state")
        result = row | {"parts": row["parts"] | {"state": state}, "moment": self._state_came(), "day": "a.ended_on"}
        over = f"{rows.ARRANGEMENTS} WHERE a.state NOT IN ('active', 'open')"
        return [
            source("arrangement", words, rows.ARRANGEMENTS, **row, **agreed),
            source("arrangement", self.env._("%(kind)s: %(state)s"), over, **result),
            self._tracked_source("arrangement", "ar.dunning.arrangement", ["date_end", "review_date"]),
        ]

    @api.model
    def _state_came(self):
        """When an arrangement came into its state, as its history tells; one that a person ended has a day of its own."""
        return SQL(rows.STATE_CAME, self.env["ir.model.fields"]._get("ar.dunning.arrangement", "state").id)

    # === Money === #

    @api.model
    def _payment_sources(self):
        """What came in or was given back, credit notes, and what they were matched with, or are no more."""
        words = SQL(
            "CASE WHEN l.balance < 0 THEN %s ELSE %s END",
            self.env._("Payment received"),
            self.env._("Payment returned or paid back"),
        )
        money = f"{rows.RECEIVED} AND (l.payment_id IS NOT NULL OR l.statement_line_id IS NOT NULL)"
        credit = f"{rows.RECEIVED} AND m.move_type = 'out_refund'"
        undone = SQL("m.subtype_id = %s", self.env["ir.model.data"]._xmlid_to_res_id("ar_dunning.mt_unmatched"))
        return [
            source("payment", words, money, **rows.LINE, **rows.MONEY),
            source("payment", self.env._("Credit note %(name)s"), credit, **rows.LINE, **rows.CREDIT_NOTE),
            self._message_source("payment", None, rows.OF_INVOICE, undone, move_ids="ARRAY[i.move_id]"),
            source(
                "payment", self.env._("%(invoice)s matched with %(name)s of %(paid_on)s"), rows.MATCHES, **rows.MATCH
            ),
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
        return source("rule", words, rows.LEVELS, parts=parts, **rows.LEVEL)

    @api.model
    def _tracked_source(self, kind, model, names, where="TRUE"):
        """What a record's history says of changes of some fields: an entry for each message, which may tell several.

        :param model: `ar.dunning.customer`, or one with a field `customer_id`
        :param str where: which changes `v` are told, as a text of the code
        """
        Model = self.env[model]
        ids = [self.env["ir.model.fields"]._get(model, name).id for name in names]
        origin = SQL(
            rows.TRACKED,
            table=SQL.identifier(Model._table),
            customer=SQL("t.id" if model == "ar.dunning.customer" else "t.customer_id"),
            model=model,
            label=named(self.env["ir.model.fields"].sudo(), "f", "field_description"),
            fields=ids,
            where=SQL(where),
        )
        return source(kind, None, origin, **rows.CHANGE, res_model=SQL("%s", model))

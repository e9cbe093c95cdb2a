from lxml.html import fragment_fromstring, tostring

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_amount, format_date, html2plaintext

# Entries that are read at once.
PAGE = 40
# Lines of a message that are shown; its record has the rest.
LINES = 8
DETAIL = 600

# Of one notice: its own, and what has become since of the invoices that it demanded.
OF_NOTICE = """
    (t.notice_id = %(notice)s
     OR t.notice_id IS NULL AND t.move_ids && %(moves)s::int[] AND COALESCE(t.moment::date, t.day) >= %(day)s)
"""
# Of one invoice: what names it, the notices that demanded or listed it, and what held for all that the customer owes.
OF_MOVE = """
    (t.move_ids && %(moves)s::int[]
     OR t.notice_id IN (SELECT notice_id FROM ar_dunning_notice_line WHERE move_id = %(move)s)
     OR t.common AND t.notice_id IS NULL AND COALESCE(t.moment::date, t.day) >= %(day)s)
"""
ROWS = """
    SELECT t.*, %(at)s AS at, p.name AS user_name
      FROM (%(all)s) t
      LEFT JOIN res_users u ON u.id = t.user_id
      LEFT JOIN res_partner p ON p.id = u.partner_id
     WHERE %(where)s
     ORDER BY at DESC NULLS LAST, t.place DESC, t.id DESC
     LIMIT %(limit)s OFFSET %(offset)s
"""
STEPS = """
    SELECT DISTINCT ON (n.id) n.id, n.name, n.state, n.cancel_reason, %(level)s AS level, COALESCE(n.sent_on, n.date) AS day,
           d.is_demanded, d.currency_id,
           sum(d.amount_due) FILTER (WHERE d.is_demanded) OVER (PARTITION BY n.id) AS amount,
           (SELECT min(m.date) FROM mail_message m
             WHERE m.model = 'ar.dunning.notice' AND m.res_id = n.id AND m.message_type = 'email') AS replied,
           EXISTS (SELECT FROM ar_dunning_delivery e WHERE e.notice_id = n.id AND e.state = 'bounced') AS returned,
           EXISTS (SELECT FROM ar_dunning_delivery e WHERE e.notice_id = n.id AND e.state = 'unconfirmed') AS unsure
      FROM ar_dunning_notice_line d
      JOIN ar_dunning_notice n ON n.id = d.notice_id
      LEFT JOIN ar_dunning_level v ON v.id = d.level_id
     WHERE d.move_id = %(move)s AND n.company_id = %(company)s
     ORDER BY n.id DESC, d.is_demanded DESC, d.id
"""


class ArDunningTimeline(models.AbstractModel):
    """Everything that happened with a customer, an invoice or a notice: who, when, newest first.

    Nothing is stored: each entry is read from the record that it opens. Only who may read the record asked for is
    answered, and only with entries whose own records he may read.
    """

    _name = "ar.dunning.timeline"
    _description = "Timeline"

    # === What is asked from a screen === #

    @api.model
    def entries(self, res_model, res_id, kinds=None, every_step=False, offset=0):
        """One page of the timeline of a record.

        :param str res_model: `ar.dunning.customer`, `ar.dunning.notice` or `account.move`
        :param kinds: only entries of these; None: of all
        :param bool every_step: also small steps on the way, where many records share a timeline
        :return: `{"entries": [...], "kinds": [...], "steps": [...], "next": offset of the next page, or False}`; kinds and
            steps (the notices that named an invoice) come with the first page only
        :raise AccessError: the record is none of these, gone, or the user may not read it
        """
        record = self._asked(res_model, res_id)
        customer = self._customer_of(record)
        if not customer:
            return {"entries": [], "kinds": [], "steps": [], "next": False}
        self.env.flush_all()
        shown = SQL("%s%s", self._scope(record, customer), SQL() if every_step else self._major(record))
        chosen = SQL(" AND t.kind = ANY(%s)", list(kinds)) if kinds else SQL()
        offset = max(int(offset), 0)
        found = self._read(SQL("%s%s", shown, chosen), customer.company_id, offset)
        return {
            "entries": [self._as_entry(row, customer.company_id) for row in self._readable(found[:PAGE])],
            "kinds": [] if offset else self._counted(shown),
            "steps": [] if offset else self._steps(record),
            "next": len(found) > PAGE and offset + PAGE,
        }

    @api.model
    def _asked(self, res_model, res_id):
        """The record whose timeline is asked for, which its reader may read."""
        self.env["ar.dunning.customer"].check_access("read")
        if res_model not in ("ar.dunning.customer", "ar.dunning.notice", "account.move"):
            raise AccessError(self.env._("Only customers, invoices and notices have a timeline."))
        record = self.env[res_model].browse(int(res_id)).exists()
        if not record:
            raise AccessError(self.env._("This record does not exist any more."))
        record.check_access("read")
        return record

    @api.model
    def _customer_of(self, record):
        """The customer behind a record; none where dunning does not know him yet."""
        if record._name == "ar.dunning.customer":
            return record
        if record._name == "ar.dunning.notice":
            customer = record.customer_id
        else:
            debtor = [
                ("partner_id", "=", record.commercial_partner_id.id),
                ("company_id", "=", record.company_id.id),
            ]
            customer = record.ar_dunning_item_ids.customer_id[:1] or self.env["ar.dunning.customer"].with_context(
                active_test=False
            ).search(debtor, limit=1)
        customer.check_access("read")
        return customer

    # === Which entries === #

    @api.model
    def _scope(self, record, customer):
        """The condition of what belongs to this record, on entries `t`."""
        own = SQL("t.customer_id = %s AND t.company_id = %s", customer.id, customer.company_id.id)
        if record._name == "ar.dunning.notice":
            moves = record.line_ids.filtered("is_demanded").move_id.ids
            return SQL("%s AND %s", own, SQL(OF_NOTICE, notice=record.id, moves=moves, day=record.date))
        if record._name == "account.move":
            day = record.invoice_date or record.date
            return SQL("%s AND %s", own, SQL(OF_MOVE, move=record.id, moves=record.ids, day=day))
        return own

    @api.model
    def _major(self, record):
        """Where one record is looked at, all that is its own; else only what is more than a step on the way."""
        if record._name == "ar.dunning.notice":
            return SQL(" AND (NOT t.minor OR t.notice_id = %s)", record.id)
        if record._name == "account.move":
            return SQL(" AND (NOT t.minor OR t.notice_id IS NULL AND t.move_ids && %s::int[])", record.ids)
        return SQL(" AND NOT t.minor")

    @api.model
    def _all(self):
        """All sources as one; each with its place, which tells apart what happened in the same moment."""
        numbered = [
            SQL("SELECT %s::int AS place, s.* FROM (%s) s", place, query)
            for place, query in enumerate(self._timeline_sources())
        ]
        return SQL(" UNION ALL ").join(numbered)

    @api.model
    def _read(self, where, company, offset):
        """The rows of a page and one more, newest first by the company's clock; what only has a day began with it."""
        at = SQL("COALESCE(t.moment AT TIME ZONE 'UTC' AT TIME ZONE %s, t.day)", company._dunning_zone().key)
        query = SQL(ROWS, at=at, all=self._all(), where=where, limit=PAGE + 1, offset=offset)
        return self.env.execute_query_dict(query)

    @api.model
    def _counted(self, where):
        """The kinds that this timeline has, in their order: `[{code, label, icon, count}]`."""
        query = SQL("SELECT t.kind, count(*) FROM (%s) t WHERE %s GROUP BY t.kind", self._all(), where)
        counts = dict(self.env.execute_query(query))
        return [
            {"code": code, "label": label, "icon": icon, "count": counts[code]}
            for code, (label, icon) in self._timeline_kinds().items()
            if code in counts
        ]

    @api.model
    def _readable(self, rows):
        """The rows whose records their reader may read."""
        ids = {}
        for row in rows:
            ids.setdefault(row["res_model"], set()).add(row["res_id"])
        known = {name: set(self.env[name].browse(found)._filtered_access("read")._ids) for name, found in ids.items()}
        return [row for row in rows if row["res_id"] in known[row["res_model"]]]

    # === In words === #

    @api.model
    def _as_entry(self, row, company):
        """One row as the screen shows it."""
        kinds = self._timeline_kinds()
        first, *rest = self._lines(row["html"]) or [""]
        parts = {name: self._part(name, value) for name, value in row["parts"].items() if name != "changes"}
        if row["parts"].get("changes"):
            title, detail = self._changes(row["parts"]["changes"]), ""
        elif row["words"]:
            title, detail = row["words"] % parts, row["detail"] or "\n".join(filter(None, [first, *rest]))
        else:
            title, detail = first, "\n".join(rest)
        at = row["at"]
        return {
            "key": f"{row['place']}-{row['id']}",
            "kind": row["kind"],
            "icon": kinds.get(row["kind"], ("", "fa-circle-o"))[1],
            "day": fields.Date.to_string(at.date()) if at else "",
            "time": at.strftime("%H:%M") if row["moment"] else "",
            "title": title,
            "detail": detail[:DETAIL],
            "who": self._who(row),
            "amount": self._amount(row["amount"], row["currency_id"]),
            "res_model": row["res_model"],
            "res_id": row["res_id"],
        }

    @api.model
    def _lines(self, html):
        """What a message says, without the mail that it answers."""
        if not html:
            return []
        tree = fragment_fromstring(" ".join(html.split()), create_parent=True)
        for quoted in tree.xpath("//blockquote | //*[@data-o-mail-quote]"):
            quoted.drop_tree()
        text = html2plaintext(tostring(tree, encoding="unicode"), include_references=False)
        return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith(">")][:LINES]

    @api.model
    def _part(self, name, value):
        if not value:
            return self.env._("?")
        return format_date(self.env, value) if name.endswith("_on") else value

    @api.model
    def _who(self, row):
        """Whom it is told of; nobody where the system did it by itself."""
        return row["who"] or ("" if row["user_id"] == SUPERUSER_ID else row["user_name"]) or ""

    @api.model
    def _amount(self, amount, currency_id):
        if not amount or not currency_id:
            return ""
        return format_amount(self.env, float(amount), self.env["res.currency"].browse(currency_id))

    @api.model
    def _changes(self, changes):
        """What became of fields: `Never Dun: Yes`."""
        return ", ".join(f"{change['label']}: {self._value(change)}" for change in changes)

    @api.model
    def _value(self, change):
        """The new value of a field, in words."""
        ttype = change["type"]
        if ttype == "boolean":
            return self.env._("Yes") if change["integer"] else self.env._("No")
        if ttype in ("date", "datetime"):
            return format_date(self.env, change["datetime"][:10]) if change["datetime"] else self.env._("none")
        if ttype in ("monetary", "float"):
            return self._amount(change["float"], change["currency"]) or str(change["float"] or 0)
        if ttype == "integer":
            return str(change["integer"] or 0)
        return change["char"] or self.env._("none")

    # === The notices that named an invoice === #

    @api.model
    def _steps(self, record):
        """One line for each notice that named this invoice, newest first: level, day, what became of it, what it demanded."""
        if record._name != "account.move":
            return []
        level = self.env["ar.dunning.level"]._field_to_sql("v", "name")
        rows = self.env.execute_query_dict(SQL(STEPS, level=level, move=record.id, company=record.company_id.id))
        return [
            {
                "id": row["id"],
                "name": row["name"],
                "level": row["level"] or "",
                "day": format_date(self.env, row["day"]),
                "outcome": self._outcome(row, record.company_id),
                "trouble": row["state"] == "failed" or row["returned"] or row["unsure"],
                "off": row["state"] == "cancelled" or not row["is_demanded"],
                "amount": self._amount(row["amount"], row["currency_id"]),
            }
            for row in rows
        ]

    @api.model
    def _outcome(self, row, company):
        """How far a notice has come, and what came back, in a few words."""
        states = dict(self.env["ar.dunning.notice"]._fields["state"]._description_selection(self.env))
        told = [states[row["state"]]]
        if row["state"] == "cancelled" and row["cancel_reason"]:
            told = [f"{told[0]}: {row['cancel_reason']}"]
        if row["returned"]:
            told.append(self.env._("came back"))
        if row["unsure"]:
            told.append(self.env._("unconfirmed"))
        if row["replied"]:
            day = format_date(self.env, company._dunning_local(row["replied"]).date())
            told.append(self.env._("answered on %s", day))
        if not row["is_demanded"]:
            told.append(self.env._("listed only"))
        return " · ".join(told)

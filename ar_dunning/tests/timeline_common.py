from datetime import datetime, time

from .common import DunningCommon


class TimelineCommon(DunningCommon):
    """Reads timelines, and gives messages and records the moment at which they are said to have come."""

    def timeline(self, record, user=None, **options):
        """All entries of a record, page by page."""
        Timeline = self.env["ar.dunning.timeline"].with_user(user or self.env.user)
        found, offset = [], 0
        while offset is not False:
            page = Timeline.entries(record._name, record.id, offset=offset, **options)
            found += page["entries"]
            offset = page["next"]
        return found

    def rows(self, record, *kinds, every_step=False, **options):
        """`(day, title, amount)` of the entries, newest first."""
        entries = self.timeline(record, kinds=kinds or None, every_step=every_step, **options)
        return [(entry["day"], entry["title"], entry["amount"].replace("\N{NO-BREAK SPACE}", "")) for entry in entries]

    def dated(self, record, day, column="create_date"):
        """As if the record had come on this day, at nine."""
        self.env.flush_all()
        self.env.cr.execute(
            f'UPDATE "{record._table}" SET {column} = %s WHERE id = ANY(%s)',
            [datetime.combine(day, time(9)), record.ids],
        )
        record.invalidate_recordset()

    def said(self, record, day, body, **values):
        """A message on the record; by e-mail from the customer unless said otherwise."""
        values = {
            "model": record._name,
            "res_id": record.id,
            "message_type": "email",
            "body": body,
            "author_id": self.partner_a.id,
            "date": datetime.combine(day, time(14, 30)),
            **values,
        }
        return self.env["mail.message"].sudo().create(values)

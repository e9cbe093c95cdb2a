import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.models.sql import OPEN_LINE

from ..core import forecast

# A chance is told in whole percents; each invoice fades a little every day, and half a percent is no news.
NEWS = 0.005


class ArDunningItem(models.Model):
    """When an open item will probably be paid: refreshed with the customer's score. Its level may hold his credit."""

    _inherit = "ar.dunning.item"

    expected_date = fields.Date(
        "Expected Payment", readonly=True, help="As likely before as after this day. Empty: nobody paid this late yet."
    )
    expected_from = fields.Date(readonly=True, help="One in ten is paid before this day.")
    expected_to = fields.Date(readonly=True, help="One in ten is paid after this day.")
    late_chance = fields.Float("Probably Late", readonly=True, aggregator="avg", help="Paid after the due date.")

    def _refresh_progress(self):
        """A level may hold credit."""
        result = super()._refresh_progress()
        self.env["ar.dunning.credit.queue"]._moved_by(self.customer_id)
        return result

    @api.model
    def _store_forecasts(self, company, on, pasts, everyone, customer_ids):
        """Forecast the open items of these customers, and write in one statement what differs.

        :return: `{customer id: the last day on which all this stays as it is while nothing happens}`
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT i.customer_id, i.due_date, array_agg(i.id) FROM ar_dunning_item i
                  JOIN account_move_line l ON l.id = i.move_line_id
                 WHERE i.company_id = %s AND i.customer_id = ANY(%s) AND %s
                 GROUP BY i.customer_id, i.due_date
                """,
                company.id,
                list(customer_ids),
                OPEN_LINE,
            )
        )
        nothing, values, until = forecast.Past(), [], {}
        for customer_id, due, ids in self.env.cr.fetchall():
            view = forecast.outlook(due, on, pasts.get(customer_id, nothing), everyone)
            if view.until:
                until[customer_id] = min(view.until, until.get(customer_id, view.until))
            row = {"day": view.expected, "low": view.wide[0], "high": view.wide[1], "late": round(view.late, 4)}
            values += [{"id": key, **{name: None if v is None else str(v) for name, v in row.items()}} for key in ids]
        self._write_forecasts(values)
        return until

    @api.model
    def _write_forecasts(self, values):
        self.env.cr.execute(
            SQL(
                """
                UPDATE ar_dunning_item t
                   SET expected_date = v.day, expected_from = v.low, expected_to = v.high, late_chance = v.late
                  FROM jsonb_to_recordset(%s::jsonb) AS v(id int, day date, low date, high date, late float8)
                 WHERE t.id = v.id
                   AND ((t.expected_date, t.expected_from, t.expected_to) IS DISTINCT FROM (v.day, v.low, v.high)
                        OR COALESCE(abs(t.late_chance - v.late) >= %s, TRUE))
                """,
                json.dumps(values),
                NEWS,
            )
        )
        self.invalidate_model(["expected_date", "expected_from", "expected_to", "late_chance"])

from datetime import timedelta
from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.ar_dunning.tools.authority import is_system

from ..core.rates import end_of_period

# What a value says; where one of these is edited, the source no longer proves it.
FIGURES = {"value", "date_from", "date_to"}


class ArDunningRateValue(models.Model):
    """One published value of a series, for the days on which it holds, with its source."""

    _name = "ar.dunning.rate.value"
    _description = "Reference Rate Value"
    _inherit = ["ar.dunning.pack.mixin"]
    _order = "rate_id, date_from desc, id"

    rate_id = fields.Many2one("ar.dunning.rate", required=True, index=True, ondelete="cascade")
    unit = fields.Selection(related="rate_id.unit")
    date_from = fields.Date("From", required=True)
    date_to = fields.Date(
        "Until",
        help="Last day of the value. Leave empty for the end of its half-year or year, or until the next value in a "
        "series that is published when it changes.",
    )
    period_end = fields.Date(
        "Holds Until",
        compute="_compute_period_end",
        store=True,
        help="Last day on which the value holds. Empty: until the next value.",
    )
    value = fields.Float(required=True, digits=(12, 6), help="In percent a year, or the amount.")
    status = fields.Selection(
        [("P", "Official"), ("S", "Secondary"), ("D", "Calculated")],
        help="How well the value is established: read in an official or in a secondary source, or calculated from a "
        "verified rate by the rule of the law. Empty: entered by your company.",
    )
    source = fields.Char(help="Who published it, where and when.")
    address = fields.Char(help="Internet address of the source.")
    checked_on = fields.Date("Checked", help="When somebody last compared the value with its source.")

    @api.depends("date_from", "date_to", "rate_id.fixing", "rate_id.value_ids.date_from")
    def _compute_period_end(self):
        for value in self:
            value.period_end = value._period_end()

    def _period_end(self):
        """Last day of this value, None where it holds until a value that is not there yet."""
        self.ensure_one()
        if self.date_to or not self.date_from:
            return self.date_to
        if self.rate_id.fixing != "change":
            return end_of_period(self.rate_id.fixing, self.date_from)
        later = [day for day in self.rate_id.value_ids.mapped("date_from") if day and day > self.date_from]
        return min(later) - timedelta(days=1) if later else None

    @api.depends("rate_id", "date_from", "value")
    def _compute_display_name(self):
        for value in self:
            value.display_name = f"{value.rate_id.code} {value.date_from or ''}: {value.value:g}"

    @api.constrains("date_from", "date_to", "rate_id")
    def _check_overlap(self):
        for value in self:
            if value.date_to and value.date_to < value.date_from:
                raise ValidationError(
                    self.env._(
                        "%(series)s: a value ends on %(end)s, before it begins on %(begin)s.",
                        series=value.rate_id.name,
                        end=format_date(self.env, value.date_to),
                        begin=format_date(self.env, value.date_from),
                    )
                )
        for rate in self.rate_id:
            for earlier, later in pairwise(rate.value_ids.sorted(lambda value: (value.date_from, value.id))):
                # A value that ends with the next one can only collide with a twin of the same day.
                end = max(earlier._period_end() or earlier.date_from, earlier.date_from)
                if later.date_from <= end:
                    raise ValidationError(rate.value_ids._overlap_text(earlier, later, end))

    @api.model
    def _overlap_text(self, earlier, later, end):
        return self.env._(
            "%(series)s: the value %(first)s from %(first_day)s to %(end)s and the value %(second)s from %(second_day)s "
            "overlap. Change a date, or correct the value that is there.",
            series=earlier.rate_id.name,
            first=f"{earlier.value:g}",
            first_day=format_date(self.env, earlier.date_from),
            end=format_date(self.env, end),
            second=f"{later.value:g}",
            second_day=format_date(self.env, later.date_from),
        )

    def write(self, vals):
        if not is_system() and FIGURES & set(vals):
            vals = {"status": False, "source": False, "address": False, "checked_on": False, **vals}
        return super().write(vals)

    @api.model
    def get_import_templates(self):
        """A table with the columns to fill, offered on the import screen."""
        return [
            {
                "label": self.env._("Values of reference rates"),
                "template": "/ar_dunning_charge/static/import/ar_dunning_rate_values.csv",
            }
        ]

    @api.model
    def _pack_shown(self):
        return ["date_from", "date_to", "value"]

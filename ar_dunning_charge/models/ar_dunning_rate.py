from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.ar_dunning.tools.figures import as_decimal, plain

from ..core import rates as core

ACTIVITY = "mail.mail_activity_data_todo"


class ArDunningRate(models.Model):
    """A published rate or amount as a dated series: a reference rate, a statutory total, a fee by regulation.

    A value holds for its own days only. Where a day has no value, whatever needs it says so and claims nothing:
    an old figure is never carried on by itself, except in a series that changes only when somebody changes it.
    """

    _name = "ar.dunning.rate"
    _description = "Reference Rate"
    _inherit = ["ar.dunning.pack.mixin", "mail.thread", "mail.activity.mixin", "ar.dunning.used"]
    _order = "country_code, name, id"
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short and unique; used to find the series when values are imported.")
    active = fields.Boolean(default=True)
    unit = fields.Selection(
        [("percent", "Percent a year"), ("amount", "Amount")], required=True, default="percent", tracking=True
    )
    currency_id = fields.Many2one("res.currency", help="Currency of the amounts.")
    fixing = fields.Selection(
        [
            ("half_year", "Each half-year: a value holds until 30 June or 31 December"),
            ("year", "Each year: a value holds until 31 December"),
            ("change", "When it changes: a value holds until the next one"),
        ],
        required=True,
        default="half_year",
        tracking=True,
        help="How long a value holds that has no last day of its own.",
    )
    country_id = fields.Many2one("res.country")
    country_code = fields.Char(related="country_id.code", store=True)
    note = fields.Text()
    value_ids = fields.One2many("ar.dunning.rate.value", "rate_id", string="Values", copy=True)
    value_today = fields.Float("Today", digits=(12, 6), compute="_compute_today")
    source_today = fields.Char("Source", compute="_compute_today")
    is_missing = fields.Boolean(
        "No Value Today",
        compute="_compute_today",
        search="_search_is_missing",
        help="No value holds today. Claims that need it wait until somebody enters it.",
    )

    _code_unique = models.UniqueIndex("(code)", "Another series has this code.")

    @api.depends("value_ids.value", "value_ids.date_from", "value_ids.period_end")
    def _compute_today(self):
        today = self.env.company._dunning_today()
        for rate in self:
            value = rate._value_on(today)
            rate.value_today = value.value
            rate.source_today = value.source
            rate.is_missing = not value

    def _search_is_missing(self, operator, value):
        if operator != "in":
            return NotImplemented
        has_value = Domain("value_ids", "any", self._domain_on(self.env.company._dunning_today()))
        wanted = Domain.FALSE
        for missing in set(value):
            wanted |= ~has_value if missing else has_value
        return wanted

    @api.model
    def _domain_on(self, day):
        """The values that hold on `day`."""
        return Domain("date_from", "<=", day) & (Domain("period_end", "=", False) | Domain("period_end", ">=", day))

    @api.constrains("unit", "currency_id")
    def _check_currency(self):
        for rate in self:
            if rate.unit == "amount" and not rate.currency_id:
                raise ValidationError(self.env._("%s: amounts need a currency.", rate.name))

    @api.constrains("fixing")
    def _check_values(self):
        self.value_ids._check_overlap()

    def _value_on(self, day):
        """The value record that holds on `day`, or none."""
        self.ensure_one()
        return self.value_ids.filtered(
            lambda value: value.date_from and value.date_from <= day <= (value.period_end or day)
        )[:1]

    def _as_series(self):
        """This series as the calculation reads it (`core.rates.Series`): percent a year, or amounts."""
        self.ensure_one()
        values = [
            core.Value(value.date_from, value.period_end or None, as_decimal(value.value), self._value_text(value))
            for value in self.value_ids.sorted("date_from")
        ]
        return core.Series(self.code, self.name, tuple(values))

    def _known_series(self, known):
        """This series, read once for everybody who shares the dict `known`."""
        key = (self.id, self.env.lang)  # it names its values in the reader's language
        if key not in known:
            known[key] = self._as_series()
        return known[key]

    # === Missing values === #

    @api.model
    def _in_use(self):
        """The series that an active rule refers to, whatever the rule is about."""
        used = set()
        for name, model in self.env.registry.items():
            if model._abstract or model._transient or not model._auto or name == "ar.dunning.rate.value":
                continue
            for field in model._fields.values():
                if field.type == "many2one" and field.comodel_name == self._name and field.store:
                    records = self.env[name].sudo().search([(field.name, "!=", False)])
                    used.update(records[field.name].ids)
        return self.browse(sorted(used)).filtered("active")

    @api.model
    def _warn_missing(self, on):
        """Give a manager one to-do for each series in use that has no value on the day `on`; close what is solved.

        Idempotent: a series with an open to-do gets no second one. Called by the night.
        """
        in_use = self.sudo()._in_use()
        missing = in_use.filtered(lambda rate: not rate._value_on(on))
        open_ones = (
            self.env["mail.activity"]
            .sudo()
            .search([("res_model", "=", self._name), ("automated", "=", True), ("date_done", "=", False)])
        )
        warned = self.browse(open_ones.mapped("res_id"))
        solved = open_ones.filtered(lambda activity: activity.res_id not in missing.ids)
        solved.action_feedback(feedback=self.env._("A value holds again, or no rule uses the series any more."))
        for rate in missing - warned:
            manager = self.env.company._dunning_manager()
            rate.with_context(lang=manager.lang).activity_schedule(
                ACTIVITY,
                date_deadline=on,
                summary=rate.with_context(lang=manager.lang).env._("Enter the current value"),
                note=rate.with_context(lang=manager.lang)._missing_text(on),
                user_id=manager.id,
            )
        return missing

    def _missing_text(self, on):
        """Why nothing is claimed with this series on `on`, and what to do."""
        self.ensure_one()
        return self.env._(
            "%(series)s has no value on %(day)s. Claims that need it wait until somebody enters the published value "
            "with its source.",
            series=self.name,
            day=fields.Date.to_string(on),
        )

    # === Shipped data === #

    def _pack_period_taken(self, value):
        """The user's own value that holds in the period of this shipped one, in words, or an empty text."""
        if not self:
            return ""
        first = fields.Date.to_date(value["from"])
        last = fields.Date.to_date(value.get("to")) or core.end_of_period(self.fixing, first)
        for own in self.value_ids:
            ends = own.date_to or core.end_of_period(self.fixing, own.date_from)
            moved = not own.pack_key or own._pack_read("date_from") != (own.pack_values or {}).get("date_from")
            if moved and own.date_from <= last and first <= ends:
                return own.display_name
        return ""

    @api.model
    def _pack_translated(self):
        return {"name"}

    @api.model
    def _pack_shown(self):
        return ["name", "unit", "currency_id", "fixing", "country_id", "note"]

    # === In words === #

    def _value_text(self, value):
        """Which value of this series holds since when."""
        self.ensure_one()
        unit = "%" if self.unit == "percent" else self.currency_id.name or ""
        return self.env._(
            "%(rate)s, %(value)s %(unit)s since %(date)s",
            rate=self.name,
            value=plain(value.value, self.env),
            unit=unit,
            date=format_date(self.env, value.date_from),
        )

from decimal import Decimal
from functools import partial

from odoo import api, fields, models
from odoo.tools import formatLang

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core.rates import Rate
from ..core.tariff import Tier, nearest


class ArDunningRegime(models.Model):
    """What follows from a statutory rule: the claims as the calculation reads them, and what is still missing."""

    _inherit = "ar.dunning.regime"

    rate_today = fields.Float("Interest Today (%)", digits=(12, 6), compute="_compute_today")
    compensation_today = fields.Char(compute="_compute_today")
    fee_today = fields.Char(compute="_compute_today")
    missing = fields.Text("To Be Entered", compute="_compute_today")
    is_missing = fields.Boolean("Figures Missing", compute="_compute_today")

    @api.depends(
        "interest_source",
        "fixed_rate",
        "interest_rate_id.value_ids.value",
        "margin",
        "factor",
        "compensation_kind",
        "compensation_amount",
        "compensation_currency_id",
        "compensation_rate_id.value_ids.value",
        "tier_ids",
        "fee_allowed",
        "fee_amount",
        "fee_factor",
        "fee_rate_id.value_ids.value",
    )
    def _compute_today(self):
        today = self.env.company._dunning_today()
        for regime in self:
            regime.rate_today = regime._rate_on(today) or 0
            regime.compensation_today = regime._compensation_text(today)
            regime.fee_today = regime._fee_text(today)
            regime.missing = "\n".join(regime._missing(today))
            regime.is_missing = bool(regime.missing)

    def _rate_on(self, day):
        """Statutory interest of `day` in percent a year (Decimal) for a delay that begins then; None: none, or unknown."""
        self.ensure_one()
        if self.interest_source == "none":
            return None
        series = self.interest_rate_id
        if self.interest_source == "reference" and not (series and series._value_on(day)):
            return None
        return self._as_terms(2).rate.on(day)

    def _agreed_bounds(self):
        """What the law sets for an agreed rate: (lowest, highest) as `core.rates.Rate`, None where there is none."""
        self.ensure_one()
        floor = cap = None
        if self.agreed_floor_rate_id:
            floor = Rate(series=self.agreed_floor_rate_id._as_series(), factor=as_decimal(self.agreed_floor_factor))
        if self.agreed_cap_rate_id:
            cap = Rate(
                series=self.agreed_cap_rate_id._as_series(),
                factor=as_decimal(self.agreed_cap_factor),
                margin=as_decimal(self.agreed_cap_margin),
            )
        return floor, cap

    def _as_tiers(self, kind):
        """The bands of one kind as `core.tariff.Tier`, in the order of the debt; an empty tuple where there are none."""
        self.ensure_one()
        tiers, lower = [], Decimal(0)
        for band in self.tier_ids.filtered(lambda band: band.kind == kind).sorted(lambda b: (not b.up_to, b.up_to)):
            up_to = as_decimal(band.up_to) if band.up_to else None
            tiers.append(
                Tier(
                    up_to=up_to,
                    percent=as_decimal(band.percent),
                    fixed=as_decimal(band.amount),
                    minimum=as_decimal(band.minimum) if band.minimum else None,
                    maximum=as_decimal(band.maximum) if band.maximum else None,
                    over=lower,
                    exclusive=band.is_exclusive,
                )
            )
            lower = up_to or lower
        return tuple(tiers)

    # === In words === #

    def _missing(self, day):
        """What somebody must enter before everything that the law grants is claimed on `day`, as sentences."""
        self.ensure_one()
        missing = [
            self.env._("To be entered: %s", hint)
            for hint in (self._hint("interest"), self._hint("compensation"))
            if hint
        ]
        series = {self.interest_rate_id, self.compensation_rate_id, self.fee_rate_id} - {self.env["ar.dunning.rate"]}
        for rate in sorted(series, key=lambda rate: rate.name):
            if not rate._value_on(day):
                missing.append(self.env._("To be entered: the current value of %s.", rate.name))
        return missing

    def _hint(self, group):
        """What is missing of a claim that the law grants, or an empty text."""
        if group == "interest":
            return self.interest_source == "none" and self.interest_hint
        empty = (
            (self.compensation_kind == "fixed" and not self.compensation_amount)
            or (self.compensation_kind == "tiers" and not self._as_tiers("compensation"))
            or (self.compensation_kind == "series" and not self.compensation_rate_id)
        )
        return empty and (self.compensation_hint or self.env._("the lump-sum compensation."))

    def _compensation_text(self, day):
        self.ensure_one()
        money = partial(self._money_text, self.compensation_currency_id)
        if self.compensation_kind == "fixed" and self.compensation_amount:
            return money(self.compensation_amount)
        if self.compensation_kind == "tiers":
            return " / ".join(money(float(tier.fixed)) for tier in self._as_tiers("compensation"))
        if self.compensation_kind == "series":
            value = self.compensation_rate_id._value_on(day)
            return value and money(value.value)
        return False

    @api.model
    def _money_text(self, currency, amount):
        """An amount in its currency; the bare figure while none has been chosen."""
        return currency.format(amount) if currency else formatLang(self.env, amount)

    def _fee_text(self, day):
        """The highest reminder fee of `day`."""
        self.ensure_one()
        if self.fee_allowed not in ("yes", "agreed"):
            return False
        amount = self._fee_on(day)
        return amount and self._money_text(self.fee_currency_id, float(amount))

    def _fee_on(self, day, demand=False):
        """The highest fee of a reminder sent on `day` (or of a demand for payment), as Decimal; None: no figure."""
        self.ensure_one()
        if self.fee_rate_id:
            value = self.fee_rate_id._value_on(day)
            share = as_decimal(self.demand_factor if demand else self.fee_factor)
            return nearest(as_decimal(value.value) * share, as_decimal(self.fee_step)) if value and share else None
        amount = self.demand_amount if demand else self.fee_amount
        return as_decimal(amount) if amount else None

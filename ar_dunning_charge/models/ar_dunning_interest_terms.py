from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.ar_dunning.tools.figures import as_decimal, plain

from ..core.interest import Basis, Compounding, Rounding, Terms
from ..core.rates import Rate

BASES = [
    ("act_365", "Actual days / 365"),
    ("act_act", "Actual days / 365 or 366"),
    ("act_360", "Actual days / 360"),
    ("30_360", "30 days a month / 360"),
]


class ArDunningInterestTerms(models.AbstractModel):
    """How interest is calculated: where the annual rate comes from, and how days and cents are counted.

    Shared by the company's own interest rules and by statutory rules. Rates are percent a year.
    """

    _name = "ar.dunning.interest.terms"
    _description = "Interest Terms"

    interest_source = fields.Selection(
        [("none", "No interest"), ("fixed", "A fixed rate"), ("reference", "A reference rate and a margin")],
        string="Interest",
        required=True,
        default="fixed",
    )
    fixed_rate = fields.Float("Rate (% a year)", digits=(12, 6))
    interest_rate_id = fields.Many2one("ar.dunning.rate", string="Reference Rate", ondelete="restrict")
    factor = fields.Float(default=1, digits=(12, 6), help="Multiple of the reference rate, e.g. 3 for three times it.")
    margin = fields.Float("Margin (points)", digits=(12, 6), help="Percentage points on top of the reference rate.")
    reference_step = fields.Float(
        "Round Reference Up to (points)",
        digits=(12, 6),
        help="E.g. 0.5: a reference rate of 2.15 counts as 2.5, as in Finland and Sweden. 0: not rounded.",
    )
    total_step = fields.Float(
        "Round Total Up to (points)",
        digits=(12, 6),
        help="E.g. 0.5: a total of 10.15 counts as 10.5, as in Belgium. 0: not rounded.",
    )
    floor_rate_id = fields.Many2one(
        "ar.dunning.rate", string="Not Below", ondelete="restrict", help="The rate is at least this one times a factor."
    )
    floor_factor = fields.Float(default=1, digits=(12, 6))
    cap_percent = fields.Float(
        "Not Above (% a year)", digits=(12, 6), help="The highest rate that may be claimed. 0: no limit."
    )
    frozen = fields.Boolean(
        "Rate Stays as It Starts",
        help="The rate in force when interest begins holds for the whole delay (as in the United Kingdom). "
        "Otherwise each new value of the reference rate counts from its own day.",
    )
    basis = fields.Selection(
        BASES,
        string="Day Count",
        required=True,
        default="act_365",
    )
    compounding = fields.Selection(
        [("simple", "Simple interest"), ("yearly", "Added to the principal each year"), ("monthly", "Each month")],
        required=True,
        default="simple",
        help="Interest on interest is forbidden in most countries; the Netherlands add it once a year.",
    )
    rounding = fields.Selection(
        [("end", "Once, at the end"), ("daily", "Each day's interest first")], required=True, default="end"
    )
    after_payment = fields.Boolean(
        "Also after Payment",
        help="Interest up to the day of payment is still claimed when the principal was paid late.",
    )

    @api.constrains(
        "interest_source", "fixed_rate", "interest_rate_id", "factor", "margin", "reference_step", "total_step"
    )
    def _check_interest_terms(self):
        for terms in self:
            problem = terms._interest_problem()
            if problem:
                raise ValidationError(self.env._("%(rule)s: %(problem)s", rule=terms.display_name, problem=problem))

    def _interest_problem(self):
        """What is wrong with these terms, as a sentence, or an empty text."""
        self.ensure_one()
        if self.interest_source == "fixed" and self.fixed_rate <= 0:
            return self.env._("a fixed rate must be above 0. Enter the rate, or choose a reference rate.")
        if self.interest_source == "reference" and not self.interest_rate_id:
            return self.env._("choose the reference rate, or enter a fixed rate.")
        if self.margin < 0:
            return self.env._("the margin cannot be negative.")
        if min(self.factor, self.floor_factor) <= 0:
            return self.env._("a factor must be above 0.")
        if min(self.reference_step, self.total_step, self.cap_percent) < 0:
            return self.env._("rounding steps and limits cannot be negative.")
        return ""

    def _as_terms(self, digits, minimum=Decimal(0), grace_days=0, series=None):
        """These terms as the calculation reads them.

        :param int digits: decimals of the debt's currency
        :param series: a dict that keeps series read before, by id; saves reading them for each item of a batch
        :return: `core.interest.Terms`, or None where no interest is claimed
        """
        self.ensure_one()
        if self.interest_source == "none":
            return None
        series = {} if series is None else series
        rate = Rate(fixed=as_decimal(self.fixed_rate)) if self.interest_source == "fixed" else self._reference(series)
        return Terms(
            rate=rate,
            basis=Basis(self.basis),
            compounding=Compounding(self.compounding),
            rounding=Rounding(self.rounding),
            digits=digits,
            grace_days=grace_days,
            minimum=minimum,
        )

    @api.model
    def _missing_rate_text(self, error):
        """A missing value of a reference rate in the user's words: which rate, which days, what to do."""
        first = format_date(self.env, error.first)
        if error.last:
            return self.env._(
                "%(rate)s has no value from %(first)s to %(last)s. Enter it under Reference Rates.",
                rate=error.series,
                first=first,
                last=format_date(self.env, error.last),
            )
        return self.env._(
            "%(rate)s has no value from %(first)s on. Enter it under Reference Rates.", rate=error.series, first=first
        )

    def _reference(self, series):
        floor = None
        if self.floor_rate_id:
            floor = Rate(series=self.floor_rate_id._known_series(series), factor=as_decimal(self.floor_factor))
        return Rate(
            series=self.interest_rate_id._known_series(series),
            factor=as_decimal(self.factor),
            margin=as_decimal(self.margin),
            reference_step=as_decimal(self.reference_step) or None,
            total_step=as_decimal(self.total_step) or None,
            floor=floor,
            cap=Rate(fixed=as_decimal(self.cap_percent)) if self.cap_percent else None,
            frozen=self.frozen,
        )

    # === In words === #

    def _terms_text(self):
        """The rate in a few words, e.g. 'ECB refinancing rate plus 8 points'."""
        self.ensure_one()
        if self.interest_source == "fixed":
            return self.env._("%s %% a year", plain(self.fixed_rate, self.env))
        rate = self.interest_rate_id.name or ""
        if self.factor != 1:
            rate = self.env._("%(factor)s times %(rate)s", factor=plain(self.factor, self.env), rate=rate)
        if self.margin:
            rate = self.env._("%(rate)s plus %(margin)s points", rate=rate, margin=plain(self.margin, self.env))
        return rate

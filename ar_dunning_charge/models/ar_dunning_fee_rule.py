from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.ar_dunning.tools.figures import as_decimal, exact, plain

from ..core import tariff
from ..core.rates import MissingRate
from ..core.sheet import Money, Part


class ArDunningFeeRule(models.Model):
    """A reminder fee: how much, of what and how often. The law of the debtor's country caps it."""

    _name = "ar.dunning.fee.rule"
    _inherit = ["ar.dunning.settings", "ar.dunning.used"]
    _description = "Fee Rule"
    _order = "name, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True, help="Printed beside the fee.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company.root_id)
    method = fields.Selection(
        [
            ("fixed", "A fixed amount"),
            ("percent", "A percentage of the overdue amount"),
            ("bands", "Bands: the whole amount falls into one band"),
            ("marginal", "Scale: each slice has its own percentage"),
            ("share", "A fraction of a published amount"),
            ("statute", "The reminder fee that the law of the debtor's country names"),
            ("collection", "The collection costs that the law of the debtor's country names"),
        ],
        required=True,
        default="fixed",
    )
    scope = fields.Selection(
        [("item", "For each invoice"), ("notice", "Once for the notice")],
        "Charged",
        required=True,
        default="notice",
        help="Either way once per level: what was charged is not charged again.",
    )
    is_agreed = fields.Boolean(
        "Agreed with the Customers",
        help="The fee stands in the contract or in general terms that the customers accepted. Several countries "
        "allow reminder fees only then.",
    )
    tier_ids = fields.One2many("ar.dunning.fee.tier", "rule_id", string="Amounts", copy=True)
    percent = fields.Float("% of the Overdue Amount", digits=(12, 6))
    currency_id = fields.Many2one(
        "res.currency", string="Currency of the Limits", default=lambda self: self.env.company.currency_id
    )
    minimum = fields.Monetary("At Least")
    maximum = fields.Monetary("At Most", help="0: no limit.")
    rate_id = fields.Many2one("ar.dunning.rate", string="Published Amount", ondelete="restrict")
    numerator = fields.Integer(default=1)
    denominator = fields.Integer(default=1)
    rounding = fields.Monetary("Round to a Multiple of", help="E.g. 1 for whole kroner. 0: to the smallest coin.")

    example_principal = fields.Float("Example Debt", digits=(16, 2), default=1000, store=False)
    example_currency_id = fields.Many2one(
        "res.currency", default=lambda self: self.env.company.currency_id, store=False
    )
    example_html = fields.Html("Example", compute="_compute_example_html", sanitize=False)

    _limits_positive = models.Constraint(
        "CHECK(percent >= 0 AND minimum >= 0 AND maximum >= 0 AND rounding >= 0)",
        "The percentage and the limits of a fee cannot be negative.",
    )

    @api.constrains("method", "tier_ids", "percent", "minimum", "maximum", "rate_id", "numerator", "denominator")
    def _check_tariffs(self):
        for rule in self:
            try:
                rule._as_tariffs()
            except ValueError as error:
                raise ValidationError(self.env._("%(rule)s: %(problem)s", rule=rule.name, problem=error)) from error

    @api.depends(
        "method",
        "tier_ids.currency_id",
        "tier_ids.up_to",
        "tier_ids.percent",
        "tier_ids.fixed",
        "tier_ids.minimum",
        "tier_ids.maximum",
        "percent",
        "currency_id",
        "minimum",
        "maximum",
        "rate_id",
        "numerator",
        "denominator",
        "rounding",
        "example_principal",
        "example_currency_id",
    )
    def _compute_example_html(self):
        for rule in self:
            rule.example_html = self.env["ir.qweb"]._render(
                "ar_dunning_charge.fee_example", rule._example(self.env.company._dunning_today())
            )

    def _as_tariffs(self, series=None):
        """The rule per currency, as the calculation reads it.

        :param series: a dict that keeps series read before, by id
        :return: a tuple of `core.tariff.Tariff`, the company's own currency first
        :raise ValueError: bands out of order, no amount, no percentage, no published amount
        """
        self.ensure_one()
        series = {} if series is None else series
        limits = {"minimum": self._limit(self.minimum), "maximum": self._limit(self.maximum)}
        currency = self.currency_id.id
        if self.method in ("statute", "collection"):
            return ()
        if self.method == "percent":
            if not self.percent:
                raise ValueError(self.env._("enter the percentage."))
            return (tariff.percentage(currency, as_decimal(self.percent), **limits),)
        if self.method == "share":
            if not self.rate_id:
                raise ValueError(self.env._("choose the published amount."))
            rounding = as_decimal(self.rounding) if self.rounding else None
            money = (self.rate_id.currency_id or self.currency_id).id
            return (
                tariff.share(money, self.rate_id._known_series(series), self.numerator, self.denominator, rounding),
            )
        if not self.tier_ids:
            raise ValueError(self.env._("enter at least one amount."))
        groups = self.tier_ids.sorted(lambda tier: (tier.is_last, tier.up_to, tier.id or 0)).grouped("currency_id")
        return tuple(
            self._tariff_of(money.id, tiers, limits if money == self.currency_id else {})
            for money, tiers in sorted(groups.items(), key=lambda pair: pair[0] != self.currency_id)
        )

    def _tariff_of(self, currency, tiers, limits):
        rows = [tier._as_tier() for tier in tiers]
        if self.method == "fixed":
            if len(rows) > 1:
                raise ValueError(
                    self.env._("a fixed fee has one amount per currency. Choose bands for several amounts.")
                )
            return tariff.fixed(currency, rows[0].fixed)
        make = tariff.bands if self.method == "bands" else tariff.marginal
        return make(currency, rows, **limits)

    def _limit(self, amount):
        return as_decimal(self.currency_id.round(amount)) if amount else None

    def _example(self, on):
        """The fee on the example debt, by the calculation that the night uses."""
        self.ensure_one()
        if self.method in ("statute", "collection"):
            return {"problem": self.env._("The amount depends on the country of each debtor.")}
        money = self.example_currency_id or self.env.company.currency_id
        debt = as_decimal(self.example_principal)
        try:
            tariffs = self._as_tariffs()
            rates = self._rates_into(money, {found.currency for found in tariffs}, self.env.company, on)
            found = tariff.evaluate(tariffs, debt, on, Money(money.id, money.decimal_places), rates)
        except ValueError as error:
            return {"problem": str(error)}
        except MissingRate as error:
            return {"problem": self.env["ar.dunning.interest.terms"]._missing_rate_text(error)}
        except tariff.NoConversionError as error:
            return {"problem": self._no_conversion_text(error)}
        return {
            "problem": "",
            "result": found,
            "money": money,
            "rows": self._step_rows(found.steps),
            "ceilings": self._ceiling_texts(found.amount, money, on),
        }

    @api.model
    def _ceiling_texts(self, amount, money, on):
        """Where the law cuts or forbids a fee of `amount`, one sentence for each statutory rule set up in `money`."""
        domain = Domain("date_from", "=", False) | Domain("date_from", "<=", on)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", on)
        texts = []
        for regime in self.env["ar.dunning.regime"].search(domain):
            most = regime.fee_currency_id == money and regime._fee_on(on)
            if regime.fee_allowed == "no":
                texts.append(self.env._("%s: no reminder fee.", regime.name))
            elif regime.fee_allowed == "agreed" and not self.is_agreed:
                texts.append(self.env._("%s: only if it was agreed.", regime.name))
            elif most and most < amount:
                texts.append(self.env._("%(law)s: cut to %(most)s.", law=regime.name, most=money.format(float(most))))
        return texts

    def _as_text(self, regime):
        """What a fee of this rule follows from, as printed beside it."""
        self.ensure_one()
        if self.method not in ("statute", "collection"):
            return self.name
        return f"{self.name} ({regime._as_text('collection' if self.method == 'collection' else 'fee')})"

    @api.model
    def _rates_into(self, money, currency_ids, company, day):
        """Units of `money` for one unit of each of these currencies, by the company's rates of `day`.

        A currency without a rate on or before that day is left out: nothing is converted at a guess.
        """
        rates = {}
        for currency in self.env["res.currency"].browse(set(currency_ids) - {money.id}):
            if all(self._has_rate(one, company, day) for one in (currency, money)):
                rates[currency.id] = exact(currency._convert(1.0, money, company, day, round=False))
        return rates

    @api.model
    def _has_rate(self, currency, company, day):
        domain = [
            ("currency_id", "=", currency.id),
            ("company_id", "in", (False, company.root_id.id)),
            ("name", "<=", day),
        ]
        return currency == company.currency_id or bool(
            self.env["res.currency.rate"].sudo().search_count(domain, limit=1)
        )

    @api.model
    def _no_conversion_text(self, error):
        currency = self.env["res.currency"].browse(error.currency)
        return self.env._(
            "There is no amount in the debt's currency and no exchange rate for %s. Enter one of them.", currency.name
        )

    # === In words === #

    @api.model
    def _step_rows(self, steps):
        """The arithmetic as rows of text and amount, in the user's language."""
        return [(self._step_text(step), self._money(step.amount, step.currency)) for step in steps]

    @api.model
    def _money(self, amount, currency_id):
        return self.env["res.currency"].browse(currency_id).format(float(amount))

    @api.model
    def _step_text(self, step):
        base = "" if step.base is None else self._money(step.base, step.currency)
        texts = {
            Part.FIXED: lambda: self.env._("Fixed amount"),
            Part.PERCENT: lambda: self.env._(
                "%(percent)s %% of %(base)s", percent=plain(step.percent, self.env), base=base
            ),
            Part.SHARE: lambda: self._share_text(step, base),
            Part.TIER_MINIMUM: lambda: self.env._("At least %s in this band", base),
            Part.TIER_MAXIMUM: lambda: self.env._("At most %s in this band", base),
            Part.MINIMUM: lambda: self.env._("At least %s", base),
            Part.MAXIMUM: lambda: self.env._("At most %s", base),
            Part.ROUNDING: lambda: self.env._("Rounded"),
            Part.CONVERSION: lambda: self.env._("Converted at %s, the rate of the day", plain(step.factor, self.env)),
            Part.UPLIFT: lambda: self.env._("VAT of %s %%", plain(step.percent, self.env)),
            Part.CUT: lambda: self.env._("Cut to what may be charged"),
        }
        return texts[step.part]()

    @api.model
    def _share_text(self, step, base):
        if step.factor == 1:
            return self.env._("The published amount of %s", base)
        return self.env._(
            "%(factor)s times the published amount of %(base)s", factor=plain(step.factor, self.env), base=base
        )

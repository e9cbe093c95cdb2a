from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core.interest import Movement, claim
from ..core.rates import MissingRate


class ArDunningInterestRule(models.Model):
    """Interest that the company agreed in its contracts or general terms; a policy or a customer refers to it.

    A customer's rule comes before the policy's, and both before the statutory one. What the law of the
    debtor's country forbids or limits applies to every rule.
    """

    _name = "ar.dunning.interest.rule"
    _description = "Interest Rule"
    _inherit = ["ar.dunning.settings", "ar.dunning.interest.terms", "ar.dunning.used"]
    _order = "name, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True, help="Printed beside the interest, e.g. 'Contract, § 7'.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company.root_id)
    grace_days = fields.Integer(
        "Grace (days)",
        help="Interest is claimed only when the item is more than this many days in default; it still counts from "
        "the first day of default.",
    )
    minimum = fields.Float(
        "Not Worth Claiming Below",
        digits=(16, 2),
        help="Interest below this amount, in the debt's currency, is not claimed yet; its days stay claimable.",
    )
    starts_agreed = fields.Boolean(
        "From the Agreed Due Date",
        default=True,
        help="The due date was agreed with the customer, so that default begins when it has passed, without a reminder.",
    )

    example_principal = fields.Float("Example Debt", digits=(16, 2), default=1000, store=False)
    example_days = fields.Integer("Days Late", default=50, store=False)
    example_html = fields.Html("Example", compute="_compute_example_html", sanitize=False)

    _grace_positive = models.Constraint("CHECK(grace_days >= 0)", "Grace days cannot be negative.")
    _minimum_positive = models.Constraint("CHECK(minimum >= 0)", "The smallest amount cannot be negative.")

    @api.constrains("interest_source")
    def _check_claims_something(self):
        for rule in self:
            if rule.interest_source == "none":
                raise ValidationError(
                    self.env._(
                        "%s: a rule that claims no interest has no use. Enter a rate or a reference rate.", rule.name
                    )
                )

    @api.depends(lambda self: ["example_principal", "example_days", *self._terms_fields()])
    def _compute_example_html(self):
        for rule in self:
            rule.example_html = self.env["ir.qweb"]._render(
                "ar_dunning_charge.interest_example", rule._example(self.env.company._dunning_today())
            )

    @api.model
    def _terms_fields(self):
        return [
            name
            for name in self.env["ar.dunning.interest.terms"]._fields
            if name not in models.MAGIC_COLUMNS and name != "display_name"
        ] + ["minimum", "grace_days"]

    def _example(self, on):
        """Interest on the example debt as of `on`, by the calculation that the night uses."""
        self.ensure_one()
        problem = self._interest_problem()
        if problem or self.interest_source == "none":
            return {"problem": problem or self.env._("No interest: enter a rate or a reference rate.")}
        due = on - timedelta(days=max(self.example_days, 1))
        principal = as_decimal(self.example_principal)
        try:
            found = claim(self._terms_for(2), [Movement(due, principal)], due + timedelta(days=1), on)
        except MissingRate as error:
            return {"problem": self._missing_rate_text(error)}
        return {"problem": "", "claim": found, "rule": self}

    def _terms_for(self, digits, series=None):
        """The rule's terms with its grace days and smallest amount (`core.interest.Terms`)."""
        return self._as_terms(digits, as_decimal(self.minimum), self.grace_days, series)

    def _as_text(self):
        """What interest by this rule follows from, as printed beside it."""
        self.ensure_one()
        return f"{self.name}: {self._terms_text()}"

from collections import Counter
from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.score import Factor, Grade, Rules, score

WEIGHTS = tuple(factor.value for factor in Factor)
GRADES = ("grade_a", "grade_b", "grade_c", "grade_d", "minimum")
DEFAULTS = Rules()


class ArDunningScoreRule(models.Model):
    """What each factor of a customer's score may cost, and where the grades begin. One per company; none: defaults."""

    _name = "ar.dunning.score.rule"
    _inherit = ["ar.dunning.settings", "ar.dunning.guarded"]
    _description = "Score Rule"
    _order = "company_id, id"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    punctuality = fields.Integer(
        required=True,
        default=DEFAULTS.punctuality,
        help="Lost as far as the next invoice is likely to be paid late, as the customer's recent history says.",
    )
    lateness = fields.Integer(
        "Days Late", required=True, default=DEFAULTS.lateness, help="Lost altogether at 60 days late on average."
    )
    amount = fields.Integer(
        "Days Late by Amount",
        required=True,
        default=DEFAULTS.amount,
        help="As before, each payment counted by its amount: who pays only the large invoices late loses here.",
    )
    trend = fields.Integer(
        required=True,
        default=DEFAULTS.trend,
        help="Lost where the last six months were later than usual. At most what 'Days Late' may cost.",
    )
    worst = fields.Integer("Longest Delay", required=True, default=DEFAULTS.worst, help="Lost altogether at 120 days.")
    overdue = fields.Integer(
        "Overdue Now",
        required=True,
        default=DEFAULTS.overdue,
        help="Lost altogether where an average month's invoices or more are overdue, the oldest for 90 days.",
    )
    promises = fields.Integer(
        "Broken Promises", required=True, default=DEFAULTS.promises, help="Half for the first, all from the second."
    )
    returned = fields.Integer(
        "Returned Payments", required=True, default=DEFAULTS.returned, help="Half for the first, all from the second."
    )
    loyalty = fields.Integer(
        "Long-Standing Customer", required=True, default=DEFAULTS.loyalty, help="Added in full after three years."
    )
    grade_a = fields.Integer("A from", required=True, default=DEFAULTS.grade_a)
    grade_b = fields.Integer("B from", required=True, default=DEFAULTS.grade_b)
    grade_c = fields.Integer("C from", required=True, default=DEFAULTS.grade_c)
    grade_d = fields.Integer("D from", required=True, default=DEFAULTS.grade_d, help="Below it: E.")
    minimum = fields.Integer(
        "Invoices Needed",
        required=True,
        default=DEFAULTS.minimum,
        help="With fewer known invoices a customer is new: neither good nor bad.",
    )
    effect_html = fields.Html("Effect", compute="_compute_effect_html", sanitize=False)

    _company_unique = models.UniqueIndex("(company_id)", "A company has one score rule.")

    @api.constrains(*WEIGHTS, *GRADES)
    def _check_rules(self):
        for rule in self:
            refusal = rule._refusal()
            if refusal:
                raise ValidationError(refusal)

    def _refusal(self):
        """Why these figures make no score, else None."""
        if min(self[name] for name in WEIGHTS) < 0:
            return self.env._("A weight cannot be negative.")
        if self.trend > self.lateness:
            return self.env._("The trend must not weigh more than the days late: else paying later could help.")
        floors = [self.grade_a, self.grade_b, self.grade_c, self.grade_d, 0]
        if self.grade_a > 100 or any(low >= high for high, low in pairwise(floors)):
            return self.env._("The grades must begin at falling scores between 100 and 1.")
        if self.minimum < 1:
            return self.env._("A grade needs at least one invoice.")
        return None

    @api.depends("company_id", *WEIGHTS, *GRADES)
    def _compute_effect_html(self):
        """How many customers of the company have each grade now, and would have by these figures."""
        for rule in self:
            rule.effect_html = self.env["ir.qweb"]._render("ar_dunning_credit.score_effect", rule._effect())

    def _effect(self):
        refusal = self._refusal()
        if refusal:
            return {"refusal": refusal, "rows": []}
        rules, moved = self._as_rules(), 0
        now, then = Counter(), Counter()
        for grade, facts in self.env["ar.dunning.scoring"]._graded(
            self._companies() & self.env.companies._dunning_tree()
        ):
            would = score(facts, rules).grade.value
            now[grade] += 1
            then[would] += 1
            moved += would != grade
        labels = dict(self.env["ar.dunning.customer"]._fields["grade"]._description_selection(self.env))
        rows = [(labels[grade.value], now[grade.value], then[grade.value]) for grade in Grade]
        return {"refusal": None, "rows": rows, "moved": moved, "count": now.total()}

    def _companies(self):
        """The companies that the rule is for: its own and the branches below, but none with a nearer rule."""
        self.ensure_one()
        own = self.company_id.sudo()
        others = self.sudo().search([("company_id", "child_of", own.id), ("company_id", "!=", own.id)])
        return own.search([("id", "child_of", own.ids), "!", ("id", "child_of", others.company_id.ids)])

    def _as_rules(self):
        """The values of the calculation; the defaults for no record."""
        if not self:
            return DEFAULTS
        return Rules(**{name: self[name] for name in (*WEIGHTS, *GRADES)})

    @api.model
    def _rules_of(self, company):
        """The rules of a company: its own, else its nearest parent's, else the defaults."""
        rules = self.sudo().search([("company_id", "parent_of", company.id)])
        return rules.sorted(lambda rule: -len(rule.company_id.parent_path))[:1]._as_rules()

    @api.model
    def _regrade(self, companies):
        for company in companies.search([("id", "child_of", companies.ids)]):
            self.env["ar.dunning.scoring"].sudo()._regrade(company)

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self._regrade(rules.company_id.sudo())
        return rules

    def write(self, vals):
        companies = self.company_id
        result = super().write(vals)
        self._regrade((companies | self.company_id).sudo())
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self._regrade(companies.sudo())
        return result

    def action_defaults(self):
        """Take the addon's own figures again."""
        self.write({name: getattr(DEFAULTS, name) for name in (*WEIGHTS, *GRADES)})

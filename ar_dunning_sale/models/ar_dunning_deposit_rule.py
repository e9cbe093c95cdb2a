from dataclasses import dataclass
from enum import Enum

from odoo import api, fields, models
from odoo.tools import format_amount

STATUS_RANK = {"ok": 0, "watch": 1, "hold": 2, "blocked": 3}


class Stage(str, Enum):
    """When the deposit must be there."""

    CONFIRM = "confirm"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a rule looks at. `total` in company currency, taxes included; `status` one of ok, watch, hold, blocked."""

    grade: str | None
    status: str
    audience: str
    first_order: bool
    total: float
    category_ids: frozenset


@dataclass(frozen=True, slots=True)
class Demand:
    """The strictest deposit of one stage: `amount` in company currency and the name of the rule that asks for it."""

    amount: float = 0.0
    rule: str = ""
    releases_hold: bool = False


class ArDunningDepositRule(models.Model):
    """Which part of an order must be paid first, by whom. Every condition that is given must hold.

    Where several rules fit, the one that demands most counts, separately for each moment.
    """

    _name = "ar.dunning.deposit.rule"
    _inherit = ["ar.dunning.settings"]
    _description = "Deposit Rule"
    _order = "sequence, id"

    name = fields.Char(
        required=True, translate=True, help="Salespeople read it as the reason: 'First order', 'Pays late'."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Leave empty to apply the rule in every company."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    grade_from = fields.Selection(
        [("b", "B or worse"), ("c", "C or worse"), ("d", "D or worse"), ("e", "E")],
        "Payment Grade",
        help="How the customer has paid so far. Leave empty where it does not matter.",
    )
    ungraded = fields.Boolean(
        "Or No Grade Yet", help="The rule is also for customers with too little history for a grade."
    )
    status_from = fields.Selection(
        [("watch", "Watch or worse"), ("hold", "On hold or worse"), ("blocked", "Blocked")], "Credit Status"
    )
    audience = fields.Selection(
        [("business", "Business"), ("consumer", "Consumer"), ("public", "Public administration")]
    )
    first_order = fields.Boolean("First Order Only", help="No confirmed order and no posted invoice yet.")
    amount_from = fields.Monetary("Orders From", help="Total with taxes, in company currency. 0: every order.")
    category_id = fields.Many2one(
        "product.category", "Product Category", ondelete="restrict", help="Some line is of this category or below it."
    )
    share = fields.Float("Share of the Order", default=0.3, help="Of the total with taxes.")
    amount = fields.Monetary(
        "At Least", help="In company currency; never more than the order. Counts where it is more than the share."
    )
    stage = fields.Selection(
        [(Stage.CONFIRM.value, "Before confirmation"), (Stage.INVOICE.value, "Before delivery and invoicing")],
        "Paid",
        required=True,
        default=Stage.CONFIRM.value,
    )
    releases_hold = fields.Boolean(
        help="Once the deposit has come in, an order is confirmed although the customer is on hold. Never passes a block."
    )

    _share = models.Constraint("CHECK(share >= 0 AND share <= 1)", "The share is between 0 % and 100 %.")
    _amount = models.Constraint("CHECK(amount >= 0 AND amount_from >= 0)", "Amounts cannot be negative.")
    _something = models.Constraint(
        "CHECK(share > 0 OR COALESCE(amount, 0) > 0)", "Say which share or amount is to be paid."
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.model
    def _of_company(self, company):
        """The rules in force in `company`: shared ones, its own and those of the companies above it."""
        return self.sudo().search([("company_id", "in", [False, *company.sudo().parent_ids.ids])])

    def _demands(self, facts):
        """`{Stage: Demand}`: of these rules the strictest that fits, for each stage.

        :param facts: OrderFacts
        """
        found = {stage: Demand() for stage in Stage}
        for rule in self.filtered(lambda rule: rule._fits(facts)):
            stage = Stage(rule.stage)
            amount = min(max(facts.total * rule.share, rule.amount), facts.total)
            if amount > found[stage].amount:
                found[stage] = Demand(amount, rule.name, rule.releases_hold)
        return found

    def _fits(self, facts):
        """Whether every condition of the rule holds."""
        self.ensure_one()
        graded = not self.grade_from or (facts.grade or "").lower() >= self.grade_from
        if self.ungraded and not facts.grade:
            graded = True
        elif self.ungraded and not self.grade_from:
            graded = False
        return (
            graded
            and STATUS_RANK[facts.status] >= STATUS_RANK.get(self.status_from, 0)
            and self.audience in (False, facts.audience)
            and (facts.first_order or not self.first_order)
            and facts.total >= self.amount_from
            and (not self.category_id or self._names_category(facts.category_ids))
        )

    def _names_category(self, category_ids):
        """Whether one of these product categories is the rule's or below it."""
        self.ensure_one()
        path = self.category_id.parent_path
        categories = self.env["product.category"].sudo().browse(category_ids)
        return any(category.parent_path.startswith(path) for category in categories)

    @api.depends("name", "share", "amount")
    def _compute_display_name(self):
        for rule in self:
            size = f"{rule.share:.0%}" if rule.share else format_amount(self.env, rule.amount, rule.currency_id)
            rule.display_name = f"{rule.name} ({size})" if rule.name else size

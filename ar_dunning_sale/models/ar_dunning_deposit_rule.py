from odoo import api, fields, models
from odoo.tools import format_amount

from odoo.addons.ar_dunning.tools.figures import as_decimal, exact
from odoo.addons.ar_dunning_credit.core.credit_status import Status

from ..core.deposit import Rule, Stage


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

    def _as_core(self):
        """These rules as values for the decision, in their order."""
        return [
            Rule(
                name=rule.name,
                stage=Stage(rule.stage),
                share=exact(rule.share),  # a third of a large order to the last coin
                amount=as_decimal(rule.amount),
                releases_hold=rule.releases_hold,
                grade_from=rule.grade_from or None,
                ungraded=rule.ungraded,
                status_from=Status(rule.status_from or "ok"),
                audience=rule.audience or None,
                first_order=rule.first_order,
                amount_from=as_decimal(rule.amount_from),
                category=rule.category_id.parent_path or None,
            )
            for rule in self
        ]

    @api.depends("name", "share", "amount")
    def _compute_display_name(self):
        for rule in self:
            size = f"{rule.share:.0%}" if rule.share else format_amount(self.env, rule.amount, rule.currency_id)
            rule.display_name = f"{rule.name} ({size})" if rule.name else size

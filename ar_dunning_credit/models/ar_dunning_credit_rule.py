import logging
from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.ar_dunning.tools.attempt import CONCURRENCY
from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core.credit_status import RuleHit, Status

_logger = logging.getLogger(__name__)
EFFECTS = [("watch", "Watch"), ("hold", "Hold"), ("blocked", "Blocked")]


class ArDunningCreditRule(models.Model):
    """A credit rule of the company's own: a condition on the customer record, what it does, and for whom not."""

    _name = "ar.dunning.credit.rule"
    _inherit = ["ar.dunning.settings"]
    _description = "Credit Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Leave empty to apply the rule in every company."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    domain = fields.Char(
        "Condition", required=True, default="[]", help="Which customers the rule is about; an empty one is all of them."
    )
    effect = fields.Selection(EFFECTS, required=True, default="watch")
    message = fields.Char(
        translate=True, help="What people read, and what they should do; in place of the rule's name."
    )
    group_ids = fields.Many2many(
        "res.groups", string="Except for", help="Members of these groups are not stopped or warned by this rule."
    )
    below_amount = fields.Monetary(
        "Not for Orders Below", help="Smaller orders and invoices pass, in company currency. 0: the rule is for all."
    )

    _below_amount = models.Constraint("CHECK(below_amount >= 0)", "The amount cannot be negative.")

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.constrains("domain")
    def _check_domain(self):
        """A condition that cannot be read would stop the night: refuse it where it is written."""
        for rule in self:
            try:
                self.env["ar.dunning.customer"].sudo().search_count(rule._as_domain(), limit=1)
            except CONCURRENCY:
                raise
            except Exception as error:  # whatever the domain's author got wrong
                raise ValidationError(
                    self.env._("The condition of rule %(rule)s cannot be read: %(error)s", rule=rule.name, error=error)
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        self.env["ar.dunning.credit.queue"]._rules_moved()
        return super().create(vals_list)

    def write(self, vals):
        self.env["ar.dunning.credit.queue"]._rules_moved()
        return super().write(vals)

    def unlink(self):
        self.env["ar.dunning.credit.queue"]._rules_moved()
        return super().unlink()

    def _as_domain(self):
        self.ensure_one()
        return Domain(literal_eval(self.domain or "[]"))

    @api.model
    def _in_force(self, company):
        """The rules of a company; who asks about archived customers, too, does not ask for rules put out of force."""
        ours = Domain("company_id", "=", False) | Domain("company_id", "parent_of", company.id)
        return self.sudo().with_context(active_test=True).search(ours)

    @api.model
    def _hits(self, customers, company, extra, user=None):
        """`{customer id: [core.RuleHit]}`: one search a rule.

        :param extra: amount of the order or invoice at hand by customer id; without one, exclusions by amount do not apply
        :param user: whose exceptions count; without one, nobody's
        """
        found = {}
        Customer = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
        unstored = customers.filtered(lambda customer: not customer.id)
        for rule in self._in_force(company):
            if user and rule.group_ids & user.sudo().all_group_ids:
                continue
            hit = RuleHit(rule.name, Status(rule.effect), rule.message or "")
            below = as_decimal(rule.below_amount)
            try:
                domain = rule._as_domain()
                matching = Customer.search(Domain("id", "in", customers.ids) & domain).ids
                matching += list(unstored.filtered_domain(domain)._ids)
            except (ValueError, SyntaxError, KeyError, TypeError):  # e.g. its field went with an addon
                _logger.exception("Credit rule %s cannot be read", rule.id)
                hit = RuleHit(rule.name, Status.WATCH, rule.env._("The credit rule '%s' cannot be read.", rule.name))
                matching = customers._ids
            for customer_id in matching:
                amount = extra.get(customer_id)
                if amount is None or not below or amount >= below:
                    found.setdefault(customer_id, []).append(hit)
        return found

    @api.model
    def _sources(self, company):
        """Selects of partner and a number, for each rule of whom it is about: where that changes, so does his status."""
        Customer = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
        found = []
        for rule in self._in_force(company):
            try:
                query = Customer._search(rule._as_domain() & Domain("company_id", "in", company._dunning_tree().ids))
            except (ValueError, SyntaxError, KeyError, TypeError):  # it is about everybody, until somebody mends it
                continue
            about = query.subselect("ar_dunning_customer.id")
            found.append(
                SQL(
                    "SELECT partner_id, hashtextextended(ROW('rule', id, %s)::text, 0) FROM ar_dunning_customer WHERE id IN %s",
                    rule.id,
                    about,
                )
            )
        return found

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.ar_dunning.tools.authority import SETTINGS_GROUPS
from odoo.addons.ar_dunning.tools.figures import as_decimal
from odoo.addons.ar_dunning.tools.newer import NEWER

from ..core.credit_status import Status, Switches
from .ar_dunning_credit_rule import EFFECTS

RULES = frozenset(
    f"ar_dunning_{name}"
    for name in (
        *("limit_effect", "limit_percent", "overdue_effect", "overdue_days", "overdue_amount", "level_effect"),
        *("grade_effect", "grade_from", "count_drafts"),
    )
)


class ResCompany(models.Model):
    """What a company reacts to when a customer wants to buy. A branch follows its root."""

    _inherit = "res.company"

    ar_dunning_limit_effect = fields.Selection(
        EFFECTS,
        "Over the Limit",
        default="watch",
        help="Receivables net of credits, orders not yet invoiced and what is being sold, together above the limit.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_limit_percent = fields.Float(
        "From % of the Limit",
        default=100.0,
        help="100: when the limit is exceeded. 90: when nine tenths of it are used up.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_overdue_effect = fields.Selection(
        EFFECTS,
        "Overdue",
        default="watch",
        help="Invoices that are disputed, paused, blocked or excluded from follow-up do not count.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_overdue_days = fields.Integer("More than Days Late", default=30, groups=SETTINGS_GROUPS)
    ar_dunning_overdue_amount = fields.Monetary(
        "And More Than", help="Together, in company currency.", groups=SETTINGS_GROUPS
    )
    ar_dunning_level_effect = fields.Selection(
        EFFECTS,
        "Dunning Level",
        default="hold",
        help="An open item has reached a level with the mark 'Credit Hold'; which levels have it, each policy says.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_grade_effect = fields.Selection(
        EFFECTS,
        "Payment Grade",
        default="watch",
        help="How the customer has paid so far. New customers have no grade.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_grade_from = fields.Selection(
        [("b", "B"), ("c", "C"), ("d", "D"), ("e", "E")],
        "From Grade",
        required=True,
        default="d",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_count_drafts = fields.Boolean(
        "Count Draft Invoices", help="Draft invoices use up the limit like posted ones.", groups=SETTINGS_GROUPS
    )
    ar_dunning_sales_amounts = fields.Boolean(
        "Salespeople See Amounts",
        help="Without it, users without accounting rights see status and reasons, but no amounts.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_post_over_limit = fields.Selection(
        [
            ("ignore", "Nothing"),
            ("warn", "Note it on the invoice"),
            ("activity", "Note it, and a to-do for the responsible"),
            ("block", "Refuse to post"),
        ],
        "Invoice over the Limit",
        required=True,
        default="warn",
        help="What happens when an invoice is posted that exceeds the customer's credit limit, on whatever path. "
        "Members of 'Credit override' may post it all the same, with a written reason.",
        groups=SETTINGS_GROUPS,
    )

    ar_dunning_credit_on = fields.Date("Credit Status as of", readonly=True, prefetch=NEWER, groups=SETTINGS_GROUPS)
    # The rules by which all were looked at: where others hold, everybody is looked at anew.
    ar_dunning_credit_rules = fields.Char(readonly=True, prefetch=NEWER, groups=SETTINGS_GROUPS)

    _ar_dunning_limit_percent = models.Constraint(
        "CHECK(ar_dunning_limit_percent > 0)", "The share of the limit must be above 0 %."
    )
    _ar_dunning_overdue_days = models.Constraint(
        "CHECK(ar_dunning_overdue_days >= 0)", "The number of days late cannot be negative."
    )
    _ar_dunning_overdue_amount = models.Constraint(
        "CHECK(ar_dunning_overdue_amount >= 0)", "The overdue amount cannot be negative."
    )

    def write(self, vals):
        """Another rule may be another status for everybody."""
        result = super().write(vals)
        if any(name in RULES for name in vals):
            self.env["ar.dunning.credit.queue"]._rules_moved()
        return result

    def _dunning_credit_switches(self):
        """What the company reacts to; a branch follows its root."""
        root = self.sudo().root_id

        def effect(name):
            return Status(root[name]) if root[name] else None

        return Switches(
            limit=effect("ar_dunning_limit_effect"),
            limit_percent=as_decimal(root.ar_dunning_limit_percent),
            overdue=effect("ar_dunning_overdue_effect"),
            overdue_days=root.ar_dunning_overdue_days,
            overdue_amount=as_decimal(root.ar_dunning_overdue_amount),
            level=effect("ar_dunning_level_effect"),
            grade=effect("ar_dunning_grade_effect"),
            grade_from=root.ar_dunning_grade_from or "d",
        )

    def _dunning_in_company_currency(self, amount, currency, on):
        """`amount` in the company's currency at the rate of the day `on`, as core books it: before the first rate, by that.

        :raise UserError: the currency has no rate at all; core would count 1 for 1
        """
        self.ensure_one()
        own = self.sudo().currency_id
        if currency == own:
            return amount
        rates = self.env["res.currency.rate"].sudo()
        usable = Domain("company_id", "in", [False, self.root_id.id])
        foreign, mine = Domain("currency_id", "=", currency.id), Domain("currency_id", "=", own.id)
        # A company's own currency has no rate, or 1; anything else says that the other one is the base of the rates.
        known = rates.search_count(usable & (foreign | (mine & Domain("rate", "!=", 1))), limit=1)
        if not known:
            raise UserError(
                self.env._(
                    "There is no exchange rate between %(currency)s and %(own)s. Enter one under "
                    "Configuration > Currencies, so that the credit limit can be checked.",
                    currency=currency.name,
                    own=own.name,
                )
            )
        return currency._convert(amount, own, self, on)

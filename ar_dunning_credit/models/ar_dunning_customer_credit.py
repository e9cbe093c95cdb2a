from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools.misc import format_amount

from odoo.addons.ar_dunning.tools.attempt import attempt

from .facts.scoring_sources import TYPES
from .facts.standing_facts import DECISION, strictest

STATUSES = [("ok", "OK"), ("watch", "Watch"), ("hold", "On hold"), ("blocked", "Blocked")]


class ArDunningCustomer(models.Model):
    """Credit standing, stored as of `credit_on` for lists and searches; limits, covers, holds by hand, and checks.

    Where a decision hangs on the status, `_credit_state` is asked.
    """

    _inherit = "ar.dunning.customer"

    credit_status = fields.Selection(STATUSES, readonly=True, index="btree_not_null", help="As of the day beside it.")
    credit_since = fields.Date("Status since", readonly=True)
    credit_kept = fields.Date(readonly=True)
    credit_mark = fields.Char(readonly=True, copy=False)
    credit_on = fields.Date(
        "Status of",
        compute="_compute_credit_on",
        compute_sudo=True,
        help="The day for which the stored status was worked out.",
    )
    credit_reasons = fields.Json(readonly=True, help="Every reason with its effect, figures and what unlocks it.")
    credit_used = fields.Monetary(
        "Limit Used",
        readonly=True,
        help="Open receivables net of credits, orders not yet invoiced and, where the company counts them, drafts.",
    )
    credit_available = fields.Monetary(
        "Available", readonly=True, help="Credit limit and insured part less what is used."
    )
    credit_limit = fields.Monetary(
        compute="_compute_credit_limit",
        inverse="_inverse_credit_limit",
        compute_sudo=True,
        help="For this company, in its currency. 0: no limit. A branch without a limit uses its root company's.",
    )
    temporary_limit = fields.Monetary(
        tracking=True, help="Replaces the credit limit until its last day. 0: nothing on credit until then."
    )
    temporary_limit_until = fields.Date(
        "Temporary until", tracking=True, help="Its last day. The temporary limit applies only while one is set."
    )
    insured_amount = fields.Monetary(
        "Insured or Guaranteed", tracking=True, help="Somebody else bears this part; it is added to the limit."
    )
    insured_until = fields.Date(tracking=True, help="The last day of the cover. Empty: until it is taken out.")
    insured_by = fields.Char("Insured by", tracking=True, help="Insurer or guarantor, and the number of the policy.")
    manual_hold = fields.Selection(
        [("hold", "On hold"), ("blocked", "Blocked")],
        "Held by Hand",
        readonly=True,
        tracking=True,
        copy=False,
    )
    hold_reason = fields.Char("Why Held", readonly=True, tracking=True, copy=False)
    hold_user_id = fields.Many2one("res.users", "Held by", readonly=True, copy=False)
    hold_on = fields.Date("Held since", readonly=True, copy=False)
    hold_until = fields.Date("Held until", readonly=True, copy=False, help="Its last day. Empty: until it is lifted.")
    temporary_warned_on = fields.Date(readonly=True, copy=False)
    insured_warned_on = fields.Date(readonly=True, copy=False)
    legal_case = fields.Boolean(
        tracking=True, help="A lawyer, an agency or a court has it: nothing new is sold until it is closed."
    )
    solvency_ids = fields.One2many("ar.dunning.solvency.check", "customer_id", string="Solvency Checks")
    credit_checked_at = fields.Datetime(
        readonly=True, help="Touched by each decision, so that two of them never count the same room twice."
    )

    _temporary_limit = models.Constraint("CHECK(temporary_limit >= 0)", "A credit limit cannot be negative.")
    _insured_amount = models.Constraint("CHECK(insured_amount >= 0)", "An insured amount cannot be negative.")

    @api.depends("credit_kept", "company_id.ar_dunning_credit_on")
    def _compute_credit_on(self):
        for customer in self:
            customer.credit_on = customer._as_of("credit_kept", "ar_dunning_credit_on")

    @api.depends("partner_id", "company_id")
    def _compute_credit_limit(self):
        for company, customers in self.grouped("company_id").items():
            for customer in customers:
                customer.credit_limit = customer.partner_id.with_company(company).credit_limit

    def _inverse_credit_limit(self):
        """Write core's field for the record's company; who may write the record sets its limit."""
        for customer in self:
            partner = customer.sudo().partner_id.with_company(customer.company_id)
            former, amount = partner.credit_limit, customer.credit_limit
            if customer.currency_id.compare_amounts(former, amount):
                partner.credit_limit = amount
                customer.message_post(
                    body=self.env._(
                        "Credit limit: %(former)s, now %(amount)s",
                        former=format_amount(self.env, former, customer.currency_id),
                        amount=format_amount(self.env, amount, customer.currency_id),
                    ),
                    subtype_xmlid=DECISION,
                )

    def _is_held(self):
        """Whether orders wait, as far as is stored: the status of the last night, or a level reached since."""
        return super()._is_held() or self.credit_status in ("hold", "blocked")

    def _is_held_by_level(self):
        """The company says what a level's mark does."""
        stops = self.company_id.sudo().root_id.ar_dunning_level_effect in ("hold", "blocked")
        return super()._is_held_by_level() and stops

    def _person_writes(self):
        return super()._person_writes() | {
            *("temporary_limit", "temporary_limit_until", "insured_amount", "insured_until", "insured_by"),
            *("legal_case", "solvency_ids"),
        }

    def write(self, vals):
        result = super().write(vals)
        touched = {
            "credit_limit", "temporary_limit", "temporary_limit_until", "insured_amount", "insured_until", "legal_case",
        }  # fmt: skip
        if touched & set(vals):
            self._refresh_credit_of()
        return result

    @api.constrains("temporary_limit", "temporary_limit_until")
    def _check_temporary_limit(self):
        for customer in self:
            if customer.temporary_limit and not customer.temporary_limit_until:
                raise ValidationError(
                    self.env._("A temporary limit needs a last day; afterwards the ordinary limit holds again.")
                )

    # === Holds and checks === #

    def action_hold(self):
        """Ask why and until when this customer is held."""
        return self._hold_wizard(self.env._("Hold credit"))

    def action_lift_hold(self):
        """Ask why the hold is lifted."""
        return self._hold_wizard(self.env._("Lift the hold"), default_lift=True)

    def action_new_check(self):
        """Write down a new solvency check of this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Solvency Check"),
            "res_model": "ar.dunning.solvency.check",
            "view_mode": "form",
            "context": {"default_customer_id": self.id},
        }

    def _hold_wizard(self, name, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "ar.dunning.hold.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_customer_ids": self.ids, **context},
        }

    def _hold(self, effect, reason, until=False):
        """Hold these customers by hand; who, when and why stay in their history."""
        self._check_credit_controller()
        for company, customers in self.grouped("company_id").items():
            customers._put(
                {
                    "manual_hold": effect,
                    "hold_reason": reason,
                    "hold_until": until,
                    "hold_user_id": self.env.uid,
                    "hold_on": company._dunning_today(),
                }
            )
        self._refresh_credit_of()

    def _lift_hold(self, reason):
        self._check_credit_controller()
        held = self.filtered("manual_hold")
        for customer in held:
            customer.message_post(
                body=self.env._("Hold lifted (%(hold)s): %(reason)s", hold=customer.hold_reason or "", reason=reason),
                subtype_xmlid=DECISION,
            )
        held._put(dict.fromkeys(("manual_hold", "hold_reason", "hold_until", "hold_user_id", "hold_on"), False))
        held._refresh_credit_of()

    def _check_credit_controller(self):
        if not self.env.su and not self.env.user.has_group("ar_dunning.group_dunning_user"):
            raise AccessError(self.env._("Only credit controllers hold a customer or lift a hold."))

    def _merge_values(self, others):
        """Of two merged customers the strictest values stay: lowest limits, every hold, every case."""
        return super()._merge_values(others) | strictest(self | others)

    def _merge_apart(self):
        """Checks move; grade and status are read anew."""
        status = ("status", "reasons", "used", "available", "kept", "since", "checked_at", "mark")
        return super()._merge_apart() | {"solvency_ids", *(f"credit_{name}" for name in status), *TYPES, "score_kept"}

    def _take_over(self, others):
        self._move_rows("ar_dunning_solvency_check", "customer_id", others)
        return super()._take_over(others)

    def _after_merge(self):
        """The grade first: the status reads it."""
        for company, customers in self.grouped("company_id").items():
            customers._refresh_scores(company, company._dunning_today())
        result = super()._after_merge()
        self._refresh_credit_of()
        return result

    # === The night === #

    @api.model
    def _closing_steps(self, company):
        yield from super()._closing_steps(company)
        on = company._dunning_today()
        standing = self.env["ar.dunning.standing"]
        yield partial(standing._close_limits, company, on)
        yield from standing._steps(company, on)

    def _apart(self, work):
        """Do `work` for these customers in a savepoint: where it fails, the others go on.

        A failure of one customer is written down on the run under way; one of several is for the caller to narrow down.

        :return: whether it was done
        """
        alone = len(self) == 1
        failure = attempt(self.env, work, f"Credit of customer {self.id}" if alone else None)
        if failure and alone:
            run = (
                self.env["ar.dunning.run"]
                .sudo()
                .search([("state", "=", "running"), ("company_id", "=", self.company_id.id)], limit=1)
            )
            run._put({"line_ids": [(0, 0, {"kind": "error", "customer_id": self.id, "reason": failure})]})
        return failure is None

    def _refresh_credit_of(self):
        """Store the status of these customers and their relatives as of today."""
        for company, customers in self._credit_relatives().grouped("company_id").items():
            self.env["ar.dunning.standing"]._keep(customers, company._dunning_today())

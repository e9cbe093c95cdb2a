from datetime import timedelta

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..core import plan as core
from ..core.outlook import timeline


class ArDunningPolicy(models.Model):
    """Ordered levels and the rules around them, for one kind of customer of one company.

    The policy of a customer is the one set on its customer record, else the one of its
    audience and country, else the one of its audience, else the company's default.
    """

    _name = "ar.dunning.policy"
    _description = "Dunning Policy"
    _inherit = ["ar.dunning.settings", "mail.thread", "ar.dunning.used"]
    _order = "company_id, sequence, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        help="The policy serves this company and its branches.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    audience = fields.Selection(
        [("business", "Businesses"), ("consumer", "Consumers"), ("public", "Public administration")],
        required=True,
        default="business",
        help="The kind of customer this policy speaks to. Customers of unknown kind are treated as consumers.",
    )
    country_ids = fields.Many2many(
        "res.country",
        string="Countries",
        help="Customers in these countries. Leave empty for every country that no other policy names.",
    )
    level_ids = fields.One2many("ar.dunning.level", "policy_id", string="Levels", copy=True)
    mode = fields.Selection(
        [("review", "Review: a person approves every notice"), ("automatic", "Automatic: the night sends by itself")],
        required=True,
        default="review",
        copy=False,
        tracking=True,
        help="In review mode nothing leaves before somebody has approved it.",
    )
    grouping = fields.Selection(
        [
            ("customer", "One notice per customer and night"),
            ("contact", "One notice per invoice contact"),
            ("invoice", "One notice per invoice"),
        ],
        required=True,
        default="customer",
        tracking=True,
        help="Per invoice contact: each contact that invoices are addressed to gets a notice of its own. A formal "
        "notice always goes to the customer itself. Contact gap, tolerance and limits are those of the customer.",
    )
    contact_gap = fields.Integer(
        "Contact Gap (days)",
        default=7,
        tracking=True,
        help="At least this many days between two reminders to the same customer, whatever they are about.",
    )
    transit_days = fields.Integer(
        default=2,
        tracking=True,
        help="Days that post and bank need. The next step waits for the deadline of the last notice and these days.",
    )
    grace_days = fields.Integer(
        default=0,
        tracking=True,
        help="An invoice counts as overdue only when it is more than this many days late.",
    )
    tolerance = fields.Monetary(
        "Small-Balance Tolerance",
        currency_field="currency_id",
        tracking=True,
        help="An open item below this amount (in the company's currency) is listed beside others, never dunned by itself, "
        "until such small items of a customer reach it together.",
    )
    open_over = fields.Monetary(
        "To Be Opened above",
        currency_field="currency_id",
        tracking=True,
        help="A draft that demands more than this (in the company's currency) is opened before it is sent. 0: none is.",
    )
    reminders_before_formal = fields.Integer(
        "Reminders before a Formal Notice",
        default=3,
        tracking=True,
        help="A formal notice goes only after this many delivered reminders whose deadline has passed.",
    )
    window_start = fields.Float(
        "Send from", default=8.0, help="Automatic notices leave from this hour on (time zone of the company)."
    )
    window_end = fields.Float("Send until", default=10.0, help="Automatic notices leave before this hour.")
    working_days_only = fields.Boolean(
        default=True,
        help="Steps that fall on a day off of the company's working schedule move to the next working day.",
    )
    bank_max_age = fields.Integer(
        "Bank Data at Most (working days old)",
        default=3,
        help="Where bank lines are recorded and the last one is older than this, automatic notices wait and drafts "
        "carry a warning: the customer may have paid already. 0 turns the check off.",
    )
    skip_notes_if_punctual = fields.Boolean(
        "No Notes to Punctual Payers",
        help="Courtesy notes are not sent to customers whose last three payments arrived on time.",
    )
    promise_tolerance = fields.Integer(
        "Tolerance after a Promise (days)",
        default=2,
        tracking=True,
        help="A payment dated so many days after the promised day still keeps the promise.",
    )
    promise_share = fields.Float(
        "Counts as Kept from (%)",
        default=100.0,
        tracking=True,
        help="Who pays at least this share of what he promised has kept his promise.",
    )
    promise_max_days = fields.Integer(
        "Promises at Most (days ahead)", default=30, help="Beyond it a manager must agree. 0: no limit."
    )
    promise_max_running = fields.Integer(
        "Promises at Once", default=3, help="With so many running, a manager must agree to another one. 0: no limit."
    )
    promise_max_broken = fields.Integer(
        "Broken Promises",
        default=2,
        help="After so many broken within a year, a manager must agree to another one. 0: no limit.",
    )
    promise_tell_broken = fields.Boolean(
        "Tell the Customer", help="A short note to the customer when a promise was broken."
    )
    responsible_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False)]",
        help="Looks after customers of this policy that have nobody: the night puts this colleague where a customer "
        "has no responsible, and no salesperson who uses dunning.",
    )
    preview_due_date = fields.Date("Example Due Date", compute="_compute_preview_due_date", store=False, readonly=False)
    preview = fields.Html("Timeline", compute="_compute_preview", sanitize=False)
    gate_warning = fields.Char(compute="_compute_gate_warning")
    customer_count = fields.Integer(compute="_compute_customer_count")

    _contact_gap_positive = models.Constraint("CHECK(contact_gap >= 0)", "The contact gap cannot be negative.")
    _transit_days_positive = models.Constraint("CHECK(transit_days >= 0)", "Transit days cannot be negative.")
    _grace_days_positive = models.Constraint("CHECK(grace_days >= 0)", "Grace days cannot be negative.")
    _promise_share = models.Constraint(
        "CHECK(promise_share > 0 AND promise_share <= 100)",
        "The share that counts as kept is above 0 % and at most 100 %.",
    )
    _promise_tolerance = models.Constraint("CHECK(promise_tolerance >= 0)", "The tolerance cannot be negative.")
    _tolerance_positive = models.Constraint("CHECK(tolerance >= 0)", "The tolerance cannot be negative.")
    _open_over_positive = models.Constraint("CHECK(open_over >= 0)", "An amount to open above cannot be negative.")
    _gate_positive = models.Constraint(
        "CHECK(reminders_before_formal >= 0)", "The number of reminders before a formal notice cannot be negative."
    )

    @api.depends_context("company")
    def _compute_preview_due_date(self):
        for policy in self:
            policy.preview_due_date = policy.company_id._dunning_today()

    @api.depends(
        "preview_due_date",
        "level_ids.days",
        "level_ids.kind",
        "level_ids.deadline_days",
        "level_ids.name",
        "contact_gap",
        "transit_days",
        "grace_days",
        "reminders_before_formal",
        "working_days_only",
    )
    def _compute_preview(self):
        for policy in self:
            policy.preview = policy._render_preview()

    @api.depends("level_ids.kind", "level_ids.days", "reminders_before_formal")
    def _compute_gate_warning(self):
        for policy in self:
            levels = policy.level_ids.sorted("days")
            formal = levels.filtered(lambda level: level.kind == "formal")[:1]
            before = levels.filtered(lambda level, formal=formal: level.kind == "reminder" and level.days < formal.days)
            missing = bool(formal) and len(before) < policy.reminders_before_formal
            policy.gate_warning = missing and self.env._(
                "The formal notice can never go: it needs %(needed)s reminders before it and the levels have %(found)s.",
                needed=policy.reminders_before_formal,
                found=len(before),
            )

    def _compute_customer_count(self):
        counts = dict(
            self.env["ar.dunning.customer"]._read_group([("policy_id", "in", self.ids)], ["policy_id"], ["__count"])
        )
        for policy in self:
            policy.customer_count = counts.get(policy, 0)

    @api.constrains("window_start", "window_end")
    def _check_window(self):
        for policy in self:
            if not 0 <= policy.window_start < policy.window_end <= 24:
                raise ValidationError(
                    self.env._(
                        "The send window of %s is not a period of one day: 'Send from' must lie before "
                        "'Send until', both between 0:00 and 24:00.",
                        policy.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._forget_planned_dates()
        return policies

    def write(self, vals):
        companies = self.company_id
        result = super().write(vals)
        if set(vals) - {"name", "sequence", "preview_due_date", "message_main_attachment_id"}:
            (self | self.search([("company_id", "in", companies.ids)], limit=1))._forget_planned_dates()
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self.env["ar.dunning.item"]._forget_next_dates(companies)
        return result

    def copy_data(self, default=None):
        return [
            dict(vals, name=self.env._("%s (copy)", policy.name)) if "name" not in (default or {}) else vals
            for policy, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def action_view_customers(self):
        """Open the customer records on which this policy was set by hand."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers of %s", self.name),
            "res_model": "ar.dunning.customer",
            "view_mode": "list,form",
            "domain": [("policy_id", "=", self.id)],
        }

    def _forget_planned_dates(self):
        """A changed rule may bring any step forward: let the next night look at every item again."""
        self.env["ar.dunning.item"]._forget_next_dates(self.company_id)

    def _as_policy(self):
        """This policy as the plan reads it (`core.plan.Policy`)."""
        self.ensure_one()
        levels = self.level_ids.sorted(lambda level: (level.days, level.id))
        return core.Policy(
            levels=tuple(level._as_level() for level in levels),
            contact_gap=self.contact_gap,
            transit_days=self.transit_days,
            grace_days=self.grace_days,
            reminders_before_formal=self.reminders_before_formal,
        )

    def _calendar(self, on, company=None):
        """The sender's working days around `on`, or every day where the policy does not ask for them.

        :param company: who sends; without it, the policy's own company
        """
        self.ensure_one()
        return (company or self.company_id)._dunning_calendar(on) if self.working_days_only else core.EVERY_DAY

    def _timeline(self, due):
        """What happens to one unpaid invoice due on `due`: a list of `core.outlook.Planned`."""
        self.ensure_one()
        return timeline(self._as_policy(), due, self._calendar(due + timedelta(days=90)))

    def _render_preview(self):
        """The timeline as a small table, from the same calculation as the run's."""
        self.ensure_one()
        due = self.preview_due_date or self.company_id._dunning_today()
        # Levels being typed in have no id yet; the plan only needs a key that tells them apart.
        levels = {level._plan_key(): level for level in self.level_ids}
        rows = Markup("").join(
            Markup("<tr><td>%s</td><td class='text-end pe-4'>%s</td><td><b>%s</b></td><td>%s</td></tr>")
            % (
                format_date(self.env, planned.on),
                self.env._("due date %+d", (planned.on - due).days),
                levels[planned.level.key].name or "",
                (
                    planned.level.deadline_days
                    and self.env._("to be paid by %s", format_date(self.env, planned.deadline))
                )
                or "",
            )
            for planned in self._timeline(due)
        )
        if not rows:
            return Markup("<p class='text-muted'>%s</p>") % self.env._("Add levels to see what happens and when.")
        return Markup("<table class='table table-sm mb-0'>%s</table>") % rows

    def _in_window(self, moment, company=None):
        """Whether the naive UTC datetime `moment` lies in the send window, on the clock of who sends."""
        self.ensure_one()
        local = (company or self.company_id)._dunning_local(moment)
        hour = local.hour + local.minute / 60
        return self.window_start <= hour < self.window_end

    def _next_window(self, moment, company=None):
        """The first moment (naive UTC) on or after `moment` inside the send window."""
        self.ensure_one()
        company = company or self.company_id
        if self._in_window(moment, company):
            return moment
        local = company._dunning_local(moment)
        hour, minute = divmod(round(self.window_start * 60), 60)
        start = local + relativedelta(hour=hour, minute=minute, second=0, microsecond=0)
        if start <= local:
            start += relativedelta(days=1)
        return company._dunning_utc(start)

    def _window_on(self, day, company=None):
        """The first moment (naive UTC) from now on that lies in the send window of `day`, or of a later one."""
        self.ensure_one()
        company, now = company or self.company_id, fields.Datetime.now()
        if day <= company._dunning_local(now).date():
            return self._next_window(now, company)
        hour, minute = divmod(round(self.window_start * 60), 60)
        local = company._dunning_local(now)
        start = local + relativedelta(year=day.year, month=day.month, day=day.day, hour=hour, minute=minute, second=0)
        return company._dunning_utc(start)

import re
from datetime import timedelta

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core import plan as core
from .facts.notice_facts import line_values

PLACEHOLDER = re.compile(r"\{(\w+)\}")


class ArDunningLevel(models.Model):
    """One step of a policy: when it goes, over which channels, in which words, with which effect."""

    _name = "ar.dunning.level"
    _inherit = ["ar.dunning.settings", "ar.dunning.used"]
    _description = "Dunning Level"
    _order = "policy_id, days, id"

    name = fields.Char(required=True, translate=True, help="Shown on the notice, e.g. 'Second reminder'.")
    policy_id = fields.Many2one("ar.dunning.policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id")
    days = fields.Integer(
        required=True,
        aggregator=None,
        help="Days after the due date. A negative number is before it, 0 on the day. Levels up to 0 are courtesy "
        "notes: they lapse when their day has passed and do not count as reminders.",
    )
    kind = fields.Selection(
        [("note", "Courtesy note"), ("reminder", "Reminder"), ("formal", "Formal notice")],
        required=True,
        default="reminder",
    )
    legal_effect = fields.Selection(
        [
            ("none", "None"),
            ("default", "Puts the debtor in default"),
            ("waiting", "Starts a statutory waiting period"),
            ("collection", "Threatens collection"),
        ],
        required=True,
        default="none",
        help="What this notice does in law. Statutory texts are chosen by it.",
    )
    channel_email = fields.Boolean("E-mail", default=True)
    channel_letter = fields.Boolean("Letter")
    channel_activity = fields.Boolean(
        "Task for a Person", help="Schedule an activity, e.g. a phone call, for the responsible person."
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        default=lambda self: self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False),
    )
    activity_user_id = fields.Many2one(
        "res.users", string="Task for", help="Leave empty for the responsible of the customer."
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        domain="[('model', '=', 'ar.dunning.notice')]",
        default=lambda self: self.env.ref("ar_dunning.mail_template_notice", raise_if_not_found=False),
        help="Frames the text below. The table of invoices and how to pay belong to the template.",
    )
    subject = fields.Char(translate=True, required=True, help="Subject of the mail and heading of the letter.")
    text = fields.Html(
        translate=True,
        sanitize_attributes=True,
        help="Opening words of mail and letter. What may stand in braces is listed below.",
    )
    closing = fields.Html(translate=True, help="Words after the table of invoices, e.g. the consequences.")
    deadline_days = fields.Integer(
        "Deadline (days)",
        aggregator=None,
        help="Days the customer gets to pay, counted from the notice. Printed as a date. 0: none.",
    )
    attach_invoices = fields.Selection(
        [("none", "None"), ("overdue", "The overdue ones"), ("all", "Every listed one")],
        required=True,
        default="none",
    )
    copy_salesperson = fields.Boolean("Copy to the Salesperson")
    warn_salesperson = fields.Boolean(
        "Tell the Salesperson Two Days Before",
        help="The salesperson gets a to-do on the customer two days before this step.",
    )
    credit_hold = fields.Boolean(help="From this level on, sales staff see that the customer is on hold.")

    placeholder_html = fields.Html("Placeholders", compute="_compute_placeholder_html", sanitize=False)

    _days_unique = models.UniqueIndex(
        "(policy_id, days)", "Two levels of a policy cannot have the same number of days."
    )
    _deadline_positive = models.Constraint("CHECK(deadline_days >= 0)", "A deadline cannot be negative.")
    _has_channel = models.Constraint(
        "CHECK(channel_email IS TRUE OR channel_letter IS TRUE OR channel_activity IS TRUE)",
        "A level needs a channel: e-mail, letter or a task for a person.",
    )

    @api.depends("name", "policy_id.name", "policy_id.company_id.name")
    @api.depends_context("ar_dunning_with_policy", "allowed_company_ids", "lang")
    def _compute_display_name(self):
        """The name; under a key of the context with its policy, and its company, where other levels are called the same."""
        super()._compute_display_name()
        if not self.env.context.get("ar_dunning_with_policy"):
            return
        ours = [("policy_id.company_id", "parent_of", self.env.companies.ids)]
        namesakes = self.search([("name", "in", self.mapped("name")), *ours])
        for level in self:
            others = namesakes.filtered(lambda other, level=level: other.name == level.name).policy_id - level.policy_id
            if others:
                policy = level.policy_id
                told = [policy.name, *([policy.company_id.name] if policy.name in others.mapped("name") else [])]
                level.display_name = f"{level.name} ({', '.join(told)})"

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """What one may choose from, in the search bar, too, says whose level it is, as groups do."""
        told = self.with_context(ar_dunning_with_policy=True)
        return super(ArDunningLevel, told).name_search(name, domain, operator, limit)

    @api.depends("policy_id", "deadline_days")
    def _compute_placeholder_html(self):
        for level in self:
            level.placeholder_html = self.env["ir.qweb"]._render(
                "ar_dunning.placeholders_of_level", {"rows": level._placeholder_rows()}
            )

    @api.constrains("days", "kind")
    def _check_kind(self):
        for level in self:
            if (level.kind == "note") != (level.days <= 0):
                raise ValidationError(
                    self.env._(
                        "%s: a courtesy note goes up to the due date (0 days or less), reminders and formal "
                        "notices after it. Change the days or the kind.",
                        level.name,
                    )
                )

    @api.constrains("subject", "text", "closing")
    def _check_placeholders(self):
        for level in self:
            used = PLACEHOLDER.findall("%s %s %s" % (level.subject or "", level.text or "", level.closing or ""))
            unknown = sorted(set(used) - set(level._placeholders()))
            if unknown:
                raise ValidationError(
                    self.env._(
                        "%(level)s: unknown placeholder %(unknown)s. Known are %(known)s.",
                        level=level.name,
                        unknown=", ".join("{%s}" % name for name in unknown),
                        known=", ".join("{%s}" % name for name in sorted(level._placeholders())),
                    )
                )

    @api.onchange("days")
    def _onchange_days(self):
        if self.days <= 0:
            self.kind = "note"
        elif self.kind == "note":
            self.kind = "reminder"

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        levels.policy_id._forget_planned_dates()
        return levels

    def write(self, vals):
        result = super().write(vals)
        if {"days", "kind", "policy_id", "channel_email", "channel_letter", "channel_activity"} & set(vals):
            self.policy_id._forget_planned_dates()
        return result

    def unlink(self):
        policies = self.policy_id
        result = super().unlink()
        policies._forget_planned_dates()
        return result

    def action_preview(self):
        """Show mail and letter of this level with a real customer's figures."""
        self.ensure_one()
        Preview = self.env["ar.dunning.level.preview"]
        customer = Preview._customer_with_most_to_show(self.company_id)
        if not customer:
            raise UserError(self.env._("No customer owes anything yet, so there is nothing to show as an example."))
        return Preview.create({"level_id": self.id, "customer_id": customer.id}).action_show()

    @api.model
    def _placeholders(self):
        """Seam. What may stand in braces in the words of a level, and what it stands for: `{name: meaning}`.

        A member adds its own here and their values in `ar.dunning.wording._placeholder_values`. A name whose member has
        gone is refused by the next edit of the words, and stands as it was typed until then.
        """
        return {
            "contact": self.env._("Name of the recipient"),
            "customer": self.env._("Name of the customer that owes"),
            "company": self.env._("Name of your company"),
            "responsible": self.env._("Whom to call: the responsible, else your company"),
            "reference": self.env._("Reference of the notice"),
            "invoices": self.env._("Numbers of the demanded invoices"),
            "count": self.env._("How many items are demanded"),
            "principal": self.env._("Demanded items without charges, one amount per currency"),
            "total": self.env._("Demanded total with charges, one amount per currency"),
            "charges": self.env._("Interest, compensation and fees in the total, one amount per currency"),
            "oldest_due_date": self.env._("Oldest due date among them"),
            "deadline": self.env._("Day until which payment is asked for"),
        }

    def _placeholder_rows(self):
        """Each placeholder with what it stands for and an example of a real customer, where there is one."""
        self.ensure_one()
        examples = self._placeholder_examples()
        return [("{%s}" % name, meaning, examples.get(name, "")) for name, meaning in self._placeholders().items()]

    def _placeholder_examples(self):
        """What the placeholders would say to the customer with the oldest open item."""
        company = self.company_id or self.policy_id.company_id or self.env.company
        customer = self.env["ar.dunning.level.preview"]._customer_with_most_to_show(company).sudo()
        if not customer:
            return {}
        company = customer.company_id
        on = company._dunning_today()
        decision = self.env["ar.dunning.ledger"].sudo()._decide(customer, on)[customer.id]
        items = [item for item in decision.items if item.due < on] or decision.items
        vals = {
            "lang": self.env.lang or "en_US",
            "partner_id": decision.address(items).recipient_id,
            "company_id": company.id,
            "responsible_id": customer.responsible_id.id,
            "deadline": self.deadline_days and on + timedelta(days=self.deadline_days),
            "name": self.env.ref("ar_dunning.sequence_notice").sudo().get_next_char(1),
        }
        lines = [line_values(item, on) | {"is_demanded": True} for item in items]
        return self.env["ar.dunning.wording"].sudo()._placeholder_values(vals, customer, lines)

    def _channels(self, address):
        """Seam. The channels that a notice of this level takes to this `Address`: the level's own where anybody in line has
        what they need, else the other written one."""
        self.ensure_one()
        channels = set()
        if self.channel_email and address.mail:
            channels.add("email")
        if self.channel_letter and address.post:
            channels.add("letter")
        if not channels and (self.channel_email or self.channel_letter):
            channels = {"letter"} if address.post else {"email"} if address.mail else set()
        if self.channel_activity:
            channels.add("activity")
        return channels

    def _plan_key(self):
        """A key for the plan: the record's id, or for a level being typed in a stable stand-in."""
        self.ensure_one()
        return self._origin.id or hash(self.id)

    def _as_level(self):
        """This level as the plan reads it (`core.plan.Level`)."""
        self.ensure_one()
        return core.Level(
            key=self._plan_key(),
            days=self.days,
            kind=core.Kind(self.kind),
            deadline_days=self.deadline_days,
            person=self.channel_activity,
        )

    @api.model
    def _fill(self, text, values, html=True):
        """Put `values` (name -> text) into the placeholders of `text`; values are escaped in HTML."""

        def value(match):
            found = values.get(match[1], match[0])
            return str(escape(found) if html else found)

        filled = PLACEHOLDER.sub(value, str(text or ""))
        return Markup(filled) if html else filled

from operator import attrgetter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import groupby

# What matters most first, with its colour.
ACTIONS = {"create": "success", "update": "warning", "keep": "info", "same": "secondary"}
AUDIENCES = {"for_business": "business", "for_consumer": "consumer", "for_public": "public"}


class ArDunningPackWizard(models.TransientModel):
    """Choose countries and kinds of debtors, read what would be created or changed and where it comes from, apply."""

    _name = "ar.dunning.pack.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Statutory Rules: Add or Update"

    country_ids = fields.Many2many(
        "res.country",
        string="Countries of your customers",
        domain=lambda self: [("code", "in", list(self.env["ar.dunning.statutory"]._packs()))],
        default=lambda self: self._default_countries(),
    )
    for_business = fields.Boolean("Businesses", default=lambda self: self._has_policy("business"))
    for_consumer = fields.Boolean("Consumers", default=lambda self: self._has_policy("consumer"))
    for_public = fields.Boolean("Public administration", default=lambda self: self._has_policy("public"))
    claim_from = fields.Selection(
        [
            ("keep", "Leave my levels as they are"),
            ("second", "From the second reminder on"),
            ("formal", "In the formal notice only"),
        ],
        string="Claim interest and compensation",
        required=True,
        default="keep",
        help="Ticks the claims on the levels of this company's policies for these kinds of customers. You can change "
        "every level afterwards.",
    )
    due_agreed = fields.Boolean(
        "Our due dates are agreed with the customers",
        help="In contracts, orders or accepted terms, and not just printed on the invoice. Default then begins when "
        "the due date has passed, where the law knows that ground.",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    change_count = fields.Integer(compute="_compute_preview")

    @api.model
    def _has_policy(self, audience):
        return self.env["ar.dunning.setup"]._has_policy(audience)

    @api.model
    def _default_countries(self):
        """The company's own country, those of its customers, and those that have rules already."""
        Regime = self.env["ar.dunning.regime"]
        shipped = self.env["ar.dunning.statutory"]._packs()
        customers = self.env["ar.dunning.customer"].search([("company_id", "in", self.env.companies.ids)])
        there = self.env.company.country_id | customers.partner_id.country_id
        there |= Regime.search([("pack_key", "!=", False)]).country_id
        return there.filtered(lambda country: country.code in shipped)

    @api.depends("country_ids", "for_business", "for_consumer", "for_public")
    def _compute_preview(self):
        for wizard in self:
            steps = self.env["ar.dunning.statutory"]._preview(*wizard._choice())
            wizard.change_count = sum(step.action in ("create", "update") for step in steps)
            wizard.preview = self.env["ir.qweb"]._render(
                "ar_dunning_charge.pack_preview",
                {"sections": wizard._sections(steps), "status_labels": dict(self._status_labels())},
            )

    @api.model
    def _status_labels(self):
        return self.env["ar.dunning.regime"]._fields["interest_status"]._description_selection(self.env)

    def _choice(self):
        """(country codes, audiences) as chosen; a country whose rules are not shipped counts as not chosen."""
        self.ensure_one()
        shipped = set(self.env["ar.dunning.statutory"]._packs())
        codes = sorted(shipped & set(self.country_ids.mapped("code")))
        return codes, [kind for name, kind in AUDIENCES.items() if self[name]]

    @api.model
    def _sections(self, steps):
        """The steps as the preview shows them: rules first, then each series with its values."""
        rules = [(step, [step]) for step in steps if step.model == "ar.dunning.regime"]
        series = [
            (step, [step, *(value for value in steps if value.key.startswith(f"{step.key}/"))])
            for step in steps
            if step.model == "ar.dunning.rate"
        ]
        return [
            {"title": self.env._("Rules"), "blocks": [self._block(*block) for block in rules]},
            {"title": self.env._("Series and their values"), "blocks": [self._block(*block) for block in series]},
        ]

    @api.model
    def _block(self, head, steps):
        words = {
            "create": self.env._("New"),
            "update": self.env._("Updated"),
            "keep": self.env._("Yours stays"),
            "same": self.env._("Up to date"),
        }
        action = min((step.action for step in steps), key=list(ACTIONS).index) if head.action == "same" else head.action
        values = [step for step in steps if step is not head and step.action != "same"]
        return {
            "name": head.name,
            "colour": ACTIONS[action],
            "label": words[action],
            "groups": [
                {"status": status, "sources": source.splitlines(), "changes": list(changes)}
                for (status, source), changes in groupby(head.changes, attrgetter("status", "source"))
            ],
            "values": [(step, words[step.action]) for step in values],
        }

    def action_apply(self):
        """Create and update what the preview shows, then show the rules."""
        self.ensure_one()
        countries, audiences = self._choice()
        if not countries or not audiences:
            raise UserError(self.env._("Choose at least one country and one kind of customer."))
        self.env["ar.dunning.statutory"]._apply(countries, audiences)
        self._set_levels(audiences)
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("ar_dunning_charge.ar_dunning_regime_action"),
            "domain": [("country_id", "in", self.country_ids.ids), ("audience", "in", audiences)],
            "target": "main",
        }

    def _set_levels(self, audiences):
        """Tick on the company's policies what was chosen; nothing that was ticked before is taken away."""
        policies = self.env["ar.dunning.policy"].search(
            [("company_id", "=", self.env.company.root_id.id), ("audience", "in", audiences)]
        )
        if self.due_agreed:
            policies.due_agreed = True
        for policy in policies if self.claim_from != "keep" else ():
            ladder = policy.level_ids.filtered(lambda level: level.kind != "note").sorted("days")
            claiming = ladder.filtered(lambda level: level.kind == "formal") | (
                ladder[1:] if self.claim_from == "second" else ladder.browse()
            )
            claiming.write({"charge_interest": True, "charge_compensation": True})

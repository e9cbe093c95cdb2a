from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ar_dunning_customer_credit import STATUSES


class ResPartner(models.Model):
    """The credit status for everybody who deals with the customer, without any accounting right.

    A contact shows the status of its commercial entity. Shown from the ledger of now, in the current company;
    searched as of the last night.
    """

    _inherit = "res.partner"

    ar_dunning_credit_status = fields.Selection(
        STATUSES,
        "Credit",
        compute="_compute_ar_dunning_credit",
        search="_search_ar_dunning_credit_status",
        compute_sudo=True,
        groups="base.group_user",
        help="Whether this customer may buy on credit now. Filters use the status of the last night.",
    )
    ar_dunning_credit_html = fields.Html(
        "Credit Reasons",
        compute="_compute_ar_dunning_credit",
        compute_sudo=True,
        sanitize=False,
        groups="base.group_user",
        help="Every reason, and what unlocks it.",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid", "lang")
    def _compute_ar_dunning_credit(self):
        company = self.env.company
        records = self.env["ar.dunning.customer"]._of_partners(self, company)
        states = records._credit_state(company._dunning_today(), user=self.env.user)
        by_partner = {record.partner_id: record for record in records}
        for partner in self:
            record = by_partner.get(partner.commercial_partner_id)
            state = states[record.id] if record else None
            partner.ar_dunning_credit_status = state.status.value if state else False
            partner.ar_dunning_credit_html = record._credit_banner(state) if state and state.reasons else False

    def _search_ar_dunning_credit_status(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = set(value)
        found = (
            self.env["ar.dunning.customer"]
            .sudo()
            .with_context(active_test=False)
            .search([("company_id", "=", self.env.company.id), ("credit_status", "!=", False)])
        )
        matching = found.filtered(lambda record: record.credit_status in wanted).partner_id.ids
        domain = [("commercial_partner_id", "in", matching)]
        if False in wanted:
            domain = ["|", *domain, ("commercial_partner_id", "not in", found.partner_id.ids)]
        return domain if operator == "in" else ["!", *domain]

    @api.constrains("credit_limit")
    def _check_ar_dunning_credit_limit(self):
        for partner in self.sudo():
            if partner.credit_limit < 0:
                raise ValidationError(
                    self.env._(
                        "The credit limit of %s is negative. 0 means no limit; to sell nothing on credit, hold the "
                        "customer under Dunning.",
                        partner.display_name,
                    )
                )

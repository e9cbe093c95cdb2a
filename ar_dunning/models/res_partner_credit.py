from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

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
        today = self.env.company._dunning_today()
        shown = self._ar_dunning_credit_records([("partner_id", "in", self.commercial_partner_id.ids)])
        records = self.env["ar.dunning.customer"].sudo().browse(record.id for record in shown.values())
        states = records._credit_state(today, user=self.env.user)
        for partner in self:
            record = shown.get(partner.commercial_partner_id)
            state = states[record.id] if record else None
            partner.ar_dunning_credit_status = state.status.value if state else False
            partner.ar_dunning_credit_html = record._credit_banner(state) if state and state.reasons else False

    @api.model
    def _ar_dunning_credit_records(self, domain):
        """`{commercial partner: its customer record}` in the current company; a branch without one reads its root's."""
        company = self.env.company
        records = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
        records = records.search([("company_id", "in", company._dunning_tree().ids), *domain], order="id")
        nearest = {company.root_id.id: 1} | {company.id: 0}
        ordered = records.sorted(lambda record: (-nearest.get(record.company_id.id, 2), -record.id))
        return {record.partner_id: record for record in ordered}  # the nearest comes last and stays

    def _search_ar_dunning_credit_status(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = [status for status in value if status]
        domain = Domain("commercial_partner_id", "in", self._ar_dunning_credit_sql(wanted))
        if len(wanted) < len(list(value)):  # False: nothing is known of them
            known = self._ar_dunning_credit_sql([status for status, _label in STATUSES])
            domain |= Domain("commercial_partner_id", "not in", known)
        return domain if operator == "in" else ~domain

    @api.model
    def _ar_dunning_credit_sql(self, statuses):
        """The commercial partners of one of these stored statuses in the current company: a sub-select."""
        self.env["ar.dunning.customer"].flush_model(["credit_status", "partner_id", "company_id"])
        company = self.env.company
        return SQL(
            """
            (SELECT s.partner_id FROM (
                SELECT DISTINCT ON (c.partner_id) c.partner_id, c.credit_status
                  FROM ar_dunning_customer c
                 WHERE c.company_id = ANY(%(tree)s) AND c.credit_status IS NOT NULL
                 ORDER BY c.partner_id, c.company_id = %(own)s DESC, c.company_id = %(root)s DESC, c.id) s
              WHERE s.credit_status = ANY(%(statuses)s))
            """,
            tree=company._dunning_tree().ids,
            own=company.id,
            root=company.root_id.id,
            statuses=statuses,
        )

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

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .ar_dunning_customer_credit import STATUSES


class ResPartner(models.Model):
    """The credit status for everybody who deals with the customer, without any accounting right.

    A contact shows the status of its commercial entity, in the current company. Its own page asks the ledger of now;
    lists and their filters show and search what is stored, so that they agree: refreshed by the night, and within the
    minute where something of it is written. A customer that the night
    does not know yet is judged like one without holds, checks and history; no record is made for it. Who was never a
    customer has no status.
    """

    _inherit = "res.partner"

    ar_dunning_credit_status = fields.Selection(
        STATUSES,
        "Credit",
        compute="_compute_ar_dunning_credit",
        search="_search_ar_dunning_credit_status",
        compute_sudo=True,
        groups="base.group_user",
        help="Whether this customer may buy on credit now. Filters use the stored status, which follows within minutes.",
    )
    ar_dunning_credit_listed = fields.Selection(
        STATUSES,
        "Credit as Stored",
        compute="_compute_ar_dunning_credit_listed",
        search="_search_ar_dunning_credit_status",
        compute_sudo=True,
        groups="base.group_user",
        help="Whether this customer may buy on credit, as it was a few minutes ago; its page tells how it is now.",
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
        found = self.commercial_partner_id._origin._ar_dunning_credit_states()
        for partner in self:
            record, state = found.get(partner.commercial_partner_id._origin, (None, None))
            partner.ar_dunning_credit_status = state.status.value if state else False
            partner.ar_dunning_credit_html = record._credit_banner(state) if state and state.reasons else False

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_ar_dunning_credit_listed(self):
        """What the search finds: the stored status, else the one of now; only who may not be ok is looked into."""
        self.flush_model(["customer_rank"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, known.credit_status, CASE WHEN p.customer_rank > 0 THEN 'ok' END
                  FROM res_partner p
                  LEFT JOIN (SELECT * FROM (%(stored)s) k WHERE k.partner_id = ANY(%(ids)s)) known ON known.partner_id = p.id
                 WHERE p.id = ANY(%(ids)s)
                """,
                stored=self._ar_dunning_stored_sql(),
                ids=self.commercial_partner_id._origin.ids,
            )
        )
        found = {key: stored or otherwise for key, stored, otherwise in rows}
        found |= self._ar_dunning_credit_of_today([key for key, stored, _otherwise in rows if not stored])
        for partner in self:
            partner.ar_dunning_credit_listed = found.get(partner.commercial_partner_id._origin.id) or False

    def _ar_dunning_credit_states(self):
        """`{partner: (its record, its credit state of now)}` of those of these commercial partners who are customers."""
        if not self:
            return {}
        shown = self._ar_dunning_records([("partner_id", "in", self.ids)])
        shown |= self.browse(set(self.ids) - {partner.id for partner in shown})._ar_dunning_unrecorded()
        records = self.env["ar.dunning.customer"].sudo().browse(record.id for record in shown.values())
        states = records._credit_state(self.env.company._dunning_today(), user=self.env.user)
        return {partner: (record, states[record.id]) for partner, record in shown.items()}

    def _ar_dunning_unrecorded(self):
        """`{partner: a record that is not stored}` of those who are customers of the current company.

        :param self: commercial partners without a record
        """
        if not self:
            return {}
        self.flush_model(["customer_rank"])
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id FROM res_partner p WHERE p.id = ANY(%s) AND (p.customer_rank > 0 OR %s)",
                self.ids,
                self._ar_dunning_owes_sql(),
            )
        )
        Customer = self.env["ar.dunning.customer"].sudo()
        company = self.env.company.id
        return {self.browse(key): Customer.new({"partner_id": key, "company_id": company}) for (key,) in rows}

    @api.model
    def _ar_dunning_owes_sql(self):
        """Whether the partner `p` has open receivables in the current company's tree."""
        self.env["account.move.line"].flush_model(
            ["partner_id", "account_id", "company_id", "parent_state", "reconciled"]
        )
        return SQL(
            """
            EXISTS (SELECT FROM account_move_line l
                      JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                     WHERE l.partner_id = p.id AND l.company_id = ANY(%s) AND l.parent_state = 'posted'
                       AND l.reconciled IS NOT TRUE)
            """,
            self.env.company._dunning_tree().ids,
        )

    @api.model
    def _ar_dunning_held_domain(self):
        """Those whom the last night found on hold or blocked, too."""
        return super()._ar_dunning_held_domain() | Domain("ar_dunning_credit_status", "in", ("hold", "blocked"))

    def _search_ar_dunning_credit_status(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        wanted = [status for status in value if status]
        today = self._ar_dunning_credit_of_today()
        known = self._ar_dunning_credit_sql([status for status, _label in STATUSES])
        unstored = Domain("commercial_partner_id", "not in", known) & Domain(
            "commercial_partner_id", "not in", list(today)
        )
        domain = Domain("commercial_partner_id", "in", self._ar_dunning_credit_sql(wanted))
        domain |= Domain("commercial_partner_id", "in", [key for key, status in today.items() if status in wanted])
        if "ok" in wanted:
            domain |= unstored & Domain("commercial_partner_id.customer_rank", ">", 0)
        if len(wanted) < len(list(value)):  # False: no customer
            domain |= unstored & Domain("commercial_partner_id.customer_rank", "=", 0)
        return domain if operator == "in" else ~domain

    @api.model
    def _ar_dunning_credit_of_today(self, among=None):
        """`{commercial partner id: status of now}` of those about whom no night has stored one and who may not be ok.

        Who owes nothing and has no record can only be stopped by a rule of the company's own.

        :param among: only these ids
        """
        if among is not None and not among:
            return {}
        company = self.env.company
        ours = Domain("company_id", "=", False) | Domain("company_id", "parent_of", company.id)
        rules = self.env["ar.dunning.credit.rule"].sudo()
        self.env["res.partner"].flush_model(["customer_rank", "commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, at_risk FROM (
                    SELECT p.id, p.customer_rank,
                           %s OR EXISTS (SELECT FROM ar_dunning_customer c
                                          WHERE c.partner_id = p.id AND c.company_id = ANY(%s)) AS at_risk
                      FROM res_partner p
                     WHERE p.commercial_partner_id = p.id AND p.id NOT IN %s AND %s) found
                 WHERE at_risk OR %s AND customer_rank > 0
                """,
                self._ar_dunning_owes_sql(),
                company._dunning_tree().ids,
                self._ar_dunning_credit_sql([status for status, _label in STATUSES]),
                SQL("TRUE") if among is None else SQL("p.id = ANY(%s)", among),
                bool(rules.search_count(ours, limit=1)),
            )
        )
        partners = self.sudo().browse(key for key, at_risk in rows if at_risk)
        quiet = self.sudo().browse(key for key, at_risk in rows if not at_risk)._ar_dunning_unrecorded()
        found = rules._hits(
            self.env["ar.dunning.customer"].sudo().browse(record.id for record in quiet.values()),
            company, {}, self.env.user,
        ) if quiet else {}  # fmt: skip
        partners |= self.sudo().browse(partner.id for partner, record in quiet.items() if record.id in found)
        states = partners._ar_dunning_credit_states()
        return {partner.id: state.status.value for partner, (_record, state) in states.items()}

    @api.model
    def _ar_dunning_credit_sql(self, statuses):
        """The commercial partners of one of these stored statuses in the current company: a sub-select."""
        stored = self._ar_dunning_stored_sql()
        return SQL("(SELECT s.partner_id FROM (%s) s WHERE s.credit_status = ANY(%s))", stored, statuses)

    @api.model
    def _ar_dunning_stored_sql(self):
        """Commercial partners with their stored status: the current company's own, else its root's, else any of the tree."""
        self.env["ar.dunning.customer"].flush_model(["credit_status", "partner_id", "company_id"])
        company = self.env.company
        return SQL(
            """
            SELECT DISTINCT ON (c.partner_id) c.partner_id, c.credit_status
              FROM ar_dunning_customer c
             WHERE c.company_id = ANY(%(tree)s) AND c.credit_status IS NOT NULL
             ORDER BY c.partner_id, c.company_id = %(own)s DESC, c.company_id = %(root)s DESC, c.id
            """,
            tree=company._dunning_tree().ids,
            own=company.id,
            root=company.root_id.id,
        )

    def write(self, vals):
        result = super().write(vals)
        if "credit_limit" in vals:
            self.env["ar.dunning.credit.queue"]._moved(self)
        return result

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

    def _merge_dunning_records(self, destination):
        (self | destination)._keep_lowest_limit(destination)
        return super()._merge_dunning_records(destination)

    def _keep_lowest_limit(self, destination):
        """Before these contacts become `destination`: in each company the lowest of their limits; 0 is none."""
        for company in self.env["res.company"].sudo().search([("active", "=", True)]):
            limits = [limit for limit in self.sudo().with_company(company).mapped("credit_limit") if limit]
            stays = destination.sudo().with_company(company)
            if limits and stays.credit_limit != min(limits):
                stays.credit_limit = min(limits)

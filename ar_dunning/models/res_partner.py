from odoo import api, fields, models
from odoo.exceptions import RedirectWarning
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_dunning_state = fields.Char(
        "Dunning",
        compute="_compute_ar_dunning_state",
        compute_sudo=True,
        groups="base.group_user",
        help="Where the dunning of this customer stands, for everybody who deals with it.",
    )
    ar_dunning_on_hold = fields.Boolean(
        "On Hold",
        compute="_compute_ar_dunning_state",
        compute_sudo=True,
        search="_search_ar_dunning_on_hold",
        groups="base.group_user",
    )
    ar_dunning_customer_ids = fields.One2many(
        "ar.dunning.customer", "partner_id", groups="ar_dunning.group_dunning_user"
    )

    @api.depends_context("company")
    def _compute_ar_dunning_state(self):
        """Level, pause and hold of the commercial partner in the current company, without amounts."""
        today = self.env.company._dunning_today()
        nearest = self._ar_dunning_records([("partner_id", "in", self.commercial_partner_id.ids)])
        for partner in self:
            record = nearest.get(partner.commercial_partner_id._origin)
            own = bool(record) and record.company_id == self.env.company and record.active
            partner.ar_dunning_on_hold = bool(record) and record._is_held()
            partner.ar_dunning_state = record._state_text(today) if own else False

    def write(self, vals):
        result = super().write(vals)
        if {"country_id", "is_company", "vat", "industry_id"} & set(vals):
            # Another policy may fit now; the next night looks at the items again.
            records = self.env["ar.dunning.customer"].sudo().search([("partner_id", "in", self.ids)])
            records.item_ids._forget_next_date()
        return result

    def action_archive(self):
        """Who owes money is archived only after a second click: open invoices are easily forgotten with the contact."""
        if not self.env.context.get("ar_dunning_archive"):
            owing = (
                self.env["ar.dunning.customer"]
                .sudo()
                .search([("partner_id", "in", self.ids), ("item_ids.is_open", "=", True)])
            )
            if owing:
                raise RedirectWarning(
                    self.env._(
                        "Open invoices of %s are not paid yet. Dunning goes on after archiving.",
                        ", ".join(owing.partner_id.mapped("display_name")),
                    ),
                    self.env.ref("ar_dunning.action_archive_partner_anyway").id,
                    self.env._("Archive anyway"),
                    {"active_model": self._name, "active_id": self[:1].id, "active_ids": self.ids},
                )
        return super().action_archive()

    def _search_ar_dunning_on_hold(self, operator, value):
        if operator != "in":
            return NotImplemented
        held = self._ar_dunning_held_domain()
        return held if True in value else ~held

    @api.model
    def _ar_dunning_held_domain(self):
        """Which contacts `ar_dunning_on_hold` is true for, in the current company; asked by its search.

        A member that holds customers for reasons of its own adds them by `super() | Domain(...)`, and says the same of one
        record in `ar.dunning.customer._is_held`.
        """
        marked = self._ar_dunning_records([("credit_hold", "=", True)])
        nearest = self._ar_dunning_records([("partner_id", "in", [partner.id for partner in marked])])
        by_level = [partner.id for partner, record in nearest.items() if record._is_held_by_level()]
        return Domain("commercial_partner_id", "in", by_level)

    @api.model
    def _ar_dunning_records(self, domain):
        """`{commercial partner: its customer record}` in the current company; a branch without one reads its root's."""
        company = self.env.company
        records = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
        records = records.search([("company_id", "in", company._dunning_tree().ids), *domain], order="id")
        nearest = {company.root_id.id: 1} | {company.id: 0}
        ordered = records.sorted(lambda record: (-nearest.get(record.company_id.id, 2), -record.id))
        return {record.partner_id: record for record in ordered}  # the nearest comes last and stays

    def action_view_ar_dunning(self):
        """Open the dunning record of this customer in the current company, made if there is none."""
        self.ensure_one()
        Customer = self.env["ar.dunning.customer"]
        key = {"partner_id": self.commercial_partner_id.id, "company_id": self.env.company.id}
        record = Customer.search([(name, "=", value) for name, value in key.items()]) or Customer._make(key)
        return {
            "type": "ir.actions.act_window",
            "res_model": "ar.dunning.customer",
            "res_id": record.id,
            "view_mode": "form",
        }

    def _merge_dunning_records(self, destination):
        """Before these partners become `destination`: one dunning record per company, the strictest value wins.

        Evidence (items, notices, arrangements) moves to the record that stays.
        """
        records = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
        records = records.search([("partner_id", "in", (self | destination).ids)])
        for same in records.grouped("company_id").values():
            keep = same.filtered(lambda record: record.partner_id == destination)[:1] or same[:1]
            gone = same - keep
            if gone:
                keep._absorb(gone)
            self.env.flush_all()
            # The partner is part of a unique index: move the record before core updates foreign keys.
            self.env.cr.execute(
                SQL("UPDATE ar_dunning_customer SET partner_id = %s WHERE id = %s", destination.id, keep.id)
            )
            keep.invalidate_recordset()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ar_dunning(self):
        self.env["ar.dunning.used"]._refuse_used(self)

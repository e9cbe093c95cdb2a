from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.tools.timeline import label, source

CHARGES = """
    FROM ar_dunning_charge h
    LEFT JOIN account_move m ON m.id = h.move_id
    LEFT JOIN account_move d ON d.id = h.document_id
    LEFT JOIN account_move r ON r.id = h.reversal_id
    LEFT JOIN ar_dunning_notice n ON n.id = h.notice_id
"""
CHARGE = {
    "id": "h.id",
    "amount": "h.amount",
    "currency_id": "h.currency_id",
    "customer_id": "h.customer_id",
    "company_id": "h.company_id",
    "notice_id": "h.notice_id",
    "move_ids": "CASE WHEN h.move_id IS NOT NULL THEN ARRAY[h.move_id] END",
    "res_model": "'ar.dunning.charge'",
    "res_id": "h.id",
}


class ArDunningTimeline(models.AbstractModel):
    """What was claimed beside invoices: claimed, booked, waived, reversed."""

    _inherit = "ar.dunning.timeline"

    @api.model
    def _timeline_kinds(self):
        return super()._timeline_kinds() | {"charge": (self.env._("Charges"), "fa-percent")}

    @api.model
    def _timeline_sources(self):
        return [*super()._timeline_sources(), *self._charge_sources()]

    @api.model
    def _charge_sources(self):
        """What became of each charge; that a notice claimed it stands with the notice, and is a step on the way here."""
        kind = label(self.env["ar.dunning.charge"], "kind", "h.kind")
        parts = {"charge": kind, "invoice": "m.name", "document": "d.name"}

        def charge(words, where, **columns):
            return source(
                "charge", words, SQL("%s WHERE %s", SQL(CHARGES), SQL(where)), parts=parts, **CHARGE, **columns
            )

        return [
            charge(
                self.env._("%(charge)s of %(invoice)s claimed"),
                "h.stage <> 'draft'",
                day="COALESCE(n.sent_on, h.date)",
                minor="TRUE",
            ),
            charge(
                self.env._("%(charge)s of %(invoice)s booked: %(document)s"),
                "h.document_id IS NOT NULL",
                moment="CASE WHEN d.create_date::date = d.date THEN d.create_date END",
                day="d.date",
                user_id="d.create_uid",
            ),
            charge(
                self.env._("%(charge)s of %(invoice)s waived"),
                "h.stage = 'waived'",
                day="h.waived_on",
                user_id="h.waived_by_id",
                detail="h.reason",
            ),
            charge(
                self.env._("%(charge)s of %(invoice)s reversed"),
                "h.stage = 'reversed'",
                moment="CASE WHEN r.id IS NULL THEN h.write_date END",
                day="r.date",
                user_id="COALESCE(r.create_uid, h.write_uid)",
                detail="h.reason",
            ),
        ]

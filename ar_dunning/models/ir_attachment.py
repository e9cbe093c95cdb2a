from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.authority import as_system, is_system

CONTENT = frozenset({"datas", "raw", "db_datas", "store_fname", "checksum", "file_size", "mimetype", "url", "type"})
# Where it belongs decides who may read it, and whether it is ours.
PLACE = frozenset({"name", "res_model", "res_id", "res_field", "public", "company_id"})


class IrAttachment(models.Model):
    """What we keep as evidence stays as it is: nobody changes or deletes it, superuser or not."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if not is_system():
            if CONTENT.intersection(vals):
                self._check_no_evidence()
            elif PLACE.intersection(vals):
                self._of_dunning()._check_no_evidence()
        return super().write(vals)

    def unlink(self):
        if not is_system():
            self._check_no_evidence()
        return super().unlink()

    def _of_dunning(self):
        """Those that hang on a record of ours."""
        return self.sudo().filtered(lambda file: (file.res_model or "").startswith("ar.dunning."))

    def _check_no_evidence(self):
        """:raise UserError: one of these is kept as evidence"""
        asked = (
            self.sudo()
            .exists()
            .filtered(lambda file: not file.res_field or file._of_dunning() or file._may_be_enclosed())
        )
        sources = asked._dunning_evidence() if asked else []
        if not sources:
            return
        self.env.flush_all()
        found = self.env.execute_query(SQL("%s LIMIT 1", SQL(" UNION ALL ").join(sources)))
        if found:
            raise UserError(
                self.env._(
                    "%s is kept as evidence and can be neither changed nor deleted.",
                    self.sudo().browse(found[0][0]).name,
                )
            )

    def _may_be_enclosed(self):
        """Odoo keeps the document of an invoice in a field of it."""
        return self.res_model == "account.move"

    def _dunning_evidence(self):
        """Statements that give the ids of those of these attachments that are evidence; asked before one is changed or
        deleted, after a flush. A member with documents of its own adds a statement: `[*super()..., SQL(...)]`."""
        ids = self.ids
        return [
            SQL(
                "SELECT n.letter_id FROM ar_dunning_notice n JOIN ir_attachment a ON a.id = n.letter_id"
                " AND a.res_id = n.id WHERE n.id = ANY(%s) AND n.letter_id = ANY(%s)",
                self.mapped("res_id"),
                ids,
            ),
            SQL(
                "SELECT ir_attachment_id FROM ar_dunning_notice_ir_attachment_rel WHERE ir_attachment_id = ANY(%s)",
                ids,
            ),
            SQL(
                "SELECT r.attachment_id FROM message_attachment_rel r"
                " JOIN mail_mail m ON m.mail_message_id = r.message_id"
                " JOIN ar_dunning_delivery d ON d.mail_id = m.id WHERE r.attachment_id = ANY(%s)",
                ids,
            ),
        ]

    def _to_http_stream(self):
        """Whoever downloads a letter gets the one that was frozen, or none.

        :raise UserError: it was tampered with
        """
        if self.res_model == "ar.dunning.notice":
            notice = self.env["ar.dunning.notice"].sudo().browse(self.res_id).exists()
            if notice.letter_id == self:
                notice._frozen_letter()
        return super()._to_http_stream()

    def _migrate(self):
        """Between database and files: the content stays the same."""
        with as_system():
            return super()._migrate()

    @api.model
    def _keep_for(self, record, name, content, mimetype="application/pdf"):
        """A document of ours, with the record it belongs to. `content`: bytes."""
        with as_system():
            return self.sudo().create(
                {
                    "name": name,
                    "raw": content,
                    "mimetype": mimetype,
                    "res_model": record._name,
                    "res_id": record.id,
                }
            )

    def _discard_of(self, records):
        """Delete as the system those of these that belong to one of `records`; what is another's stays."""
        ours = self.sudo().filtered(lambda file: file.res_model == records._name and file.res_id in records.ids)
        with as_system():
            ours.unlink()

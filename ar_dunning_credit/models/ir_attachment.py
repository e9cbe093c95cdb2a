from odoo import models
from odoo.tools import SQL


class IrAttachment(models.Model):
    """The documents of a solvency check are evidence, archived or not."""

    _inherit = "ir.attachment"

    def _dunning_evidence(self):
        documents = SQL(
            "SELECT r.ir_attachment_id FROM ar_dunning_solvency_check_ir_attachment_rel r"
            " WHERE r.ir_attachment_id = ANY(%s)",
            self.ids,
        )
        return [*super()._dunning_evidence(), documents]

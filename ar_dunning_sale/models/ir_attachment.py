from odoo import models
from odoo.tools import SQL


class IrAttachment(models.Model):
    """The accepted terms, too, stay as they were accepted."""

    _inherit = "ir.attachment"

    def _dunning_evidence(self):
        terms = SQL("SELECT attachment_id FROM ar_dunning_terms WHERE attachment_id = ANY(%s)", self.ids)
        return [*super()._dunning_evidence(), terms]

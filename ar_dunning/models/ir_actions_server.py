from odoo import models

from ..tools.authority import as_person


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    def run(self):
        """What runs inside a write of ours, an automation rule for instance, writes as a person does."""
        with as_person():
            return super().run()

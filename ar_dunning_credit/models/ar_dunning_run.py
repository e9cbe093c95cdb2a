from odoo import models


class ArDunningRun(models.Model):
    """The night judges how customers pay before it closes: the credit status reads the grade."""

    _inherit = "ar.dunning.run"

    def _steps_after(self):
        if self.kind == "night":
            yield from self.env["ar.dunning.scoring"]._steps(self.company_id, self.date)
        yield from super()._steps_after()

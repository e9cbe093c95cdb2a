from odoo import fields, models


class ArDunningSetup(models.TransientModel):
    """What claims by law lack, and the way to it."""

    _inherit = "ar.dunning.setup"

    missing_rate_count = fields.Integer(compute="_compute_findings")

    def _find(self):
        result = super()._find()
        self.missing_rate_count = len(self._missing_rates())
        return result

    def _missing_rates(self):
        """Series that a rule needs and that have no value today."""
        today = self.company_id._dunning_today()
        return self.env["ar.dunning.rate"].sudo()._in_use().filtered(lambda rate: not rate._value_on(today)).sudo(False)

    def action_open_missing_rates(self):
        """The series whose current value is to be entered."""
        return self._list(self.env._("Reference rates without a value today"), self._missing_rates())

    def action_statutory(self):
        """Choose the countries whose law applies, and see what would be created."""
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning_charge.ar_dunning_pack_wizard_action")

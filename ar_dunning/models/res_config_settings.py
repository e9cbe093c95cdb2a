from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_dunning_policy_id = fields.Many2one(related="company_id.ar_dunning_policy_id", readonly=False)
    ar_dunning_not_before = fields.Date(related="company_id.ar_dunning_not_before", readonly=False)
    ar_dunning_max_notices = fields.Integer(related="company_id.ar_dunning_max_notices", readonly=False)
    ar_dunning_night_hour = fields.Float(related="company_id.ar_dunning_night_hour", readonly=False)

    def action_ar_dunning_add_holidays(self):
        """Seed this and the next year's public holidays into the company's working schedule."""
        year = self.company_id._dunning_today().year
        leaves = self.company_id._seed_public_holidays((year, year + 1))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s public holidays were added to the working schedule.", len(leaves)),
            },
        }

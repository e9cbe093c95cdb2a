from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    """Credit control: what the company reacts to. A branch follows its root."""

    _inherit = "res.config.settings"

    ar_dunning_limit_effect = fields.Selection(related="company_id.root_id.ar_dunning_limit_effect", readonly=False)
    ar_dunning_limit_percent = fields.Float(related="company_id.root_id.ar_dunning_limit_percent", readonly=False)
    ar_dunning_overdue_effect = fields.Selection(related="company_id.root_id.ar_dunning_overdue_effect", readonly=False)
    ar_dunning_overdue_days = fields.Integer(related="company_id.root_id.ar_dunning_overdue_days", readonly=False)
    ar_dunning_overdue_amount = fields.Monetary(related="company_id.root_id.ar_dunning_overdue_amount", readonly=False)
    ar_dunning_level_effect = fields.Selection(related="company_id.root_id.ar_dunning_level_effect", readonly=False)
    ar_dunning_grade_effect = fields.Selection(related="company_id.root_id.ar_dunning_grade_effect", readonly=False)
    ar_dunning_grade_from = fields.Selection(related="company_id.root_id.ar_dunning_grade_from", readonly=False)
    ar_dunning_count_drafts = fields.Boolean(related="company_id.root_id.ar_dunning_count_drafts", readonly=False)
    ar_dunning_sales_amounts = fields.Boolean(related="company_id.root_id.ar_dunning_sales_amounts", readonly=False)
    ar_dunning_post_over_limit = fields.Selection(
        related="company_id.root_id.ar_dunning_post_over_limit", readonly=False
    )

    @api.constrains("account_default_credit_limit")
    def _check_account_default_credit_limit(self):
        """Core takes any number for the default limit of new customers."""
        for settings in self:
            if settings.account_default_credit_limit < 0:
                raise ValidationError(self.env._("The default credit limit cannot be negative. 0 means no limit."))

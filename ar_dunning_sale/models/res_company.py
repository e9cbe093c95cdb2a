from odoo import fields, models

from odoo.addons.ar_dunning.tools.authority import SETTINGS_GROUPS


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_dunning_trial_days = fields.Integer(
        "Announce the End of Free Periods",
        default=14,
        help="So many days before a trial or pilot ends, the customer is told.",
        groups=SETTINGS_GROUPS,
    )

    _ar_dunning_trial_days = models.Constraint(
        "CHECK(ar_dunning_trial_days >= 0)", "The number of days cannot be negative."
    )

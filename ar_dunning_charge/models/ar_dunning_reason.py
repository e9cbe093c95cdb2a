from odoo import fields, models


class ArDunningReason(models.Model):
    _inherit = "ar.dunning.reason"

    no_charges = fields.Boolean(
        help="No fee and no interest is claimed while a pause with this reason stands. Of a dispute: on the disputed part, "
        "for good, unless the dispute is rejected."
    )

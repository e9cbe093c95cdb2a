from odoo import fields, models

from odoo.addons.ar_dunning.tools.authority import SETTINGS_GROUPS


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_dunning_delivery_hold = fields.Selection(
        [("ignore", "Nothing"), ("warn", "Say so on the delivery"), ("stop", "Stop the delivery")],
        "Deliveries of Customers on Hold",
        required=True,
        default="warn",
        help="What happens to deliveries of confirmed orders when the customer has come on hold, or is blocked, since. "
        "An approval of the order lets them pass a hold, never a block. Deposits that are due before delivery always stop.",
        groups=SETTINGS_GROUPS,
    )

from odoo import fields, models


class ArDunningItem(models.Model):
    """Since when and why the debtor of an item is in default, and what another system has claimed on it."""

    _inherit = "ar.dunning.item"

    default_date = fields.Date("In Default since", readonly=True, help="From the day after, interest may be claimed.")
    default_ground = fields.Selection(
        [
            ("agreed", "Agreed due date"),
            ("notice", "Notice received"),
            ("invoice", "Days after receipt of the invoice"),
        ],
        "Ground of Default",
        readonly=True,
    )
    default_notice_id = fields.Many2one("ar.dunning.notice", readonly=True, ondelete="set null")
    opening_claimed_until = fields.Date(
        "Interest Claimed until",
        help="The last day for which the system before claimed interest on this item. Without it nothing is claimed "
        "on an item that was reminded there: no day may be claimed twice.",
    )

    def _person_writes(self):
        return super()._person_writes() | ({"opening_claimed_until"} if self else frozenset())

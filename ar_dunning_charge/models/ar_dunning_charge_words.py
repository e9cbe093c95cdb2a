from markupsafe import Markup

from odoo import api, fields, models


class ArDunningCharge(models.Model):
    """The arithmetic of a fee as a small table, as it was kept when the fee was worked out."""

    _inherit = "ar.dunning.charge"
    _mail_post_access = "read"  # nobody changes a charge by hand, but everybody who sees it may note something

    steps_html = fields.Html("Arithmetic of the Fee", compute="_compute_steps_html", sanitize=False)

    @api.depends("steps")
    def _compute_steps_html(self):
        for charge in self:
            rows = Markup("").join(
                Markup("<tr><td>%s</td><td class='text-end'>%s</td></tr>") % (text, amount)
                for text, amount in charge.steps or ()
            )
            charge.steps_html = rows and Markup("<table class='table table-sm mb-0'>%s</table>") % rows

from odoo import fields, models


class ArDunningArrangeWizard(models.TransientModel):
    """Enter what a customer promises or disputes, without a call: from his page, an invoice or a notice."""

    _name = "ar.dunning.arrange.wizard"
    _inherit = "ar.dunning.said"
    _description = "Promise or Dispute"

    kind = fields.Selection([("promise", "Promise to pay"), ("dispute", "Dispute")], required=True, default="promise")
    channel = fields.Selection(
        [("phone", "Telephone"), ("email", "E-mail"), ("letter", "Letter"), ("meeting", "In person")],
        string="Told by",
        default="email",
    )
    words = fields.Char("What Was Said")

    def action_arrange(self):
        """Make the promise or the dispute; dunning leaves it alone from now on."""
        return self._arrange(self.kind, "desk", self.channel, self.words)

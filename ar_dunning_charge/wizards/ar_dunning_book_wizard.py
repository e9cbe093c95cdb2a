from odoo import fields, models


class ArDunningBookWizard(models.TransientModel):
    """Book announced charges on a day."""

    _name = "ar.dunning.book.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Book Charges"

    charge_ids = fields.Many2many("ar.dunning.charge", string="Charges", required=True)
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._dunning_today(),
        help="Day of the documents. It must not be locked.",
    )

    def action_book(self):
        """Make one document for each notice and currency, and show them."""
        self.ensure_one()
        documents = self.charge_ids._book(self.date)
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Charges in the books"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("id", "in", documents.ids)],
        }
        if len(documents) == 1:
            action |= {"view_mode": "form", "res_id": documents.id}
        return action

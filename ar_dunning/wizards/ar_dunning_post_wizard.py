from odoo import fields, models
from odoo.exceptions import UserError


class ArDunningPostWizard(models.TransientModel):
    """Record that letters were handed to the post, with day and tracking number."""

    _name = "ar.dunning.post.wizard"
    _description = "Mark Letters as Posted"

    notice_ids = fields.Many2many("ar.dunning.notice", string="Notices", required=True)
    posted_on = fields.Date(required=True, default=fields.Date.context_today)
    tracking_number = fields.Char(help="For a single letter, as printed on the receipt of the post.")

    def action_post(self):
        """Mark the waiting letters of these notices as posted; their deadlines run from that day."""
        self.ensure_one()
        self.notice_ids.check_access("write")
        letters = self.notice_ids.delivery_ids.filtered(
            lambda delivery: delivery.channel == "letter" and delivery.state == "queued"
        )
        if not letters:
            raise UserError(self.env._("None of these notices has a letter that waits for the post."))
        if self.posted_on > fields.Date.context_today(self):
            raise UserError(self.env._("%s lies in the future. Enter the day on which the letters were posted.", self.posted_on))
        if self.tracking_number and len(letters) > 1:
            raise UserError(self.env._("A tracking number belongs to one letter. Mark the letters one by one."))
        letters.sudo()._mark_posted(self.posted_on, self.tracking_number)
        return {"type": "ir.actions.act_window_close"}

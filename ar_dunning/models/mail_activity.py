from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """A task that a notice consists of counts as delivered when somebody has done it."""
        deliveries = self.env["ar.dunning.delivery"].sudo().search([("activity_id", "in", self.ids)])
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        done = deliveries._update_state(("queued",), "acknowledged", done_on=fields.Datetime.now(), failure=feedback)
        done.notice_id._settle()
        return result

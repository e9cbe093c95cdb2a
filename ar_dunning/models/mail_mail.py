from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """Our notices leave through their delivery, which makes sure that none is accepted twice."""
        deliveries = self.env["ar.dunning.delivery"].sudo().search([("mail_id", "in", self.ids)])
        if not deliveries or self.env["ir.mail_server"]._disable_send():
            return super().send(auto_commit, raise_exception, post_send_callback)
        deliveries._transmit()
        ours = deliveries.mail_id
        if post_send_callback:
            post_send_callback(ours.ids)
        rest = self - ours
        return super(MailMail, rest).send(auto_commit, raise_exception, post_send_callback) if rest else True

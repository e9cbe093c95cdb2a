from odoo import fields, models

# What Odoo's own queue must leave alone.
NOT_OURS = ("ar_dunning_delivery_ids", "=", False)


class MailMail(models.Model):
    _inherit = "mail.mail"

    ar_dunning_delivery_ids = fields.One2many("ar.dunning.delivery", "mail_id")

    def process_email_queue(self, email_ids=(), batch_size=1000):
        """Our mails have senders of their own."""
        filters = [*self.env.context.get("filters", []), NOT_OURS]
        return super(MailMail, self.with_context(filters=filters)).process_email_queue(email_ids, batch_size)

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """Our notices leave through their delivery, which makes sure that none is accepted twice."""
        ours = self.env["ar.dunning.delivery"].sudo().search([("mail_id", "in", self.ids)])
        if not ours or self.env["ir.mail_server"]._disable_send():
            return super().send(auto_commit, raise_exception, post_send_callback)
        ours.filtered(lambda delivery: delivery.state == "queued")._assign()
        rest = self - ours.mail_id
        return super(MailMail, rest).send(auto_commit, raise_exception, post_send_callback) if rest else True

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Beside what its message says. Whether it is tried again or given up, its buttons decide.
SAID = frozenset({"body_html", "email_to", "email_cc", "recipient_ids", "headers", "references", "mail_message_id"})


class MailMail(models.Model):
    _inherit = "mail.mail"

    ar_dunning_is_ours = fields.Boolean(
        "Sent by Dunning", compute="_compute_ar_dunning_is_ours", search="_search_ar_dunning_is_ours"
    )

    def _compute_ar_dunning_is_ours(self):
        ours = self.env["ar.dunning.delivery"].sudo().search([("mail_id", "in", self.ids)]).mail_id
        for mail in self:
            mail.ar_dunning_is_ours = mail in ours

    def _search_ar_dunning_is_ours(self, operator, value):
        if operator != "in":
            return NotImplemented
        ours = Domain.custom(to_sql=lambda _model, alias, _query: SQL(OURS, SQL.identifier(alias, "id")))
        return ours if True in value else ~ours

    def write(self, vals):
        if SAID.intersection(vals):
            self.env["ar.dunning.delivery"]._check_mails_kept(self, vals)
        return super().write(vals)

    def unlink(self):
        self.env["ar.dunning.delivery"]._check_mails_kept(self)
        return super().unlink()

    def process_email_queue(self, email_ids=(), batch_size=1000):
        """Our mails have senders of their own."""
        filters = [*self.env.context.get("filters", []), ("ar_dunning_is_ours", "=", False)]
        return super(MailMail, self.with_context(filters=filters)).process_email_queue(email_ids, batch_size)

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """Our notices leave through their delivery, which makes sure that none is accepted twice."""
        ours = self.env["ar.dunning.delivery"].sudo().search([("mail_id", "in", self.ids)])
        if not ours or self.env["ir.mail_server"]._disable_send():
            return super().send(auto_commit, raise_exception, post_send_callback)
        ours.filtered(lambda delivery: delivery.state == "queued")._assign()
        rest = self - ours.mail_id
        return super(MailMail, rest).send(auto_commit, raise_exception, post_send_callback) if rest else True


OURS = "EXISTS (SELECT FROM ar_dunning_delivery d WHERE d.mail_id = %s)"

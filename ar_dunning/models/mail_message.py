from odoo import models

# What a mail says, to whom and as whose; the Message-ID is what keeps it from being accepted twice.
SAID = frozenset(
    {
        *("subject", "body", "attachment_ids", "email_from", "author_id", "reply_to", "message_id", "date"),
        *("model", "res_id", "message_type", "mail_server_id", "record_alias_domain_id", "parent_id"),
    }
)


class MailMessage(models.Model):
    """The message of a mail of ours stays as it was written, while the mail waits and after it has left."""

    _inherit = "mail.message"

    def write(self, vals):
        said = SAID.intersection(vals)
        # Whoever sends a mail writes down under which Message-ID; Odoo's queue does so with every mail of anybody.
        same = said == {"message_id"} and set(self.mapped("message_id")) == {vals["message_id"]}
        if said and not same:
            self.env["ar.dunning.delivery"]._check_mails_kept(self, vals)
        return super().write(vals)

    def unlink(self):
        self.env["ar.dunning.delivery"]._check_mails_kept(self)
        return super().unlink()

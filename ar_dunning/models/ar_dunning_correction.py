from odoo import api, models
from odoo.exceptions import AccessError


class ArDunningCorrection(models.AbstractModel):
    """Tells those who got the mail of a notice that was cancelled since that it was wrong."""

    _name = "ar.dunning.correction"
    _description = "Correction of Mails"

    @api.model
    def _correct(self, notices):
        """Tell those who got the mail of these cancelled notices that it was wrong, each once.

        A correction is a delivery of its own, so it leaves exactly once like every mail of ours; it answers the
        mail it corrects and counts for nothing.

        :return: the deliveries made
        """
        if not self.env.user.has_group("ar_dunning.group_dunning_manager") and not self.env.su:
            raise AccessError(self.env._("Only a dunning manager can send a correction."))
        template = self.env.ref("ar_dunning.mail_template_correction").sudo()
        made = self.env["ar.dunning.delivery"].sudo()
        for notice in notices.sudo().filtered(lambda notice: notice.state == "cancelled"):
            for former in self._to_correct(notice):
                mail = self.env["mail.mail"].sudo().create(self.sudo()._correction_vals(notice, template, former))
                made |= made._make(
                    {
                        "notice_id": notice.id,
                        "channel": "email",
                        "is_copy": True,
                        "is_correction": True,
                        "partner_id": former.partner_id.id,
                        "address": former.address,
                        "mail_id": mail.id,
                        "message_id": mail.message_id,
                    }
                )
        return made

    @api.model
    def _to_correct(self, notice):
        """The mails that reached somebody and have no correction yet, one for each address."""
        notice.ensure_one()
        mails = notice.delivery_ids.filtered(lambda delivery: delivery.channel == "email")
        corrected = set(mails.filtered("is_correction").mapped("address"))
        arrived = mails.filtered(
            lambda delivery: delivery.state in ("sent", "acknowledged") and not delivery.is_correction
        )
        by_address = {delivery.address: delivery for delivery in arrived if delivery.address not in corrected}
        return notice.env["ar.dunning.delivery"].concat(*by_address.values()).sorted("id")

    @api.model
    def _correction_vals(self, notice, template, former):
        """A short mail in the customer's language that answers the wrong one."""
        template = template.with_context(lang=notice.lang)
        content = {
            "subject": template._render_field("subject", notice.ids)[notice.id],
            "body": template._render_field("body_html", notice.ids, options={"post_process": True})[notice.id],
        }
        vals = self.env["ar.dunning.dispatch"]._mail_vals(
            notice, former.partner_id, former.address, former.is_copy, content, False
        )
        headers = {"Auto-Submitted": "auto-generated", "In-Reply-To": former.message_id}
        return vals | {
            "body": content["body"],
            "references": former.message_id,
            "headers": repr(headers),
            "attachment_ids": [],
        }

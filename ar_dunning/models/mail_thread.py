import logging

from odoo import api, models

from ..core.delivery_report import read_reports

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        """A delivery report of one of our mails, which its Message-ID tells, is read by what it says.

        That a mail is delayed, was delivered or handed on is no bounce, neither of the notice nor of the partner's
        address; nor is a refusal of the sender one of the address.
        """
        names = message_dict.get("bounced_msg_ids") or []
        ours = self.env["ar.dunning.delivery"].sudo().search([("message_id", "in", names)]) if names else None
        reports = read_reports(email_message) if ours else []
        if not reports:
            return super()._routing_handle_bounce(email_message, message_dict)
        failed = [report for report in reports if report.is_failure]
        for report in failed[:1]:  # a mail of ours has one recipient
            ours._come_back(report)
            if report.concerns_recipient:
                return super()._routing_handle_bounce(email_message, message_dict)
        _logger.info("Delivery report on %s: %s", names, reports)
        return None

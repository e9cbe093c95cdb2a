from datetime import datetime, time, timedelta

from freezegun import freeze_time

from .common import DUE, DunningCommon

ON = DUE + timedelta(days=5)


class LookCommon(DunningCommon):
    """Approved notices up to the moment in which their mail would be handed to the server."""

    def leave(self, notices, day):
        """Approve, and make the deliveries: the mails then wait in the queue."""
        with self.nine(day), self.allow_pdf_render():
            notices.filtered(lambda notice: notice.state == "draft")._approve()
            self.dispatch(notices, day)

    def dispatch(self, notices, day):
        Dispatch = self.env["ar.dunning.dispatch"].sudo()
        for notice_id, letter in Dispatch._send_ready(notices.ids, day).items():
            Dispatch._render(Dispatch.env["ar.dunning.notice"].browse(notice_id), letter)
            Dispatch._send_ready([notice_id], day)
        self.env.invalidate_all()

    def nine(self, day):
        return freeze_time(datetime.combine(day, time(9)))

    def mail(self, notice):
        """The delivery whose mail waits."""
        return notice.sudo().delivery_ids.filtered(lambda one: one.channel == "email" and one.state == "queued")

    def claim(self, notice, day):
        """The mail's turn has come: whether it is handed to the server."""
        with self.nine(day):
            return bool(self.mail(notice)._claim("token"))

    def mature(self, invoice, day):
        """The due date is put off on the posted invoice, as an accountant does it on its receivable line."""
        line = invoice.line_ids.filtered(lambda one: one.account_id.account_type == "asset_receivable")
        line.date_maturity = day

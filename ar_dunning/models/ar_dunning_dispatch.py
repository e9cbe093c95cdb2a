# Rendering must hold no lock and its result must be kept, so batches are committed here.
# pylint: disable=invalid-commit
import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.service.model import retrying
from odoo.tools import split_every

from ..tools.attempt import CONCURRENCY
from ..tools.mail_header import addresses_in, mailbox, one_line

_logger = logging.getLogger(__name__)
BATCH = 50


class ArDunningDispatch(models.AbstractModel):
    """From approved notices to deliveries.

    Three kinds of transaction per batch: look again and send what needs no rendering; render
    without holding a lock (wkhtmltopdf asks this server for its assets); look again and send the rest.
    """

    _name = "ar.dunning.dispatch"
    _description = "Dunning Dispatch"

    @api.model
    def _cron_send(self):
        """Scheduled action: send what is approved and whose hour has come."""
        commit = self.env["ir.cron"]._commit_progress
        self.env["ar.dunning.mail.server"]._sweep()
        self.env["ar.dunning.delivery"]._assign_lost()
        commit()  # what the sweeper wrote, and what senders did meanwhile, is seen by a new transaction only
        retrying(self._settle_interrupted, self.env)
        for notice_id in self._letters_to_make().ids:
            self._render(self.env["ar.dunning.notice"].browse(notice_id))
            self.env.cr.commit()
        todo = self._queue(fields.Datetime.now())
        commit(remaining=len(todo))
        for batch in split_every(BATCH, todo):
            batch = list(batch)
            try:
                retrying(partial(self._send, batch), self.env)
            except CONCURRENCY:
                _logger.info("Notices %s are left to the next round: somebody else is at them", batch)
                self.env.cr.rollback()
            except Exception:  # find out one by one which notice it was
                _logger.exception("Sending notices %s", batch)
                self.env.cr.rollback()
                for notice_id in batch:
                    self._send_alone(notice_id)
            if not commit(len(batch)):
                break

    @api.model
    def _send_alone(self, notice_id):
        """Send one notice of a batch that broke; what breaks it stays with it and does not stop the others."""
        try:
            retrying(partial(self._send, [notice_id]), self.env)
        except CONCURRENCY:
            _logger.info("Notice %s is left to the next round: somebody else is at it", notice_id)
            self.env.cr.rollback()
        except Exception as error:
            _logger.exception("Sending notice %s", notice_id)
            self.env.cr.rollback()
            notice = self.env["ar.dunning.notice"].browse(notice_id)
            notice._update_state(("queued",), "failed", error=self.env._("It could not be made ready: %s", error))
            self.env.cr.commit()

    @api.model
    def _queue(self, now):
        """Ids of the notices to send now, those of one customer side by side."""
        # Not their texts: the queue may be long.
        notices = self.env["ar.dunning.notice"].search_fetch(
            [("state", "=", "queued"), ("send_after", "<=", now), ("is_leaving", "=", False)],
            ["approved_by_id", "policy_id", "company_id", "send_after"],
            order="company_id, customer_id, id",
        )
        return [notice.id for notice in notices if self._may_leave(notice, now)]

    @api.model
    def _may_leave(self, notice, now):
        """Whether hour and day let a queued notice leave at `now` (naive UTC), by its company's clock.

        What a person sends leaves at once, whichever day it is. What is left over from another day, because a server
        stood still, waits for a working day; what nobody has approved waits for the send window, too.
        """
        company, policy = notice.company_id, notice.policy_id
        day = company._dunning_local(now).date()
        if notice.approved_by_id and company._dunning_local(notice.send_after).date() == day:
            return True
        in_time = notice.approved_by_id or policy._in_window(now, company)
        return bool(in_time) and policy._calendar(day, company).is_working(day)

    @api.model
    def _settle_interrupted(self):
        """Notices whose mail has left but whose sender stopped before it could say so here."""
        self.env["ar.dunning.notice"].search(
            [
                ("state", "in", ("queued", "failed")),
                (
                    "delivery_ids",
                    "any",
                    [("state", "in", ("sent", "posted", "acknowledged")), ("is_copy", "=", False)],
                ),
            ]
        )._settle()

    @api.model
    def _letters_to_make(self):
        """Notices whose mail came back and that go by letter instead, from the frozen figures."""
        return self.env["ar.dunning.notice"].search(
            [
                ("state", "=", "queued"),
                ("letter_id", "=", False),
                ("delivery_ids", "any", [("channel", "=", "letter"), ("state", "=", "queued")]),
            ]
        )

    @api.model
    def _send(self, notice_ids, on=None):
        """Send one batch, rendering in between where needed. Commits, except in tests that forbid it."""
        notice_ids = list(notice_ids)
        unrendered = self._send_ready(notice_ids, on)
        if unrendered:
            self.env.cr.commit()
            for notice_id, letter in unrendered.items():
                self._render(self.env["ar.dunning.notice"].browse(notice_id), letter)
                self.env.cr.commit()
            self._send_ready(list(unrendered), on)

    @api.model
    def _send_ready(self, notice_ids, on=None):
        """Lock, look again, and send what is ready.

        :return: `{notice id: whether its letter is missing}` for notices of which something must be rendered first
        """
        self.env.cr.execute("SELECT customer_id FROM ar_dunning_notice WHERE id = ANY(%s)", [notice_ids])
        customer_ids = list({row[0] for row in self.env.cr.fetchall()})
        customers = self.env["ar.dunning.customer"].browse(customer_ids).try_lock_for_update(allow_referencing=True)
        # The lock may have come free after this transaction's snapshot was taken. Touching the rows makes whoever
        # comes with such a snapshot start again, instead of sending what has just been sent.
        self.env.cr.execute(
            "UPDATE ar_dunning_customer SET write_date = write_date WHERE id = ANY(%s)", [customers.ids]
        )
        notices = self.env["ar.dunning.notice"].browse(notice_ids)
        notices = notices.filtered(
            lambda notice: notice.state == "queued" and notice.customer_id in customers and not notice.is_leaving
        )
        unrendered = {}
        for company, group in notices.grouped("company_id").items():
            unrendered |= self._send_group(group.with_company(company), on or company._dunning_today())
        return unrendered

    @api.model
    def _send_group(self, notices, day):
        """Look at these locked notices of one company once more, and send what is ready; answers like `_send_ready`."""
        Address, revision = self.env["ar.dunning.address"], notices.env["ar.dunning.revision"]
        for notice, address in Address._of_notices(notices.filtered("is_edited"), day).items():
            revision._leave_archived(notice, address)
        anew, looks = [], notices.env["ar.dunning.look"]._look(notices, day)
        passed = notices.browse([look.notice.id for look in looks if revision._pass_look(look.notice, look, anew)])
        if anew:
            notices.env["ar.dunning.builder"]._rebuild(anew)
        addresses = Address._of_notices(passed, day)
        ready, unrendered, channels = [], {}, {}
        for notice in passed:
            channels[notice] = notice.level_id._channels(addresses[notice])
            failure = self._failure_of(notice, channels[notice])
            if failure:
                notice._update_state(("queued",), "failed", error=failure)
                continue
            letter = self._lacks_letter(notice, channels[notice])
            if letter or ("email" in channels[notice] and self._unrendered_invoices(notice)):
                unrendered[notice.id] = letter
            else:
                ready.append(notice.id)
        self._deliver(notices.browse(ready), channels, addresses)
        return unrendered

    @api.model
    def _failure_of(self, notice, channels):
        """Why a notice cannot leave; None where it can."""
        if not notice._with_sound_letter():
            return notice._broken_letter_text()
        if not notice._has_enclosed_as_frozen(notice._own_files()):
            return notice._broken_enclosed_text()
        if not channels:
            return self.env._("The customer has no usable e-mail or postal address.")
        return None

    # === Channels and rendering === #

    @api.model
    def _lacks_letter(self, notice, channels):
        return ("letter" in channels or notice.kind == "formal") and not notice.letter_id

    @api.model
    def _enclosed_moves(self, notice):
        """The invoices that the level encloses; of a loaded one only the document it came with, never one drawn here."""
        if notice.level_id.attach_invoices == "none":
            return self.env["account.move"]
        lines = notice.line_ids.filtered(lambda line: not line.item_id.is_loaded or line.move_id.invoice_pdf_report_id)
        if notice.level_id.attach_invoices == "overdue":
            lines = lines.filtered(lambda line: line.due_date < notice.date)
        return lines.move_id.filtered(lambda move: move.is_invoice())

    @api.model
    def _unrendered_invoices(self, notice):
        return self._enclosed_moves(notice).filtered(
            lambda move: (
                not move.invoice_pdf_report_id
                and move._get_invoice_report_filename() not in notice.invoice_attachment_ids.mapped("name")
            )
        )

    @api.model
    def _render(self, notice, letter=True):
        """Render the letter (if it has to go) and missing invoices of one notice; a failure stays with this notice."""
        Report = self.env["ir.actions.report"]
        try:
            if notice.state != "queued":
                return
            if letter and not notice.letter_id:
                pdf, _kind = Report._render_qweb_pdf("ar_dunning.action_report_notice", notice.ids)
                notice._freeze_letter(pdf)
            for move in self._unrendered_invoices(notice):
                pdf, _kind = Report._render_qweb_pdf("account.account_invoices", move.ids)
                attachment = self.env["ir.attachment"]._keep_for(notice, move._get_invoice_report_filename(), pdf)
                notice._put({"invoice_attachment_ids": [(4, attachment.id)]})
                notice._freeze_enclosed(attachment)
            self.env.flush_all()
        except CONCURRENCY as error:
            # Another sender was at the same notice: its letter is as good as ours.
            _logger.info("Rendering notice %s is left to another sender: %s", notice.id, error)
            self.env.cr.rollback()
        except Exception as error:  # one letter that cannot be made must not stop the others
            _logger.exception("Rendering notice %s", notice.id)
            self.env.cr.rollback()
            notice._update_state(("queued",), "failed", error=self.env._("The letter could not be made: %s", error))

    # === Delivering === #

    @api.model
    def _deliver(self, notices, channels, addresses):
        """Make the deliveries of notices that are ready, and queue their mails. One `create` per model.

        :param channels: `{notice: channels}`
        :param addresses: `{notice: Address}`
        """
        if not notices:
            return
        notices._put({"error": False})
        self.env.flush_all()
        values = []
        for channel, make in self._makers().items():
            values += make(notices.filtered(lambda notice, one=channel: one in channels[notice]), addresses)
        self.env["ar.dunning.delivery"].sudo()._make(values)

    @api.model
    def _makers(self):
        """Seam. How each channel brings notices: `{channel: function}`, in the order in which it is done.

        A function gets the notices that go by its channel and `{notice: Address}`; it does what must be done before they
        leave (queue mails, say) and returns the values of their deliveries. A member adds its channel here, to the
        channels of `ar.dunning.delivery`, and to `ar.dunning.level._channels`.
        """
        return {"email": self._make_mails, "letter": self._make_letters, "activity": self._make_tasks}

    @api.model
    def _make_mails(self, notices, addresses):
        mails = [(notice, *one) for notice in notices for one in self._mail_recipients(notice, addresses[notice])]
        return self._create_mails(mails)

    @api.model
    def _make_letters(self, notices, addresses):
        return [
            {"notice_id": notice.id, "channel": "letter", "partner_id": addresses[notice].post.party.id}
            for notice in notices
        ]

    @api.model
    def _make_tasks(self, notices, _addresses):
        return [
            {"notice_id": notice.id, "channel": "activity", "activity_id": self._schedule_task(notice).id}
            for notice in notices
        ]

    @api.model
    def _schedule_task(self, notice):
        level = notice.level_id
        user = notice.company_id._dunning_person(
            level.activity_user_id, notice.responsible_id, notice.approved_by_id, notice.salesperson_id
        )
        quiet = notice.with_context(mail_activity_quick_update=self._knows_of_tasks(user, notice.approved_by_id))
        return quiet.sudo().activity_schedule(
            activity_type_id=level.activity_type_id.id,
            summary=f"{level.name}: {notice.commercial_partner_id.name}",
            note=notice.text,
            user_id=user.id,
        )

    @api.model
    def _knows_of_tasks(self, user, giver):
        """Whether no mail tells `user` of a task, which stands in the worklist anyway.

        Who approved the notice knows of it, what nobody approved is seen in the morning, and of what a colleague sends in
        one day the first task is told.
        """
        if giver == user or not giver._is_dunning_person():
            return True
        day = fields.Datetime.now() - timedelta(days=1)
        told = [("user_id", "=", user.id), ("res_model", "=", "ar.dunning.notice"), ("create_date", ">", day)]
        return bool(self.env["mail.activity"].sudo().search_count(told, limit=1))

    @api.model
    def _create_mails(self, recipients):
        """Queue these mails.

        :param recipients: `[(notice, partner, address, is_copy)]`
        :return: the values of their deliveries
        """
        if not recipients:
            return []
        notices = recipients[0][0].union(*(notice for notice, *_rest in recipients))
        contents = self.env["ar.dunning.print"]._mail_contents(notices)
        reply_to = notices._notify_get_reply_to_batch(
            author_ids={notice.id: notice._mail_author().id for notice in notices}
        )
        values = [
            self._mail_vals(notice, partner, address, is_copy, contents[notice.id], reply_to.get(notice.id))
            for notice, partner, address, is_copy in recipients
        ]
        return [
            {
                "notice_id": notice.id,
                "channel": "email",
                "is_copy": is_copy,
                "partner_id": partner.id,
                "address": address,
                "mail_id": mail.id,
                "message_id": mail.message_id,
            }
            for (notice, partner, address, is_copy), mail in zip(
                recipients, self.env["mail.mail"].sudo().create(values), strict=True
            )
        ]

    @api.model
    def _mail_recipients(self, notice, address):
        """`(partner, address, is_copy)`: whose address the mail goes to, then who gets a copy: a separate payer, and
        the salesperson where the level says so. Who is written to at several addresses gets a mail of his own at each.
        """
        recipient = notice.partner_id.browse(address.mail.party.id)
        copies = notice.customer_id.payer_id.filtered("active")
        if notice.level_id.copy_salesperson and notice.salesperson_id:
            people = (notice.salesperson_id, notice.responsible_id)
            copies |= notice.company_id._dunning_person(*people).sudo().partner_id
        seen = set()
        for partner in (recipient, *copies):
            for email in addresses_in(partner.email):
                if email not in seen:
                    seen.add(email)
                    yield partner, email, partner != recipient

    @api.model
    def _mail_vals(self, notice, partner, address, is_copy, content, reply_to):
        """Values of the mail to this one address; what goes into headers is one line each."""
        enclosed = notice._own_files() | self._enclosed_moves(notice).invoice_pdf_report_id
        notice._freeze_enclosed(enclosed)
        company, user = notice.company_id, notice._answering_user()
        company_mailbox = mailbox(company.name, company.email)
        return {
            "subject": one_line(content["subject"]),
            "body_html": content["body"],
            "body": notice.text,
            "email_to": mailbox(partner.name, address),
            "email_from": mailbox(user.name, user.email) or company_mailbox,
            "author_id": notice._mail_author().id,
            "reply_to": one_line(reply_to) or company_mailbox,
            "model": False if is_copy else notice._name,
            "res_id": False if is_copy else notice.id,
            "message_type": "email_outgoing",
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note"),
            "auto_delete": False,
            "state": "outgoing",
            "headers": repr({"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF"}),
            "attachment_ids": [(6, 0, enclosed.ids)],
        }

from odoo import api, models
from odoo.exceptions import UserError

from ..tools.screen import say


class ArDunningCustomer(models.Model):
    """What a person does about a customer, from the worklist and from its form: remind now, call, pause, look further."""

    _inherit = "ar.dunning.customer"

    def action_remind_now(self):
        """Prepare a notice although its day has not come, and open it; nothing leaves before it is read.

        Where something stands in the way, a dialog says so first.
        """
        self.check_access("write")
        rows = self.env["ar.dunning.remind.wizard"]._rows(self)
        manager = self.env.user.has_group("ar_dunning.group_dunning_manager")
        if not any(row["stops"] for row in rows) or (not manager and not any(row["kind"] != "none" for row in rows)):
            return self._remind()
        wizard = self.env["ar.dunning.remind.wizard"].create({"customer_ids": [(6, 0, self.ids)]})
        return self._dialog(self.env._("Remind now"), wizard)

    def _remind(self, escalation=False):
        """Prepare the drafts of *Remind now*, and open them with those that wait already.

        :param escalation: why a manager lets the next level go within a running deadline or contact gap
        """
        self.check_access("write")
        waiting = self.env["ar.dunning.notice"].search([("customer_id", "in", self.ids), ("state", "=", "draft")])
        notices, refused = waiting, {}
        for company, customers in (self - waiting.customer_id).grouped("company_id").items():
            Remind = self.env["ar.dunning.remind"].sudo()
            made, stopped = Remind._remind_now(customers, company._dunning_today(), escalation)
            notices |= made.sudo(False)
            refused.update(stopped)
        if not notices:
            raise UserError("\n".join(f"{self.browse(key).display_name}: {why}" for key, why in refused.items()))
        if len(self) == 1:
            return self._dialog(self.env._("Notice %s", notices[0].name), notices[0])
        return self._show_reminded(notices, refused)

    def _show_reminded(self, notices, refused):
        """Open what was prepared; say who was left alone."""
        action = self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_notice_to_send_action")
        action |= {"domain": [("id", "in", notices.ids)], "context": {}}
        if not refused:
            return action
        names = ", ".join(self.browse(list(refused)).mapped("display_name"))
        return say(self.env._("Left alone, see why on each customer: %s", names), "warning", action)

    # === From a row === #

    def action_open_notice(self):
        """Read the oldest notice that waits for a person: one that failed, else a draft."""
        self.ensure_one()
        notices = self.env["ar.dunning.notice"].search(
            [("customer_id", "=", self.id), ("state", "in", ("failed", "draft"))], order="id"
        )
        notice = notices.filtered(lambda notice: notice.state == "failed")[:1] or notices[:1]
        if not notice:
            raise UserError(self.env._("No notice to this customer waits. Use 'Remind now' to prepare one."))
        return self._dialog(self.env._("Notice %s", notice.name), notice)

    def action_send_copies(self):
        """Write a mail with copies of the overdue invoices (else the open ones); the dialog shows it first."""
        self.ensure_one()
        items = self.item_ids.filtered("is_open")
        moves = (items.filtered(lambda item: item.days_late > 0) or items).move_id.filtered(
            lambda move: move.is_invoice()
        )
        if not moves:
            raise UserError(self.env._("%s has no open invoice.", self.partner_id.display_name))
        address = self.env["ar.dunning.address"]._of_customers(self, self.company_id._dunning_today(), moves)[self.id]
        lang = address.lang or self.env.lang
        body = self.with_context(lang=lang).env["ir.qweb"]._render("ar_dunning.invoice_copies_body", {"moves": moves})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send invoice copy"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": [address.mail.party.id if address.mail else address.recipient_id],
                "default_subject": ", ".join(moves.mapped("name")),
                "default_body": body,
                "default_attachment_ids": self._invoice_copies(moves).ids,
                "default_email_layout_xmlid": "mail.mail_notification_light",
            },
        }

    def _invoice_copies(self, moves):
        """The document each invoice went out with; drawn now where none was kept, never for a loaded invoice."""
        kept = moves.invoice_pdf_report_id
        loaded = self.item_ids.filtered("is_loaded").move_id
        for move in moves.filtered(lambda move: not move.invoice_pdf_report_id) - loaded:
            pdf, _kind = self.env["ir.actions.report"]._render_qweb_pdf("account.account_invoices", move.ids)
            kept |= self.env["ir.attachment"].create(
                {
                    "name": move._get_invoice_report_filename(),
                    "raw": pdf,
                    "mimetype": "application/pdf",
                    "res_model": "mail.compose.message",
                    "res_id": 0,
                }
            )
        return kept

    def action_log_call(self):
        """Write down what came of a call."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log a call"),
            "res_model": "ar.dunning.call.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_customer_id": self.id},
        }

    def action_assign(self):
        """Ask who looks after these customers."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assign"),
            "res_model": "ar.dunning.assign.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_customer_ids": self.ids},
        }

    def action_desk(self):
        """The customer on one small page, without leaving the list."""
        self.ensure_one()
        view = self.env.ref("ar_dunning.ar_dunning_customer_view_form_desk")
        return self._dialog(self.partner_id.display_name, self) | {"views": [(view.id, "form")]}

    def action_view_invoices(self):
        """Open the open invoices of this customer."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice") | {
            "domain": [("id", "in", self.item_ids.filtered("is_open").move_id.ids)],
            "context": {"create": False},
        }

    @api.model
    def _dialog(self, name, record):
        wide = record._name == "ar.dunning.notice"  # fields and preview side by side
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large" if wide else "large"},
        }

    # === From the form === #

    def action_view_notices(self):
        """Open the notices to this customer."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_notice_action") | {
            "domain": [("customer_id", "=", self.id)],
            "context": {"default_customer_id": self.id},
        }

    def action_view_items(self):
        """Open the open items of this customer."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_item_action") | {
            "domain": [("customer_id", "=", self.id)],
            "context": {},
        }

    def action_arrange(self):
        """Ask what this customer promises or disputes."""
        return self._ask_what_was_said(self.env["ar.dunning.item"])

    def _ask_what_was_said(self, items):
        """The dialog for a promise or a dispute; without items, about everything that is open."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Promise or dispute"),
            "res_model": "ar.dunning.arrange.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_customer_id": self.id, "default_item_ids": items.ids},
        }

    def action_pause(self):
        """Ask until when, and why, to leave these customers alone."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pause dunning"),
            "res_model": "ar.dunning.pause.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_customer_ids": self.ids},
        }

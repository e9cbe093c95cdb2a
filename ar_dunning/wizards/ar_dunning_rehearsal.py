"""What a rehearsal tells about a notice: who gets it, how, and the mail as it would arrive."""

from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models

from ..tools.attempt import attempt
from ..tools.mail_header import mailbox


def rehearsed_rows(notices):
    """Values of `ar.dunning.run.wizard.line` for notices that were prepared only to be looked at."""
    if not notices:
        return []
    addresses = notices.env["ar.dunning.address"]._of_notices(notices, max(notices.mapped("date")))
    contents = _contents(notices)
    languages = dict(notices.env["res.lang"].get_installed())
    rows = []
    for notice in notices:
        channels = notice.level_id._channels(addresses[notice])
        row = _figures(notice) | _recipients(notice, channels, addresses[notice])
        row.update(
            level_id=notice.level_id.id,
            company_id=notice.company_id.id,
            language=languages.get(notice.lang, notice.lang),
            is_automatic=notice.state == "queued",
            warning=notice.warning,
            subject=contents[notice.id]["subject"],
            body=contents[notice.id]["body"],
            attachments=", ".join(_attachments(notice)) if "email" in channels else False,
        )
        rows.append(row)
    return rows


def _contents(notices):
    """Subject and body of each mail; a template that cannot be filled says so instead of hiding the others."""
    contents, printed = {}, notices.env["ar.dunning.print"]
    if attempt(notices.env, lambda: contents.update(printed._mail_contents(notices)), None) is None:
        return contents
    for notice in notices:  # find out which one it was
        failure = attempt(notices.env, lambda notice=notice: contents.update(printed._mail_contents(notice)), None)
        if failure is not None:  # shown in place of the mail
            text = notices.env._("This mail cannot be made: %s", failure)
            contents[notice.id] = {"subject": notice.subject, "body": Markup("<p>%s</p>") % text}
    return contents


def _figures(notice):
    demanded = notice.line_ids.filtered("is_demanded")
    amounts = defaultdict(float)
    for line in demanded:
        amounts[line.currency_id.id] += line.amount_due
    return {
        "partner_id": notice.commercial_partner_id.id,
        "totals": notice.totals,
        "amounts": {str(currency): amount for currency, amount in amounts.items()},
        "amount_total": notice.amount_total,
        "days_late": notice.days_late,
        "deadline": notice.deadline,
        "invoices": ", ".join(dict.fromkeys(line.move_name or "" for line in demanded)),
    }


def _recipients(notice, channels, address):
    email = "email" in channels
    mailboxes = {True: [], False: []}
    for to, at, is_copy in notice.env["ar.dunning.dispatch"]._mail_recipients(notice, address) if email else ():
        mailboxes[is_copy].append(mailbox(to.name, at))
    return {
        "recipient_id": notice.partner_id.id,
        "by_email": email,
        "by_letter": "letter" in channels,
        "by_task": "activity" in channels,
        "email_to": ", ".join(mailboxes[False]),
        "email_copy": ", ".join(mailboxes[True]),
        "address": ", ".join(notice.env["ar.dunning.print"]._print_address(notice)) if "letter" in channels else False,
    }


def _attachments(notice):
    """Names of what the mail brings along; nothing is drawn for it."""
    if notice.kind == "formal":
        yield f"{notice.name.replace('/', '-')}.pdf"
    for move in notice.env["ar.dunning.dispatch"]._enclosed_moves(notice):
        yield move.invoice_pdf_report_id.name or move._get_invoice_report_filename()


def told_html(runs):
    """What these runs left alone and why, and what they had trouble with; by company where there are several."""
    parts = []
    for run in runs:
        text = run.skipped_html + _errors_html(run)
        title = Markup("<h3>%s</h3>") % run.company_id.name if len(runs) > 1 and text else Markup()
        parts.append(title + text)
    return Markup().join(parts)


def _errors_html(run):
    """The customers that the run could not prepare, and why."""
    errors = run.error_ids
    if not errors:
        return Markup()
    rows = Markup("").join(
        Markup("<li>%s: %s</li>") % (line.customer_id.display_name or run.company_id.name, line.reason)
        for line in errors
    )
    return Markup("<h4 class='text-danger'>%s</h4><ul>%s</ul>") % (run.env._("Could not be prepared"), rows)


class ArDunningRunWizardLine(models.TransientModel):
    """One notice of a rehearsal, with its mail as it would arrive."""

    _name = "ar.dunning.run.wizard.line"
    _inherit = ["ar.dunning.guarded", "ar.dunning.level.groups"]
    _description = "Rehearsed Notice"
    _rec_name = "partner_id"
    _order = "id"

    wizard_id = fields.Many2one("ar.dunning.run.wizard", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    recipient_id = fields.Many2one(
        "res.partner", readonly=True, help="Dunning contact, invoice contact or the customer."
    )
    level_id = fields.Many2one("ar.dunning.level", readonly=True)
    invoices = fields.Char(readonly=True, help="The invoices it demands.")
    totals = fields.Char("Demanded", readonly=True)
    amounts = fields.Json(readonly=True)
    amount_total = fields.Monetary("Demanded (company currency)", readonly=True)
    days_late = fields.Integer(readonly=True)
    deadline = fields.Date(readonly=True)
    by_email = fields.Boolean("E-mail", readonly=True)
    by_letter = fields.Boolean("Letter", readonly=True)
    by_task = fields.Boolean("Task", readonly=True)
    channels = fields.Char("How", compute="_compute_channels")
    email_to = fields.Char("To", readonly=True)
    email_copy = fields.Char("Copy to", readonly=True)
    address = fields.Char("By Post to", readonly=True)
    language = fields.Char(readonly=True)
    is_automatic = fields.Boolean(
        "Leaves by Itself", readonly=True, help="The policy is automatic: nobody has to approve this notice."
    )
    warning = fields.Char(readonly=True)
    subject = fields.Char(readonly=True)
    attachments = fields.Char(readonly=True)
    body = fields.Html("Mail", readonly=True, sanitize=False)

    @api.depends("by_email", "by_letter", "by_task")
    def _compute_channels(self):
        for line in self:
            names = [
                line._fields[name]._description_string(self.env)
                for name in ("by_email", "by_letter", "by_task")
                if line[name]
            ]
            line.channels = ", ".join(names) or self.env._("Nothing can reach them")

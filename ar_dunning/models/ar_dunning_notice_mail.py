import re
from dataclasses import dataclass

from odoo import models
from odoo.tools import str2bool

# The body of the shipped mail template: nothing around ours, so that the template engine need not run.
PLAIN_BODY = re.compile(r'\s*<t t-out="object\._render_mail_body\(\)"\s*(/>|></t>)\s*')
PLAIN_SUBJECT = "{{ object.subject }}"
INVOICES = ("out_invoice", "out_refund", "out_receipt")


@dataclass(frozen=True, slots=True)
class MailBatch:
    """What all mails of a batch share, asked for once: portal pages of invoices, who takes payments online."""

    urls: dict
    paid_online: frozenset


class ArDunningNotice(models.Model):
    """The mails of notices."""

    _inherit = "ar.dunning.notice"

    def _mail_contents(self):
        """Subject and body of the mails, each in its notice's language: `{notice id: {subject, body}}`.

        Rendered per mail template and language, so that a batch costs a few statements.
        """
        contents = {}
        batch = self._mail_batch()
        notices = self.with_context(ar_dunning_mail_batch=batch)
        for (template, lang), group in notices.grouped(lambda notice: (notice._mail_template(), notice.lang)).items():
            template = template.sudo().with_context(lang=lang)
            group = group.with_context(lang=lang)
            if template.subject == PLAIN_SUBJECT and PLAIN_BODY.fullmatch(template.body_html or ""):
                contents.update(group._plain_mail_contents())
            else:
                contents.update(group._template_mail_contents(template))
        return contents

    def _plain_mail_contents(self):
        """Mails of the shipped template, without compiling that template for each."""
        mails = {}
        for notice in self:
            body = notice._render_mail_body()
            if '="/' in body:
                body = self.env["mail.render.mixin"]._replace_local_links(body)
            mails[notice.id] = {"subject": notice.subject, "body": body}
        return mails

    def _template_mail_contents(self, template):
        """Mails of a template that somebody made or changed."""
        subjects = template._render_field("subject", self.ids)
        bodies = template._render_field("body_html", self.ids, options={"post_process": True})
        return {notice.id: {"subject": subjects[notice.id], "body": bodies[notice.id]} for notice in self}

    def _mail_content(self):
        """Subject and body of one notice's mail, as the customer would get it. A preview makes no portal tokens."""
        self.ensure_one()
        return self.with_context(ar_dunning_preview=True)._mail_contents()[self.id]

    def _mail_author(self):
        """Who the mail is from, and whose name replies are addressed to: the responsible, else the company."""
        self.ensure_one()
        return self._answering_user().partner_id or self.company_id.partner_id

    def _mail_template(self):
        self.ensure_one()
        return self.level_id.mail_template_id or self.env.ref("ar_dunning.mail_template_notice")

    def _render_mail_body(self):
        """The body between the mail template's own words: text, items, deadline, how to pay, closing."""
        self.ensure_one()
        notice = self.with_context(lang=self.lang)
        return notice.env["ir.qweb"]._render("ar_dunning.notice_mail_body", notice._mail_body_values())

    def _mail_body_values(self):
        """Seam. Everything that the template of the mail's body places; a member adds what its own part of it places."""
        batch = self.env.context.get("ar_dunning_mail_batch") or self._mail_batch()
        company = self.company_id.sudo()
        sections = self._print_sections(urls=batch.urls)
        linked = [row for section in sections for row in section.rows if row.url]
        online = bool(linked) and company.id in batch.paid_online
        return {
            "notice": self,
            "company": company,
            "sections": sections + self._print_sections(demanded=False, urls=batch.urls),
            "online": online,
            "pay_url": linked[0].url + "#portal_pay" if online and len(linked) == 1 else "",
            "transfer": self._print_transfer(),
            "contact": self._print_contact(),
            "deadline": self._print_date(self.deadline),
            "recorded_until": self._print_date(self.recorded_until),
            "identity": [text for value, text in self._print_identity() if value],
            "button_color": company.email_secondary_color or "#44475a",
            "button_text_color": company.email_primary_color or "#ffffff",
        }

    # === Links to the portal === #

    def _mail_batch(self):
        """Seam. What the mails of these notices share, asked for once; a member has in the cache what its blocks need."""
        create = not self.env.context.get("ar_dunning_preview")
        return MailBatch(self._portal_urls(create), self._companies_paid_online())

    def _portal_urls(self, create_tokens):
        """The page of each invoice in the portal, open without a login where the invoice has its token.

        Missing tokens are made in one statement, never by `write`: writing to `account.move`
        recalculates every invoice it touches.

        :return: `{invoice id: address}`; other journal entries have no page
        """
        moves = self.line_ids.move_id.sudo()
        if not moves:
            return {}
        moves.flush_recordset(["access_token", "move_type"])
        cr = self.env.cr
        if create_tokens:
            cr.execute(
                "UPDATE account_move SET access_token = gen_random_uuid()::text"
                " WHERE id = ANY(%s) AND access_token IS NULL AND move_type = ANY(%s)",
                [moves.ids, list(INVOICES)],
            )
            if cr.rowcount:
                moves.invalidate_recordset(["access_token"], flush=False)
        cr.execute(
            "SELECT id, access_token FROM account_move WHERE id = ANY(%s) AND move_type = ANY(%s)",
            [moves.ids, list(INVOICES)],
        )
        tokens = dict(cr.fetchall())
        base = self[:1].get_base_url()
        return {
            move: f"{base}/my/invoices/{move}" + (f"?access_token={token}" if token else "")
            for move, token in tokens.items()
        }

    def _companies_paid_online(self):
        """Ids of the companies whose portal takes payments."""
        enabled = self.env["ir.config_parameter"].sudo().get_param("account_payment.enable_portal_payment")
        if not str2bool(enabled or "False"):
            return frozenset()
        providers = (
            self.env["payment.provider"]
            .sudo()
            .search([("state", "in", ("enabled", "test")), ("is_published", "=", True)])
        )
        offering = set(providers.company_id.ids)
        return frozenset(company.id for company in self.company_id.sudo() if offering & set(company.parent_ids.ids))

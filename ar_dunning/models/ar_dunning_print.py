import re

from odoo import api, models
from odoo.tools import html2plaintext, str2bool

from .facts.print_sections import Contact, MailBatch, Row, Section, Transfer, Words, pages_of

# As many rows stand in the letter itself; longer lists go to an annex, so that the words stay on page 1.
INLINE_ROWS = 10
# Longest list of invoice numbers that fits in the reference of a bank transfer.
REFERENCE_WIDTH = 70
# Lines of an address that the window takes in the usual size, and how many letters fit in one of them.
ADDRESS_LINES, ADDRESS_WIDTH = 7, 40
# The body of the shipped mail template: nothing around ours, so that the template engine need not run.
PLAIN_BODY = re.compile(r'\s*<t t-out="object\._render_mail_body\(\)"\s*(/>|></t>)\s*')
PLAIN_SUBJECT = "{{ object.subject }}"
INVOICES = ("out_invoice", "out_refund", "out_receipt")


class ArDunningPrint(models.AbstractModel):
    """Mail and letter of a notice: what they need beyond its fields, as text in its language. Nothing here is stored.

    The templates only place it.
    """

    _name = "ar.dunning.print"
    _description = "Mail and Letter of a Notice"

    # === Figures === #

    @api.model
    def _print_sections(self, notice, demanded=True, urls=None):
        """The demanded (or the other) lines, one `Section` per currency in the order of the lines.

        :param urls: `{invoice id: address of its page in the portal}`
        """
        notice.ensure_one()
        words = Words(self.env, notice.lang)
        lines = notice.line_ids.filtered(lambda line: line.is_demanded == demanded).grouped("currency_id")
        besides = notice._demands_by_currency() if demanded else {}
        nothing = notice.line_ids.browse()
        return [
            self._print_section(
                notice, words, currency, demanded, lines.get(currency, nothing), besides.get(currency, ()), urls or {}
            )
            for currency in dict.fromkeys((*lines, *besides))
        ]

    @api.model
    def _print_section(self, notice, words, currency, demanded, lines, besides, urls):
        rows = tuple(self._print_row(words, line, currency, urls) for line in lines)
        due = sum(line.amount_due for line in lines)
        held = sum(line.amount_held for line in lines)
        return Section(
            demanded=demanded,
            currency=currency.name,
            rows=rows,
            residual=words.amount(sum(line.amount_residual for line in lines), currency),
            credit=words.amount(sum(line.amount_credit for line in lines), currency),
            due=words.amount(due, currency),
            has_credit=any(row.has_credit for row in rows),
            has_late=any(row.days_late for row in rows),
            held=words.amount(held, currency) if held else "",
            blocks=notice._print_blocks(words, currency, due) if besides else (),
            to_pay=words.amount(due + sum(besides), currency),
        )

    @api.model
    def _print_row(self, words, line, currency, urls):
        number, reference = line.move_name or "", line.reference or ""
        original, residual, credit = line.amount_original, line.amount_residual, line.amount_credit
        return Row(
            number=number,
            reference=reference if reference.casefold() != number.casefold() else "",
            invoice_date=words.day(line.invoice_date),
            due_date=words.day(line.due_date),
            days_late=max(line.days_late, 0),
            original=words.number(original, currency),
            residual=words.number(residual, currency),
            credit=words.number(credit, currency),
            due=words.number(line.amount_due, currency),
            url=urls.get(line.move_id.id, ""),
            is_partly_paid=currency.compare_amounts(original, residual) > 0,
            has_credit=not currency.is_zero(credit),
            held=words.number(line.amount_held, currency) if line.amount_held else "",
            discounted=words.number(line.amount_discounted, currency) if line.amount_discounted else "",
            discount_until=words.day(line.discount_until),
        )

    @api.model
    def _print_date(self, notice, day):
        """A date in long form, as in a deadline."""
        return Words(self.env, notice.lang).long_day(day)

    @api.model
    def _print_layout(self, notice):
        """Sections to print in the letter itself, and pages of sections for its annex: `(sections, pages)`."""
        sections = self._print_sections(notice) + self._print_sections(notice, demanded=False)
        if sum(row.height for section in sections for row in section.rows) <= INLINE_ROWS:
            return sections, []
        return [], pages_of(sections)

    # === People and places === #

    @api.model
    def _print_address(self, notice):
        """The recipient's name and address, line by line, as it stands in the window of an envelope.

        Where the recipient has no postal address, the next in line supplies it.
        """
        notice.ensure_one()
        partner, post = notice.partner_id, self.env["ar.dunning.address"]._of_notices(notice)[notice].post
        home = partner.browse(post.party.id) if post else partner
        names = dict.fromkeys([partner.commercial_company_name or partner.commercial_partner_id.name, partner.name])
        lines = [line.strip() for line in home._display_address(without_company=True).splitlines()]
        lines = [line for line in lines if line]
        country = home.country_id
        if country and lines and lines[-1] == country.name:
            domestic = country == notice.company_id.sudo().country_id
            lines[-1:] = [] if domestic else [country.name.upper()]
        return [name for name in names if name] + lines

    @api.model
    def _is_high_address(self, lines):
        """Whether the lines need a smaller type to stay in the window of an envelope."""
        return sum(-(-len(line) // ADDRESS_WIDTH) for line in lines) > ADDRESS_LINES

    @api.model
    def _print_sender(self, notice):
        """The sender's address in one line, above the recipient's."""
        company = notice.company_id.sudo()
        place = " ".join(part for part in (company.zip, company.city) if part)
        return " · ".join(part for part in (company.name, company.street, place) if part)

    @api.model
    def _print_contact(self, notice):
        notice.ensure_one()
        company, user = notice.company_id.sudo(), notice._answering_user().sudo()
        return Contact(
            name=user.name or "",
            phone=user.partner_id.phone or company.phone or "",
            email=user.email_normalized or company.email or "",
        )

    @api.model
    def _print_footer(self, notice):
        """The lines at the foot of each page: the company's own footer, then what it does not say yet."""
        company = notice.company_id.sudo()
        own = " ".join(html2plaintext(company.report_footer or "", include_references=False).split())
        bank = self._print_bank(notice)
        account = f"{bank.acc_number} ({bank.bank_bic})" if bank.bank_bic else bank.acc_number
        facts = [*self._print_identity(notice), (bank.acc_number, account)]
        line = " · ".join(text for value, text in facts if value and value not in own)
        return [text for text in (own, line) if text]

    @api.model
    def _print_identity(self, notice):
        """The sender's name and numbers as pairs of value and wording."""
        company = notice.company_id.sudo()
        vat_label = company.country_id.vat_label or notice.env._("VAT")
        return [
            (company.name, company.name),
            (company.company_registry, notice.env._("Reg. no. %s", company.company_registry)),
            (company.vat, f"{vat_label} {company.vat}"),
        ]

    # === How to pay === #

    @api.model
    def _print_bank(self, notice):
        """The account to pay to; what has left keeps the one that it named."""
        bank = notice.bank_id.sudo()
        return bank if bank and notice.sent_on else notice.company_id._dunning_bank(bank)

    @api.model
    def _print_transfer(self, notice, with_qr=False):
        """Bank account and reference, or None where the company has told no account."""
        notice.ensure_one()
        bank = self._print_bank(notice)
        if not bank:
            return None
        return Transfer(
            holder=bank.acc_holder_name or bank.partner_id.name or "",
            account=bank.acc_number or "",
            bank=bank.bank_name or "",
            bic=bank.bank_bic or "",
            reference=self._print_reference(notice),
            qr=self._print_qr(notice, bank) if with_qr else "",
        )

    @api.model
    def _print_reference(self, notice):
        """What to write on the transfer: one invoice's payment reference, else the invoices' numbers."""
        lines = notice.line_ids.filtered("is_demanded")
        references = list(dict.fromkeys(line.reference or line.move_name or "" for line in lines))
        if len(references) == 1:
            return references[0] or notice.name
        numbers = ", ".join(dict.fromkeys(line.move_name for line in lines if line.move_name))
        return numbers if 0 < len(numbers) <= REFERENCE_WIDTH else notice.name

    @api.model
    def _print_qr(self, notice, bank):
        """A QR code for the whole demand as data URI; empty where there are two currencies or no standard for it."""
        lines, besides = notice.line_ids.filtered("is_demanded"), notice._demands()
        currency = lines.currency_id.union(*(currency for currency, _amount in besides))
        if len(currency) != 1:
            return ""
        reference = self._print_reference(notice)
        structured = reference if len(lines.move_id) == 1 else ""
        amount = currency.round(sum(lines.mapped("amount_due")) + sum(amount for _currency, amount in besides))
        debtor = notice.commercial_partner_id.sudo()
        return bank.build_qr_code_base64(amount, reference, structured, currency, debtor) or ""

    # === Mails === #

    @api.model
    def _mail_contents(self, notices):
        """Subject and body of the mails, each in its notice's language: `{notice id: {subject, body}}`.

        Rendered per mail template and language, so that a batch costs a few statements.
        """
        contents = {}
        batch = self._mail_batch(notices)
        notices = notices.with_context(ar_dunning_mail_batch=batch)
        for (template, lang), group in notices.grouped(lambda notice: (notice._mail_template(), notice.lang)).items():
            template = template.sudo().with_context(lang=lang)
            group = group.with_context(lang=lang)
            if template.subject == PLAIN_SUBJECT and PLAIN_BODY.fullmatch(template.body_html or ""):
                contents.update(self._plain_mail_contents(group))
            else:
                contents.update(self._template_mail_contents(group, template))
        return contents

    @api.model
    def _plain_mail_contents(self, notices):
        """Mails of the shipped template, without compiling that template for each."""
        mails = {}
        for notice in notices:
            body = notice._render_mail_body()
            if '="/' in body:
                body = self.env["mail.render.mixin"]._replace_local_links(body)
            mails[notice.id] = {"subject": notice.subject, "body": body}
        return mails

    @api.model
    def _template_mail_contents(self, notices, template):
        """Mails of a template that somebody made or changed."""
        subjects = template._render_field("subject", notices.ids)
        bodies = template._render_field("body_html", notices.ids, options={"post_process": True})
        return {notice.id: {"subject": subjects[notice.id], "body": bodies[notice.id]} for notice in notices}

    @api.model
    def _mail_content(self, notice):
        """Subject and body of one notice's mail, as the customer would get it. A preview makes no portal tokens."""
        notice.ensure_one()
        return self._mail_contents(notice.with_context(ar_dunning_preview=True))[notice.id]

    @api.model
    def _mail_body_values(self, notice):
        """Seam. Everything that the template of the mail's body places; a member adds what its own part of it places."""
        batch = notice.env.context.get("ar_dunning_mail_batch") or self._mail_batch(notice)
        company = notice.company_id.sudo()
        sections = self._print_sections(notice, urls=batch.urls)
        linked = [row for section in sections for row in section.rows if row.url]
        online = bool(linked) and company.id in batch.paid_online
        return {
            "notice": notice,
            "company": company,
            "sections": sections + self._print_sections(notice, demanded=False, urls=batch.urls),
            "online": online,
            "pay_url": linked[0].url + "#portal_pay" if online and len(linked) == 1 else "",
            "transfer": self._print_transfer(notice),
            "contact": self._print_contact(notice),
            "deadline": self._print_date(notice, notice.deadline),
            "recorded_until": self._print_date(notice, notice.recorded_until),
            "identity": [text for value, text in self._print_identity(notice) if value],
            "button_color": company.email_secondary_color or "#44475a",
            "button_text_color": company.email_primary_color or "#ffffff",
        }

    # === Links to the portal === #

    @api.model
    def _mail_batch(self, notices):
        """Seam. What the mails of these notices share, asked for once; a member has in the cache what its blocks need."""
        create = not notices.env.context.get("ar_dunning_preview")
        return MailBatch(self._portal_urls(notices, create), self._companies_paid_online(notices))

    @api.model
    def _portal_urls(self, notices, create_tokens):
        """The page of each invoice in the portal, open without a login where the invoice has its token.

        Missing tokens are made in one statement, never by `write`: writing to `account.move`
        recalculates every invoice it touches.

        :return: `{invoice id: address}`; other journal entries have no page
        """
        moves = notices.line_ids.move_id.sudo()
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
        base = notices[:1].get_base_url()
        return {
            move: f"{base}/my/invoices/{move}" + (f"?access_token={token}" if token else "")
            for move, token in tokens.items()
        }

    @api.model
    def _companies_paid_online(self, notices):
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
        return frozenset(company.id for company in notices.company_id.sudo() if offering & set(company.parent_ids.ids))

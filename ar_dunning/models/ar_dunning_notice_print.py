"""What mail and letter need beyond the notice's own fields: figures per currency as text, how to pay, whom to call.

Amounts and dates are formatted here, once, in the notice's language; the templates only place them.
"""

from dataclasses import dataclass, replace

from odoo import api, models
from odoo.tools import format_date, html2plaintext, str2bool
from odoo.tools.misc import format_amount, get_lang

# As many rows stand in the letter itself; longer lists go to an annex, so that the words stay on page 1.
INLINE_ROWS = 10
# Rows that fit on one page of the annex, and what a heading and a total take of it.
ANNEX_ROWS = 38
SECTION_ROWS = 5
# Characters of an invoice number that fit in one line of its column.
NUMBER_WIDTH = 17
# A payment reference is longer than this only where it is not one that a bank keeps.
REFERENCE_WIDTH = 70


@dataclass(frozen=True, slots=True)
class Row:
    """One item as printed. `reference` is empty where it says no more than the number."""

    number: str
    reference: str
    invoice_date: str
    due_date: str
    days_late: int
    original: str
    residual: str
    credit: str
    due: str
    url: str
    is_partly_paid: bool
    has_credit: bool

    @property
    def height(self):
        """Lines of text that the row takes in the letter."""
        return -(-len(self.number) // NUMBER_WIDTH) + -(-len(self.reference) // NUMBER_WIDTH)


@dataclass(frozen=True, slots=True)
class Section:
    """The demanded or the other open items in one currency; `last` is false where it goes on overleaf."""

    demanded: bool
    currency: str
    rows: tuple[Row, ...]
    residual: str
    credit: str
    due: str
    has_credit: bool
    has_late: bool
    last: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the customer may call or write to."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where and under which reference to pay; `qr` is a data URI or empty."""

    holder: str
    account: str
    bank: str
    bic: str
    reference: str
    qr: str = ""


class ArDunningNotice(models.Model):
    _inherit = "ar.dunning.notice"

    # === Figures === #

    def _print_sections(self, demanded=True):
        """The demanded (or the other) lines, one `Section` per currency in the order of the lines."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.is_demanded == demanded)
        return [
            self._print_section(currency, group, demanded) for currency, group in lines.grouped("currency_id").items()
        ]

    def _print_section(self, currency, lines, demanded):
        has_credit = not currency.is_zero(sum(lines.mapped("amount_credit")))
        total = {
            name: format_amount(self.env, sum(lines.mapped(f"amount_{name}")), currency, lang_code=self.lang)
            for name in ("residual", "credit", "due")
        }
        return Section(
            demanded=demanded,
            currency=currency.name,
            rows=tuple(self._print_row(line, currency) for line in lines),
            has_credit=has_credit,
            has_late=any(line.days_late > 0 for line in lines),
            **total,
        )

    def _print_row(self, line, currency):
        number = line.move_name or ""
        reference = line.reference or ""
        return Row(
            number=number,
            reference=reference if reference.casefold() != number.casefold() else "",
            invoice_date=format_date(self.env, line.invoice_date, lang_code=self.lang),
            due_date=format_date(self.env, line.due_date, lang_code=self.lang),
            days_late=max(line.days_late, 0),
            original=self._print_number(line.amount_original, currency),
            residual=self._print_number(line.amount_residual, currency),
            credit=self._print_number(line.amount_credit, currency),
            due=self._print_number(line.amount_due, currency),
            url=self._print_url(line.move_id),
            is_partly_paid=currency.compare_amounts(line.amount_original, line.amount_residual) > 0,
            has_credit=not currency.is_zero(line.amount_credit),
        )

    def _print_number(self, value, currency):
        """An amount without its currency, which stands in the heading."""
        lang = self.env["res.lang"].browse(get_lang(self.env, self.lang).id)
        text = lang.format(f"%.{currency.decimal_places}f", currency.round(value) or 0.0, grouping=True)
        return text.replace(" ", "\N{NO-BREAK SPACE}")

    def _print_date(self, day):
        """A date that nobody can misread, e.g. 'November 27, 2026': for deadlines and the head of a letter."""
        return format_date(self.env, day, lang_code=self.lang, date_format="long")

    # === The letter's pages === #

    def _print_layout(self):
        """Sections to print in the letter itself, and pages of sections for its annex.

        wkhtmltopdf does not repeat the head of a table on the next page, and without patched Qt it
        does not tell where a page ends, so that long lists are cut into tables of known height.

        :return: `(sections, pages)`; either is empty
        """
        sections = self._print_sections() + self._print_sections(demanded=False)
        if sum(row.height for section in sections for row in section.rows) <= INLINE_ROWS:
            return sections, []
        return [], self._print_pages(sections)

    @api.model
    def _print_pages(self, sections):
        pages, room = [], 0
        for section in sections:
            rows = list(section.rows)
            while rows:
                if room < SECTION_ROWS + rows[0].height:
                    pages.append([])
                    room = ANNEX_ROWS
                taken = self._rows_that_fit(rows, room - SECTION_ROWS)
                rest = rows[len(taken) :]
                pages[-1].append(replace(section, rows=tuple(taken), last=not rest))
                room -= SECTION_ROWS + sum(row.height for row in taken)
                rows = rest
                if rest:
                    room = 0
        return pages

    @api.model
    def _rows_that_fit(self, rows, room):
        taken = []
        for row in rows:
            if taken and row.height > room:
                break
            taken.append(row)
            room -= row.height
        return taken

    # === People and places === #

    def _print_address(self):
        """The recipient's address, line by line, as it stands in the window of an envelope."""
        self.ensure_one()
        partner = self.partner_id
        names = dict.fromkeys([partner.commercial_company_name or partner.commercial_partner_id.name, partner.name])
        lines = partner._display_address(without_company=True).splitlines()
        country = partner.country_id
        lines = [line.strip() for line in lines if line.strip()]
        if country and lines and lines[-1] == country.name:
            domestic = country == self.company_id.country_id
            lines[-1:] = [] if domestic else [country.name.upper()]
        return [name for name in names if name] + lines

    def _print_sender(self):
        """The sender's address in one line, above the recipient's."""
        company = self.company_id.sudo()
        place = " ".join(part for part in (company.zip, company.city) if part)
        return " · ".join(part for part in (company.name, company.street, place) if part)

    def _print_contact(self):
        self.ensure_one()
        company, user = self.company_id.sudo(), self.responsible_id.sudo()
        return Contact(
            name=user.name or "",
            phone=user.partner_id.phone or company.phone or "",
            email=user.email_normalized or company.email or "",
        )

    def _print_footer(self, with_bank=True):
        """The lines at the foot of each page: the company's own footer, then what it does not say yet."""
        company = self.company_id.sudo()
        own = " ".join(html2plaintext(company.report_footer or "", include_references=False).split())
        bank = self._print_bank() if with_bank else self.env["res.partner.bank"]
        vat_label = company.country_id.vat_label or self.env._("VAT")
        facts = [
            (company.name, company.name),
            (company.company_registry, self.env._("Reg. no. %s", company.company_registry)),
            (company.vat, f"{vat_label} {company.vat}"),
            (bank.acc_number, f"{bank.acc_number} ({bank.bank_bic})" if bank.bank_bic else bank.acc_number),
        ]
        line = " · ".join(text for value, text in facts if value and not (with_bank and value in own))
        return [text for text in (own, line) if text]

    # === How to pay === #

    def _print_bank(self):
        company = self.company_id.sudo()
        return self.bank_id.sudo() or company.partner_id.bank_ids[:1]

    def _print_transfer(self, with_qr=False):
        """Bank account and reference, or None where the company has told no account."""
        self.ensure_one()
        bank = self._print_bank()
        if not bank:
            return None
        return Transfer(
            holder=bank.acc_holder_name or bank.partner_id.name or "",
            account=bank.acc_number or "",
            bank=bank.bank_name or "",
            bic=bank.bank_bic or "",
            reference=self._print_reference(),
            qr=self._print_qr(bank) if with_qr else "",
        )

    def _print_reference(self):
        """What to write on the transfer: one invoice's payment reference, else the invoices' numbers."""
        lines = self.line_ids.filtered("is_demanded")
        references = list(dict.fromkeys(line.reference or line.move_name or "" for line in lines))
        if len(references) == 1:
            return references[0] or self.name
        numbers = ", ".join(dict.fromkeys(line.move_name for line in lines if line.move_name))
        return numbers if 0 < len(numbers) <= REFERENCE_WIDTH else self.name

    def _print_qr(self, bank):
        """A QR code for the whole demand as data URI; empty where there are two currencies or no standard for it."""
        lines = self.line_ids.filtered("is_demanded")
        if len(lines.currency_id) != 1:
            return ""
        reference = self._print_reference()
        structured = reference if len(lines.move_id) == 1 else ""
        amount = lines.currency_id.round(sum(lines.mapped("amount_due")))
        return (
            bank.build_qr_code_base64(
                amount, reference, structured, lines.currency_id, self.commercial_partner_id.sudo()
            )
            or ""
        )

    # === Links to the portal === #

    def _print_url(self, move):
        """The invoice's page in the portal, open without a login where it has its token."""
        if not move.sudo().is_invoice():
            return ""
        token = move.sudo().access_token
        url = f"{self.get_base_url()}/my/invoices/{move.id}"
        return f"{url}?access_token={token}" if token else url

    def _print_may_pay_online(self):
        """Whether the portal takes payments; asked once per batch (see `_mail_contents`)."""
        self.ensure_one()
        companies = self.env.context.get("ar_dunning_pay_online")
        if companies is None:
            companies = self._companies_paid_online()
        return self.company_id.id in companies

    def _companies_paid_online(self):
        enabled = self.env["ir.config_parameter"].sudo().get_param("account_payment.enable_portal_payment")
        if not str2bool(enabled or "False"):
            return ()
        providers = self.env["payment.provider"].sudo().search(
            [("state", "in", ("enabled", "test")), ("is_published", "=", True)]
        )
        return tuple(
            company.id
            for company in self.company_id
            if providers.filtered(lambda provider, company=company: provider.company_id in company.parent_ids)
        )

    def _ensure_portal_tokens(self):
        """Give the invoices their portal tokens, all in one statement.

        Not by `write`: writing to `account.move` recalculates every invoice it touches.
        """
        moves = self.line_ids.move_id.sudo()
        if not moves:
            return
        moves.flush_recordset(["access_token"])
        self.env.cr.execute(
            "UPDATE account_move SET access_token = gen_random_uuid()::text"
            " WHERE id = ANY(%s) AND access_token IS NULL RETURNING id",
            [moves.ids],
        )
        if self.env.cr.rowcount:
            moves.invalidate_recordset(["access_token"])

    # === The mail's body === #

    def _mail_contents(self):
        """Prepare for the whole batch what each mail would otherwise ask for by itself."""
        if not self.env.context.get("ar_dunning_preview"):
            self._ensure_portal_tokens()
        return super(
            ArDunningNotice, self.with_context(ar_dunning_pay_online=self._companies_paid_online())
        )._mail_contents()

    def _mail_content(self):
        """A preview changes nothing: invoices get no tokens by it."""
        return super(ArDunningNotice, self.with_context(ar_dunning_preview=True))._mail_content()

    def _mail_body_values(self):
        """Everything that the template of the mail's body places."""
        company = self.company_id.sudo()
        return {
            "notice": self,
            "company": company,
            "sections": self._print_sections(),
            "also_open": self._print_sections(demanded=False),
            "transfer": self._print_transfer(),
            "contact": self._print_contact(),
            "pay_online": self._print_may_pay_online(),
            "footer": self._print_footer(with_bank=False)[-1:],
            "base_url": self.get_base_url(),
            "button_color": company.email_secondary_color or "#44475a",
            "button_text_color": company.email_primary_color or "#ffffff",
        }

from odoo import models
from odoo.tools import html2plaintext

from .facts.print_sections import Contact, Row, Section, Transfer, Words, pages_of

# As many rows stand in the letter itself; longer lists go to an annex, so that the words stay on page 1.
INLINE_ROWS = 10
# Longest list of invoice numbers that fits in the reference of a bank transfer.
REFERENCE_WIDTH = 70
# Lines of an address that the window takes in the usual size, and how many letters fit in one of them.
ADDRESS_LINES, ADDRESS_WIDTH = 7, 40


class ArDunningNotice(models.Model):
    """What mail and letter need beyond the notice's fields, as text in the notice's language.

    The templates only place it. Nothing here is stored.
    """

    _inherit = "ar.dunning.notice"

    # === Figures === #

    def _print_sections(self, demanded=True, urls=None):
        """The demanded (or the other) lines, one `Section` per currency in the order of the lines.

        :param urls: `{invoice id: address of its page in the portal}`
        """
        self.ensure_one()
        words = Words(self.env, self.lang)
        lines = self.line_ids.filtered(lambda line: line.is_demanded == demanded).grouped("currency_id")
        besides = self._demands_by_currency() if demanded else {}
        nothing = self.line_ids.browse()
        return [
            self._print_section(
                words, currency, demanded, lines.get(currency, nothing), besides.get(currency, ()), urls or {}
            )
            for currency in dict.fromkeys((*lines, *besides))
        ]

    def _print_section(self, words, currency, demanded, lines, besides, urls):
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
            blocks=self._print_blocks(words, currency, due) if besides else (),
            to_pay=words.amount(due + sum(besides), currency),
        )

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

    def _print_date(self, day):
        """A date in long form, as in a deadline."""
        return Words(self.env, self.lang).long_day(day)

    def _print_layout(self):
        """Sections to print in the letter itself, and pages of sections for its annex: `(sections, pages)`."""
        sections = self._print_sections() + self._print_sections(demanded=False)
        if sum(row.height for section in sections for row in section.rows) <= INLINE_ROWS:
            return sections, []
        return [], pages_of(sections)

    # === People and places === #

    def _print_address(self):
        """The recipient's name and address, line by line, as it stands in the window of an envelope.

        Where the recipient has no postal address, the next in line supplies it.
        """
        self.ensure_one()
        partner, post = self.partner_id, self.env["ar.dunning.address"]._of_notices(self)[self].post
        home = partner.browse(post.party.id) if post else partner
        names = dict.fromkeys([partner.commercial_company_name or partner.commercial_partner_id.name, partner.name])
        lines = [line.strip() for line in home._display_address(without_company=True).splitlines()]
        lines = [line for line in lines if line]
        country = home.country_id
        if country and lines and lines[-1] == country.name:
            domestic = country == self.company_id.sudo().country_id
            lines[-1:] = [] if domestic else [country.name.upper()]
        return [name for name in names if name] + lines

    def _is_high_address(self, lines):
        """Whether the lines need a smaller type to stay in the window of an envelope."""
        return sum(-(-len(line) // ADDRESS_WIDTH) for line in lines) > ADDRESS_LINES

    def _print_sender(self):
        """The sender's address in one line, above the recipient's."""
        company = self.company_id.sudo()
        place = " ".join(part for part in (company.zip, company.city) if part)
        return " · ".join(part for part in (company.name, company.street, place) if part)

    def _print_contact(self):
        self.ensure_one()
        company, user = self.company_id.sudo(), self._answering_user().sudo()
        return Contact(
            name=user.name or "",
            phone=user.partner_id.phone or company.phone or "",
            email=user.email_normalized or company.email or "",
        )

    def _print_footer(self):
        """The lines at the foot of each page: the company's own footer, then what it does not say yet."""
        company = self.company_id.sudo()
        own = " ".join(html2plaintext(company.report_footer or "", include_references=False).split())
        bank = self._print_bank()
        account = f"{bank.acc_number} ({bank.bank_bic})" if bank.bank_bic else bank.acc_number
        facts = [*self._print_identity(), (bank.acc_number, account)]
        line = " · ".join(text for value, text in facts if value and value not in own)
        return [text for text in (own, line) if text]

    def _print_identity(self):
        """The sender's name and numbers as pairs of value and wording."""
        company = self.company_id.sudo()
        vat_label = company.country_id.vat_label or self.env._("VAT")
        return [
            (company.name, company.name),
            (company.company_registry, self.env._("Reg. no. %s", company.company_registry)),
            (company.vat, f"{vat_label} {company.vat}"),
        ]

    # === How to pay === #

    def _print_bank(self):
        """The account to pay to; what has left keeps the one that it named."""
        bank = self.bank_id.sudo()
        return bank if bank and self.sent_on else self.company_id._dunning_bank(bank)

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
        lines, besides = self.line_ids.filtered("is_demanded"), self._demands()
        currency = lines.currency_id.union(*(currency for currency, _amount in besides))
        if len(currency) != 1:
            return ""
        reference = self._print_reference()
        structured = reference if len(lines.move_id) == 1 else ""
        amount = currency.round(sum(lines.mapped("amount_due")) + sum(amount for _currency, amount in besides))
        debtor = self.commercial_partner_id.sudo()
        return bank.build_qr_code_base64(amount, reference, structured, currency, debtor) or ""

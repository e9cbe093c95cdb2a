from odoo import Command, models
from odoo.exceptions import UserError


class ArDunningCharge(models.Model):
    """The documents of charges, as drafts: invoice or entry, and the credit note or opposite entry."""

    _inherit = "ar.dunning.charge"

    def _due_date(self, on):
        deadline = self.notice_id.deadline
        return deadline if deadline and deadline > on else on

    def _line_text(self):
        """The charge in one line, in the language of the customer."""
        return self.with_context(lang=self._invoice_partner().lang or self.env.lang).name

    def _document_head(self, on, journal):
        """What both kinds of document have in common."""
        return {
            "company_id": self.company_id.id,
            "journal_id": journal.id,
            "date": on,
            "ref": self.notice_id.name or ", ".join(filter(None, self.move_id.mapped("name"))),
            "currency_id": self.currency_id.id,
            "ar_dunning_accessory": True,
        }

    def _documents(self):
        """The journal entries of these charges' company, made without telling or subscribing anybody."""
        quiet = {"mail_create_nosubscribe": True, "mail_auto_subscribe_no_notify": True, "mail_notrack": True}
        return self.env["account.move"].sudo().with_company(self.company_id).with_context(**quiet)

    def _make_invoice(self, on, journal):
        """A draft invoice of one line for each charge; a credit note where corrections outweigh the rest."""
        sign = -1 if sum(self.mapped("amount")) < 0 else 1
        lines = []
        for sequence, charge in enumerate(self, start=1):
            product = charge._product()
            line = {
                "sequence": sequence,
                "product_id": product.id,
                "name": charge._line_text(),
                "quantity": 1,
                "price_unit": sign * charge.amount,
                "account_id": charge._income_account(journal).id,
            }
            if not charge._product_taxes():
                # A tax of the income account must not come in by the back door: charges are outside VAT.
                line["tax_ids"] = [Command.set([])]
            lines.append(Command.create(line))
        return self._documents()._make(
            {
                **self._document_head(on, journal),
                "move_type": "out_refund" if sign < 0 else "out_invoice",
                "partner_id": self._invoice_partner().id,
                "invoice_date": on,
                "invoice_date_due": self._due_date(on),
                "invoice_payment_term_id": False,
                "invoice_user_id": False,
                "invoice_line_ids": lines,
            }
        )

    def _make_entry(self, on, journal):
        """A draft entry: the customer's receivable against the income account of each charge."""
        taxed = next((charge for charge in self if charge._product_taxes()), None)
        if taxed:
            raise UserError(
                self.env._(
                    "%(product)s has taxes, which a journal entry would leave out. Let charges be booked as "
                    "invoices, or take the taxes off the product.",
                    product=taxed._product().display_name,
                )
            )
        incomes = [charge._income_line(on, journal) for charge in self]
        receivable = {
            "name": self.notice_id.name or incomes[0]["name"],
            "account_id": self[0]._receivable().id,
            "partner_id": self.customer_id.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -sum(line["amount_currency"] for line in incomes),
            "balance": -sum(line["balance"] for line in incomes),
            "date_maturity": self._due_date(on),
            "no_followup": False,  # listed beside the invoices it belongs to
        }
        return self._documents()._make(
            {
                **self._document_head(on, journal),
                "move_type": "entry",
                "line_ids": [Command.create(line) for line in (receivable, *incomes)],
            }
        )

    def _income_line(self, on, journal):
        """The values of the line of an entry that books this charge as income."""
        company = self.company_id
        return {
            "name": self._line_text(),
            "product_id": self._product().id,
            "account_id": self._income_account(journal).id,
            "partner_id": self.customer_id.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -self.amount,
            "balance": -self.currency_id._convert(self.amount, company.currency_id, company, on),
            "tax_ids": [Command.set([])],
        }

    # === The way back === #

    def _make_credit(self, document, on):
        """A draft credit note (or opposite entry) for exactly these charges, at the rate of their document."""
        if document.is_invoice():
            return self._make_credit_note(document, on)
        return self._make_opposite_entry(document, on)

    def _make_credit_note(self, document, on):
        total = sum(self.mapped("amount"))
        sign = 1 if total >= 0 else -1
        move_type = "out_refund" if sign > 0 else "out_invoice"
        values = {
            **self._document_head(on, document.journal_id),
            "move_type": move_type,
            "partner_id": document.partner_id.id,
            "fiscal_position_id": document.fiscal_position_id.id,
            "invoice_date": on,
            "invoice_date_due": on,
            "invoice_payment_term_id": False,
            "invoice_user_id": False,
            "invoice_currency_rate": document.invoice_currency_rate,
            "ref": self.env._("Reversal of %s", document.name),
            "invoice_line_ids": [
                Command.create(
                    {
                        "sequence": sequence,
                        "product_id": charge.document_line_id.product_id.id,
                        "name": charge.document_line_id.name or charge._line_text(),
                        "quantity": 1,
                        "price_unit": sign * charge.amount,
                        "account_id": charge.document_line_id.account_id.id,
                        "tax_ids": [Command.set(charge.document_line_id.tax_ids.ids)],
                    }
                )
                for sequence, charge in enumerate(self, start=1)
            ],
        }
        if move_type != document.move_type:
            values["reversed_entry_id"] = document.id
        credit = self._documents()._make(values)
        account = document._ar_dunning_terms().account_id
        credit._ar_dunning_terms().filtered(lambda line: line.account_id != account).account_id = account
        return credit

    def _make_opposite_entry(self, document, on):
        incomes = [
            {
                "name": charge.document_line_id.name or charge._line_text(),
                "product_id": charge.document_line_id.product_id.id,
                "account_id": charge.document_line_id.account_id.id,
                "partner_id": charge.document_line_id.partner_id.id,
                "currency_id": charge.currency_id.id,
                "amount_currency": -charge.document_line_id.amount_currency,
                "balance": -charge.document_line_id.balance,
                "tax_ids": [Command.set([])],
            }
            for charge in self
        ]
        terms = document._ar_dunning_terms()
        receivable = {
            "name": self.env._("Reversal of %s", document.name),
            "account_id": terms.account_id.id,
            "partner_id": terms.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -sum(line["amount_currency"] for line in incomes),
            "balance": -sum(line["balance"] for line in incomes),
            "date_maturity": on,
        }
        return self._documents()._make(
            {
                **self._document_head(on, document.journal_id),
                "move_type": "entry",
                "ref": self.env._("Reversal of %s", document.name),
                "reversed_entry_id": document.id,
                "line_ids": [Command.create(line) for line in (receivable, *incomes)],
            }
        )

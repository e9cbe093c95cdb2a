from odoo import Command, api, models
from odoo.exceptions import UserError


class ArDunningChargeDocument(models.AbstractModel):
    """The documents of charges, as drafts: invoice or entry, and the credit note or opposite entry."""

    _name = "ar.dunning.charge.document"
    _description = "Documents of Charges"

    @api.model
    def _document_head(self, charges, on, journal):
        """What both kinds of document have in common."""
        return {
            "company_id": charges.company_id.id,
            "journal_id": journal.id,
            "date": on,
            "ref": charges.notice_id.name or ", ".join(filter(None, charges.move_id.mapped("name"))),
            "currency_id": charges.currency_id.id,
            "ar_dunning_accessory": True,
        }

    @api.model
    def _documents(self, charges):
        """The journal entries of these charges' company, made without telling or subscribing anybody."""
        quiet = {"mail_create_nosubscribe": True, "mail_auto_subscribe_no_notify": True, "mail_notrack": True}
        return self.env["account.move"].sudo().with_company(charges.company_id).with_context(**quiet)

    @api.model
    def _make_invoice(self, charges, on, journal):
        """A draft invoice of one line for each charge; a credit note where corrections outweigh the rest."""
        sign = -1 if sum(charges.mapped("amount")) < 0 else 1
        lines = []
        for sequence, charge in enumerate(charges, start=1):
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
        return self._documents(charges)._make(
            {
                **self._document_head(charges, on, journal),
                "move_type": "out_refund" if sign < 0 else "out_invoice",
                "partner_id": charges._invoice_partner().id,
                "invoice_date": on,
                "invoice_date_due": charges._due_date(on),
                "invoice_payment_term_id": False,
                "invoice_user_id": False,
                "invoice_line_ids": lines,
            }
        )

    @api.model
    def _make_entry(self, charges, on, journal):
        """A draft entry: the customer's receivable against the income account of each charge."""
        taxed = next((charge for charge in charges if charge._product_taxes()), None)
        if taxed:
            raise UserError(
                self.env._(
                    "%(product)s has taxes, which a journal entry would leave out. Let charges be booked as "
                    "invoices, or take the taxes off the product.",
                    product=taxed._product().display_name,
                )
            )
        incomes = [self._income_line(charge, on, journal) for charge in charges]
        receivable = {
            "name": charges.notice_id.name or incomes[0]["name"],
            "account_id": charges[0]._receivable().id,
            "partner_id": charges.customer_id.partner_id.id,
            "currency_id": charges.currency_id.id,
            "amount_currency": -sum(line["amount_currency"] for line in incomes),
            "balance": -sum(line["balance"] for line in incomes),
            "date_maturity": charges._due_date(on),
            "no_followup": False,  # listed beside the invoices it belongs to
        }
        return self._documents(charges)._make(
            {
                **self._document_head(charges, on, journal),
                "move_type": "entry",
                "line_ids": [Command.create(line) for line in (receivable, *incomes)],
            }
        )

    @api.model
    def _income_line(self, charge, on, journal):
        """The values of the line of an entry that books this charge as income."""
        company = charge.company_id
        return {
            "name": charge._line_text(),
            "product_id": charge._product().id,
            "account_id": charge._income_account(journal).id,
            "partner_id": charge.customer_id.partner_id.id,
            "currency_id": charge.currency_id.id,
            "amount_currency": -charge.amount,
            "balance": -charge.currency_id._convert(charge.amount, company.currency_id, company, on),
            "tax_ids": [Command.set([])],
        }

    # === The way back === #

    @api.model
    def _make_credit(self, charges, document, on):
        """A draft credit note (or opposite entry) for exactly these charges, at the rate of their document."""
        if document.is_invoice():
            return self._make_credit_note(charges, document, on)
        return self._make_opposite_entry(charges, document, on)

    @api.model
    def _make_credit_note(self, charges, document, on):
        total = sum(charges.mapped("amount"))
        sign = 1 if total >= 0 else -1
        move_type = "out_refund" if sign > 0 else "out_invoice"
        values = {
            **self._document_head(charges, on, document.journal_id),
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
                for sequence, charge in enumerate(charges, start=1)
            ],
        }
        if move_type != document.move_type:
            values["reversed_entry_id"] = document.id
        credit = self._documents(charges)._make(values)
        account = document._ar_dunning_terms().account_id
        credit._ar_dunning_terms().filtered(lambda line: line.account_id != account).account_id = account
        return credit

    @api.model
    def _make_opposite_entry(self, charges, document, on):
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
            for charge in charges
        ]
        terms = document._ar_dunning_terms()
        receivable = {
            "name": self.env._("Reversal of %s", document.name),
            "account_id": terms.account_id.id,
            "partner_id": terms.partner_id.id,
            "currency_id": charges.currency_id.id,
            "amount_currency": -sum(line["amount_currency"] for line in incomes),
            "balance": -sum(line["balance"] for line in incomes),
            "date_maturity": on,
        }
        return self._documents(charges)._make(
            {
                **self._document_head(charges, on, document.journal_id),
                "move_type": "entry",
                "ref": self.env._("Reversal of %s", document.name),
                "reversed_entry_id": document.id,
                "line_ids": [Command.create(line) for line in (receivable, *incomes)],
            }
        )

from dataclasses import dataclass, field

from odoo import Command, api, models

from ..tools.attempt import attempt
from .load_result import INVOICE

JOURNAL_CODE = "OPEN"
# Nobody is to be told of customers and invoices that are years old elsewhere.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_vat_validation": True,
}


@dataclass
class Books:
    """Where opening items are booked, and the customers written so far: `{customer number: contact id}`."""

    journal: models.BaseModel
    account: models.BaseModel
    kind: str
    partners: dict[str, int] = field(default_factory=dict)


class ArDunningLoaderMoves(models.AbstractModel):
    """Writes loaded documents as posted invoices and credit notes, by Odoo's own `create` and `_post`.

    An invoice is given with both its sides, its receivable split by instalment, so Odoo need not
    work them out again; that halves the time. Its number is the one its customer knows.
    """

    _name = "ar.dunning.loader.moves"
    _description = "Loader of Open Items: Invoices"

    @api.model
    def _books(self, company, journal, account, kind):
        account = account or company.get_unaffected_earnings_account()
        return Books(journal or self._journal(company) or self._create_journal(company, account), account, kind)

    @api.model
    def _journal(self, company):
        """The journal of opening items; empty if there is none yet."""
        domain = [("company_id", "=", company.id), ("code", "=", JOURNAL_CODE), ("type", "=", "sale")]
        return self.env["account.journal"].search(domain, limit=1)

    @api.model
    def _create_journal(self, company, account):
        taken = (
            self.env["account.journal"]
            .with_context(active_test=False)
            ._read_group([("company_id", "=", company.id)], [], ["code:array_agg"])[0][0]
        )
        codes = (JOURNAL_CODE, *(f"OPN{number}" for number in range(1, 100)))
        return self.env["account.journal"].create(
            {
                "name": self.env._("Opening items"),
                "code": next(code for code in codes if code not in (taken or [])),
                "type": "sale",
                "company_id": company.id,
                "default_account_id": account.id,
                "show_on_dashboard": False,
            }
        )

    @api.model
    def _load_batch(self, result, documents, books):
        """Write these documents; where Odoo refuses, halve them until the one is found that it refuses."""
        known = len(books.partners)
        created = []
        failure = attempt(
            self.env,
            lambda: created.append(self._load_documents(result.company, documents, books)),
            f"Document {documents[0].number} is not loaded" if len(documents) == 1 else None,
        )
        if failure is not None:
            books.partners = dict(list(books.partners.items())[:known])
            if len(documents) > 1:
                middle = len(documents) // 2
                self._load_batch(result, documents[:middle], books)
                self._load_batch(result, documents[middle:], books)
                return
            reason = failure if failure.is_sentence else self._unknown_reason()
            result.bad += [(line.number, reason, line.cells) for line in documents[0].lines]
        else:
            result.customers += created[0]
            result.invoices += len(documents)
            result.loaded += sum(len(document.lines) for document in documents)
            for document in documents:
                result.amounts[document.currency.name] += document.total

    @api.model
    def _unknown_reason(self):
        return self.env._("It cannot be written; the server's log says why.")

    @api.model
    def _load_documents(self, company, documents, books):
        """:return: how many customers were created"""
        created = self._create_customers(company, documents, books)
        inactive = self.env["res.currency"].union(*(document.currency for document in documents))
        inactive.filtered(lambda currency: not currency.active).active = True
        names = self._names(documents, books)
        partners = self.env["res.partner"].browse([books.partners[document.customer] for document in documents])
        Move = self.env["account.move"].with_context(**QUIET, skip_invoice_sync=True, ar_dunning_foreign_names=True)
        moves = Move.create(
            [
                self._move_values(company, document, partner.with_company(company), name, books)
                for document, partner, name in zip(documents, partners, names, strict=True)
            ]
        )
        moves._post(soft=False)
        self.env["ar.dunning.item"]._sync(company)
        self._open_items(documents, moves)
        return created

    # === Customers === #

    @api.model
    def _create_customers(self, company, documents, books):
        missing = {}
        for document in documents:
            if document.customer not in books.partners:
                missing.setdefault(document.customer, document)
        Customers = self.env["ar.dunning.loader.customers"]
        found = Customers._partners(company, set(missing))
        books.partners.update({number: partner.id for number, partner in found.items()})
        new = [number for number in missing if number not in found]
        created = (
            self.env["res.partner"]
            .with_context(**QUIET)
            .create([Customers._partner_values(missing[number], books.kind, company) for number in new])
        )
        books.partners.update(zip(new, created.ids, strict=True))
        return len(created)

    # === Invoices === #

    @api.model
    def _names(self, documents, books):
        """Names of the invoices: their numbers, with the customer's where another customer has the same number."""
        wanted = [document.number for document in documents]
        domain = [("journal_id", "=", books.journal.id), ("name", "in", wanted)]
        taken = set(self.env["account.move"].search(domain).mapped("name"))
        names = []
        for document in documents:
            name = document.number
            if name in taken:
                name = f"{document.number} ({document.customer})"
            taken.add(name)
            names.append(name)
        return names

    @api.model
    def _move_values(self, company, document, partner, name, books):
        first, last = document.lines[0], max(line.due for line in document.lines)
        day = first.date or first.due
        sign = 1 if document.move_type == INVOICE else -1
        lines, balance = [], 0.0
        for line in document.lines:
            amount = float(line.amount)
            own = document.currency._convert(amount, company.currency_id, company, day)
            balance += own
            lines.append(self._line_values(document, partner.property_account_receivable_id, own, amount) | {
                "display_type": "payment_term",
                "name": document.number,
                "date_maturity": line.due,
            })  # fmt: skip
        total = float(document.total)
        lines.append(self._line_values(document, books.account, -balance, -total) | {
            "display_type": "product",
            "name": self.env._("Open item %s", document.number),
            "quantity": 1,
            "price_unit": sign * total,
            "tax_ids": [Command.clear()],
        })  # fmt: skip
        return {
            "move_type": document.move_type,
            "company_id": company.id,
            "journal_id": books.journal.id,
            "partner_id": partner.id,
            "name": name,
            "ref": document.number,
            "payment_reference": document.number,
            "currency_id": document.currency.id,
            "date": day,
            "invoice_date": day,
            "invoice_date_due": last,
            "invoice_payment_term_id": False,
            "fiscal_position_id": False,
            "invoice_user_id": partner.user_id.id,
            "is_move_sent": True,
            "line_ids": [Command.create(line) for line in lines],
        }

    @api.model
    def _line_values(self, document, account, balance, amount):
        return {
            "account_id": account.id,
            "currency_id": document.currency.id,
            "balance": balance,
            "amount_currency": amount,
        }

    # === Dunning so far === #

    @api.model
    def _open_items(self, documents, moves):
        """Tell the items of these invoices that they were loaded, and how far dunning had gone."""
        opening = {
            (move.id, due): values
            for document, move in zip(documents, moves, strict=True)
            for due, values in document.openings.items()
            if values
        }
        items = self.env["ar.dunning.item"].search([("move_id", "in", moves.ids)])
        items._put({"is_loaded": True})
        begun = items.filtered(lambda item: (item.move_id.id, item.due_date) in opening)
        for item in begun:
            item._put(opening[item.move_id.id, item.due_date])
        begun._refresh_progress()

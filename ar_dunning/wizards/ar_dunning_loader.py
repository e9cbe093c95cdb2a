import logging

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, split_every

from ..tools.figures import as_decimal
from . import load_file
from .load_result import Document, LoadResult
from .load_text import LoadError, Table, decode, read_table

_logger = logging.getLogger(__name__)
BATCH = 500


class ArDunningLoader(models.AbstractModel):
    """Turns a CSV of open items into customers and posted invoices, as often as one likes without duplicates.

    A customer is found by its number (the reference of the contact), a document by customer and
    document number. A document of which one line is bad is left out whole, so that the corrected
    lines can be loaded later. What is written, is written by `ar.dunning.loader.moves`.
    """

    _name = "ar.dunning.loader"
    _description = "Loader of Open Items"

    @api.model
    def _load(
        self, source, mapping=None, company=None, *, encoding=None, delimiter=None, date_format=None, decimal=None,
        kind="company", journal=None, account=None, dry_run=False, commit=True, batch=BATCH, progress=None,
    ):  # fmt: skip
        """Load a file.

        :param source: bytes, text, or an iterable of rows (lists of cells, or dicts) with the header first
        :param mapping: `{target: header or position}` (targets: `load_file.HEADERS`); what is missing is guessed
        :param company: the company that is owed; the current one by default
        :param date_format: 'ymd', 'dmy' or 'mdy'; guessed where the file allows only one
        :param kind: what a new customer is unless the file says it: 'company', 'person' or 'public'
        :param commit: commit after each batch
        :param progress: called with lines done and lines in all after each batch
        :return: a `LoadResult`
        :raise UserError: the file as a whole cannot be read
        """
        company = company or self.env.company
        self = self.with_company(company).sudo()
        try:
            table = self._as_table(source, encoding, delimiter)
            columns = self._columns(table, mapping or {})
            order, sign = self._formats(table, columns, date_format, decimal)
        except LoadError as problem:
            raise UserError(self._sentence(problem)) from None
        result = LoadResult(company.sudo(), table)
        lines, spoiled = self._parse(result, columns, order, sign)
        documents = self._group(result, self._check_lines(result, lines), spoiled)
        self._note_names(result, documents)
        self._prepare_documents(result, documents, kind)
        if not dry_run:
            self._write(result, kind, journal, account, commit, batch, progress)
        return result

    @api.model
    def _write(self, result, kind, journal, account, commit, batch, progress):
        """Write what is ready, batch by batch."""
        Moves = self.env["ar.dunning.loader.moves"]
        books = Moves._books(result.company, journal, account, kind)
        done = result.total - sum(len(document.lines) for document in result.ready)
        for group in split_every(batch, result.ready, list):
            Moves._load_batch(result, group, books)
            done += sum(len(document.lines) for document in group)
            if commit:
                self.env["ir.cron"]._commit_progress()
            _logger.info("Loading open items: %s of %s lines", done, result.total)
            if progress:
                progress(done, result.total)

    # === Reading the file === #

    @api.model
    def _as_table(self, source, encoding, delimiter):
        if isinstance(source, bytes):
            source = decode(source, encoding)
        if isinstance(source, str):
            return read_table(source, delimiter)
        rows = list(source)
        if rows and isinstance(rows[0], dict):
            header = list(rows[0])
            rows = [header, *([row.get(name) for name in header] for row in rows)]
        if len(rows) < 2:
            raise LoadError("empty_file")
        cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
        return Table(cells[0], list(enumerate(cells[1:], start=2)), delimiter or ",")

    @api.model
    def _columns(self, table, mapping):
        """Positions of the columns, by `mapping` and otherwise by their headers."""
        columns = {
            target: position
            for target, position in load_file.guess_columns(table.header).items()
            if target not in mapping
            and position not in mapping.values()
            and table.header[position] not in mapping.values()
        }
        for target, name in mapping.items():
            if target not in load_file.HEADERS:
                raise LoadError("unknown_target", target)
            if name is None or name == "":
                continue
            if isinstance(name, str) and name not in table.header:
                raise LoadError("unknown_column", name)
            columns[target] = table.header.index(name) if isinstance(name, str) else name
        missing = [target for target in load_file.REQUIRED if target not in columns]
        if missing:
            raise LoadError("missing_columns", ", ".join(self._target_names()[target] for target in missing))
        return columns

    @api.model
    def _formats(self, table, columns, date_format, decimal):
        """Order of dates and decimal sign: as given, else what the file allows.

        :raise LoadError: it allows several readings, so a person must choose
        """
        if not date_format:
            values = [text for target in load_file.DATES if target in columns for text in table.column(columns[target])]
            date_format = load_file.guess_date_format(values)
        if not date_format:
            raise LoadError("dates_unclear", next(iter(table.column(columns["due_date"])), ""))
        decimal = decimal or load_file.guess_decimal(table.column(columns["amount"]))
        if not decimal:
            raise LoadError("decimal_unclear", next(iter(table.column(columns["amount"])), ""))
        return date_format, decimal

    # === Line by line === #

    @api.model
    def _parse(self, result, columns, order, sign):
        """The lines that can be read, and `{(customer, document): line number}` of those that cannot."""
        lines, spoiled = [], {}
        width = len(result.table.header)
        for number, cells in result.table.rows:
            try:
                if fault := result.table.faults.get(number):
                    raise fault
                if any(cell.strip() for cell in cells[width:]):
                    raise LoadError("too_many_cells", len(cells))
                lines.append(load_file.parse_line(number, cells, columns, order, sign))
            except LoadError as problem:
                self._refuse(result, number, cells, problem)
                key = tuple(
                    cells[columns[target]].strip() if columns[target] < len(cells) else ""
                    for target in ("customer_number", "document")
                )
                spoiled[key] = number
        for _number, _reason, cells in result.bad:
            cells.extend([""] * (width - len(cells)))
        return lines, spoiled

    @api.model
    def _refuse(self, result, number, cells, problem):
        result.bad.append((number, self._sentence(problem), cells))

    @api.model
    def _check_lines(self, result, lines):
        """Give each line its currency and rounded amount: pairs of line and currency, and what spoils a document."""
        currencies = self._currencies(result.company, {line.currency for line in lines})
        today = result.company._dunning_today()
        for line in lines:
            currency, problem = currencies[line.currency], None
            if isinstance(currency, LoadError):
                problem = currency
            else:
                exact, line.amount = line.amount, as_decimal(currency.round(float(line.amount)))
                if not line.amount:
                    problem = LoadError("zero_amount")
                elif exact != line.amount:
                    result.notes.append((line.number, self.env._("The amount %s was rounded.", exact)))
            if line.last_notice and line.last_notice > today:
                problem = problem or LoadError("future_notice", format_date(self.env, line.last_notice))
            yield line, currency, problem

    @api.model
    def _currencies(self, company, codes):
        """`{code: currency, or why it cannot be used}`. Inactive ones with a rate are activated once they are needed."""
        found = {}
        Currency = self.env["res.currency"].with_context(active_test=False)
        for code in codes:
            currency = Currency.search([("name", "=", code)], limit=1) if code else company.currency_id
            if not currency:
                found[code] = LoadError("unknown_currency", code)
            elif currency != company.currency_id and not self._has_rate(currency, company):
                found[code] = LoadError("no_rate", code)
            else:
                found[code] = currency
        return found

    @api.model
    def _has_rate(self, currency, company):
        domain = [("currency_id", "=", currency.id), ("company_id", "in", [False, company.root_id.id])]
        return bool(self.env["res.currency.rate"].search_count(domain, limit=1))

    # === Documents === #

    @api.model
    def _group(self, result, checked, spoiled):
        """Documents from lines; a document with a bad line is refused whole."""
        groups = {}
        for line, currency, problem in checked:
            key = (line.customer, line.document)
            first = groups.get(key)
            if not problem and first:
                problem = self._conflict(first, line, currency)
            if problem:
                self._refuse(result, line.number, line.cells, problem)
                if problem.code != "duplicate":
                    spoiled.setdefault(key, line.number)
            elif first:
                first.lines.append(line)
            else:
                groups[key] = Document(line.customer, line.document, currency, [line])
        for key in spoiled.keys() & groups.keys():
            for line in groups.pop(key).lines:
                self._refuse(result, line.number, line.cells, LoadError("spoiled", spoiled[key]))
        return list(groups.values())

    @api.model
    def _conflict(self, document, line, currency):
        """Why `line` cannot be an instalment of `document`."""
        first = document.lines[0]
        same = next((other for other in document.lines if other.due == line.due), None)
        if same:
            return LoadError("duplicate", same.number)
        if currency != document.currency:
            return LoadError("other_currency", first.number)
        if (line.amount > 0) != (first.amount > 0):
            return LoadError("other_sign", first.number)
        return None

    @api.model
    def _note_names(self, result, documents):
        """One name per customer number: the first of the file; that there are others is noted once."""
        names, told = {}, set()
        for document in documents:
            for line in document.lines:
                name = names.setdefault(line.customer, line.name or line.customer)
                if line.name and line.name != name and line.customer not in told:
                    told.add(line.customer)
                    result.notes.append(
                        (
                            line.number,
                            self.env._(
                                "Customer %(number)s has several names; '%(name)s' is used.",
                                number=line.customer,
                                name=name,
                            ),
                        )
                    )
                if line.date and line.due < line.date:
                    result.notes.append((line.number, self.env._("The item was due before the date of its document.")))

    @api.model
    def _prepare_documents(self, result, documents, kind):
        """Sort out what is loaded already, and translate levels; what remains is ready."""
        Customers = self.env["ar.dunning.loader.customers"]
        partners = Customers._partners(result.company, {document.customer for document in documents})
        known = Customers._known(result.company, partners)
        policy_of = Customers._policy_finder(result.company, partners, kind)
        ladders = {}
        for document in documents:
            partner = partners.get(document.customer)
            if partner and (partner.id, document.number) in known:
                result.already += len(document.lines)
                continue
            try:
                policy = policy_of(partner, document)
                if policy not in ladders:
                    ladders[policy] = Customers._ladder(policy)
                document.openings = {line.due: Customers._opening(line, ladders[policy]) for line in document.lines}
            except LoadError as problem:
                for line in document.lines:
                    self._refuse(result, line.number, line.cells, problem)
            else:
                result.ready.append(document)

    # === Words === #

    @api.model
    def _sentence(self, problem):
        """A problem as a sentence for people, saying what to do where that is not plain."""
        text = self._sentences()[problem.code]
        return text % problem.value if "%" in text else text

    @api.model
    def _sentences(self):
        """What may be wrong with a file or a line, by code."""
        return {
            "spreadsheet": self.env._(
                "This is a workbook of a spreadsheet. Save it there as CSV and choose that file."
            ),
            "archive": self.env._("This is an archive (ZIP). Unpack it and choose the CSV file in it."),
            "not_text": self.env._("This is not a text file. Choose a CSV file."),
            "empty_file": self.env._("The file has no lines below its header."),
            "bad_encoding": self.env._("The file is not written in the encoding %s. Choose another."),
            "unknown_target": self.env._("'%s' is nothing a column can mean."),
            "unknown_column": self.env._("The file has no column '%s'."),
            "missing_columns": self.env._("No column is chosen for: %s."),
            "dates_unclear": self.env._("'%s' can be read in more than one way, or in none. Choose the date format."),
            "decimal_unclear": self.env._("'%s' can be read in more than one way. Choose the decimal sign."),
            "too_many_cells": self.env._("The line has %s cells, more than the header: is a delimiter not quoted?"),
            "control_characters": self.env._("The line contains characters that are no text."),
            "open_quote": self.env._("A quotation mark is opened and not closed on this line."),
            "too_long": self.env._("'%s …' is longer than 200 characters."),
            "no_customer_number": self.env._("The customer number is missing."),
            "no_document": self.env._("The document number is missing."),
            "no_due_date": self.env._("The due date is missing."),
            "no_amount": self.env._("The open amount is missing."),
            "bad_date": self.env._("'%s' is not a date in the chosen format."),
            "bad_year": self.env._("'%s' is not in the years 1970 to 2099."),
            "bad_amount": self.env._("'%s' is not an amount."),
            "amount_too_large": self.env._("'%s' is larger than any amount that can be booked."),
            "bad_reminders": self.env._("'%s' is not a number of reminders."),
            "bad_level": self.env._("'%(level)s' is not a level of this customer's policy. Its levels are: %(known)s."),
            "zero_amount": self.env._("The open amount is zero: there is nothing to collect."),
            "future_notice": self.env._("The day of the last notice, %s, has not come yet."),
            "unknown_currency": self.env._("'%s' is not a currency."),
            "no_rate": self.env._(
                "There is no exchange rate for %s. Enter one under Invoicing > Configuration > Currencies."
            ),
            "duplicate": self.env._("This document with this due date is on line %s already."),
            "other_currency": self.env._("The same document is in another currency on line %s."),
            "other_sign": self.env._("The same document has an amount of the other sign on line %s."),
            "spoiled": self.env._(
                "Line %s of the same document cannot be loaded; a document is loaded whole or not at all."
            ),
        }

    @api.model
    def _target_names(self):
        """What a column can mean, in the user's words."""
        return dict(self.env["ar.dunning.load.column"]._fields["target"]._description_selection(self.env))

"""What a file of open items becomes: documents, and an account of every line."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from odoo import models

from .load_file import Line
from .load_text import Table, write_csv

INVOICE = "out_invoice"
CREDIT_NOTE = "out_refund"


@dataclass
class Document:
    """One invoice or credit note to be loaded: the lines of the file with its number, one per instalment."""

    customer: str
    number: str
    currency: models.BaseModel
    lines: list[Line]
    openings: dict[date, dict] = field(default_factory=dict)

    @property
    def total(self):
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def move_type(self):
        return INVOICE if self.total > 0 else CREDIT_NOTE


@dataclass
class LoadResult:
    """What became of a file. `bad` and `notes` hold line number, reason and (bad lines) the cells as they came."""

    company: models.BaseModel
    table: Table
    loaded: int = 0
    already: int = 0
    customers: int = 0
    invoices: int = 0
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    bad: list[tuple[int, str, list[str]]] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)
    ready: list[Document] = field(default_factory=list)

    @property
    def total(self):
        return len(self.table.rows)

    def bad_csv(self, titles):
        """The bad lines as they came, with line number and reason in front: to be corrected and loaded again."""
        rows = [[str(number), reason, *cells] for number, reason, cells in sorted(self.bad, key=lambda row: row[0])]
        return write_csv([*titles, *self.table.header], rows, self.table.delimiter)

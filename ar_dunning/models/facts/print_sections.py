"""Values that mail and letter place: figures as text per currency, people, accounts; and how lists break over pages.

Plain Python: frozen values and the cutting of long lists, which tests reach without a database.
"""

from dataclasses import asdict, dataclass, replace
from functools import lru_cache

import babel.dates

from odoo.tools.misc import babel_locale_parse, get_lang, posix_to_ldml

# Rows that fit on one page of the annex, and what a heading, its total and a footnote take of them.
ANNEX_ROWS = 46
SECTION_ROWS = 5
# Characters of an invoice number that fit in one line of its column.
NUMBER_WIDTH = 17
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


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
    held: str = ""
    discounted: str = ""
    discount_until: str = ""

    @property
    def height(self):
        """Lines of text that the row takes in the letter."""
        return max(-(-len(self.number) // NUMBER_WIDTH) + -(-len(self.reference) // NUMBER_WIDTH), 1)


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One amount of a block; `details` are lines that show how it came about.

    `annexed`: what stands in their place where an annex is printed that shows it; the templates of whoever brings that
    annex place it, so that no annex is promised once it is gone.
    """

    label: str
    number: str
    details: tuple[str, ...]
    amount: str
    annexed: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """What is demanded beside the principal in one currency, as a member of the family prints it below the items.

    `groups`: rows under a heading each, which may be empty. `notes` stand small below the sum, `offers` bold below all.
    `abridged`: something of it is left to an annex. It can be kept as JSON (`kept`, `of`): what has left is frozen.
    """

    title: str
    groups: tuple[tuple[str, tuple[BlockRow, ...]], ...]
    total_label: str
    total: str
    notes: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    abridged: bool = False

    @property
    def has_sum(self):
        """Whether there is something to add up."""
        return sum(len(rows) for _heading, rows in self.groups) > 1

    def kept(self):
        """This block as JSON keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, kept):
        """The block that `kept` has given."""
        groups = tuple(
            (heading, tuple(BlockRow(**{**row, "details": tuple(row["details"])}) for row in rows))
            for heading, rows in kept["groups"]
        )
        return cls(**{**kept, "groups": groups, "notes": tuple(kept["notes"]), "offers": tuple(kept["offers"])})


@dataclass(frozen=True, slots=True)
class Section:
    """The demanded or the other open items in one currency; `last` is false where it goes on overleaf.

    `held` is empty where all is demanded.
    `due` is the principal, `to_pay` that and what the blocks demand. A section may have blocks only: without rows.
    """

    demanded: bool
    currency: str
    rows: tuple[Row, ...]
    residual: str
    credit: str
    due: str
    has_credit: bool
    has_late: bool
    held: str = ""
    last: bool = True
    blocks: tuple[Block, ...] = ()
    to_pay: str = ""


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


@dataclass(frozen=True, slots=True)
class MailBatch:
    """What all mails of a batch share, asked for once: portal pages of invoices, who takes payments online."""

    urls: dict
    paid_online: frozenset


def pages_of(sections, lines=ANNEX_ROWS, head=SECTION_ROWS):
    """Cut the sections into pages of known height: a list of lists of sections.

    :param lines: lines of text on a page
    :param head: how many of them headings, total and footnote of a section take

    wkhtmltopdf does not repeat the head of a table on the next page, and without patched Qt it
    does not tell where a page ends; each page therefore gets tables that fit, with heads of their own.
    """
    pages, room = [], 0
    for section in sections:
        rows = list(section.rows)
        while rows:
            if room < head + rows[0].height:
                pages.append([])
                room = lines
            taken = _rows_that_fit(rows, room - head)
            rows = rows[len(taken) :]
            pages[-1].append(replace(section, rows=tuple(taken), last=not rows))
            room = 0 if rows else room - head - sum(row.height for row in taken)
    return pages


def _rows_that_fit(rows, room):
    """The first rows whose height is at most `room`, but at least one."""
    taken = []
    for row in rows:
        if taken and row.height > room:
            break
        taken.append(row)
        room -= row.height
    return taken


@lru_cache(maxsize=8192)
def _day_text(day, pattern, locale):
    return babel.dates.format_date(day, format=pattern, locale=locale)


class Words:
    """Numbers and dates in one language.

    Says the same as Odoo's `format_amount` and `format_date`, which look the language up for each
    value: a night of mails formats tens of thousands of them.
    """

    def __init__(self, env, code):
        data = get_lang(env, code)
        self._lang = env["res.lang"].browse(data.id)
        self._thousands, self._point = data.thousands_sep or "", data.decimal_point
        self._by_three = data.grouping == "[3,0]"
        self._locale = str(babel_locale_parse(data.code))
        self._pattern = posix_to_ldml(data.date_format, locale=babel_locale_parse(data.code))

    def number(self, value, currency):
        """An amount without its currency."""
        return self.figure(currency.round(value) or 0.0, currency.decimal_places)

    def figure(self, value, places):
        """A number with that many decimals."""
        if not self._by_three:
            text = self._lang.format(f"%.{places}f", value, grouping=True)
        else:
            whole, _point, decimals = f"{value:,.{places}f}".partition(".")
            text = whole.replace(",", self._thousands) + (self._point + decimals if decimals else "")
        return text.replace(" ", NO_BREAK_SPACE).replace("-", "-\N{ZERO WIDTH NO-BREAK SPACE}")

    def amount(self, value, currency):
        """An amount with its currency's symbol."""
        parts = (currency.symbol or "", self.number(value, currency))
        return NO_BREAK_SPACE.join(parts if currency.position == "before" else reversed(parts))

    def percent(self, value):
        """A rate without needless zeros, e.g. '10,52 %'."""
        text = f"{value:.6f}".rstrip("0").rstrip(".")
        return f"{text.replace('.', self._point)}{NO_BREAK_SPACE}%"

    def day(self, day):
        """A date in the language's short form; empty without a date."""
        return _day_text(day, self._pattern, self._locale) if day else ""

    def long_day(self, day):
        """A date that nobody can misread, e.g. 'November 27, 2026': for deadlines and the head of a letter."""
        return _day_text(day, "long", self._locale) if day else ""

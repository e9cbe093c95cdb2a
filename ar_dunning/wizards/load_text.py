"""From the bytes of a file to a table of cells, and back: any usual encoding, delimiter and line end.

Knows no database and no user's language: what is wrong with a file or a line is a code and a value, which the loader turns
into a sentence. A line that cannot be read costs that line only.
"""

import csv
import io
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_logger = logging.getLogger(__name__)
DELIMITERS = (";", ",", "\t", "|")
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# Characters that no text contains: what is left of control characters without tab, line feed and carriage return.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# How a file begins that is no text, whatever its name says.
SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "spreadsheet"),
    (b"%PDF", "not_text"),
    (b"\x1f\x8b", "not_text"),
    (b"7z\xbc\xaf", "not_text"),
    (b"Rar!", "not_text"),
    (b"\x89PNG", "not_text"),
)
SHEETS = (b"[Content_Types].xml", b"application/vnd.oasis.opendocument.spreadsheet")
# More than this share of control characters, and it is no text.
GARBAGE = 0.05
# A spreadsheet takes what begins so for a formula, even behind blanks, and in full width.
FORMULA = re.compile(r"'*\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
PLAIN_NUMBER = re.compile(r"[+-]?[\d., \u00a0\u202f]*\d-?")


class LoadError(Exception):
    """What keeps a whole file from being read, or one line from being loaded: a code, and the value it is about."""

    def __init__(self, code: str, value: object = ""):
        super().__init__(code, value)
        self.code, self.value = code, value


@dataclass
class Table:
    """A file cut into cells.

    `rows` are pairs of line number in the file and cells; `faults` says, by line number, what keeps a row from being read.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    delimiter: str = ","
    faults: dict[int, LoadError] = field(default_factory=dict)

    def column(self, position: int) -> list[str]:
        """The cells of one column that are not empty, of the rows that can be read."""
        return [
            cells[position].strip()
            for number, cells in self.rows
            if number not in self.faults and len(cells) > position and cells[position].strip()
        ]


def decode(content: bytes, encoding: str | None = None) -> str:
    """The text of a file: in `encoding`, else UTF-8 if it is valid UTF-8, else the Western European code page.

    :raise LoadError: it is no text, or not in this encoding
    """
    _refuse_other_files(content)
    try:
        text = _decoded(content, encoding)
    except (UnicodeError, LookupError):
        raise LoadError("bad_encoding", encoding or "UTF-16") from None
    text = text.rstrip("\x00\x1a")  # the end of a file as former systems mark it
    if len(CONTROL.findall(text)) > GARBAGE * len(text):
        raise LoadError("not_text")
    return text


def read_table(text: str, delimiter: str | None = None) -> Table:
    """Cut a text into cells; empty lines are passed over.

    :raise LoadError: there is no header or nothing below it
    """
    lines = LINE.findall(text)
    delimiter = delimiter or _delimiter(next((line for line in lines if line.strip()), ""))
    rows, faults = [], {}
    for number, cells, fault in _rows(lines, delimiter):
        if any(cell.strip() for cell in cells):
            rows.append((number, [unescape(CONTROL.sub("", cell)) for cell in cells]))
            if fault := fault or ("control_characters" if any(map(CONTROL.search, cells)) else None):
                faults[number] = LoadError(fault)
    if len(rows) < 2:
        raise LoadError("empty_file")
    return Table([cell.strip() for cell in rows[0][1]], rows[1:], delimiter, faults)


def write_csv(header: list[str], rows: Iterable[list[str]], delimiter: str) -> bytes:
    """A CSV that spreadsheets open with the right characters, and of which they calculate nothing."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([escape(cell) for cell in row] for row in (header, *rows))
    return stream.getvalue().encode("utf-8-sig", "replace")


def escape(cell: str) -> str:
    """A cell as a spreadsheet shows it instead of calculating it; numbers stay numbers.

    >>> escape("=1+1"), escape("@SUM(A1)"), escape("-200.25"), escape("-2+3")
    ("'=1+1", "'@SUM(A1)", '-200.25', "'-2+3")
    """
    return f"'{cell}" if FORMULA.match(cell) and not PLAIN_NUMBER.fullmatch(cell) else cell


def unescape(cell: str) -> str:
    """What `escape` was given.

    >>> unescape("'=1+1"), unescape("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _refuse_other_files(content: bytes) -> None:
    if content.startswith(b"PK\x03\x04"):
        raise LoadError("spreadsheet" if any(name in content for name in SHEETS) else "archive")
    for beginning, code in SIGNATURES:
        if content.startswith(beginning):
            raise LoadError(code)


def _decoded(content: bytes, encoding: str | None) -> str:
    if encoding:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    for mark, name in ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32")):
        if content.startswith(mark):
            return content.decode(name)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if wide := _unmarked_utf16(content):
        return content.decode(wide)
    for candidate in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(candidate)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _unmarked_utf16(content: bytes) -> str | None:
    """UTF-16 without the mark at its beginning: text of the West has a zero in every other byte."""
    sample = content[:4096]
    half = len(sample) // 2
    high, low = sample[0::2].count(0), sample[1::2].count(0)
    if half and low > 0.6 * half and high < 0.1 * half:
        return "utf-16-le"
    if half and high > 0.6 * half and low < 0.1 * half:
        return "utf-16-be"
    return None


def _delimiter(first: str) -> str:
    bare = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=bare.count)


def _rows(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    """Line number, cells, and what keeps the row from being read.

    A quotation mark that is never closed, or closed by the next stray one, would swallow lines: its line is set aside, and
    reading goes on below it.
    """
    start, width = 0, 0
    while start < len(lines):
        reader = csv.reader(iter(lines[start:]), delimiter=delimiter)
        done = 0
        try:
            for cells in reader:
                span = lines[start + done : start + reader.line_num]
                if len(span) > 1 and _swallows(cells, width, delimiter, span, start + reader.line_num == len(lines)):
                    break
                width = width or len(cells)
                yield start + done + 1, cells, None
                done = reader.line_num
            else:
                return
        except csv.Error as error:
            _logger.debug("Line %s: %s", start + done + 1, error)
        yield start + done + 1, [lines[start + done].strip()], "open_quote"
        start += done + 1


def _swallows(cells: list[str], width: int, delimiter: str, span: list[str], is_last: bool) -> bool:
    """Whether a row of several lines holds lines that are rows of their own."""
    if is_last and "".join(span).count('"') % 2:
        return True
    return any(cell.count(delimiter) >= max(width - 1, 1) for cell in cells if "\n" in cell or "\r" in cell)

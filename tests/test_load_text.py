"""The reader of files of open items: any bytes are a table or a sentence's code, and a bad line costs that line."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odoo.addons.ar_dunning.wizards import load_file
from odoo.addons.ar_dunning.wizards.load_text import LoadError, decode, escape, read_table, unescape, write_csv

HEADER = "customer_number;document;due_date;amount"
GOOD = "1;A{};2026-02-01;10.00"
CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)


def read(content: bytes):
    """The lines that are read, and `{line number: code}` of those that are not."""
    table = read_table(decode(content))
    columns = load_file.guess_columns(table.header)
    lines, bad = [], {}
    for number, cells in table.rows:
        try:
            if number in table.faults:
                raise table.faults[number]
            lines.append(load_file.parse_line(number, cells, columns, "ymd", "."))
        except LoadError as problem:
            bad[number] = problem.code
    return lines, bad


def file_with(bad: str) -> str:
    return "\n".join([HEADER, GOOD.format(1), bad, GOOD.format(2), GOOD.format(3)]) + "\n"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("1;B\x00;2026-02-01;10", "control_characters"),
        ("1;B\x07\x1b;2026-02-01;10", "control_characters"),
        ("1;B;2026-02-01;" + "9" * 40, "amount_too_large"),
        ("1;B;2026-02-01;10000000000000", "amount_too_large"),
        ("1;B;0001-01-01;10", "bad_year"),
        ("1;B;9999-12-31;10", "bad_year"),
        ("1;B;2100-01-01;10", "bad_year"),
        ("1;B;0000-01-01;10", "bad_date"),
        ("1;" + "B" * 201 + ";2026-02-01;10", "too_long"),
        ('1;"B;2026-02-01;10', "open_quote"),
    ],
)
def test_a_bad_line_costs_that_line(line, code):
    """One line that cannot be read leaves the three good ones beside it."""
    lines, bad = read(file_with(line).encode())
    assert bad == {3: code}
    assert [(item.number, item.document, item.amount) for item in lines] == [
        (2, "A1", Decimal("10.00")),
        (4, "A2", Decimal("10.00")),
        (5, "A3", Decimal("10.00")),
    ]


def test_two_stray_quotation_marks_swallow_nothing():
    """Of two lines with one quotation mark each, those between them are read."""
    text = "\n".join([HEADER, '1;"X;2026-02-01;10', GOOD.format(1), '2;"Y;2026-02-01;10', GOOD.format(2)])
    lines, bad = read(text.encode())
    assert bad == {2: "open_quote", 4: "open_quote"}
    assert [item.document for item in lines] == ["A1", "A2"]


def test_an_address_of_two_lines_is_one_cell():
    """What is quoted rightly may hold line breaks."""
    lines, bad = read(b'customer_number;document;due_date;amount;street\n1;A;2026-02-01;10;"Gata 1\r\n2nd floor"\n')
    assert not bad
    assert [item.extra["street"] for item in lines] == ["Gata 1 2nd floor"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_line_ends_and_encodings(end, encoding):
    """Each usual encoding with each usual line end, with and without a mark at the beginning."""
    text = end.join([HEADER + ";name", GOOD.format("é") + ";Bjørn", GOOD.format(2) + ";Åse", ""])
    lines, bad = read(text.encode(encoding))
    assert not bad
    assert [(item.number, item.document) for item in lines] == [(2, "Aé"), (3, "A2")]
    assert [item.due for item in lines] == [date(2026, 2, 1)] * 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04....[Content_Types].xml....xl/workbook.xml", "spreadsheet"),
        (b"PK\x03\x04....ledger.csv", "archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "spreadsheet"),
        (b"%PDF-1.7", "not_text"),
        (b"\x1f\x8b\x08", "not_text"),
        (bytes(range(256)) * 10, "not_text"),
        (b"\xff\xfea", "bad_encoding"),
        (b"", "empty_file"),
        (b"\r\r\r", "empty_file"),
        (HEADER.encode(), "empty_file"),
    ],
)
def test_what_is_no_table_is_told(content, code):
    """A workbook, an archive, a picture, half a character, nothing: a code for each."""
    with pytest.raises(LoadError) as problem:
        read(content)
    assert problem.value.code == code


def test_the_end_of_file_mark_of_former_systems_is_no_line():
    """Ctrl-Z and zeros behind the last line."""
    lines, bad = read((file_with(GOOD.format(9)) + "\x1a\x00\x00").encode())
    assert (len(lines), bad) == (4, {})


@given(st.binary(max_size=400))
@example(b"a;b;c;d\n" + b'"' * 7)
@example(b"\xff\xfe\x00\x00\x01")
def test_any_bytes_are_read_or_told(content):
    """Nothing but a `LoadError` leaves the reader, and no character that a database refuses."""
    try:
        lines, bad = read(content)
    except LoadError:
        return
    assert lines or bad
    table = read_table(decode(content))
    assert "\x00" not in "".join(table.header + [cell for _number, cells in table.rows for cell in cells])


@given(st.text(st.sampled_from("19;,.\"\r\n\x00 -+='(Aé\u0661\u00b2|"), max_size=80))
@example("\u00b2;\u0661;2026-02-01;5")
def test_any_line_between_good_ones_is_read_or_told(bad):
    """Whatever stands in the middle, the first and the last line are loaded."""
    text = f"{HEADER}\n{GOOD.format('first')}\n{bad}\n{GOOD.format('last')}\n"
    lines, _bad = read(text.encode())
    documents = [item.document for item in lines]
    assert documents[0] == "Afirst"
    assert documents[-1] == "Alast"


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows):
    """The file of bad lines, corrected or not, is read as it was."""
    written = read_table(decode(write_csv(["a", "b", "c"], [["x", *row] for row in rows], ";")), ";")
    assert [cells[1:] for _number, cells in written.rows] == rows


@given(CELL)
@example("=cmd|' /C calc'!A0")
@example("+1+2")
@example("-1+2")
@example("@SUM(A1)")
@example("\t=1")
@example("\r=1")
@example("'=1")
@example("  =1")
@example("\uff1d1")
def test_no_cell_begins_a_formula(cell):
    """A spreadsheet calculates nothing that a customer's name, or a number, wrote."""
    assert unescape(escape(cell)) == cell
    begins = escape(cell).lstrip()[:1]
    assert begins not in tuple("=@\uff1d\uff0b\uff0d\uff20") or not begins
    if begins in ("+", "-"):
        assert set(cell) <= set("+-0123456789., \u00a0\u202f")
        assert sum(map(cell.count, "+-")) <= 2


def test_the_header_and_the_reasons_are_escaped_too():
    """Each cell of the file, not only those of its lines."""
    written = write_csv(["=1", "Reason"], [["2", "=2", "-7.50"]], ",").decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written))) == [["'=1", "Reason"], ["2", "'=2", "-7.50"]]

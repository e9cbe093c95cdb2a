"""Reads a table of open items as other systems write it: any usual header, date and number format.

Knows no database and no user's language: what is wrong with a line is a code and a value, which the
loader turns into a sentence.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from .load_text import LoadError

# What a column can mean, and the headers by which it is recognised (letters and digits only, without accents).
HEADERS = {
    "customer_number": "customernumber customerno customerid custnumber custno debtornumber accountnumber kundenummer kundenr"
    " kundennummer kundennr debitor debitornummer debitorennummer numeroclient noclient codeclient klantnummer",
    "customer_name": "customername namecustomer customer name debtor debtorname kundenavn kunde kundenname firma nomclient client"
    " raisonsociale",
    "document": "document documentnumber documentno docno docid invoice invoicenumber invoiceno invoiceid fakturanummer fakturanr"
    " faktura rechnungsnummer rechnungsnr rechnung beleg belegnummer bilag bilagsnummer numerofacture nofacture facture piece",
    "date": "date documentdate invoicedate postingdate issuedate fakturadato bilagsdato dato rechnungsdatum belegdatum datum"
    " buchungsdatum datefacture datepiece",
    "due_date": "duedate due dueindate maturity maturitydate forfallsdato forfall falligkeit falligkeitsdatum falligam"
    " faelligkeit faelligkeitsdatum echeance dateecheance",
    "currency": "currency currencycode invoicecurrency valuta valutakode wahrung waehrung devise",
    "amount": "openamount amount balance residual amountdue outstanding openbalance totalopenamount amountresidual restbelop"
    " saldo belop offenerbetrag betrag offen montant montantouvert solde resteapayer",
    "level": "levelreached level dunninglevel mahnstufe purretrinn purreniva niveau niveauderelance",
    "last_notice": "lastnotice lastnoticedate lastreminder lastreminderdate lastdunningdate letztemahnung datumletztemahnung"
    " sistepurring sistepurredato dernierrelance derniererelance datederniererelance",
    "reminders": "reminderssent reminders numberofreminders anzahlmahnungen mahnungen antallpurringer purringer nombrederelances"
    " relances",
    "kind": "kind customerkind customertype kundetype kundenart typeclient",
    "email": "email mail emailaddress epost mailadresse courriel",
    "street": "street address adresse gate strasse rue",
    "zip": "zip zipcode postcode postalcode postnr postnummer plz codepostal",
    "city": "city town poststed sted ort stadt ville",
    "country": "country countrycode land landkode pays",
    "lang": "language lang languagecode sprak sprache langue",
    "vat": "vat vatnumber taxid mvanummer orgnr ustid ustidnr tva numerotva",
}
REQUIRED = ("customer_number", "document", "due_date", "amount")
DATES = ("date", "due_date", "last_notice")
DATE_PATTERNS = {
    "ymd": re.compile(r"(?P<y>\d{4})[-./]?(?P<m>\d{2})[-./]?(?P<d>\d{2})"),
    "dmy": re.compile(r"(?P<d>\d{1,2})[-./](?P<m>\d{1,2})[-./](?P<y>\d{4}|\d{2})"),
    "mdy": re.compile(r"(?P<m>\d{1,2})[-./](?P<d>\d{1,2})[-./](?P<y>\d{4}|\d{2})"),
}
# Open items are no older than computers and no younger than anybody who reads them.
YEARS = range(1970, 2100)
# More digits than a sum keeps exactly to the cent.
LARGEST = Decimal(10) ** 13
# No name or number is longer; a database would refuse to sort it.
LONGEST = 200
TIME_OF_DAY = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$")
LINE_BREAKS = re.compile(r"\s*[\r\n]+\s*")
UNTITLED = re.compile(r"[^a-z0-9]+")


@dataclass
class Line:
    """One open item of the file."""

    number: int
    cells: list[str]
    customer: str
    name: str
    document: str
    date: date | None
    due: date
    currency: str
    amount: Decimal
    level: str = ""
    last_notice: date | None = None
    reminders: int = 0
    extra: dict[str, str] = field(default_factory=dict)


def guess_columns(header: Iterable[str]) -> dict[str, int]:
    """Which column means what, as far as its header says; the first fitting header wins."""
    found: dict[str, int] = {}
    plain = [plain_name(name) for name in header]
    for target, names in HEADERS.items():
        for name in names.split():
            if name in plain and plain.index(name) not in found.values():
                found[target] = plain.index(name)
                break
    return found


def plain_name(name: str) -> str:
    """A header without case, accents and punctuation.

    >>> plain_name("Fälligkeits-Datum "), plain_name("Restbeløp")
    ('falligkeitsdatum', 'restbelop')
    """
    lowered = name.lower().replace("ø", "o").replace("æ", "ae").replace("ß", "ss")
    return UNTITLED.sub("", unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode())


def guess_date_format(values: Iterable[str]) -> str | None:
    """The one format that fits every value; None if several fit (or none does).

    >>> guess_date_format(["2020-02-27"]), guess_date_format(["27.02.2020"]), guess_date_format(["02/27/2020"])
    ('ymd', 'dmy', 'mdy')
    >>> guess_date_format(["01/02/2020"]) is None
    True
    """
    values = list(dict.fromkeys(values))
    counts = {order: sum(_fits(value, order) for value in values) for order in DATE_PATTERNS}
    most = max(counts.values(), default=0)
    best = [order for order, count in counts.items() if count == most]
    if most and len(best) == 1:
        return best[0]
    if most and "." in "".join(values) and "dmy" in best:
        return "dmy"  # dots between day, month and year: nobody writes the month first with dots
    return None


def guess_decimal(values: Iterable[str]) -> str | None:
    """The decimal sign; None where the values can be read both ways.

    >>> guess_decimal(["1.234,50"]), guess_decimal(["1,234.50"]), guess_decimal(["12"]), guess_decimal(["1.234.567"])
    (',', '.', '.', ',')
    >>> guess_decimal(["1.234"]) is None
    True
    """
    values = list(values)
    # Behind the decimal sign may stand any number of digits; behind a thousands sign three, and then it may occur again.
    signs = [found[1] for value in values if (found := re.search(r"([.,])(\d{1,2}|\d{4,})\D*$", value))]
    if signs:
        return max(sorted(set(signs)), key=signs.count)
    repeated = {sign for value in values for sign in ".," if value.count(sign) > 1}
    if len(repeated) == 1:
        return "," if "." in repeated else "."
    return None if any("." in value or "," in value for value in values) else "."


def parse_date(text: str, order: str) -> date:
    """A date in one of the orders of `DATE_PATTERNS`; a time of day behind it is ignored.

    :raise LoadError: it is none
    """
    found = DATE_PATTERNS[order].fullmatch(TIME_OF_DAY.sub("", text.strip()))
    if not found:
        raise LoadError("bad_date", text)
    try:
        day = _day(found)
    except ValueError:
        raise LoadError("bad_date", text) from None
    if day.year not in YEARS:
        raise LoadError("bad_year", text)
    return day


def parse_amount(text: str, decimal: str = ".") -> Decimal:
    """An amount with `decimal` as decimal sign; thousands in groups of three, minus before, behind, or in brackets.

    >>> parse_amount("1,234.50"), parse_amount("1.234,50-", ","), parse_amount("(12)")
    (Decimal('1234.50'), Decimal('-1234.50'), Decimal('-12'))

    :raise LoadError: it is none
    """
    bare = re.sub(r"[\s\u00a0\u202f'\u2019]", "", text).replace("\u2212", "-")
    negative = bare.startswith(("-", "(")) or bare.endswith(("-", ")"))
    bare = bare.strip("+-()")
    thousands = re.escape("," if decimal == "." else ".")
    pattern = rf"(\d+|\d{{1,3}}({thousands}\d{{3}})+)?({re.escape(decimal)}\d*)?"
    if not (bare and re.fullmatch(pattern, bare)):
        raise LoadError("bad_amount", text)
    try:
        amount = Decimal(bare.replace("," if decimal == "." else ".", "").replace(decimal, "."))
    except InvalidOperation:
        raise LoadError("bad_amount", text) from None
    if amount >= LARGEST:
        raise LoadError("amount_too_large", text)
    return -amount if negative else amount


def parse_line(number: int, cells: list[str], columns: dict[str, int], order: str, decimal: str) -> Line:
    """One row as an open item.

    :raise LoadError: something it needs is missing or cannot be read
    """

    def cell(target: str) -> str:
        position = columns.get(target)
        text = cells[position].strip() if position is not None and position < len(cells) else ""
        return LINE_BREAKS.sub(" ", text)

    for target in REQUIRED:
        if not cell(target):
            raise LoadError(f"no_{target}")
    for target in columns:
        if len(cell(target)) > LONGEST:
            raise LoadError("too_long", cell(target)[:20])
    reminders = cell("reminders") or "0"
    if not re.fullmatch(r"\d{1,3}(\.0*)?", reminders):
        raise LoadError("bad_reminders", reminders)
    days = {target: parse_date(cell(target), order) if cell(target) else None for target in DATES}
    return Line(
        number=number,
        cells=cells,
        customer=cell("customer_number"),
        name=cell("customer_name"),
        document=cell("document"),
        date=days["date"],
        due=days["due_date"],
        currency=cell("currency").upper(),
        amount=parse_amount(cell("amount"), decimal),
        level=cell("level"),
        last_notice=days["last_notice"],
        reminders=int(float(reminders)),
        extra={
            name: cell(name)
            for name in ("kind", "email", "street", "zip", "city", "country", "lang", "vat")
            if cell(name)
        },
    )


def _fits(text: str, order: str) -> bool:
    found = DATE_PATTERNS[order].fullmatch(TIME_OF_DAY.sub("", text))
    if not found:
        return False
    try:
        return bool(_day(found))
    except ValueError:
        return False


def _day(found: re.Match[str]) -> date:
    """The date of a match; a year of two digits is of this century."""
    year, month, day = (int(found[part]) for part in "ymd")
    return date(year + 2000 if len(found["y"]) == 2 else year, month, day)

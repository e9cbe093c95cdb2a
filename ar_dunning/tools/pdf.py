"""Joining PDFs and stamping their pages, on whichever of PyPDF2 1.26, PyPDF2 2.12 and pypdf Odoo runs with.

Odoo's own layer over the three is used, by the names that all of them answer to. What differs: PyPDF2 1.26 returns nothing when a
page is added, and pypdf merges only onto pages that belong to a writer.
"""

import io
from collections.abc import Callable, Mapping

from odoo.tools.pdf import PdfFileReader, PdfFileWriter, merge_pdf

join = merge_pdf


def page_count(pdf: bytes) -> int:
    """How many pages a document has."""
    return _reader(pdf).getNumPages()


def page_size(pdf: bytes) -> tuple[float, float]:
    """Width and height of the first page, in points."""
    box = _reader(pdf).getPage(0).mediaBox
    return float(box[2]), float(box[3])


def stamp(pdf: bytes, overlay: bytes, metadata: Mapping[str, str]) -> bytes:
    """Each page of `pdf` with the page of `overlay` of the same number on top of it.

    :param metadata: title, author and the like, by their names in the file (`/Title`)
    :raise ValueError: the two have different numbers of pages
    """
    reader, above, writer = _reader(pdf), _reader(overlay), PdfFileWriter()
    if reader.getNumPages() != above.getNumPages():
        raise ValueError(f"{above.getNumPages()} pages to stamp on {reader.getNumPages()}")
    for number in range(reader.getNumPages()):
        writer.addPage(reader.getPage(number))
        writer.getPage(number).mergePage(above.getPage(number))
    writer.addMetadata(dict(metadata))
    result = io.BytesIO()
    writer.write(result)
    return result.getvalue()


def stamped(pdf: bytes, draw: Callable[[int, float, float], bytes], metadata: Mapping[str, str]) -> bytes:
    """`pdf` with what `draw(number of pages, width, height)` draws on its pages."""
    return stamp(pdf, draw(page_count(pdf), *page_size(pdf)), metadata)


def _reader(pdf: bytes) -> PdfFileReader:
    return PdfFileReader(io.BytesIO(pdf), strict=False)

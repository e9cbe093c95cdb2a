import io

from reportlab.pdfgen.canvas import Canvas

from odoo.tests import BaseCase, tagged
from odoo.tools.pdf import PdfFileReader

from ..tools import pdf
from .pdf_common import place_of, places_of, texts_of


def pages(*words, size=(300, 200)):
    """A document with one word a page, 72 points from the left and the bottom."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size)
    for word in words:
        canvas.drawString(72, 72, word)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@tagged("post_install", "-at_install")
class TestPdf(BaseCase):
    """Joining and stamping, whichever library Odoo runs with."""

    def test_joined_documents_keep_their_pages_in_order(self):
        joined = pdf.join([pages("one", "two"), pages("three")])
        self.assertEqual(texts_of(joined), ["one", "two", "three"])
        self.assertEqual(pdf.page_count(joined), 3)

    def test_size_of_the_first_page(self):
        self.assertEqual(pdf.page_size(pages("one", size=(595, 842))), (595.0, 842.0))

    def test_each_page_gets_its_own_stamp(self):
        asked = []

        def draw(total, width, height):
            asked.append((total, width, height))
            return pages("1/2", "2/2")

        done = pdf.stamped(pages("one", "two"), draw, {"/Title": "A title"})
        self.assertEqual(asked, [(2, 300.0, 200.0)])
        for text, words in zip(texts_of(done), (("one", "1/2"), ("two", "2/2")), strict=True):
            for word in words:
                self.assertIn(word, text)
        self.assertEqual(PdfFileReader(io.BytesIO(done)).getDocumentInfo()["/Title"], "A title")

    def test_a_stamp_for_another_number_of_pages_is_refused(self):
        with self.assertRaisesRegex(ValueError, "1 pages to stamp on 2"):
            pdf.stamp(pages("one", "two"), pages("1/1"), {})

    def test_places_are_measured_from_the_top(self):
        [page] = places_of(pages("here", size=(300, 272)))
        place = place_of(page, "here")
        self.assertAlmostEqual(place.left, 25.4, delta=0.1)
        self.assertTrue(60 < place.top < place.bottom < 72, place)

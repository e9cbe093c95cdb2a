import base64
import io
import subprocess
import tempfile

from PIL import Image

from odoo.tests import tagged
from odoo.tools.convert import convert_file

from .common import DUE, DunningCommon
from .pdf_common import place_of, places_of, texts_of


@tagged("post_install", "-at_install")
class TestLetterWindow(DunningCommon):
    """The recipient's address stands in the window of an envelope, whatever document layout the company has chosen.

    Window by DIN 5008, form B: 45 to 90 mm from the top, 20 to 105 mm from the left. Measured in the finished PDF.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        details = (
            "Nordlys Maskin<br/>Havnegata 12<br/>7010 Trondheim<br/>Norway<br/>+47 73 00 00 11<br/>post@nordlys.example"
        )
        cls.company.write(
            {
                "name": "Nordlys Maskin",
                "street": "Havnegata 12",
                "zip": "7010",
                "city": "Trondheim",
                "country_id": cls.env.ref("base.no").id,
                "report_header": "Machines for the north",
                "company_details": f"<p>{details}</p>",
            }
        )
        cls.partner_a.write(
            {
                "name": "Muster und Sohn Handelsgesellschaft mbH",
                "street": "Langer Weg 117",
                "street2": "Hinterhaus",
                "zip": "10115",
                "city": "Berlin",
                "country_id": cls.env.ref("base.de").id,
            }
        )
        cls.invoice()
        cls.env["ar.dunning.item"].sudo()._sync(cls.company)

    def setUp(self):
        super().setUp()
        self.letter = self.night(DUE.replace(day=10)).notice_ids

    def layouts(self):
        """Every document layout there is, and that of Germany even where its module is not installed."""
        if not self.env.ref("l10n_din5008.external_layout_din5008", raise_if_not_found=False):
            convert_file(self.env, "l10n_din5008", "report/din5008_report.xml", {}, mode="init")
        shipped = self.env["report.layout"].search([]).view_id
        layouts = shipped | self.env.ref("l10n_din5008.external_layout_din5008")
        self.assertGreaterEqual(len(layouts), 8)
        return layouts

    def draw(self, layout):
        """The letter in this layout."""
        self.company.external_report_layout_id = layout
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with self.allow_pdf_render():
            pdf, _kind = reports._render_qweb_pdf("ar_dunning.action_report_notice", self.letter.ids)
        return pdf

    def pictures(self, pdf):
        """How many pictures the document holds, each counted once."""
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(pdf)
            file.flush()
            rows = subprocess.run(["pdfimages", "-list", file.name], capture_output=True, check=True).stdout.decode()
        return len({row.split()[10] for row in rows.splitlines()[2:] if row.split()[2] == "image"})

    def assert_in_window(self, page, lines):
        for line in lines:
            words = line.split()
            first = place_of(page, line)
            places = page[page.index(first) : page.index(first) + len(words)]
            box = (first.left, first.top, max(p.right for p in places), max(p.bottom for p in places))
            self.assertTrue(box[0] >= 20 and box[1] >= 45 and box[2] <= 105 and box[3] <= 90, (line, box))

    def test_every_layout(self):
        """One page, the address in the window, the sender once above it, no headline of the layout's."""
        self.company.logo = self.logo()
        for layout in self.layouts():
            with self.subTest(layout=layout.key):
                pdf = self.draw(layout)
                [page], [text] = places_of(pdf), texts_of(pdf)
                self.assert_in_window(
                    page,
                    [*self.env["ar.dunning.print"]._print_address(self.letter), "Nordlys Maskin · Havnegata 12"],
                )
                self.assertEqual(text.count("Nordlys Maskin · Havnegata 12"), 1)
                self.assertNotIn("Nordlys Maskin |", text, "no second line of the sender")
                self.assertEqual(text.count(self.letter.name), 1, "no title of the layout's")
                self.assertLess(max(place.bottom - place.top for place in page), 6)
                self.assertEqual(self.pictures(pdf), 1, "the company's logo")

    def test_a_placeholder_is_no_logo(self):
        """A company that has chosen no logo prints none."""
        self.company.logo = False
        self.company.flush_recordset()
        self.assertTrue(self.company.uses_default_logo)
        for layout in self.layouts():
            with self.subTest(layout=layout.key):
                pdf = self.draw(layout)
                self.assertEqual(self.pictures(pdf), 0)
                self.assert_in_window(places_of(pdf)[0], self.env["ar.dunning.print"]._print_address(self.letter))

    def test_a_long_address_stays_in_the_window(self):
        self.partner_a.street2 = "Hinterhaus, dritte Etage, Zimmer 317, bei der Buchhaltung klingeln"
        self.letter.partner_id = self.env["res.partner"].create(
            {"name": "Anna-Katharina von der Leine-Sommerfeld", "parent_id": self.partner_a.id, "type": "invoice"}
        )
        lines = self.env["ar.dunning.print"]._print_address(self.letter)
        self.assertEqual((len(lines), lines[-1]), (6, "GERMANY"))
        [page] = places_of(self.draw(self.env.ref("web.external_layout_standard")))
        self.assert_in_window(page, [line for line in lines if line != self.partner_a.street2])
        self.assert_in_window(page, [*self.partner_a.street2.split()[:2], "klingeln"])

    def logo(self):
        picture = io.BytesIO()
        Image.new("RGB", (600, 400), "#114477").save(picture, "PNG")
        return base64.b64encode(picture.getvalue())

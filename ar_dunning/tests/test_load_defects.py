import base64
import csv
import io
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import DunningCommon

HEADER = "customer_number;customer_name;document;due_date;amount\n"


@tagged("post_install", "-at_install")
class TestLoadDefects(DunningCommon):
    """A file with defects: a sentence for each, and the good lines are loaded."""

    def load(self, content):
        return self.env["ar.dunning.load"]._load(content, company=self.company, commit=False)

    def test_each_defect_is_a_sentence_and_the_good_lines_are_loaded(self):
        """NUL bytes, a 40-digit amount, the years 0001 and 9999, an open quotation mark cost their own lines only."""
        result = self.load(
            (
                HEADER + "1;Fjord AS;G1;2026-02-01;10\n"
                "1;Fjord\x00 AS;B1;2026-02-01;10\n"
                f"1;Fjord AS;B2;2026-02-01;{'9' * 40}\n"
                "1;Fjord AS;B3;0001-01-01;10\n"
                "1;Fjord AS;B4;9999-12-31;10\n"
                '1;"Fjord AS;B5;2026-02-01;10\n'
                "1;Fjord AS;G2;2026-02-01;20\n"
            ).encode()
        )
        self.assertEqual((result.loaded, result.total), (2, 7))
        self.assertEqual(
            {number: reason for number, reason, _cells in result.bad},
            {
                3: "The line contains characters that are no text.",
                4: f"'{'9' * 40}' is larger than any amount that can be booked.",
                5: "'0001-01-01' is not in the years 1970 to 2099.",
                6: "'9999-12-31' is not in the years 1970 to 2099.",
                7: "A quotation mark is opened and not closed on this line.",
            },
        )
        found = self.env["account.move"].search([("company_id", "=", self.company.id), ("ref", "in", ["G1", "G2"])])
        self.assertEqual(sorted(found.mapped("amount_residual")), [10.0, 20.0])

    def test_files_that_are_no_text_are_told(self):
        """A workbook, an archive and binary data: a sentence that says what to do."""
        for content, sentence in (
            (b"PK\x03\x04..[Content_Types].xml", "workbook of a spreadsheet. Save it there as CSV"),
            (b"PK\x03\x04..ledger.csv", "archive (ZIP). Unpack it"),
            (bytes(range(256)) * 4, "not a text file"),
            (b"\xff\xfea", "not written in the encoding UTF-16"),
        ):
            with self.assertRaises(UserError) as told:
                self.load(content)
            self.assertIn(sentence, str(told.exception))

    def test_line_ends_of_former_systems_and_unmarked_utf16(self):
        """Lines that end in CR only, in UTF-16 without a mark."""
        text = (HEADER + "1;Åsane Bygg;U1;2026-02-01;10\n1;Åsane Bygg;U2;2026-02-01;20\n").replace("\n", "\r")
        self.assertEqual(self.load(text.encode("utf-16-le")).loaded, 2)

    def test_bad_lines_hold_no_formula(self):
        """The file of bad lines opens in a spreadsheet without running what a customer's name says, and loads again."""
        name = "=cmd|' /C calc'!A0"
        result = self.load((HEADER + f"1;{name};B1;2026-02-01;ten\n1;+1;@x;2026-02-01;-0\n").encode())
        content = result.bad_csv(["Line", "Reason"])
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        self.assertEqual(rows[1][3], "'" + name)
        self.assertEqual(rows[2][3:7], ["+1", "'@x", "2026-02-01", "-0"])
        corrected = content.decode("utf-8-sig").replace(";ten", ";10").replace(";-0", ";5")
        again = self.load(corrected.encode())
        self.assertEqual(again.loaded, 2)
        found = self.env["account.move"].search([("company_id", "=", self.company.id), ("ref", "=", "B1")])
        self.assertEqual(found.partner_id.name, name)

    def test_what_breaks_while_writing_is_a_sentence(self):
        """An error that is no message for a person is not shown to one."""
        Moves = type(self.env["ar.dunning.loader.moves"])
        original = Moves._move_values

        def breaks(loader, company, document, *more):
            if document.number == "B2":
                raise KeyError("x_studio")
            return original(loader, company, document, *more)

        with patch.object(Moves, "_move_values", breaks):
            result = self.load((HEADER + "1;A;B1;2026-02-01;10\n1;A;B2;2026-02-01;10\n").encode())
        self.assertEqual(result.loaded, 1)
        self.assertEqual([row[:2] for row in result.bad], [(3, "It cannot be written; the server's log says why.")])

    def test_the_dialog_tells_what_a_file_is(self):
        """Choosing a workbook shows the sentence at once; what is no file at all, too."""
        for content in (base64.b64encode(b"PK\x03\x04..[Content_Types].xml"), b"abc"):
            wizard = self.env["ar.dunning.load"].create({"company_id": self.company.id})
            wizard.file = content
            warning = wizard._onchange_file()["warning"]["message"]
            self.assertRegex(warning, "workbook|no lines|not a text file")
            with self.assertRaises(UserError):
                wizard.action_check()

    def test_columns_of_a_file_with_control_characters_are_shown(self):
        """The dialog's columns hold no character that the database refuses."""
        form = Form(self.env["ar.dunning.load"].with_company(self.company))
        form.file = base64.b64encode(
            (HEADER.replace("name", "na\x00me") + "1;F\x00;B;2026-02-01;10\n").encode()
        ).decode()
        wizard = form.save()
        self.assertEqual(wizard.column_ids.mapped("name"), HEADER.strip().split(";"))

import base64
import csv
import io
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..wizards import load_file
from ..wizards.load_text import LoadError
from .common import DunningCommon

HEADER = "Customer no.;Customer;Document;Date;Due date;Currency;Open amount;Level reached;Last notice;Reminders sent\n"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "open_items.csv"
CENT = Decimal("0.01")  # amounts are rounded as their currency rounds, half up


@tagged("post_install", "-at_install")
class TestLoad(DunningCommon):
    """A file of open items becomes customers and posted invoices; every line is accounted for."""

    def load(self, text, header=HEADER, **options):
        result = self.env["ar.dunning.load"]._load(header + text, company=self.company, commit=False, **options)
        self.assertEqual(result.total, result.loaded + result.already + len(result.bad))
        return result

    def moves(self, *numbers):
        return self.env["account.move"].search([("company_id", "=", self.company.id), ("ref", "in", numbers)])

    def reasons(self, result):
        return {number: reason for number, reason, _cells in result.bad}

    def test_invoice_and_credit_note(self):
        result = self.load(
            "1001;Fjord AS;RE-2019-17;2026-01-02;2026-02-01;;1200.50;;;\n1001;Fjord AS;CN-4;2026-01-20;2026-01-20;;-200.25;;;\n"
        )
        self.assertEqual((result.loaded, result.customers, result.invoices, result.bad), (2, 1, 2, []))
        self.assertEqual(dict(result.amounts), {self.company.currency_id.name: Decimal("1000.25")})
        invoice, credit = self.moves("RE-2019-17"), self.moves("CN-4")
        self.assertEqual(invoice.name, "RE-2019-17", "the number its customer knows, whatever year stands in it")
        self.assertEqual(
            (invoice.move_type, invoice.state, invoice.amount_residual), ("out_invoice", "posted", 1200.50)
        )
        self.assertEqual((credit.move_type, credit.state, credit.amount_residual), ("out_refund", "posted", 200.25))
        self.assertEqual(invoice.invoice_date_due, date(2026, 2, 1))
        self.assertEqual(invoice.payment_reference, "RE-2019-17")
        self.assertTrue(invoice.is_move_sent)
        self.assertFalse(invoice.line_ids.tax_ids)
        self.assertEqual(invoice.journal_id.code, "OPEN")
        self.assertEqual(invoice.journal_id, credit.journal_id)
        self.assertEqual(sum(invoice.line_ids.mapped("balance")), 0)
        counterpart = invoice.line_ids.filtered(lambda line: line.display_type == "product")
        self.assertEqual(counterpart.account_id.account_type, "equity_unaffected")
        partner = invoice.partner_id
        self.assertEqual((partner.name, partner.ref, partner.is_company), ("Fjord AS", "1001", True))
        self.assertEqual(self.item(invoice).is_loaded, True)

    def test_second_load_finds_everything(self):
        lines = "1001;Fjord AS;A1;2026-01-02;2026-02-01;;100;;;\n1002;Hav AS;A1;2026-01-02;2026-02-01;;50;;;\n"
        self.load(lines)
        again = self.load(lines + "1001;Fjord AS;A2;2026-01-02;2026-02-01;;70;;;\n")
        self.assertEqual((again.already, again.loaded, again.customers), (2, 1, 0))
        self.assertEqual(len(self.moves("A1", "A2")), 3)
        self.assertEqual(self.moves("A2").partner_id.ref, "1001")

    def test_same_number_of_two_customers(self):
        self.load("1001;Fjord AS;A1;2026-01-02;2026-02-01;;100;;;\n1002;Hav AS;A1;2026-01-02;2026-02-01;;50;;;\n")
        self.assertEqual(set(self.moves("A1").mapped("name")), {"A1", "A1 (1002)"})
        self.assertEqual(set(self.moves("A1").mapped("payment_reference")), {"A1"})

    def test_bad_lines_come_back(self):
        result = self.load(
            ";Fjord AS;B1;2026-01-02;2026-02-01;;10;;;\n"
            "1001;Fjord AS;;2026-01-02;2026-02-01;;10;;;\n"
            "1001;Fjord AS;B3;2026-01-02;2026-02-30;;10;;;\n"
            "1001;Fjord AS;B4;2026-01-02;2026-02-01;;ten;;;\n"
            "1001;Fjord AS;B5;2026-01-02;2026-02-01;;0.00;;;\n"
            "1001;Fjord AS;B6;2026-01-02;2026-02-01;XYZ;10;;;\n"
            "1001;Fjord AS;B7;2026-01-02;2026-02-01;;10;9;;\n"
            "1001;Fjord AS;B8;2026-01-02;2026-02-01;;10;;;many\n"
            "1001;Fjord AS;B9;2026-01-02;2026-02-01;;10;;;1;too much\n"
            "1001;Fjord AS;GOOD;2026-01-02;2026-02-01;;10;;;\n"
            "1001;Fjord AS;GOOD;2026-01-02;2026-02-01;;10;;;\n"
        )
        self.assertEqual((result.loaded, len(result.bad)), (1, 10))
        reasons = self.reasons(result)
        self.assertEqual(sorted(reasons), [2, 3, 4, 5, 6, 7, 8, 9, 10, 12])
        self.assertIn("customer number is missing", reasons[2])
        self.assertIn("document number is missing", reasons[3])
        self.assertIn("'2026-02-30' is not a date", reasons[4])
        self.assertIn("'ten' is not an amount", reasons[5])
        self.assertIn("zero", reasons[6])
        self.assertIn("'XYZ' is not a currency", reasons[7])
        self.assertIn("'9' is not a level", reasons[8])
        self.assertIn("1 First reminder", reasons[8])
        self.assertIn("'many' is not a number of reminders", reasons[9])
        self.assertIn("11 cells", reasons[10])
        self.assertIn("line 11 already", reasons[12])
        rows = list(csv.reader(io.StringIO(result.bad_csv(["Line", "Reason"]).decode("utf-8-sig")), delimiter=";"))
        self.assertEqual(rows[0][:4], ["Line", "Reason", "Customer no.", "Customer"])
        self.assertEqual([row[0] for row in rows[1:]], [str(number) for number in sorted(reasons)])
        self.assertEqual(rows[4][2:9], ["1001", "Fjord AS", "B4", "2026-01-02", "2026-02-01", "", "ten"])

    def test_corrected_lines_load_later(self):
        result = self.load(
            "1001;Fjord AS;P1;2026-01-02;2026-02-01;;30;;;\n1001;Fjord AS;P1;2026-01-02;2026-03-99;;70;;;\n"
            "1002;Hav AS;P2;2026-01-02;2026-02-01;;5;;;\n"
        )
        self.assertEqual((result.loaded, sorted(self.reasons(result))), (1, [2, 3]))
        self.assertIn("Line 3 of the same document", self.reasons(result)[2])
        again = self.load(
            "1001;Fjord AS;P1;2026-01-02;2026-02-01;;30;;;\n1001;Fjord AS;P1;2026-01-02;2026-03-31;;70;;;\n"
            "1002;Hav AS;P2;2026-01-02;2026-02-01;;5;;;\n"
        )
        self.assertEqual((again.loaded, again.already, again.bad), (2, 1, []))
        invoice = self.moves("P1")
        terms = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term").sorted("date_maturity")
        self.assertEqual(
            [(line.date_maturity, line.amount_residual) for line in terms],
            [(date(2026, 2, 1), 30.0), (date(2026, 3, 31), 70.0)],
        )
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (100.0, 100.0))
        self.assertEqual(self.item(invoice).sorted("ordinal").mapped("due_date"), [date(2026, 2, 1), date(2026, 3, 31)])

    def test_untidy_but_accepted(self):
        result = self.load(
            "1001;Fjord AS;U1;2026-03-02;2026-02-01;;10.005;;;\n1001;FJORD A/S;U2;;2026-02-01;;10.50;;;\n"
            "1001;Fjord;U3;;2026-02-01;;10;;;\n"
        )
        self.assertEqual((result.loaded, result.customers, result.bad), (3, 1, []))
        self.assertEqual(self.moves("U1", "U2", "U3").partner_id.name, "Fjord AS")
        notes = dict(result.notes)
        self.assertEqual(len(result.notes), 3)
        self.assertIn("several names; 'Fjord AS' is used", notes[3])
        self.assertEqual(self.moves("U1").amount_total, 10.01)  # as the currency rounds it
        self.assertEqual(self.moves("U2").invoice_date, date(2026, 2, 1))
        self.assertTrue(any("due before the date" in note for _number, note in result.notes))
        self.assertTrue(any("10.005 was rounded" in note for _number, note in result.notes))

    def test_currency_needs_a_rate(self):
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "CLP")])
        currency.rate_ids.unlink()
        currency.active = False
        line = "1001;Fjord AS;F1;2026-01-02;2026-02-01;CLP;1000;;;\n"
        self.assertIn("no exchange rate for CLP", self.reasons(self.load(line))[2])
        self.env["res.currency.rate"].create({"currency_id": currency.id, "name": "2026-01-01", "rate": 4.0})
        self.assertEqual(self.load(line).loaded, 1)
        self.assertTrue(currency.active)
        invoice = self.moves("F1")
        self.assertEqual((invoice.currency_id, invoice.amount_residual), (currency, 1000.0))
        term = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual((term.amount_residual_currency, term.amount_residual), (1000.0, 250.0))

    def test_next_step_after_level_two(self):
        self.load(
            "1001;Fjord AS;L2;2026-01-02;2026-02-01;;100;2;2026-03-02;\n"
            "1002;Hav AS;L2;2026-01-02;2026-02-01;;100;second REMINDER;2026-03-02;2\n"
            "1003;Vik AS;L2;2026-01-02;2026-02-01;;100;;2026-03-02;2\n"
        )
        for invoice in self.moves("L2"):
            invoice.partner_id.email = "a@example.com"
            item = self.item(invoice)
            self.assertEqual((item.level_id.name, item.rank, item.reminder_count), ("Second reminder", 2, 2))
            self.assertEqual((item.last_date, item.deadline), (date(2026, 3, 2), date(2026, 3, 9)))
            self.assertEqual(invoice.ar_dunning_level_id.name, "Second reminder")
            self.assertEqual(item.customer_id.last_contact, date(2026, 3, 2))
            self.assertEqual(self.blockers(invoice, date(2026, 3, 11)), {"deadline_running"})
        notices = self.night(date(2026, 3, 12)).notice_ids
        self.assertEqual(notices.mapped("level_id.name"), ["Third reminder"])
        self.assertEqual(len(notices), 3)

    def test_long_overdue_starts_at_the_first_reminder(self):
        on = date(2026, 3, 2)
        self.load(f"1001;Fjord AS;OLD;2025-01-02;{on - timedelta(days=200)};;100;;;\n")
        self.moves("OLD").partner_id.email = "a@example.com"
        self.assertEqual(self.night(on).notice_ids.mapped("level_id.name"), ["First reminder"])

    def test_existing_customers(self):
        """A contact of this company or a shared one is used as it is; one of another company is not touched."""
        other = self.env["res.partner"].create(
            {"name": "Other", "ref": "7", "company_id": self.company_data_2()["company"].id}
        )
        shared = self.env["res.partner"].create({"name": "Shared", "ref": "8"})
        result = self.load("7;Seven;X7;;2026-02-01;;1;;;\n8;Eight;X8;;2026-02-01;;1;;;\n")
        self.assertEqual(result.customers, 1)
        self.assertEqual(self.moves("X8").partner_id, shared)
        self.assertEqual(shared.name, "Shared")
        self.assertNotEqual(self.moves("X7").partner_id, other)
        self.assertEqual(self.moves("X7").partner_id.company_id, self.company)

    def company_data_2(self):
        return self.setup_other_company(name="Second company")

    def test_what_odoo_refuses_is_one_bad_line(self):
        """One document that cannot be booked does not take its batch with it."""
        Moves = type(self.env["ar.dunning.loader.moves"])
        original = Moves._move_values

        def refuse(loader, company, document, partner, name, books):
            if document.number == "N3":
                raise UserError(loader.env._("The period is closed."))
            return original(loader, company, document, partner, name, books)

        with patch.object(Moves, "_move_values", refuse):
            result = self.load("".join(f"{n};Customer {n};N{n};;2026-02-01;;{n};;;\n" for n in range(1, 6)))
        self.assertEqual((result.loaded, result.customers, self.reasons(result)), (4, 4, {4: "The period is closed."}))
        self.assertEqual(sorted(self.moves("N1", "N2", "N3", "N4", "N5").mapped("amount_total")), [1.0, 2.0, 4.0, 5.0])
        self.assertFalse(self.env["res.partner"].search([("ref", "=", "3"), ("company_id", "=", self.company.id)]))

    def test_dry_run_leaves_nothing(self):
        before = self.env["res.partner"].search_count([])
        result = self.env["ar.dunning.load"]._load(
            HEADER + "1001;Fjord AS;D1;;2026-02-01;;10;;;\n;;;;;;;;;\n1;;D2;;;;10;;;\n",
            company=self.company,
            dry_run=True,
        )
        self.assertEqual((len(result.ready), len(result.bad), result.loaded), (1, 1, 0))
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        self.assertFalse(self.moves("D1"))

    def test_addresses_and_kinds(self):
        header = "customer_number,document,due_date,amount,kind,email,street,zip,city,country,language\n"
        self.load(
            "1,K1,2026-02-01,5,consumer,ola@example.com,Gata 2,0150,Oslo,NO,en_US\n2,K2,2026-02-01,5,public,,,,,,\n",
            header,
        )
        person, office = self.moves("K1").partner_id, self.moves("K2").partner_id
        self.assertEqual((person.is_company, person.email, person.street, person.zip, person.city, person.country_code),
                         (False, "ola@example.com", "Gata 2", "0150", "Oslo", "NO"))  # fmt: skip
        self.assertEqual(self.item(self.moves("K1")).customer_id.effective_audience, "consumer")
        self.assertEqual(self.item(self.moves("K2")).customer_id.effective_audience, "public")
        self.assertEqual(office.name, "2")

    def test_formats(self):
        header = "Kundenr\tKunde\tFakturanr\tForfallsdato\tRestbeløp\n"
        result = self.env["ar.dunning.load"]._load(
            (header + "1\tÅsane Bygg\tT1\t31.12.2025\t1 234,50\n").encode("cp1252"), company=self.company, commit=False
        )
        self.assertEqual(result.loaded, 1)
        self.assertEqual((self.moves("T1").amount_residual, self.moves("T1").partner_id.name), (1234.5, "Åsane Bygg"))
        ambiguous = "customer_number,document,due_date,amount\n1,T2,01/02/2026,5\n"
        with self.assertRaisesRegex(UserError, "Choose the date format"):
            self.load("", ambiguous)
        self.load("", ambiguous, date_format="mdy")
        self.assertEqual(self.moves("T2").invoice_date_due, date(2026, 1, 2))
        with self.assertRaisesRegex(UserError, "Choose the decimal sign"):
            self.load("", "customer_number;document;due_date;amount\n1;T3;2026-01-02;1.234\n")
        with self.assertRaisesRegex(UserError, "No column is chosen for: Due date, Open amount"):
            self.load("", "customer_number;document;x\n1;T3;2\n")
        mapped = self.load("", "a;b;c;d\n1;T4;2026-01-02;7\n", mapping={
            "customer_number": "a", "document": 1, "due_date": "c", "amount": "d"})  # fmt: skip
        self.assertEqual((mapped.loaded, self.moves("T4").amount_total), (1, 7.0))

    def test_amounts_in_many_hands(self):
        for text, decimal, value in (
            ("1'234.50", ".", "1234.50"), ("-5", ".", "-5"), ("5-", ".", "-5"), ("(5.10)", ".", "-5.10"),
            ("1\u00a0234,5", ",", "1234.5"), ("\u2212 7", ".", "-7"), ("12.345.678,90", ",", "12345678.90"),
        ):  # fmt: skip
            self.assertEqual(load_file.parse_amount(text, decimal), Decimal(value), text)
        for text, decimal in (
            ("1,23", "."),
            ("1.23.4", "."),
            ("", "."),
            ("-", "."),
            ("1,2,3", ","),
            ("NaN", "."),
            ("1e5", "."),
        ):
            with self.assertRaises(LoadError, msg=text):
                load_file.parse_amount(text, decimal)

    def test_wizard(self):
        form = Form(self.env["ar.dunning.load"].with_company(self.company))
        text = HEADER + "1001;Fjord AS;W1;;2026-02-01;;10;;;\n1001;Fjord AS;W2;;2026-02-01;;nothing;;;\n"
        form.file = base64.b64encode(text.encode()).decode()
        wizard = form.save()
        wizard.filename = "ledger.csv"
        self.assertEqual(
            [(column.name, column.target) for column in wizard.column_ids][:3],
            [("Customer no.", "customer_number"), ("Customer", "customer_name"), ("Document", "document")],
        )
        self.assertEqual(wizard.column_ids[0].sample, "1001")
        wizard.action_check()
        self.assertEqual((wizard.state, wizard.ready_count), ("checked", 1))
        self.assertIn("1001 Fjord AS", wizard.preview_html)
        self.assertFalse(self.moves("W1"))
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=1):
            wizard.action_load()
        self.assertEqual(self.moves("W1").amount_residual, 10.0)
        self.assertIn("1 invoices and credit notes over", wizard.result_html)
        self.assertEqual(wizard.bad_filename, "ledger-not loaded.csv")
        self.assertIn("3;'nothing' is not an amount.;1001;", base64.b64decode(wizard.bad_file).decode("utf-8-sig"))
        self.assertEqual(wizard.action_view_items()["res_model"], "ar.dunning.item")

    def test_only_managers(self):
        user = new_test_user(
            self.env,
            "clerk",
            groups="ar_dunning.group_dunning_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        wizard = self.env["ar.dunning.load"].create({"file": base64.b64encode(HEADER.encode())})
        with self.assertRaises(AccessError):
            wizard.with_user(user).action_load()

    def test_manager_without_contact_rights(self):
        user = new_test_user(
            self.env,
            "boss",
            groups="ar_dunning.group_dunning_manager",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        wizard = (
            self.env["ar.dunning.load"]
            .with_user(user)
            .with_company(self.company)
            .create({"file": base64.b64encode((HEADER + "1001;Fjord AS;M1;;2026-02-01;;10;;;\n").encode())})
        )
        for target, position in (("customer_number", 0), ("document", 2), ("due_date", 4), ("amount", 6)):
            wizard.column_ids = [(0, 0, {"position": position, "name": target, "target": target})]
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=1):
            wizard.action_load()
        self.assertEqual(self.moves("M1").amount_residual, 10.0)
        self.assertEqual(self.moves("M1").partner_id.name, "1001", "a column that is not chosen is not guessed")

    def test_real_ledger(self):
        """The first lines of a real, untidy ledger."""
        if not REAL.exists():
            raise SkipTest(f"{REAL.name} is not here")
        with REAL.open(encoding="utf-8") as file:
            lines = [next(file) for _number in range(301)]
        rows = list(csv.DictReader(lines))
        result = self.load("".join(lines[1:]), lines[0])
        self.assertEqual((result.loaded, result.bad), (300, []))
        self.assertEqual(result.customers, len({row["customer_number"] for row in rows}))
        usd = self.env.ref("base.USD")
        expected = sum(Decimal(row["open_amount"]).quantize(CENT, ROUND_HALF_UP) for row in rows)
        self.assertEqual(result.amounts[usd.name], expected)
        moves = self.moves(*(row["document"] for row in rows))
        self.assertEqual(round(Decimal(str(sum(moves.mapped("amount_residual")))), 2), expected)
        self.assertEqual(set(moves.mapped("name")), {row["document"] for row in rows})

from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .charge_common import ChargeCommon

BOOKED = date(2026, 3, 10)
LATER = date(2026, 3, 12)


@tagged("post_install", "-at_install")
class TestChargeDocuments(ChargeCommon):
    """What people do to a document that books charges: the charges follow, or it is refused in a sentence."""

    def setUp(self):
        super().setUp()
        self.source = self.invoice(1000.0)

    def booked(self, amount=31.40, invoice=None):
        charge = self.announced(self.item(invoice or self.source), "interest", amount)
        return charge, charge._book(BOOKED)

    def kinds(self):
        """Booked as an invoice, and as an entry."""
        for kind in ("invoice", "entry"):
            self.company.ar_dunning_charge_document = kind
            yield kind

    def price(self, document, amount):
        """Let the document ask for `amount`."""
        if document.is_invoice():
            document.invoice_line_ids.price_unit = amount
            return
        income = document._ar_dunning_charge_lines()
        document.line_ids = [
            Command.update(income.id, {"credit": amount}),
            Command.update((document.line_ids - income).id, {"debit": amount}),
        ]

    def test_a_changed_amount_is_not_posted_again(self):
        """31.40 reset to draft and made 500 is refused; put back, it is posted, on another day too."""
        for _kind in self.kinds():
            charge, document = self.booked()
            document.button_draft()
            self.price(document, 500.0)
            with self.assertRaisesRegex(UserError, r"books dunning charges of .*31\.40 .*must ask for just that"):
                document.action_post()
            self.assertEqual((document.state, charge.stage, charge.amount), ("draft", "booked", 31.40))
            self.price(document, 31.40)
            document.date = LATER
            document.action_post()
            self.assertEqual((document.state, charge.state), ("posted", "booked"))
            self.assertEqual(document._ar_dunning_terms().amount_residual, 31.40)

    def test_lines_more_or_fewer_are_not_posted(self):
        """A line added, a line deleted, another customer, another currency."""
        _charge, document = self.booked()
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 3.0)])
        changes = [
            {"invoice_line_ids": [Command.create({"name": "More", "price_unit": 1.0, "tax_ids": []})]},
            {"partner_id": self.partner_b.id},
            {"currency_id": euro.id},
            {"invoice_line_ids": [Command.update(document.invoice_line_ids.id, {"discount": 10.0})]},
            {
                "invoice_line_ids": [
                    Command.delete(document.invoice_line_ids.id),
                    Command.create({"name": "Not the charge's own", "price_unit": 31.40, "tax_ids": []}),
                ]
            },
        ]
        for change in changes:
            with (
                self.subTest(change=change),
                self.assertRaisesRegex(UserError, "must ask for just that"),
                self.env.cr.savepoint(),
            ):
                document.button_draft()
                document.write(change)
                document.action_post()
            self.env.invalidate_all()
            self.assertEqual((document.state, document.amount_total), ("posted", 31.40))

    def test_a_posted_line_is_not_changed_either(self):
        """Writing the price of a line in the books, as a call over the wire may."""
        charge, document = self.booked()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            document.invoice_line_ids.write({"price_unit": 500.0})
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((document.amount_total, charge.amount), (31.40, 31.40))

    def test_one_in_a_batch_stops_it_by_name(self):
        """Of two documents posted together the changed one is named, and neither is posted."""
        _one, first = self.booked(5.0)
        _two, second = self.booked(7.0, self.invoice(300.0))
        both = first | second
        both.button_draft()
        self.price(second, 70.0)
        with self.assertRaisesRegex(UserError, "7.00"), self.env.cr.savepoint():
            both.action_post()
        self.env.invalidate_all()
        self.assertEqual(set(both.mapped("state")), {"draft"})

    def test_a_cancelled_document_gives_its_charges_free_at_once(self):
        """Cancelled, one or many: the charges are announced again, without waiting for the night."""
        for _kind in self.kinds():
            one, first = self.booked(5.0)
            two, second = self.booked(7.0, self.invoice(300.0))
            (first | second).button_cancel()
            for charge in one | two:
                self.assertEqual(
                    (charge.state, charge.document_id.id, charge.reason),
                    ("announced", False, "Its document was cancelled."),
                )
            again = (one | two)._book(LATER)
            self.assertEqual(sum(again.mapped("amount_total_signed")), 12.0)
            (one | two)._reverse("Next kind")

    def test_a_credited_document_takes_its_charges_back_at_once(self):
        """By the reversal wizard, in full: reversed, with its credit note, without waiting for the night."""
        for _kind in self.kinds():
            charge, document = self.booked()
            wizard = (
                self.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=document.ids)
                .create({"date": LATER, "journal_id": document.journal_id.id})
            )
            credit = self.env["account.move"].browse(wizard.reverse_moves(is_modify=False)["res_id"])
            credit.filtered(lambda move: move.state == "draft").action_post()
            self.assertEqual((charge.state, charge.reversal_id), ("reversed", credit))
            self.assertEqual(charge.reason, "Its document was credited.")
            with self.assertRaisesRegex(UserError, "stays as it is"):
                credit.button_draft()

    def test_what_takes_charges_back_is_kept(self):
        """A credit note by which a charge was waived is neither reset, cancelled, reversed nor deleted."""
        for _kind in self.kinds():
            charge, document = self.booked()
            charge._waive("Goodwill", LATER)
            credit = charge.reversal_id
            for move in (credit, document):
                for act in (move.button_draft, move.button_cancel, move._reverse_moves, move.unlink):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        act()
                    self.env.invalidate_all()
            self.assertEqual((charge.state, credit.state, document.state), ("waived", "posted", "posted"))
            charge._reinstate("It was owed after all", LATER)
            self.assertEqual((charge.state, charge.document_id.state), ("booked", "posted"))
            charge._reverse("Next kind", LATER)

    def test_waiving_a_part_keeps_the_document(self):
        """Of two charges on one document one is waived: the document is not reset over it."""
        item = self.item(self.source)
        fee, interest = self.announced(item, "fee", 5.0), self.announced(item, "interest", 1.23)
        document = (fee | interest)._book(BOOKED)
        fee._waive("Goodwill", LATER)
        with self.assertRaisesRegex(UserError, "takes back what it books"):
            document.button_draft()
        self.assertEqual((fee.state, interest.state, document.amount_residual), ("waived", "booked", 1.23))


@tagged("post_install", "-at_install")
class TestInvoicesWithCharges(ChargeCommon):
    """What becomes of charges when the invoice on which they are claimed goes."""

    def test_a_cancelled_invoice_takes_its_charges_along(self):
        """Announced and booked ones are reversed, those of another invoice stay."""
        invoice, other = self.invoice(1000.0), self.invoice(500.0)
        announced = self.announced(self.item(invoice), "fee", 5.0)
        booked = self.announced(self.item(invoice), "interest", 1.23)
        document = booked._book(BOOKED)
        kept = self.announced(self.item(other), "fee", 5.0)
        invoice.button_draft()
        self.assertEqual((announced.state, booked.state), ("announced", "booked"), "they stand while it is corrected")
        invoice.button_cancel()
        for charge in announced | booked:
            self.assertEqual((charge.state, charge.reason), ("reversed", "Its invoice was cancelled."))
        self.assertEqual((document.amount_residual, booked.reversal_id.amount_total), (0.0, 1.23))
        self.assertEqual(kept.state, "announced")

    def test_a_corrected_invoice_keeps_its_charges(self):
        """Reset to draft, changed, posted again: the charges stand as they were claimed."""
        invoice = self.invoice(1000.0)
        charge = self.announced(self.item(invoice), "fee", 5.0)
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 900.0
        invoice.action_post()
        self.assertEqual((charge.state, charge.amount, charge.move_id), ("announced", 5.0, invoice))

    def test_for_a_credited_invoice_somebody_is_asked(self):
        """Credited in full: one to-do for whoever looks after the customer; in part: none."""
        half, whole = self.invoice(1000.0), self.invoice(500.0)
        self.announced(self.item(half), "fee", 5.0)
        charge = self.announced(self.item(whole), "fee", 5.0)
        customer = charge.customer_id
        customer.responsible_id = self.accountant
        self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner_a.id,
                "reversed_entry_id": half.id,
                "invoice_date": LATER,
                "invoice_line_ids": [Command.create({"name": "Part", "price_unit": 10.0, "tax_ids": []})],
            }
        ).action_post()
        self.assertFalse(customer.activity_ids)
        whole._reverse_moves([{"invoice_date": LATER, "date": LATER}], cancel=True)
        self.assertEqual(charge.state, "announced")
        todo = customer.activity_ids
        self.assertEqual(
            (todo.user_id, todo.summary), (self.accountant, f"{whole.name} was credited: what about its charges?")
        )
        self.assertIn(charge.name, todo.note)

    def test_an_invoice_with_charges_is_not_deleted(self):
        """The sentence says to cancel it instead."""
        invoice = self.invoice(1000.0)
        self.announced(self.item(invoice), "fee", 5.0)
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, "is claimed on it. Cancel the invoice instead"):
            invoice.with_context(force_delete=True).unlink()

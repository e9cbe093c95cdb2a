from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DEADLINE, REMINDED

from .charge_common import ChargeCommon

BOOKED = date(2026, 3, 10)


@tagged("post_install", "-at_install")
class TestChargeInvoice(ChargeCommon):
    """Charges booked as an invoice of their own."""

    def test_one_invoice_for_the_charges_of_a_notice(self):
        invoice, notice = self.reminded()
        item = self.item(invoice)
        fee = self.announced(item, "fee", 5.0, notice)
        interest = self.announced(item, "interest", 1.23, notice)
        document = (fee | interest)._book(BOOKED)
        self.assertEqual(
            self.ledger(document),
            [(self.receivable, 6.23, 0.0), (self.income, 0.0, 5.0), (self.income, 0.0, 1.23)],
        )
        self.assertEqual(
            (document.move_type, document.state, document.partner_id, document.ref, document.payment_state),
            ("out_invoice", "posted", self.partner_a, notice.name, "not_paid"),
        )
        self.assertEqual((document.invoice_date, document.invoice_date_due), (BOOKED, DEADLINE))
        self.assertFalse(document.line_ids.tax_ids, "Charges are outside VAT")
        self.assertEqual(
            document.invoice_line_ids.mapped("name"),
            [
                f"Reminder fee, {invoice.name}",
                f"Late-payment interest 03/03/2026 \N{EN DASH} 03/07/2026, {invoice.name}",
            ],
        )
        self.assertEqual(fee.document_id, document)
        self.assertEqual((fee | interest).mapped("state"), ["booked", "booked"])
        self.assertEqual(interest.document_line_id.credit, 1.23)
        self.assertEqual(document.ar_dunning_charge_ids, fee | interest)
        self.assertEqual(document.ar_dunning_charge_count, 2)
        self.assertEqual(invoice.ar_dunning_charge_count, 2)

    def test_paid_follows_from_the_document(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        document = charge._book(BOOKED)
        self.pay(document, 2.0, BOOKED)
        self.assertEqual((charge.state, document.amount_residual), ("booked", 3.0))
        self.pay(document, 3.0, BOOKED)
        self.assertEqual((charge.stage, charge.state), ("booked", "paid"))

    def test_nothing_is_mailed(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        before = self.env["mail.mail"].search_count([])
        document = charge._book(BOOKED)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertFalse(document.is_move_sent or document.sending_data)

    def test_its_journal_is_made_once_and_its_own(self):
        invoice, notice = self.reminded()
        item = self.item(invoice)
        first = self.announced(item, "fee", 5.0, notice)._book(BOOKED)
        second = self.announced(item, "interest", 1.0, notice)._book(BOOKED)
        journal = first.journal_id
        self.assertEqual(second.journal_id, journal)
        self.assertEqual(
            (journal.type, journal.code, journal.default_account_id, journal.company_id),
            ("sale", "LPC", self.income, self.company),
        )
        self.assertEqual(self.company.ar_dunning_charge_journal_id, journal)
        self.assertEqual(self.invoice(10.0).journal_id, self.company_data["default_journal_sale"])

    def test_a_taken_code_is_not_taken_again(self):
        self.env["account.journal"].create({"name": "Other", "code": "LPC", "type": "general"})
        self.assertEqual(self.company._dunning_charge_journal().code, "LPC1")

    def test_taxes_and_fiscal_position_are_those_of_the_product(self):
        Tax = self.env["account.tax"]
        full = Tax.create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        none = Tax.create(
            {
                "name": "0 % abroad",
                "amount": 0,
                "type_tax_use": "sale",
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(full.id)],
            }
        )
        self.env.ref("ar_dunning_charge.product_fee").taxes_id = full
        invoice, notice = self.reminded()
        item = self.item(invoice)
        fee = self.announced(item, "fee", 8.0, notice)
        interest = self.announced(item, "interest", 1.0, notice)
        document = (fee | interest)._book(BOOKED)
        tax_account = document.line_ids.filtered("tax_line_id")
        self.assertEqual((tax_account.tax_line_id, tax_account.credit), (full, 2.0))
        self.assertEqual((document.amount_untaxed, document.amount_tax, document.amount_total), (9.0, 2.0, 11.0))
        self.assertFalse(interest.document_line_id.tax_ids)
        self.partner_a.property_account_position_id = position
        other = self.invoice(500.0)
        abroad = self.announced(self.item(other), "fee", 8.0)._book(BOOKED)
        self.assertEqual(
            (abroad.fiscal_position_id, abroad.line_ids.tax_ids, abroad.amount_total), (position, none, 8.0)
        )

    def test_a_tax_of_the_account_does_not_come_in_by_the_back_door(self):
        self.income.tax_ids = self.tax_sale_a
        invoice, notice = self.reminded()
        document = self.announced(self.item(invoice), "fee", 5.0, notice)._book(BOOKED)
        self.assertEqual((document.amount_tax, document.amount_total), (0.0, 5.0))

    def test_the_product_names_the_account(self):
        account = self.income.copy({"code": "799001", "name": "Interest income"})
        self.env.ref("ar_dunning_charge.product_interest").with_company(
            self.company
        ).property_account_income_id = account
        invoice, notice = self.reminded()
        document = self.announced(self.item(invoice), "interest", 4.0, notice)._book(BOOKED)
        self.assertEqual(self.ledger(document), [(self.receivable, 4.0, 0.0), (account, 0.0, 4.0)])

    def test_it_goes_to_the_invoice_contact_in_its_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        contact = self.env["res.partner"].create(
            {
                "name": "Factures",
                "parent_id": self.partner_a.id,
                "type": "invoice",
                "lang": "fr_FR",
                "email": "factures@example.com",
            }
        )
        invoice, notice = self.reminded()
        document = self.announced(self.item(invoice), "interest", 4.0, notice)._book(BOOKED)
        self.assertEqual((document.partner_id, document.commercial_partner_id), (contact, self.partner_a))
        self.assertIn("03/03/2026 \N{EN DASH} 07/03/2026", document.invoice_line_ids.name)

    def test_one_document_per_notice_and_currency(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        first, notice = self.reminded()
        fees = self.announced(self.item(first), "fee", 5.0, notice)
        second = self.invoice(300.0, currency=euro)
        fees |= self.announced(self.item(second), "fee", 4.0, notice)
        third = self.invoice(200.0)
        fees |= self.announced(self.item(third), "fee", 3.0)
        documents = fees._book(BOOKED)
        self.assertEqual(documents.mapped("amount_total"), [5.0, 4.0, 3.0])
        self.assertEqual(documents[1].currency_id, euro)
        # Half a euro for a unit of ours: 4 euros are 8.
        self.assertEqual(self.ledger(documents[1]), [(self.receivable, 8.0, 0.0), (self.income, 0.0, 8.0)])
        self.assertEqual((documents[2].ref, documents[2].invoice_date_due), (third.name, BOOKED))

    def test_corrections_that_outweigh_become_a_credit_note(self):
        invoice, notice = self.reminded()
        item = self.item(invoice)
        charges = self.announced(item, "fee", 5.0, notice) | self.announced(item, "interest", -7.5, notice)
        document = charges._book(BOOKED)
        self.assertEqual((document.move_type, document.amount_total), ("out_refund", 2.5))
        self.assertEqual(
            self.ledger(document),
            [(self.receivable, 0.0, 2.5), (self.income, 0.0, 5.0), (self.income, 7.5, 0.0)],
        )

    def test_only_announced_charges_are_booked_and_only_once(self):
        invoice, notice = self.reminded()
        item = self.item(invoice)
        draft = self.claim(item, "fee", 5.0, notice)
        self.assertFalse(draft._book(BOOKED))
        draft.sudo()._update_stage(("draft",), "announced")
        self.assertEqual(len(draft._book(BOOKED)), 1)
        self.assertFalse(draft._book(BOOKED))

    # === Bad input === #

    def test_a_locked_day_is_told(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        self.company.fiscalyear_lock_date = date(2026, 3, 10)
        with self.assertRaisesRegex(UserError, "locked on 03/10/2026.*Choose a later day"):
            charge._book(BOOKED)
        self.assertEqual(charge._book(date(2026, 3, 11)).date, date(2026, 3, 11))

    def test_a_locked_sales_journal_is_told(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        self.company.sale_lock_date = date(2026, 3, 31)
        with self.assertRaisesRegex(UserError, "Sales Lock"):
            charge._book(BOOKED)

    def test_a_currency_without_rate_is_told(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        invoice = self.invoice(300.0, currency=euro)
        charge = self.announced(self.item(invoice), "fee", 4.0)
        euro.rate_ids.unlink()
        self.rate(euro, 0.5, date(2026, 3, 11))
        with self.assertRaisesRegex(UserError, "no rate of EUR on or before 03/10/2026"):
            charge._book(BOOKED)
        self.assertTrue(charge._book(date(2026, 3, 11)))

    def test_a_product_without_account_is_told(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        journal = self.company._dunning_charge_journal()
        journal.default_account_id = False
        self.company.income_account_id = False
        self.env["ir.default"].search([("field_id.name", "=", "property_account_income_categ_id")]).unlink()
        self.env.ref("ar_dunning_charge.product_fee").categ_id.with_company(
            self.company
        ).property_account_income_categ_id = False
        with self.assertRaisesRegex(UserError, "No income account is known for Reminder fee"):
            charge._book(BOOKED)

    def test_a_deleted_product_is_told(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        self.env.ref("ar_dunning_charge.product_fee").product_tmpl_id.unlink()
        with self.assertRaisesRegex(UserError, "product for 'Reminder fee' was deleted"):
            charge._book(BOOKED)

    def test_a_company_without_chart_is_told(self):
        bare = self.env["res.company"].create({"name": "Bare"})
        with self.assertRaisesRegex(UserError, "Bare has no chart of accounts"):
            bare._dunning_charge_journal()

    def test_the_journal_fits_the_document(self):
        general = self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "=", "general")], limit=1
        )
        with self.assertRaisesRegex(ValidationError, "must be of the type 'Sales'"):
            self.company.ar_dunning_charge_journal_id = general
        self.company.ar_dunning_charge_document = "entry"
        self.company.ar_dunning_charge_journal_id = general
        self.company.ar_dunning_charge_document = "invoice"
        self.assertFalse(self.company.ar_dunning_charge_journal_id)

    # === Rights === #

    def test_accountants_book_without_rights_on_charges(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        with self.assertRaises(AccessError):
            charge.with_user(self.accountant).write({"stage": "booked"})
        document = charge.with_user(self.accountant)._book(BOOKED)
        self.assertEqual((document.state, charge.state), ("posted", "booked"))

    def test_salespeople_and_customers_have_no_part_in_it(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        for user in (
            self.make_user("salesperson", "base.group_user"),
            self.make_user("customer", "base.group_portal"),
        ):
            foreign = charge.with_user(user)
            for act in (
                lambda foreign=foreign: foreign.read(["amount"]),
                lambda foreign=foreign: foreign._book(BOOKED),
                lambda foreign=foreign: foreign._waive("Please"),
                lambda foreign=foreign: foreign._reverse("Please"),
                lambda foreign=foreign: foreign._reinstate("Please"),
            ):
                with self.assertRaises(AccessError):
                    act()
        self.assertEqual(charge.state, "announced")


@tagged("post_install", "-at_install")
class TestChargeEntry(ChargeCommon):
    """Charges booked as an entry on the receivable."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ar_dunning_charge_document = "entry"

    def test_receivable_against_income(self):
        invoice, notice = self.reminded()
        item = self.item(invoice)
        charges = self.announced(item, "fee", 5.0, notice) | self.announced(item, "interest", 1.23, notice)
        document = charges._book(BOOKED)
        self.assertEqual((document.move_type, document.state, document.ref), ("entry", "posted", notice.name))
        self.assertEqual((document.journal_id.type, document.journal_id.code), ("general", "LPCE"))
        self.assertEqual(
            self.ledger(document),
            [(self.receivable, 6.23, 0.0), (self.income, 0.0, 5.0), (self.income, 0.0, 1.23)],
        )
        term = document.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual((term.partner_id, term.date_maturity), (self.partner_a, DEADLINE))
        self.assertEqual(charges.document_line_id.mapped("credit"), [5.0, 1.23])

    def test_paid_when_its_receivable_is_matched(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        document = charge._book(BOOKED)
        payment = self.unmatched_payment(5.0, BOOKED)
        self.assertEqual(charge.state, "booked")
        lines = (document.line_ids | payment.move_id.line_ids).filtered(lambda line: line.account_id == self.receivable)
        lines.reconcile()
        self.assertEqual(charge.state, "paid")
        lines.remove_move_reconcile()
        self.assertEqual(charge.state, "booked")

    def test_in_a_foreign_currency_at_the_rate_of_the_day(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5), ("2026-03-09", 0.8)])
        invoice = self.invoice(300.0, currency=euro)
        document = self.announced(self.item(invoice), "fee", 4.0)._book(BOOKED)
        term, income = document.line_ids.sorted("debit", reverse=True)
        self.assertEqual((term.amount_currency, term.currency_id, term.debit), (4.0, euro, 5.0))
        self.assertEqual((income.amount_currency, income.credit), (-4.0, 5.0))

    def test_a_taxed_product_asks_for_invoices(self):
        self.env.ref("ar_dunning_charge.product_fee").taxes_id = self.tax_sale_a
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        with self.assertRaisesRegex(UserError, "Reminder fee has taxes.*booked as invoices"):
            charge._book(BOOKED)

    def test_a_locked_day_is_told(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        self.company.hard_lock_date = date(2026, 3, 10)
        with self.assertRaisesRegex(UserError, "Hard Lock"):
            charge._book(BOOKED)


@tagged("post_install", "-at_install")
class TestChargesAreListed(ChargeCommon):
    """Booked charges stand beside the invoices: listed, never a ladder, never charged for."""

    def _listed(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 50.0, notice)
        document = charge._book(REMINDED)
        second = self.night(date(2026, 3, 25)).notice_ids
        lines = {line.move_id: line for line in second.line_ids}
        self.assertEqual(set(lines), {invoice, document})
        self.assertTrue(lines[invoice].is_demanded)
        self.assertFalse(lines[document].is_demanded or lines[document].is_step)
        self.assertEqual(lines[document].amount_due, 50.0)
        return invoice, document

    def test_an_invoice_of_charges_is_listed(self):
        invoice, document = self._listed()
        self.pay(invoice, 1000.0, date(2026, 3, 26))
        self.assertFalse(self.night(date(2026, 6, 1)).notice_ids.filtered(lambda notice: notice.state == "draft"))
        self.assertEqual(self.blockers(document, date(2026, 6, 1)), {"charge", "ladder_finished"})
        with freeze_time("2026-06-01"):
            text = self.item(document).plan_html
        self.assertIn("It books what was claimed beside invoices", text)
        self.assertNotIn("Every level has been taken", text)

    def test_an_entry_of_charges_is_listed(self):
        self.company.ar_dunning_charge_document = "entry"
        self._listed()

    def test_an_unpaid_fee_does_not_keep_courtesy_notes_back(self):
        invoice, notice = self.reminded()
        charge = self.announced(self.item(invoice), "fee", 50.0, notice)
        charge._book(REMINDED)
        self.pay(invoice, 1000.0, date(2026, 3, 8))
        later = self.invoice(700.0, due=date(2026, 5, 4))
        note = self.night(date(2026, 5, 1)).notice_ids
        self.assertEqual((note.kind, note.line_ids.move_id), ("note", later))


@tagged("post_install", "-at_install")
class TestChargeBranch(ChargeCommon):
    """A branch books in its root's journal."""

    def test_the_journal_is_the_roots(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.env.cr.precommit.run()  # gives the branch its parent's accounts
        invoice, notice = self.reminded(500.0, company=branch)
        charge = self.announced(self.item(invoice), "fee", 5.0, notice)
        document = charge._book(BOOKED)
        self.assertEqual((charge.company_id, document.company_id), (branch, branch))
        self.assertEqual(document.journal_id.company_id, self.company)
        self.assertEqual(self.company.ar_dunning_charge_journal_id, document.journal_id)
        self.assertEqual(self.ledger(document), [(self.receivable, 5.0, 0.0), (self.income, 0.0, 5.0)])
        self.company.fiscalyear_lock_date = date(2026, 3, 31)
        other = self.announced(self.item(invoice), "interest", 1.0, notice)
        with self.assertRaisesRegex(UserError, "books of Branch are locked"):
            other._book(BOOKED)

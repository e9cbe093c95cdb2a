from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.ar_dunning.tests.common import REMINDED

from .charge_common import ChargeCommon

PAID = date(2026, 3, 20)


class AllocateCommon(ChargeCommon):
    def setUp(self):
        super().setUp()
        self.bill, self.notice = self.reminded(1000.0)
        self.row = self.item(self.bill)
        self.customer = self.row.customer_id

    def wizard(self, **values):
        form = Form(self.env["ar.dunning.allocate.wizard"].with_context(default_customer_id=self.customer.id))
        form.date = PAID
        for name, value in values.items():
            form[name] = value
        return form.save()

    def split(self, wizard):
        return [(line.kind, line.amount_open, line.amount) for line in wizard.line_ids.sorted("sequence")]

    def partials(self, payment):
        """What the payment really settles: {(move, amount)}."""
        line = payment.move_id.line_ids.filtered(lambda line: line.account_id == self.receivable)
        return {(partial.debit_move_id.move_id, partial.amount) for partial in line.matched_debit_ids}


@tagged("post_install", "-at_install")
class TestAllocate(AllocateCommon):
    """A payment spread over costs, interest and principal."""

    def test_costs_then_interest_then_principal(self):
        fee = self.announced(self.row, "fee", 5.0, self.notice)
        lump = self.announced(self.row, "compensation", 40.0, self.notice)
        interest = self.announced(self.row, "interest", 12.34, self.notice)
        payment = self.unmatched_payment(500.0, PAID)
        wizard = self.wizard(order="costs_interest_principal")
        self.assertEqual(
            self.split(wizard),
            [
                ("costs", 40.0, 40.0),
                ("costs", 5.0, 5.0),
                ("interest", 12.34, 12.34),
                ("principal", 1000.0, 442.66),
            ],
        )
        self.assertEqual((wizard.amount, wizard.left), (500.0, 0.0))
        wizard.action_allocate()
        self.assertEqual((fee | lump | interest).mapped("state"), ["paid", "paid", "paid"])
        self.assertEqual(fee.document_id, lump.document_id)
        self.assertNotEqual(fee.document_id, interest.document_id)
        self.assertEqual(
            self.partials(payment),
            {(fee.document_id, 45.0), (interest.document_id, 12.34), (self.bill, 442.66)},
        )
        self.assertEqual(self.bill.amount_residual, 557.34)
        self.assertEqual(fee.document_id.date, PAID)

    def test_principal_first_where_no_law_says_otherwise(self):
        fee = self.announced(self.row, "fee", 5.0, self.notice)
        interest = self.announced(self.row, "interest", 12.34, self.notice)
        payment = self.unmatched_payment(1010.0, PAID)
        wizard = self.wizard()
        self.assertEqual((wizard.order, wizard.order_note), ("principal_first", False))
        self.assertEqual(
            self.split(wizard), [("principal", 1000.0, 1000.0), ("interest", 12.34, 10.0), ("costs", 5.0, 0.0)]
        )
        wizard.action_allocate()
        self.assertEqual(self.partials(payment), {(self.bill, 1000.0), (interest.document_id, 10.0)})
        self.assertEqual((interest.state, interest.document_id.amount_residual), ("booked", 2.34))
        # What the payment does not reach stays announced.
        self.assertEqual((fee.state, fee.document_id.id), ("announced", False))

    def test_the_law_of_the_debtor_proposes_the_order(self):
        germany = self.env.ref("base.de")
        self.partner_a.country_id = germany
        self.env["ar.dunning.regime"].search([("country_id", "=", germany.id)]).unlink()
        self.env["ar.dunning.regime"].create(
            {
                "name": "Germany",
                "country_id": germany.id,
                "audience": "business",
                "fixed_rate": 9.0,
                "allocation": "costs_interest_principal",
                "allocation_sources": "BGB § 367",
            }
        )
        self.unmatched_payment(500.0, PAID)
        wizard = self.wizard()
        self.assertEqual(wizard.order, "costs_interest_principal")
        self.assertIn("BGB § 367", wizard.order_note)

    def test_what_is_booked_already_is_settled_as_its_document(self):
        fee = self.announced(self.row, "fee", 5.0, self.notice)
        interest = self.announced(self.row, "interest", 12.34, self.notice)
        document = (fee | interest)._book(REMINDED)
        self.pay(document, 7.34, REMINDED)
        payment = self.unmatched_payment(100.0, PAID)
        self.env["ar.dunning.item"].sudo()._sync(self.company)  # the document is an item, too
        wizard = self.wizard(order="costs_interest_principal")
        self.assertEqual(self.split(wizard), [("costs", 10.0, 10.0), ("principal", 1000.0, 90.0)])
        wizard.action_allocate()
        self.assertEqual(self.partials(payment), {(document, 10.0), (self.bill, 90.0)})
        self.assertEqual(fee.state, "paid")

    def test_oldest_principal_first_and_what_is_left_stays_a_credit(self):
        older = self.invoice(100.0, due=date(2026, 2, 20))
        self.item(older)
        payment = self.unmatched_payment(1150.0, PAID)
        wizard = self.wizard()
        self.assertEqual(self.split(wizard), [("principal", 100.0, 100.0), ("principal", 1000.0, 1000.0)])
        self.assertEqual(wizard.left, 50.0)
        wizard.action_allocate()
        self.assertEqual(self.partials(payment), {(older, 100.0), (self.bill, 1000.0)})
        line = payment.move_id.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual(line.amount_residual, -50.0)

    def test_a_disputed_row_is_left_out(self):
        fee = self.announced(self.row, "fee", 5.0, self.notice)
        payment = self.unmatched_payment(100.0, PAID)
        form = Form(self.env["ar.dunning.allocate.wizard"].with_context(default_customer_id=self.customer.id))
        form.order = "costs_interest_principal"
        with form.line_ids.edit(0) as line:
            line.is_chosen = False
        wizard = form.save()
        self.assertEqual(self.split(wizard), [("costs", 5.0, 0.0), ("principal", 1000.0, 100.0)])
        wizard.action_allocate()
        self.assertEqual((fee.state, self.partials(payment)), ("announced", {(self.bill, 100.0)}))

    def test_taxes_count_into_what_is_open(self):
        tax = self.env["account.tax"].create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})
        self.env.ref("ar_dunning_charge.product_fee").taxes_id = tax
        fee = self.announced(self.row, "fee", 8.0, self.notice)
        payment = self.unmatched_payment(12.0, PAID)
        wizard = self.wizard(order="costs_interest_principal")
        self.assertEqual(self.split(wizard), [("costs", 10.0, 10.0), ("principal", 1000.0, 2.0)])
        wizard.action_allocate()
        self.assertEqual(self.partials(payment), {(fee.document_id, 10.0), (self.bill, 2.0)})

    def test_only_what_is_owed_in_the_currency_of_the_payment(self):
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.5)])
        foreign = self.invoice(300.0, currency=euro)
        charge = self.announced(self.item(foreign), "interest", 4.0)
        payment = self.unmatched_payment(104.0, PAID, currency=euro)
        wizard = self.wizard(order="interest_principal")
        self.assertEqual(self.split(wizard), [("interest", 4.0, 4.0), ("principal", 300.0, 100.0)])
        wizard.action_allocate()
        line = payment.move_id.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual(
            {(part.debit_move_id.move_id, part.debit_amount_currency) for part in line.matched_debit_ids},
            {(charge.document_id, 4.0), (foreign, 100.0)},
        )
        self.assertEqual((charge.state, foreign.amount_residual), ("paid", 200.0))

    def test_entries_are_settled_like_invoices(self):
        self.company.ar_dunning_charge_document = "entry"
        fee = self.announced(self.row, "fee", 5.0, self.notice)
        payment = self.unmatched_payment(100.0, PAID)
        self.wizard(order="costs_interest_principal").action_allocate()
        self.assertEqual(self.partials(payment), {(fee.document_id, 5.0), (self.bill, 95.0)})
        self.assertEqual(fee.state, "paid")

    def test_a_locked_day_settles_nothing(self):
        self.announced(self.row, "fee", 5.0, self.notice)
        payment = self.unmatched_payment(100.0, PAID)
        self.company.sale_lock_date = date(2026, 3, 31)
        wizard = self.wizard(order="costs_interest_principal")
        with self.assertRaisesRegex(UserError, "locked on 03/20/2026"):
            wizard.action_allocate()
        self.assertFalse(self.partials(payment))

    def test_an_accountant_may(self):
        fee = self.announced(self.row, "fee", 5.0, self.notice)
        payment = self.unmatched_payment(100.0, PAID)
        Wizard = self.env["ar.dunning.allocate.wizard"].with_user(self.accountant)
        form = Form(Wizard.with_context(default_customer_id=self.customer.id))
        form.order = "costs_interest_principal"
        form.save().action_allocate()
        self.assertEqual(self.partials(payment), {(fee.document_id, 5.0), (self.bill, 95.0)})


@tagged("post_install", "-at_install")
class TestChargeScreens(AllocateCommon):
    """Wizards and forms around charges."""

    def decide(self, charges, decision, user=None):
        action = getattr(charges, f"action_{decision}")()
        Wizard = self.env[action["res_model"]].with_user(user or self.manager).with_context(**action["context"])
        form = Form(Wizard)
        form.reason = "Because"
        return form.save()

    def test_many_at_once_with_one_reason(self):
        charges = self.announced(self.row, "fee", 5.0, self.notice) | self.announced(self.row, "interest", 1.5)
        wizard = self.decide(charges, "waive")
        self.assertRegex(wizard.total, "6.50")
        wizard.action_apply()
        self.assertEqual(charges.mapped("state"), ["waived", "waived"])
        self.decide(charges, "reinstate").action_apply()
        self.assertEqual(charges.mapped("state"), ["announced", "announced"])
        self.decide(charges, "reverse").action_apply()
        self.assertEqual(charges.mapped("state"), ["reversed", "reversed"])
        self.assertEqual(charges.mapped("reason"), ["Because", "Because"])

    def test_reversing_by_hand_is_for_managers(self):
        charge = self.announced(self.row, "fee", 5.0, self.notice)
        with self.assertRaisesRegex(AccessError, "Only a dunning manager reverses"):
            self.decide(charge, "reverse", self.accountant).action_apply()
        self.assertEqual(charge.state, "announced")

    def test_book_by_hand(self):
        charge = self.announced(self.row, "fee", 5.0, self.notice)
        action = charge.with_user(self.accountant).action_book()
        form = Form(self.env[action["res_model"]].with_user(self.accountant).with_context(**action["context"]))
        form.date = PAID
        shown = form.save().action_book()
        self.assertEqual((charge.document_id.id, charge.document_id.date), (shown["res_id"], PAID))
        with self.assertRaisesRegex(UserError, "Only announced charges can be booked"):
            charge.action_book()

    def test_settings(self):
        form = Form(self.env["res.config.settings"])
        form.ar_dunning_charge_document = "entry"
        form.save().execute()
        self.assertEqual(self.company.ar_dunning_charge_document, "entry")
        journal = self.company._dunning_charge_journal()
        form = Form(self.env["res.config.settings"])
        self.assertEqual(form.ar_dunning_charge_journal_id, journal)
        form.ar_dunning_charge_document = "invoice"
        form.ar_dunning_charge_journal_id = self.company_data["default_journal_sale"]
        form.save().execute()
        self.assertEqual(self.company.ar_dunning_charge_journal_id, self.company_data["default_journal_sale"])

    def test_customer_and_invoice_lead_to_the_charges(self):
        charge = self.announced(self.row, "fee", 5.0, self.notice)
        self.assertEqual(self.customer.charge_count, 1)
        Charge = self.env["ar.dunning.charge"]
        self.assertEqual(Charge.search(self.customer.action_view_charges()["domain"]), charge)
        self.assertEqual(Charge.search(self.bill.action_view_ar_dunning_charges()["domain"]), charge)
        self.assertEqual(self.customer.action_allocate()["context"], {"default_customer_id": self.customer.id})

    def test_merged_customers_keep_their_charges(self):
        other = self.invoice(50.0, partner=self.partner_b)
        charge = self.announced(self.item(other), "fee", 5.0)
        (self.partner_a | self.partner_b).email = "same@example.com"
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge((self.partner_a | self.partner_b).ids, self.partner_a)
        self.assertEqual(charge.customer_id, self.customer)

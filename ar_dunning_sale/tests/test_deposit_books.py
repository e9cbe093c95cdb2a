from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestDepositBooks(DepositCommon):
    """Each entry line by line, as the accountant who has the rights and no others."""

    def setUp(self):
        super().setUp()
        self.mine = self.deposit().with_user(self.controller)

    def test_received(self):
        day = self.today - timedelta(days=3)
        payment = self.unmatched_payment(400.0, day)
        credit = payment.move_id.line_ids.filtered(lambda line: line.account_id == self.receivable)
        move = self.receive(self.mine, payment)
        self.assertEqual(
            self.rows(move),
            [
                (self.receivable, self.partner_a, 400.0, 400.0),
                (self.liability, self.partner_a, -400.0, -400.0),
            ],
        )
        self.assertEqual((move.state, move.date, move.journal_id.type), ("posted", day, "general"))
        self.assertIn(self.mine.reference, move.ref)
        self.assertTrue(credit.reconciled)
        self.assertEqual(credit.matched_debit_ids.debit_move_id.move_id, move)
        self.assertEqual(
            (self.mine.payment_id, self.mine.paid_on, self.mine.account_id), (payment, day, self.liability)
        )
        self.assert_books(400.0)

    def test_part_of_a_receipt(self):
        payment = self.transfer(1000.0)
        self.receive(self.mine, payment)
        credit = payment.move_id.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual(credit.amount_residual, -600.0)
        second = self.deposit(name="Keys", amount=50.0).with_user(self.controller)
        self.receive(second, payment)
        self.assertEqual(credit.amount_residual, -550.0)
        self.assert_books(450.0)

    def test_two_receipts(self):
        first, second = self.unmatched_payment(150.0, self.today - timedelta(days=5)), self.transfer(300.0)
        wizard = self.wizard(self.mine, "receipt")
        for line in wizard.line_ids:
            line.amount = 150.0 if line.move_line_id.payment_id == first else 250.0
        self.assertEqual((wizard.total, wizard.date), (400.0, self.today))
        wizard.action_receive()
        self.assertEqual(
            [row[2:] for row in self.rows(self.mine.receipt_move_id)],
            [(250.0, 250.0), (150.0, 150.0), (-400.0, -400.0)],
        )
        lines = (first | second).move_id.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual(sum(lines.mapped("amount_residual")), -50.0)
        self.assertFalse(self.mine.payment_id)

    def test_too_little_is_refused(self):
        payment = self.transfer(399.0)
        with self.assertRaisesRegex(UserError, "400.00.*399.00"):
            self.receive(self.mine, payment)
        with self.assertRaisesRegex(UserError, "399.00 is open.*400.00 cannot be taken"):
            self.receive(self.mine, payment, amount=400.0)
        self.assertEqual((self.mine.state, self.mine.entry_count, self.balance()), ("requested", 0, 0.0))

    def test_what_is_no_receipt(self):
        """Credit notes, another customer's payment, another currency, and what is matched are not offered."""
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.transfer(400.0, partner=self.partner_b)
        self.transfer(400.0, currency=euro)
        self.pay(self.invoice(400.0, self.today), 400.0, self.today)
        self.invoice(400.0, self.today, move_type="out_refund")
        self.assertFalse(self.wizard(self.mine, "receipt").line_ids)
        other = self.transfer(400.0, partner=self.partner_b)
        line = other.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        with self.assertRaisesRegex(UserError, "no open receipt of this customer"):
            self.mine._receive({line.with_user(self.controller): 400.0})

    def test_bank_line_on_the_receivable(self):
        """A bank line that was matched with the receivable account is a receipt, too."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": self.today,
                "amount": 400.0,
                "partner_id": self.partner_a.id,
                "payment_ref": f"Deposit {self.mine.reference}",
                "counterpart_account_id": self.receivable.id,
            }
        )
        self.transfer(700.0)
        wizard = self.wizard(self.mine, "receipt")
        self.assertEqual(
            [(row.move_line_id.statement_line_id, row.amount) for row in wizard.line_ids],
            [(line, 400.0), (line.browse(), 0.0)],
        )
        wizard.action_receive()
        self.assert_books(400.0)

    def test_proposals(self):
        """Named payment, then text, then the only one of this amount; otherwise nothing is filled in."""

        def filled(deposit):
            return {row.move_line_id.payment_id: row.amount for row in self.wizard(deposit, "receipt").line_ids}

        plain, other = self.transfer(400.0), self.transfer(900.0)
        self.assertEqual(filled(self.mine), {plain: 400.0, other: 0.0})
        twin = self.transfer(400.0)
        self.assertEqual(filled(self.mine), {plain: 0.0, other: 0.0, twin: 0.0})
        named = self.transfer(450.0, f"thanks, {self.mine.reference}")
        self.assertEqual(filled(self.mine), {plain: 0.0, other: 0.0, twin: 0.0, named: 400.0})
        self.mine.payment_id = other
        named.memo = ""
        self.assertEqual(filled(self.mine), {plain: 0.0, other: 400.0, twin: 0.0, named: 0.0})

    def test_once(self):
        payment = self.transfer(1000.0)
        first, second = self.wizard(self.mine, "receipt"), self.wizard(self.mine, "receipt")
        for wizard in first, second:
            wizard.line_ids.filtered(lambda line: line.move_line_id.payment_id == payment).amount = 400.0
        first.action_receive()
        with self.assertRaisesRegex(UserError, "has come in already"):
            second.action_receive()
        self.assert_books(400.0)

    def test_locked_day(self):
        payment = self.unmatched_payment(400.0, self.today - timedelta(days=20))
        self.company.sudo().fiscalyear_lock_date = self.today - timedelta(days=10)
        with self.assertRaisesRegex(UserError, "locked on .*Choose a later day"):
            self.receive(self.mine, payment)
        self.assertEqual(self.mine.state, "requested")
        move = self.receive(self.mine, payment, date=self.today - timedelta(days=9))
        self.assertEqual(move.date, self.today - timedelta(days=9))
        self.company.sudo().fiscalyear_lock_date = self.today - timedelta(days=1)
        invoice = self.invoice(400.0, self.today, invoice_date=self.today)
        with self.assertRaisesRegex(UserError, "locked on .*Choose a later day"):
            self.apply(self.mine, {invoice: 400.0}, date=self.today - timedelta(days=1))
        with self.assertRaisesRegex(UserError, "locked on .*Choose a later day"):
            self.give_back(self.mine, date=self.today - timedelta(days=1))
        with self.assertRaisesRegex(UserError, "locked on .*Choose a later day"):
            self.undo(self.mine.receipt_move_id, date=self.today - timedelta(days=1))
        self.undo(self.mine.receipt_move_id, date=self.today)
        self.assert_books(0.0)

    def test_given_back(self):
        self.receive(self.mine)
        invoice = self.invoice(1000.0, self.today)
        payment = self.give_back(self.mine)
        outstanding = payment.outstanding_account_id
        self.assertEqual(
            self.rows(payment.move_id),
            [(outstanding, self.partner_a, -400.0, -400.0), (self.liability, self.partner_a, 400.0, 400.0)],
        )
        self.assertEqual((payment.payment_type, payment.partner_type), ("outbound", "customer"))
        self.assertNotIn(self.receivable, payment.move_id.line_ids.account_id)
        self.assertEqual(
            (self.mine.state, self.mine.amount_returned, self.mine.amount_applied), ("released", 400.0, 0.0)
        )
        self.assertEqual(invoice.amount_residual, 1000.0)
        self.assertTrue(
            self.mine.receipt_move_id.line_ids.filtered(lambda line: line.account_id == self.liability).reconciled
        )
        self.assert_books(0.0)

    def test_given_back_in_parts_and_never_too_much(self):
        self.receive(self.mine)
        self.give_back(self.mine, 150.0)
        self.assertEqual((self.mine.state, self.mine.amount_left, self.mine.amount_returned), ("paid", 250.0, 150.0))
        self.assert_books(250.0)
        with self.assertRaisesRegex(UserError, "250.00 is held.*250.01 is not possible"):
            self.give_back(self.mine, 250.01)
        with self.assertRaisesRegex(UserError, "choose no earlier day"):
            self.give_back(self.mine, date=self.today - timedelta(days=1))
        self.give_back(self.mine)
        self.assertEqual((self.mine.state, self.mine.amount_returned), ("released", 400.0))
        self.assert_books(0.0)

    def test_counterpart_of_the_return_stays(self):
        """Whoever changes the journal of a return that was reset does not send it to the receivable."""
        self.receive(self.mine)
        payment = self.give_back(self.mine)
        payment.action_draft()
        cash = self.company_data["default_journal_cash"]
        cash.outbound_payment_method_line_ids.payment_account_id = payment.outstanding_account_id
        payment.journal_id = cash
        self.assertEqual(payment.destination_account_id, self.liability)
        payment.action_post()
        self.assertIn(self.liability, payment.move_id.line_ids.account_id)
        self.assertNotIn(self.receivable, payment.move_id.line_ids.account_id)
        self.assertEqual(self.mine.state, "released")
        self.assert_books(0.0)

    def test_applied_to_a_larger_invoice(self):
        self.receive(self.mine)
        invoice = self.invoice(1000.0, self.today)
        move = self.apply(self.mine, {invoice: 400.0})
        self.assertEqual(
            self.rows(move),
            [(self.liability, self.partner_a, 400.0, 400.0), (self.receivable, self.partner_a, -400.0, -400.0)],
        )
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (600.0, "partial"))
        self.assertEqual((self.mine.state, self.mine.amount_applied, self.mine.move_id), ("applied", 400.0, invoice))
        self.assertFalse(self.mine.activity_ids)
        self.assert_books(0.0)

    def test_applied_to_smaller_invoices_and_the_rest_given_back(self):
        self.receive(self.mine)
        first, second = self.invoice(100.0, self.today), self.invoice(120.0, self.today)
        wizard = self.wizard(self.mine, "apply")
        self.assertEqual(
            [(row.invoice, row.amount) for row in wizard.line_ids], [(first.name, 100.0), (second.name, 120.0)]
        )
        self.assertEqual(wizard.rest, 180.0)
        wizard.action_apply()
        move = self.mine.entry_ids - self.mine.receipt_move_id
        self.assertEqual(
            self.rows(move),
            [
                (self.liability, self.partner_a, 220.0, 220.0),
                (self.receivable, self.partner_a, -100.0, -100.0),
                (self.receivable, self.partner_a, -120.0, -120.0),
            ],
        )
        self.assertEqual((first.amount_residual, second.amount_residual), (0.0, 0.0))
        self.assertEqual((self.mine.state, self.mine.amount, self.mine.amount_left), ("paid", 400.0, 180.0))
        self.assertIn("180.00", self.mine.activity_ids.summary)
        self.assert_books(180.0)
        self.give_back(self.mine)
        self.assertEqual(
            (self.mine.state, self.mine.amount_returned, self.mine.amount_applied), ("released", 180.0, 220.0)
        )
        self.assert_books(0.0)

    def test_apply_refuses(self):
        self.receive(self.mine)
        invoice = self.invoice(100.0, self.today)
        self.invoice(900.0, self.today)
        foreign = self.invoice(100.0, self.today, partner=self.partner_b)
        with self.assertRaisesRegex(UserError, "100.00 is open; .* pay \\D*100.01"):
            self.apply(self.mine, {invoice: 100.01})
        with self.assertRaisesRegex(UserError, "Say how much of which invoice"):
            self.apply(self.mine, {})
        line = foreign.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        with self.assertRaisesRegex(UserError, "no open invoice of this customer"):
            self.mine._apply({line.with_user(self.controller): 1.0}, self.today)
        requested = self.deposit().with_user(self.controller)
        with self.assertRaisesRegex(UserError, "Not possible in this status"):
            self.apply(requested, {invoice: 1.0})

    def test_sum_of_deposits_is_the_balance(self):
        """Several customers, parts given back and applied, one undone: the list adds up to the account."""
        one, two, three = (
            self.deposit(name=name, amount=amount).with_user(self.controller)
            for name, amount in (("A", 100.0), ("B", 250.5), ("C", 33.33))
        )
        other = self.deposit(customer_id=self.dunning_customer(self.partner_b).id, amount=77.0).with_user(
            self.controller
        )
        for deposit in one, two, three:
            self.receive(deposit)
        self.receive(other, self.transfer(77.0, partner=self.partner_b))
        self.assert_books(460.83)
        self.give_back(one, 40.0)
        self.apply(two, {self.invoice(50.5, self.today): 50.5})
        self.undo(three.receipt_move_id)
        self.assert_books(337.0)
        self.assertEqual([d.amount_left for d in (one, two, three, other)], [60.0, 200.0, 0.0, 77.0])

    def test_branch(self):
        """A branch holds deposits in its own entries, on the account and in the journal of its root."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.controller.company_ids |= branch
        self.env.cr.precommit.run()  # gives the branch its parent's accounts
        deposit = self.deposit(
            company_id=branch.id, customer_id=self.dunning_customer(self.partner_a, branch).id
        ).with_user(self.controller)
        deposit = deposit.with_context(allowed_company_ids=(branch | self.company).ids)
        payment = self.unmatched_payment(400.0, self.today)
        move = self.receive(deposit, payment)
        self.assertEqual((move.company_id, move.journal_id.company_id), (branch, self.company))
        self.assertEqual(
            self.rows(move),
            [
                (self.receivable, self.partner_a, 400.0, 400.0),
                (self.liability, self.partner_a, -400.0, -400.0),
            ],
        )
        self.assertFalse(deposit.payment_id)
        invoice = self.invoice(100.0, self.today)
        applied = self.apply(deposit, {invoice: 100.0})
        self.assertEqual((applied.company_id, invoice.payment_state, deposit.amount_left), (branch, "paid", 300.0))
        self.assertFalse(deposit.move_id)
        returned = self.give_back(deposit)
        self.assertEqual((returned.company_id, returned.destination_account_id), (branch, self.liability))
        self.assertEqual((deposit.state, deposit.amount_left_company), ("released", 0.0))

    def test_settings(self):
        """A liability that keeps open items; a general journal; and where to choose them if none is known."""
        self.assertTrue(self.liability.reconcile)
        with self.assertRaisesRegex(ValidationError, "are a liability"), self.cr.savepoint():
            self.company.ar_dunning_deposit_account_id = self.receivable
        with self.assertRaisesRegex(ValidationError, "of the type"), self.cr.savepoint():
            self.company.ar_dunning_deposit_journal_id = self.company_data["default_journal_bank"]
        self.company.ar_dunning_deposit_account_id = False
        with self.assertRaisesRegex(UserError, "Settings > Orders and Deposits > Security Deposits"):
            self.receive(self.mine)
        self.assertFalse(self.wizard(self.mine, "receipt").account_id)
        self.company.ar_dunning_deposit_account_id = self.liability
        journal = self.env["account.journal"].create(
            {"name": "Deposits", "code": "DEP", "type": "general", "company_id": self.company.id}
        )
        self.company.ar_dunning_deposit_journal_id = journal
        self.assertEqual(self.receive(self.mine).journal_id, journal)
        with self.assertRaisesRegex(UserError, "reconciliation stays allowed"):
            self.liability.reconcile = False

    def test_another_account_is_chosen_while_some_are_held(self):
        """What is held stays where it was booked; only new ones go to the new account."""
        self.receive(self.mine)
        former, self.liability = self.liability, self.liability.copy({"code": "251901"})
        self.company.ar_dunning_deposit_account_id = self.liability
        second = self.deposit(amount=30.0).with_user(self.controller)
        self.receive(second)
        self.assertEqual((self.balance(former), self.balance()), (400.0, 30.0))
        self.assertEqual(self.give_back(self.mine).destination_account_id, former)
        self.assertEqual((self.mine.state, self.balance(former)), ("released", 0.0))
        self.assert_books(30.0)

    def test_chart_knows_the_account(self):
        """Where the chart has an account for deposits received, it is taken, and kept."""
        self.company.ar_dunning_deposit_account_id = False
        chart_account = self.liability.copy({"name": "Erhaltene Kautionen", "code": "1732"})
        self.env["ir.model.data"].create(
            {
                "module": "account",
                "name": f"{self.company.id}_account_1732",
                "model": "account.account",
                "res_id": chart_account.id,
            }
        )
        self.company.chart_template = "de_skr03"
        self.assertEqual(self.company._dunning_deposit_account(look=True), chart_account)
        self.assertFalse(self.company.ar_dunning_deposit_account_id)
        self.receive(self.mine)
        self.assertEqual(self.mine.account_id, chart_account)
        self.assertEqual((self.company.ar_dunning_deposit_account_id, chart_account.reconcile), (chart_account, True))

    def test_form(self):
        """The dialog as the accountant fills it in."""
        self.transfer(1000.0)
        action = self.mine.action_receive()
        model = self.mine.env[action["res_model"]].with_context(**action["context"])
        with Form(model) as form:
            with form.line_ids.edit(0) as line:
                line.amount = 400.0
            self.assertEqual((form.total, form.date, form.account_id), (400.0, self.today, self.liability))
        form.record.action_receive()
        self.assertEqual(self.mine.state, "paid")
        entries = self.mine.action_view_entries()
        self.assertEqual(self.mine.env["account.move.line"].search_count(entries["domain"]), 2)
        self.assertEqual(
            self.mine.env[entries["res_model"]].search(entries["domain"]).move_id, self.mine.receipt_move_id
        )
        self.assertEqual(fields.Date.to_date(self.mine.paid_on), self.today)

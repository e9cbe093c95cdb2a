from datetime import timedelta

from odoo.tests import tagged

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestDepositCurrency(DepositCommon):
    """A company in USD holds yen: received at 100 to the dollar, at 125 when it is applied or given back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.today - timedelta(days=60)
        cls.yen = cls.setup_other_currency(
            "JPY", rates=[("2016-01-01", 100.0), (str(cls.today - timedelta(days=10)), 125.0)], rounding=1.0
        )

    def setUp(self):
        super().setUp()
        self.assertEqual(self.company.currency_id.name, "USD")
        self.mine = self.deposit(amount=40000, currency_id=self.yen.id).with_user(self.controller)

    def exchange(self, before):
        """Entries of exchange differences made since: `[(account type, balance)]` sorted."""
        moves = self.env["account.move"].search([("journal_id", "=", self.company.currency_exchange_journal_id.id)])
        lines = (moves - before).filtered(lambda move: move.state == "posted").line_ids
        return sorted((line.account_id.account_type, line.balance) for line in lines)

    def exchange_moves(self):
        return self.env["account.move"].search([("journal_id", "=", self.company.currency_exchange_journal_id.id)])

    def test_received_at_the_rate_of_the_receipt(self):
        """No exchange difference, even if it is booked when the rate is another."""
        before = self.exchange_moves()
        payment = self.unmatched_payment(40000, self.first, currency=self.yen)
        move = self.receive(self.mine, payment, date=self.today)
        self.assertEqual(
            self.rows(move),
            [
                (self.receivable, self.partner_a, 40000.0, 400.0),
                (self.liability, self.partner_a, -40000.0, -400.0),
            ],
        )
        self.assertEqual((move.date, move.line_ids.currency_id), (self.today, self.yen))
        self.assertEqual(self.exchange(before), [])
        self.assertTrue(
            all(payment.move_id.line_ids.filtered(lambda line: line.account_id == self.receivable).mapped("reconciled"))
        )
        self.assertEqual((self.mine.amount_left, self.mine.amount_left_company), (40000.0, 400.0))
        self.assert_books(400.0)

    def test_part_of_a_receipt(self):
        """A third of an amount that does not divide: nothing but the deposit leaves the receivable."""
        before = self.exchange_moves()
        payment = self.unmatched_payment(100001, self.first, currency=self.yen)
        credit = payment.move_id.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual(credit.balance, -1000.01)
        odd = self.deposit(amount=33333, currency_id=self.yen.id).with_user(self.controller)
        self.assertEqual(self.rows(self.receive(odd, payment))[0][2:], (33333.0, 333.33))
        self.assertEqual((credit.amount_residual_currency, credit.amount_residual), (-66668.0, -666.68))
        self.receive(self.mine, payment)
        self.assertEqual((credit.amount_residual_currency, credit.amount_residual), (-26668.0, -266.68))
        self.assertEqual(self.exchange(before), [])
        self.assert_books(733.33)

    def test_two_receipts_of_two_rates(self):
        before = self.exchange_moves()
        self.unmatched_payment(15000, self.first, currency=self.yen)
        self.unmatched_payment(25000, self.today, currency=self.yen)
        wizard = self.wizard(self.mine, "receipt")
        for line in wizard.line_ids:
            line.amount = line.open_amount
        wizard.action_receive()
        self.assertEqual(
            [row[2:] for row in self.rows(self.mine.receipt_move_id)],
            [(25000.0, 200.0), (15000.0, 150.0), (-40000.0, -350.0)],
        )
        self.assertEqual(self.exchange(before), [])
        self.assert_books(350.0)

    def test_given_back_at_another_rate(self):
        """40,000 yen came in as 400.00 and go out as 320.00: the gain is 80.00, and nothing stays on the account."""
        self.receive(self.mine, self.unmatched_payment(40000, self.first, currency=self.yen))
        before = self.exchange_moves()
        payment = self.give_back(self.mine)
        self.assertEqual(self.rows(payment.move_id)[1], (self.liability, self.partner_a, 40000.0, 320.0))
        self.assertEqual(
            self.exchange(before),
            sorted(
                [("liability_current", 80.0), (self.company.income_currency_exchange_account_id.account_type, -80.0)]
            ),
        )
        self.assertEqual(
            (self.mine.state, self.mine.amount_left, self.mine.amount_left_company), ("released", 0.0, 0.0)
        )
        self.assert_books(0.0)

    def test_return_in_parts_and_taken_back(self):
        self.receive(self.mine, self.unmatched_payment(40000, self.first, currency=self.yen))
        payment = self.give_back(self.mine, 10000)
        self.assertEqual((self.mine.amount_left, self.mine.amount_left_company), (30000.0, 300.0))
        self.assert_books(300.0)
        payment.action_draft()
        self.assertEqual((self.mine.amount_left, self.mine.amount_left_company), (40000.0, 400.0))
        self.assert_books(400.0)
        payment.action_post()
        self.give_back(self.mine)
        self.assertEqual(self.mine.state, "released")
        self.assert_books(0.0)

    def test_applied_at_the_rate_of_the_receipt(self):
        """The liability leaves as it came; the difference is the invoice's, which was booked at another rate."""
        self.receive(self.mine, self.unmatched_payment(40000, self.first, currency=self.yen))
        invoice = self.invoice(30000, self.today, currency=self.yen, invoice_date=self.today)
        self.assertEqual(invoice.amount_residual_signed, 240.0)
        before = self.exchange_moves()
        move = self.apply(self.mine, {invoice: 30000})
        self.assertEqual(
            self.rows(move),
            [
                (self.liability, self.partner_a, 30000.0, 300.0),
                (self.receivable, self.partner_a, -30000.0, -300.0),
            ],
        )
        self.assertEqual(
            self.exchange(before),
            sorted(
                [("asset_receivable", 60.0), (self.company.income_currency_exchange_account_id.account_type, -60.0)]
            ),
        )
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0.0, "paid"))
        self.assertEqual((self.mine.amount_left, self.mine.amount_left_company), (10000.0, 100.0))
        self.assert_books(100.0)
        self.undo(move)
        self.assertEqual((invoice.amount_residual, self.mine.amount_left_company), (30000.0, 400.0))
        self.assert_books(400.0)

    def test_thirds(self):
        """Parts that do not divide evenly leave nothing behind."""
        odd = self.deposit(amount=10001, currency_id=self.yen.id).with_user(self.controller)
        self.receive(odd, self.unmatched_payment(10001, self.today, currency=self.yen))
        self.assertEqual(odd.amount_left_company, 80.01)
        invoices = [self.invoice(3333, self.today, currency=self.yen, invoice_date=self.today) for _n in range(3)]
        for invoice in invoices[:2]:
            self.apply(odd, {invoice: 3333})
        self.apply(odd, {invoices[2]: 3333})
        self.assertEqual((odd.amount_left, odd.amount_left_company), (2.0, self.balance()))
        self.give_back(odd)
        self.assertEqual((odd.state, odd.amount_left_company), ("released", 0.0))
        self.assert_books(0.0)

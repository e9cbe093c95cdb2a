from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common import DUE
from .incoming_common import IncomingCommon

FIRST = DUE + timedelta(days=5)
OLD = DUE - timedelta(days=14)


@tagged("post_install", "-at_install")
class TestIncoming(IncomingCommon):
    """Money on its way pays what it names, then what is claimed, and last what is disputed, paused or excluded."""

    def test_a_payment_that_names_b_is_not_used_up_by_a(self):
        a, b = self.invoice(due=OLD), self.invoice(due=DUE)
        a.ar_dunning_excluded = True
        self.receive(1000.0, memo=f"Your invoice {b.name}")
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (0, 1000))
        self.assertEqual(self.blockers(b, FIRST), {"money_coming"})
        self.assertFalse(self.night(FIRST).notice_ids)

    def test_without_a_name_what_is_claimed_comes_before_what_is_paused(self):
        a, b = self.invoice(due=OLD), self.invoice(due=DUE)
        self.pause(a)
        self.receive(1000.0)
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (0, 1000))
        self.assertFalse(self.night(FIRST).notice_ids)

    def test_blocked_and_frozen_debts_come_last_too(self):
        a, b = self.invoice(due=OLD), self.invoice(due=DUE)
        a.action_toggle_block_payment()
        self.receive(1000.0)
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (0, 1000))
        a.action_toggle_block_payment()
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (1000, 0))
        b.button_draft()
        b.invoice_date = OLD + timedelta(days=1)
        b.action_post()
        self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": self.item(a).customer_id.id,
                "date_start": DUE,
                "date_end": DUE + timedelta(days=60),
                "reason": "Moratorium",
                "freeze_before": OLD,
            }
        )
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (0, 1000))

    def test_an_amount_that_fits_one_invoice_means_it(self):
        a, b = self.invoice(400.0, OLD), self.invoice(650.0)
        self.receive(650.0)
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (0, 650))

    def test_a_payment_linked_with_an_invoice_means_it(self):
        a, b = self.invoice(400.0, OLD), self.invoice(650.0)
        self.receive(300.0).invoice_ids = b
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (0, 300))

    def test_a_structured_reference_written_in_groups_is_read(self):
        a, b = self.invoice(400.0, OLD), self.invoice(650.0)
        b.payment_reference = "RF18539007547034"
        self.receive(300.0, memo="Payment RF18 5390 0754 7034 March")
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (0, 300))

    def test_a_credit_note_pays_the_invoice_that_it_reverses(self):
        a, b = self.invoice(400.0, OLD), self.invoice(650.0)
        note = self.credit_note(300.0, reversed_entry_id=b.id)
        note.line_ids.filtered(lambda line: line.account_type == "asset_receivable").remove_move_reconcile()
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (0, 300))

    # === Paid back === #

    def test_what_was_paid_back_is_demanded_again(self):
        """5,000 in, 5,000 out, 10,000 due: all of it is asked for."""
        invoice = self.invoice(10000.0)
        self.receive(5000.0, OLD)
        self.assertEqual(self.demanded(invoice, FIRST), 5000)
        self.receive(5000.0, OLD + timedelta(days=2), paid_back=True)
        self.assertEqual(self.demanded(invoice, FIRST), 10000)
        self.assertEqual(self.night(FIRST).notice_ids.amount_total, 10000.0)

    def test_money_that_came_and_went_stops_no_reminder(self):
        """500 in, 500 out, 400 due; through the bank alone as well."""
        invoice = self.invoice(400.0)
        self.receive(500.0)
        self.assertEqual(self.blockers(invoice, FIRST), {"money_coming"})
        self.receive(500.0, paid_back=True)
        self.assertEqual(self.demanded(invoice, FIRST), 400)
        self.bank_line(700.0, "transfer", DUE, self.partner_a)
        self.assertEqual(self.blockers(invoice, FIRST), {"money_coming"})
        self.bank_line(-700.0, "paid back", DUE, self.partner_a)
        self.assertEqual(self.demanded(invoice, FIRST), 400)

    def test_a_returned_payment_brings_the_debt_back(self):
        """The bank returned a payment that is matched with the invoice; it was booked as a payment to the customer."""
        invoice = self.invoice(1000.0)
        self.pay(invoice, 1000.0, DUE)
        self.assertFalse(self.night(FIRST).notice_ids)
        returned = self.receive(1000.0, FIRST, paid_back=True, memo="Returned direct debit")
        later = FIRST + timedelta(days=5)
        notice = self.night(later).notice_ids
        self.assertEqual((notice.amount_total, notice.line_ids.move_id), (1000.0, returned.move_id))
        notice._cancel("test")
        lines = (invoice | returned.move_id).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.remove_move_reconcile()
        payment = self.env["account.payment"].search([("payment_type", "=", "inbound")], order="id desc", limit=1)
        (lines | payment.move_id.line_ids).filtered(
            lambda line: line.account_type == "asset_receivable" and line.move_id != invoice
        ).reconcile()
        self.assertEqual(self.night(later).notice_ids.line_ids.move_id, invoice, "matched as it should be")

    # === Whose money === #

    def test_money_of_a_contact_below_the_customer_counts(self):
        invoice = self.invoice(500.0)
        contact = self.env["res.partner"].create({"name": "Ola", "parent_id": self.partner_a.id, "type": "contact"})
        payment = self.receive(300.0, partner=contact)
        line = payment.move_id.line_ids.filtered(lambda item: item.account_type == "asset_receivable")
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move_line SET partner_id = %s WHERE id = %s", [contact.id, line.id])
        self.env.invalidate_all()
        self.assertEqual(self.demanded(invoice, FIRST), 200)
        self.entry(-50.0, DUE, contact)
        self.assertEqual(self.demanded(invoice, FIRST), 150)

    def test_a_debt_booked_on_a_contact_is_the_customers(self):
        contact = self.env["res.partner"].create({"name": "Ola", "parent_id": self.partner_a.id, "type": "contact"})
        entry = self.entry(500.0, DUE, contact)
        self.assertEqual(self.item(entry).customer_id.partner_id, self.partner_a)
        self.receive(200.0)
        self.assertEqual(self.demanded(entry, FIRST), 300)

    def test_a_payment_and_its_bank_line_are_one_money(self):
        a, b = self.invoice(500.0, OLD), self.invoice(700.0)
        self.receive(500.0)
        self.bank_line(500.0, "transfer", DUE, self.partner_a)
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (500, 0))
        self.bank_line(500.0, "another", DUE, self.partner_a)
        self.assertEqual((self.covered(a, FIRST), self.covered(b, FIRST)), (500, 500))

    def test_a_matched_payment_and_its_bank_line_are_one_money(self):
        """The payment has paid A, its line on the statement waits for a match: B is still owed. The next line pays B."""
        a, b = self.invoice(500.0, OLD), self.invoice(500.0)
        self.pay(a, 500.0, DUE)
        self.assertEqual(a.amount_residual, 0.0)
        self.bank_line(500.0, "transfer", DUE + timedelta(days=2), self.partner_a)
        self.assertEqual((self.covered(b, FIRST), self.demanded(b, FIRST)), (0, 500))
        self.bank_line(500.0, "another", DUE + timedelta(days=2), self.partner_a)
        self.assertEqual(self.blockers(b, FIRST), {"money_coming"})

    def test_one_bank_line_brings_two_payments(self):
        """300 for A and 500 for B are entered; the bank brings 800 for both in one line: C is still owed."""
        a, b, c = self.invoice(300.0, OLD), self.invoice(700.0, OLD), self.invoice(800.0)
        self.pay(a, 300.0, DUE)
        self.pay(b, 500.0, DUE)
        line = self.bank_line(800.0, f"{a.name} {b.name}", FIRST)
        self.assertEqual((self.demanded(b, FIRST), self.demanded(c, FIRST)), (200, 800), "quoted, whoever sent it")
        line.payment_ref = "transfer"
        line.partner_id = self.partner_a
        self.assertEqual((self.demanded(b, FIRST), self.demanded(c, FIRST)), (200, 800), "his, without a word")
        line.partner_id = False
        self.assertEqual(self.blockers(c, FIRST), {"money_coming"}, "of nobody, without a word: it may be for C")

    def test_one_bank_line_brings_two_payments_that_nobody_matched(self):
        """Announced to the books, quoted in one line; a line of another sum is other money."""
        a, b, c = self.invoice(300.0, OLD), self.invoice(700.0, OLD), self.invoice(850.0)
        self.receive(300.0, memo=a.name)
        self.receive(500.0, memo=b.name)
        line = self.bank_line(800.0, f"{a.name}, {b.name}", DUE, self.partner_a)
        self.assertEqual([self.covered(move, FIRST) for move in (a, b, c)], [300, 500, 0])
        line.amount = 850.0
        self.assertEqual([self.covered(move, FIRST) for move in (a, b, c)], [300, 700, 650])

    def test_a_bank_line_that_quotes_a_paid_invoice_is_its_payment(self):
        """Whoever sent it; paid in part, too."""
        a, b = self.invoice(500.0, OLD), self.invoice(500.0)
        self.pay(a, 500.0, DUE)
        self.bank_line(500.0, f"Invoice {a.name}", FIRST)
        self.assertEqual(self.demanded(b, FIRST), 500)
        c = self.invoice(900.0)
        self.pay(c, 300.0, DUE)
        self.bank_line(300.0, f"Invoice {c.name}", FIRST, self.partner_a)
        self.assertEqual((self.demanded(b, FIRST), self.demanded(c, FIRST)), (500, 600))

    def test_a_bank_line_for_another_invoice_is_other_money(self):
        """It quotes B, or comes a month after the payment of A: somebody who pays the same every month."""
        a, b = self.invoice(500.0, OLD), self.invoice(500.0)
        self.pay(a, 500.0, DUE - timedelta(days=15))
        line = self.bank_line(500.0, "monthly", DUE, self.partner_a)
        self.assertEqual(self.blockers(b, FIRST), {"money_coming"})
        line.date = DUE - timedelta(days=1)
        self.assertEqual(self.demanded(b, FIRST), 500)
        line.payment_ref = b.name
        self.assertEqual(self.blockers(b, FIRST), {"money_coming"})

    def test_a_payment_matched_in_part_and_its_bank_line_are_one_money(self):
        a, b = self.invoice(300.0, OLD), self.invoice(700.0)
        payment = self.receive(500.0)
        lines = (payment.move_id | a).line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.reconcile()
        self.bank_line(500.0, "transfer", DUE, self.partner_a)
        self.assertEqual(self.demanded(b, FIRST), 500)

    # === Other currencies, drafts === #

    def test_foreign_credit_holds_what_it_could_cover_net_of_debts_in_its_currency(self):
        """20 EUR of credit, or 30 beside 10 of debt: 200 of 1,000 are held, the rest is asked for, and the notice says so."""
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.1)])
        invoice = self.invoice(1000.0)
        first = self.receive(20.0, currency=euro)
        self.assertEqual(self.demanded(invoice, FIRST), 800)
        first.action_draft()
        first.unlink()
        self.invoice(10.0, OLD, currency=euro)
        self.receive(30.0, currency=euro)
        self.assertEqual(self.demanded(invoice, FIRST), 800)
        notice = self.night(FIRST).notice_ids
        line = notice.line_ids
        self.assertEqual((line.amount_residual, line.amount_held, line.amount_due), (1000.0, 200.0, 800.0))
        self.assertEqual(notice.amount_total, 800.0)
        self.assertIn("credit in another currency", notice.warning)
        self.assertIn("200.00", notice.warning)
        self.assertIn("800.00", notice.text)
        self.assertIn("200.00", self.env["ar.dunning.print"]._mail_contents(notice)[notice.id]["body"])
        self.send(notice, FIRST)
        self.assertEqual((notice.state, line.amount_due), ("sent", 800.0))

    def test_the_rest_of_a_partly_held_item_may_be_too_small(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.1)])
        invoice = self.invoice(205.0)
        self.receive(20.0, currency=euro)
        self.assertEqual(self.blockers(invoice, FIRST), {"small_balance"})

    def test_a_draft_credit_note_holds_its_amount_for_sixty_days(self):
        invoice = self.invoice(50000.0)
        note = self.credit_note(1.0, FIRST - timedelta(days=60), post=False)
        self.assertEqual(self.demanded(invoice, FIRST), 49999)
        self.assertEqual(self.demanded(invoice, FIRST + timedelta(days=1)), 50000)
        note.unlink()
        self.credit_note(50000.0, DUE, post=False)
        self.assertEqual(self.blockers(invoice, FIRST), {"draft_credit_note"})
        self.assertIn("Held", self.env["ar.dunning.ledger"]._explain_step(
            self.facts(invoice, FIRST).step, FIRST, self.company.currency_id.id))  # fmt: skip

    def test_a_draft_credit_note_holds_the_invoice_that_it_reverses(self):
        a, b = self.invoice(400.0, OLD), self.invoice(650.0)
        self.credit_note(300.0, post=False, reversed_entry_id=b.id)
        self.assertEqual((self.demanded(a, FIRST), self.demanded(b, FIRST)), (400, 350))

    # === Tolerance === #

    def test_small_amounts_that_add_up_are_reminded(self):
        """Twenty invoices of 9 with a tolerance of 10."""
        for _number in range(20):
            self.invoice(9.0)
        notice = self.night(FIRST).notice_ids
        self.assertEqual((len(notice.line_ids.filtered("is_demanded")), notice.amount_total), (20, 180.0))

    def test_small_amounts_that_are_small_together_wait(self):
        invoices = [self.invoice(3.0), self.invoice(6.99)]
        self.assertEqual([self.blockers(invoice, FIRST) for invoice in invoices], [{"small_balance"}] * 2)
        paused = self.invoice(9.0)
        self.pause(paused)
        self.assertEqual(self.blockers(invoices[0], FIRST), {"small_balance"}, "what is held adds nothing")
        self.invoice(0.01)
        self.assertEqual([self.blockers(invoice, FIRST) for invoice in invoices], [set()] * 2)


@tagged("post_install", "-at_install")
class TestIncomingDiscount(IncomingCommon):
    """An early-payment discount taken in time leaves nothing to remind of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = cls.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days, net 30",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "company_id": cls.company.id,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 29})],
            }
        )

    def discounted(self, amount=10000.0):
        invoice = self.invoice(amount, DUE, invoice_payment_term_id=self.terms.id)
        line = invoice._ar_dunning_terms()
        self.assertEqual(
            (line.date_maturity, line.discount_date, line.discount_amount_currency),
            (DUE, OLD - timedelta(days=5), amount * 0.98),
        )
        return invoice

    def test_paid_in_time_less_the_discount(self):
        invoice = self.discounted()
        payment = self.receive(9800.0, OLD - timedelta(days=7))
        self.assertEqual(self.blockers(invoice, FIRST), {"money_coming"})
        self.assertFalse(self.night(FIRST).notice_ids)
        payment.action_draft()
        payment.date = OLD - timedelta(days=4)
        payment.action_post()
        self.assertEqual(self.demanded(invoice, FIRST), 200, "a day too late")

    def test_in_two_parts_one_of_them_matched(self):
        invoice = self.discounted()
        self.pay(invoice, 5000.0, OLD - timedelta(days=8))
        self.receive(4800.0, OLD - timedelta(days=7))
        self.assertEqual(invoice.amount_residual, 5000.0)
        self.assertFalse(self.night(FIRST).notice_ids)

    def test_matched_without_the_discount_booked(self):
        invoice = self.discounted()
        self.pay(invoice, 9800.0, OLD - timedelta(days=8))
        if invoice.amount_residual:
            self.assertEqual(invoice.amount_residual, 200.0)
        self.assertFalse(self.night(FIRST).notice_ids)

    def test_a_bank_line_from_nobody_knows_whom(self):
        invoice = self.discounted()
        late = self.bank_line(9800.0, "no reference at all", OLD - timedelta(days=4))
        self.assertEqual(self.demanded(invoice, FIRST), 10000)
        late.move_id.button_draft()
        self.bank_line(9800.0, "no reference at all", OLD - timedelta(days=7))
        self.assertEqual(self.blockers(invoice, FIRST), {"money_coming"})

    def test_the_note_inside_the_discount_time_says_both_amounts(self):
        self.policy.level_ids.filtered(lambda level: level.days == -3).days = -25
        self.discounted()
        notice = self.night(DUE - timedelta(days=25)).notice_ids
        self.assertEqual(notice.kind, "note")
        line = notice.line_ids
        self.assertEqual((line.amount_due, line.amount_discounted), (10000.0, 9800.0))
        self.assertEqual(line.discount_until, OLD - timedelta(days=5))
        body = self.env["ar.dunning.print"]._mail_contents(notice)[notice.id]["body"]
        self.assertIn("10,000.00", body)
        self.assertIn("02/11/2026: 9,800.00", body)


@tagged("post_install", "-at_install")
class TestIncomingPayer(IncomingCommon):
    """Who pays for a customer: what he names is paid; what he does not name holds all his debtors for review."""

    def setUp(self):
        super().setUp()
        self.holding = self.env["res.partner"].create({"name": "Holding", "is_company": True})
        self.other = self.env["res.partner"].create({"name": "Other", "is_company": True, "email": "o@example.com"})
        self.mine, self.theirs = self.invoice(1000.0), self.invoice(600.0, partner=self.other)
        for invoice in (self.mine, self.theirs):
            self.item(invoice).customer_id.payer_id = self.holding

    def test_named(self):
        self.receive(1000.0, memo=f"Subsid {self.mine.name}", partner=self.holding)
        self.assertEqual(self.blockers(self.mine, FIRST), {"money_coming"})
        self.assertEqual(self.demanded(self.theirs, FIRST), 600, "used up by what it names")

    def test_unnamed_holds_all(self):
        self.receive(700.0, partner=self.holding)
        self.assertEqual((self.covered(self.mine, FIRST), self.covered(self.theirs, FIRST)), (0, 0))
        self.assertEqual(self.demanded(self.mine, FIRST), 300)
        self.assertEqual(self.blockers(self.theirs, FIRST), {"payer_credit"})

    def test_his_own_debts_come_first(self):
        own = self.invoice(650.0, partner=self.holding)
        self.receive(700.0, partner=self.holding)
        self.assertEqual(self.covered(own, FIRST), 650)
        self.assertEqual((self.demanded(self.mine, FIRST), self.demanded(self.theirs, FIRST)), (950, 550))

    def test_a_bank_line_of_his_with_the_number(self):
        self.bank_line(1000.0, f"INV {self.mine.name}", DUE, self.holding)
        self.assertEqual(self.blockers(self.mine, FIRST), {"money_coming"})
        self.assertEqual(self.demanded(self.theirs, FIRST), 600)

import random
from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon

DAYS = 20
EXACT = (
    *("score", "grade", "history_count", "days_late_mean", "days_late_weighted", "days_late_recent", "days_late_trend"),
    *("days_late_worst", "on_time_share", "broken_promises", "returned_payments", "score_overdue", "overdue_days"),
    *("customer_months", "credit_status", "credit_reasons", "credit_used", "credit_available"),
)
FORECAST = ("expected_date", "expected_from", "expected_to")


@tagged("post_install", "-at_install")
class TestRefreshEqual(DunningCommon):
    """Refreshing whom something has happened to, night after night, tells the same as refreshing everybody.

    Random ledgers, with everything that a score or a status rests on: each night is compared with what reading all of
    it anew gives, which is then taken back.
    """

    def setUp(self):
        super().setUp()
        self.partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}", "is_company": True, "email": f"c{n}@example.com"} for n in range(6)]
        )
        self.company.sudo().write({"ar_dunning_count_drafts": True, "ar_dunning_overdue_days": 5})
        self.customers = self.env["ar.dunning.customer"]._of_partners(self.partners, self.company, create=True)
        self.invoices, self.payments, self.journal = [], [], self.company_data["default_journal_bank"]
        for partner in self.partners[:3]:  # a past, so that the clock has something to take away
            for age in (1090, 720, 180, 90):
                self.paid(partner, age, self.random.randrange(-5, 40))

    def paid(self, partner, age, late):
        due = DUE - timedelta(days=age)
        invoice = self.invoice(self.random.choice((400.0, 1000.0)), due=due, partner=partner, invoice_date=due)
        self.pay(invoice, invoice.amount_total, due + timedelta(days=late))

    # === What happens on a day === #

    def do_invoice(self, on):
        due = on + timedelta(days=self.random.randrange(-20, 25))
        self.invoices.append(self.invoice(self.random.choice((300.0, 900.0)), due=due, partner=self.who()))

    def do_draft(self, on):
        line = Command.create({"name": "Work", "price_unit": 150.0, "tax_ids": []})
        values = {"move_type": self.random.choice(("out_invoice", "out_refund")), "partner_id": self.who().id}
        self.env["account.move"].create({**values, "invoice_line_ids": [line]})

    def do_pay(self, on):
        invoice = self.open_invoice()
        if invoice:
            share = self.random.choice((0.5, 1.0))
            self.payments.append(self.pay(invoice, invoice.amount_residual * share, on))

    def do_unmatched(self, on):
        self.payments.append(self.unmatched_payment(self.random.choice((100.0, 300.0)), on, self.who()))

    def do_undo(self, on):
        if self.payments:
            self.payments.pop(self.random.randrange(len(self.payments))).action_cancel()

    def do_bank_line(self, on):
        invoice = self.open_invoice()
        named = self.random.random() < 0.5 and invoice
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.journal.id,
                "date": on,
                "amount": self.random.choice((120.0, 300.0)),
                "payment_ref": f"for {invoice.name} thanks" if named else "money",
                "partner_id": False if named and self.random.random() < 0.5 else self.who().id,
            }
        )

    def do_due_date(self, on):
        invoice = self.open_invoice()
        if invoice:
            term = invoice._ar_dunning_terms()
            term.date_maturity = on + timedelta(days=self.random.randrange(1, 9))

    def do_block(self, on):
        invoice = self.open_invoice()
        if invoice:
            invoice.payment_state = "blocked" if invoice.payment_state != "blocked" else "not_paid"

    def do_limit(self, on):
        customer = self.some()
        if self.random.random() < 0.5:
            customer.partner_id.with_company(self.company).credit_limit = self.random.choice((0.0, 500.0, 2000.0))
        else:
            until = on + timedelta(days=self.random.randrange(0, 6))
            customer.write({"temporary_limit": 200.0, "temporary_limit_until": until})

    def do_hold(self, on):
        customer = self.some()
        if customer.manual_hold:
            customer._lift_hold("over")
        else:
            customer._hold("hold", "why", on + timedelta(days=self.random.randrange(0, 6)))

    def do_check(self, on):
        self.env["ar.dunning.solvency.check"].create(
            {
                "customer_id": self.some().id,
                "date": on,
                "result": self.random.choice(("good", "caution", "bad")),
                "valid_until": on + timedelta(days=self.random.randrange(1, 9)),
            }
        )

    def do_settings(self, on):
        if self.random.random() < 0.1:
            self.company.sudo().ar_dunning_overdue_days = self.random.choice((3, 5, 9))

    def who(self):
        return self.random.choice(list(self.partners))

    def some(self):
        return self.random.choice(list(self.customers))

    def open_invoice(self):
        still = [move for move in self.invoices if move.payment_state in ("not_paid", "partial", "blocked")]
        return self.random.choice(still) if still else None

    # === Comparing === #

    def told(self):
        """What lists and forms show of these customers and their open items."""
        self.env.flush_all()
        self.env.invalidate_all()
        customers = {
            customer.partner_id.name: [customer[name] for name in EXACT] + [customer.late_ahead]
            for customer in self.customers
        }
        items = self.customers.item_ids.filtered("is_open")
        return customers, {item.id: [item[name] for name in FORECAST] for item in items}

    def close(self, on):
        scored = self.env["ar.dunning.scoring"].sudo()._steps(self.company, on)
        for steps in (scored, self.env["ar.dunning.customer"].sudo()._closing_steps(self.company)):
            for step in steps:
                step()

    def full(self, on):
        """What reading everybody anew tells; taken back."""
        Customer, told = self.env["ar.dunning.customer"].sudo(), []
        with self.env.cr.savepoint() as savepoint:
            pool = self.company.sudo().ar_dunning_pool
            customers = Customer.search([("company_id", "=", self.company.id)])
            self.env["ar.dunning.scoring"].sudo()._judge(customers, self.company, on)
            self.env["ar.dunning.standing"]._refresh_everybody(self.company, on)
            told.append(self.told())
            self.assertEqual(self.company.sudo().ar_dunning_pool, pool)
            savepoint.rollback()
            self.env.invalidate_all()
        return told[0]

    def play(self):
        looked = 0
        acts = [getattr(self, name) for name in dir(self) if name.startswith("do_")]
        for number in range(DAYS):
            on = DUE + timedelta(days=number)
            with freeze_time(datetime.combine(on, time(12))):
                for _act in range(self.random.choice((0, 0, 1, 2, 3))):
                    self.random.choice(acts)(on)
                self.env["ar.dunning.item"].sudo()._sync(self.company)
                looked += len(self.env["ar.dunning.standing"]._marks(self.company, on))
                self.close(on)
                (customers, items), (all_customers, all_items) = self.told(), self.full(on)
                for name, values in customers.items():
                    self.assertEqual(values[:-1], all_customers[name][:-1], f"{name} on {on}")
                    self.assertAlmostEqual(values[-1], all_customers[name][-1], delta=0.005)
                self.assertEqual(items, all_items, on)
        self.assertLess(looked, DAYS * len(self.customers), "not everybody was looked at")

    def test_first_ledger(self):
        self.play()

    def test_second_ledger(self):
        self.play()

    def test_third_ledger(self):
        self.play()

    @property
    def random(self):
        if not hasattr(self, "_random"):
            self._random = random.Random(self._testMethodName)
        return self._random

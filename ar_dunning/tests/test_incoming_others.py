import random
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ..models import sql
from ..models.facts.incoming_facts import squeezed
from .common import DUE
from .incoming_common import IncomingCommon

FIRST = DUE + timedelta(days=5)
OLD = DUE - timedelta(days=14)


@tagged("post_install", "-at_install")
class TestIncomingOthers(IncomingCommon):
    """Named money pays what it names, whoever sent it; what it pays there it does not pay at home."""

    def setUp(self):
        super().setUp()
        self.b = self.env["res.partner"].create({"name": "Bo", "is_company": True, "email": "bo@example.com"})
        self.mine, self.theirs = self.invoice(1000.0), self.invoice(600.0, OLD, partner=self.b)
        self.item(self.theirs)

    def incoming(self, *partners, company=None):
        ids = [partner.id for partner in partners]
        return self.env["ar.dunning.incoming"].sudo()._read(ids, company or self.company, FIRST)

    def paid(self, invoice, *partners):
        return self.incoming(*partners).covered(invoice._ar_dunning_terms().id)

    def in_every_batch(self, mine, theirs):
        """What is covered of A's invoice and of B's, whoever is read together."""
        a, b = self.partner_a, self.b
        self.assertEqual((self.paid(self.mine, a), self.paid(self.mine, a, b), self.paid(self.mine, b, a)), (mine,) * 3)
        self.assertEqual((self.paid(self.theirs, b), self.paid(self.theirs, a, b)), (theirs,) * 2)

    def test_a_payment_of_another_customer_that_names_a(self):
        self.receive(1000.0, memo=f"Invoice {self.mine.name}", partner=self.b)
        self.in_every_batch(1000, 0)
        self.assertEqual(self.blockers(self.mine, FIRST), {"money_coming"})
        self.assertEqual(self.night(FIRST).notice_ids.line_ids.move_id, self.theirs)

    def test_a_bank_line_of_another_customer_that_names_a(self):
        self.mine.payment_reference = "RF18539007547034"
        self.bank_line(700.0, "Pays RF18 5390 0754 7034", DUE, self.b)
        self.in_every_batch(700, 0)
        self.assertEqual((self.demanded(self.mine, FIRST), self.demanded(self.theirs, FIRST)), (300, 600))

    def test_what_it_leaves_pays_his_own(self):
        self.receive(1250.0, memo=self.mine.name, partner=self.b)
        self.in_every_batch(1000, 250)

    def test_a_payment_linked_with_it(self):
        self.receive(400.0, partner=self.b).invoice_ids = self.mine
        self.in_every_batch(400, 0)

    def test_a_payment_page_left_by_another(self):
        """B is logged in and pays A's invoice; the provider has not answered yet."""
        method = self.env.ref("payment.payment_method_unknown")
        provider = self.env["payment.provider"].create({"name": "P"})
        self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": 350.0,
                "currency_id": self.company.currency_id.id,
                "partner_id": self.b.id,
                "reference": "T1",
                "state": "pending",
                "last_state_change": FIRST,
                "invoice_ids": [(6, 0, self.mine.ids)],
            }
        )
        self.in_every_batch(350, 0)

    def test_paid_back_to_him_it_pays_nothing(self):
        self.receive(500.0, memo=self.mine.name, partner=self.b)
        self.receive(500.0, DUE + timedelta(days=2), partner=self.b, paid_back=True)
        self.in_every_batch(0, 0)

    def test_both_pay_the_same_invoice(self):
        """B's money comes first; what A pays beside it is A's again."""
        other = self.invoice(300.0, OLD)
        self.receive(800.0, DUE - timedelta(days=3), memo=self.mine.name, partner=self.b)
        self.receive(500.0, DUE, memo=self.mine.name)
        self.in_every_batch(1000, 0)
        self.assertEqual(self.paid(other, self.partner_a), 300)

    def test_his_own_number_means_his_own(self):
        """Both ordered under the same number of theirs: a reference that we did not give means the payer's invoice only."""
        self.mine.ref = self.theirs.ref = "PO 4711-A"
        self.receive(500.0, memo="PO 4711-A", partner=self.b)
        self.in_every_batch(0, 500)
        self.theirs.ref = False
        self.receive(90.0, memo="PO 4711-A", partner=self.b)
        self.in_every_batch(0, 590)

    def test_an_entry_on_his_account_is_his(self):
        entry = self.entry(-200.0, DUE, self.b)
        entry.ref = self.mine.name
        self.in_every_batch(0, 200)

    def test_other_currencies_and_companies(self):
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.1)])
        self.receive(50.0, memo=self.mine.name, partner=self.b, currency=euro)
        self.in_every_batch(0, 0)
        other = self.setup_other_company(name="Second")
        payment = (
            self.env["account.payment"]
            .with_company(other["company"])
            .create(
                {
                    "partner_id": self.b.id,
                    "amount": 500.0,
                    "date": DUE,
                    "memo": self.mine.name,
                    "journal_id": other["default_journal_bank"].id,
                }
            )
        )
        payment.action_post()
        self.in_every_batch(0, 0)

    def test_one_bank_line_of_nobody_names_both(self):
        """600 for 1,600: the older is paid, the other is still owed."""
        self.bank_line(600.0, f"{self.mine.name} {self.theirs.name}", DUE)
        self.in_every_batch(0, 600)
        self.bank_line(100.0, f"{self.theirs.name}/{self.mine.name} {self.mine.name}", DUE)
        self.in_every_batch(100, 600)

    def test_who_is_read_together_changes_nothing(self):
        """Five customers who pay for each other, by name and without, and the bank; alone and all together."""
        for seed in range(6):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                dice = random.Random(seed)
                invoices = self.ledger(dice)
                partners = invoices.commercial_partner_id
                together = self.incoming(*partners)
                for partner in partners:
                    alone = self.incoming(partner)
                    for move in invoices.filtered(lambda move, who=partner: move.partner_id == who):
                        line = move._ar_dunning_terms().id
                        self.assertEqual(alone.covered(line), together.covered(line))
                    self.assertEqual(*(
                        {key: amount for key, amount in found.found.lent.items() if key[0] == partner.id and amount}
                        for found in (alone, together)
                    ))  # fmt: skip
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

    def test_reading_whom_money_may_mean_is_reading_everybody(self):
        """Bank lines of unknown origin: by number, by the customer's own reference, by amount, with the discount, by nothing."""
        Incoming = self.env["ar.dunning.incoming"]
        for seed in range(6):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                dice = random.Random(seed)
                invoices = self.ledger(dice)
                self.guesses(dice, invoices)
                found = self.incoming(*invoices.commercial_partner_id).found
                all_of_them = lambda _self, family, *_rest: set(family.owner_of.values())  # noqa: E731
                with patch.object(type(Incoming), "_owners_meant", all_of_them):
                    expected = self.incoming(*invoices.commercial_partner_id).found
                self.assertTrue(expected.paid)
                self.assertEqual((found.paid, found.discount), (expected.paid, expected.discount))
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

    def guesses(self, dice, invoices):
        """Bank lines that leave it to the reader whose they are."""
        for invoice in dice.sample(list(invoices), 4):
            invoice.ref = f"PO-{dice.randint(10_000, 99_999)}"
            line = invoice._ar_dunning_terms()
            line.write({"discount_date": DUE, "discount_amount_currency": line.amount_currency * 0.98})
            self.bank_line(
                dice.choice([invoice.amount_residual, invoice.amount_residual * 0.98, 77.0]),
                dice.choice(["x", invoice.ref, invoice.ref.replace("-", " "), invoice.name]),
                DUE - timedelta(days=dice.randint(0, 3)),
            )

    def ledger(self, dice):
        partners = self.env["res.partner"].create([{"name": f"Debtor {n}", "is_company": True} for n in range(5)])
        invoices = self.env["account.move"]
        for _number in range(10):
            due = DUE + timedelta(days=dice.randint(-20, 3))
            invoices |= self.invoice(dice.randint(100, 900), due, dice.choice(partners))
        self.item(invoices[0]).customer_id.payer_id = dice.choice(partners - invoices[0].partner_id)
        for _number in range(8):
            names = " ".join(dice.sample(invoices.mapped("name"), dice.randint(0, 3)))
            day = DUE + timedelta(days=dice.randint(-9, 3))
            if dice.random() < 0.6:
                self.receive(dice.randint(50, 1200), day, names, dice.choice(partners), paid_back=dice.random() < 0.2)
            else:
                self.bank_line(dice.randint(50, 1200), names or "x", day, dice.choice([*partners, None]))
        return invoices

    # === Cost === #

    def test_statements_do_not_grow_with_customers(self):
        """Nobody's money names anybody else's invoice; then somebody's does."""
        self.receive(50.0, memo="thanks 4711", partner=self.b)
        alone = self.statements(self.partner_a)
        partners = self.env["res.partner"].create([{"name": f"Debtor {n}"} for n in range(30)])
        for partner in partners:
            self.invoice(100.0, partner=partner)
        self.assertEqual(self.statements(self.partner_a, *partners), alone)
        self.receive(10.0, memo=self.mine.name, partner=self.b)
        self.assertLessEqual(alone, 3)
        self.assertLessEqual(self.statements(self.partner_a, *partners), 12)

    def statements(self, *partners):
        self.incoming(*partners)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.incoming(*partners)
        return self.env.cr.sql_log_count - before

    def test_what_is_named_is_found_by_an_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for column in ("name", "payment_reference"):
            query = SQL(
                "EXPLAIN SELECT id FROM account_move WHERE %s AND %s = ANY(%s)",
                SQL(sql.NAMED),
                sql.squeezed(column),
                ["INV202600001"],
            )
            plan = "".join(line for (line,) in self.env.execute_query(query))
            self.assertIn("account_move_ar_dunning_" + column.removeprefix("payment_"), plan)

    def test_python_and_the_database_squeeze_alike(self):
        dice = random.Random(7)
        letters = "abcXYZ019 /-_.,;:#\t\u00df\u00e9\u0131\u0130\u017f\u00c4\u20ac\u03a9%"
        for _number in range(200):
            text = "".join(dice.choices(letters, k=dice.randint(0, 20)))
            ((squeezed_there,),) = self.env.execute_query(SQL(f"SELECT {sql.SQUEEZED}", text))
            self.assertEqual(squeezed(text), squeezed_there, text)

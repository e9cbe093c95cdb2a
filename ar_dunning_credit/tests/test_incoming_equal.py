from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.incoming_common import IncomingCommon
from odoo.addons.ar_dunning.tools.figures import as_decimal

DAY = DUE + timedelta(days=40)


@tagged("post_install", "-at_install")
class TestIncomingEqual(IncomingCommon):
    """The credit status counts what dunning asks for: both read the same money on its way, whatever the ledger."""

    def test_credit_reads_what_dunning_reads(self):
        for seed in range(8):
            with self.subTest(seed=seed):
                partner, invoices = self.made_up_ledger(seed)
                dunned = self.dunned(invoices, DAY)
                customer = self.item(invoices[0]).customer_id.sudo()
                facts = customer._credit_facts(DAY)[customer.id]
                self.assertEqual(
                    {debt.name: debt.amount - debt.covered for debt in facts.debts},
                    {move.name: dunned[move.id] for move in invoices},
                )
                incoming = self.env["ar.dunning.incoming"].sudo()._read(partner.ids, self.company, DAY, sure=True)
                came = sum(row.amount for row in incoming.rows if row.owner == partner.id)
                came -= incoming.found.lent.get((partner.id, self.company.currency_id.id), 0)  # named by his payer
                owed = sum(as_decimal(move.amount_residual) for move in invoices)
                self.assertEqual(facts.exposure.receivables, owed - came)

    def test_money_of_another_customer_lowers_what_is_owed_where_it_pays(self):
        """B pays 400 of A's 1,000 by its number: A owes 600, and B still owes his own 600; asked together or alone."""
        b = self.env["res.partner"].create({"name": "Bo", "is_company": True})
        mine, theirs = self.invoice(1000.0), self.invoice(600.0, partner=b)
        self.receive(400.0, memo=mine.name, partner=b)
        customers = self.item(mine).customer_id | self.item(theirs).customer_id
        for asked in (customers, *customers):
            facts = asked.sudo()._credit_facts(DAY)
            self.assertEqual({facts[customer.id].exposure.receivables for customer in asked}, {600})

from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE
from odoo.addons.ar_dunning.tests.statements_common import ON, StatementsCommon


@tagged("post_install", "-at_install")
class TestStatements(StatementsCommon):
    """What standing adds to contacts and to posting invoices, and what its own list reads."""

    def test_contacts(self):
        """80 contacts, one with a status of the night, half of them customers whom no night has seen yet."""
        people = self.env["res.partner"].create([{"name": f"Contact {n}", "customer_rank": n % 2} for n in range(79)])
        self.env["ar.dunning.standing"]._keep(
            self.env["ar.dunning.customer"]._of_partners(self.partner_a, self.company), ON
        )
        for view_type in ("list", "kanban"):
            self.assertLessEqual(self.added_to_contacts(view_type, people | self.partner_a), 3, view_type)

    def test_credit_list(self):
        """80 customers with limits, a few of them over it: why stands in the list, read from the ledger of now."""
        partners = self.env["res.partner"].create(
            [{"name": f"Debtor {n}", "customer_rank": 1, "credit_limit": 100.0} for n in range(79)]
        )
        for partner in partners[:3]:
            self.invoice(500.0, partner=partner)
        customers = self.env["ar.dunning.customer"]._of_partners(partners | self.partner_a, self.company, create=True)
        self.env["ar.dunning.standing"]._keep(customers, ON)
        Customer = self.model("ar.dunning.customer")
        spec = self.columns(Customer, "list", self.env.ref("ar_dunning_credit.ar_dunning_customer_credit_view_list").id)
        domain = [("id", "in", customers.ids)]
        self.assertLessEqual(self.count(lambda: Customer.web_search_read(domain, spec, limit=80)), 20)

    def test_posting(self):
        """Ten invoices at once, of customers without a limit: asking for limits is all that is ours."""
        warm, asked, plain = (self.drafts(10) for _batch in range(3))
        self.posting(warm)
        asked = self.posting(asked)
        with patch.object(self.registry["account.move"], "_ar_dunning_over_limit", lambda *_args: []):
            self.assertLessEqual(asked - self.posting(plain), 3)

    def drafts(self, count):
        line = {"name": "Work", "price_unit": 100.0, "tax_ids": []}
        values = {
            "move_type": "out_invoice",
            "partner_id": self.partner_a.id,
            "invoice_date": DUE,
            "invoice_line_ids": [Command.create(line)],
        }
        return self.env["account.move"].create([values] * count)

    def posting(self, invoices):
        return self.counted(invoices.action_post)

    def counted(self, work):
        """The statements of this, the end of the transaction included."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        self.env.cr.precommit.run()
        return self.env.cr.sql_log_count - before

    def test_what_keeps_the_stored_status_up_to_date(self):
        """Posting and matching ten invoices at once: at most three statements."""
        Queue = type(self.env["ar.dunning.credit.queue"])
        self.posting(self.drafts(10))
        self.matching(self.posted(10))
        for work, make in ((self.posting, self.drafts), (self.matching, self.posted)):
            ours = work(make(10))
            with patch.object(Queue, "_note", lambda *_args: None):
                self.assertLessEqual(ours - work(make(10)), 3, work.__name__)

    def posted(self, count):
        invoices = self.drafts(count)
        invoices.action_post()
        payment = self.unmatched_payment(100.0 * count, DUE)
        lines = invoices._ar_dunning_terms()
        return lines | payment.move_id.line_ids.filtered(lambda line: line.account_id == lines.account_id)

    def matching(self, lines):
        return self.counted(lines.reconcile)

from datetime import date, timedelta

from odoo import Command
from odoo.tests import Form, tagged

from odoo.addons.ar_dunning.tests.common import DUE

from .test_score import ON, ScoreCommon


@tagged("post_install", "-at_install")
class TestScoreHistory(ScoreCommon):
    """Histories that are easily read wrongly; worked out by hand."""

    def test_written_off_before_it_was_due_is_no_punctual_payment(self):
        """Somebody became insolvent: nothing was paid early, and nothing on time."""
        self.paid(10)
        self.write_off(self.invoice(1000.0, due=date(2026, 6, 1)), 1000.0, date(2026, 4, 1))
        self.write_off(self.invoice(1000.0), 1000.0, DUE)
        self.assertEqual(self.figures(), (1, 10.0, 10.0, 0.0, 10, 0.0, 0))

    def test_a_matching_that_is_undone_never_happened(self):
        invoice = self.paid(0)
        self.assertEqual(self.figures(), (1, 0.0, 0.0, 1.0, 0, 0.0, 0))
        invoice._ar_dunning_terms().remove_move_reconcile()
        self.assertEqual(self.figures(), (1, 121.0, 121.0, 0.0, 121, 1000.0, 121))

    def test_returned_and_paid_again(self):
        """The collection of the due date came back; the money came 40 days later."""
        invoice = self.invoice(1000.0)
        payment = self.pay(invoice, 1000.0, DUE)
        invoice._ar_dunning_terms().remove_move_reconcile()
        payment.move_id._reverse_moves([{"date": DUE + timedelta(days=3)}], cancel=True)
        self.pay(invoice, 1000.0, DUE + timedelta(days=40))
        self.assertEqual(self.figures(), (1, 40.0, 40.0, 0.0, 40, 0.0, 0))

    def test_an_early_payment_discount_is_no_unpaid_rest(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "10 % within 10 days",
                "early_discount": True,
                "discount_percentage": 10,
                "discount_days": 10,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        invoice = self.invoice(1000.0, invoice_date=date(2026, 2, 1), invoice_payment_term_id=terms.id)
        self.pay(invoice, 900.0, date(2026, 2, 8))
        self.assertEqual((invoice.amount_residual, invoice.invoice_date_due), (0.0, date(2026, 3, 3)))
        self.assertEqual(self.figures(), (1, -23.0, -23.0, 1.0, 0, 0.0, 0))

    def test_a_refund_that_is_paid_out_is_no_history(self):
        self.paid(5)
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner_a.id,
                "invoice_date": DUE,
                "invoice_line_ids": [Command.create({"name": "Back", "price_unit": 300.0, "tax_ids": []})],
            }
        )
        note.action_post()
        self.pay(note, 300.0, DUE + timedelta(days=20))
        self.assertEqual(self.figures(), (1, 5.0, 5.0, 0.0, 5, 0.0, 0))

    def test_averages_are_of_customers_with_a_history(self):
        """In groups, pivot and graph: who has paid nothing yet has no days late, not none."""
        self.paid(10)
        self.invoice(1000.0, due=ON + timedelta(days=9), partner=self.partner_b)
        self.refresh()
        names = ("days_late_mean", "days_late_weighted", "days_late_recent", "on_time_share")
        ours = [("partner_id", "in", (self.partner_a | self.partner_b).ids), ("company_id", "=", self.company.id)]
        Customer = self.env["ar.dunning.customer"]
        self.assertEqual(Customer.search_count(ours), 2)
        [found] = Customer._read_group(ours, [], [f"{name}:avg" for name in names])
        self.assertEqual(found, (10.0, 10.0, 10.0, 0.0))
        self.paid(0, partner=self.partner_b)
        self.refresh()
        [found] = Customer._read_group(ours, [], [f"{name}:avg" for name in names])
        self.assertEqual(found, (5.0, 5.0, 5.0, 0.5))

    def test_the_preview_counts_the_customers_that_the_rule_is_for(self):
        """A branch with a rule of its own is not moved by its root's."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        self.env.cr.precommit.run()
        for _count in range(3):
            self.invoice(100.0, company=branch)
            self.invoice(100.0)
        Customer = self.env["ar.dunning.customer"].sudo()
        for company in self.company | branch:
            Customer._refresh_scores(company, ON)
        self.env["ar.dunning.score.rule"].create({"company_id": branch.id})
        with Form(self.env["ar.dunning.score.rule"].with_company(self.company)) as form:
            form.grade_d = 1
            self.assertIn("of 1 customers", form.effect_html)

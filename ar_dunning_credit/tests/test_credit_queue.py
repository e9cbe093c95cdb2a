from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE, DunningCommon

ON = DUE + timedelta(days=60)


@tagged("post_install", "-at_install")
class TestCreditQueue(DunningCommon):
    """The stored credit status, which lists and filters use, follows what it rests on, not only at night."""

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(ON))
        self.customer = self.env["ar.dunning.customer"]._of_partners(self.partner_a, self.company, create=True)
        self.env["ar.dunning.standing"]._keep(self.customer, ON)
        self.refresh()

    def refresh(self):
        """What the end of a transaction and the scheduled action do."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        with self.enter_registry_test_mode():
            self.env.ref("ar_dunning_credit.ir_cron_credit").sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.env["ar.dunning.credit.queue"].sudo().search_count([]))
        return self.customer.credit_status, self.customer.credit_used

    def test_it_follows_the_ledger(self):
        invoice = self.invoice()
        self.assertEqual(self.refresh(), ("watch", 1000.0), "posted, and overdue for more than thirty days")
        term = invoice._ar_dunning_terms()
        term.date_maturity = ON
        self.assertEqual(self.refresh(), ("ok", 1000.0))
        term.date_maturity = DUE
        payment = self.unmatched_payment(1000.0, ON)
        self.assertEqual(self.refresh(), ("ok", 0.0))
        lines = payment.move_id.line_ids.filtered(lambda line: line.account_id == term.account_id)
        (term | lines).reconcile()
        self.assertEqual(self.refresh(), ("ok", 0.0))
        (term | lines).remove_move_reconcile()
        payment.action_cancel()
        self.assertEqual(self.refresh(), ("watch", 1000.0))
        invoice.button_draft()
        self.assertEqual(self.refresh(), ("ok", 0.0))

    def test_it_follows_limits_holds_and_settings(self):
        self.invoice()
        self.customer.partner_id.with_company(self.company).credit_limit = 500.0
        self.assertEqual(self.refresh(), ("watch", 1000.0))
        self.company.sudo().write({"ar_dunning_overdue_effect": "hold"})
        self.assertEqual(self.refresh(), ("hold", 1000.0))
        self.company.sudo().write({"ar_dunning_overdue_effect": "watch"})
        rule = self.env["ar.dunning.credit.rule"].create(
            {"name": "All", "effect": "blocked", "company_id": self.company.id}
        )
        self.assertEqual(self.refresh(), ("blocked", 1000.0))
        rule.active = False
        self.customer._hold("hold", "because")
        self.assertEqual(self.refresh(), ("hold", 1000.0))

    def test_a_contact_that_is_gone_by_then_waits_for_nothing(self):
        gone = self.env["res.partner"].create({"name": "Gone", "credit_limit": 1.0})
        gone.credit_limit = 2.0
        gone.unlink()
        self.refresh()

from datetime import date, timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestMorningTour(DunningCommon, HttpCase):
    """A morning at the worklist in a real browser, as an accountant without more rights than needed."""

    def owes(self, name, amount, late):
        today = fields.Date.today()
        partner = self.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "email": f"{name.lower()}@example.com",
                "lang": "en_US",
                "phone": "+47 1",
            }
        )
        due = today - timedelta(days=late)
        self.invoice(amount, due, partner=partner, invoice_date=due - timedelta(days=14))
        self.env["ar.dunning.item"].sudo()._sync(self.company)
        return self.env["ar.dunning.customer"].search([("partner_id", "=", partner.id)])

    def refuse(self, notice, today):
        """The customer's mail server refuses the notice, and there is no postal address."""
        notice._approve()
        self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, today)
        notice.sudo().delivery_ids._update_state(("queued",), "failed", failure="552 mailbox full")
        notice._settle()
        self.assertEqual(notice.state, "failed")

    def test_morning_at_the_worklist(self):
        today = fields.Date.today()
        sending = [self.owes(name, amount, 6) for name, amount in (("Alpha", 5000), ("Beta", 4000), ("Gamma", 3000))]
        delta, epsilon = self.owes("Delta", 2000, 2), self.owes("Epsilon", 1500, 2)
        zeta = self.owes("Zeta", 1000, 6)
        self.night(today)
        self.refuse(zeta.notice_ids, today)
        self.env["ar.dunning.customer"].sudo()._close_night(self.company)
        self.accountant_who_logs_in()
        self.start_tour(
            "/odoo/action-ar_dunning.ar_dunning_customer_action", "ar_dunning_morning_tour", login="accountant"
        )
        for customer in sending:
            self.assertEqual(
                (customer.notice_ids.state, customer.notice_ids.approved_by_id.login), ("queued", "accountant")
            )
        self.assertEqual(
            (delta.call_outcome_id.name, delta.overdue_reason_id.name), ("Promised to pay", "Short of cash")
        )
        promise = delta.arrangement_ids
        self.assertEqual((promise.kind, promise.state, promise.promised_amount), ("promise", "open", 1000.0))
        self.assertIn("Pays half of it on Friday", " ".join(delta.message_ids.mapped("body")))
        self.assertEqual((epsilon.paused_until, epsilon.worth), (date(2099, 12, 31), 0))
        self.assertEqual(epsilon.arrangement_ids.reason_id, self.env.ref("ar_dunning.reason_pause_credit"))
        self.assertEqual(
            (zeta.notice_ids.state, zeta.notice_ids.sudo().delivery_ids.mapped("state")), ("queued", ["queued"])
        )

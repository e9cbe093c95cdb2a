from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import DUE

from .test_score import ON, ScoreCommon


@tagged("post_install", "-at_install")
class TestPromisesKept(ScoreCommon):
    """Promises that were broken cost points; how many were kept stands on the customer."""

    def promises(self, *states, start=ON - timedelta(days=90)):
        invoice = self.invoice()
        items = self.item(invoice)
        promise = {
            "kind": "promise",
            "customer_id": items.customer_id.id,
            "item_ids": items.ids,
            "date_start": start,
            "date_end": start + timedelta(days=5),
            "promised_amount": 10.0,
        }
        for state in states:
            self.env["ar.dunning.arrangement"].create(promise)._put({"state": state})
        return items.customer_id

    def test_broken_ones_cost_points(self):
        for due in range(4):
            self.paid(0, due=DUE - timedelta(days=40 * due))
        self.assertEqual(self.refresh().broken_promises, 0)
        before = self.refresh().score
        self.promises("broken", "broken", "kept", "partly", "open", "cancelled")
        customer = self.refresh()
        self.assertEqual(customer.broken_promises, 2)
        self.assertLess(customer.score, before)

    def test_old_ones_are_forgotten(self):
        self.promises("broken", start=ON - timedelta(days=731))
        self.assertEqual(self.refresh().broken_promises, 0)

    def test_the_rate(self):
        customer = self.promises("broken", "kept", "kept", "partly", "open", "waiting", "settled", "cancelled")
        self.assertEqual((customer.promise_count, customer.promise_rate), (4, 0.5))
        self.assertEqual(self.refresh(partner=self.partner_b).promise_count, 0)

from odoo.tests import HttpCase, tagged

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestTour(SaleDunningCommon, HttpCase):
    """In a real browser: refused, asked for, approved, confirmed; each by somebody without more rights than needed."""

    def test_request_approve_confirm(self):
        self.overdue(500.0)
        self.rule(0.3)
        order = self.quotation()
        url = f"/odoo/action-sale.action_quotations_with_onboarding/{order.id}"
        self.start_tour(url, "ar_dunning_sale_request", login="seller")
        self.assertEqual((order.state, order.ar_dunning_release), ("draft", "requested"))
        self.start_tour(url, "ar_dunning_sale_approve", login="controller")
        self.assertEqual(order.ar_dunning_release_id.decided_by_id, self.controller)
        self.start_tour(url, "ar_dunning_sale_confirm", login="seller")
        self.assertEqual(order.state, "sale")

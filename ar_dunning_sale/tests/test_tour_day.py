from odoo.tests import HttpCase, tagged

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestTourDayOfSale(SaleDunningCommon, HttpCase):
    """In a real browser, as a salesperson and as an accountant who sells, too."""

    def test_quotation_made_and_confirmed(self):
        self.env["res.partner"].create({"name": "Day Customer", "email": "day@example.com", "is_company": True})
        self.goods.name = "Day Work"
        self.make_user("teller", "Tom Teller", "ar_dunning.group_dunning_user,sales_team.group_sale_salesman")
        for login in ("seller", "teller"):
            self.start_tour(
                "/odoo/action-sale.action_quotations_with_onboarding/new", "ar_dunning_sale_day_quotation", login=login
            )
            order = self.env["sale.order"].search([("user_id.login", "=", login)])
            self.assertEqual((order.partner_id.name, order.state, order.amount_total), ("Day Customer", "sale", 100.0))

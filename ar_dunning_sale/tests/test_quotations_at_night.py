from odoo.tests import tagged

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestQuotationsAtNight(SaleDunningCommon):
    """The night asks the rules about every open quotation, customers side by side."""

    def queries(self, customers, each):
        partners = self.env["res.partner"].create([{"name": f"P{i}", "is_company": True} for i in range(customers)])
        orders = self.env["sale.order"].concat(
            *(self.quotation(1000.0, partner=partner) for partner in partners for _number in range(each))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        orders._dunning_refresh_deposits()
        self.env.flush_all()
        self.assertEqual(set(orders.mapped("prepayment_percent")), {0.3})
        return self.env.cr.sql_log_count - before

    def test_queries(self):
        self.rule(0.3)
        self.queries(1, 1)
        few, many = self.queries(5, 1), self.queries(40, 1)
        self.assertEqual(few, many)
        self.assertLess(self.queries(2, 11) - many, 10 * 14, "what is the same for all is read once")

    def test_each_quotation_is_judged_by_itself(self):
        self.rule(0.5, status_from="hold")
        self.limit(1000.0)
        first, second, big = self.quotation(900.0), self.quotation(800.0), self.quotation(1000.01)
        other = self.quotation(5000.0, partner=self.partner_b)
        orders = first | second | big | other
        orders._dunning_refresh_deposits()
        self.assertEqual(orders.mapped("ar_dunning_deposit_share"), [0.0, 0.0, 0.5, 0.0])

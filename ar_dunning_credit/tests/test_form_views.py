from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.form_walk import FormWalk

from .credit_common import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestFormViewsOfCredit(FormWalk, CreditCommon):
    """Nobody is stopped by an error while opening a check, a rule or a customer's standing, or typing in it."""

    addon = "ar_dunning_credit"
    without = ("ar_dunning",)
    opened_new = {"ar.dunning.solvency.check", "ar.dunning.credit.rule", "ar.dunning.score.rule"}

    def setUp(self):
        super().setUp()
        self.people = self.make_people()
        invoice = self.invoice(1500.0)
        draft = self.init_invoice("out_invoice", partner=self.partner_a, amounts=[100.0], invoice_date=ON)
        self.env["ar.dunning.solvency.check"].create(
            {"customer_id": self.item(invoice).customer_id.id, "date": ON, "result": "good", "source": "own"}
        )
        self.env["ar.dunning.score.rule"].create({"company_id": self.company.id})
        self.env["ar.dunning.credit.rule"].create({"name": "Everybody"})
        self.kept = {"account.move": [invoice.id, draft.id], "res.partner": self.partner_a.ids}

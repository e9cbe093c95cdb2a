from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.form_walk import FormWalk

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestFormViewsOfSale(FormWalk, DepositCommon):
    """Nobody is stopped by an error while opening a quotation, a payment or a security deposit, or typing in it."""

    addon = "ar_dunning_sale"
    without = ("ar_dunning",)
    opened_new = {"sale.order", "account.payment", "ar.dunning.deposit"}

    def setUp(self):
        super().setUp()
        self.people = self.make_people()
        order = self.quotation(note="<p>Ex works</p>")
        sold = self.quotation(note="<p>Ex works</p>")
        sold.action_confirm()
        self.receive(self.deposit())
        self.rule()
        payment = self.transfer(100.0)
        stopped = self.quotation()
        self.env["ar.dunning.release"].sudo()._record(stopped, "requested", stopped._dunning_verdicts()[stopped.id])
        stopped.write({"ar_dunning_trial": "trial", "ar_dunning_trial_end": self.today})
        self.kept = {"sale.order": [order.id, sold.id], "account.payment": payment.ids}

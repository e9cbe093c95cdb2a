from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.form_walk import FormWalk

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestFormViewsOfSale(FormWalk, DepositCommon):
    """Nobody is stopped by an error while opening a quotation, a payment or a security deposit, or typing in it."""

    def setUp(self):
        super().setUp()
        self.people = self.make_people()
        order = self.quotation(note="<p>Ex works</p>")
        sold = self.quotation(note="<p>Ex works</p>")
        sold.action_confirm()
        self.receive(self.deposit())
        self.rule()
        payment = self.transfer(100.0)
        self.kept = {"sale.order": [order.id, sold.id], "account.payment": payment.ids}

    def test_every_form_opens_and_takes_what_is_typed(self):
        new, saved, complaints = self.walk("ar_dunning_sale", self.people, without=("ar_dunning",))
        self.assertEqual(complaints, [])
        self.assertGreaterEqual(new, {"sale.order", "account.payment", "ar.dunning.deposit"})
        self.assert_seen("ar_dunning_sale", saved)

    def test_a_dialog_without_a_record_answers_with_a_sentence(self):
        self.assertEqual(self.press("ar_dunning_sale", self.people), [])

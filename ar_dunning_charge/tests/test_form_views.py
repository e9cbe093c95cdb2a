from odoo import Command
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.common import REMINDED
from odoo.addons.ar_dunning.tests.form_walk import FormWalk

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestFormViewsOfCharge(FormWalk, ChargeCommon):
    """Nobody is stopped by an error while opening a form with charges in it, or typing in it."""

    def setUp(self):
        super().setUp()
        self.people = self.make_people()
        invoice, notice = self.reminded()
        bill = self.init_invoice("in_invoice", partner=self.partner_b, amounts=[200.0], post=True)
        draft = self.init_invoice("out_invoice", partner=self.partner_a, amounts=[100.0], invoice_date=REMINDED)
        self.kept = {
            "account.move": [invoice.id, bill.id, draft.id],
            "res.partner": self.partner_a.ids,
            "ar.dunning.notice": notice.ids,
        }
        self.claim(self.item(invoice), kind="interest", notice=notice)
        self.make_rules()

    def make_rules(self):
        """A rule of each kind, and two countries' as shipped."""
        self.env["ar.dunning.interest.rule"].create({"name": "Ours", "interest_source": "fixed", "fixed_rate": 8.5})
        self.env["ar.dunning.fee.rule"].create(
            {"name": "Bands", "method": "bands", "tier_ids": [Command.create({"fixed": 5.0})]}
        )
        self.env["ar.dunning.regime"]._apply_pack(["BE", "DE"], ["business", "consumer"])

    def test_every_form_opens_and_takes_what_is_typed(self):
        new, saved, complaints = self.walk("ar_dunning_charge", self.people)
        self.assertEqual(complaints, [])
        self.assertGreaterEqual(new, {"account.move", "ar.dunning.policy", "ar.dunning.fee.rule", "ar.dunning.regime"})
        self.assert_seen("ar_dunning_charge", saved)

    def test_a_dialog_without_a_record_answers_with_a_sentence(self):
        self.assertEqual(self.press("ar_dunning_charge", self.people), [])

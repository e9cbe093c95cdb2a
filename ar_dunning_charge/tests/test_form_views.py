from odoo import Command
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.form_walk import FormWalk

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestFormViewsOfCharge(FormWalk, ChargeCommon):
    """Nobody is stopped by an error while opening a form with charges in it, or typing in it."""

    addon = "ar_dunning_charge"
    opened_new = {"account.move", "ar.dunning.policy", "ar.dunning.fee.rule", "ar.dunning.regime"}

    def setUp(self):
        super().setUp()
        self.people = self.make_people()
        invoice, notice = self.keep_reminded()
        self.claim(self.item(invoice), kind="interest", notice=notice)
        self.make_rules()

    def make_rules(self):
        """A rule of each kind, and two countries' as shipped."""
        self.env["ar.dunning.interest.rule"].create({"name": "Ours", "interest_source": "fixed", "fixed_rate": 8.5})
        self.env["ar.dunning.fee.rule"].create(
            {"name": "Bands", "method": "bands", "tier_ids": [Command.create({"fixed": 5.0})]}
        )
        self.env["ar.dunning.statutory"]._apply(["BE", "DE"], ["business", "consumer"])

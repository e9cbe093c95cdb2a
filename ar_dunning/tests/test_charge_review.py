from datetime import date

from odoo.tests import tagged

from .common import DunningCommon
from .test_claims import FIRST, SECOND, THIRD


@tagged("post_install", "-at_install")
class TestChargeReview(DunningCommon):
    """What happens to charges between two notices: terms that change, payments that come late to the books, waivers.

    German businesses: 1.27 + 9 = 10.27 % and EUR 40 from the second reminder on.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ar.dunning.regime"]._apply_pack(["DE"], ["business"])
        cls.policy.due_agreed = True
        cls.first, cls.second, cls.third = cls.policy.level_ids.sorted("days")[2:5]
        (cls.second | cls.third).write({"charge_interest": True, "charge_compensation": True})
        cls.euro = cls.env.ref("base.EUR")
        cls.euro.active = True
        cls.env["res.currency.rate"].create({"currency_id": cls.euro.id, "name": "2026-01-01", "rate": 0.8})
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Debtor",
                "is_company": True,
                "email": "debtor@example.com",
                "country_id": cls.env.ref("base.de").id,
            }
        )

    def claimed(self, amount=1000.0, on=SECOND, **values):
        """An invoice, and its second reminder as sent on `on`."""
        invoice = self.invoice(amount, partner=self.customer, currency=self.euro, **values)
        self.day(FIRST)
        notice = self.night(SECOND).notice_ids
        self.send(notice, on)
        self.assertEqual(notice.state, "sent")
        return invoice, notice

    def contract(self, rate, **values):
        return self.env["ar.dunning.interest.rule"].create(
            {"name": f"Contract {rate}", "interest_source": "fixed", "fixed_rate": rate, **values}
        )

    # === Terms that change === #

    def test_a_contract_agreed_later_claws_nothing_back(self):
        """4 % from the 18th on: ten days are 1.0959; the 4.22 claimed by law before stand."""
        invoice, _notice = self.claimed()
        self.item(invoice).customer_id.interest_rule_id = self.contract(4)
        interest = self.night(THIRD).notice_ids.charge_ids
        self.assertFalse(interest.slice_ids.filtered("is_correction"))
        self.assertEqual((interest.amount, interest.slice_ids.rate), (1.10, 4.0))

    def test_a_contract_changed_in_place_claws_nothing_back(self):
        """8 %: 15 days are 3.2877; 4 %: ten days more are 1.0959, in all 4.3836."""
        self.policy.interest_rule_id = self.contract(8)
        _invoice, notice = self.claimed()
        self.assertEqual(notice.charge_ids.filtered("date_from").amount, 3.29)
        self.policy.interest_rule_id.fixed_rate = 4
        interest = self.night(THIRD).notice_ids.charge_ids
        self.assertFalse(interest.slice_ids.filtered("is_correction"))
        self.assertEqual(interest.amount, 1.09)

    def test_a_published_value_put_right_is_corrected(self):
        """0.27 instead of 1.27 for all 25 days at 9.27 %: 6.3493 in all, 4.22 were claimed."""
        _invoice, _notice = self.claimed()
        series = self.env["ar.dunning.regime"].search([("country_code", "=", "DE")], limit=1).interest_rate_id
        series.value_ids.filtered(lambda value: value.date_from == date(2026, 1, 1)).value = 0.27
        interest = self.night(THIRD).notice_ids.charge_ids
        self.assertTrue(interest.slice_ids.filtered("is_correction"))
        self.assertEqual(interest.amount, 2.13)

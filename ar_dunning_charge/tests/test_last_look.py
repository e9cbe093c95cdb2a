from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.look_common import ON, LookCommon

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestLastLookAtCharges(LookCommon, ChargeCommon):
    """What a notice claims is true when it leaves."""

    def test_charges_switched_off_after_the_draft(self):
        """Compensation is switched off on the level after the draft was made: the mail no longer claims it."""
        rule = self.fee_rule(12.0)
        level = self.policy.level_ids.filtered(lambda one: one.days == 5)
        level.fee_rule_id = rule
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.assertEqual(notice.charge_ids.mapped("amount"), [12.0])
        level.fee_rule_id = False
        self.leave(notice, ON)
        self.assertFalse(notice.charge_ids)
        self.assertNotIn("12.00", self.mail(notice).mail_id.body_html)
        self.assertIn("1,000.00 until", notice.text)

    def test_interest_of_its_day_still_holds_on_the_next(self):
        """A mail that waits over midnight says the interest of its day; that is no reason to keep it back."""
        rule = self.env["ar.dunning.interest.rule"].create(
            {"name": "Terms", "interest_source": "fixed", "fixed_rate": 10}
        )
        self.policy.write({"interest_rule_id": rule.id, "due_agreed": True})
        self.partner_a.country_id = self.env.ref("base.us")
        self.policy.level_ids.filtered(lambda one: one.days == 5).charge_interest = True
        self.invoice(10000)
        notice = self.night(ON).notice_ids
        self.assertEqual(notice.charge_ids.mapped("amount"), [13.7], "five days at 10 % of 10,000")
        self.leave(notice, ON)
        self.assertEqual(self.env["ar.dunning.look"]._still_true(notice.sudo(), ON + timedelta(days=1)), {notice: []})
        self.assertTrue(self.claim(notice, ON + timedelta(days=1)))

    def test_a_fee_changed_while_the_mail_waits(self):
        """The fee is lowered while the mail waits: the mail that claims the higher one does not leave."""
        rule = self.fee_rule(12.0)
        self.policy.level_ids.filtered(lambda one: one.days == 5).fee_rule_id = rule
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.leave(notice, ON)
        rule.tier_ids.fixed = 7.0
        self.assertFalse(self.claim(notice, ON))
        with self.nine(ON):
            self.dispatch(notice, ON)
        self.assertEqual(notice.charge_ids.mapped("amount"), [7.0])
        self.assertTrue(self.claim(notice, ON))

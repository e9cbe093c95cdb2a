from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.ar_dunning.tests.common import DUE

from ..core.credit_status import Code, Status
from ..models.ar_dunning_solvency_register import REGISTERS
from .credit_common import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestValidChecks(CreditCommon):
    """Which check counts, and what an insolvency does to its pauses."""

    def check(self, result="good", day=DUE, customer=None, **values):
        return self.env["ar.dunning.solvency.check"].create(
            {"customer_id": (customer or self.customer()).id, "date": day, "result": result, **values}
        )

    def test_the_latest_valid_one_counts(self):
        """A trade reference for a week does not end a rating that is good for a year."""
        rating = self.check("bad", source="agency", valid_until=ON + timedelta(days=300))
        self.check("good", day=DUE + timedelta(days=1), source="trade", valid_until=ON - timedelta(days=1))
        self.assertEqual(self.codes(self.state(ON - timedelta(days=1))), [])
        state = self.state()
        self.assertEqual((state.status, self.codes(state)), (Status.HOLD, [Code.BAD]))
        self.assertEqual(self.codes(self.state(ON + timedelta(days=301))), [Code.CHECK_EXPIRED])
        with freeze_time(ON):
            self.assertEqual([check.standing for check in self.customer().solvency_ids], ["expired", "counts"])
            rating.recommended_limit = 700.0
            rating.action_take_limit()
        self.assertEqual(self.customer().credit_limit, 700.0)

    def test_an_insolvency_that_was_checked_again_does_not_come_back(self):
        self.check("insolvent", opening_date=DUE)
        self.check("good", day=DUE + timedelta(days=1), valid_until=ON)
        self.assertEqual(self.codes(self.state()), [])
        self.assertEqual(self.codes(self.state(ON + timedelta(days=1))), [Code.CHECK_EXPIRED])

    def test_no_review_is_asked_for_what_no_longer_counts(self):
        self.check("good", valid_until=ON + timedelta(days=300))
        self.check("good", day=DUE + timedelta(days=1), source="trade", valid_until=ON)
        self.env["ar.dunning.solvency.check"]._schedule_reviews(self.company, ON)
        self.assertFalse(self.customer().activity_ids)

    def test_a_check_entered_by_mistake_takes_its_freeze_along(self):
        invoice = self.invoice(400.0)
        check = self.check("insolvent", opening_date=ON)
        day = DUE + timedelta(days=60)
        self.assertIn("paused", self.blockers(invoice, day))
        check.active = False
        self.assertEqual(check.arrangement_ids.state, "ended")
        self.assertNotIn("paused", self.blockers(invoice, day))
        self.assertIn("entered by mistake", "".join(str(m.body) for m in self.customer().message_ids))
        again = self.check("insolvent", opening_date=ON)
        self.assertEqual(again.arrangement_ids.state, "active")
        other = self.check("insolvent", day=DUE + timedelta(days=1), opening_date=ON)
        self.assertEqual(other.arrangement_ids, again.arrangement_ids)
        again.result = "caution"
        self.assertEqual(other.arrangement_ids.state, "active")  # the other one still says so

    def test_a_second_enquiry_forgets_nothing_of_the_first(self):
        administrator = self.env["res.partner"].create({"name": "Administrator"})
        first = self.check("insolvent", day=ON, opening_date=ON, administrator_id=administrator.id)
        pause = first.arrangement_ids
        self.check("insolvent", day=ON + timedelta(days=1), opening_date=ON)  # does not know him
        self.assertEqual((pause.addressee_id, pause.freeze_before), (administrator, ON))
        self.check("insolvent", day=DUE, opening_date=DUE)  # written down later, older news
        self.assertEqual((pause.addressee_id, pause.freeze_before), (administrator, ON))
        first.administrator_id = False
        self.assertFalse(pause.addressee_id)

    def test_a_branch_that_sells_later_is_frozen_too(self):
        check = self.check("insolvent", opening_date=DUE)
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        there = self.customer(company=branch)
        Customer = self.env["ar.dunning.customer"].sudo()
        Customer._close_night(branch)
        self.assertEqual(check.arrangement_ids.customer_id, self.customer() | there)
        pause = there.arrangement_ids
        pause._end("Agreed with the administrator")
        Customer._close_night(branch)
        self.assertEqual(there.arrangement_ids, pause)  # what a person has ended stays ended

    def test_a_check_of_next_year_is_a_slip(self):
        with self.assertRaisesRegex(ValidationError, "future"):
            self.check(day=self.company._dunning_today() + timedelta(days=2))

    def test_no_recommended_limit_is_none_to_take(self):
        check = self.check()
        with self.assertRaisesRegex(UserError, "no limit"):
            check.action_take_limit()
        self.assertEqual(self.customer().credit_limit, 1000.0)

    def test_numbers_are_checked_for_whatever_country_or_none(self):
        self.partner_a.write({"country_id": False, "vat": "12345"})
        check = self.check(source="register")
        check.action_check()
        self.assertIn("12345: the form of such numbers is not known", check.finding)
        for code in REGISTERS:
            self.partner_a.write({"vat": False, "country_id": self.env["res.country"].search([("code", "=", code)]).id})
            self.partner_a.company_registry = "x"
            check.action_check()
            self.assertIn("cannot be right", check.finding, code)

from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.ar_dunning.tests.common import DUE

from ..core.credit_status import Code, Status
from .credit_common import ON, CreditCommon


@tagged("post_install", "-at_install")
class TestSolvency(CreditCommon):
    """Dated enquiries: the latest counts, expiry asks for a review, insolvency freezes."""

    def check(self, result="good", day=DUE, customer=None, **values):
        return self.env["ar.dunning.solvency.check"].create(
            {"customer_id": (customer or self.customer()).id, "date": day, "result": result, **values}
        )

    def test_no_result_by_default(self):
        """A form that is opened and left saves nothing: no customer is good because nobody chose a result."""
        self.assertEqual(self.env["ar.dunning.solvency.check"].default_get(["result", "source"]), {"source": "own"})

    def test_why_in_the_list(self):
        """The list names every reason, without what unlocks it."""
        with freeze_time(ON):
            self.assertEqual(self.customer().credit_why, "")
            self.customer()._put({"manual_hold": "hold", "hold_reason": "Moved away", "hold_on": DUE})
            self.check("bad", source="agency")
            self.customer().invalidate_recordset()
            why = self.customer().credit_why
        day = DUE.strftime("%m/%d/%Y")
        self.assertIn(f"Bad solvency: Credit agency of {day}.", why)
        self.assertIn(f"since {day}: Moved away.", why)
        self.assertNotIn("lift", why)

    def test_the_latest_counts(self):
        bad = self.check("bad", source="agency", rating="Index 480")
        self.assertEqual((self.state().status, self.codes(self.state())), (Status.HOLD, [Code.BAD]))
        good = self.check("good", day=DUE + timedelta(days=1))
        self.assertEqual(self.state().status, Status.OK)
        older = self.check("caution", day=DUE - timedelta(days=30))  # entered later, made earlier
        self.assertEqual(self.state().status, Status.OK)
        self.assertEqual([c.standing for c in (bad, good, older)], ["superseded", "counts", "superseded"])
        good.active = False
        self.assertEqual(self.state().status, Status.HOLD)

    def test_an_expired_check_asks_for_a_review_once(self):
        customer = self.customer()
        customer.responsible_id = self.controller
        check = self.check("good", valid_until=ON)
        Check = self.env["ar.dunning.solvency.check"]
        Check._schedule_reviews(self.company, ON - timedelta(days=8))
        self.assertFalse(customer.activity_ids)
        for day in (-7, -6, 0, 30):
            Check._schedule_reviews(self.company, ON + timedelta(days=day))
        activity = customer.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.controller, ON))
        self.assertEqual(self.state().status, Status.OK)
        state = self.state(ON + timedelta(days=1))
        self.assertEqual((state.status, self.codes(state)), (Status.WATCH, [Code.CHECK_EXPIRED]))
        check.valid_until = ON + timedelta(days=60)
        Check._schedule_reviews(self.company, ON + timedelta(days=55))
        self.assertEqual(len(customer.activity_ids), 2)

    def test_no_review_of_what_was_checked_again(self):
        self.check("good", valid_until=ON)
        self.check("good", day=ON - timedelta(days=1))
        self.env["ar.dunning.solvency.check"]._schedule_reviews(self.company, ON)
        self.assertFalse(self.customer().activity_ids)

    def test_insolvency_freezes_redirects_and_asks_for_prepayment(self):
        opening = DUE + timedelta(days=30)
        old = self.invoice(400.0)
        new = self.invoice(300.0, due=opening + timedelta(days=20), invoice_date=opening + timedelta(days=1))
        administrator = self.env["res.partner"].create({"name": "Administrator", "email": "adm@example.com"})
        check = self.check(
            "insolvent", day=opening, opening_date=opening, administrator_id=administrator.id, source="register"
        )
        pause = check.arrangement_ids
        self.assertEqual(pause.reason_id, self.env.ref("ar_dunning.reason_pause_insolvency"))
        self.assertEqual((pause.freeze_before, pause.addressee_id, pause.date_end), (opening, administrator, False))
        day = opening + timedelta(days=60)
        self.assertIn("paused", self.blockers(old, day))
        self.assertNotIn("paused", self.blockers(new, day))
        notice = self.night(day).notice_ids
        self.assertEqual((notice.partner_id, notice.line_ids.item_id.move_id), (administrator, new))
        state = self.state(opening)
        self.assertEqual((state.status, state.prepayment_only, state.may_override), (Status.HOLD, True, True))
        text = self.customer()._credit_text(state)
        self.assertIn("Insolvent", text)
        self.assertIn("paid in advance", text)
        self.assertIn("prepayment", "".join(str(body) for body in self.customer().message_ids.mapped("body")))

    def test_a_second_insolvency_check_extends_the_pause(self):
        opening = DUE + timedelta(days=30)
        first = self.check("insolvent", opening_date=opening)
        administrator = self.env["res.partner"].create({"name": "Administrator"})
        first.administrator_id = administrator
        self.assertEqual(first.arrangement_ids.addressee_id, administrator)
        second = self.check(
            "insolvent", day=ON, opening_date=opening + timedelta(days=3), administrator_id=administrator.id
        )
        self.assertEqual(second.arrangement_ids, first.arrangement_ids)
        self.assertEqual(first.arrangement_ids.freeze_before, opening + timedelta(days=3))

    def test_insolvency_holds_in_branches_too(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.user.company_ids |= branch
        there = self.customer(company=branch)
        check = self.check("insolvent", opening_date=DUE)
        self.assertEqual(check.arrangement_ids.customer_id, self.customer() | there)
        self.assertTrue(self.state(company=branch).prepayment_only)

    def test_insolvent_needs_its_opening_day(self):
        with self.assertRaisesRegex(ValidationError, "proceedings were opened"):
            self.check("insolvent")

    def test_bad_input(self):
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.check(recommended_limit=-1.0)
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.check(valid_until=DUE - timedelta(days=1))
        check = self.check()
        with self.assertRaisesRegex(UserError, "stays"):
            check.sudo().unlink()
        with self.assertRaises(UserError):
            check.customer_id = self.customer(self.partner_b)

    def test_the_recommended_limit_is_taken_on_request_only(self):
        check = self.check(recommended_limit=2500.0)
        self.assertEqual(self.state().limit, 1000)
        check.with_user(self.controller).action_take_limit()
        self.assertEqual(self.state().limit, 2500)
        self.check(day=DUE + timedelta(days=1))
        with self.assertRaises(UserError):
            check.action_take_limit()

    def test_plausibility_is_no_rating(self):
        norway = self.env.ref("base.no")
        self.partner_a.write({"country_id": norway.id, "company_registry": "988 077 917"})
        self.partner_a.vat = "NO988077917MVA" if "base_vat" not in self.env.registry._init_modules else False
        check = self.check("caution", source="register")
        self.assertTrue(check.has_service)
        check.action_check()
        self.assertIn("988 077 917: plausible", check.finding)
        self.assertEqual(check.result, "caution")
        self.partner_a.company_registry = "988 077 918"
        check.action_check()
        self.assertIn("cannot be right", check.finding)

    def test_sources_without_a_service_say_so(self):
        check = self.check(source="bank")
        self.assertFalse(check.has_service)
        with self.assertRaisesRegex(UserError, "Bank reference"):
            check.action_check()

    def test_documents_belong_to_the_check(self):
        document = self.env["ir.attachment"].create({"name": "report.pdf", "raw": b"%PDF"})
        check = self.check(attachment_ids=[Command.link(document.id)])
        self.assertEqual((document.res_model, document.res_id), (check._name, check.id))
        self.assertEqual(document.with_user(self.controller).name, "report.pdf")
        with self.assertRaises(AccessError):
            document.with_user(self.seller).read(["raw"])

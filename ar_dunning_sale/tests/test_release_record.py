from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.ar_dunning_sale.models.facts.gate import CreditRefusedError

from .common import SaleDunningCommon


@tagged("post_install", "-at_install")
class TestReleaseRecord(SaleDunningCommon):
    """What stays of a release: who asked, who decided and why, up to which amount, over which limit, and until when it holds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.limit(cls, 800.0)
        cls.overdue(500.0)
        cls.order = cls.quotation()

    def decide(self, decision="approved", note="Pays on Friday", **values):
        self.order.with_user(self.controller)._dunning_decide(decision, note, **values)

    def request(self):
        self.order.with_user(self.seller).action_request_approval()
        return self.order.ar_dunning_release_id

    def test_request_and_answer_are_one_record(self):
        release = self.request()
        self.assertEqual(
            (release.state, release.asked_by_id, release.decided_by_id.id), ("requested", self.seller, False)
        )
        self.decide()
        self.assertEqual(self.order.ar_dunning_release_ids, release)
        self.assertEqual((release.state, release.asked_by_id), ("approved", self.seller))
        self.assertEqual((release.decided_by_id, release.note), (self.controller, "Pays on Friday"))
        self.assertTrue(release.asked_on and release.decided_on)
        self.assertEqual((release.partner_id, release.company_id), (self.partner_a, self.company))
        self.assertEqual(
            (release.amount, release.currency_id, release.purpose), (1000.0, self.order.currency_id, "confirm")
        )
        self.assertEqual(release.display_name, f"{self.order.name}: Approved")

    def test_it_says_over_which_limit_and_why(self):
        """1,500 would be used of 800."""
        release = self.request()
        self.assertEqual((release.credit_limit, release.over_limit), (800.0, 700.0))
        for words in ("1,500.00 used of", "500.00", "40 days late"):
            self.assertIn(words, release.why.replace("\xa0", " "))

    def test_what_the_customer_owes_is_not_for_salespeople(self):
        release = self.request().with_user(self.seller)
        self.assertEqual(release.read(["amount", "state"])[0]["amount"], 1000.0)
        for name in ("why", "credit_limit", "over_limit"):
            with self.assertRaises(AccessError):
                release.read([name])
        self.assertTrue(release.with_user(self.controller).why)

    def test_a_renewed_request_takes_the_place_of_the_former(self):
        former = self.request()
        self.order.order_line.price_unit = 9000.0
        later = self.request()
        self.assertEqual((former.end, former.amount, later.amount), ("replaced", 1000.0, 9000.0))
        self.assertEqual(self.order.ar_dunning_release_ids, later | former)
        self.assertEqual(self.order.ar_dunning_release_id, later)

    def test_cancelling_ends_it_and_a_new_one_may_be_asked_for(self):
        release = self.request()
        self.decide()
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual((release.state, release.end), ("approved", "cancelled"))
        self.assertFalse(self.order.ar_dunning_release)
        self.order.action_draft()
        self.assertNotEqual(self.request(), release)

    def test_confirmed_without_an_answer(self):
        release = self.request()
        self.env["account.move"].search([("partner_id", "=", self.partner_a.id)]).button_draft()
        self.limit(0.0)
        self.order.with_user(self.seller).action_confirm()
        self.assertEqual((release.state, release.end), ("requested", "needless"))

    def test_it_holds_until_its_last_day(self):
        day = self.today + timedelta(days=3)
        self.decide(until=day)
        with freeze_time(day):
            self.assertIn(
                "It holds until", self.order._dunning_release_text(self.order._dunning_verdicts()[self.order.id])
            )
            self.assertFalse(self.order._dunning_verdicts()[self.order.id].stops)
        with freeze_time(day + timedelta(days=1)), self.assertRaises(CreditRefusedError):
            self.order.action_confirm()
        with freeze_time(day):
            self.order.action_confirm()
        with freeze_time(day + timedelta(days=60)):
            self.assertTrue(self.order._dunning_verdicts()[self.order.id].released, "confirmed in time")

    def test_a_last_day_of_the_past_is_refused(self):
        with self.assertRaisesRegex(UserError, "choose a later day"):
            self.decide(until=self.today - timedelta(days=1))

    def test_the_dialog_asks_until_when(self):
        action = self.order.with_user(self.controller).action_approve()
        Wizard = self.env[action["res_model"]].with_user(self.controller).with_context(**action["context"])
        with Form(Wizard) as form:
            form.note = "fine"
            form.until = date(2100, 1, 1)
        form.record.action_decide()
        self.assertEqual(self.order.ar_dunning_release_id.until, date(2100, 1, 1))

    def test_only_one_counts(self):
        """The database says so, too."""
        self.decide()
        first = self.order.ar_dunning_release_id
        values = {name: first[name].id for name in ("order_id", "customer_id", "currency_id")}
        with self.assertRaisesRegex(Exception, "counts"), self.cr.savepoint():
            self.env["ar.dunning.release"].sudo()._make({**values, "state": "approved", "purpose": "confirm"})

    def test_a_salesperson_reads_those_of_own_orders(self):
        mine = self.request()
        other = self.quotation(user_id=self.controller.id)
        other.with_user(self.controller).sudo()._dunning_decide("declined", "no")
        Release = self.env["ar.dunning.release"]
        theirs = other.ar_dunning_release_id
        self.assertEqual(Release.with_user(self.seller).search([("id", "in", (mine | theirs).ids)]), mine)
        self.assertEqual(Release.with_user(self.controller).search([("id", "in", (mine | theirs).ids)]), theirs | mine)
        self.seller.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.assertEqual(Release.with_user(self.seller).search([("id", "in", (mine | theirs).ids)]), theirs | mine)

    def test_other_companies_are_not_seen(self):
        release = self.request()
        other = self.setup_other_company()["company"]
        self.controller.write({"company_ids": [(4, other.id)]})
        Release = self.env["ar.dunning.release"].with_user(self.controller)
        self.assertEqual(Release.with_context(allowed_company_ids=self.company.ids).search([]), release)
        self.assertFalse(Release.with_context(allowed_company_ids=other.ids).search([]))

    def test_the_order_leads_to_them(self):
        release = self.request()
        action = self.order.with_user(self.seller).action_view_releases()
        self.assertEqual(self.order.with_user(self.seller).ar_dunning_release_count, 1)
        self.assertEqual(self.env[action["res_model"]].with_user(self.seller).search(action["domain"]), release)

    def test_a_deleted_order_leaves_its_releases(self):
        release, name = self.request(), self.order.name
        self.order.unlink()
        self.assertEqual((release.order_name, release.order_id.id), (name, False))

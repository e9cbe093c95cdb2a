from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)
DOCUMENTS = (
    "ar.dunning.customer",
    "ar.dunning.item",
    "ar.dunning.notice",
    "ar.dunning.notice.line",
    "ar.dunning.delivery",
    "ar.dunning.arrangement",
    "ar.dunning.run",
    "ar.dunning.run.line",
    "ar.dunning.agenda",
    "ar.dunning.policy",
    "ar.dunning.level",
    "ar.dunning.reason",
    "ar.dunning.report",
)


@tagged("post_install", "-at_install")
class TestRights(DunningCommon):
    """Each kind of user on each model."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {"company_id": cls.company.id, "company_ids": [(6, 0, cls.company.ids)]}
        cls.manager = new_test_user(cls.env, "dun_manager", "ar_dunning.group_dunning_manager", **company)
        cls.user = new_test_user(cls.env, "dun_user", "ar_dunning.group_dunning_user", **company)
        cls.billing = new_test_user(cls.env, "billing", "account.group_account_invoice", **company)
        groups = "base.group_user"
        if "sale.order" in cls.env:
            groups += ",sales_team.group_sale_salesman"
        cls.sales = new_test_user(cls.env, "seller", groups, **company)
        cls.portal = new_test_user(cls.env, "portal_customer", "base.group_portal")

    def test_who_reads_what(self):
        for model in DOCUMENTS:
            for user in (self.manager, self.user):
                self.env[model].with_user(user).search([], limit=1).read()
            for user in (self.billing, self.sales, self.portal):
                with self.assertRaises(AccessError, msg=f"{model} as {user.login}"):
                    self.env[model].with_user(user).search([], limit=1)

    def test_who_writes_what(self):
        self.invoice()
        notice = self.night(FIRST).notice_ids
        as_user = notice.with_user(self.user)
        as_user.write({"text": "<p>Kinder words</p>"})
        as_user.action_send()
        self.assertEqual((notice.state, notice.approved_by_id), ("queued", self.user))
        as_user.action_back_to_draft()
        self.assertEqual(notice.state, "draft")
        for record, values in (
            (self.policy, {"contact_gap": 1}),
            (self.policy.level_ids[0], {"name": "x"}),
        ):
            with self.assertRaises(AccessError):
                record.with_user(self.user).write(values)
            record.with_user(self.manager).write(values)
        for model in ("ar.dunning.run", "ar.dunning.delivery", "ar.dunning.notice"):
            self.assertFalse(self.env[model].with_user(self.manager).has_access("create"), model)
        with self.assertRaises(AccessError):
            self.env["ar.dunning.run.wizard"].with_user(self.user).create({}).action_run()

    def test_only_a_manager_cancels_what_was_sent(self):
        self.invoice()
        notice = self.day(FIRST)
        wizard = {"notice_ids": [(6, 0, notice.ids)], "reason": "Wrong person"}
        with self.assertRaises(AccessError):
            self.env["ar.dunning.cancel.wizard"].with_user(self.user).create(wizard).action_cancel()
        self.env["ar.dunning.cancel.wizard"].with_user(self.manager).create(wizard).action_cancel()
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", "Wrong person"))

    def test_only_a_manager_resumes_early_and_says_why(self):
        invoice = self.invoice()
        pause = self.env["ar.dunning.arrangement"].create(
            {
                "customer_id": self.item(invoice).customer_id.id,
                "date_start": DUE,
                "date_end": DUE + timedelta(days=90),
                "reason": "Asked for time",
            }
        )
        self.assertEqual(self.blockers(invoice, FIRST), {"paused"})
        wizard = {"arrangement_ids": [(6, 0, pause.ids)], "reason": "The court refused"}
        with self.assertRaises(AccessError):
            self.env["ar.dunning.resume.wizard"].with_user(self.user).create(wizard).action_resume()
        self.assertEqual(self.blockers(invoice, FIRST), {"paused"})
        self.env["ar.dunning.resume.wizard"].with_user(self.manager).create(wizard).action_resume()
        self.assertEqual((pause.state, self.blockers(invoice, FIRST)), ("ended", set()))
        for record in (pause, pause.customer_id):
            self.assertIn("The court refused", record.message_ids[0].body)

    def test_user_sends_pauses_posts(self):
        invoice = self.invoice()
        for offset in (5, 15, 25):
            self.day(DUE + timedelta(days=offset))
        notice = self.day(DUE + timedelta(days=40))
        self.env["ar.dunning.post.wizard"].with_user(self.user).create(
            {"notice_ids": [(6, 0, notice.ids)], "posted_on": DUE + timedelta(days=41), "tracking_number": "RR1"}
        ).action_post()
        letter = notice.delivery_ids.filtered(lambda d: d.channel == "letter")
        self.assertEqual((letter.state, letter.posted_on), ("posted", DUE + timedelta(days=41)))
        pause = self.env["ar.dunning.pause.wizard"].with_user(self.user)
        pause.create(
            {"move_ids": [(6, 0, invoice.ids)], "date_end": "2099-12-31", "reason": "Insolvent"}
        ).action_pause()
        self.assertEqual(str(invoice.with_user(self.user).ar_dunning_paused_until), "2099-12-31")
        with self.assertRaisesRegex(UserError, "in the past"):
            pause.create({"move_ids": [(6, 0, invoice.ids)], "date_end": "2020-01-01", "reason": "x"}).action_pause()

    def test_sales_sees_the_state_and_nothing_else(self):
        self.invoice()
        for offset in (5, 15, 25):
            self.day(DUE + timedelta(days=offset))
        child = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.partner_a.id})
        for partner in (self.partner_a, child):
            seen = partner.with_user(self.sales)
            self.assertEqual(seen.ar_dunning_state, "on hold, Third reminder")
            self.assertTrue(seen.ar_dunning_on_hold)
            with self.assertRaises(AccessError):
                seen.read(["ar_dunning_customer_ids"])
        found = self.env["res.partner"].with_user(self.sales).search([("ar_dunning_on_hold", "=", True)])
        self.assertEqual(found, self.partner_a | child)
        self.assertNotIn(self.partner_b, found)

    def test_a_manager_of_another_company_sees_nothing(self):
        self.invoice()
        self.day(FIRST)
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "stranger",
            "ar_dunning.group_dunning_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for model in ("ar.dunning.customer", "ar.dunning.item", "ar.dunning.notice", "ar.dunning.delivery"):
            found = self.env[model].with_user(stranger).search([])
            self.assertFalse(found.filtered(lambda record: record.company_id == self.company), model)
        self.assertTrue(self.env["ar.dunning.policy"].with_user(stranger).search([]), "its own copies")
        self.assertNotIn(self.policy, self.env["ar.dunning.policy"].with_user(stranger).search([]))

    def test_a_branch_uses_the_policy_of_its_parent(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        clerk = new_test_user(
            self.env,
            "clerk",
            "ar_dunning.group_dunning_user",
            company_id=branch.id,
            company_ids=[(6, 0, branch.ids)],
        )
        self.assertIn(self.policy, self.env["ar.dunning.policy"].with_user(clerk).search([]))

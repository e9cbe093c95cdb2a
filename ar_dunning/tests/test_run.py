from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestRun(DunningCommon):
    """The run: what it counts, what it survives, what it leaves to others."""

    def test_counts_and_reasons(self):
        self.invoice()
        self.invoice(sent=False)
        self.invoice(due=DUE + timedelta(days=30))
        run = self.night(FIRST)
        self.assertEqual((run.customer_count, run.item_count, run.due_count), (1, 3, 1))
        self.assertEqual(run.skipped_counts, {"not_sent": 1})
        self.assertEqual(run.skipped_ids.mapped("reason"), ["The invoice was never sent to the customer."])
        self.assertIn("never sent", run.skipped_html)
        again = self.night(FIRST + timedelta(days=1))
        self.assertFalse(again.skipped_ids, "nothing new to tell")
        self.assertEqual(again.skipped_counts["not_sent"], 1)

    def test_one_broken_customer_among_many(self):
        partners = self.env["res.partner"].create(
            [{"name": f"C{n}", "is_company": True, "email": f"c{n}@example.com"} for n in range(5)]
        )
        for partner in partners:
            self.invoice(partner=partner)
        self.env["ar.dunning.item"].sudo()._sync(self.company)
        broken = self.env["ar.dunning.customer"].search([("partner_id", "=", partners[2].id)])
        # A notice that the unique index refuses: a step of this very level exists already.
        item = broken.item_ids
        level = self.policy.level_ids.filtered(lambda v: v.days == 5)
        stray = (
            self.env["ar.dunning.notice"]
            .sudo()
            ._make(
                {
                    "customer_id": broken.id,
                    "company_id": self.company.id,
                    "partner_id": partners[2].id,
                    "policy_id": self.policy.id,
                    "level_id": level.id,
                    "date": DUE,
                    "subject": "stray",
                    "state": "failed",
                    "line_ids": [
                        (
                            0,
                            0,
                            {
                                "item_id": item.id,
                                "level_id": level.id,
                                "is_step": True,
                                "is_demanded": False,
                                "currency_id": self.company.currency_id.id,
                            },
                        )
                    ],
                }
            )
        )
        run = self.make_run(FIRST)
        with (
            mute_logger("odoo.sql_db", "odoo.addons.ar_dunning.models.ar_dunning_run"),
            freeze_time(datetime(2026, 3, 7)),
        ):
            run._prepare(run._due_customers())
        self.assertEqual(len(run.notice_ids), 4)
        self.assertEqual(run.error_ids.customer_id, broken)
        self.assertTrue(stray)

    def test_one_broken_notice_does_not_stop_the_others(self):
        broken = self.make_policy(self.company, name="Broken")
        broken.level_ids.mail_template_id = self.env["mail.template"].create(
            {
                "name": "Broken",
                "model_id": self.env["ir.model"]._get_id("ar.dunning.notice"),
                "subject": "{{ object.subject }}",
                "body_html": '<p t-out="object.no_such_field"/>',
            }
        )
        self.partner_b.write({"email": "b@example.com", "is_company": True})
        good, bad = self.invoice(), self.invoice(partner=self.partner_b)
        self.item(bad).customer_id.policy_id = broken
        notices = self.night(FIRST).notice_ids
        self.assertEqual(len(notices), 2)
        cron = self.env.ref("ar_dunning.ir_cron_send").sudo()
        with (
            freeze_time(datetime(2026, 3, 7, 9)),
            mute_logger(
                "odoo.addons.ar_dunning.models.ar_dunning_dispatch", "odoo.addons.mail.models.mail_render_mixin"
            ),
        ):
            notices._approve()
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.env.invalidate_all()
        by_invoice = {notice.line_ids.move_id: notice for notice in notices}
        self.assertEqual(by_invoice[good].delivery_ids.address, "anna@example.com")
        self.assertEqual(by_invoice[bad].state, "failed")
        self.assertIn("no_such_field", by_invoice[bad].error)
        self.assertFalse(by_invoice[bad].delivery_ids)

    def test_an_item_takes_a_level_once(self):
        self.invoice()
        notice = self.day(FIRST)
        line = notice.line_ids
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            line.sudo()._make(line.copy_data({"notice_id": notice.id}))
            self.env.flush_all()

    def test_quiet_night_costs_a_constant_number_of_statements(self):
        def statements():
            run = self.make_run(FIRST)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["ar.dunning.item"].sudo()._sync(self.company)
            self.assertFalse(run._due_customers())
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.invoice(due=DUE + timedelta(days=90))
        self.night(FIRST)
        one = statements()
        partners = self.env["res.partner"].create([{"name": f"C{n}", "is_company": True} for n in range(30)])
        for partner in partners:
            self.invoice(partner=partner, due=DUE + timedelta(days=90))
        self.night(FIRST)
        self.assertEqual(statements(), one)
        self.assertLessEqual(one, 60)

    def test_review_holds_everything_automatic_waits_for_the_window(self):
        invoice = self.invoice()
        notice = self.night(FIRST).notice_ids
        self.assertEqual(notice.state, "draft")
        with freeze_time(datetime(2026, 3, 7, 9)):
            self.assertFalse(self.env["ar.dunning.dispatch"].sudo()._queue(datetime(2026, 3, 7, 9)))
        notice._cancel("test")
        self.policy.mode = "automatic"
        self.company.resource_calendar_id.tz = "UTC"
        notice = self.night(FIRST).notice_ids - notice
        self.assertEqual((notice.state, notice.send_after), ("queued", datetime(2026, 3, 7, 8)))
        queue = self.env["ar.dunning.dispatch"].sudo()._queue
        self.assertFalse(queue(datetime(2026, 3, 7, 7, 59)))
        self.assertEqual(queue(datetime(2026, 3, 7, 8)), notice.ids)
        self.assertFalse(queue(datetime(2026, 3, 7, 10)), "the window has closed")
        self.assertEqual(queue(datetime(2026, 3, 8, 9)), notice.ids)
        self.assertTrue(invoice)

    def test_always_review_wins_over_automatic(self):
        invoice = self.invoice()
        self.policy.mode = "automatic"
        self.item(invoice).customer_id.always_review = True
        self.assertEqual(self.night(FIRST).notice_ids.state, "draft")

    def test_preview_equals_the_night_and_leaves_nothing(self):
        self.invoice()
        self.invoice(due=DUE - timedelta(days=30), partner=self.partner_b)
        self.partner_b.write({"email": "b@example.com", "is_company": True})
        before = self.env["ar.dunning.notice"].search_count([])
        with self.enter_registry_test_mode():
            rows, _skipped = self.env["ar.dunning.run.wizard"]._rehearse(FIRST, self.company)
        self.assertEqual(self.env["ar.dunning.notice"].search_count([]), before)
        night = self.night(FIRST).notice_ids
        self.assertEqual(
            sorted((row["partner_id"], row["level_id"], row["totals"], row["subject"]) for row in rows),
            sorted((n.commercial_partner_id.id, n.level_id.id, n.totals, n.subject) for n in night),
        )
        self.assertEqual(len(rows), 2)

    def test_the_scheduled_action_does_tonights_run_once(self):
        self.invoice()
        cron = self.env.ref("ar_dunning.ir_cron_night").sudo()
        with freeze_time(datetime(2026, 3, 7, 2)), self.enter_registry_test_mode():
            cron.method_direct_trigger()
            runs = self.env["ar.dunning.run"].search([("date", "=", date(2026, 3, 7))])
            self.assertEqual((len(runs), runs.state, runs.kind), (1, "done", "night"))
            self.assertEqual(len(runs.notice_ids.filtered(lambda n: n.company_id == self.company)), 1)
            cron.method_direct_trigger()
            self.assertEqual(self.env["ar.dunning.run"].search([("date", "=", date(2026, 3, 7))]), runs)

    def test_run_now_is_queued_and_refused_twice(self):
        run = self.env["ar.dunning.run"]._queue_manual(FIRST, self.company)
        self.assertEqual(run.state, "queued")
        with self.assertRaisesRegex(UserError, "already under way"):
            self.env["ar.dunning.run"]._queue_manual(FIRST, self.company)

    def test_salesperson_hears_two_days_before_a_formal_notice(self):
        salesperson = self.env["res.users"].create({"name": "Sam", "login": "sam_sales"})
        invoice = self.invoice(invoice_user_id=salesperson.id)
        for offset in (5, 15, 25):
            self.day(DUE + timedelta(days=offset))
        told = []
        for offset in range(26, 41):
            self.night(DUE + timedelta(days=offset))
            if self.partner_a.activity_ids:
                told.append(offset)
        self.assertEqual(told[0], 38)
        self.assertEqual(len(self.partner_a.activity_ids), 1)
        self.assertEqual(self.partner_a.activity_ids.user_id, salesperson)
        self.assertIn(invoice.name, self.partner_a.activity_ids.summary)

    def test_one_notice_per_invoice(self):
        self.policy.grouping = "invoice"
        first, second = self.invoice(100.0), self.invoice(200.0)
        notices = self.day(FIRST)
        self.assertEqual(sorted(notices.mapped("amount_total")), [100.0, 200.0])
        self.assertEqual(set(notices.mapped("state")), {"sent"})
        self.assertEqual({n.line_ids.move_id for n in notices}, {first, second})

    def test_policy_change_brings_a_step_forward(self):
        invoice = self.invoice()
        self.night(DUE + timedelta(days=1))
        self.assertEqual(self.item(invoice).next_date, FIRST)
        self.policy.level_ids.filtered(lambda v: v.days == 5).days = 2
        self.assertEqual(len(self.night(DUE + timedelta(days=2)).notice_ids), 1)

    def test_task_for_a_person_counts_when_done(self):
        level = self.policy.level_ids.filtered(lambda v: v.days == 5)
        level.write({"channel_email": False, "channel_activity": True, "activity_user_id": self.env.user.id})
        invoice = self.invoice()
        notice = self.day(FIRST)
        self.assertEqual(notice.state, "queued")
        activity = notice.activity_ids
        self.assertEqual(activity.user_id, self.env.user)
        self.assertEqual(self.item(invoice).rank, 0)
        activity.action_feedback(feedback="Will pay on Friday")
        self.assertEqual(notice.state, "sent")
        self.assertEqual(self.item(invoice).rank, 1)

    def test_copies_to_payer_and_salesperson(self):
        salesperson = self.env["res.users"].create({"name": "Sam", "login": "sam", "email": "sam@example.com"})
        self.company.email = "office@example.com"
        payer = self.env["res.partner"].create({"name": "Mother", "email": "mother@example.com"})
        self.policy.level_ids.filtered(lambda v: v.days == 5).copy_salesperson = True
        invoice = self.invoice(invoice_user_id=salesperson.id)
        self.item(invoice).customer_id.payer_id = payer
        notice = self.day(FIRST)
        self.assertEqual(
            sorted((d.address, d.is_copy) for d in notice.delivery_ids),
            [("anna@example.com", False), ("mother@example.com", True), ("sam@example.com", True)],
        )
        self.assertEqual(len(set(notice.delivery_ids.mapped("message_id"))), 3)
        for mail in notice.sudo().delivery_ids.mail_id:
            self.assertIn(self.company.name, mail.reply_to, "replies go to the company by its name")
        self.assertEqual(notice.delivery_ids.mail_id.mapped("recipient_ids.email"), [])

    def test_contact_chain(self):
        invoice_contact = self.env["res.partner"].create(
            {"name": "Accounts", "parent_id": self.partner_a.id, "type": "invoice", "email": "accounts@example.com"}
        )
        invoice = self.invoice()
        notice = self.night(FIRST).notice_ids
        self.assertEqual(notice.partner_id, invoice_contact)
        dunning_contact = self.env["res.partner"].create({"name": "Late", "email": "late@example.com"})
        self.item(invoice).customer_id.contact_id = dunning_contact
        self.send(notice, FIRST)
        self.day(DUE + timedelta(days=15))
        newest = self.env["ar.dunning.notice"].search([("customer_id.partner_id", "=", self.partner_a.id)], limit=1)
        self.assertEqual(newest.delivery_ids.mapped("address"), ["late@example.com"])

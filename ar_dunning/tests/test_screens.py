import base64
from datetime import datetime, time, timedelta
from io import BytesIO

from freezegun import freeze_time
from lxml import etree
from PIL import Image

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import DUE, DunningCommon


@tagged("post_install", "-at_install")
class TestScreens(DunningCommon):
    """What a person reads on the screens: names, sums, and no mail about one's own work."""

    def setUp(self):
        super().setUp()
        self.invoice()
        self.notice = self.night(DUE.replace(day=9)).notice_ids

    def test_a_delivery_has_a_name(self):
        """Letters and tasks have no address, and were all *Unnamed*."""
        values = {"notice_id": self.notice.id, "partner_id": self.partner_a.id}
        deliveries = (
            self.env["ar.dunning.delivery"]
            .sudo()
            ._make(
                [
                    {**values, "channel": "letter"},
                    {**values, "channel": "email", "address": "anna@example.com"},
                    {"notice_id": self.notice.id, "channel": "activity"},
                ]
            )
        )
        self.assertEqual(
            deliveries.mapped("display_name"), ["Letter: partner_a", "E-mail: anna@example.com", "Task for a person"]
        )

    def test_ageing_columns_have_totals(self):
        arch = etree.fromstring(self.env["ar.dunning.customer"].get_view(view_type="list")["arch"])
        columns = ("late_total", "late_0", "late_30", "late_60", "late_90", "late_more")
        sums = {name: arch.find(f".//field[@name='{name}']").get("sum") for name in columns}
        self.assertEqual([name for name, label in sums.items() if not label], [])

    def test_no_mail_about_a_task_of_ones_own(self):
        """Who approved a notice got a mail for each task that his own sending made."""
        clerk = new_test_user(
            self.env,
            "carla",
            "base.group_user,ar_dunning.group_dunning_user",
            email="carla@example.com",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.notice.sudo()._put({"responsible_id": clerk.id, "approved_by_id": self.env.uid})
        self.notice.level_id.activity_type_id = self.env.ref("mail.mail_activity_data_todo")
        told = [("partner_ids", "in", clerk.partner_id.ids)]
        Dispatch, Message = self.env["ar.dunning.dispatch"].sudo(), self.env["mail.message"].sudo()
        self.assertEqual(Dispatch._schedule_task(self.notice).user_id, clerk)
        self.assertEqual(Message.search_count(told), 1, "somebody else's sending is told")
        for _again in range(3):
            self.assertEqual(Dispatch._schedule_task(self.notice).user_id, clerk)
        self.assertEqual(Message.search_count(told), 1, "by one mail, not by one for each of its tasks")
        self.notice.sudo()._put({"approved_by_id": clerk.id})
        self.assertEqual(Dispatch._schedule_task(self.notice).user_id, clerk)
        self.assertEqual(Message.search_count(told), 1)

    def test_a_night_writes_no_mail_for_each_of_its_to_dos(self):
        """Of each formal notice that was near its salesperson had a to-do and a mail about the to-do."""
        seller = new_test_user(self.env, "sam", "base.group_user", email="sam@example.com", company_id=self.company.id)
        self.notice.line_ids.move_id.invoice_user_id = seller
        self.send(self.notice, DUE + timedelta(days=7))
        self.policy.level_ids.filtered(lambda level: level.days in (15, 25)).unlink()
        self.policy.reminders_before_formal = 1
        self.env["ar.dunning.run"].sudo().search([])._put({"state": "done"})
        with freeze_time(datetime.combine(DUE + timedelta(days=39), time(3))), self.enter_registry_test_mode():
            self.env.ref("ar_dunning.ir_cron_night").sudo().method_direct_trigger()
        self.env.invalidate_all()
        todo = self.env["mail.activity"].sudo().search([("user_id", "=", seller.id)])
        self.assertEqual(len(todo), 1)
        self.assertIn("Formal notice planned", todo.summary)
        self.assertEqual(
            self.env["mail.message"].sudo().search_count([("partner_ids", "in", seller.partner_id.ids)]), 0
        )

    def test_no_mail_about_tasks_that_nobody_gave(self):
        """What a policy sends by itself brings tasks, which are seen in the morning, all together."""
        clerk = self.env.user.copy({"login": "carl", "email": "carl@example.com"})
        self.notice.level_id.activity_type_id = self.env.ref("mail.mail_activity_data_todo")
        Dispatch, Message = self.env["ar.dunning.dispatch"].sudo(), self.env["mail.message"].sudo()
        for giver in (self.env["res.users"], self.env.ref("base.user_root")):
            self.notice.sudo()._put({"responsible_id": clerk.id, "approved_by_id": giver.id})
            self.assertEqual(Dispatch._schedule_task(self.notice).user_id, clerk)
        self.assertEqual(Message.search_count([("partner_ids", "in", clerk.partner_id.ids)]), 0)

    def test_the_letter_on_the_screen_has_its_logo_and_its_style(self):
        """Forms are read with `bin_size`, and the logo was "930.00 bytes"."""
        picture = BytesIO()
        Image.new("RGB", (36, 12), "navy").save(picture, "PNG")
        self.company.logo = base64.b64encode(picture.getvalue())
        self.notice.level_id.channel_letter = True
        self.env.invalidate_all()
        [read] = self.notice.with_context(bin_size=True).web_read({"letter_preview": {}})
        page = read["letter_preview"]
        self.assertIn("data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()[:16], page)
        self.assertNotIn("bytes", page)
        style = etree.HTML(page).findtext(".//style")
        self.assertGreater(len(style), 10_000, "the reports' style sheet")

    def test_levels_of_one_name_are_told_apart_in_groups(self):
        """Each policy has its *First reminder*: three groups of that name, and "(2)" and "(3)" in pivots."""
        first = self.notice.level_id
        env = self.env(context=dict(self.env.context, allowed_company_ids=self.company.ids))
        Notice, levels = env["ar.dunning.notice"], env["ar.dunning.level"].with_context(ar_dunning_with_policy=True)
        mine = [("id", "=", self.notice.id)]
        self.assertEqual(Notice.formatted_read_group(mine, ["level_id"])[0]["level_id"], (first.id, "First reminder"))
        other = self.make_policy(self.company, name="Consumers")
        twin = other.level_ids.filtered(lambda level: level.name == first.name)
        self.env.invalidate_all()
        for name in (
            "ar.dunning.notice",
            "ar.dunning.item",
            "ar.dunning.customer",
            "ar.dunning.report",
            "account.move",
        ):
            field = "ar_dunning_level_id" if name == "account.move" else "level_id"
            groups = env[name].formatted_read_group([("company_id", "=", self.company.id)], [field])
            found = [group[field] for group in groups if group[field]]
            if name in ("ar.dunning.notice", "ar.dunning.report"):
                self.assertEqual(found, [(first.id, "First reminder (Plain)")], name)
        [sets] = Notice.formatted_read_grouping_sets(mine, [["level_id"]])
        self.assertEqual(sets[0]["level_id"][1], "First reminder (Plain)")
        self.assertEqual(
            levels.browse((first | twin).ids).mapped("display_name"),
            ["First reminder (Plain)", "First reminder (Consumers)"],
        )
        self.assertEqual(
            [label for _id, label in env["ar.dunning.level"].name_search("First reminder")],
            ["First reminder (Plain)", "First reminder (Consumers)"],
        )
        other.name = "Plain"
        self.env.invalidate_all()
        self.assertEqual(levels.browse(first.id).display_name, f"First reminder (Plain, {self.company.name})")
        self.assertEqual(first.display_name, "First reminder", "in a column the short name is enough")

    def test_boards_say_that_nothing_is_left(self):
        """A board grouped by level was blank once everything was sent."""
        for model in ("ar.dunning.notice", "ar.dunning.customer", "ar.dunning.item", "ar.dunning.run.wizard.line"):
            arch = etree.fromstring(self.env[model].get_view(view_type="kanban")["arch"])
            self.assertEqual(arch.get("js_class"), "ar_dunning_kanban", model)

    def test_the_invoice_says_what_is_true_before_the_night(self):
        """A posted invoice had an empty *Dunning Level*, and would be taken up "once it is open and posted"."""
        arch = etree.fromstring(self.env["account.move"].get_view(self.env.ref("account.view_move_form").id)["arch"])
        page = arch.find(".//page[@name='ar_dunning']")
        self.assertEqual(page.find(".//field[@name='ar_dunning_level_id']").get("invisible"), "not ar_dunning_level_id")
        shown = {}
        for paid, excluded in ((False, False), (False, True), (True, False), (True, True)):
            values = {"ar_dunning_item_ids": [], "amount_residual": 0 if paid else 9.5, "ar_dunning_excluded": excluded}
            texts = [p.get("name") for p in page.iter("p") if not safe_eval(p.get("invisible"), values)]
            shown[paid, excluded] = texts
        self.assertEqual(
            shown,
            {
                (False, False): ["ar_dunning_not_taken_up"],
                (False, True): ["ar_dunning_excluded_note"],
                (True, False): ["ar_dunning_settled"],
                (True, True): ["ar_dunning_settled"],
            },
        )

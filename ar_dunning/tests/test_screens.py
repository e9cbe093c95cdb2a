from lxml import etree

from odoo import Command
from odoo.tests import new_test_user, tagged

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
        self.notice.sudo()._put({"approved_by_id": clerk.id})
        self.assertEqual(Dispatch._schedule_task(self.notice).user_id, clerk)
        self.assertEqual(Message.search_count(told), 1)

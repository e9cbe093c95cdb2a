from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common import DUE, DunningCommon

FIRST = DUE + timedelta(days=5)
NEXT_MORNING = "2026-03-08 08:00:00"


@tagged("post_install", "-at_install")
class TestLettersToPost(DunningCommon):
    """A letter that waits for the post is looked at once more before it is printed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.level_ids.filtered(lambda level: level.name == "First reminder").write(
            {"channel_email": False, "channel_letter": True}
        )
        cls.partner_b.write({"is_company": True, "street": "Gate 2", "city": "Bergen", "zip": "5003"})

    def setUp(self):
        super().setUp()
        self.env = self.env(context=dict(self.env.context, force_report_rendering=True))

    def letters(self):
        """The letters of two customers who owe 1,000 and 700, waiting for the post."""
        self.mine, self.other = self.invoice(1000.0), self.invoice(700.0, partner=self.partner_b)
        return self.day(FIRST).delivery_ids.sorted("id")

    def printing(self, letters):
        with freeze_time(NEXT_MORNING), self.allow_pdf_render():
            return letters.action_print_for_post()

    def test_what_still_holds_is_printed(self):
        letters = self.letters()
        action = self.printing(letters)
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertEqual(sorted(letters.mapped("print_number")), [1, 2])

    def test_who_has_paid_since_yesterday_gets_no_letter(self):
        letters = self.letters()
        self.pay(self.mine, 1000.0, FIRST)
        action = self.printing(letters)
        paid = letters.filtered(lambda letter: letter.notice_id.commercial_partner_id == self.partner_a)
        self.assertEqual((paid.state, paid.notice_id.state), ("cancelled", "cancelled"))
        self.assertEqual(paid.notice_id.cancel_reason, f"{self.mine.name} is paid.")
        self.assertEqual((letters - paid).print_number, 1)
        self.assertEqual(action["params"]["next"]["type"], "ir.actions.act_url")
        self.assertEqual(
            action["params"]["message"],
            f"Not printed, because something has changed:\n{paid.notice_id.name}: {self.mine.name} is paid.",
        )

    def test_who_has_paid_a_part_gets_a_letter_made_anew(self):
        letters = self.letters()
        self.pay(self.mine, 400.0, FIRST)
        self.printing(letters)
        notice = letters.notice_id.filtered(lambda one: one.commercial_partner_id == self.partner_a)
        self.assertEqual((notice.state, notice.delivery_ids.state), ("queued", "cancelled"))
        self.send_again(notice)
        waiting = notice.delivery_ids.filtered(lambda letter: letter.state == "queued")
        self.assertEqual((waiting.channel, notice.line_ids.amount_due), ("letter", 600.0))

    def send_again(self, notice):
        with freeze_time(NEXT_MORNING), self.allow_pdf_render():
            Dispatch = self.env["ar.dunning.dispatch"].sudo()
            self.assertIn(notice.id, Dispatch._queue(fields.Datetime.now()))
            for notice_id in Dispatch._send_ready(notice.ids):
                Dispatch._render(Dispatch.env["ar.dunning.notice"].browse(notice_id))
                Dispatch._send_ready([notice_id])

    def test_where_nothing_is_left_to_print_the_reason_is_told(self):
        letters = self.letters()
        self.pay(self.mine, 1000.0, FIRST)
        self.pay(self.other, 700.0, FIRST)
        action = self.printing(letters)
        self.assertEqual(action["params"]["next"]["tag"], "soft_reload")
        self.assertEqual(set(letters.mapped("state")), {"cancelled"})
        self.assertFalse(any(letters.mapped("printed_on")))

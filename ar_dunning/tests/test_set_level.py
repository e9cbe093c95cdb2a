from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DUE
from .desk_common import FIRST, SECOND, DeskCommon


@tagged("post_install", "-at_install")
class TestSetLevel(DeskCommon):
    """The level reached, set by hand."""

    def set_level(self, item, level, reason="Agreed by phone", user=None, on=None):
        wizard = self.env["ar.dunning.level.wizard"].with_user(user or self.manager)
        with freeze_time(on or FIRST):  # what comes next is planned from this day on
            wizard = wizard.create({"item_ids": [(6, 0, item.ids)], "level_id": level.id, "reason": reason})
            wizard.action_set()

    def test_up_goes_on_with_the_level_after_it(self):
        item = self.item(self.invoice())
        self.set_level(item, self.levels[1])
        self.assertEqual((item.level_id, item.rank, item.reminder_count), (self.levels[1], 2, 0))
        self.assertEqual((item.override_reason, item.override_user_id), ("Agreed by phone", self.manager))
        self.assertEqual(item.move_id.ar_dunning_level_id, self.levels[1])
        message = item.customer_id.message_ids[0]
        self.assertEqual(message.author_id, self.manager.partner_id)
        self.assertIn("Level set to Second reminder", message.body)
        self.assertIn(f"{item.display_name} (none): Agreed by phone", message.body)
        item.sudo()._refresh_progress()
        self.assertEqual((item.level_id, item.rank), (self.levels[1], 2))
        notice = self.day(DUE + timedelta(days=25))
        self.assertEqual(notice.level_id, self.levels[2])
        self.assertEqual((item.level_id, item.rank, item.reminder_count), (self.levels[2], 3, 1))
        self.assertIn("formal_gate", self.blockers(item.move_id, DUE + timedelta(days=60)))
        notice._cancel("wrong")
        self.assertEqual((item.level_id, item.rank), (self.levels[1], 2))

    def test_down_again_but_never_below_what_was_delivered(self):
        invoice = self.invoice()
        notice = self.day(FIRST)
        item = self.item(invoice)
        self.set_level(item, self.levels[3])
        self.assertEqual((item.level_id, item.rank), (self.levels[3], 4))
        self.set_level(item, self.levels[0], "Back to where it was")
        self.assertEqual((item.level_id, item.rank), (self.levels[0], 1))
        with self.assertRaisesRegex(UserError, f"was delivered with {notice.name}"):
            self.set_level(item, self.levels.browse())
        self.assertEqual(self.day(SECOND).level_id, self.levels[1], "the ladder goes on, nothing is sent again")
        self.assertEqual((item.level_id, item.rank), (self.levels[1], 2))

    def test_down_from_a_loaded_level(self):
        item = self.item(self.invoice())
        item.sudo()._put({"opening_rank": 3, "opening_level_id": self.levels[2].id, "opening_reminders": 3})
        item.sudo()._refresh_progress()
        self.assertEqual(item.level_id, self.levels[2])
        self.set_level(item, self.levels.browse(), "The old system was wrong")
        self.assertEqual((item.level_id.id, item.rank), (False, 0))
        self.assertEqual(self.day(DUE + timedelta(days=30)).level_id, self.levels[0])

    def test_an_untouched_draft_gives_way_a_worked_one_does_not(self):
        item = self.item(self.invoice())
        draft = self.night(FIRST).notice_ids
        self.set_level(item, self.levels[0])
        self.assertEqual(
            (draft.state, draft.cancel_reason), ("cancelled", "The level was set by hand: Agreed by phone")
        )
        edited = self.night(SECOND).notice_ids
        self.assertEqual(edited.level_id, self.levels[1])
        edited.text = "<p>Kinder</p>"
        with self.assertRaisesRegex(UserError, f"{edited.name} still waits"):
            self.set_level(item, self.levels[2])
        self.assertEqual(item.level_id, self.levels[0])

    def test_manager_only_and_with_a_reason(self):
        item = self.item(self.invoice())
        with self.assertRaises(AccessError):
            item.with_user(self.clerk).action_set_level()
        with self.assertRaises(AccessError):
            self.set_level(item, self.levels[1], user=self.clerk)
        with self.assertRaises(AccessError):
            item.with_user(self.clerk)._set_level(self.levels[1], "x")
        for user in (self.clerk, self.manager):
            with self.assertRaises(AccessError):
                item.with_user(user).write({"override_level_id": self.levels[1].id, "override_on": DUE})
        with self.assertRaisesRegex(UserError, "Write down why"):
            self.set_level(item, self.levels[1], reason="  ")
        note = self.policy.level_ids.filtered(lambda level: level.days == 0)
        with self.assertRaisesRegex(UserError, "no level of the policy"):
            self.set_level(item, note)
        self.assertFalse(item.override_on)

    def test_the_gate_and_resuming_are_for_managers(self):
        item = self.item(self.invoice())
        with self.assertRaises(AccessError):
            self.env["ar.dunning.gate.wizard"].with_user(self.clerk).create(
                {"item_ids": [(6, 0, item.ids)], "reason": "x"}
            ).action_override()
        self.assertFalse(item.gate_override_reason)

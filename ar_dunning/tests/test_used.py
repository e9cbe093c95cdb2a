from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DUE, DunningCommon
from .used_common import UsedCommon

FIRST = DUE + timedelta(days=5)


@tagged("post_install", "-at_install")
class TestUsed(UsedCommon):
    """What is in use is not deleted, and a sentence says by what it is used."""

    def _refusing(self):
        """`{model: [(model, field)]}`: what would be refused by the database, by the model that is pointed at."""
        found = {}
        for name in sorted(self.env.registry):
            Model = self.env[name]
            if Model._transient or Model._abstract:
                continue
            for field in Model._fields.values():
                target = field.type == "many2one" and field.store and field.comodel_name
                if target and field.ondelete == "restrict" and target.startswith("ar.dunning."):
                    found.setdefault(target, []).append((name, field.name))
        return found

    def test_every_relation_that_refuses_has_a_sentence(self):
        """Whatever of ours is pointed at by a relation that refuses: asked before it is deleted, or never deleted by anybody."""
        Used = type(self.env["ar.dunning.used"])
        found = self._refusing()
        self.assertLessEqual({"ar.dunning.level", "ar.dunning.policy", "ar.dunning.reason"}, set(found))
        for target, users in found.items():
            Model = self.env[target].with_user(self.manager)
            asked = isinstance(self.env[target], Used) or any("_unlink_except" in name for name in dir(type(Model)))
            self.assertTrue(asked or not Model.has_access("unlink"), f"{target}, used by {users}")

    def test_policy_and_level_of_a_notice(self):
        """A level by which a notice was made, and its policy, which would take its levels along."""
        self.invoice()
        notice = self.night(FIRST).notice_ids
        self.refused(notice.level_id, r"First reminder cannot be deleted: it is used by Dunning Notice")
        self.refused(self.policy, r"cannot be deleted: it is used by Dunning Notice .*Archive it instead\.")
        other = self.make_policy(self.company, name="Nobody's")
        other.with_user(self.manager).unlink()
        self.assertFalse(other.exists())

    def test_a_reason(self):
        """What a person chose from a list."""
        reason = self.env["ar.dunning.reason"].create({"name": "Moved", "kind": "overdue"})
        customer = self.item(self.invoice()).customer_id
        customer.write({"overdue_reason_id": reason.id})
        self.refused(reason, "Moved cannot be deleted: it is used by Dunning Customer")

    def test_a_contact_with_a_history(self):
        """A contact whom dunning knows is archived, not deleted."""
        partner = self.env["res.partner"].create({"name": "Gone soon"})
        self.env["ar.dunning.customer"].create({"partner_id": partner.id, "company_id": self.company.id})
        with self.assertRaisesRegex(
            UserError, "Gone soon cannot be deleted: it is used by Dunning Customer.*Archive it"
        ):
            partner.unlink()
        self.env["res.partner"].create({"name": "Unknown"}).unlink()


@tagged("post_install", "-at_install")
class TestCancelUntil(DunningCommon):
    """Cancelling what has not left asks until when: it is not made again before."""

    def cancel(self, notice, day, **values):
        with freeze_time(datetime.combine(day, time(9))):
            wizard = self.env["ar.dunning.cancel.wizard"].create(
                {"notice_ids": [Command.set(notice.ids)], "reason": "Asked for a week", **values}
            )
            wizard.action_cancel()
        return wizard

    def test_a_cancelled_draft_is_not_made_again_before_its_day(self):
        """Cancelled on the 7th until the 12th: nothing on the 8th and 11th, the same step on the 12th."""
        invoice = self.invoice()
        notice = self.night(FIRST).notice_ids
        self.cancel(notice, FIRST, not_before=FIRST + timedelta(days=5))
        item = self.item(invoice)
        self.assertEqual((notice.state, item.not_before), ("cancelled", FIRST + timedelta(days=5)))
        for days in (1, 4):
            self.assertFalse(self.night(FIRST + timedelta(days=days)).notice_ids)
        self.assertEqual(self.blockers(invoice, FIRST + timedelta(days=1)), {"held_back"})
        again = self.night(FIRST + timedelta(days=5)).notice_ids
        self.assertEqual((again.level_id, again.state), (notice.level_id, "draft"))

    def test_the_proposal_is_after_the_contact_gap(self):
        """Seven days between notices by the policy; the proposal is a week from today, later on a working day."""
        self.invoice()
        wizard = self.cancel(self.night(FIRST).notice_ids, FIRST)
        self.assertEqual((wizard.unsent_count, wizard.not_before), (1, FIRST + timedelta(days=9)))

    def test_it_must_be_said_and_lie_ahead(self):
        """Neither no day nor today: the next night would make it again."""
        self.invoice()
        notice = self.night(FIRST).notice_ids
        with self.assertRaisesRegex(UserError, "Say until when"):
            self.cancel(notice, FIRST, not_before=False)
        with self.assertRaisesRegex(UserError, "is not after today"):
            self.cancel(notice, FIRST, not_before=FIRST)
        self.assertEqual(notice.state, "draft")

    def test_what_was_sent_is_asked_no_day(self):
        """A cancelled reminder that had left may go again at once, e.g. to the right address."""
        invoice = self.invoice()
        notice = self.day(FIRST)
        wizard = self.cancel(notice, FIRST + timedelta(days=1))
        self.assertEqual((wizard.unsent_count, wizard.not_before), (0, False))
        self.assertFalse(self.item(invoice).not_before)

    def test_a_run_taken_back_is_not_made_again_before_its_day(self):
        """The dialog proposes the day and asks for it; the next night makes nothing."""
        invoice = self.invoice()
        run = self.night(FIRST)
        with freeze_time(datetime.combine(FIRST, time(9))):
            wizard = self.env["ar.dunning.undo.wizard"].create({"run_id": run.id, "reason": "Bank file was missing"})
            self.assertEqual((wizard.unsent_count, wizard.not_before), (1, FIRST + timedelta(days=9)))
            for day, told in ((False, "Say until when"), (FIRST, "is not after today")):
                wizard.not_before = day
                with self.assertRaisesRegex(UserError, told):
                    wizard.action_undo()
            wizard.not_before = FIRST + timedelta(days=2)
            wizard.action_undo()
        self.assertEqual(run.notice_ids.state, "cancelled")
        self.assertEqual(self.item(invoice).not_before, FIRST + timedelta(days=2))
        self.assertFalse(self.night(FIRST + timedelta(days=1)).notice_ids)
        self.assertEqual(self.night(FIRST + timedelta(days=2)).notice_ids.line_ids.move_id, invoice)

    def test_a_run_of_which_all_was_sent_asks_no_day(self):
        """Only what has not left would come again by itself."""
        self.invoice()
        run = self.night(FIRST)
        self.send(run.notice_ids, FIRST)
        with freeze_time(datetime.combine(FIRST, time(10))):
            wizard = self.env["ar.dunning.undo.wizard"].create(
                {"run_id": run.id, "reason": "Wrong rates", "delivered": "cancel"}
            )
            self.assertEqual((wizard.unsent_count, wizard.not_before), (0, False))
            wizard.action_undo()
        self.assertEqual(run.notice_ids.state, "cancelled")

    def test_a_draft_is_cancelled_not_deleted(self):
        """Deleting could not ask until when, and the next night would make the same draft again."""
        self.invoice()
        notice = self.night(FIRST).notice_ids
        with self.assertRaisesRegex(UserError, "the next night would make it again. Cancel it"):
            notice.unlink()
        self.assertTrue(notice.exists())

from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .arrangement_common import BIG
from .common import DUE
from .incoming_common import IncomingCommon
from .test_mail_outcomes import DAY, MORNING, OutcomesCommon


@tagged("post_install", "-at_install")
class TestArrangementTakesBack(IncomingCommon, OutcomesCommon):
    """A promise or a dispute that comes after the notice was approved takes it back in the same transaction."""

    def setUp(self):
        super().setUp()
        self.delivery = self.waiting()
        self.notice = self.delivery.notice_id
        self.move = self.notice.line_ids.move_id

    def wizard(self, **values):
        items = self.item(self.move)
        return self.env["ar.dunning.arrange.wizard"].create(
            {"customer_id": items.customer_id.id, "item_ids": items.ids, **values}
        )

    def ways(self):
        return {
            "promise": {"promised_on": DAY + timedelta(days=5), "promised_amount": BIG},
            "dispute": {
                "kind": "dispute",
                "dispute_reason_id": self.env.ref("ar_dunning.reason_dispute_quality").id,
            },
        }

    def test_while_the_mail_waits_or_is_claimed(self):
        for name, values in self.ways().items():
            for claimed in (False, True):
                with self.subTest(name, claimed=claimed), freeze_time(MORNING), self.env.cr.savepoint() as savepoint:
                    if claimed:
                        self.assertEqual(self.delivery._claim("token"), self.delivery)
                    answer = self.wizard(**values).action_arrange()
                    self.assertEqual(answer["type"], "ir.actions.act_window_close")
                    self.assertEqual((self.notice.state, self.delivery.state), ("cancelled", "cancelled"))
                    self.assertIn("The customer", self.notice.cancel_reason)
                    self.assertEqual(self.delivery.mail_id.state, "cancel")
                    savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_what_is_being_handed_over_is_told(self):
        for name, values in self.ways().items():
            with self.subTest(name), freeze_time(MORNING), self.env.cr.savepoint() as savepoint:
                self.delivery._update_state(("queued",), "sending")
                answer = self.wizard(**values).action_arrange()
                self.assertEqual(answer["params"]["type"], "warning")
                self.assertEqual(
                    answer["params"]["message"],
                    f"Handed over already, and not to be taken back: {self.notice.name}. Tell the customer.",
                )
                self.assertEqual((self.notice.state, self.delivery.state), ("queued", "sending"))
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

    def test_what_left_today_is_told(self):
        with freeze_time(MORNING):
            self.delivery._update_state(("queued",), "sent", done_on=MORNING)
            self.notice._settle()
            answer = self.wizard(**self.ways()["promise"]).action_arrange()
        self.assertIn(self.notice.name, answer["params"]["message"])

    def test_of_two_invoices_the_other_one_is_still_asked_for(self):
        """The notice is made anew without what was promised."""
        other = self.invoice(70.0, partner=self.move.partner_id, due=DUE)
        self.item(other)
        with freeze_time(MORNING):
            self.notice._cancel("made anew")
            notice = self.night(DAY).notice_ids
            self.assertEqual(notice.line_ids.move_id, self.move | other)
            notice._approve()
            self.wizard(**self.ways()["promise"]).action_arrange()
            self.assertEqual(notice.state, "queued")
            self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, DAY)
        self.assertEqual((notice.line_ids.move_id, notice.amount_total), (other, 70.0))

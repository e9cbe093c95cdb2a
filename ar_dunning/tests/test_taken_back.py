from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import DUE
from .incoming_common import IncomingCommon
from .test_mail_outcomes import DAY, MORNING, OutcomesCommon


@tagged("post_install", "-at_install")
class TestTakenBack(IncomingCommon, OutcomesCommon):
    """What happens between the claim of a mail and its hand-over, and may be all that it demands: it is looked at again."""

    def setUp(self):
        super().setUp()
        self.delivery = self.waiting()
        self.move = self.delivery.notice_id.line_ids.move_id
        self.assertEqual(self.delivery._claim("token"), self.delivery)
        self.env.flush_all()
        self.told().clear()

    def told(self):
        return self.env.cr.postcommit.data.setdefault("ar_dunning.look_again", set())

    def acts(self):
        """What may take a claimed mail back, by name."""
        stranger = self.env["res.partner"].create({"name": "Bo", "is_company": True})
        terms = self.move._ar_dunning_terms()
        return {
            "paid": lambda: self.pay(self.move, 1000.0, DUE),
            "a payment that nobody matched": lambda: self.receive(1000.0),
            "another customer pays it by its number": lambda: self.receive(
                1000.0, memo=self.move.name, partner=stranger
            ),
            "a bank line of nobody names it": lambda: self.bank_line(1000.0, f"Invoice {self.move.name}", DUE),
            "a later due date": lambda: setattr(self.move, "invoice_date_due", DAY + timedelta(days=9)),
            "a later instalment": lambda: setattr(terms, "date_maturity", DAY + timedelta(days=9)),
            "a promise": lambda: self.pause(self.move),
            "excluded": lambda: setattr(self.move, "ar_dunning_excluded", True),
            "blocked": self.move.action_toggle_block_payment,
            "reset to draft": self.move.button_draft,
        }

    def test_it_is_looked_at_again(self):
        """Each of these tells so once it is committed."""
        for name in self.acts():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.acts()[name]()
                self.env.flush_all()
                self.assertIn(self.partner_a.id, self.told())
                self.told().clear()
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

    def test_a_claim_taken_back_is_not_handed_over(self):
        """Given back to the queue, the next last look finds the later due date: the mail does not leave."""
        for name in ("a later due date", "a promise", "another customer pays it by its number"):
            with self.subTest(name), freeze_time(MORNING), self.env.cr.savepoint() as savepoint:
                self.acts()[name]()
                self.delivery._give_back()
                self.assertFalse(self.delivery._claim("another"))
                self.assertIn(self.delivery.notice_id.state, ("cancelled", "draft"))
                self.assertEqual(self.delivery.state, "cancelled")
                savepoint.rollback()
            self.env.invalidate_all(flush=False)

    def test_what_is_not_posted_tells_nobody(self):
        """Drafts of invoices are written all day long."""
        draft = self.credit_note(100.0, post=False)
        draft.invoice_date_due = DAY
        self.env.flush_all()
        self.assertFalse(self.told())
        self.assertEqual(MORNING.date(), DAY)

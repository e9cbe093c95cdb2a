from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DUE
from .look_common import ON, LookCommon

NBSP = "\u00a0"


@tagged("post_install", "-at_install")
class TestEditedDrafts(LookCommon):
    """A draft in a person's hands: his words stay, the figures in them follow, and nothing is sent that no longer fits."""

    def setUp(self):
        super().setUp()
        self.big = self.invoice(4450.01)
        self.small = self.invoice(3245.13)
        self.notice = self.night(ON).notice_ids
        self.assertEqual((self.notice.amount_total, self.notice.deadline), (7695.14, date(2026, 3, 14)))

    def drop(self, invoice):
        line = self.notice.line_ids.filtered(lambda one: one.move_id == invoice)
        self.notice.write({"line_ids": [Command.delete(line.id)]})

    # === Figures in edited words === #

    def test_amounts_and_dates_in_edited_words_follow(self):
        """Edited words, then an invoice dropped and the deadline moved: the prose says what table and box say."""
        self.notice.text = f"<p>As agreed you owe ${NBSP}7,695.14, to be paid by 03/14/2026. Due since 03/02/2026.</p>"
        self.drop(self.big)
        self.notice.deadline = date(2026, 3, 20)
        self.assertIn("As agreed you owe", self.notice.text)
        self.assertIn("3,245.13, to be paid by 03/20/2026. Due since 03/02/2026.", self.notice.text)
        self.assertNotIn("7,695.14", self.notice.text)
        self.assertFalse(self.notice.stale_words)
        self.assertTrue(self.send_button("client"))

    def test_numbers_without_their_currency_and_long_dates_follow(self):
        """What a person writes his own way, 7,695.14 and March 14, 2026, follows, too."""
        self.notice.text = "<p>Please pay 7,695.14 by March 14, 2026; not 17,695.14.</p>"
        self.drop(self.big)
        self.notice.deadline = date(2026, 3, 20)
        self.assertEqual(self.notice.text, "<p>Please pay 3,245.13 by March 20, 2026; not 17,695.14.</p>")

    def test_words_and_figures_in_one_save(self):
        """Text, invoices and deadline in one save of the form: the typed words follow as well."""
        line = self.notice.line_ids.filtered(lambda one: one.move_id == self.big)
        self.notice.write(
            {
                "text": "<p>My 7,695.14 until 03/14/2026.</p>",
                "deadline": date(2026, 3, 20),
                "line_ids": [Command.delete(line.id)],
            }
        )
        self.assertEqual(self.notice.text, "<p>My 3,245.13 until 03/20/2026.</p>")

    def test_words_that_cannot_follow_are_named_before_sending(self):
        """The dropped invoice and its amount are still in the words: they are named, and *Send* asks."""
        self.notice.text = f"<p>{self.big.name} over 4,450.01 troubles us.</p>"
        self.drop(self.big)
        self.assertEqual(self.notice.stale_words, f"{self.big.name}, 4,450.01")
        action = self.send_button("ar.dunning.send.wizard")
        wizard = self.env["ar.dunning.send.wizard"].browse(action["res_id"])
        self.assertEqual(wizard.questions, f"These words no longer fit: {self.big.name}, 4,450.01.")
        self.assertFalse(wizard.is_moved or wizard.is_early)
        with self.nine(ON):
            wizard.action_send()
            self.dispatch(self.notice, ON)
        self.assertTrue(self.mail(self.notice), "a person has seen it and sends it all the same")

    def test_in_bulk_such_drafts_are_left_out_and_told(self):
        """Two drafts are ticked, the words of one no longer fit: it is left out and named."""
        other = self.env["res.partner"].create({"name": "Twin", "email": "t@example.com", "is_company": True})
        self.invoice(100, partner=other)
        plain = self.night(ON).notice_ids
        self.notice.text = f"<p>{self.big.name} troubles us.</p>"
        self.drop(self.big)
        with self.nine(ON):
            action = (self.notice | plain).action_send()
        self.assertEqual((self.notice.state, plain.state), ("draft", "queued"))
        self.assertIn(f"Left out, {self.notice.name}: These words no longer fit", action["params"]["message"])

    def send_button(self, expected):
        """Press *Send*; what comes: a dialog of this model, or the client's short message."""
        with self.nine(ON):
            action = self.notice.action_send()
        self.assertEqual(action.get("res_model", "client"), expected)
        return action

    # === The ledger moves on === #

    def test_the_night_says_what_has_moved(self):
        """An edited draft is not rebuilt; it says in words what the ledger says otherwise."""
        self.notice.text = "<p>My own words.</p>"
        self.pay(self.big, 4450.01, ON)
        self.pay(self.small, 1000, ON)
        self.night(ON + timedelta(days=1))
        self.assertTrue(self.notice.is_outdated)
        self.assertEqual(
            self.notice.moved.replace(NBSP, " "),
            f"{self.big.name} is paid.\n{self.small.name}: to pay is $ 2,245.13, no longer $ 3,245.13.",
        )
        self.assertEqual(self.notice.amount_total, 7695.14)

    def test_it_goes_back_to_its_author_with_the_difference(self):
        """Approved, then paid in part before it leaves: back to the person who approved it, who is told what moved."""
        self.notice.text = "<p>My own words.</p>"
        with self.nine(ON):
            self.notice._approve()
            self.pay(self.small, 1000, ON)
            self.dispatch(self.notice, ON)
        self.assertEqual((self.notice.state, self.notice.is_outdated), ("draft", True))
        self.assertIn("2,245.13", self.notice.moved)
        todo = self.notice.activity_ids
        self.assertEqual(todo.user_id, self.env.user)
        self.assertIn("2,245.13", todo.note)

    def test_back_to_its_author_while_the_mail_waits(self):
        """The same while its mail waits: the mail is taken back, the words are not lost."""
        self.notice.text = "<p>My own words.</p>"
        self.leave(self.notice, ON)
        mail = self.mail(self.notice)
        self.pay(self.small, 1000, ON)
        self.assertFalse(self.claim(self.notice, ON))
        self.assertEqual((self.notice.state, mail.state), ("draft", "cancelled"))
        self.assertEqual(self.notice.text, "<p>My own words.</p>")
        with self.nine(ON):
            self.notice.action_update()
        self.leave(self.notice, ON)
        self.assertEqual(self.notice.amount_total, 6695.14)
        self.assertTrue(self.claim(self.notice, ON))

    def test_updating_keeps_the_words_and_moves_their_figures(self):
        """*Update the Figures*: paid items go, amounts follow, in the author's words, too; then it can be sent."""
        self.notice.text = "<p>Still 7,695.14 open, by 03/14/2026.</p>"
        self.pay(self.big, 4450.01, ON)
        day = ON + timedelta(days=2)
        self.night(day)
        with self.nine(day):
            action = self.notice.action_send()
            wizard = self.env["ar.dunning.send.wizard"].browse(action["res_id"])
            self.assertTrue(wizard.is_moved)
            with self.assertRaisesRegex(UserError, "Update them first"):
                wizard.action_send()
            wizard.action_update()
        self.assertEqual(self.notice.line_ids.move_id, self.small)
        self.assertEqual(self.notice.text, "<p>Still 3,245.13 open, by 03/16/2026.</p>")
        self.assertEqual((self.notice.is_outdated, self.notice.moved, self.notice.date), (False, False, day))
        self.leave(self.notice, day)
        self.assertTrue(self.mail(self.notice))

    def test_updating_takes_the_level_of_what_remains(self):
        """The item that led is paid: the edited draft comes down to the level of what is left."""
        self.leave(self.notice, ON)
        self.mail(self.notice)._update_state(("queued",), "sent", done_on=f"{ON} 09:00:00")
        self.notice._settle()
        young = self.invoice(100, due=DUE + timedelta(days=8))
        day = DUE + timedelta(days=17)
        notice = self.night(day).notice_ids
        self.assertEqual(notice.level_id.name, "Second reminder")
        notice.closing = "<p>Yours</p>"
        self.pay(self.big, 4450.01, day)
        self.pay(self.small, 3245.13, day)
        with self.nine(day):
            notice.action_update()
        self.assertEqual((notice.level_id.name, notice.line_ids.move_id), ("First reminder", young))
        self.assertEqual((notice.subject, notice.closing), (f"First reminder: {young.name}", "<p>Yours</p>"))

    def test_updating_where_nothing_is_left(self):
        """Everything is paid: there is nothing to update, and the reason is said."""
        self.notice.text = "<p>My own words.</p>"
        self.pay(self.big, 4450.01, ON)
        self.pay(self.small, 3245.13, ON)
        with self.nine(ON), self.assertRaisesRegex(UserError, r"Cancel it\.\nINV/2026/00001 is paid\."):
            self.notice.action_update()

    def test_a_deadline_of_the_authors_own_stays(self):
        """Sent a day later than approved: the deadline that a person chose is not the level's again."""
        self.notice.deadline = date(2026, 4, 20)
        self.leave(self.notice, ON + timedelta(days=1))
        self.assertEqual((self.notice.deadline, self.notice.date), (date(2026, 4, 20), ON + timedelta(days=1)))
        self.assertTrue(self.mail(self.notice))

    def test_a_recipient_of_the_authors_own_stays(self):
        """The recipient that a person chose is not overruled by a contact named later."""
        chosen = self.env["res.partner"].create({"name": "Chosen", "email": "c@example.com"})
        named = self.env["res.partner"].create(
            {"name": "Named", "email": "n@example.com", "parent_id": self.partner_a.id}
        )
        self.notice.partner_id = chosen
        self.notice.customer_id.contact_id = named
        self.leave(self.notice, ON)
        self.assertEqual(self.mail(self.notice).address, "c@example.com")

    # === Typed and lowered in one save === #

    def test_a_level_lowered_and_a_subject_typed_in_one_save(self):
        """Level lowered, subject and deadline typed, saved once: what was typed is kept, the rest follows the level."""
        self.send(self.notice, ON)
        day = DUE + timedelta(days=17)
        notice = self.night(day).notice_ids
        self.assertEqual(notice.level_id.name, "Second reminder")
        notice.write(
            {
                "level_id": self.policy.level_ids.filtered(lambda level: level.days == 5).id,
                "subject": "A word about your account",
                "deadline": date(2026, 4, 1),
            }
        )
        self.assertEqual((notice.subject, notice.deadline), ("A word about your account", date(2026, 4, 1)))
        self.assertEqual((notice.level_id.name, notice.is_edited), ("First reminder", True))
        self.assertIn("until 04/01/2026", notice.text)

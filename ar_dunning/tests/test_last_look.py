from datetime import date, datetime, time, timedelta

from odoo.tests import tagged

from .common import DUE
from .look_common import ON, LookCommon


@tagged("post_install", "-at_install")
class TestLastLook(LookCommon):
    """What a notice says is true when it leaves: nothing goes that the ledger no longer bears out."""

    def test_a_mail_that_still_holds_is_claimed(self):
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.leave(notice, ON)
        self.assertEqual(self.env["ar.dunning.look"]._still_true(notice.sudo(), ON), {notice: []})
        self.assertTrue(self.claim(notice, ON))

    # === The due date === #

    def test_due_date_put_off_after_the_draft(self):
        """A due date moved to the end of April after the draft keeps the reminder back."""
        invoice = self.invoice(1000)
        notice = self.night(DUE + timedelta(days=8)).notice_ids
        self.mature(invoice, date(2026, 4, 30))
        self.leave(notice, DUE + timedelta(days=8))
        self.assertEqual(notice.state, "cancelled")
        self.assertEqual(notice.cancel_reason, f"{invoice.name} is due on 04/30/2026, no longer on 03/02/2026.")
        self.assertFalse(notice.sudo().delivery_ids)
        self.assertEqual(self.item(invoice).rank, 0)

    def test_due_date_put_off_while_the_mail_waits(self):
        """A due date moved while the mail waits in the queue keeps the mail back, and the step does not count."""
        invoice = self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.leave(notice, ON)
        mail = self.mail(notice)
        self.mature(invoice, date(2026, 4, 30))
        self.assertFalse(self.claim(notice, ON))
        self.assertEqual((notice.state, mail.state, mail.mail_id.state), ("cancelled", "cancelled", "cancel"))
        self.assertIn("is due on 04/30/2026", notice.cancel_reason)
        self.assertEqual(self.item(invoice).rank, 0)

    def test_due_date_corrected_by_resetting_the_invoice(self):
        """Reset to draft, dated anew and posted again between approval and sending: not reminded."""
        invoice = self.invoice(1000)
        notice = self.night(ON).notice_ids
        with self.nine(ON):
            notice._approve()
            invoice.button_draft()
            invoice.invoice_date_due = date(2026, 4, 30)
            invoice.action_post()
            self.dispatch(notice, ON)
        self.assertEqual(notice.state, "cancelled")
        self.assertIn("is due on 04/30/2026, no longer on 03/02/2026", notice.cancel_reason)

    def test_a_later_due_date_that_has_passed_too_is_shown(self):
        """Two days later and still overdue long enough: the reminder shows the new day."""
        invoice = self.invoice(1000)
        day = DUE + timedelta(days=8)
        notice = self.night(day).notice_ids
        self.mature(invoice, DUE + timedelta(days=2))
        self.leave(notice, day)
        self.assertEqual((notice.line_ids.due_date, notice.line_ids.days_late), (DUE + timedelta(days=2), 6))
        self.assertTrue(self.mail(notice))

    # === What remains === #

    def test_the_item_that_leads_is_paid(self):
        """The invoice at its third reminder is paid before sending: what remains gets its first reminder."""
        old = self.invoice(1000)
        for offset in (5, 15):
            self.day(DUE + timedelta(days=offset))
        young = self.invoice(200, due=DUE + timedelta(days=18))
        day = DUE + timedelta(days=25)
        notice = self.night(day).notice_ids
        self.assertEqual((notice.level_id.name, notice.amount_total), ("Third reminder", 1200.0))
        self.pay(old, 1000, day)
        self.leave(notice, day)
        self.assertEqual((notice.level_id.name, notice.amount_total), ("First reminder", 200.0))
        self.assertEqual(notice.subject, f"First reminder: {young.name}")
        self.assertEqual(notice.line_ids.mapped("level_id.name"), ["First reminder"])
        self.assertIn("First reminder", self.mail(notice).mail_id.subject)
        self.assertNotIn("Third", self.mail(notice).mail_id.body_html)

    def test_part_paid_while_the_mail_waits(self):
        """400 of 1,000 come while the mail waits: that mail never leaves, the next one asks for 600."""
        invoice = self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.leave(notice, ON)
        first = self.mail(notice)
        self.pay(invoice, 400, ON)
        self.assertFalse(self.claim(notice, ON))
        self.assertEqual((notice.state, first.state), ("queued", "cancelled"))
        with self.nine(ON):
            self.assertIn(notice.id, self.env["ar.dunning.dispatch"].sudo()._queue(datetime.combine(ON, time(9))))
            self.dispatch(notice, ON)
        self.assertEqual(notice.amount_total, 600.0)
        self.assertIn("600.00", self.mail(notice).mail_id.body_html)
        self.assertTrue(self.claim(notice, ON))
        self.assertEqual(first.state, "cancelled")

    # === Settings and charges === #

    def test_words_of_the_level_changed_while_the_mail_waits(self):
        """A level's words are corrected while its mail waits: the old words do not leave."""
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.leave(notice, ON)
        self.policy.level_ids.filtered(lambda one: one.days == 5).text = "<p>Kindly pay {total}.</p>"
        self.assertFalse(self.claim(notice, ON))
        with self.nine(ON):
            self.dispatch(notice, ON)
        self.assertIn("Kindly pay", self.mail(notice).mail_id.body_html)

    def test_recipient_and_language_follow_before_sending(self):
        """A dunning contact who reads French is named after approval: the mail goes to him, in his language."""
        self.env["res.lang"]._activate_lang("fr_FR")
        level = self.policy.level_ids.filtered(lambda one: one.days == 5)
        level.with_context(lang="fr_FR").subject = "Premier rappel : {invoices}"
        invoice = self.invoice(1000)
        notice = self.night(ON).notice_ids
        contact = self.env["res.partner"].create(
            {"name": "Claire", "parent_id": self.partner_a.id, "email": "claire@example.com", "lang": "fr_FR"}
        )
        with self.nine(ON):
            notice._approve()
            notice.customer_id.contact_id = contact
            self.dispatch(notice, ON)
        self.assertEqual((notice.partner_id, notice.lang), (contact, "fr_FR"))
        self.assertEqual(notice.subject, f"Premier rappel : {invoice.name}")
        self.assertEqual(self.mail(notice).address, "claire@example.com")

    def test_an_address_corrected_while_the_mail_waits(self):
        """The customer's e-mail is corrected while his mail waits: it goes to the new one."""
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.leave(notice, ON)
        self.partner_a.email = "new@example.com"
        self.assertFalse(self.claim(notice, ON))
        with self.nine(ON):
            self.dispatch(notice, ON)
        self.assertEqual(self.mail(notice).address, "new@example.com")

    def test_payments_recorded_until_is_read_again(self):
        """A bank line comes in after the night: the mail says until when payments are recorded now."""
        self.bank_line(DUE + timedelta(days=1))
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.assertEqual(notice.recorded_until, DUE + timedelta(days=1))
        self.bank_line(DUE + timedelta(days=4))
        self.leave(notice, ON)
        self.assertEqual(notice.recorded_until, DUE + timedelta(days=4))
        self.assertIn("until March 6, 2026", self.mail(notice).mail_id.body_html)
        self.assertNotIn("until March 3, 2026", self.mail(notice).mail_id.body_html)

    def bank_line(self, day):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": day,
                "payment_ref": "Rent",
                "amount": -1.0,
            }
        )

    # === The true reason === #

    def test_a_courtesy_note_that_lapsed_says_so(self):
        """A note about the coming due date is approved after that day: it is cancelled as lapsed, not as paid."""
        invoice = self.invoice(1000)
        notice = self.night(DUE).notice_ids
        self.leave(notice, DUE + timedelta(days=1))
        self.assertEqual(notice.state, "cancelled")
        self.assertEqual(notice.cancel_reason, f"{invoice.name}: the day of the courtesy note has passed.")

    def test_on_hold_paid_and_credited_are_told_apart(self):
        """Three invoices fall away for three reasons; each is told."""
        paid, credited, excluded = self.invoice(100), self.invoice(200), self.invoice(300)
        notice = self.night(ON).notice_ids
        self.pay(paid, 100, ON)
        self.credit(credited)
        excluded.ar_dunning_excluded = True
        self.leave(notice, ON)
        self.assertEqual(
            set(notice.cancel_reason.split("\n")),
            {
                f"{paid.name} is paid.",
                f"{credited.name} was credited.",
                f"{excluded.name}: The invoice is excluded from follow-up.",
            },
        )

    def credit(self, invoice):
        wizard = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard = wizard.create({"journal_id": invoice.journal_id.id, "date": ON})
        wizard.refund_moves()
        wizard.new_move_ids.action_post()

    def test_paused_after_approval(self):
        """A pause is the reason given where there is a pause."""
        invoice = self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.env["ar.dunning.arrangement"].create(
            {"customer_id": notice.customer_id.id, "date_start": DUE, "date_end": "2026-12-31", "reason": "Dispute"}
        )
        self.leave(notice, ON)
        self.assertEqual(notice.cancel_reason, f"{invoice.name}: Dunning is paused. Free from 01/01/2027.")

    def test_another_policy_after_approval(self):
        """The customer is put under another policy after approval: the reason is that, and the next night decides."""
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        other = self.make_policy(self.company, name="Gentle")
        notice.customer_id.policy_id = other
        self.leave(notice, ON)
        self.assertEqual((notice.state, notice.cancel_reason), ("cancelled", "Another policy holds for partner_a now."))
        again = self.night(ON).notice_ids
        self.assertEqual(again.level_id.policy_id, other)

    def test_a_customer_merged_after_approval(self):
        """Two contacts are merged while a notice to each is approved: one goes, the other says why it does not."""
        other = self.env["res.partner"].create({"name": "Twin", "email": "t@example.com", "is_company": True})
        self.invoice(1000)
        self.invoice(500, partner=other)
        notices = self.night(ON).notice_ids
        self.assertEqual(len(notices), 2)
        with self.nine(ON):
            notices._approve()
            wizard = self.env["base.partner.merge.automatic.wizard"].create({})
            wizard._merge((other | self.partner_a).ids, self.partner_a)
            first, second = notices
            self.dispatch(first, ON)
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(first.cancel_reason, "Another notice to partner_a waits and goes first.")
        with self.nine(ON):
            self.dispatch(second, ON)
        self.assertTrue(self.mail(second))

    # === Words and facts === #

    def test_a_line_break_in_a_name_stays_out_of_the_subject(self):
        """A line break in the customer's name becomes a space in the subject: the mail can be sent."""
        self.partner_a.name = "Anna\r\nBcc: x@example.com"
        level = self.policy.level_ids.filtered(lambda one: one.days == 5)
        level.subject = "Reminder for {customer}"
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        self.assertEqual(notice.subject, "Reminder for Anna Bcc: x@example.com")
        notice.subject = "Typed\nin two lines"
        self.assertEqual(notice.subject, "Typed in two lines")

    def test_a_release_does_not_invalidate_what_waits(self):
        """Facts of another version: a draft nobody edited is made anew, an edited one is compared as far as known."""
        self.invoice(1000)
        notice = self.night(ON).notice_ids
        notice.text = "<p>My own words.</p>"
        base = dict(notice.said["base"], v=0)
        del base["address"]
        notice._put({"said": dict(notice.said, base=base)})
        self.leave(notice, ON)
        self.assertTrue(self.mail(notice), "edited and unchanged in what both know: it leaves")

    def test_a_notice_from_before_facts_were_kept(self):
        """Upgraded with a notice waiting that has no facts yet: its lines are what it said."""
        invoice = self.invoice(1000)
        notice = self.night(ON).notice_ids
        notice.text = "<p>My own words.</p>"
        notice._put({"said": False})
        self.pay(invoice, 100, ON)
        self.leave(notice, ON)
        self.assertEqual(notice.state, "draft")
        self.assertIn("900.00", notice.moved)

    def test_many_are_looked_at_in_a_constant_number_of_statements(self):
        """Ten customers cost as many statements as two."""
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com", "is_company": True} for n in range(12)]
        )
        for partner in partners:
            self.invoice(1000, partner=partner)
        notices = self.night(ON).notice_ids.sudo()
        self.assertEqual(len(notices), 12)
        self.env["ar.dunning.look"]._still_true(notices[:2], ON)
        counts = []
        for group in (notices[:2], notices[2:]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertFalse(any(self.env["ar.dunning.look"]._still_true(group, ON).values()))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1, counts)

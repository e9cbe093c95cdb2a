from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from .desk_common import FIRST, SECOND, DeskCommon


@tagged("post_install", "-at_install")
class TestUndo(DeskCommon):
    """A whole run taken back, newest first."""

    def wizard(self, run, user=None, **values):
        wizard = self.env["ar.dunning.undo.wizard"].with_user(user or self.manager)
        return wizard.create({"run_id": run.id, "reason": "Bank file was missing", **values})

    def play(self):
        """A run with one notice each: draft, approved, letter that waits, delivered."""
        self.env["res.lang"]._activate_lang("de_DE")
        names = ("Draft", "Queued", "Letter", "Mail")
        partners = {name: self.customer(name, street="Gata 1", city="Oslo") for name in names}
        partners["Mail"].lang = "de_DE"
        invoices = {name: self.invoice(partner=partner) for name, partner in partners.items()}
        self.item(invoices["Letter"])
        run = self.night(FIRST)
        notices = {notice.commercial_partner_id.name: notice for notice in run.notice_ids}
        self.send(notices["Mail"], FIRST)
        self.levels[0].write({"channel_email": False, "channel_letter": True})
        self.send(notices["Letter"], FIRST)
        notices["Queued"]._approve()
        return run, notices, invoices

    def test_it_says_first_what_will_happen_and_spares_what_was_delivered(self):
        run, notices, invoices = self.play()
        with freeze_time(FIRST):
            wizard = self.wizard(run)
        self.assertEqual(
            (wizard.draft_count, wizard.queued_count, wizard.letter_count, wizard.failed_count, wizard.delivered_count),
            (1, 1, 1, 0, 1),
        )
        self.assertEqual(wizard.delivered_ids, notices["Mail"])
        with freeze_time(FIRST):
            wizard.action_undo()
        self.assertEqual(
            {name: notice.state for name, notice in notices.items()},
            {"Draft": "cancelled", "Queued": "cancelled", "Letter": "cancelled", "Mail": "sent"},
        )
        self.assertEqual(notices["Draft"].cancel_reason, "Bank file was missing")
        self.assertEqual(notices["Letter"].sudo().delivery_ids.mapped("state"), ["cancelled"])
        self.assertEqual(self.item(invoices["Mail"]).rank, 1)
        self.assertFalse(notices["Mail"].sudo().delivery_ids.filtered("is_correction"))
        self.assertFalse(self.night(FIRST + timedelta(days=1)).notice_ids, "not again before its day")
        again = self.night(wizard.not_before).notice_ids
        self.assertEqual(
            set(again.commercial_partner_id.mapped("name")), {"Draft", "Queued", "Letter"}, "the night begins anew"
        )

    def test_what_was_delivered_is_corrected_once_in_the_customers_language(self):
        run, notices, invoices = self.play()
        notice = notices["Mail"]
        first = notice.sudo().delivery_ids
        self.env.ref("ar_dunning.mail_template_correction").with_context(
            lang="de_DE"
        ).subject = "Unser Fehler: {{ object.subject }}"
        self.wizard(run, delivered="correct").action_undo()
        self.assertEqual((notice.state, self.item(invoices["Mail"]).rank), ("cancelled", 0))
        correction = notice.sudo().delivery_ids - first
        self.assertEqual(
            (correction.channel, correction.state, correction.address, correction.is_correction, correction.is_copy),
            ("email", "queued", "mail@example.com", True, True),
        )
        mail = correction.mail_id
        self.assertEqual(mail.subject, f"Unser Fehler: {notice.subject}")
        self.assertEqual((mail.references, mail.state), (first.message_id, "outgoing"))
        self.assertIn(f"'In-Reply-To': '{first.message_id}'", mail.headers)
        self.assertIn(notice.name, mail.body_html)
        self.assertIn("mail@example.com", mail.email_to)
        self.assertFalse(mail.attachment_ids)
        self.assertEqual(correction._claim("token"), correction, "it leaves although its notice is cancelled")
        self.assertEqual((correction.state, correction.claim), ("claimed", "token"))
        self.assertFalse(
            self.env["ar.dunning.correction"].with_user(self.manager)._correct(notice), "nobody gets it twice"
        )
        self.assertFalse(
            (notices["Draft"] | notices["Queued"] | notices["Letter"]).sudo().delivery_ids.filtered("is_correction")
        )

    def test_a_later_notice_goes_first(self):
        self.invoice()
        first = self.night(FIRST)
        self.send(first.notice_ids, FIRST)
        second = self.night(SECOND)
        self.send(second.notice_ids, SECOND)
        wizard = self.wizard(first, delivered="cancel")
        self.assertIn(second.notice_ids.name, wizard.standing_text)
        with self.assertRaisesRegex(UserError, second.notice_ids.name):
            wizard.action_undo()
        self.assertEqual((first.notice_ids.state, second.notice_ids.state), ("sent", "sent"))
        item = first.notice_ids.line_ids.item_id
        self.wizard(second, delivered="cancel").action_undo()
        self.assertEqual((second.notice_ids.state, item.level_id), ("cancelled", self.levels[0]))
        self.wizard(first, delivered="cancel").action_undo()
        self.assertEqual((first.notice_ids.state, item.level_id.id, item.rank), ("cancelled", False, 0))
        with self.assertRaisesRegex(UserError, "Nothing of this run"):
            self.wizard(first, delivered="cancel").action_undo()

    def test_a_later_draft_gives_way_unless_edited(self):
        self.invoice()
        first = self.night(FIRST)
        self.send(first.notice_ids, FIRST)
        draft = self.night(SECOND).notice_ids
        draft.text = "<p>Mine</p>"
        with self.assertRaisesRegex(UserError, draft.name):
            self.wizard(first, delivered="cancel").action_undo()
        draft._put({"is_edited": False})
        self.wizard(first, delivered="cancel").action_undo()
        self.assertEqual((draft.state, draft.cancel_reason), ("cancelled", "The notice before it was cancelled."))

    def test_one_notice_can_be_corrected_too(self):
        self.invoice()
        notice = self.day(FIRST)
        with Form(
            self.env["ar.dunning.cancel.wizard"].with_user(self.manager).with_context(default_notice_ids=notice.ids)
        ) as form:
            form.reason = "Wrong customer"
            form.send_correction = True
        form.record.action_cancel()
        correction = notice.sudo().delivery_ids.filtered("is_correction")
        self.assertEqual((len(correction), correction.address), (1, "anna@example.com"))
        self.assertEqual(correction.mail_id.subject, f"Our mistake: {notice.subject}")

    def test_manager_only(self):
        self.invoice()
        run = self.night(FIRST)
        with self.assertRaises(AccessError):
            run.with_user(self.clerk).action_undo()
        with self.assertRaises(AccessError):
            self.wizard(run, user=self.clerk)
        with self.assertRaises(AccessError):
            self.env["ar.dunning.correction"].with_user(self.clerk)._correct(run.notice_ids)
        with self.assertRaisesRegex(UserError, "Write down why"):
            self.wizard(run, reason=" ").action_undo()
        self.assertEqual(run.notice_ids.state, "draft")
        self.assertEqual(run.with_user(self.manager).action_undo()["context"], {"default_run_id": run.id})


@tagged("post_install", "-at_install")
class TestUndoTour(DeskCommon, HttpCase):
    """In a real browser: a manager takes a run back, an accountant finds no button for it."""

    def test_undo_of_a_run(self):
        today = fields.Date.today()
        self.env["ar.dunning.run"].sudo().search([])._discard()
        due = today - timedelta(days=6)
        for name in ("Tour Draft", "Tour Delivered"):
            partner = self.customer(name.replace(" ", ""))
            partner.name = name
            self.invoice(partner=partner, due=due, invoice_date=due)
        run = self.night(today)
        notices = run.notice_ids
        delivered = notices.filtered(lambda notice: notice.commercial_partner_id.name == "Tour Delivered")
        self.send(delivered, today)
        run.sudo()._put({"state": "done"})
        for user in (self.manager, self.clerk):
            user.password = user.login
        url = "/odoo/action-ar_dunning.ar_dunning_run_action"
        self.start_tour(url, "ar_dunning_undo_refused_tour", login=self.clerk.login)
        self.assertEqual(set(notices.mapped("state")), {"draft", "sent"})
        self.start_tour(url, "ar_dunning_undo_tour", login=self.manager.login)
        self.assertEqual(set(notices.mapped("state")), {"cancelled"})
        self.assertEqual(set(notices.mapped("cancel_reason")), {"The bank file was missing"})
        correction = delivered.sudo().delivery_ids.filtered("is_correction")
        self.assertEqual(correction.mapped("address"), ["tourdelivered@example.com"])

import base64
import hashlib
import io
from datetime import timedelta

from reportlab.pdfgen.canvas import Canvas

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ar_dunning.tools.authority import as_system
from odoo.addons.ar_dunning.tools.pdf import page_count, page_size

from .common import DUE
from .evidence_common import EvidenceCommon

REMINDED = DUE + timedelta(days=5)


def a_pdf(width):
    """A page of this width, bytes."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(width, 200))
    canvas.showPage()
    canvas.save()
    return file.getvalue()


@tagged("post_install", "-at_install")
class TestEvidenceFiles(EvidenceCommon):
    """Letters and enclosed invoices stay as they were kept, and are compared whenever used."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        reminder = cls.policy.level_ids.filtered(lambda level: level.days == 5)
        reminder.write({"channel_letter": True, "channel_email": False})

    def setUp(self):
        super().setUp()
        self.partner_b.write({"street": "Lillegata 2", "city": "Bergen", "zip": "5003", "is_company": True})
        self.first, self.second = self.invoice(), self.invoice(partner=self.partner_b)
        self.notices = self.night(REMINDED).notice_ids.sorted("id")
        self.notices._approve()
        for width, notice in zip((100, 300), self.notices, strict=True):
            notice.sudo()._freeze_letter(a_pdf(width))
        self.env["ar.dunning.dispatch"].sudo()._send_ready(self.notices.ids, REMINDED)
        self.letters = self.notices.delivery_ids

    def tamper(self, letter):
        """Replace the content as somebody with access to the file store would."""
        with as_system():
            letter.sudo().raw = a_pdf(999)

    def test_nobody_changes_or_deletes_a_letter(self):
        """Replaced content, another place, deletion: refused for everybody, superuser mode and context keys included."""
        letter = self.notices[0].letter_id.sudo()
        sha = self.notices[0].letter_sha256
        for user in (self.accountant, self.admin, self.env.ref("base.user_root")):
            for su in (False, True):
                target = letter.with_env(self.env(user=user, su=su, context={"_force_unlink": True}))
                for vals in (
                    {"raw": b"x"},
                    {"datas": b"eA=="},
                    {"res_id": 0},
                    {"res_model": "res.partner"},
                    {"name": "x"},
                ):
                    with self.assertRaises(UserError):
                        target.write(vals)
                with self.assertRaises(UserError):
                    target.unlink()
        self.assertEqual(hashlib.sha256(letter.raw).hexdigest(), sha)

    def test_a_file_of_the_conversation_is_no_evidence(self):
        file = self.env["ir.attachment"].with_user(self.accountant)
        file = file.create(
            {"name": "a.txt", "raw": b"a", "res_model": "ar.dunning.notice", "res_id": self.notices[0].id}
        )
        file.write({"name": "b.txt"})
        file.unlink()
        self.assertFalse(file.exists())

    def test_an_enclosed_invoice_stays(self):
        """The invoice's own document is kept, too, once a mail of ours encloses it."""
        pdf = self.env["ir.attachment"].create(
            {"name": "inv.pdf", "raw": a_pdf(10), "res_model": "account.move", "res_id": self.first.id}
        )
        mail = self.env["mail.mail"].create({"attachment_ids": [Command.link(pdf.id)]})
        Delivery = self.env["ar.dunning.delivery"].sudo()
        Delivery._make({"notice_id": self.notices[0].id, "channel": "email", "mail_id": mail.id})
        for refused in (lambda: pdf.write({"raw": b"x"}), pdf.unlink):
            with self.assertRaisesRegex(UserError, "evidence"):
                refused()
        pdf.write({"name": "renamed.pdf"})

    def test_a_foreign_attachment_is_no_letter(self):
        """A letter that points at somebody else's file is neither sent, shown nor deleted."""
        foreign = self.env["ir.attachment"].create(
            {"name": "secret.pdf", "raw": b"secret", "res_model": "res.partner", "res_id": self.partner_b.id}
        )
        with self.assertRaises(UserError):
            self.notices[0].with_user(self.accountant).write({"letter_id": foreign.id})
        self.env.cr.execute(
            "UPDATE ar_dunning_notice SET letter_id = %s WHERE id = %s", [foreign.id, self.notices[0].id]
        )
        self.env.invalidate_all()
        told = self.notices[0].with_user(self.accountant).action_test()
        self.assertEqual(told["params"]["type"], "danger")
        self.assertFalse(self.env["mail.mail"].search([("subject", "like", "[Test]")]))
        self.notices[0].sudo()._drop_letter()
        self.assertTrue(foreign.exists())
        self.assertFalse(self.notices[0].letter_id)

    def test_a_broken_letter_costs_itself_only(self):
        """Print for the post goes on with the others; the broken one is told in its history and to a manager, once."""
        self.tamper(self.notices[0].letter_id)
        letters = self.letters.with_user(self.accountant)
        for _time in range(2):
            action = letters.action_print_for_post()
            self.assertEqual((action["tag"], action["params"]["type"]), ("display_notification", "danger"))
            self.assertIn(self.notices[0].name, action["params"]["message"])
            self.assertEqual(action["params"]["next"]["type"], "ir.actions.act_url")
        file = self.env["ar.dunning.post.wizard"].search(
            [("delivery_ids", "in", self.letters.ids)], order="id desc", limit=1
        )
        printed = base64.b64decode(file.letters_file)
        self.assertEqual((page_count(printed), page_size(printed)), (1, (300.0, 200.0)))
        self.assertEqual(self.letters.filtered("printed_on").notice_id, self.notices[1])
        self.assertEqual(len(self.notices[0].activity_ids), 1)
        manager = self.notices[0].activity_ids.user_id
        self.assertTrue(manager.has_group("ar_dunning.group_dunning_manager"))
        self.assertEqual(
            len(self.notices[0].message_ids.filtered(lambda m: "not the one that was frozen" in m.body)), 1
        )

    def test_a_single_broken_letter_is_told(self):
        self.tamper(self.notices[0].letter_id)
        letter = self.letters.filtered(lambda delivery: delivery.notice_id == self.notices[0])
        told = letter.with_user(self.accountant).action_print_for_post()
        self.assertEqual(told["params"]["next"], {"type": "ir.actions.client", "tag": "soft_reload"})
        self.assertFalse(letter.printed_on)

    def test_a_broken_letter_is_not_downloaded(self):
        notice, Report = self.notices[0].with_user(self.accountant), self.env["ir.actions.report"]
        Binary = self.env["ir.binary"].with_user(self.accountant)
        self.assertEqual(notice.action_print()["type"], "ir.actions.act_url")
        self.tamper(notice.letter_id)
        self.assertEqual(notice.action_print()["tag"], "display_notification")
        with self.assertRaisesRegex(UserError, "not the one that was frozen"):
            Report._render_qweb_pdf_prepare_streams("ar_dunning.action_report_notice", {}, notice.ids)
        with self.assertRaisesRegex(UserError, "not the one that was frozen"):
            Binary._get_stream_from(notice.letter_id)

    def test_a_broken_letter_is_not_mailed(self):
        """A formal notice encloses its letter: approved, but the letter was replaced before it left."""
        formal = self.policy.level_ids.filtered(lambda level: level.kind == "formal")
        third = self.invoice(partner=self.env["res.partner"].create({"name": "C", "email": "c@example.com"}))
        notice = self.night(REMINDED).notice_ids.filtered(lambda n: n.line_ids.move_id == third)
        notice._put({"level_id": formal.id})
        notice._approve()
        notice.sudo()._freeze_letter(a_pdf(100))
        self.tamper(notice.letter_id)
        self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, REMINDED)
        self.assertEqual((notice.state, len(notice.delivery_ids)), ("failed", 0))
        self.assertIn("not the one that was frozen", notice.error)

    def mailed(self):
        """A reminder that waits to be handed over, with the invoice drawn for it and the one that the invoice has."""
        level = self.policy.level_ids.filtered(lambda level: level.days == 5)
        level.write({"channel_letter": False, "channel_email": True, "attach_invoices": "all"})
        partner = self.env["res.partner"].create({"name": "C", "email": "c@example.com"})
        drawn, own = self.invoice(partner=partner), self.invoice(partner=partner)
        pdf = {"name": "own.pdf", "raw": a_pdf(20), "res_model": "account.move", "res_id": own.id}
        self.env["ir.attachment"].create({**pdf, "res_field": "invoice_pdf_report_file"})
        own.invalidate_recordset(["invoice_pdf_report_id"])
        notice = self.night(REMINDED).notice_ids.filtered(lambda n: n.commercial_partner_id == partner)
        self.assertEqual(notice.line_ids.move_id, drawn | own)
        notice._approve()
        Dispatch = self.env["ar.dunning.dispatch"].sudo()
        name = drawn._get_invoice_report_filename()
        kept = self.env["ir.attachment"]._keep_for(notice, name, a_pdf(30))
        notice._put({"invoice_attachment_ids": [Command.link(kept.id)]})
        notice._freeze_enclosed(kept)
        return notice, kept, own.invoice_pdf_report_id, Dispatch

    def test_a_file_enclosed_is_compared_before_the_mail_is_made(self):
        """The invoice that was drawn for the mail was replaced meanwhile."""
        notice, kept, _own, Dispatch = self.mailed()
        self.tamper(kept)
        Dispatch._send_ready(notice.ids, REMINDED)
        self.assertEqual((notice.state, len(notice.delivery_ids)), ("failed", 0))
        self.assertIn("is not the one that was frozen", notice.error)

    def test_a_file_enclosed_is_compared_before_the_mail_is_handed_over(self):
        """The invoice's own document was replaced while the mail waited; another mail leaves."""
        notice, kept, own, Dispatch = self.mailed()
        Dispatch._send_ready(notice.ids, REMINDED)
        delivery = notice.sudo().delivery_ids
        self.assertEqual(delivery.mail_id.attachment_ids, (kept | own).sudo())
        self.assertEqual(
            notice.enclosed_sha256, {str(file.id): hashlib.sha256(file.raw).hexdigest() for file in kept | own}
        )
        self.assertEqual(delivery._claim("token"), delivery, "as it was frozen")
        delivery._give_back()
        self.tamper(own)
        self.assertFalse(delivery._claim("token"))
        self.assertEqual(delivery.state, "failed")
        self.assertIn("encloses is not the one that was frozen", delivery.failure)
        self.assertIn("An enclosed file was tampered with", notice.activity_ids.mapped("summary"))
        self.assertFalse(delivery._claim("token"), "once told, not again")
        self.assertEqual(len(notice.activity_ids), 1)

    def test_a_mail_encloses_no_foreign_file(self):
        """Whatever the notice points at: only files that hang on it go out with it."""
        foreign = self.env["ir.attachment"].create(
            {"name": "secret.pdf", "raw": b"secret", "res_model": "res.partner", "res_id": self.partner_b.id}
        )
        own = self.env["ir.attachment"]._keep_for(self.notices[0], "invoice.pdf", a_pdf(10))
        self.notices[0].sudo()._add_evidence({"invoice_attachment_ids": [Command.set((foreign | own).ids)]})
        self.assertEqual(self.notices[0].sudo()._own_files(), own.sudo())

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .look_common import ON, LookCommon

MESSAGE = {
    "subject": "Other words",
    "body": "<p>Other words</p>",
    "message_id": "<other@example.com>",
    "reply_to": "else@example.com",
    "email_from": "else@example.com",
    "attachment_ids": [Command.clear()],
    "mail_server_id": False,
}
MAIL = {
    "body_html": "<p>Other words</p>",
    "email_to": "else@example.com",
    "email_cc": "else@example.com",
    "headers": "{}",
    "subject": "Other words",
}


@tagged("post_install", "-at_install")
class TestEvidenceMails(LookCommon):
    """A mail of ours leaves, and stays, as it was written: nobody changes its words, addresses, files or Message-ID."""

    def setUp(self):
        super().setUp()
        company = {"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]}
        groups = {
            "accountant": "ar_dunning.group_dunning_user",
            "administrator": "base.group_system,ar_dunning.group_dunning_manager",
        }
        self.people = [
            new_test_user(self.env, f"mails_{name}", group, email=f"{name}@example.com", **company)
            for name, group in groups.items()
        ]
        self.invoice()
        notice = self.night(ON).notice_ids
        self.leave(notice, ON)
        self.delivery = self.mail(notice)
        self.env.flush_all()

    def refused(self, record, method, *args):
        for user in self.people:
            with self.subTest(user=user.login, args=args), self.assertRaises(UserError):
                call_kw(self.env(user=user, su=False)[record._name], method, [record.ids, *args], {})

    def test_a_waiting_mail_is_not_rewritten(self):
        """An accountant may write the messages of a notice; the one of its waiting mail would leave with other words."""
        mail = self.delivery.mail_id
        subject, message_id = mail.subject, mail.message_id
        for name, value in MESSAGE.items():
            self.refused(mail.mail_message_id, "write", {name: value})
            with self.assertRaisesRegex(UserError, "stays as it was written"):
                mail.mail_message_id.sudo().write({name: value})
        for name, value in MAIL.items():
            self.refused(mail, "write", {name: value})
        self.assertEqual((mail.subject, mail.message_id), (subject, message_id))
        mail.mail_message_id.with_user(self.people[0]).write({"is_internal": True})

    def test_a_mail_that_left_is_not_deleted(self):
        self.delivery._update_state(("queued",), "sent")
        for record in (self.delivery.mail_id, self.delivery.mail_id.mail_message_id):
            self.refused(record, "unlink")
            with self.assertRaisesRegex(UserError, "is evidence"):
                record.sudo().unlink()
        self.assertTrue(self.delivery.mail_id.exists())

    def test_uninstalling_is_not_in_the_way_of_mails(self):
        """Columns of ours are gone while Odoo deletes messages; the key with which it marks that is anybody's."""
        self.delivery._update_state(("queued",), "sent")
        mail = self.delivery.mail_id.sudo()
        with self.assertRaisesRegex(UserError, "is evidence"):
            mail.with_context(_force_unlink=True).unlink()
        self.env["ir.module.module"].search([("name", "=", "ar_dunning")]).state = "to remove"
        mail.unlink()
        self.assertFalse(mail.exists())

    def test_other_mails_are_not_ours(self):
        mail = self.env["mail.mail"].sudo().create({"subject": "Lunch", "body_html": "<p>At noon</p>"})
        mail.write({"subject": "Dinner", "body_html": "<p>At eight</p>"})
        self.assertEqual(mail.mail_message_id.subject, "Dinner")
        mail.unlink()
        self.assertFalse(mail.exists())

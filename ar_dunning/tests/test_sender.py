from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_address import FIRST, AddressCommon


@tagged("post_install", "-at_install")
class TestSender(AddressCommon):
    """From whom a notice comes, who is asked, and which account it names: never what is archived."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Bank = cls.env["res.partner.bank"]
        owner = cls.company.partner_id.id
        cls.closed = Bank.create({"acc_number": "NO83 3000 1234 567", "partner_id": owner, "sequence": 1})
        cls.open = cls.company.partner_id.bank_ids - cls.closed
        cls.colleague = cls.new_user("Kari", "ar_dunning.group_dunning_user")
        cls.boss = cls.new_user("Berit", "ar_dunning.group_dunning_manager")

    @classmethod
    def new_user(cls, name, group):
        return cls.env["res.users"].create(
            {
                "name": name,
                "login": name.lower(),
                "email": f"{name.lower()}@sender.example",
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
                "group_ids": [Command.link(cls.env.ref(group).id)],
            }
        )

    def test_a_closed_account_is_never_named(self):
        """The invoice names an account that was archived: payment is asked to the active one, and the notice says so."""
        self.invoice(partner_bank_id=self.closed.id)
        self.closed.active = False
        notice = self.notice_of(FIRST)
        self.assertEqual(self.env["ar.dunning.print"]._print_transfer(notice).account, "NO93 8601 1117 947")
        self.assertEqual(
            notice.warning,
            "Account NO83 3000 1234 567 of the invoice is archived: payment is asked to NO93 8601 1117 947.",
        )
        self.send(notice, FIRST)
        mail = notice.sudo().delivery_ids.mail_id
        self.assertIn("NO93 8601 1117 947", mail.body_html)
        self.assertNotIn("NO83", mail.body_html)

    def test_an_account_closed_after_approval_is_not_named(self):
        self.invoice(partner_bank_id=self.closed.id)
        notice = self.notice_of(FIRST)
        self.assertEqual((notice.bank_id, notice.warning), (self.closed, False))
        self.closed.active = False
        self.send(notice, FIRST)
        self.assertEqual(notice.bank_id, self.open)
        self.assertIn("is archived: payment is asked", notice.warning)
        self.assertIn("NO93 8601 1117 947", notice.sudo().delivery_ids.mail_id.body_html)

    def test_no_account_anywhere_is_told(self):
        """Without any bank account the notice warns, and so does the set-up."""
        self.invoice(partner_bank_id=False)
        (self.open | self.closed).active = False
        self.assertEqual(self.notice_of(FIRST).warning, "No bank account is known: it cannot say where to pay.")
        wizard = self.env["ar.dunning.setup"].create({"company_id": self.company.id, "state": "findings"})
        self.assertTrue(wizard.bank_missing)

    def test_who_has_left_neither_writes_nor_gets_replies(self):
        """The responsible is archived: another colleague's name in From, signature and replies, and the notice says so."""
        self.customer().responsible_id = self.colleague
        self.policy.responsible_id = self.boss
        self.colleague.active = False
        self.invoice()
        notice = self.day(FIRST)
        self.assertEqual(notice.responsible_id, self.boss)
        self.assertEqual(
            notice.warning, "Kari, who looks after this customer, has left: it comes from Berit.", "the notice says so"
        )
        mail = notice.sudo().delivery_ids.mail_id
        self.assertIn("berit@sender.example", mail.email_from)
        self.assertEqual(mail.author_id, self.boss.partner_id)
        self.assertIn("Berit", mail.body_html)
        self.assertNotIn("Kari", mail.body_html)

    def test_who_leaves_after_approval_does_not_write(self):
        self.customer().responsible_id = self.colleague
        self.policy.responsible_id = self.boss
        self.invoice()
        notice = self.notice_of(FIRST)
        self.assertEqual((notice.responsible_id, notice.warning), (self.colleague, False))
        self.colleague.active = False
        self.send(notice, FIRST)
        self.assertIn("berit@sender.example", notice.sudo().delivery_ids.mail_id.email_from)

    def test_a_system_user_is_never_asked(self):
        """Nobody responsible, invoices made by a system user: task, to-do and copy are a dunning manager's."""
        robot = self.env.ref("base.user_root")
        self.policy.level_ids.filtered(lambda level: level.days == 5).write(
            {"channel_activity": True, "copy_salesperson": True, "activity_user_id": False}
        )
        self.policy.mode = "automatic"
        self.invoice(invoice_user_id=robot.id)
        manager = self.company._dunning_manager()
        self.assertTrue(manager._is_dunning_person())
        notice = self.night(FIRST).notice_ids
        self.assertEqual((notice.state, notice.responsible_id.id), ("queued", False))
        with freeze_time(FIRST):
            self.env["ar.dunning.dispatch"].sudo()._send_ready(notice.ids, FIRST)
        self.assertEqual(notice.sudo().activity_ids.user_id, manager)
        copies = notice.sudo().delivery_ids.filtered("is_copy")
        self.assertEqual(copies.partner_id, manager.partner_id)

    def test_customers_of_nobody_are_a_finding(self):
        robot = self.env.ref("base.user_root")
        self.item(self.invoice(invoice_user_id=robot.id))
        wizard = self.env["ar.dunning.setup"].create({"company_id": self.company.id, "state": "findings"})
        self.assertEqual(wizard.unattended_count, 1)
        self.assertEqual(wizard.action_open_unattended()["domain"], [("id", "in", self.customer().ids)])
        self.policy.responsible_id = self.boss
        wizard.invalidate_recordset()
        self.assertEqual(wizard.unattended_count, 0)

    def test_a_manager_of_the_company_is_asked(self):
        managers = self.env.ref("ar_dunning.group_dunning_manager").sudo().all_user_ids
        (managers - self.boss).group_ids -= self.env.ref("ar_dunning.group_dunning_manager")
        self.assertEqual(self.company._dunning_manager(), self.boss)
        self.boss.active = False
        self.assertNotEqual(self.company._dunning_manager(), self.boss)

from odoo.exceptions import AccessDenied
from odoo.tests import tagged

from .common import REMINDED, DunningCommon
from .uninstall_common import UninstallCase


@tagged("post_install", "-at_install")
class TestUninstall(UninstallCase, DunningCommon):
    """Notices that have left are evidence: with them the addon stays."""

    def setUp(self):
        super().setUp()
        self.invoice()
        self.notice = self.night(REMINDED).notice_ids

    def test_with_drafts_it_goes(self):
        self.assertEqual(self.notice.state, "draft")
        self.uninstall("ar_dunning")

    def test_with_a_notice_that_has_left_it_stays(self):
        self.send(self.notice, REMINDED)
        told = ["Notices that have left: 1. They stay on record."]
        self.assertEqual(self.sentences("ar_dunning"), told)
        self.assertEqual(self.sentences("account"), told, "with what it depends on, too")

    def test_a_cancelled_notice_that_had_left_is_evidence(self):
        self.send(self.notice, REMINDED)
        self.notice._update_state(("sent",), "cancelled")
        self.assertEqual(self.sentences("ar_dunning"), ["Notices that have left: 1. They stay on record."])

    def test_a_mail_of_which_nobody_knows_may_have_left(self):
        self.send(self.notice, REMINDED)
        self.assertEqual(self.notice.delivery_ids.mapped("channel"), ["email"])
        self.notice.delivery_ids.sudo()._put({"state": "unconfirmed"})
        self.notice._add_evidence({"state": "queued", "sent_on": False})
        self.assertEqual(self.sentences("ar_dunning"), ["Notices that have left: 1. They stay on record."])

    def test_who_may_not_uninstall_learns_nothing(self):
        self.send(self.notice, REMINDED)
        module = self.env["ir.module.module"].search([("name", "=", "ar_dunning")])
        user = self.env["res.users"].create(
            {"login": "clerk", "name": "Clerk", "group_ids": [(6, 0, self.env.ref("base.group_user").ids)]}
        )
        with self.assertRaises(AccessDenied):
            module.with_user(user).sudo(False).button_uninstall()

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.evidence_common import EvidenceCommon


@tagged("post_install", "-at_install")
class TestEvidenceFiles(EvidenceCommon):
    """Documents of solvency checks stay as they were kept."""

    def test_documents_of_a_check(self):
        """They are added and not taken away; somebody else's upload is not adopted."""
        Attachment = self.env["ir.attachment"].with_user(self.accountant)
        document = Attachment.create({"name": "report.pdf", "raw": b"rated B"})
        check = self.env["ar.dunning.solvency.check"].with_user(self.accountant)
        check = check.create(
            {
                "customer_id": self.item(self.invoice()).customer_id.id,
                "result": "good",
                "attachment_ids": [Command.link(document.id)],
            }
        )
        self.documents_stay(check, document)
        check.action_archive()
        self.documents_stay(check, document)
        foreign = self.env["ir.attachment"].with_user(self.admin).create({"name": "private.pdf", "raw": b"private"})
        with self.assertRaises(UserError):
            check.write({"attachment_ids": [Command.link(foreign.id)]})
        self.assertFalse(foreign.sudo().res_id)

    def documents_stay(self, check, document):
        """Of a check that stands, and of one that was archived: what somebody relied on stays."""
        refused = {
            "clear": lambda: check.write({"attachment_ids": [Command.clear()]}),
            "take away": lambda: check.sudo().write({"attachment_ids": [Command.unlink(document.id)]}),
            "rewrite": lambda: document.sudo().write({"raw": b"rated A"}),
            "delete": document.unlink,
        }
        for name, attempt in refused.items():
            with self.subTest(name), self.assertRaises(UserError) as refusal:
                attempt()
            self.assertIn("evidence", str(refusal.exception))

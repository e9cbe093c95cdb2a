from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.ar_dunning.tools.divided import refuse_before_upgrade


@tagged("post_install", "-at_install")
class TestDivided(TransactionCase):
    """What was part of `ar_dunning` and is an addon of its own is not installed beside an `ar_dunning` that still has it."""

    def refuse(self, version):
        self.env["ir.module.module"].search([("name", "=", "ar_dunning")]).latest_version = version
        refuse_before_upgrade(self.env)

    def test_a_former_version_waits_to_be_upgraded(self):
        for version in ("19.0.1.0.0", "19.0.3.0.0"):
            with self.assertRaisesRegex(UserError, "Upgrade 'Dunning' first"):
                self.refuse(version)

    def test_a_version_that_was_divided_does_not(self):
        for version in ("19.0.4.0.0", "19.0.10.0.0", False):
            self.refuse(version)

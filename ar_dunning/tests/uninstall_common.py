from odoo.exceptions import UserError


class UninstallCase:
    """Mixed into a test case: what *Uninstall* answers. Nothing is uninstalled: that is done at the next start only."""

    def uninstall(self, name):
        module = self.env["ir.module.module"].sudo().search([("name", "=", name)])
        module.button_uninstall()
        self.assertEqual(module.state, "to remove")

    def sentences(self, name):
        """What stands in the way of uninstalling this addon."""
        with self.assertRaises(UserError) as refused:
            self.uninstall(name)
        head, *sentences = str(refused.exception).split("\n- ")
        self.assertEqual(head, "Uninstalling would delete evidence:")
        self.assertEqual(self.env["ir.module.module"].search([("name", "=", name)]).state, "installed")
        return sentences

from odoo import models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _dunning_evidence_kept(self):
        """Solvency checks that count, and holds by hand."""
        kept = super()._dunning_evidence_kept()
        if self.name != "ar_dunning_credit":
            return kept
        checks = self.env["ar.dunning.solvency.check"].search([("active", "=", True)])
        counting = len(checks.filtered(lambda check: check.standing == "counts"))
        Customer = self.env["ar.dunning.customer"].with_context(active_test=False)
        held = Customer.search_count([("manual_hold", "!=", False)])
        told = [
            (counting, self.env._("Solvency checks that count: %s. Archive them first.", counting)),
            (held, self.env._("Customers held by hand: %s. Lift their holds first.", held)),
        ]
        return kept + [sentence for count, sentence in told if count]

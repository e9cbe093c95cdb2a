from odoo import models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _dunning_evidence_kept(self):
        """Security deposits that are held, and accepted terms."""
        kept = super()._dunning_evidence_kept()
        if self.name != "ar_dunning_sale":
            return kept
        held = self.env["ar.dunning.deposit"].search_count([("state", "=", "paid")])
        terms = self.env["ar.dunning.terms"].search_count([])
        told = [
            (held, self.env._("Security deposits that are held: %s. Give them back or apply them first.", held)),
            (terms, self.env._("Accepted terms: %s. They stay on record.", terms)),
        ]
        return kept + [sentence for count, sentence in told if count]

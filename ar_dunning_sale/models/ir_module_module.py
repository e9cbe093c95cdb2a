from odoo import models

from .ar_dunning_release import GRANTED
from .ar_dunning_trial import RUNNING


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _dunning_evidence_kept(self):
        """Security deposits that are held, releases that count, free periods that run, and accepted terms."""
        kept = super()._dunning_evidence_kept()
        if self.name != "ar_dunning_sale":
            return kept
        held = self.env["ar.dunning.deposit"].search_count([("state", "=", "paid")])
        granted = [("ended_on", "=", False), ("state", "in", GRANTED)]
        releases = self.env["ar.dunning.release"].search_count(granted)
        trials = self.env["ar.dunning.trial"].search_count([("state", "in", RUNNING)])
        terms = self.env["ar.dunning.terms"].search_count([])
        told = [
            (held, self.env._("Security deposits that are held: %s. Give them back or apply them first.", held)),
            (releases, self.env._("Approvals of orders that stand: %s. They stay on record.", releases)),
            (trials, self.env._("Free periods that run: %s. Charge or end them first.", trials)),
            (terms, self.env._("Accepted terms: %s. They stay on record.", terms)),
        ]
        return kept + [sentence for count, sentence in told if count]

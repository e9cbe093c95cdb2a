from odoo import models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _dunning_evidence_kept(self):
        """Booked charges, and notices under way that claim some: those that have left keep what they demanded."""
        kept = super()._dunning_evidence_kept()
        if self.name != "ar_dunning_charge":
            return kept
        booked = self.env["ar.dunning.charge"].search_count([("stage", "=", "booked")])
        leaving = self.env["ar.dunning.notice"].search_count(
            [
                ("state", "in", ["queued", "failed"]),
                ("sent_on", "=", False),
                "|",
                ("charge_ids", "!=", False),
                ("earlier_charge_ids", "!=", False),
            ]
        )
        told = [
            (booked, self.env._("Booked charges: %s. Reverse them first.", booked)),
            (leaving, self.env._("Notices on their way that claim charges: %s. Send or cancel them first.", leaving)),
        ]
        return kept + [sentence for count, sentence in told if count]

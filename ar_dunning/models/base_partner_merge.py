from odoo import models


class BasePartnerMerge(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Combine the customers' dunning records first: core would delete the second one with its evidence."""
        partners = self.env["res.partner"].browse(partner_ids).exists()
        destination = dst_partner or (self._get_ordered_partner(partners.ids)[-1] if len(partners) > 1 else None)
        if len(partners) > 1:
            partners._merge_dunning_records(destination)
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        if len(partners) > 1 and destination.exists():
            records = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
            records.search([("partner_id", "=", destination.id)])._after_merge()
        return result

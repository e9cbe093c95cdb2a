from odoo import api, models

from ..core.outlook import outlook


class ArDunningOutlook(models.AbstractModel):
    """What comes for an item if nothing is paid: the plan, played on from where the item stands today."""

    _name = "ar.dunning.outlook"
    _description = "Outlook"

    @api.model
    def _outlook(self, items):
        """`{item id: [(level record, day, deadline or None)]}` for these items, from today on; writes nothing."""
        found = {}
        for company, group in items.sudo().grouped("company_id").items():
            on = company._dunning_today()
            for decision in self.env["ar.dunning.ledger"]._decide(group.customer_id, on).values():
                found.update(self._outlook_of(decision, set(group.ids), on))
        return found

    @api.model
    def _outlook_of(self, decision, wanted, on):
        Level = self.env["ar.dunning.level"].sudo()
        return {
            item.id: [
                (Level.browse(planned.level.key), planned.on, planned.deadline)
                for planned in outlook(*item.state, on, decision.calendar)
            ]
            for item in decision.items
            if item.id in wanted and item.state
        }

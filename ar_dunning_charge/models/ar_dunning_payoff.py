import logging

from odoo import api, models
from odoo.exceptions import UserError

from .facts.claim_book import ClaimBook
from .facts.claim_facts import Asked, Worked

_logger = logging.getLogger(__name__)


class ArDunningPayoff(models.AbstractModel):
    """What settles an invoice on a day: principal, charges announced, and the interest that has run up since."""

    _name = "ar.dunning.payoff"
    _description = "What Pays an Invoice Off"

    @api.model
    def _of(self, move, on):
        """What pays `move` off on the day `on`, by the calculation of the notices.

        :return: dict of amounts in the invoice's currency: principal, announced, interest, total; empty where
            nothing is open
        """
        items = move.sudo().ar_dunning_item_ids.filtered("is_open")
        if not items:
            return {}
        announced = (
            self.env["ar.dunning.charge"]
            .sudo()
            .search([("item_id", "in", items.ids), ("stage", "=", "announced")])
            .filtered(lambda charge: not charge.waive_until or charge.waive_until < on)
        )
        principal = sum(items.mapped("amount_residual_currency"))
        interest = self._interest_until(items, on)
        claimed = sum(announced.mapped("amount"))
        return {
            "principal": principal,
            "announced": claimed,
            "interest": interest,
            "total": principal + claimed + interest,
        }

    @api.model
    def _interest_until(self, items, on):
        """Interest until `on` that no notice has claimed yet, on items whose level claims interest."""
        claims, total = self.env["ar.dunning.claims"], 0.0
        for company, group in items.grouped("company_id").items():
            asked = [
                Asked(item.id, item.id, item.level_id, item.customer_id.effective_policy_id, self.env.lang, None)
                for item in group
                if item.level_id.charge_interest
            ]
            debts = self.env["ar.dunning.arrears"]._read([one.item_id for one in asked], company, on) if asked else {}
            book = ClaimBook(self.env, company, on, debts)
            for one in asked:
                worked, debt = Worked(), debts[one.item_id]
                try:
                    claims._find_default(book, debt, one.policy)
                    claims._claim_interest(book, debt, one, worked)
                except (ArithmeticError, UserError, ValueError) as error:
                    # A rule that nobody can follow: no notice would claim it, and the invoice still opens.
                    _logger.warning("Interest on item %s: %s", one.item_id, error)
                total += sum(charge["amount"] for charge in worked.charges)
        return total

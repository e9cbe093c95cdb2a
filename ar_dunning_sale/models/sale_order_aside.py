from collections import defaultdict

from odoo import api, models


class SaleOrder(models.Model):
    """Money that names a security deposit we have asked for: no order's, and no payment of what the customer owes.

    The request asks the customer to name the deposit with the transfer, so it is known before anybody has booked it.
    """

    _inherit = "sale.order"

    @api.model
    def _dunning_unmatched(self, partners, tree):
        return self._dunning_set_aside(super()._dunning_unmatched(partners, tree), tree)[0]

    @api.model
    def _dunning_named_credits(self, partners, tree):
        """With what is set aside for security deposits."""
        found = super()._dunning_named_credits(partners, tree)
        for partner, amount in self._dunning_set_aside(super()._dunning_unmatched(partners, tree), tree)[1].items():
            found[partner] += amount
        return found

    @api.model
    def _dunning_set_aside(self, credits, tree):
        """Unmatched money less what names requested security deposits, up to their amounts.

        :param credits: rows, see `_dunning_unmatched`
        :return: the rows that are left, and `{partner id: company currency}`: what of the ledger is set aside
        """
        asked = self._dunning_asked_deposits({row[0] for row in credits if row[0]}, tree)
        rest, aside = [], defaultdict(float)
        for partner, currency, amount, words, in_ledger, own, kind in credits:
            taken = 0.0
            for key in {(partner, currency, word) for word in words} & asked.keys():
                part = min(amount - taken, asked[key])
                asked[key] -= part
                taken += part
            share = float(own) * taken / amount if taken else 0.0
            if in_ledger and share:
                aside[partner] += share
            if amount - taken > 0:
                rest.append((partner, currency, amount - taken, words, in_ledger, float(own) - share, kind))
        return rest, aside

    @api.model
    def _dunning_asked_deposits(self, partners, tree):
        """`{(partner id, currency id, word of the transfer): amount}` of security deposits that have not come in."""
        if not partners:
            return {}
        deposits = self.env["ar.dunning.deposit"].sudo().search(
            [("state", "=", "requested"), ("partner_id", "in", list(partners)), ("company_id", "in", tree.ids)]
        )  # fmt: skip
        read = self.env["ar.dunning.incoming"]._reference_words
        return {
            (deposit.partner_id.id, deposit.currency_id.id, word): deposit.amount
            for deposit in deposits
            for word in read(deposit.reference)
            if word
        }

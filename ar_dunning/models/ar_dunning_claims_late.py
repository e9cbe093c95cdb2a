from odoo import api, models

from .claim_book import ClaimBook
from .claim_facts import Asked, Worked


class ArDunningClaims(models.AbstractModel):
    """Interest on what was paid late: the days between the last notice and the payment, where the rule claims them."""

    _inherit = "ar.dunning.claims"

    @api.model
    def _claim_after_payment(self, company, on):
        """Claim the last days of interest on items that were paid since their last notice.

        Only items on which a notice claimed interest before, only where the rule says *also after payment*, and
        only where the policy books charges: nobody writes to a customer who has paid.

        :return: the charges made
        """
        Charge = self.env["ar.dunning.charge"].sudo()
        claimed = Charge.search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", "interest"),
                ("state", "in", ("announced", "booked", "paid")),
            ]
        ).filtered(lambda charge: charge._policy().charge_mode != "announce")
        settled = claimed._settled_on() if claimed else {}
        last = {}
        for charge in claimed.sorted("date_to"):
            day = settled.get(charge.id)
            if day and charge.date_to:
                last[charge.item_id] = charge
        due = {item: charge for item, charge in last.items() if settled[charge.id] > charge.date_to}
        if not due:
            return Charge
        debts = self._read_debts([item.id for item in due], company, on)
        book = ClaimBook(self.env, company, on, debts)
        found = []
        for item, charge in due.items():
            debt, policy = debts.get(item.id), charge._policy()
            rule = debt and (book.contract_of(debt, policy) or book.regime_of(debt))
            if not (rule and rule.after_payment):
                continue
            lang = item.customer_id.partner_id.lang or self.env.lang
            one, worked = Asked(item.id, item.id, charge.level_id, policy, lang, None), Worked()
            self._find_default(book, debt, policy)
            book.lang = lang
            self._claim_interest(book, debt, one, worked)
            found += worked.charges
        return Charge._create_claims(found)._update_stage(("draft",), "announced")

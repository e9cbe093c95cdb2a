from datetime import timedelta

from odoo import api, fields, models

from .facts.claim_book import ClaimBook
from .facts.claim_facts import Asked, Worked

# Only what was matched lately can have changed; without this a night would go through every claim ever settled.
LATELY = timedelta(days=60)


class ArDunningLateInterest(models.AbstractModel):
    """Interest on items that were settled since their last notice: days still to be claimed, or claimed too many."""

    _name = "ar.dunning.late.interest"
    _description = "Interest on What Was Settled since Its Last Notice"

    @api.model
    def _claim(self, company, on):
        """Claim the last days of interest on items that were paid since their last notice; correct what was too much.

        Days up to the payment are claimed only where the rule says *also after payment* and the policy books charges:
        nobody writes to a customer who has paid. Not after a credit note, which takes the principal away, and not
        where the last claim was waived, as it is where the customer paid by the day offered.

        A payment dated back before the last day claimed is corrected under every policy, as no notice would.
        Looked at are the items of which something was matched within the last 60 days, whatever its date.

        :return: the charges made
        """
        Charge = self.env["ar.dunning.charge"].sudo()
        claimed = Charge.search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", "interest"),
                ("stage", "in", ("announced", "booked", "waived")),
                ("date_to", "!=", False),
                ("item_id.move_line_id.reconciled", "=", True),
                (
                    "item_id.move_line_id.matched_credit_ids",
                    "any",
                    [("create_date", ">", fields.Datetime.now() - LATELY)],
                ),
            ]
        )
        due = self._settled_otherwise(claimed) if claimed else {}
        if not due:
            return Charge
        debts = self.env["ar.dunning.arrears"]._read([item.id for item in due], company, on)
        book = ClaimBook(self.env, company, on, debts)
        claims, found = self.env["ar.dunning.claims"], []
        for item, (charge, is_late) in due.items():
            debt, policy = debts.get(item.id), charge._policy()
            rule = debt and (book.contract_of(debt, policy) or book.regime_of(debt))
            if not rule or (is_late and not rule.after_payment):
                continue
            lang = item.customer_id.partner_id.lang or self.env.lang
            one, worked = Asked(item.id, item.id, charge.level_id, policy, lang, None), Worked()
            claims._find_default(book, debt, policy)
            book.lang = lang
            claims._claim_interest(book, debt, one, worked)
            found += [vals for vals in worked.charges if is_late or vals["amount"] < 0]
        return Charge._create_claims(found)._update_stage(("draft",), "announced")

    @api.model
    def _settled_otherwise(self, claimed):
        """`{item: (its last claim, whether it was paid later)}` of items not settled on the last day claimed."""
        settlements, due = claimed._settlements(), {}
        for item, charges in claimed.grouped("item_id").items():
            day, is_paid = settlements.get(item.move_line_id.id, (None, False))
            last = charges.sorted(lambda charge: (charge.date_to, charge.id))[-1]
            if not day or day == last.date_to:
                continue
            is_late = day > last.date_to
            if not is_late or (is_paid and last.stage != "waived" and last._policy().charge_mode != "announce"):
                due[item] = (last, is_late)
        return due

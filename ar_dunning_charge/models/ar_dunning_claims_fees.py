from collections import defaultdict

from odoo import api, models

from ..core import fees
from ..core.rates import MissingRate


class ArDunningClaims(models.AbstractModel):
    """Lump-sum compensation and reminder fees of a notice, within what the law of each debtor allows."""

    _inherit = "ar.dunning.claims"

    @api.model
    def _claim_compensation(self, book, members, worked):
        groups = defaultdict(list)
        for one in members:
            debt = book.debts[one.item_id]
            regime = book.regime_of(debt)
            rule, problem = None, ""
            if debt.reminded_before:
                problem = self._claimed_elsewhere()
            elif not regime:
                problem = self._no_law(debt)
            elif regime.mention_for_compensation and not debt.mention:
                problem = self.env._("the invoice does not carry the text that the law asks for.")
            else:
                rule = book.compensation_of(regime)
                problem = "" if rule else regime._hint("compensation") or self._not_granted(regime)
            if rule:
                groups[regime, debt.currency_id].append(one)
            else:
                worked.withheld.append(self._withheld(debt, "compensation", problem))
        for (regime, _currency), found in groups.items():
            self._claim_tariff(
                book, book.compensation_of(regime), found, book.spoken(regime)._as_text("compensation"), worked
            )

    @api.model
    def _claim_fees(self, book, members, worked):
        """The fees of the levels of one notice; a fee for the notice as a whole once, by its highest level."""
        whole = False
        by_level = defaultdict(list)
        for one in sorted(members, key=lambda one: -one.level.days):
            by_level[one.level].append(one)
        for level, found in by_level.items():
            rule = level.fee_rule_id
            if rule and rule.scope == "notice" and rule.method != "collection":
                if not whole:
                    found = [one for same, group in by_level.items() if same.fee_rule_id == rule for one in group]
                    whole = self._claim_fee(book, rule, found, worked, once=True)
            elif rule:
                self._claim_fee(book, rule, found, worked)

    @api.model
    def _claim_fee(self, book, rule_record, members, worked, once=False):
        """A fee of one level, within what the law of each debtor's country allows.

        :param bool once: one fee for all of them, whatever their currencies
        :return: whether there is a fee
        """
        before = len(worked.charges)
        groups = defaultdict(list)
        for one in members:
            debt = book.debts[one.item_id]
            regime = book.regime_of(debt)
            problem = self._fee_problem(book, debt, one, rule_record)
            if problem:
                worked.withheld.append(self._withheld(debt, "fee", problem))
            else:
                groups[regime, debt.currency_id].append(one)
        for (regime, _currency), found in groups.items():
            try:
                rule = book.fee_of(rule_record, regime, found[0].policy)
            except (ValueError, MissingRate) as error:
                text = error if isinstance(error, ValueError) else self._missing_text(error)
                worked.withheld.extend(self._withheld(book.debts[one.item_id], "fee", str(text)) for one in found)
                continue
            self._claim_tariff(
                book, rule, found, book.spoken(rule_record)._as_text(book.spoken(regime)), worked, rule_record.is_agreed
            )
            if once and len(worked.charges) > before:
                break
        return len(worked.charges) > before

    @api.model
    def _fee_problem(self, book, debt, one, rule_record):
        """Why no fee may be charged whatever its amount, or an empty text."""
        regime = book.regime_of(debt)
        if one.level.id in debt.fee_levels:
            return self.env._("a fee was claimed for this level already.")
        if not debt.country_id or not debt.audience:
            return self._no_law(debt)
        if not regime:
            return self._no_law(debt) if rule_record.method in ("statute", "collection") else ""
        if rule_record.method == "collection":
            return "" if regime._collection_tariffs() else self._not_granted(regime)
        if regime.fee_allowed == "no":
            return self.env._("the law there allows no reminder fee (%s).", regime.name)
        if rule_record.method == "statute" and not regime._fee_tariffs({}):
            return self.env._("the law there names no amount; enter a rule with your own (%s).", regime.name)
        wanted = regime.fee_deadline_days
        if wanted and (not one.deadline or (one.deadline - book.on).days < wanted):
            return self.env._("a reminder with a fee must give at least %s days to pay.", wanted)
        return ""

    @api.model
    def _claim_tariff(self, book, rule, members, text, worked, agreed=False):
        """Claim a fee or compensation on items in one currency; say what was withheld or cut."""
        debts = [book.as_fee_debt(one, rule, agreed) for one in members]
        by_key = {one.item_id: one for one in members}
        try:
            found = fees.claim(rule, debts, book.on, book.conversion(rule, debts[0]))
        except MissingRate as error:
            problem = self._missing_text(error)
            worked.withheld.extend(self._withheld(book.debts[one.item_id], rule.kind.value, problem) for one in members)
            return
        for fee in found:
            one = by_key[fee.keys[0]]
            debt = book.debts[one.item_id]
            for finding in fee.findings:
                if finding.reason not in (fees.Reason.ALREADY_CLAIMED,):
                    worked.withheld.append(self._withheld(debt, rule.kind.value, self._finding_text(finding, debt)))
            if fee.amount <= 0:
                continue
            vals = self._charge_values(debt, one, rule.kind.value, fee.amount, book.on)
            rows = book.spoken(self.env["ar.dunning.fee.rule"])._step_rows(fee.steps)
            vals |= {
                "basis": float(fee.basis),
                "gross": float(fee.gross),
                "rule": text,
                "rule_key": str(rule.key),
                "steps": rows,
                "slices": [],
            }
            worked.charges.append(vals)
            past = fees.Past(
                object(), rule.key, rule.kind, book.on, fee.amount, one.level.id, rule.kind.value, fee.gross
            )
            for key in fee.keys:
                book.debts[key].past = (*book.debts[key].past, past)

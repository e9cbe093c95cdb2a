from collections import defaultdict

from odoo import api, models

from ..core import fees
from ..core.rates import MissingRate
from .facts.claim_facts import Withheld
from .facts.claim_values import charge_values


class ArDunningFees(models.AbstractModel):
    """Lump-sum compensation and reminder fees of a notice, within what the law of each debtor allows."""

    _name = "ar.dunning.fees"
    _description = "Fees and Compensation of a Notice"

    # === Compensation === #

    @api.model
    def _claim_compensation(self, book, members, worked):
        """Claim the lump sum that the law of each debtor grants, or say why none is claimed."""
        groups = defaultdict(list)
        for one in members:
            debt = book.debts[one.item_id]
            regime = book.regime_of(debt)
            found = self._compensation(book, debt, regime)
            if isinstance(found, Withheld):
                worked.withheld.append(self._told(debt, "compensation", found.reason))
            else:
                groups[regime, debt.currency_id].append(one)
        for (regime, _currency), found in groups.items():
            text = book.spoken(regime)._as_text("compensation")
            self._claim_tariff(book, book.compensation_of(regime), found, text, worked)

    @api.model
    def _compensation(self, book, debt, regime):
        """The rule of the lump sum for this debt (`core.fees.Rule`), or `Withheld`."""
        withheld = self.env["ar.dunning.withheld"]
        if debt.reminded_before:
            return Withheld(withheld._claimed_elsewhere())
        if not regime:
            return Withheld(withheld._no_law(debt))
        if regime.mention_for_compensation and not debt.mention:
            return Withheld(withheld._no_mention())
        granted = book.compensation_of(regime)
        return granted or Withheld(regime._hint("compensation") or withheld._not_granted(regime))

    # === Fees === #

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
    def _claim_fee(self, book, record, members, worked, once=False):
        """A fee of one level, within what the law of each debtor's country allows.

        :param record: the `ar.dunning.fee.rule` of the level
        :param bool once: one fee for all of them, whatever their currencies
        :return: whether there is a fee
        """
        before = len(worked.charges)
        for (regime, _currency), found in self._that_bear(book, record, members, worked).items():
            try:
                rule = book.fee_of(record, regime, found[0].policy)
            except (ValueError, MissingRate) as error:
                self._withhold(book, found, "fee", error, worked)
                continue
            text = book.spoken(record)._as_text(book.spoken(regime))
            self._claim_tariff(book, rule, found, text, worked, record.is_agreed)
            if once and len(worked.charges) > before:
                break
        return len(worked.charges) > before

    @api.model
    def _that_bear(self, book, record, members, worked):
        """Those of these on which a fee may be charged, by law and currency; of the others it is said why not."""
        groups = defaultdict(list)
        for one in members:
            debt = book.debts[one.item_id]
            problem = self._fee_problem(book, debt, one, record)
            if problem:
                worked.withheld.append(self._told(debt, "fee", problem))
            else:
                groups[book.regime_of(debt), debt.currency_id].append(one)
        return groups

    @api.model
    def _fee_problem(self, book, debt, one, record):
        """Why no fee may be charged whatever its amount, or an empty text."""
        regime, withheld = book.regime_of(debt), self.env["ar.dunning.withheld"]
        if one.level.id in debt.fee_levels:
            return self.env._("a fee was claimed for this level already.")
        if not debt.country_id or not debt.audience:
            return withheld._no_law(debt)
        if not regime:
            return withheld._no_law(debt) if record.method in ("statute", "collection") else ""
        if record.method == "collection":
            return "" if regime._collection_tariffs() else withheld._not_granted(regime)
        if regime.fee_allowed == "no":
            return self.env._("the law there allows no reminder fee (%s).", regime.name)
        if record.method == "statute" and not regime._fee_tariffs({}):
            return self.env._("the law there names no amount; enter a rule with your own (%s).", regime.name)
        wanted = regime.fee_deadline_days
        if wanted and (not one.deadline or (one.deadline - book.on).days < wanted):
            return self.env._("a reminder with a fee must give at least %s days to pay.", wanted)
        return ""

    # === Amounts === #

    @api.model
    def _claim_tariff(self, book, rule, members, text, worked, agreed=False):
        """Claim a fee or compensation on items in one currency; say what was withheld or cut."""
        debts = [book.as_fee_debt(one, rule, agreed) for one in members]
        by_key = {one.item_id: one for one in members}
        try:
            found = fees.claim(rule, debts, book.on, book.conversion(rule, debts[0]))
        except MissingRate as error:
            self._withhold(book, members, rule.kind.value, error, worked)
            return
        for fee in found:
            one = by_key[fee.keys[0]]
            debt = book.debts[one.item_id]
            worked.withheld.extend(
                self._told(debt, rule.kind.value, self.env["ar.dunning.withheld"]._finding_text(finding, debt))
                for finding in fee.findings
                if finding.reason is not fees.Reason.ALREADY_CLAIMED
            )
            if fee.amount > 0:
                worked.charges.append(self._fee_values(book, debt, one, rule, fee, text))
                self._remember(book, one, rule, fee)

    @api.model
    def _fee_values(self, book, debt, one, rule, fee, text):
        return charge_values(debt, one, rule.kind.value, fee.amount, book.on) | {
            "basis": float(fee.basis),
            "gross": float(fee.gross),
            "rule": text,
            "rule_key": str(rule.key),
            "steps": book.spoken(self.env["ar.dunning.fee.rule"])._step_rows(fee.steps),
            "slices": [],
        }

    @api.model
    def _remember(self, book, one, rule, fee):
        """What was claimed just now counts for the limits of what is claimed next."""
        kind = rule.kind.value
        past = fees.Past(object(), rule.key, rule.kind, book.on, fee.amount, one.level.id, kind, fee.gross)
        for key in fee.keys:
            book.debts[key].past = (*book.debts[key].past, past)

    # === In words === #

    @api.model
    def _told(self, debt, kind, reason):
        return self.env["ar.dunning.withheld"]._line(debt, kind, reason)

    @api.model
    def _withhold(self, book, members, kind, error, worked):
        """Nothing of this kind is claimed on these, since a figure is missing."""
        missing = isinstance(error, MissingRate)
        text = self.env["ar.dunning.withheld"]._missing_rate(error) if missing else str(error)
        worked.withheld.extend(self._told(book.debts[one.item_id], kind, text) for one in members)

import logging
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core import default, fees
from ..core.interest import claim
from ..core.rates import MissingRate
from .facts.claim_book import ClaimBook
from .facts.claim_facts import Governing, Withheld, Worked
from .facts.claim_values import interest_values

_logger = logging.getLogger(__name__)
ONE_DAY = timedelta(days=1)


class ArDunningClaims(models.AbstractModel):
    """Works out what notices may claim beside the principal: interest, lump-sum compensation and reminder fees.

    `_work_out` is the one way to a claim: the night, a changed draft, the last look before sending and what an
    invoice form says all ask it. It reads, and writes nothing. What is not claimed is told in a sentence.
    """

    _name = "ar.dunning.claims"
    _description = "Dunning Claims"

    @api.model
    def _work_out(self, asked, company, on):
        """The charges of these notices of one company on the day `on`: `{group: Worked}`.

        :param asked: `claim_facts.Asked`, one for each item that a notice demands
        """
        wanted = [one for one in asked if one.level._claims_something()]
        if not wanted:
            return {}
        debts = self.env["ar.dunning.arrears"]._read({one.item_id for one in wanted}, company, on)
        wanted = [one for one in wanted if one.item_id in debts]
        book = ClaimBook(self.env, company, on, debts)
        worked = defaultdict(Worked)
        by_group = defaultdict(list)
        for one in wanted:
            by_group[one.group].append(one)
        for group, members in by_group.items():
            book.lang = members[0].lang
            try:
                self._claim_group(book, members, worked[group])
            except (ArithmeticError, MissingRate, UserError, ValueError) as error:
                # A rule that nobody can follow stops neither the night nor the reminder itself.
                _logger.warning("Charges of items %s: %s", [one.item_id for one in members], error)
                text = self.env._("No charges, since a rule cannot be followed: %s", error)
                worked[group] = Worked(withheld=[text], defaults=worked[group].defaults)
        return dict(worked)

    @api.model
    def _claim_group(self, book, members, worked):
        """What one notice claims: interest first, as limits on all charges count it; then compensation, then fees."""
        for one in members:
            debt = book.debts[one.item_id]
            self._find_default(book, debt, one.policy)
            worked.defaults.append(debt)
            if one.level.charge_interest:
                self._claim_interest(book, debt, one, worked)
        rules = self.env["ar.dunning.fees"]
        rules._claim_compensation(book, [one for one in members if one.level.charge_compensation], worked)
        rules._claim_fees(book, members, worked)

    # === Default === #

    @api.model
    def _find_default(self, book, debt, policy):
        """When the debtor came into default with this item, by law and agreement; kept on the item by the caller."""
        regime, contract = book.regime_of(debt), book.contract_of(debt, policy)
        agreed = policy.due_agreed or bool(contract and contract.starts_agreed)
        if regime:
            rule = regime._default_rule()
        elif contract and contract.starts_agreed:
            rule = default.Rule((default.Ground.AGREED,))
        else:
            rule = default.Rule((default.Ground.NOTICE,))
        received = debt.invoice_date + book.invoice_transit if debt.is_sent else None
        item = default.Item(debt.due, agreed, received, debt.mention)
        debt.default = default.find(rule, item, debt.letters, book.calendar)
        debt.in_default = bool(debt.default.on and debt.default.on <= book.on)

    @api.model
    def _keep_defaults(self, worked):
        """Keep on the items when and why their debtor came into default, where that is new."""
        rows = []
        for debt in (debt for one in worked for debt in one.defaults):
            found = debt.default
            now = (found.on, found.ground.value, found.letter) if debt.in_default else (None, None, None)
            if (debt.default_date, debt.default_ground, debt.default_notice_id) != now:
                rows.append((debt.id, *now))
        if not rows:
            return
        self.env.cr.execute_values(
            """
            UPDATE ar_dunning_item i
               SET default_date = v.day, default_ground = v.ground, default_notice_id = v.notice_id
              FROM (VALUES %s) AS v (id, day, ground, notice_id)
             WHERE i.id = v.id
            """,
            rows,
            template="(%s, %s::date, %s, %s::int)",
        )
        names = ["default_date", "default_ground", "default_notice_id"]
        self.env["ar.dunning.item"].browse([row[0] for row in rows]).invalidate_recordset(names, flush=False)

    # === Interest === #

    @api.model
    def _claim_interest(self, book, debt, one, worked):
        """Claim what interest has run up on an item, or say why none is claimed."""
        found = self._interest(book, debt, one)
        if isinstance(found, Withheld):
            worked.withheld.append(self.env["ar.dunning.withheld"]._line(debt, "interest", found.reason))
        elif found:
            worked.charges.append(found)
            amount = as_decimal(found["amount"])
            past = fees.Past(object(), found["rule_key"], fees.Kind.INTEREST, book.on, amount)
            debt.past = (*debt.past, past)

    @api.model
    def _interest(self, book, debt, one):
        """The values of an interest charge on this item: None where no day is left to claim, `Withheld` where it may not be."""
        told, terms = self.env["ar.dunning.withheld"], self._terms(book, debt, one.policy)
        if debt.reminded_before and not debt.claimed_before:
            return Withheld(told._claimed_elsewhere())
        if isinstance(terms, Withheld):
            return terms
        if debt.default.claimable is None or debt.default.claimable > book.on:
            return Withheld(told._not_in_default(debt.default))
        source = f"{terms.key} {terms.terms.key}"
        try:
            result = self._accrued(debt, terms.terms, source, book.on)
        except MissingRate as error:
            return Withheld(told._missing_rate(error))
        if not result.slices and not result.corrections:
            return None
        over = self._over_share(book, debt, one.policy, result.total)
        return over or interest_values(debt, one, result, terms, source, book.on)

    @api.model
    def _accrued(self, debt, terms, source, on):
        """What of the interest until the day `on` was not claimed before (`core.interest.Claim`).

        :raise MissingRate: a rate that the terms follow is not known for each of the days
        """
        first = debt.default.first
        if debt.claimed_before:
            first = max(first, debt.claimed_before + ONE_DAY)
        same, others = debt.claimed_under(source)
        return claim(terms, debt.movements, first, on, same, debt.interest_paid, others, debt.waived)

    @api.model
    def _terms(self, book, debt, policy):
        """By what this item bears interest: the customer's contract, else the policy's rule, else the law.

        :return: `Governing`, or `Withheld` where there are no terms
        """
        regime, contract = book.regime_of(debt), book.contract_of(debt, policy)
        if contract:
            return self._agreed_terms(book, debt, regime, contract)
        told = self.env["ar.dunning.withheld"]
        if not regime:
            return Withheld(told._no_law(debt))
        if regime.mention_for_interest and not debt.mention:
            return Withheld(told._no_mention())
        terms = book.spoken(regime)._as_terms(book.money(debt).digits, series=book.series)
        if terms is None:
            return Withheld(regime._hint("interest") or told._not_granted(regime))
        return Governing(terms, book.spoken(regime)._as_text(), f"{regime._name},{regime.id}")

    @api.model
    def _agreed_terms(self, book, debt, regime, contract):
        """What was agreed, within the bounds that the law sets to agreements."""
        agreed = book.spoken(contract)
        terms = agreed._terms_for(book.money(debt).digits, book.series)
        if regime:
            lowest, highest = book.spoken(regime)._agreed_bounds()
            rate = terms.rate
            terms = replace(terms, rate=replace(rate, floor=rate.floor or lowest, cap=rate.cap or highest))
        return Governing(terms, agreed._as_text(), f"{contract._name},{contract.id}")

    @api.model
    def _over_share(self, book, debt, policy, amount):
        """`Withheld` where the interest would bring all charges above the limit as a share of the principal, else None."""
        limits = [share for share in (policy.charge_cap, book.regime_of(debt).charge_cap_percent) if share]
        if amount <= 0 or not limits:  # what is owed to the customer is under no limit
            return None
        most = as_decimal(debt.original) * as_decimal(min(limits)) / 100
        claimed = sum((past.amount for past in debt.past), Decimal(0))
        if claimed + amount <= most:
            return None
        return Withheld(self.env._("all charges together would exceed %s %% of the principal.", min(limits)))

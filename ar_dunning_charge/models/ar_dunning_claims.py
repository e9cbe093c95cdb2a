import logging
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_round

from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core import default, fees
from ..core.interest import claim
from ..core.rates import MissingRate
from .facts.claim_book import ClaimBook
from .facts.claim_facts import Worked

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
        debts = self._read_debts({one.item_id for one in wanted}, company, on)
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
        self._claim_compensation(book, [one for one in members if one.level.charge_compensation], worked)
        self._claim_fees(book, members, worked)

    @api.model
    def _missing_text(self, error):
        return self.env["ar.dunning.interest.terms"]._missing_rate_text(error)

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
        terms, rule, source = self._terms(book, debt, one.policy)
        if debt.reminded_before and not debt.claimed_before:
            worked.withheld.append(self._withheld(debt, "interest", self._claimed_elsewhere()))
            return
        if terms is None:
            worked.withheld.append(self._withheld(debt, "interest", rule))
            return
        found = debt.default
        if found.claimable is None or found.claimable > book.on:
            worked.withheld.append(self._withheld(debt, "interest", self._not_in_default(found)))
            return
        first = max(found.first, debt.claimed_before + ONE_DAY) if debt.claimed_before else found.first
        try:
            source = f"{source} {terms.key}"
            same, others = debt.claimed_under(source)
            result = claim(terms, debt.movements, first, book.on, same, debt.interest_paid, others, debt.waived)
        except MissingRate as error:
            text = self._missing_text(error)
            worked.withheld.append(self._withheld(debt, "interest", text))
            return
        if not result.slices and not result.corrections:
            return
        over = self._over_share(book, debt, one.policy, result.total)
        if over:
            worked.withheld.append(self._withheld(debt, "interest", over))
            return
        vals = self._charge_values(debt, one, "interest", result.total, book.on)
        pieces = [*result.slices, *result.corrections]
        vals |= {
            "date_from": min(piece.first for piece in result.slices or pieces),
            "date_to": max(piece.last for piece in result.slices or pieces),
            "basis": float(pieces[-1].principal if result.slices == () else result.slices[-1].principal),
            "rule": rule,
            "rule_key": source,
            "slices": [self._slice_values(piece, piece in result.corrections) for piece in pieces],
        }
        worked.charges.append(vals)
        past = fees.Past(object(), source, fees.Kind.INTEREST, book.on, result.total)
        debt.past = (*debt.past, past)

    @api.model
    def _terms(self, book, debt, policy):
        """`(terms, what they follow from, key)`: the customer's contract, else the policy's rule, else the law.

        Without terms the second value says why.
        """
        digits = book.money(debt).digits
        regime, contract = book.regime_of(debt), book.contract_of(debt, policy)
        if contract:
            terms = book.spoken(contract)._terms_for(digits, book.series)
            if regime:
                lowest, highest = book.spoken(regime)._agreed_bounds()
                rate = terms.rate
                terms = replace(terms, rate=replace(rate, floor=rate.floor or lowest, cap=rate.cap or highest))
            return terms, book.spoken(contract)._as_text(), f"{contract._name},{contract.id}"
        if not regime:
            return None, self._no_law(debt), ""
        if regime.mention_for_interest and not debt.mention:
            return None, self.env._("the invoice does not carry the text that the law asks for."), ""
        terms = book.spoken(regime)._as_terms(digits, series=book.series)
        if terms is None:
            return None, regime._hint("interest") or self._not_granted(regime), ""
        return terms, book.spoken(regime)._as_text(), f"{regime._name},{regime.id}"

    @api.model
    def _over_share(self, book, debt, policy, amount):
        """A sentence where the interest would bring all charges above the limit as a share of the principal."""
        if amount <= 0:  # what is owed to the customer is under no limit
            return ""
        limits = [share for share in (policy.charge_cap, book.regime_of(debt).charge_cap_percent) if share]
        if not limits:
            return ""
        most = as_decimal(debt.original) * as_decimal(min(limits)) / 100
        claimed = sum((past.amount for past in debt.past), Decimal(0))
        if claimed + amount <= most:
            return ""
        return self.env._("all charges together would exceed %s %% of the principal.", min(limits))

    # === Values === #

    @api.model
    def _charge_values(self, debt, one, kind, amount, on):
        waived = one.level.charge_waived_if_paid and one.deadline
        return {
            "kind": kind,
            "customer_id": debt.customer_id,
            "company_id": debt.company_id,
            "item_id": debt.id,
            "move_id": debt.move_id,
            "level_id": one.level.id,
            "date": on,
            "currency_id": debt.currency_id,
            "amount": float(amount),
            "amount_company": float_round(debt.company_amount(amount), precision_digits=4),
            "default_date": debt.in_default and debt.default.on,
            "default_ground": debt.in_default and debt.default.ground.value,
            "waive_until": one.deadline if waived else False,
        }

    @api.model
    def _slice_values(self, piece, is_correction):
        return {
            "date_from": piece.first,
            "date_to": piece.last,
            "days": piece.days,
            "principal": float(piece.principal),
            "rate": float(piece.rate),
            "source": piece.source,
            "basis": piece.basis.value,
            "exact": str(piece.exact.quantize(Decimal("0.00000001"))),
            "amount": float(piece.amount),
            "is_correction": is_correction,
        }

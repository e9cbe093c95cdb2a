from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.ar_dunning.tools.figures import as_decimal
from odoo.addons.ar_dunning_credit.core.credit_status import Status, Way

from .ar_dunning_deposit_rule import Demand, OrderFacts, Stage
from .verdict import CreditRefusedError, Deposit, Verdict, stopping

ZERO = Decimal(0)


class SaleOrder(models.Model):
    """May this order be confirmed? Credit status with the order in it, deposits, and what a person has decided."""

    _inherit = "sale.order"

    def _dunning_verdicts(self, lock=False):
        """The one calculation behind banner, prepayment and refusal, from the ledger of now.

        Orders of one customer are judged together: all of them must fit into the limit.

        :param lock: for a decision: no other one may overtake it (until the transaction ends)
        :return: `{order id: Verdict}`
        :raise CreditRefusedError: for a decision, an order's currency has no rate, and there is a limit or a rule
        """
        verdicts = {}
        for company, orders in self.sudo().grouped("company_id").items():
            verdicts |= orders.with_company(company)._dunning_verdicts_in(company, lock)
        return verdicts

    def _dunning_verdicts_alone(self):
        """As `_dunning_verdicts`, each order judged as if it were the only one: for showing."""
        verdicts = {}
        for company, orders in self.sudo().grouped("company_id").items():
            verdicts |= orders.with_company(company)._dunning_verdicts_each(company)
        return verdicts

    def _dunning_verdicts_each(self, company):
        """Money and rules are read once for all of them; the status once for each further order of a customer."""
        customers = self.env["ar.dunning.customer"].with_company(company)._of_partners(self._dunning_parties(), company)
        by_partner = {customer.partner_id: customer for customer in customers}
        rules = self.env["ar.dunning.deposit.rule"]._of_company(company)
        moneys, on, user = self._dunning_money(), company._dunning_today(), self.env.user
        first = self._dunning_first_orders(company) if rules else self.browse()
        verdicts = {}
        for part in self._dunning_rounds():
            drafts = part.invoice_ids.filtered(lambda move: move.state == "draft")
            parties = part._dunning_parties()
            states = customers.filtered(lambda customer, parties=parties: customer.partner_id in parties)._credit_state(
                on, part._dunning_extras(by_partner, moneys), drafts, user
            )
            for order in part:
                verdicts[order.id] = order._dunning_verdict(by_partner, states, rules, moneys[order.id], order in first)
        return verdicts

    def _dunning_rounds(self):
        """These orders in as few parts as it takes for no customer to occur twice in one."""
        parts, count = defaultdict(self.browse), defaultdict(int)
        for order in self:
            parties = order._dunning_parties().ids
            number = max((count[party] for party in parties), default=0)
            parts[number] |= order
            count.update(dict.fromkeys(parties, number + 1))
        return parts.values()

    def _dunning_parties(self):
        """Who owes for the order and who has ordered: usually the same commercial entity."""
        return self._dunning_debtors() | self.partner_id.commercial_partner_id

    def _dunning_verdicts_in(self, company, lock):
        Customer = self.env["ar.dunning.customer"].with_company(company)
        customers = Customer._of_partners(self._dunning_parties(), company, create=lock)
        by_partner = {customer.partner_id: customer for customer in customers}
        rules = self.env["ar.dunning.deposit.rule"]._of_company(company)
        moneys = self._dunning_money()
        extra = self._dunning_extras(by_partner, moneys)
        drafts = self.invoice_ids.filtered(lambda move: move.state == "draft")
        on, user = company._dunning_today(), self.env.user
        states = customers._credit_state(on, extra, drafts, user)
        if lock and (rules or any(state.limit is not None or state.prepayment_only for state in states.values())):
            self._dunning_check_rates()
            # What fits only once must not be given twice: neither room under a limit nor money without a name.
            states = customers._lock_and_credit_state(extra, drafts, user)
            rules = rules.exists()
            moneys = self._dunning_money()
        first = self._dunning_first_orders(company) if rules else self.browse()
        verdicts = {
            order.id: order._dunning_verdict(by_partner, states, rules, moneys[order.id], order in first)
            for order in self
        }
        return self._dunning_spend_once(verdicts) if lock else verdicts

    def _dunning_spend_once(self, verdicts):
        """Orders decided together do not rely on the same money without a name: the first one takes what it needs."""
        taken = defaultdict(float)
        for order in self:
            verdict, key = verdicts[order.id], (order._dunning_debtors().id, order.currency_id.id)
            money = verdict.deposit.money
            left = order.currency_id.round(max(money.spare - taken[key], 0.0))
            if left < money.spare:
                deposit = replace(verdict.deposit, money=replace(money, spare=left))
                verdicts[order.id] = verdict = replace(verdict, deposit=deposit)
            taken[key] += max(order._dunning_relies_on(verdict) - order.ar_dunning_relied, 0.0)
        return verdicts

    def _dunning_relies_on(self, verdict):
        """How much of the money without a name the order needs: for confirmation, later for delivery and invoicing."""
        self.ensure_one()
        deposit = verdict.deposit
        needed = max(deposit.required, deposit.later) if self.state == "sale" else deposit.required
        return self.currency_id.round(min(deposit.money.spare, max(needed - deposit.money.certain, 0.0)))

    def _dunning_extras(self, by_partner, moneys):
        """`{customer id: Decimal}`: what the orders add to their debtors' exposure, in company currency.

        Money in the ledger lowers the exposure by itself, so only what is not in it yet is deducted here,
        and down payments that are invoiced are receivables already.
        """
        extra = {}
        for order in self:
            customer = by_partner.get(order._dunning_debtors())
            if not customer or order.state == "sale":
                continue  # a confirmed order is part of the exposure already
            money = moneys[order.id]
            known = order._dunning_invoiced_deposits() + order._dunning_online_outside() + money.named - money.booked
            amount = order._dunning_company_amount(max(order._dunning_chargeable() - known, 0.0))
            extra[customer.id] = extra.get(customer.id, ZERO) + as_decimal(amount)
        return extra

    def _dunning_company_amount(self, amount):
        """An amount of the order in company currency, at today's rate; without one, at the rate the order was made with.

        That may be 1 for 1, so whatever is decided by such an amount is refused before (`_dunning_check_rates`).
        """
        self.ensure_one()
        company = self.company_id
        if not amount or self.currency_id == company.currency_id:
            return amount
        try:
            return company._dunning_in_company_currency(amount, self.currency_id, company._dunning_today())
        except UserError:
            return amount / (self.currency_rate or 1.0)

    def _dunning_check_rates(self):
        """
        :raise CreditRefusedError: an order's currency has no rate; to wait for one is to wait for a review
        """
        for order in self:
            company = order.company_id
            try:
                company._dunning_in_company_currency(1.0, order.currency_id, company._dunning_today())
            except UserError as error:
                raise CreditRefusedError(str(error)) from error

    def _dunning_verdict(self, by_partner, states, rules, money, is_first):
        """Put together the verdict on one order."""
        self.ensure_one()
        parties = [by_partner[party] for party in self._dunning_parties() if party in by_partner]
        debtor = by_partner.get(self._dunning_debtors())
        status = max((states[party.id].status for party in parties), key=lambda s: s.rank, default=Status.OK)
        demands = rules._demands(self._dunning_order_facts(debtor, status, is_first)) if rules else {}
        demand = demands.get(Stage.CONFIRM, Demand())
        later = demands.get(Stage.INVOICE, Demand())
        if debtor and states[debtor.id].prepayment_only:
            demand = Demand(
                self._dunning_company_amount(self._dunning_chargeable()), self.env._("Paid in advance only")
            )
        deposit = Deposit(
            required=self._dunning_own_amount(demand.amount),
            share=self._dunning_share(demand.amount),
            rule=demand.rule,
            later=self._dunning_own_amount(later.amount),
            later_rule=later.rule,
            money=money,
            releases_hold=demand.releases_hold,
        )
        reasons = [(party.id, reason) for party in parties for reason in states[party.id].reasons]
        if self.currency_id.compare_amounts(money.total, self._dunning_chargeable()) >= 0:
            reasons = [pair for pair in reasons if pair[1].unlock.way is not Way.PREPAY]
        status = max((reason.effect for _party, reason in reasons), key=lambda s: s.rank, default=Status.OK)
        if status is Status.HOLD and deposit.releases_hold and not deposit.missing:
            status = Status.WATCH
        return Verdict(
            status=status,
            reasons=tuple(reasons),
            deposit=deposit,
            released=self._dunning_is_released(stopping(reasons, deposit)),
        )

    def _dunning_order_facts(self, debtor, status, is_first):
        self.ensure_one()
        grade = debtor._credit_grade() if debtor else None
        partner = self._dunning_debtors()
        audience = (
            debtor.effective_audience
            if debtor
            else self.env["ar.dunning.customer"]._audience_of(
                False, partner.is_company, partner.vat, partner.industry_id.id
            )[0]
        )
        return OrderFacts(
            grade=grade if grade and len(grade) == 1 else None,
            status=status.value,
            audience=audience,
            first_order=is_first,
            total=self._dunning_company_amount(self._dunning_chargeable()),
            category_ids=frozenset(self.order_line.product_id.categ_id.ids),
        )

    def _dunning_share(self, amount):
        """Which share of the order an amount in company currency is; never more than the whole."""
        total = self._dunning_company_amount(self.amount_total) if amount else 0.0
        return min(amount / total, 1.0) if total > 0 else 0.0

    def _dunning_own_amount(self, amount):
        """An amount in company currency as one in the order's currency, never more than the order."""
        return self.currency_id.round(self.amount_total * self._dunning_share(amount))

    def _dunning_is_released(self, stops):
        """Whether somebody has approved or overridden this, knowing what stops it.

        A confirmed order has been decided upon: what stops new ones only does not take its release away.

        :param stops: what stops the order now, see `stopping`
        """
        self.ensure_one()
        known = self.ar_dunning_release_reasons
        return (
            self.ar_dunning_release in ("approved", "overridden")
            and self._dunning_release_fits()
            and (self.state == "sale" or known is False or stops <= set(known))
        )

    def _dunning_release_fits(self):
        """Whether what was asked or decided is for this customer, this currency and (at least) this amount."""
        self.ensure_one()
        order = self.sudo()
        return (
            order.ar_dunning_release_currency_id == order.currency_id
            and order.ar_dunning_release_partner_id == order._dunning_debtors()
            and order.currency_id.compare_amounts(order._dunning_chargeable(), order.ar_dunning_release_amount) <= 0
        )

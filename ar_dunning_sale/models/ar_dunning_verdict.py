from collections import defaultdict
from dataclasses import replace

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.ar_dunning.tools.figures import as_decimal
from odoo.addons.ar_dunning_credit.core.credit_status import Status

from ..core.deposit import ZERO, Demand, Deposit, OrderFacts, Size, Stage, ask, judge, rounded, strictest
from .facts.gate import CreditRefusedError


class ArDunningVerdict(models.AbstractModel):
    """May these orders be confirmed? Gathered here and decided in `core.deposit`: credit status with the orders in it,
    deposits, and what a person has released.
    """

    _name = "ar.dunning.verdict"
    _description = "Dunning Verdict on Orders"

    @api.model
    def _of(self, orders, lock=False):
        """The verdicts on orders that are decided together: all orders of one customer must fit into the limit.

        :param lock: for a decision: no other one may overtake it (until the transaction ends)
        :return: `{order id: Verdict}`
        :raise CreditRefusedError: for a decision, an order's currency has no rate, and there is a limit or a rule
        """
        verdicts = {}
        for company, same in orders.sudo().grouped("company_id").items():
            in_company = self.sudo().with_company(company)
            verdicts |= in_company._together(same.with_company(company), company, lock)
        return verdicts

    @api.model
    def _alone(self, orders):
        """As `_of`, each order judged as if it were the only one: for showing."""
        verdicts = {}
        for company, same in orders.sudo().grouped("company_id").items():
            in_company = self.sudo().with_company(company)
            verdicts |= in_company._one_by_one(same.with_company(company), company)
        return verdicts

    @api.model
    def _together(self, orders, company, lock):
        customers = self._customers(orders, company, create=lock)
        rules, moneys = self._rules(company), orders._dunning_money()
        by_partner = {customer.partner_id: customer for customer in customers}
        extra = self._extras(orders, by_partner, moneys)
        drafts = orders.invoice_ids.filtered(lambda move: move.state == "draft")
        user = self.env.user
        states = customers._credit_state(company._dunning_today(), extra, drafts, user)
        if lock and (rules or any(state.limit is not None or state.prepayment_only for state in states.values())):
            self._check_rates(orders)
            # What fits only once must not be given twice: neither room under a limit nor money without a name.
            states = customers._lock_and_credit_state(extra, drafts, user)
            rules, moneys = rules.exists(), orders._dunning_money()
        first = self._first_orders(orders, company) if rules else orders.browse()
        verdicts = {
            order.id: self._verdict(order, by_partner, states, rules, moneys[order.id], order in first)
            for order in orders
        }
        return self._spend_once(orders, verdicts) if lock else verdicts

    @api.model
    def _one_by_one(self, orders, company):
        """Money and rules are read once for all of them; the status once for each further order of a customer."""
        customers = self._customers(orders, company)
        by_partner = {customer.partner_id: customer for customer in customers}
        rules, moneys = self._rules(company), orders._dunning_money()
        on, user = company._dunning_today(), self.env.user
        first = self._first_orders(orders, company) if rules else orders.browse()
        verdicts = {}
        for part in self._rounds(orders):
            drafts = part.invoice_ids.filtered(lambda move: move.state == "draft")
            parties = part._dunning_parties()
            mine = customers.filtered(lambda customer, parties=parties: customer.partner_id in parties)
            states = mine._credit_state(on, self._extras(part, by_partner, moneys), drafts, user)
            for order in part:
                verdicts[order.id] = self._verdict(order, by_partner, states, rules, moneys[order.id], order in first)
        return verdicts

    @api.model
    def _rounds(self, orders):
        """These orders in as few parts as it takes for no customer to occur twice in one."""
        parts, count = defaultdict(orders.browse), defaultdict(int)
        for order in orders:
            parties = order._dunning_parties().ids
            number = max((count[party] for party in parties), default=0)
            parts[number] |= order
            count.update(dict.fromkeys(parties, number + 1))
        return parts.values()

    @api.model
    def _spend_once(self, orders, verdicts):
        """Orders decided together do not rely on the same money without a name: the first one takes what it needs."""
        taken = defaultdict(lambda: ZERO)
        for order in orders:
            verdict, key = verdicts[order.id], (order._dunning_debtors().id, order.currency_id.id)
            money = verdict.deposit.money.without(taken[key])
            verdicts[order.id] = verdict = replace(verdict, deposit=replace(verdict.deposit, money=money))
            taken[key] += max(order._dunning_relies_on(verdict) - as_decimal(order.ar_dunning_relied), ZERO)
        return verdicts

    # === One order === #

    @api.model
    def _verdict(self, order, by_partner, states, rules, money, is_first):
        """Put together the verdict on one order.

        :param by_partner: `{partner: customer record}`
        :param states: `{customer id: CreditState}`
        """
        parties = [by_partner[party] for party in order._dunning_parties() if party in by_partner]
        debtor = by_partner.get(order._dunning_debtors())
        status = max((states[party.id].status for party in parties), key=lambda s: s.rank, default=Status.OK)
        demands = strictest(rules._as_core(), self._facts(order, debtor, status, is_first)) if rules else {}
        charged = self._charged(order)
        if debtor and states[debtor.id].prepayment_only:
            whole = Demand(self._in_company(order, charged), self.env._("Paid in advance only"))
            demands = {**demands, Stage.CONFIRM: whole}
        deposit = ask(money, demands, self._size(order)) if demands else Deposit(money)
        reasons = [(party.id, reason) for party in parties for reason in states[party.id].reasons]
        verdict = judge(reasons, deposit, charged)
        return replace(verdict, released=order._dunning_is_released(verdict.stopping))

    @api.model
    def _facts(self, order, debtor, status, is_first):
        """What the rules look at.

        :param debtor: the customer record of who owes, or None
        """
        grade = debtor._credit_grade() if debtor else None
        return OrderFacts(
            status=status,
            audience=debtor.effective_audience if debtor else self._audience(order._dunning_debtors()),
            total=self._in_company(order, self._charged(order)),
            grade=grade if grade and len(grade) == 1 else None,
            first_order=is_first,
            categories=frozenset(order.order_line.product_id.categ_id.mapped("parent_path")),
        )

    @api.model
    def _audience(self, partner):
        Customer = self.env["ar.dunning.customer"]
        return Customer._audience_of(False, partner.is_company, partner.vat, partner.industry_id.id)[0]

    @api.model
    def _extras(self, orders, by_partner, moneys):
        """`{customer id: Decimal}`: what the orders add to their debtors' exposure, in company currency.

        Money in the ledger lowers the exposure by itself, so only what is not in it yet is deducted here,
        and down payments that are invoiced are receivables already.
        """
        Advance, extra = self.env["ar.dunning.advance"], {}
        for order in orders:
            customer = by_partner.get(order._dunning_debtors())
            if not customer or order.state == "sale":
                continue  # a confirmed order is part of the exposure already
            money = moneys[order.id]
            known = Advance._invoiced_deposits(order) + Advance._online_outside(order) + money.named - money.booked
            amount = self._in_company(order, max(self._charged(order) - known, ZERO))
            extra[customer.id] = extra.get(customer.id, ZERO) + amount
        return extra

    # === Amounts === #

    @api.model
    def _charged(self, order):
        """What it charges, without free lines, in its currency."""
        return rounded(as_decimal(order._dunning_chargeable()), as_decimal(order.currency_id.rounding))

    @api.model
    def _size(self, order):
        own = as_decimal(order.amount_total)
        return Size(self._in_company(order, own), own, as_decimal(order.currency_id.rounding))

    @api.model
    def _in_company(self, order, amount):
        """An amount of the order in company currency, at today's rate; without one, at the rate the order was made with.

        That may be 1 for 1, so whatever is decided by such an amount is refused before (`_check_rates`).
        """
        company = order.company_id
        if not amount or order.currency_id == company.currency_id:
            return amount
        try:
            on = company._dunning_today()
            return as_decimal(company._dunning_in_company_currency(float(amount), order.currency_id, on))
        except UserError:
            return as_decimal(float(amount) / (order.currency_rate or 1.0))

    @api.model
    def _check_rates(self, orders):
        """
        :raise CreditRefusedError: an order's currency has no rate; to wait for one is to wait for a review
        """
        for order in orders:
            company = order.company_id
            try:
                company._dunning_in_company_currency(1.0, order.currency_id, company._dunning_today())
            except UserError as error:
                raise CreditRefusedError(str(error)) from error

    # === What is read once for all === #

    @api.model
    def _customers(self, orders, company, create=False):
        Customer = self.env["ar.dunning.customer"].with_company(company)
        return Customer._of_partners(orders._dunning_parties(), company, create=create)

    @api.model
    def _rules(self, company):
        return self.env["ar.dunning.deposit.rule"]._of_company(company)

    @api.model
    def _first_orders(self, orders, company):
        """Those of these orders whose customer has no confirmed order and no posted invoice yet.

        A confirmed order stays the first one although others were confirmed after it.
        """
        tree = company._dunning_tree()
        alone = self._orders_alone(orders, tree)
        invoiced = self.env["account.move"]._read_group(
            self._posted_invoices(orders._dunning_debtors(), tree), ["commercial_partner_id"]
        )
        known = {partner for (partner,) in invoiced}
        return orders.filtered(
            lambda order: (
                order.id in alone
                and (order._dunning_debtors() not in known or self._is_invoiced_only_here(order, tree))
            )
        )

    @api.model
    def _orders_alone(self, orders, tree):
        """Ids of those of these orders before which their customer has confirmed no other."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT o.id
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_invoice_id
                 WHERE o.id = ANY(%(orders)s) AND NOT EXISTS (
                        SELECT FROM sale_order x
                          JOIN res_partner xp ON xp.id = x.partner_invoice_id
                         WHERE xp.commercial_partner_id = p.commercial_partner_id AND x.state = 'sale'
                           AND x.company_id = ANY(%(tree)s) AND x.id <> o.id
                           AND (o.state <> 'sale' OR (x.date_order, x.id) < (o.date_order, o.id)))
                """,
                tree=tree.ids,
                orders=orders.ids,
            )
        )
        return {order_id for (order_id,) in self.env.cr.fetchall()}

    @api.model
    def _is_invoiced_only_here(self, order, tree):
        """Whether every invoice of the customer is this order's own, such as its down payment."""
        others = [*self._posted_invoices(order._dunning_debtors(), tree), ("id", "not in", order.invoice_ids.ids)]
        return bool(order.invoice_ids) and not self.env["account.move"].search_count(others, limit=1)

    @api.model
    def _posted_invoices(self, partners, tree):
        return [
            ("commercial_partner_id", "in", partners.ids),
            ("company_id", "in", tree.ids),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
        ]

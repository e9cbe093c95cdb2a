from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.models.sql import CLAIM, DUE
from odoo.addons.ar_dunning.models.sql import held as sql_held
from odoo.addons.ar_dunning.tools.figures import as_decimal

from ..core import credit_status as core

ZERO = Decimal(0)
HALF = Decimal("0.5")


class ArDunningExposure(models.AbstractModel):
    """What the credit status is worked out from: read in a fixed number of statements for a whole batch.

    The ledger of a root company is shared by its branches, so debts, checks and holds of the whole tree
    count; a limit belongs to one company, and a branch without one uses its root's. Everything is kept by
    commercial partner: the journal items' partner is the commercial one already, so contacts are covered.
    """

    _name = "ar.dunning.exposure"
    _description = "What a Credit Status Is Worked out From"

    @api.model
    def _facts(self, customers, on, extra=None, without_moves=None, user=None):
        """`{customer id: core.Facts}`; the other parameters are those of `customer._credit_state`."""
        facts = {}
        for company, group in customers.sudo().with_context(active_test=False).grouped("company_id").items():
            group = group.with_company(company)
            facts |= self.with_env(group.env)._facts_of(group, company, on, extra or {}, without_moves, user)
        return facts

    @api.model
    def _facts_of(self, customers, company, on, extra, without_moves, user):
        family = customers._credit_family()
        relatives = customers._credit_relatives_of(family)
        incoming = self.env["ar.dunning.incoming"]._read(customers.partner_id.ids, company, on, sure=True)
        limits = self._limits(customers, company, relatives, on)
        exposures = self._exposures(customers, company, incoming, on, extra, without_moves)
        near = self._near_their_limit(customers, company, limits, exposures, on)
        debts = self._debts(customers, company, on, near, incoming)
        checks = self.env["ar.dunning.solvency.check"]._counting(customers, on, family)
        rules = self.env["ar.dunning.credit.rule"]._hits(customers, company, extra, user)
        further = customers._credit_further(company, on)
        return {
            customer.id: core.Facts(
                exposure=exposures[customer.id],
                limits=limits[customer.id],
                debts=debts.get(customer.partner_id.id, ()),
                grade=relatives[customer.id]._credit_grade(),
                check=checks[customer.id]._as_check() if customer.id in checks else None,
                holds=relatives[customer.id]._manual_holds(),
                legal_case=any(relatives[customer.id].mapped("legal_case")),
                rules=tuple(rules.get(customer.id, ())),
                further=tuple(further.get(customer.id, ())),
            )
            for customer in customers
        }

    @api.model
    def _exposures(self, customers, company, incoming, on, extra, without_moves):
        """What uses up each customer's limit: `{customer id: core.Exposure}`."""
        owed = self._receivables(customers, company, incoming, on)
        orders = customers._uninvoiced_orders()
        drafts = self._drafts(customers, company, without_moves)
        return {
            customer.id: core.Exposure(
                receivables=owed.get(customer.partner_id.id, ZERO),
                orders=orders.get(customer.id, ZERO),
                drafts=drafts.get(customer.partner_id.id, ZERO),
                extra=extra.get(customer.id, ZERO),
            )
            for customer in customers
        }

    @api.model
    def _near_their_limit(self, customers, company, limits, exposures, on):
        """Partner ids of those of whom each item may be named, since their limit is used up by half or by what is told."""
        told_from = min(HALF, as_decimal(company.sudo().root_id.ar_dunning_limit_percent) / 100)
        return [
            customer.partner_id.id
            for customer in customers
            if (limit := limits[customer.id].total(on)) is not None and exposures[customer.id].total > limit * told_from
        ]

    @api.model
    def _receivables(self, customers, company, incoming, on):
        """What each partner owes net of all money on its way: `{partner id: company currency}`.

        The books of root company and branches, contacts below included, less money that is not booked yet and
        discounts that were taken in time. Money that names another customer's invoice is taken off what that one owes.
        """
        family = incoming.family
        self.env.cr.execute(
            SQL(
                """
                SELECT l.partner_id, sum(l.amount_residual)
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                 WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
                   AND l.partner_id = ANY(%s) AND l.company_id = ANY(%s)
                 GROUP BY l.partner_id
                """,
                family.contacts(family.owners(customers.partner_id.ids)),
                company._dunning_tree().ids,
            )
        )
        owed = defaultdict(Decimal)
        for partner, amount in self.env.cr.fetchall():
            owed[family.owner_of[partner]] += as_decimal(amount)
        Incoming = self.env["ar.dunning.incoming"]
        for row in incoming.rows:
            if not row.in_ledger:
                owed[row.owner] -= Incoming._converted(row.currency_id, row.amount, company, on)
        for (owner, currency_id), amount in incoming.found.lent.items():
            owed[owner] += Incoming._converted(currency_id, amount, company, on)
        for key, amount in incoming.found.discount.items():
            owed[incoming.lines[key].owner] -= incoming.in_company(key, amount)
        return {partner: owed[family.owner_of[partner]] for partner in customers.partner_id.ids}

    @api.model
    def _drafts(self, customers, company, without_moves=None):
        """Draft invoices by commercial partner id, in company currency, where the company counts them."""
        if not company.sudo().root_id.ar_dunning_count_drafts:
            return {}
        self.env.cr.execute(
            SQL(
                """
                SELECT m.commercial_partner_id, sum(m.amount_total_signed)
                  FROM account_move m
                 WHERE m.state = 'draft' AND m.move_type IN ('out_invoice', 'out_receipt')
                   AND m.commercial_partner_id = ANY(%s) AND m.company_id = ANY(%s) AND m.id <> ALL(%s)
                 GROUP BY m.commercial_partner_id
                """,
                customers.partner_id.ids,
                company._dunning_tree().ids,
                without_moves.ids if without_moves else [],
            )
        )
        return {partner: as_decimal(amount or 0.0) for partner, amount in self.env.cr.fetchall()}

    @api.model
    def _limits(self, customers, company, relatives, on):
        """`{customer id: core.Limits}`, as of the day `on`. Core keeps 0 for *no limit*.

        A branch without a limit of its own, ordinary or temporary, uses its root's; so it does without a cover.
        """
        limits = {}
        for customer in customers:
            root = relatives[customer.id].filtered(lambda record: record.company_id == company.root_id)
            own = customer.partner_id.credit_limit
            special = customer._valid_until("temporary_limit_until", on)
            if not own and not special:
                own = customer.partner_id.with_company(company.root_id).credit_limit
                special = root._valid_until("temporary_limit_until", on)
            insured = (customer | root).filtered("insured_amount")
            insured = insured.filtered(lambda record: (record.insured_until or on) >= on)[:1]
            limits[customer.id] = core.Limits(
                ordinary=as_decimal(own) if own else None,
                temporary=as_decimal(special.temporary_limit) if special else None,
                temporary_until=special.temporary_limit_until or None,
                insured=as_decimal(insured.insured_amount),
                insured_until=insured.insured_until or None,
            )
        return limits

    @api.model
    def _debts(self, customers, company, on, near, incoming):
        """`{partner id: core.OpenItem, oldest first}`: overdue items, and every item of the partners `near` their limit.

        Money paid back is no item, but where a bank returned it. Without a due date an item is due on its own day.
        Credit in another currency covers what it could.

        `on_hold`: the item's dunning level, or one before it in its policy, holds credit. What is paused as a
        single invoice, blocked, or excluded from follow-up counts as disputed.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT l.id, l.partner_id, COALESCE(l.move_name, l.name, ''), %(due)s, l.amount_residual,
                       COALESCE(EXISTS (SELECT FROM ar_dunning_level h
                                WHERE h.policy_id = v.policy_id AND h.credit_hold AND h.days <= v.days), FALSE),
                       v.id, %(held)s
                  FROM account_move_line l
                  JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                  JOIN account_move m ON m.id = l.move_id
                  LEFT JOIN ar_dunning_item i ON i.move_line_id = l.id
                  LEFT JOIN ar_dunning_level v ON v.id = i.level_id
                 WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND l.amount_residual > 0
                   AND %(claim)s AND l.partner_id = ANY(%(partners)s) AND l.company_id = ANY(%(tree)s)
                   AND (%(due)s < %(on)s OR l.partner_id = ANY(%(near)s))
                 ORDER BY %(due)s, l.id
                """,
                due=DUE,
                held=sql_held(on),
                claim=CLAIM,
                on=on,
                partners=incoming.family.contacts(incoming.family.owners(customers.partner_id.ids)),
                near=incoming.family.contacts(incoming.family.owners(near)),
                tree=company._dunning_tree().ids,
            )
        )
        rows = self.env.cr.fetchall()
        levels = self.env["ar.dunning.level"].browse({row[6] for row in rows if row[6]})
        names = {level.id: level.name for level in levels}
        debts = defaultdict(list)
        for key, partner, name, due, amount, held, level, disputed in rows:
            covered = incoming.covered_in_company(key)
            debts[incoming.family.owner_of[partner]].append(
                core.OpenItem(name, due, as_decimal(amount), held, names.get(level, ""), bool(disputed), covered)
            )
        return {partner: tuple(debts[incoming.family.owner_of[partner]]) for partner in customers.partner_id.ids}

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


class ArDunningCustomer(models.Model):
    """What the credit status is worked out from: read in a fixed number of statements for a whole batch.

    The ledger of a root company is shared by its branches, so debts, checks and holds of the whole tree
    count; a limit belongs to one company, and a branch without one uses its root's. Everything is kept by
    commercial partner: the journal items' partner is the commercial one already, so contacts are covered.
    """

    _inherit = "ar.dunning.customer"

    def _credit_facts(self, on, extra=None, without_moves=None, user=None):
        """`{customer id: core.Facts}`; the parameters are those of `_credit_state`."""
        facts = {}
        for company, customers in self.sudo().with_context(active_test=False).grouped("company_id").items():
            facts |= customers.with_company(company)._credit_facts_of(company, on, extra or {}, without_moves, user)
        return facts

    def _credit_facts_of(self, company, on, extra, without_moves, user):
        family = self._credit_family()
        relatives = self._credit_relatives_of(family)
        incoming = self.env["ar.dunning.incoming"]._read(self.partner_id.ids, company, on, sure=True)
        owed = self._credit_receivables(company, incoming, on)
        orders = self._uninvoiced_orders()
        drafts = self._draft_invoices(company, without_moves)
        limits = self._credit_limits(company, relatives, on)
        exposures = {
            customer.id: core.Exposure(
                receivables=owed.get(customer.partner_id.id, ZERO),
                orders=orders.get(customer.id, ZERO),
                drafts=drafts.get(customer.partner_id.id, ZERO),
                extra=extra.get(customer.id, ZERO),
            )
            for customer in self
        }
        told_from = min(HALF, as_decimal(company.sudo().root_id.ar_dunning_limit_percent) / 100)
        near = [
            customer.partner_id.id
            for customer in self
            if (limit := limits[customer.id].total(on)) is not None and exposures[customer.id].total > limit * told_from
        ]
        debts = self._credit_debts(company, on, near, incoming)
        checks = self.env["ar.dunning.solvency.check"]._counting(self, on, family)
        rules = self.env["ar.dunning.credit.rule"]._hits(self, company, extra, user)
        further = self._credit_further(company, on)
        return {
            customer.id: core.Facts(
                exposure=exposures[customer.id],
                limits=limits[customer.id],
                debts=debts.get(customer.partner_id.id, ()),
                grade=relatives[customer.id]._credit_grade(),
                check=self._credit_check(checks.get(customer.id)),
                holds=relatives[customer.id]._manual_holds(),
                legal_case=any(relatives[customer.id].mapped("legal_case")),
                rules=tuple(rules.get(customer.id, ())),
                further=tuple(further.get(customer.id, ())),
            )
            for customer in self
        }

    def _credit_further(self, company, on):
        """Reasons of members of the family for these customers of one company, on the day `on`, read in a batch.

        Asked for every decision about credit and by the night. The code of a reason is a string of the member's own, whose
        sentence it adds in `_credit_texts`.

        :return: `{customer id: [core.Reason]}`; a member adds to what `super()` returns
        """
        return {}

    def _credit_family(self):
        """`{customer id: ids of the same partner's records in root company and branches, its own first}`."""
        tree = self.company_id._dunning_tree()
        relatives = self.search([("partner_id", "in", self.partner_id.ids), ("company_id", "in", tree.ids)], order="id")
        by_partner = defaultdict(list)
        for record in relatives:
            by_partner[record.partner_id.id].append(record.id)
        return {
            customer.id: [customer.id, *(i for i in by_partner[customer.partner_id.id] if i != customer.id)]
            for customer in self
        }

    def _credit_receivables(self, company, incoming, on):
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
                family.contacts(family.owners(self.partner_id.ids)),
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
        return {partner: owed[family.owner_of[partner]] for partner in self.partner_id.ids}

    def _uninvoiced_orders(self):
        """Confirmed orders not invoiced yet, in company currency, by customer id. Without sales there are none."""
        return {customer.id: ZERO for customer in self}

    def _draft_invoices(self, company, without_moves=None):
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
                self.partner_id.ids,
                company._dunning_tree().ids,
                without_moves.ids if without_moves else [],
            )
        )
        return {partner: as_decimal(amount or 0.0) for partner, amount in self.env.cr.fetchall()}

    def _credit_relatives_of(self, family):
        """`{customer id: records}` of `_credit_family`, read together."""
        everybody = [key for ids in family.values() for key in ids]
        return {key: self.browse(ids).with_prefetch(everybody) for key, ids in family.items()}

    def _credit_limits(self, company, relatives, on):
        """`{customer id: core.Limits}`, as of the day `on`. Core keeps 0 for *no limit*.

        A branch without a limit of its own, ordinary or temporary, uses its root's; so it does without a cover.
        """
        limits = {}
        for customer in self:
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

    def _valid_until(self, name, on):
        """Those of these records on which the date `name` is set and has not passed on the day `on`."""
        return self.filtered(lambda record: record[name] and record[name] >= on)

    def _credit_debts(self, company, on, near, incoming):
        """`{partner id: core.Debt, oldest first}`: overdue items, and every item of the partners `near` their limit.

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
                partners=incoming.family.contacts(incoming.family.owners(self.partner_id.ids)),
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
                core.Debt(name, due, as_decimal(amount), held, names.get(level, ""), bool(disputed), covered)
            )
        return {partner: tuple(debts[incoming.family.owner_of[partner]]) for partner in self.partner_id.ids}

    def _credit_grade(self):
        """The payment grade a to e of the first of these records of one customer; None with too little history.

        Where the first has none of its own, the worst of the others: a branch that sells to a bad payer for the first time.
        """
        grades = [record.grade for record in self if record.grade and record.grade != "new"]
        return self[:1].grade if self[:1].grade in grades else max(grades, default=None)

    def _credit_check(self, check):
        """The check that counts, as the calculation knows it; None without one."""
        if not check:
            return None
        kinds = dict(check._fields["source"]._description_selection(self.env))
        return core.Check(core.Result(check.result), kinds[check.source], check.date, check.valid_until or None)

    def _manual_holds(self):
        """The holds that people have set on these records of the same customer, the strictest first."""
        return tuple(
            core.ManualHold(
                held.hold_reason or "",
                held.hold_user_id.name or "",
                held.hold_on or None,
                held.hold_until or None,
                core.Status(held.manual_hold),
            )
            for held in self.filtered("manual_hold").sorted(lambda record: record.manual_hold != "blocked")
        )

    @api.model
    def _credit_switches(self, company):
        """What the company reacts to; a branch follows its root."""
        root = company.sudo().root_id

        def effect(name):
            return core.Status(root[name]) if root[name] else None

        return core.Switches(
            limit=effect("ar_dunning_limit_effect"),
            limit_percent=as_decimal(root.ar_dunning_limit_percent),
            overdue=effect("ar_dunning_overdue_effect"),
            overdue_days=root.ar_dunning_overdue_days,
            overdue_amount=as_decimal(root.ar_dunning_overdue_amount),
            level=effect("ar_dunning_level_effect"),
            grade=effect("ar_dunning_grade_effect"),
            grade_from=root.ar_dunning_grade_from or "d",
        )

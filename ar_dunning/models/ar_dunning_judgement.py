from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL, split_every

from ..core import arrangement as core
from ..core.arrangement import RUNNING
from .facts.arrangement_facts import Money

BATCH = 500
# So long after its day, a payment that is entered late or returned still changes what became of a promise.
WATCHED = timedelta(days=180)

# What was matched with the items of these customers since a day; `back` is the day on which the bank took it back: a
# payment to the customer of the same amount, where no later payment of his is meant.
MATCHED = """
    SELECT i.customer_id, i.id, k.date, r.debit_amount_currency, l.currency_id,
           k.payment_id IS NOT NULL OR k.statement_line_id IS NOT NULL OR j.type IN ('bank', 'cash', 'credit'), back.day
      FROM ar_dunning_item i
      JOIN account_move_line l ON l.id = i.move_line_id
      JOIN account_partial_reconcile r ON r.debit_move_id = l.id
      JOIN account_move_line k ON k.id = r.credit_move_id
      JOIN account_journal j ON j.id = k.journal_id
      LEFT JOIN LATERAL (
            SELECT min(x.date) AS day
              FROM account_payment y
              JOIN account_payment x ON x.partner_id = y.partner_id AND x.currency_id = y.currency_id
                   AND x.amount = y.amount AND x.company_id = y.company_id AND x.date >= y.date
                   AND x.payment_type = 'outbound' AND x.partner_type = 'customer' AND x.state IN ('in_process', 'paid')
             WHERE y.id = k.payment_id AND NOT EXISTS (
                   SELECT FROM account_payment z
                    WHERE z.partner_id = y.partner_id AND z.currency_id = y.currency_id AND z.amount = y.amount
                      AND z.company_id = y.company_id AND z.payment_type = 'inbound' AND z.state IN ('in_process', 'paid')
                      AND (z.date, z.id) > (y.date, y.id) AND z.date <= x.date)) back ON TRUE
     WHERE i.customer_id = ANY(%(ids)s) AND k.date >= %(since)s AND r.debit_amount_currency > 0
"""


class ArDunningJudgement(models.AbstractModel):
    """What has become of promises, by set: reads what came, asks `core.arrangement`, writes where something has changed."""

    _name = "ar.dunning.judgement"
    _description = "Judgement of Promises"

    @api.model
    def _judge(self, company):
        """What has become of the promises to this company, today: by set, written where something has changed."""
        on = company._dunning_today()
        watched = self.env["ar.dunning.arrangement"]._read_group(
            [
                *(("company_id", "=", company.id), ("kind", "=", "promise"), ("decided", "=", False)),
                *("|", ("state", "in", list(RUNNING)), ("date_end", ">=", on - WATCHED)),
            ],
            ["customer_id"],
        )
        bank = company._dunning_bank_known(on)
        for customers in split_every(BATCH, [customer.id for (customer,) in watched]):
            self._judge_customers(self.env["ar.dunning.customer"].browse(customers), company, on, bank)

    @api.model
    def _judge_customers(self, customers, company, on, bank):
        promises = self.env["ar.dunning.arrangement"].search(
            [("customer_id", "in", customers.ids), ("kind", "=", "promise"), ("decided", "=", False)]
        )
        if not promises:
            return
        money = self._read_money(customers, company, min(promises.mapped("date_start")), on)
        found = {}
        for customer, group in promises.grouped("customer_id").items():
            found |= core.stand_all([one._as_core() for one in group], *money[customer.id], on, bank)
        self._follow({promise: found[promise.id] for promise in promises}, on)

    @api.model
    def _read_money(self, customers, company, since, on):
        """What lowered these customers' debts since a day, matched or not: `{customer id: (receipts, debts)}`."""
        self.env.flush_all()
        items = dict(
            self.env["ar.dunning.item"]
            .sudo()
            ._read_group(
                [("customer_id", "in", customers.ids), ("move_line_id", "!=", False)], ["move_line_id"], ["id:max"]
            )
        )
        money = Money(customers, {line.id: item for line, item in items.items()})
        self.env.cr.execute(SQL(MATCHED, ids=customers.ids, since=since))
        money.add_matched(self.env.cr.fetchall())
        incoming = self.env["ar.dunning.incoming"].sudo()._read(customers.partner_id.ids, company, on, sure=True)
        money.add_incoming(incoming)
        return money.found

    @api.model
    def _follow(self, standings, on):
        """Keep what has changed, and do what follows from it.

        :param standings: `{arrangement: Standing}`
        """
        moved = self.env["ar.dunning.arrangement"]
        for promise, standing in standings.items():
            received = float(standing.received)
            same = promise.currency_id.compare_amounts(promise.received_amount, received) == 0
            if (promise.state, same) == (standing.state, True):
                continue
            former = promise.state
            promise._put({"state": standing.state, "received_amount": received})
            if former != standing.state:
                moved |= promise
                promise._tell(former, on)
        moved._covered()._forget_next_date()

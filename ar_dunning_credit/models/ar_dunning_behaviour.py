from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ar_dunning.models.sql import DUE, TRADE

from .facts.behaviour_facts import BehaviourFacts

# Who looks further back pays for people who have left: three years of invoices count.
HISTORY_DAYS = 1096
RECENT_DAYS = 182
EVENT_DAYS = 730
# A remainder of less than a twentieth does not keep an invoice from counting as settled.
REMAINDER = SQL("0.05")


# The receivables of these customers, as the night takes them up; what is accessory is ours, not the customer's trade.
TERMS = """
    SELECT l.id, c.id AS customer_id, %(due)s AS due, l.date AS booked, l.balance AS amount,
           l.no_followup IS TRUE OR m.payment_state = 'blocked' AS disputed
      FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id
      JOIN account_move m ON m.id = l.move_id
      JOIN ar_dunning_customer c ON c.partner_id = l.partner_id AND c.company_id = l.company_id
     WHERE l.company_id = %(company)s AND l.parent_state = 'posted' AND l.balance > 0 AND l.date <= %(on)s
       AND %(due)s > %(since)s
       AND %(trade)s AND l.payment_id IS NULL AND l.statement_line_id IS NULL
       AND (m.move_type IN ('out_invoice', 'out_receipt')
            OR m.move_type = 'entry' AND l.no_followup IS NOT TRUE
               AND EXISTS (SELECT FROM ar_dunning_item i WHERE i.move_line_id = l.id))
       AND m.ar_dunning_accessory IS NOT TRUE
       AND %(scope)s
"""
# What cleared them until the day, by what it was: money, a credit note, an exchange difference, or none of these.
CLEARED = """
    SELECT t.id, sum(r.amount) AS total,
           sum(r.amount) FILTER (WHERE kind = 'paid') AS paid,
           sum(r.amount * (r.max_date - t.due)) FILTER (WHERE kind = 'paid') AS paid_days,
           max(r.max_date) FILTER (WHERE kind = 'paid') AS paid_on,
           sum(r.amount) FILTER (WHERE kind = 'written') AS written,
           max(r.max_date) FILTER (WHERE kind = 'written') AS written_on,
           sum(r.amount) FILTER (WHERE kind = 'credited') AS credited
      FROM term t
      JOIN account_partial_reconcile r ON r.debit_move_id = t.id AND r.max_date <= %(on)s
      JOIN account_move_line k ON k.id = r.credit_move_id
      JOIN account_move d ON d.id = k.move_id
      JOIN account_journal j ON j.id = d.journal_id
     CROSS JOIN LATERAL (SELECT CASE
           WHEN d.move_type = 'out_refund' THEN 'credited'
           WHEN k.payment_id IS NOT NULL OR k.statement_line_id IS NOT NULL OR j.type IN ('bank', 'cash', 'credit')
                THEN 'paid'
           WHEN EXISTS (SELECT FROM account_partial_reconcile x WHERE x.exchange_move_id = d.id) THEN 'exchange'
           ELSE 'written' END AS kind) kinds
     GROUP BY t.id
"""
# When each was settled; `days` is empty for what is not due yet, fully credited, disputed and open, or written off
# without ever having been late: nobody paid, so it is not punctual, and nothing more is known.
FATE = """
    SELECT f.*, CASE WHEN settled_on <= due AND written > %(remainder)s * claim THEN NULL
                     WHEN settled_on IS NOT NULL THEN settled_on - due
                     WHEN NOT disputed AND NOT done AND due < %(on)s THEN %(on)s - due END AS days
      FROM (SELECT s.*, CASE WHEN done THEN CASE WHEN written > %(remainder)s * claim THEN GREATEST(written_on, paid_on)
                                                 ELSE paid_on END END AS settled_on
              FROM (SELECT t.*, COALESCE(c.paid, 0) AS paid, COALESCE(c.paid_days, 0) AS paid_days, c.paid_on,
                           COALESCE(c.written, 0) AS written, c.written_on,
                           t.amount - COALESCE(c.credited, 0) AS claim, t.amount - COALESCE(c.total, 0) AS open,
                           t.amount - COALESCE(c.total, 0) <= %(remainder)s * (t.amount - COALESCE(c.credited, 0)) AS done
                      FROM term t LEFT JOIN cleared c ON c.id = t.id) s
             WHERE claim > 0) f
"""

# Collections that failed, automatic card payments that were refused and payments marked as rejected, of two years.
RETURNED = """
    SELECT id, count(*) FROM (
        SELECT c.id FROM ar_dunning_customer c
          JOIN ar_dunning_item i ON i.customer_id = c.id AND i.collection_failed
         WHERE c.company_id = %(company)s AND i.due_date > %(on)s - %(events)s AND %(scope)s
         UNION ALL
        SELECT c.id FROM ar_dunning_customer c
          JOIN res_partner p ON p.commercial_partner_id = c.partner_id
          JOIN payment_transaction x ON x.partner_id = p.id AND x.company_id = c.company_id
         WHERE c.company_id = %(company)s AND x.state = 'error' AND x.operation = 'offline'
           AND x.create_date BETWEEN %(on)s - %(events)s AND %(on)s + 1 AND %(scope)s
         UNION ALL
        SELECT c.id FROM ar_dunning_customer c
          JOIN res_partner p ON p.commercial_partner_id = c.partner_id
          JOIN account_payment x ON x.partner_id = p.id AND x.company_id = c.company_id
         WHERE c.company_id = %(company)s AND x.state = 'rejected' AND x.partner_type = 'customer'
           AND x.payment_type = 'inbound' AND x.date BETWEEN %(on)s - %(events)s AND %(on)s AND %(scope)s) found
     GROUP BY id
"""
BROKEN = """
    SELECT c.id, count(*) FROM ar_dunning_customer c
      JOIN ar_dunning_arrangement p ON p.customer_id = c.id
     WHERE c.company_id = %(company)s AND p.kind = 'promise' AND p.state = 'broken'
       AND p.date_start > %(on)s - %(events)s AND %(scope)s
     GROUP BY c.id
"""


class ArDunningBehaviour(models.AbstractModel):
    """How customers paid, from the ledger of one company as it stood on a day, in a constant number of statements.

    Each instalment counts as an invoice. It is settled on the day of the last payment; a remainder below five
    percent does not matter. What was credited is no claim; what was written off counts as owed until that day, and not
    at all where that was before it could be late; an exchange difference is neither. Unpaid and overdue counts with its
    days so far, unless it is disputed or excluded from follow-up: ratings that leave it out make bad payers look good.
    Amounts are in company currency.
    """

    _name = "ar.dunning.behaviour"
    _description = "Payment Behaviour"

    @api.model
    def _read(self, company, on, customer_ids=None):
        """What the books of this company say at the end of day `on`.

        :param customer_ids: only these customers; without it, all that have a history
        :return: `{customer id: BehaviourFacts}`
        """
        values = self._values(company, on, customer_ids)
        found = self._read_invoices(company, on, customer_ids)
        for name, code in (("returned", RETURNED), ("broken", BROKEN)):
            self.env.cr.execute(SQL(code, **values, events=EVENT_DAYS))
            for customer_id, count in self.env.cr.fetchall():
                setattr(found.setdefault(customer_id, BehaviourFacts(customer_id)), name, count)
        return found

    @api.model
    def _read_promises(self, company, customer_ids):
        """Promises of two years of these customers: `{customer id: (kept, decided)}`."""
        counts = self.env["ar.dunning.arrangement"]._read_group(
            [
                *(("company_id", "=", company.id), ("customer_id", "in", customer_ids), ("kind", "=", "promise")),
                ("state", "in", ("kept", "partly", "broken")),
                ("date_start", ">", company._dunning_today() - timedelta(days=EVENT_DAYS)),
            ],
            ["customer_id", "state"],
            ["__count"],
        )
        found = {}
        for customer, state, count in counts:
            kept, decided = found.get(customer.id, (0, 0))
            found[customer.id] = (kept + (count if state == "kept" else 0), decided + count)
        return found

    @api.model
    def _read_invoices(self, company, on, customer_ids=None):
        """The same without what came of promises and collections: one statement."""
        self.env.flush_all()
        self.env.cr.execute(self._statement(self._values(company, on, customer_ids)))
        return {row[0]: BehaviourFacts(*row) for row in self.env.cr.fetchall()}

    @api.model
    def _values(self, company, on, customer_ids):
        return {
            "company": company.id,
            "on": SQL("%s::date", on),
            "since": SQL("%s::date - %s", on, HISTORY_DAYS),
            "remainder": REMAINDER,
            "scope": SQL("TRUE") if customer_ids is None else SQL("c.id = ANY(%s)", list(customer_ids)),
        }

    @api.model
    def _statement(self, values):
        """One row for each customer with a known invoice, in the order of `BehaviourFacts`."""
        return SQL(
            """
            WITH term AS MATERIALIZED (%(term)s), cleared AS MATERIALIZED (%(cleared)s), fate AS (%(fate)s)
            SELECT customer_id, count(*), avg(days),
                   sum(paid_days + written * (COALESCE(written_on, due) - due) + owed * (%(on)s - due))
                       / NULLIF(sum(paid + written + owed), 0),
                   count(*) FILTER (WHERE days <= 0),
                   avg(days) FILTER (WHERE COALESCE(settled_on, %(on)s) > %(on)s - %(recent)s),
                   avg(days) FILTER (WHERE settled_on <= %(on)s - %(recent)s),
                   GREATEST(max(days), 0), sum(owed), COALESCE(max(days) FILTER (WHERE settled_on IS NULL), 0),
                   avg(claim), min(booked),
                   array_agg(days) FILTER (WHERE settled_on IS NOT NULL),
                   array_agg(%(on)s - settled_on) FILTER (WHERE settled_on IS NOT NULL),
                   array_agg(days) FILTER (WHERE settled_on IS NULL)
              FROM fate
             CROSS JOIN LATERAL (SELECT CASE WHEN due < %(on)s THEN open ELSE 0 END AS owed) o
             WHERE days IS NOT NULL
             GROUP BY customer_id
            """,
            term=SQL(TERMS, due=DUE, trade=TRADE, **values),
            cleared=SQL(CLEARED, **values),
            fate=SQL(FATE, **values),
            on=values["on"],
            recent=RECENT_DAYS,
        )

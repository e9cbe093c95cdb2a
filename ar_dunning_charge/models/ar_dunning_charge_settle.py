from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import retrying
from odoo.tools import SQL, format_amount, format_date

from odoo.addons.ar_dunning.tools.attempt import attempt

# When an item was settled: the last day of the lines it is matched with; exchange differences are no payments.
SQL_SETTLED = """
    SELECT p.debit_move_id, max(c.date), bool_or(m.move_type <> 'out_refund')
      FROM account_partial_reconcile p
      JOIN account_move_line l ON l.id = p.debit_move_id AND l.reconciled
      JOIN account_move_line c ON c.id = p.credit_move_id
      JOIN account_move m ON m.id = c.move_id
     WHERE p.debit_move_id = ANY(%s)
       AND NOT EXISTS (SELECT FROM account_partial_reconcile x WHERE x.exchange_move_id = c.move_id)
     GROUP BY p.debit_move_id
"""


class ArDunningCharge(models.Model):
    """What the night does for charges: keeps offers, books what is to be booked, proposes."""

    _inherit = "ar.dunning.charge"

    booking_proposed_on = fields.Date(
        readonly=True, help="When somebody was told that a credit of the customer equals announced charges."
    )

    @api.model
    def _settle_charges(self, company, on):
        """Bring the charges of `company` up to date on day `on`.

        *Waived if paid by* is honoured or lapses; charges are booked where the policy asks for it; a credit that
        equals announced charges is told to the customer's responsible.

        :return: a list of pairs (charges, reason), one for each that could not be waived or booked
        """
        self = self.sudo().with_company(company)
        self._follow_items(company)
        gone = Domain("document_id.state", "=", "cancel") | Domain("document_id.reversal_move_ids", "!=", False)
        self.search(Domain([("company_id", "=", company.id), ("stage", "=", "booked")]) & gone)._follow_documents()
        skipped = self._keep_offers(company, on)
        Claims = self.env["ar.dunning.claims"].sudo()
        failure = attempt(self.env, partial(Claims._claim_after_payment, company, on), "Interest after payment")
        if failure:
            skipped.append((self.browse(), self.env._("Interest after payment: %s", failure)))
        skipped += self._to_book(company)._book_each(on)
        self._propose_bookings(company, on)
        return skipped

    @api.model
    def _cron_book(self):
        """Scheduled action: book with the notice. Each document in a transaction of its own."""
        commit = self.env["ir.cron"]._commit_progress
        for company in self.env["res.company"].search([("active", "=", True)]):
            todo = self.with_company(company)._to_book(company, ("book",))
            for group in todo._document_groups():
                retrying(partial(group._book_each, company._dunning_today()), self.env)
                if not commit(1):
                    return

    # === Waived if paid by === #

    @api.model
    def _keep_offers(self, company, on):
        """Waive what was paid by the day offered; clear the offers whose day has passed for good."""
        offers = self.search(
            [
                ("company_id", "=", company.id),
                ("waive_until", "!=", False),
                ("stage", "in", ("announced", "booked")),
                ("state", "!=", "paid"),
            ]
        )
        settled, kept = offers._settled_on(), offers._kept_offers()
        skipped = []
        for group in kept.grouped(
            lambda charge: (charge.notice_id.id, charge.document_id.id, charge.waive_until)
        ).values():
            reason = self.env._("Paid by %s as offered.", format_date(self.env, group[0].waive_until))
            failure = attempt(self.env, partial(group._waive, reason, on, by_itself=True), f"Charges {group.ids}")
            if failure:
                group._keep_booking_error(failure)
                skipped.append((group, failure))
        passed = (offers - kept).filtered(lambda charge: charge.waive_until < on)
        late = passed.filtered(lambda charge: settled.get(charge.id))
        (late | (passed - late)._without_money_coming(on))._put({"waive_until": False})
        return skipped

    def _kept_offers(self):
        """Those whose principal was paid by the day offered: they are not owed, whether waived yet or not."""
        offers = self.filtered("waive_until")
        settled = offers._settled_on() if offers else {}
        return offers.filtered(lambda charge: settled.get(charge.id) and settled[charge.id] <= charge.waive_until)

    def _settled_on(self):
        """`{charge id: day}` on which the principal was settled in full, where it was."""
        days = {line_id: day for line_id, (day, _paid) in self._settlements().items()}
        return {charge.id: days.get(charge.item_id.move_line_id.id) for charge in self}

    def _settlements(self):
        """`{journal item id: (day settled, by more than credit notes)}` of the items that are settled in full."""
        self.env.flush_all()
        self.env.cr.execute(SQL(SQL_SETTLED, self.item_id.move_line_id.ids))
        return {line_id: (day, paid) for line_id, day, paid in self.env.cr.fetchall()}

    def _without_money_coming(self, on):
        """Those on whose principal no money is on its way: post and bank had their days, nothing waits unmatched."""
        waited = self.filtered(lambda charge: charge.waive_until + timedelta(days=charge._policy().transit_days) < on)
        result = waited.browse()
        for company, group in waited.grouped("company_id").items():
            decisions = self.env["ar.dunning.ledger"].with_company(company)._decide(group.customer_id, on)
            coming = {
                item.id
                for decision in decisions.values()
                for item in decision.items
                if item.credit and float(item.credit) >= item.residual
            }
            result |= group.filtered(lambda charge, coming=coming: charge.item_id.id not in coming)
        return result

    def _policy(self):
        return self.notice_id.policy_id or self.customer_id.effective_policy_id

    # === What is to be booked === #

    @api.model
    def _to_book(self, company, modes=("book", "on_payment")):
        """Announced charges that the policy wants in the books by now."""
        announced = Domain([("company_id", "=", company.id), ("state", "=", "announced")])
        # A claim counts once its notice has arrived; what no notice claims follows the customer's policy.
        sent = Domain([("notice_id", "=", False)]) | Domain(
            [("notice_id.state", "=", "sent"), ("notice_id.policy_id.charge_mode", "in", modes)]
        )
        paid = Domain("item_id.move_line_id.reconciled", "=", True)
        late = Domain("notice_id.policy_id.charge_mode", "=", "on_payment")
        found = self.sudo().search(announced & sent & (~late | paid), order="id")
        by_mode = found.grouped(lambda charge: charge._policy().charge_mode)
        nothing = self.sudo().browse()
        waiting = by_mode.get("on_payment", nothing) if "on_payment" in modes else nothing
        # A credit note takes the principal away; it does not pay it.
        settlements = waiting._settlements()
        paid_up = waiting.filtered(lambda charge: settlements.get(charge.item_id.move_line_id.id, (None, False))[1])
        with_notice = by_mode.get("book", nothing) if "book" in modes else nothing
        return (with_notice | paid_up).sorted("id").with_env(self.env)

    # === What people do to items and documents === #

    @api.model
    def _follow_items(self, company):
        """A charge belongs to the customer record that its item belongs to."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ar_dunning_charge c SET customer_id = i.customer_id
                  FROM ar_dunning_item i
                 WHERE i.id = c.item_id AND c.company_id = %s AND c.customer_id <> i.customer_id
                """,
                company.id,
            )
        )
        self.invalidate_model(["customer_id"])

    def _follow_documents(self):
        """A document that somebody cancelled books nothing any more; one credited in full takes its charges back."""
        booked = self.filtered(lambda charge: charge.stage == "booked" and not charge.reversal_id)
        booked.filtered(lambda charge: charge.document_id.state == "cancel")._update_stage(
            ("booked",),
            "announced",
            document_id=False,
            document_line_id=False,
            reason=self.env._("Its document was cancelled."),
        )
        for document, group in booked.filtered("document_id").grouped("document_id").items():
            if document.reversal_move_ids and document._ar_dunning_is_credited():
                group._update_stage(
                    ("booked",),
                    "reversed",
                    reason=self.env._("Its document was credited."),
                    reversal_id=document.reversal_move_ids.filtered(lambda move: move.state == "posted")[:1].id,
                )

    def _follow_invoices(self):
        """Charges on an invoice that was cancelled are taken back; where it was credited, somebody is asked."""
        standing = self._standing_on_invoices()
        cancelled = standing.filtered(lambda charge: charge.move_id.state == "cancel")
        if cancelled:
            cancelled._reverse(self.env._("Its invoice was cancelled."))
        credited = standing.filtered(lambda charge: charge.move_id.payment_state == "reversed")
        for invoice, group in credited.grouped("move_id").items():
            group._ask_about(invoice)

    def _standing_on_invoices(self):
        """Those that ask the customer for something."""
        return self.filtered(lambda charge: charge.stage in ("announced", "booked"))

    def _ask_about(self, invoice):
        """Ask whoever looks after the customer what becomes of charges whose invoice was credited in full; once."""
        summary = self.env._("%s was credited: what about its charges?", invoice.name)
        customer = self.customer_id
        if summary in customer.activity_ids.mapped("summary"):
            return
        user = customer._who_is_asked(self.env.user)
        customer.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=summary,
            note=self.env._("Reverse or waive them where nothing was owed: %s", ", ".join(self.mapped("name"))),
        )

    # === A credit that equals charges === #

    @api.model
    def _propose_bookings(self, company, on):
        """Tell the responsible, once, that a customer's surplus equals his announced charges, or one notice's."""
        announced = [("company_id", "=", company.id), ("state", "=", "announced")]
        groups = self._read_group([*announced, ("booking_proposed_on", "=", False)], ["customer_id"])
        customers = self.env["ar.dunning.customer"].union(*(customer for (customer,) in groups))
        for (customer, currency), credit in self._surplus(customers, company).items():
            charges = self.search([*announced, ("customer_id", "=", customer.id), ("currency_id", "=", currency.id)])
            for group in (charges, *charges.grouped("notice_id").values()):
                untold = group.filtered(lambda charge: not charge.booking_proposed_on)
                if untold and not currency.compare_amounts(sum(group.mapped("amount")), credit):
                    if self._propose(customer, group, credit):
                        group._put({"booking_proposed_on": on})
                    break

    @api.model
    def _surplus(self, customers, company):
        """`{(customer, currency): amount}` by which unmatched credits exceed what the customer owes in the books."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT c.id, l.currency_id, -sum(l.amount_residual_currency)
                  FROM ar_dunning_customer c
                  JOIN account_move_line l ON l.partner_id = c.partner_id
                  JOIN account_account a ON a.id = l.account_id
                 WHERE c.id = ANY(%(customers)s) AND l.company_id = ANY(%(tree)s)
                   AND l.parent_state = 'posted' AND l.reconciled IS NOT TRUE
                   AND a.account_type = 'asset_receivable' AND a.non_trade IS NOT TRUE
                 GROUP BY c.id, l.currency_id HAVING sum(l.amount_residual_currency) < 0
                """,
                customers=customers.ids,
                tree=company._dunning_tree().ids,
            )
        )
        return {
            (customers.browse(customer_id), self.env["res.currency"].browse(currency_id)): amount
            for customer_id, currency_id, amount in self.env.cr.fetchall()
        }

    @api.model
    def _propose(self, customer, charges, credit):
        """Tell who looks after the customer."""
        user = customer._who_is_asked(customer.partner_id.user_id)
        amount = format_amount(self.env, credit, charges.currency_id)
        return customer.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=self.env._("Credit of %s equals announced charges", amount),
            note=self.env._(
                "The customer paid %(amount)s more than is owed in the books, which is what was announced: "
                "%(charges)s. Book them with 'Allocate a Payment'.",
                amount=amount,
                charges=", ".join(charges.mapped("name")),
            ),
        )

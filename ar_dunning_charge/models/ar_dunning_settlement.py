from datetime import timedelta
from functools import partial

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date

from odoo.addons.ar_dunning.tools.attempt import attempt


class ArDunningSettlement(models.AbstractModel):
    """What the night does for charges: keeps offers, books what is to be booked, proposes."""

    _name = "ar.dunning.settlement"
    _description = "Charges Brought up to Date"

    @api.model
    def _settle(self, company, on):
        """Bring the charges of `company` up to date on day `on`.

        *Waived if paid by* is honoured or lapses; charges are booked where the policy asks for it; a credit that
        equals announced charges is told to the customer's responsible.

        :return: a list of pairs (charges, reason), one for each that could not be waived or booked
        """
        self = self.sudo().with_company(company)
        Charge = self.env["ar.dunning.charge"]
        self._follow_items(company)
        gone = Domain("document_id.state", "=", "cancel") | Domain("document_id.reversal_move_ids", "!=", False)
        Charge.search(Domain([("company_id", "=", company.id), ("stage", "=", "booked")]) & gone)._follow_documents()
        skipped = self._keep_offers(company, on)
        late = self.env["ar.dunning.late.interest"]
        failure = attempt(self.env, partial(late._claim, company, on), "Interest after payment")
        if failure:
            skipped.append((Charge, self.env._("Interest after payment: %s", failure)))
        skipped += self._to_book(company)._book_each(on)
        self._propose_bookings(company, on)
        return skipped

    # === Waived if paid by === #

    @api.model
    def _keep_offers(self, company, on):
        """Waive what was paid by the day offered; clear the offers whose day has passed for good."""
        offers = self.env["ar.dunning.charge"].search(
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
        (late | self._without_money_coming(passed - late, on))._put({"waive_until": False})
        return skipped

    @api.model
    def _without_money_coming(self, charges, on):
        """Those on whose principal no money is on its way: post and bank had their days, nothing waits unmatched."""
        waited = charges.filtered(
            lambda charge: charge.waive_until + timedelta(days=charge._policy().transit_days) < on
        )
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
        Charge = self.env["ar.dunning.charge"].sudo()
        found = Charge.search(announced & sent & (~late | paid), order="id")
        by_mode = found.grouped(lambda charge: charge._policy().charge_mode)
        nothing = Charge.browse()
        waiting = by_mode.get("on_payment", nothing) if "on_payment" in modes else nothing
        # A credit note takes the principal away; it does not pay it.
        settlements = waiting._settlements()
        paid_up = waiting.filtered(lambda charge: settlements.get(charge.item_id.move_line_id.id, (None, False))[1])
        with_notice = by_mode.get("book", nothing) if "book" in modes else nothing
        return (with_notice | paid_up).sorted("id").with_env(self.env)

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
        self.env["ar.dunning.charge"].invalidate_model(["customer_id"])

    # === A credit that equals charges === #

    @api.model
    def _propose_bookings(self, company, on):
        """Tell the responsible, once, that a customer's surplus equals his announced charges, or one notice's."""
        announced = [("company_id", "=", company.id), ("state", "=", "announced")]
        Charge = self.env["ar.dunning.charge"]
        groups = Charge._read_group([*announced, ("booking_proposed_on", "=", False)], ["customer_id"])
        customers = self.env["ar.dunning.customer"].union(*(customer for (customer,) in groups))
        for (customer, currency), credit in self._surplus(customers, company).items():
            charges = Charge.search([*announced, ("customer_id", "=", customer.id), ("currency_id", "=", currency.id)])
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

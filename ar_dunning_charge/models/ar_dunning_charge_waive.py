from datetime import timedelta

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

# A colleague's limit counts what was waived for the same customer in these days.
WAIVE_DAYS = timedelta(days=30)


class ArDunningCharge(models.Model):
    """Waive, reinstate, reverse: each with its reason, and in the books by a credit note.

    *Waived* stays claimed for its days: it is not claimed again. *Reversed* is as if it had never been: a
    later notice may claim the same days anew.
    """

    _inherit = "ar.dunning.charge"

    # === From a screen === #

    def action_waive(self):
        """Ask for the reason, and waive these charges."""
        return self._action_decide("waive", self.env._("Waive charges"))

    def action_reinstate(self):
        """Ask for the reason, and claim these charges again."""
        return self._action_decide("reinstate", self.env._("Reinstate charges"))

    def action_reverse(self):
        """Ask for the reason, and take these charges back."""
        return self._action_decide("reverse", self.env._("Reverse charges"))

    def _action_decide(self, decision, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "ar.dunning.charge.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_charge_ids": self.ids, "default_decision": decision},
        }

    # === Decisions === #

    def _waive(self, reason, on=None, by_itself=False):
        """Drop these charges for good, because `reason`.

        :param date on: the day, of the credit notes too; today if not given
        :param bool by_itself: an offer keeps itself: nobody's limit is touched
        :raise UserError: paid already, neither announced nor booked, or above the user's limit
        """
        self.check_access("read")
        self._check_stage(("announced", "booked"), self.env._("waived"))
        paid = self.filtered(lambda charge: charge.state == "paid")
        if paid:
            raise UserError(
                self.env._(
                    "%s is paid and cannot be waived any more. Reverse it: the payment becomes a credit.", paid[0].name
                )
            )
        if not by_itself:
            self._check_waive_limit(on)
        charges = self.sudo()
        charges._credit_documents(on, keep_payments=True)
        for company, group in charges.grouped("company_id").items():
            group._update_stage(
                ("announced", "booked"),
                "waived",
                reason=reason,
                waived_by_id=False if by_itself else self.env.uid,
                waived_on=on or company._dunning_today(),
                booking_error=False,
            )

    def _reinstate(self, reason, on=None):
        """Claim waived charges again, because `reason`; what was booked before is booked anew on day `on`.

        :raise UserError: not waived, or it cannot be booked (see `_book`)
        """
        self.check_access("read")
        self._check_stage(("waived",), self.env._("reinstated"))
        charges = self.sudo()
        booked = charges.filtered("document_id")
        charges._update_stage(
            ("waived",),
            "announced",
            reason=reason,
            waived_by_id=False,
            waived_on=False,
            waive_until=False,
            document_id=False,
            document_line_id=False,
            reversal_id=False,
        )
        for company, group in booked.grouped("company_id").items():
            group._book(on or company._dunning_today())

    def _reverse(self, reason, on=None):
        """Take these charges back as if they had never been, because `reason`.

        What is booked gets a credit note; what is paid leaves the customer a credit.

        :raise UserError: a draft or reversed already, or the day of the credit note is locked
        """
        self.check_access("read")
        self._check_stage(("announced", "booked", "waived"), self.env._("reversed"))
        charges = self.sudo()
        charges.filtered(lambda charge: charge.stage == "booked")._credit_documents(on)
        charges._update_stage(("announced", "booked", "waived"), "reversed", reason=reason, booking_error=False)
        charges.flush_recordset(["stage"])  # the next charge of its kind may be made in this very transaction

    def _check_stage(self, allowed, done):
        wrong = self.filtered(lambda charge: charge.stage not in allowed)
        if wrong:
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(charge)s cannot be %(done)s: its state is '%(state)s'.",
                    charge=wrong[0].name,
                    done=done,
                    state=states[wrong[0].state],
                )
            )

    # === How much a user may waive === #

    def _check_waive_limit(self, on=None):
        """A user's limit holds per customer: what he waived within 30 days, and now. Managers have none."""
        user = self.env.user
        if user.has_group("ar_dunning.group_dunning_manager"):
            return
        limit = user.sudo().ar_dunning_waive_limit
        for customer, group in self.sudo().grouped("customer_id").items():
            since = (on or customer.company_id._dunning_today()) - WAIVE_DAYS
            former = group.search(
                [
                    ("customer_id", "=", customer.id),
                    ("waived_by_id", "=", user.id),
                    ("waived_on", ">", since),
                    ("stage", "=", "waived"),
                ]
            )
            currency = customer.company_id.currency_id
            before, now = former._amount_in_company(), group._amount_in_company()
            if currency.compare_amounts(before + now, limit) > 0:
                raise AccessError(
                    self.env._(
                        "You may waive %(limit)s for a customer within 30 days. For %(customer)s it would be "
                        "%(amount)s. Ask a dunning manager.",
                        limit=format_amount(self.env, limit, currency),
                        customer=customer.display_name,
                        amount=format_amount(self.env, before + now, currency),
                    )
                )

    def _amount_in_company(self):
        """The sum in company currency, at the rate of the invoice where it is known, else at the charge's day."""
        total = 0.0
        for charge in self:
            total += charge.amount_company or charge.currency_id._convert(
                charge.amount, charge.company_id.currency_id, charge.company_id, charge.date
            )
        return total

    # === Credit notes === #

    def _credit_documents(self, on=None, keep_payments=False):
        """Credit the booked ones of these charges, one credit note for each document, matched with it.

        :param bool keep_payments: refuse where the customer has paid so much that a credit would be left over
        """
        booked = self.filtered(lambda charge: charge.stage == "booked")
        for document, group in booked.grouped("document_id").items():
            day = on or group.company_id._dunning_today()
            group.company_id._check_dunning_unlocked(day, document.journal_id, bool(group.document_line_id.tax_ids))
            credit = self.env["ar.dunning.charge.document"]._make_credit(group, document, day)
            group._put({"reversal_id": credit.id})  # whoever posts it knows that we take them back, and how
            credit._post(soft=False)
            open_lines = document._ar_dunning_open_terms()
            credit_lines = credit._ar_dunning_open_terms()
            if keep_payments:
                group._check_not_paid(document, open_lines, credit_lines)
            if open_lines:
                (open_lines | credit_lines).reconcile()

    def _check_not_paid(self, document, open_lines, credit_lines):
        left = sum(open_lines.mapped("amount_residual_currency")) + sum(credit_lines.mapped("amount_residual_currency"))
        sign = 1 if sum(self.mapped("amount")) >= 0 else -1
        if document.currency_id.compare_amounts(sign * left, 0) < 0:
            raise UserError(
                self.env._(
                    "%s is paid in part, so that too little of it is open to waive this. Reverse it: what was paid "
                    "becomes a credit.",
                    document.name,
                )
            )

    # === What people do to its documents === #

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

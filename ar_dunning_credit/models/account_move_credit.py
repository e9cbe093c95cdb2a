from decimal import Decimal
from functools import partial

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

from odoo.addons.ar_dunning.tools.figures import as_decimal

from .facts.standing_facts import DECISION

ZERO = Decimal(0)


class AccountMove(models.Model):
    """Posting an invoice over the customer's credit limit: noted, told, or refused, on every path."""

    _inherit = "account.move"

    def write(self, vals):
        """Posted, taken back, paid or blocked: the customer's stored credit status is to follow."""
        result = super().write(vals)
        if {"state", "payment_state"} & vals.keys():
            self.env["ar.dunning.credit.queue"]._moved_by(self.filtered(lambda move: move.is_sale_document(True)))
        return result

    def _post(self, soft=True):
        """Check the limit before anything is posted; what is to be told is told once it is.

        A member of *Credit override* passes a refusal with the reason in the context key
        `ar_dunning_over_limit_reason`, which is kept on invoice and customer.
        """
        found = self._ar_dunning_over_limit(soft)
        posted = super()._post(soft)
        for move, customer, text in found:
            if move in posted:
                move._ar_dunning_tell_over_limit(customer, text)
        return posted

    def _ar_dunning_over_limit(self, soft):
        """The invoices about to be posted that exceed a limit: `[(invoice, customer record, text)]`.

        `text` is a function: with or without amounts.

        :raise UserError: the company refuses to post them
        """
        found = []
        todo = self.filtered(lambda move: move._ar_dunning_checks_limit(soft))
        for company, moves in todo.grouped("company_id").items():
            policy = company.sudo().root_id.ar_dunning_post_over_limit
            over = moves._ar_dunning_over_limit_of(company, policy == "block")
            if over and policy == "block":
                amounts = self.env["ar.dunning.customer"]._shows_credit_amounts(company)
                self._ar_dunning_refuse([text(amounts) for _move, _customer, text in over])
            found += over
        return found

    def _ar_dunning_checks_limit(self, soft):
        """Whether the limit is asked: sales, nothing accessory, nothing that waits for its date or was posted elsewhere."""
        self.ensure_one()
        return (
            self.state == "draft"
            and self.move_type in ("out_invoice", "out_receipt")
            and bool(self.partner_id)
            and self.company_id.sudo().root_id.ar_dunning_post_over_limit != "ignore"
            and not (soft and self.date > self.company_id._dunning_today())
            and not self._ar_dunning_is_loaded()
            and not self.sudo().ar_dunning_accessory
        )

    def _ar_dunning_is_loaded(self):
        """Whether a manager takes over an invoice that another system has posted long ago."""
        loads = bool(self.env.context.get("ar_dunning_foreign_names"))
        return loads and self.env.user.has_group("ar_dunning.group_dunning_manager")

    def _ar_dunning_over_limit_of(self, company, lock):
        """Those of these invoices of one company whose customers' limits they exceed together."""
        customers = self._ar_dunning_limited_customers(company)
        if not customers:
            return []
        extra, notes = self._ar_dunning_credit_extras(customers)
        if lock:
            states = customers._lock_and_credit_state(extra, without_moves=self)
        else:
            states = customers._credit_state(company._dunning_today(), extra, self, self.env.user)
        by_partner = {customer.partner_id: customer for customer in customers}
        found = []
        for move in self:
            customer = by_partner.get(move.commercial_partner_id)
            if customer and move in notes:
                found.append((move, customer, lambda _amounts, note=notes[move]: note))
            elif customer and extra.get(customer.id, ZERO) > 0 and states[customer.id].excess:
                found.append((move, customer, partial(customer._over_limit_text, states[customer.id])))
        return found

    def _ar_dunning_limited_customers(self, company):
        """The records of those who have a limit of any kind, in the company or its root, made where there is none."""
        Customer = self.env["ar.dunning.customer"].with_company(company)
        limited = (
            self.commercial_partner_id.sudo()
            .with_company(company)
            .filtered(lambda partner: partner.credit_limit or partner.with_company(company.root_id).credit_limit)
        )
        domain = [
            ("partner_id", "in", self.commercial_partner_id.ids),
            ("company_id", "in", (company | company.root_id).ids),
            ("temporary_limit_until", ">=", company._dunning_today()),
        ]
        special = Customer.sudo().with_context(active_test=False).search(domain).partner_id
        return Customer._of_partners(limited | special, company, create=True)

    def _ar_dunning_credit_extras(self, customers):
        """What these invoices add to the exposure, by customer id, and why some cannot be counted, by invoice.

        What they invoice of confirmed orders leaves the orders' part at the same time. Where drafts count, it
        has left that part already.
        """
        extra, notes = {}, {}
        orders = customers._uninvoiced_orders()
        for customer in customers:
            relief = ZERO
            for move in self.filtered(lambda m, c=customer: m.commercial_partner_id == c.partner_id):
                try:
                    extra[customer.id] = extra.get(customer.id, ZERO) + move._ar_dunning_credit_extra()
                except UserError as error:  # no rate: without it the limit says nothing
                    notes[move] = str(error)
                    continue
                if not customer.company_id.sudo().root_id.ar_dunning_count_drafts:
                    relief += as_decimal(move.sudo()._get_partner_credit_warning_exclude_amount())
            if customer.id in extra:
                extra[customer.id] -= min(relief, orders.get(customer.id, ZERO))
        return extra, notes

    def _ar_dunning_credit_extra(self):
        """What this invoice adds to the receivables, in company currency.

        Money paid for it online is booked only after the invoice is posted: it counts as paid already.

        :raise UserError: its currency has no rate
        """
        self.ensure_one()
        on = self.invoice_date or self.company_id._dunning_today()
        if self.currency_id != self.company_currency_id:
            self.company_id._dunning_in_company_currency(1.0, self.currency_id, on)
        paid = sum(
            transaction.amount
            for transaction in self.sudo().transaction_ids
            if transaction.state in ("authorized", "done")
            and transaction.currency_id == self.currency_id
            and not transaction.payment_id
        )
        share = min(paid / self.amount_total, 1.0) if self.amount_total else 0.0
        return as_decimal(self.company_currency_id.round(self.amount_total_signed * (1 - share)))

    def _ar_dunning_refuse(self, texts):
        """Stop the posting, unless a member of *Credit override* gave a reason.

        :raise UserError: no reason is given; it says which customers, and the way out
        :raise AccessError: a reason is given by somebody who may not
        """
        reason = (self.env.context.get("ar_dunning_over_limit_reason") or "").strip()
        if not reason:
            way_out = self.env._(
                "Members of 'Credit override' may post with a written reason (Actions > Post over the limit)."
            )
            raise UserError("\n".join([*dict.fromkeys(texts), way_out]))
        if not self.env.user.has_group("ar_dunning_credit.group_credit_override"):
            raise AccessError(self.env._("Only members of 'Credit override' post an invoice over the limit."))

    def _ar_dunning_tell_over_limit(self, customer, text):
        """Keep on invoice and customer that it went over the limit, why, and by company choice ask the responsible.

        Salespeople read the invoice: amounts are on it as far as the company lets them see any.

        :param text: a function: with or without amounts
        """
        self.ensure_one()
        root = self.company_id.sudo().root_id
        told = {
            amounts: self._ar_dunning_with_reason(text(amounts)) for amounts in (True, root.ar_dunning_sales_amounts)
        }
        brief = told[root.ar_dunning_sales_amounts]
        words = self.env._("%(invoice)s: %(text)s", invoice=self.name, text=told[True])
        customer.message_post(body=words, subtype_xmlid=DECISION)
        self.sudo().message_post(body=brief)
        if root.ar_dunning_post_over_limit == "activity":
            self.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self.company_id._dunning_today(),
                user_id=customer._who_is_asked().id,
                summary=self.env._("Posted over the credit limit"),
                note=brief,
            )

    def _ar_dunning_with_reason(self, text):
        """The text, and who posted all the same with which reason."""
        reason = (self.env.context.get("ar_dunning_over_limit_reason") or "").strip()
        if not reason:
            return text
        by = self.env.user.name
        return self.env._("%(text)s Posted by %(user)s all the same: %(reason)s", text=text, user=by, reason=reason)

    def _build_credit_warning_message(self, record, current_amount=0.0, exclude_current=False, exclude_amount=0.0):
        """Core's warning, put right: in the document's company, from the ledger of now, with our limits.

        Core reads the limit of the company the user works in, keeps a balance in cache that later postings do
        not change, and knows neither temporary limits nor insured parts nor a root company's limit for branches.
        """
        record = record.with_company(record.company_id or self.env.company)
        partner = record.partner_id.commercial_partner_id
        partner.invalidate_recordset(["credit", "credit_to_invoice"], flush=False)
        company = record.env.company
        Customer = self.env["ar.dunning.customer"].sudo().with_context(active_test=False).with_company(company)
        customer = Customer._of_partners(partner, company) or Customer.new(
            {"partner_id": partner.id, "company_id": company.id}
        )
        on = company._dunning_today()
        relatives = customer._credit_relatives_of(customer._credit_family())
        limit = self.env["ar.dunning.exposure"]._limits(customer, company, relatives, on)[customer.id].total(on)
        if limit is None or limit == as_decimal(partner.sudo().credit_limit):
            return super()._build_credit_warning_message(
                record, current_amount, exclude_current=exclude_current, exclude_amount=exclude_amount
            )
        partner = partner.sudo()
        total = partner.credit + partner.credit_to_invoice - exclude_amount + current_amount
        if as_decimal(total) <= limit:
            return ""
        currency = record.env.company.currency_id
        return self.env._(
            "%(customer)s has reached its credit limit of: %(limit)s\nTotal amount due: %(total)s",
            customer=partner.name,
            limit=format_amount(self.env, float(limit), currency),
            total=format_amount(self.env, total, currency),
        )

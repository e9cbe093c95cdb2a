from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ..core import credit_status as core
from ..core.credit_status import Code, Way
from .ar_dunning_customer_credit import STATUSES
from .facts.standing_sources import NAMED

ZERO = Decimal(0)


class ArDunningCustomer(models.Model):
    """Credit standing of now: may this customer buy, why (not), and what would change it, as state and in words.

    Amounts only for who may see them.
    """

    _inherit = "ar.dunning.customer"

    credit_html = fields.Html(
        "Reasons and Ways Out",
        compute="_compute_credit_html",
        sanitize=False,
        help="Read from the ledger of now.",
    )
    credit_now = fields.Selection(
        STATUSES,
        "Credit",
        compute="_compute_credit_html",
        help="The status of now; lists and filters use the one of the last night.",
    )
    credit_why = fields.Char("Why", compute="_compute_credit_html")

    @api.depends_context("lang", "uid")
    def _compute_credit_html(self):
        stored = self.filtered("id")
        for customer in self - stored:
            customer.credit_html = customer.credit_now = customer.credit_why = False
        for company, customers in stored.grouped("company_id").items():
            states = customers._credit_state(company._dunning_today(), user=self.env.user)
            for customer in customers:
                customer.credit_now = states[customer.id].status.value
                customer.credit_html = customer._credit_banner(states[customer.id])
                amounts = customer._shows_credit_amounts(company)
                customer.credit_why = " ".join(
                    customer._credit_reason(reason, amounts) for reason in states[customer.id].reasons
                )

    # === The status === #

    def _credit_state(self, on, extra=None, without_moves=None, user=None):
        """The credit status of these customers on the day `on`, from the ledger of now; read in a batch.

        The one seam of the calculation: whoever decides something about credit asks here.

        :param on: date
        :param extra: `{customer id: Decimal}`, what the order or invoice at hand would add, in company currency
        :param without_moves: draft invoices that are part of `extra` and must not count twice
        :param user: whose exceptions from the company's own rules count; without one, nobody's
        :return: `{customer id: core.CreditState}`
        """
        facts = self._credit_facts(on, extra, without_moves, user)
        switches = {company.id: company._dunning_credit_switches() for company in self.sudo().company_id}
        return {
            customer.id: core.assess(facts[customer.id], switches[customer.company_id.id], on)
            for customer in self.sudo()
        }

    def _lock_and_credit_state(self, extra=None, without_moves=None, user=None):
        """The state of now for a decision that no other one may overtake; locks until the transaction ends.

        Locking alone would not do: under REPEATABLE READ a transaction that waited still sees the ledger as it
        was. So each decision writes to the rows; the second one fails to serialise, and Odoo runs it again.

        :return: as `_credit_state`, on the company's today
        """
        customers = self.sudo()
        rows = customers._credit_relatives()
        self.env.flush_all()
        self.env.cr.execute(
            SQL("SELECT id FROM ar_dunning_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", rows.ids)
        )
        self.env.cr.execute(
            SQL(
                "UPDATE ar_dunning_customer SET credit_checked_at = now() AT TIME ZONE 'UTC' WHERE id = ANY(%s)",
                rows.ids,
            )
        )
        self.env.invalidate_all(flush=False)
        states = {}
        for company, group in customers.grouped("company_id").items():
            states |= group._credit_state(company._dunning_today(), extra, without_moves, user or self.env.user)
        return states

    @api.model
    def _of_partners(self, partners, company, create=False):
        """The records of the commercial entities of `partners` in `company`, as superuser, archived ones included.

        :param create: make the missing ones
        """
        Customer = self.sudo().with_context(active_test=False)
        wanted = partners.commercial_partner_id
        domain = [("partner_id", "in", wanted.ids), ("company_id", "=", company.id)]
        found = Customer.search(domain)
        missing = wanted - found.partner_id
        if not create or not missing:
            return found
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ar_dunning_customer
                       (partner_id, company_id, create_uid, write_uid, create_date, write_date)
                SELECT id, %(company)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM unnest(%(partners)s) AS id
                    ON CONFLICT DO NOTHING
                """,
                company=company.id,
                uid=self.env.uid,
                partners=missing.ids,
            )
        )
        return Customer.search(domain)

    def _credit_relatives(self):
        """These customers' records in root company and branches, themselves included."""
        records = self.sudo().with_context(active_test=False)
        return records.search(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id._dunning_tree().ids)],
            order="id",
        )

    def _credit_facts(self, on, extra=None, without_moves=None, user=None):
        """`{customer id: core.Facts}`; the parameters are those of `_credit_state`."""
        return self.env["ar.dunning.exposure"]._facts(self, on, extra, without_moves, user)

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

    def _credit_relatives_of(self, family):
        """`{customer id: records}` of `_credit_family`, read together."""
        everybody = [key for ids in family.values() for key in ids]
        return {key: self.browse(ids).with_prefetch(everybody) for key, ids in family.items()}

    def _credit_grade(self):
        """The payment grade a to e of the first of these records of one customer; None with too little history.

        Where the first has none of its own, the worst of the others: a branch that sells to a bad payer for the first time.
        """
        grades = [record.grade for record in self if record.grade and record.grade != "new"]
        return self[:1].grade if self[:1].grade in grades else max(grades, default=None)

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

    def _valid_until(self, name, on):
        """Those of these records on which the date `name` is set and has not passed on the day `on`."""
        return self.filtered(lambda record: record[name] and record[name] >= on)

    # === What members add === #

    def _credit_further(self, company, on):
        """Reasons of members of the family for these customers of one company, on the day `on`, read in a batch.

        Asked for every decision about credit and by the night. The code of a reason is a string of the member's own, whose
        sentence it adds in `_credit_texts`.

        :return: `{customer id: [core.Reason]}`; a member adds to what `super()` returns
        """
        return {}

    def _uninvoiced_orders(self):
        """Confirmed orders not invoiced yet, in company currency, by customer id. Without sales there are none."""
        return {customer.id: ZERO for customer in self}

    @api.model
    def _credit_sources(self, company, on):
        """Selects of partner and fingerprint: a part of what a status rests on, each. An addon adds its own.

        :return: a list of SQL, the first with the names of its columns
        """
        return self.env["ar.dunning.standing"]._sources(company, on)

    @api.model
    def _names(self, tree_ids):
        """Selects of partner and of what a transfer may name to mean him. An addon adds its own."""
        return [SQL(NAMED, tree=tree_ids)]

    # === In words === #

    @api.model
    def _shows_credit_amounts(self, company):
        """Whether the user may read amounts: accounting people always, others as the company allows."""
        if self.env.user.has_groups("account.group_account_invoice,account.group_account_readonly"):
            return True
        return company.sudo().root_id.ar_dunning_sales_amounts

    def _credit_banner(self, state):
        """Reasons, ways out and, where there is a limit, the room left: html; empty where there is nothing to say."""
        self.ensure_one()
        amounts = self._shows_credit_amounts(self.sudo().company_id)
        if not state.reasons and (state.limit is None or not amounts):
            return False
        return self.env["ir.qweb"]._render(
            "ar_dunning_credit.credit_banner",
            {
                "reasons": [self._credit_sentences(reason, amounts) for reason in state.reasons],
                "figures": self._credit_figures(state) if amounts else [],
            },
        )

    def _credit_text(self, state):
        """The same as plain text, a reason and its way out per line: for errors, messages and activities."""
        self.ensure_one()
        amounts = self._shows_credit_amounts(self.sudo().company_id)
        lines = []
        for reason in state.reasons:
            _effect, text, unlock = self._credit_sentences(reason, amounts)
            lines.append(f"{text} {unlock}".strip())
        return "\n".join(lines)

    def _credit_figures(self, state):
        """What the limit is made of and used up by: `[(label, amount)]`."""
        parts = state.exposure
        figures = [(self.env._("Open, net of credits"), parts.receivables)]
        if parts.orders:
            figures.append((self.env._("Ordered, not invoiced"), parts.orders))
        if parts.drafts:
            figures.append((self.env._("Draft invoices"), parts.drafts))
        if parts.extra:
            figures.append((self.env._("This document"), parts.extra))
        if state.limit is not None:
            figures.append((self.env._("Limit"), state.limit))
            if state.insured:
                figures.append((self.env._("of it insured or guaranteed"), state.insured))
            figures.append((self.env._("Available"), state.available))
        return [(label, self._credit_amount(amount)) for label, amount in figures]

    def _credit_amount(self, amount):
        return format_amount(self.env, float(amount), self.sudo().currency_id)

    def _credit_sentences(self, reason, amounts):
        """One reason: its effect's code, its sentence, and what unlocks it (may be empty)."""
        self.ensure_one()
        return reason.effect.value, self._credit_reason(reason, amounts), self._credit_unlock(reason, amounts)

    def _credit_reason(self, reason, amounts):
        values = {name: self._credit_word(value) for name, value in reason.values.items()}
        if reason.code == Code.RULE:
            return values["message"] or values["rule"]
        if reason.code == Code.MANUAL and values["reason"][-1:] not in ("", ".", "!", "?"):
            values["reason"] += "."  # the way out follows in the same line
        if amounts and reason.code in (exact := self._credit_texts_with_amounts()):
            return exact[reason.code] % values
        return self._credit_texts()[reason.code] % values

    def _credit_word(self, value):
        """A figure for a sentence: dates and amounts as the user writes them."""
        if value is None:
            return ""
        if isinstance(value, int | str):
            return value
        return format_date(self.env, value) if hasattr(value, "year") else self._credit_amount(value)

    @api.model
    def _credit_texts_with_amounts(self):
        return {
            Code.OVER_LIMIT: self.env._("Credit limit: %(used)s used of %(limit)s."),
            Code.OVERDUE: self.env._("%(amount)s overdue, the oldest %(days)s days late."),
            Code.LEVEL: self.env._("Dunning has reached '%(level)s' for %(amount)s."),
        }

    @api.model
    def _credit_texts(self):
        """One sentence per code without amounts, in the user's language.

        A member that adds reasons by `_credit_further` adds their sentences: `super() | {its code: sentence}`; the figures
        are the reason's `values`.
        """
        return {
            Code.OVER_LIMIT: self.env._("The credit limit is used up."),
            Code.OVERDUE: self.env._("Invoices are overdue, the oldest %(days)s days late."),
            Code.LEVEL: self.env._("Dunning has reached '%(level)s'."),
            Code.GRADE: self.env._("Pays badly: grade %(grade)s."),
            Code.CAUTION: self.env._("Caution: %(source)s of %(on)s."),
            Code.BAD: self.env._("Bad solvency: %(source)s of %(on)s."),
            Code.INSOLVENT: self.env._("Insolvent: %(source)s of %(on)s."),
            Code.CHECK_EXPIRED: self.env._("The solvency check (%(source)s of %(on)s) has expired."),
            Code.MANUAL: self.env._("Held by %(by)s since %(since)s: %(reason)s"),
            Code.LEGAL_CASE: self.env._("A lawyer, an agency or a court has the case."),
        }

    def _credit_unlock(self, reason, amounts):
        """What ends the reason, as one sentence."""
        unlock = reason.unlock
        day = format_date(self.env, unlock.day) if unlock.day else ""
        if unlock.way is Way.PAY:
            return self._credit_pay(unlock, amounts)
        if unlock.way is Way.PREPAY:
            return self.env._("Only what is paid in advance is sold to this customer.")
        if unlock.way is Way.REVIEW and reason.code == Code.CHECK_EXPIRED:
            return self.env._("Review due since %s.", day)
        if unlock.way is Way.REVIEW:
            return self.env._("Review due on %s.", day) if day else self.env._("Until a new check says otherwise.")
        if unlock.way is Way.LIFT and day:
            return self.env._("Ends after %s, or when it is lifted.", day)
        return self._credit_lift(reason)

    def _credit_lift(self, reason):
        """Who or what ends a reason that no payment ends."""
        responsible = self.sudo().responsible_id.name
        if reason.code == Code.MANUAL:
            return (
                self.env._("Ask %s to lift it.", responsible)
                if responsible
                else self.env._("Ask accounting to lift it.")
            )
        if reason.code == Code.LEGAL_CASE:
            return self.env._("Ends when the case is closed.")
        if reason.code == Code.GRADE:
            return self.env._("Improves when invoices are paid on time.")
        if reason.code == Code.RULE and not reason.values["message"]:
            return self.env._("Ask accounting: this is a rule of the company.")
        return ""

    def _credit_pay(self, unlock, amounts):
        """Pay so much, of these invoices: the first few are named."""
        names = ", ".join(unlock.names[:3])
        more = len(unlock.names) - 3
        if more > 0:
            names = self.env._("%(names)s and %(count)s more", names=names, count=more)
        amount = self._credit_amount(unlock.amount)
        if amounts and names:
            return self.env._("Unlocks with a payment of %(amount)s: %(names)s.", amount=amount, names=names)
        if amounts:
            return self.env._("Unlocks with a payment in advance of %s.", amount)
        if names:
            return self.env._("Unlocks with a payment of %s.", names)
        return self.env._("Unlocks with a payment in advance.")

    def _over_limit_text(self, state, amounts):
        """That the limit is exceeded, with `amounts` by how much: for who posts an invoice, and for the record."""
        self.ensure_one()
        name = self.sudo().partner_id.display_name
        if not amounts:
            return self.env._("%s is over the credit limit.", name)
        return self.env._(
            "%(customer)s is over the credit limit: %(used)s of %(limit)s, %(excess)s too much.",
            customer=name,
            used=self._credit_amount(state.used),
            limit=self._credit_amount(state.limit),
            excess=self._credit_amount(state.excess),
        )

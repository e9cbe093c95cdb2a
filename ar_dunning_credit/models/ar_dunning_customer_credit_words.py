from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..core.credit_status import Code, Way
from .ar_dunning_customer_credit import STATUSES


class ArDunningCustomer(models.Model):
    """The credit status in words: every reason, and what unlocks it. Amounts only for who may see them."""

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

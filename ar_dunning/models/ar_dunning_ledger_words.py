from collections import defaultdict

from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_amount, format_date

from ..core.plan import Blocker, Code


class ArDunningLedger(models.AbstractModel):
    """A decision in words: why, why not and when."""

    _inherit = "ar.dunning.ledger"

    @api.model
    def _explain(self, items):
        """Why, why not and when, in words, for these items today: `{item id: html}`."""
        texts = {}
        for company, group in items.sudo().grouped("company_id").items():
            on = company._dunning_today()
            decisions = self._decide(group.customer_id, on)
            for decision in decisions.values():
                for item in decision.items:
                    texts[item.id] = self._explain_step(item.step, on, item.currency_id)
            for item in group.filtered(lambda item: item.id not in texts):
                posted = item.move_line_id.parent_state == "posted"
                sentence = self.env._("Paid.") if posted else self._sentence(Blocker(Code.NOT_POSTED))
                texts[item.id] = Markup("<p>%s</p>") % sentence
        return texts

    @api.model
    def _explain_step(self, step, on, currency_id):
        """One step in the user's language: what comes next, when, and every reason why not now."""
        level = self.env["ar.dunning.level"].browse(step.level.key) if step.level else None
        parts = [self._sentence(part, currency_id) for part in step.parts]
        if step.due:
            due = Markup("<p><b>%s</b></p>") % self.env._("%s is due now.", level.name)
            return due + self._list(parts) if parts else due
        head = ""
        if level and step.first_date:
            head = self.env._(
                "Next: %(level)s, on %(date)s at the earliest.",
                level=level.name,
                date=format_date(self.env, step.first_date),
            )
        elif level:
            head = self.env._("Next: %s, once the reasons below no longer hold.", level.name)
        reasons = [self._sentence(blocker, currency_id) for blocker in self._telling(step.blockers)]
        title = Markup("<p><b>%s</b></p>") % head if head else Markup("")
        return title + self._list(reasons + parts)

    @api.model
    def _list(self, sentences):
        entries = Markup("").join(Markup("<li>%s</li>") % sentence for sentence in sentences)
        return Markup("<ul class='mb-0'>%s</ul>") % entries

    @api.model
    def _telling(self, blockers):
        """Those that a reader needs: of an accessory claim it says nothing that it has no ladder."""
        if not any(blocker.code == Code.ACCESSORY for blocker in blockers):
            return blockers
        return [blocker for blocker in blockers if blocker.code != Code.LADDER_FINISHED]

    @api.model
    def _sentence_of(self, code):
        """The sentence of a code; of one that a member brought which has gone since, that it is unknown."""
        return self._sentences().get(code) or self.env._("A reason of a part that is not installed any more: %s.", code)

    @api.model
    def _sentence(self, blocker, currency_id=None):
        """A blocker as a sentence for people; with the currency of its item, the part that it holds."""
        text = self._sentence_of(blocker.code)
        if blocker.amount is not None and currency_id:
            amount = format_amount(self.env, float(blocker.amount), self.env["res.currency"].browse(currency_id))
            text = self.env._("%(reason)s Held: %(amount)s.", reason=text, amount=amount)
        if blocker.until:
            text = self.env._("%(reason)s Free from %(date)s.", reason=text, date=format_date(self.env, blocker.until))
        return text

    @api.model
    def _held_sentences(self, parts):
        """Why parts of items are held, and how much of it.

        :param parts: (reasons, currency id, amount) of each item, its reasons as one text of codes
        """
        codes, held = {}, defaultdict(float)
        for reasons, currency_id, amount in parts:
            if reasons:
                codes |= dict.fromkeys(reasons.split(","))
                held[self.env["res.currency"].browse(currency_id)] += amount
        if not codes:
            return []
        amounts = " + ".join(format_amount(self.env, amount, currency) for currency, amount in held.items())
        return [*(self._sentence_of(code) for code in codes), self.env._("Held: %s.", amounts)]

    @api.model
    def _sentences(self):
        """Seam. One sentence per blocker code, in the user's language; a member tells its own, or better what it knows better."""
        return self._sentences_of_persons() | {
            Code.NOT_DUE_YET: self.env._("The day of the next level has not come."),
            Code.NON_WORKING_DAY: self.env._("Today is not a working day."),
            Code.CONTACT_GAP: self.env._("The customer got another notice only recently."),
            Code.DEADLINE_RUNNING: self.env._("The deadline of the last notice is still running."),
            Code.NOTICE_PENDING: self.env._("A notice about this item waits for approval, delivery or repair."),
            Code.CUSTOMER_OVERDUE: self.env._("Courtesy notes are not sent while the customer has something overdue."),
            Code.PUNCTUAL: self.env._("The customer's last three payments were on time; no courtesy note is needed."),
            Code.SMALL_BALANCE: self.env._("The open amount is below the small-balance tolerance."),
            Code.MONEY_COMING: self.env._("Money that covers it has arrived or is on its way but is not matched yet."),
            Code.FOREIGN_CREDIT: self.env._("The customer has a credit in another currency: please look at it."),
            Code.PAYER_CREDIT: self.env._(
                "Who pays for the customer has a credit that names no invoice: please look at it."
            ),
            Code.DRAFT_CREDIT_NOTE: self.env._("A credit note for this customer is still a draft: please look at it."),
            Code.BANK_STALE: self.env._("The bank data are too old: the customer may have paid already."),
            Code.NO_FOLLOWUP: self.env._("The invoice is excluded from follow-up."),
            Code.BLOCKED: self.env._("Payment of the invoice is blocked."),
            Code.NEVER: self.env._("The customer is set to 'Never dun'."),
            Code.NOT_SENT: self.env._("The invoice was never sent to the customer."),
            Code.EINVOICE_REJECTED: self.env._("The e-invoice was rejected."),
            Code.WE_COLLECT: self.env._("We collect this invoice ourselves and the collection has not failed."),
            Code.FACTORED: self.env._("The claim is assigned to a factor."),
            Code.OWN: self.env._("The customer is one of our companies or employees."),
            Code.FORMAL_GATE: self.env._("A formal notice needs more reminders whose deadline has passed."),
            Code.DOWN_PAYMENT: self.env._("Down-payment invoices get reminders only."),
            Code.NO_CHANNEL: self.env._(
                "The customer cannot be reached: no usable e-mail address and no postal address."
            ),
            Code.LADDER_FINISHED: self.env._("Every level has been taken; what comes now is up to a person."),
            Code.BEFORE_START: self.env._("It was due before the day from which the company duns."),
            Code.NO_POLICY: self.env._("No dunning policy fits this customer."),
            Code.NOT_POSTED: self.env._("The invoice is not posted."),
            Code.ACCESSORY: self.env._(
                "It books what was claimed beside invoices: listed with them, never reminded of itself."
            ),
            Code.CAP: self.env._("Tonight's most notices were reached; it follows on the next night."),
        }

    @api.model
    def _sentences_of_persons(self):
        """Of what persons have agreed or decided."""
        return {
            Code.PAUSED: self.env._("Dunning is paused."),
            Code.PROMISED: self.env._("The customer has promised to pay."),
            Code.DISPUTED: self.env._("The customer disputes it."),
            Code.HELD_BACK: self.env._("Its notice was cancelled, to be made again later."),
        }

from odoo import api, models
from odoo.tools import format_date


class ArDunningNotice(models.Model):
    """Whom a notice goes to, from whom and where to pay; and what follows when one of these changes: language, words
    that nobody edited, warnings."""

    _inherit = "ar.dunning.notice"

    def _redirect(self, partner):
        """Send this notice, which has not left, to somebody else."""
        self.ensure_one()
        before = self._words_before()
        self._drop_letter()
        self._put({"partner_id": partner.id})
        self._follow_recipient()
        self._follow_words(before)

    def _follow_recipient(self):
        """Language, words and warnings follow the recipient of these notices."""
        for notice, address in self.env["ar.dunning.address"]._of_notices(self).items():
            lang = self._lang_of(address)
            is_foreign = lang != notice.lang
            notice._put({"lang": lang, "warning": notice._present_warning(address)})
            if is_foreign:
                notice._follow_figures(notice.date)

    def _leave_archived(self, address):
        """Where the recipient was archived since somebody approved the notice, the next in line is written to."""
        self.ensure_one()
        partner = self.partner_id
        if partner.active or address.recipient_id == partner.id:
            return
        self._redirect(partner.browse(address.recipient_id))

    def _answering_user(self):
        """Whose name it bears and who gets the replies; what has left keeps its own. Empty: the company."""
        self.ensure_one()
        own = self.responsible_id.sudo()
        return own if not own or self.sent_on or own._is_dunning_person() else self.customer_id._who_is_asked()

    @api.model
    def _banks_named(self, making):
        """The accounts that the demanded invoices name, as `res.partner.bank` records."""
        items = making.items
        found = (items[key].bank_id for key, _own in making.composition.demanded)
        return self.env["res.partner.bank"].browse(dict.fromkeys(bank for bank in found if bank))

    @api.model
    def _bank_of(self, making):
        """The account that a notice made of this asks to pay to; none where nobody knows one."""
        company = self.env["res.company"].browse(making.decision.customer.company_id)
        key, _own = making.composition.demanded[0]
        currency = self.env["res.currency"].browse(making.items[key].currency_id)
        return company._dunning_bank(self._banks_named(making), currency)

    # === Warnings === #

    def _present_warning(self, address):
        """What a person should know before this notice leaves, as things stand."""
        self.ensure_one()
        policy = self.policy_id.sudo()
        rules = self.env["ar.dunning.ledger"]._context(self.company_id, self.date).rules_of(policy)
        vals = {name: self[name].id for name in ("company_id", "customer_id", "level_id", "bank_id", "responsible_id")}
        banks = self.line_ids.filtered("is_demanded").move_id.sudo().partner_bank_id
        held = [(line.held_codes, line.currency_id.id, line.amount_held) for line in self.line_ids]
        return self._warning_text(vals, address, banks, held, rules and rules.bank_stale and self.recorded_until)

    @api.model
    def _warning_text(self, vals, address, banks, held, stale_since, note=False):
        """What a person should know before a notice with these values leaves; False where there is nothing.

        :param address: who is written to (`facts.address.Address`)
        :param banks: the accounts that its invoices name
        :param held: see `_held_sentences`
        :param stale_since: the day of the last bank line, where that is longer ago than the policy allows
        :param note: a sentence on why it comes before its day
        """
        sentences = [note] if note else []
        if stale_since:
            day = format_date(self.env, stale_since)
            sentences.append(self.env._("The last bank line is of %s: the customer may have paid already.", day))
        level = self.env["ar.dunning.level"].sudo().browse(vals["level_id"])
        sentences += self.env["ar.dunning.address"]._warnings(address, level)
        sentences += self._warn_of_bank(self.env["res.partner.bank"].sudo().browse(vals["bank_id"] or ()), banks)
        customer = self.env["ar.dunning.customer"].sudo().browse(vals["customer_id"])
        sentences += self._warn_of_sender(customer.responsible_id, vals["responsible_id"])
        sentences += self.env["ar.dunning.ledger"]._held_sentences(held)
        return " ".join(sentences) or False

    @api.model
    def _warn_of_bank(self, bank, named):
        if not bank:
            yield self.env._("No bank account is known: it cannot say where to pay.")
        archived = named.sudo().filtered(lambda account: not account.active)
        if bank and archived and bank not in named:
            yield self.env._(
                "Account %(archived)s of the invoice is archived: payment is asked to %(account)s.",
                archived=archived[0].acc_number,
                account=bank.acc_number,
            )

    @api.model
    def _warn_of_sender(self, responsible, user_id):
        if responsible and not responsible._is_dunning_person():
            yield self.env._(
                "%(former)s, who looks after this customer, has left: it comes from %(other)s.",
                former=responsible.name,
                other=self.env["res.users"].sudo().browse(user_id).name,
            )

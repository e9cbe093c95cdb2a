from odoo import models


class ArDunningNotice(models.Model):
    """Whom a notice goes to, and what follows when that changes: language, words that nobody edited, warnings."""

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
        """Language, charges' words and warnings follow the recipient of these notices."""
        for notice, address in self.env["ar.dunning.address"]._of_notices(self).items():
            lang = self._lang_of(address)
            is_foreign = lang != notice.lang
            notice._put({"lang": lang, "warning": notice._present_warning(address)})
            if is_foreign:
                notice._recharge(notice.date)

    def _leave_archived(self, address):
        """Where the recipient was archived since somebody approved the notice, the next in line is written to."""
        self.ensure_one()
        partner = self.partner_id
        if partner.active or address.recipient_id == partner.id:
            return
        self._redirect(partner.browse(address.recipient_id))

    def _present_warning(self, address):
        """What a person should know before this notice leaves, as things stand."""
        self.ensure_one()
        context = self.env["ar.dunning.ledger"]._context(self.company_id, self.date)
        policy = self.policy_id.sudo()
        stale = policy and context.rules_of(policy).bank_stale
        held = [(line.held_codes, line.currency_id.id, line.amount_held) for line in self.line_ids]
        return self._warning_text(address, self.level_id, held, stale and self.recorded_until)

from odoo import models
from odoo.exceptions import UserError


class ArDunningCharge(models.Model):
    """What a person may do with a charge before its notice has left."""

    _inherit = "ar.dunning.charge"

    def action_drop(self):
        """Take these charges off their draft notice, which then counts as edited: the night no longer rebuilds it.

        The texts that nobody edited follow the new total.

        :raise UserError: a charge was claimed already, or its notice is no longer a draft
        """
        self.check_access("read")
        notices = self.notice_id
        notices.check_access("write")
        notices._check_draft()
        if not all(charge.notice_id for charge in self):
            raise UserError(self.env._("A charge without a notice is not taken off here. Waive or reverse it instead."))
        before = notices._words_before()
        notices._drop_letter()
        self.sudo()._discard()
        notices._put({"is_edited": True})
        notices._restate()
        notices._follow_words(before)

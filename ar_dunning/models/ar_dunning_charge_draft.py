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
        following = {notice: notice._following_texts() for notice in notices}
        notices._drop_letter()
        self.sudo().unlink()
        for notice, names in following.items():
            fresh = notice._text_values()
            notice._put({"is_edited": True, **{name: fresh[name] for name in names}})


class ArDunningNotice(models.Model):
    """A person drops an invoice from a draft: what this draft claims beside it goes too."""

    _inherit = "ar.dunning.notice"

    def write(self, vals):
        if "line_ids" not in vals or not any(notice.sudo().charge_ids for notice in self):
            return super().write(vals)
        before = {notice: (notice._following_texts(), notice.line_ids.item_id) for notice in self}
        result = super().write(vals)
        for notice, (names, items) in before.items():
            gone = items - notice.line_ids.filtered("is_demanded").item_id
            orphans = notice.sudo().charge_ids.filtered(lambda charge, gone=gone: charge.item_id in gone)
            if orphans:
                orphans.unlink()
                fresh = notice._text_values()
                notice._put({name: fresh[name] for name in names - set(vals)})
        return result

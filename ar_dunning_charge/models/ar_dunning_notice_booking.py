from odoo import models


class ArDunningNotice(models.Model):
    """What becomes of a notice's charges: announced when it is sent, taken back when it is cancelled."""

    _inherit = "ar.dunning.notice"

    def _update_state(self, allowed, target, **vals):
        moving = super()._update_state(allowed, target, **vals)
        if target == "sent":
            moving.sudo()._announce_charges()
        elif target == "cancelled":
            moving.sudo()._take_back_charges()
        return moving

    def _announce_charges(self):
        """The customer has it: drafts are announced. They are booked right after, never in the sender's transaction.

        A lock on the journal's numbers or a locked day must not stop or repeat what has been sent.
        """
        announced = self.charge_ids._update_stage(("draft",), "announced")
        if announced.filtered(lambda charge: charge.notice_id.policy_id.charge_mode == "book"):
            self.env.ref("ar_dunning_charge.ir_cron_book")._trigger()

    def _take_back_charges(self):
        """Drafts were never claimed; the others are reversed, in the books too, with the notice's reason."""
        self.charge_ids.filtered(lambda charge: charge.stage == "draft")._discard()
        for notice in self:
            standing = notice.charge_ids.filtered(lambda charge: charge.stage != "reversed")
            if standing:
                standing._reverse(
                    self.env._(
                        "Notice %(name)s was cancelled: %(reason)s", name=notice.name, reason=notice.cancel_reason or ""
                    )
                )

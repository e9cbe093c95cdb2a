from odoo import models

from .facts.claim_facts import Asked, Worked


class ArDunningNotice(models.Model):
    """What becomes of the charges of a notice when its figures change, when it leaves and when it is cancelled."""

    _inherit = "ar.dunning.notice"

    def _follow_figures(self, on):
        """Work the charges of these unsent notices out again for `on`. What repeats a notice claims nothing new.

        A notice that a person edited gets no kind of charge back that it no longer had on an item: what was
        dropped stays dropped, and nothing that was announced since joins what he read.
        """
        builder = self.env["ar.dunning.builder"]
        for company, notices in self.grouped("company_id").items():
            asked = [
                Asked(
                    notice, line.item_id.id, line.level_id.sudo(), notice.policy_id.sudo(), notice.lang, notice.deadline
                )
                for notice in notices
                for line in notice.line_ids
                if line.is_demanded and not notice.is_repeat and line.level_id.sudo()._claims_something()
            ]
            worked = self.env["ar.dunning.claims"].with_company(company)._work_out(asked, company, on)
            earlier = builder._earlier_charges(notices.customer_id.ids)
            for notice in notices:
                claims = worked.get(notice, Worked())
                former = notice.charge_ids.sudo().filtered(lambda charge: charge.stage == "draft")
                if notice.is_edited:
                    kept = {(charge.item_id.id, charge.kind) for charge in former}
                    claims.charges = [vals for vals in claims.charges if (vals["item_id"], vals["kind"]) in kept]
                former._discard()
                demanded = notice.line_ids.filtered("is_demanded")
                known = (notice.policy_id.sudo(), demanded.move_id.sudo(), demanded.currency_id.ids)
                found = earlier.get(notice.customer_id.id, self.env["ar.dunning.charge"].sudo())
                found = found.filtered(lambda charge, known=known: builder._repeats(charge, *known))
                if notice.is_edited:
                    found &= notice.sudo().earlier_charge_ids
                notice._put(
                    {
                        "charges_withheld": "\n".join(claims.withheld) or False,
                        "earlier_charge_ids": [(6, 0, [] if notice.kind == "note" else found.ids)],
                    }
                )
                builder._add_charges([(notice, claims)])
        return super()._follow_figures(on)

    def _follow_dropped_lines(self):
        """What a draft no longer demands is not charged for."""
        for notice in self:
            demanded = notice.line_ids.filtered("is_demanded").item_id
            notice.charge_ids.sudo().filtered(
                lambda charge, demanded=demanded: charge.stage == "draft" and charge.item_id not in demanded
            )._discard()
        return super()._follow_dropped_lines()

    # === What becomes of the charges === #

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

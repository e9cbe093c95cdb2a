from collections import defaultdict

from odoo import api, models

from .claim_facts import Asked, Worked


class ArDunningNotice(models.Model):
    """Which charges a notice claims: worked out with its figures, and again whenever these change."""

    _inherit = "ar.dunning.notice"

    @api.model
    def _work_out_charges(self, decisions, on):
        """The charges of all notices that these decisions make: `{(customer id, position): Worked}`."""
        asked = defaultdict(list)
        for decision in decisions.values():
            for position, composition in enumerate(decision.notices):
                deadline = self._deadline_of(decision, composition.level.deadline_days, on)
                lang = self._lang_of(decision.address_of(composition))
                for key, level in composition.demanded:
                    record = self.env["ar.dunning.level"].sudo().browse(level.key)
                    if record._claims_something():
                        group = (decision.customer.id, position)
                        company = self.env["res.company"].browse(decision.customer.company_id)
                        asked[company].append(Asked(group, key, record, decision.policy, lang, deadline))
        worked = {}
        for company, found in asked.items():
            worked.update(self.env["ar.dunning.claims"].with_company(company)._work_out(found, company, on))
        return worked

    @api.model
    def _earlier_charges(self, customer_ids):
        """Charges that earlier notices announced and that are neither booked, paid, waived nor reversed: by customer.

        Not those that are dropped because the principal was paid by the day offered: the night waives them. Nor those
        on an invoice that was taken back.
        """
        charges = (
            self.env["ar.dunning.charge"]
            .sudo()
            .search(
                [
                    ("customer_id", "in", list(customer_ids)),
                    ("stage", "=", "announced"),
                    ("item_id.move_line_id.parent_state", "=", "posted"),
                    # One whose mail came back has told nobody of its charges yet.
                    "|",
                    ("notice_id", "=", False),
                    ("notice_id.state", "=", "sent"),
                ]
            )
        )
        charges -= charges._kept_offers()
        return charges.grouped(lambda charge: charge.customer_id.id)

    @api.model
    def _repeats(self, charge, policy, moves, currencies):
        """Whether a notice that demands items of these invoices in these currencies (ids) repeats an earlier charge.

        Where each invoice or contact has a notice of its own, so have its charges: they are not demanded five times over.
        """
        if charge.currency_id.id not in currencies:
            return False
        if policy.grouping == "customer" or charge.move_id in moves:
            return True
        return policy.grouping == "contact" and charge.move_id.partner_id in moves.partner_id

    def _with_lost_charges(self):
        """Those of these notices that repeat a charge which is not to be paid (this way) any more."""
        notices = self.sudo().filtered("earlier_charge_ids")
        earlier = self._earlier_charges(notices.customer_id.ids) if notices else {}
        nothing = self.env["ar.dunning.charge"].sudo()
        return notices.filtered(
            lambda notice: notice.earlier_charge_ids - earlier.get(notice.customer_id.id, nothing)
        ).sudo(self.env.su)

    @api.model
    def _add_charges(self, pairs):
        """Give each notice of these `(notice, values)` the charges that were worked out for it, and keep the defaults."""
        worked = [(notice, vals["claims"]) for notice, vals in pairs if vals["claims"]]
        self.env["ar.dunning.charge"]._create_claims(
            [dict(charge, notice_id=notice.id) for notice, claims in worked for charge in claims.charges]
        )
        self.env["ar.dunning.claims"]._keep_defaults([claims for _notice, claims in worked])

    def _recharge(self, on):
        """Work the charges of these unsent notices out again for `on`.

        A notice that a person edited gets no kind of charge back that it no longer had on an item: what was
        dropped stays dropped, and nothing that was announced since joins what he read.
        """
        for company, notices in self.grouped("company_id").items():
            asked = [
                Asked(
                    notice, line.item_id.id, line.level_id.sudo(), notice.policy_id.sudo(), notice.lang, notice.deadline
                )
                for notice in notices
                for line in notice.line_ids
                if line.is_demanded and line.level_id.sudo()._claims_something()
            ]
            worked = self.env["ar.dunning.claims"].with_company(company)._work_out(asked, company, on)
            earlier = self._earlier_charges(notices.customer_id.ids)
            for notice in notices:
                claims = worked.get(notice, Worked())
                former = notice.charge_ids.sudo().filtered(lambda charge: charge.stage == "draft")
                if notice.is_edited:
                    kept = {(charge.item_id.id, charge.kind) for charge in former}
                    claims.charges = [vals for vals in claims.charges if (vals["item_id"], vals["kind"]) in kept]
                former.unlink()
                demanded = notice.line_ids.filtered("is_demanded")
                known = (notice.policy_id.sudo(), demanded.move_id.sudo(), demanded.currency_id.ids)
                found = earlier.get(notice.customer_id.id, self.env["ar.dunning.charge"].sudo())
                found = found.filtered(lambda charge, known=known: self._repeats(charge, *known))
                if notice.is_edited:
                    found &= notice.sudo().earlier_charge_ids
                notice._put(
                    {
                        "charges_withheld": "\n".join(claims.withheld) or False,
                        "earlier_charge_ids": [(6, 0, [] if notice.kind == "note" else found.ids)],
                    }
                )
                notice._add_charges([(notice, {"claims": claims})])

    def _drop_charges_of_lost_lines(self):
        """What a draft no longer demands is not charged for."""
        for notice in self:
            demanded = notice.line_ids.filtered("is_demanded").item_id
            notice.charge_ids.sudo().filtered(
                lambda charge, demanded=demanded: charge.stage == "draft" and charge.item_id not in demanded
            ).unlink()

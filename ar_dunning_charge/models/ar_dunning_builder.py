from collections import defaultdict

from odoo import api, models

from odoo.addons.ar_dunning.core.plan import Kind

from .facts.claim_facts import Asked, Claimed, Worked


class ArDunningBuilder(models.AbstractModel):
    """Which charges a notice claims: worked out with its figures."""

    _inherit = "ar.dunning.builder"

    @api.model
    def _read_build(self, makings, on):
        result = super()._read_build(makings, on)
        worked = self._work_out_charges(makings, on)
        earlier = self._earlier_charges({making.decision.customer.id for making in makings.values()})
        for key, making in makings.items():
            items = [making.items[item_id] for item_id, _level in making.composition.demanded]
            currencies = {item.currency_id for item in items} if making.composition.level.kind != Kind.NOTE else ()
            moves = self.env["account.move"].sudo().browse({item.move_id for item in items})
            repeated = tuple(
                charge
                for charge in earlier.get(making.decision.customer.id, ())
                if self._repeats(charge, making.decision.policy, moves, currencies)
            )
            making.added["charge"] = Claimed(worked.get(key) or Worked(), repeated)
        return result

    @api.model
    def _claimed_by(self, making):
        """What a notice made of `making` claims (`Claimed`); nothing where it was not read, as in a preview of a level."""
        return making.added.get("charge") or Claimed()

    @api.model
    def _notice_values(self, making, on, run=None):
        claimed = self._claimed_by(making)
        return super()._notice_values(making, on, run) | {
            "earlier_charge_ids": [(6, 0, [charge.id for charge in claimed.earlier])],
            "charges_withheld": "\n".join(claimed.worked.withheld) or False,
        }

    @api.model
    def _holds(self, notice, vals):
        same = (notice.charges_withheld or False) == vals["charges_withheld"]
        return same and super()._holds(notice, vals)

    @api.model
    def _demands_of(self, making):
        claimed = self._claimed_by(making)
        demands = [(charge.currency_id.id, charge.amount) for charge in claimed.earlier]
        demands += [(vals["currency_id"], vals["amount"]) for vals in claimed.worked.charges]
        return [*super()._demands_of(making), *demands]

    @api.model
    def _built(self, built):
        self._add_charges([(notice, self._claimed_by(making).worked) for notice, making in built])
        return super()._built(built)

    @api.model
    def _unbuild(self, notices):
        notices.charge_ids.sudo()._discard()
        return super()._unbuild(notices)

    # === What is claimed === #

    @api.model
    def _work_out_charges(self, makings, on):
        """The charges of these notices: `{key: Worked}`. What repeats a notice claims nothing new."""
        asked = defaultdict(list)
        for key, making in makings.items():
            if making.decision.ahead == "repeat":
                continue
            deadline, lang = making.deadline(on), self._lang_of(making.address, making.lang)
            company = self.env["res.company"].browse(making.decision.customer.company_id)
            for item_id, level in making.composition.demanded:
                record = self.env["ar.dunning.level"].sudo().browse(level.key)
                if record._claims_something():
                    asked[company].append(Asked(key, item_id, record, making.decision.policy, lang, deadline))
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

    @api.model
    def _add_charges(self, pairs):
        """Give each notice of these `(notice, Worked)` the charges that were worked out for it, and keep the defaults."""
        self.env["ar.dunning.charge"]._create_claims(
            [dict(charge, notice_id=notice.id) for notice, worked in pairs for charge in worked.charges]
        )
        self.env["ar.dunning.claims"]._keep_defaults([worked for _notice, worked in pairs])

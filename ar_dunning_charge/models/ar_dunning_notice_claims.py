from collections import defaultdict

from odoo import api, models

from odoo.addons.ar_dunning.core.plan import Kind
from odoo.addons.ar_dunning.models.facts.notice_facts import Difference

from .facts.claim_facts import Asked, Claimed, Worked

# The version of the facts of charges that are kept on a notice.
CHARGE_VERSION = 1


class ArDunningNotice(models.Model):
    """Which charges a notice claims: worked out with its figures, and again whenever these change."""

    _inherit = "ar.dunning.notice"

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

    def _holds(self, vals):
        same = (self.charges_withheld or False) == vals["charges_withheld"]
        return same and super()._holds(vals)

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

    def _unbuild(self):
        self.charge_ids.sudo()._discard()
        return super()._unbuild()

    @api.model
    def _facts_said(self, making, lines):
        claimed = self._claimed_by(making)
        return super()._facts_said(making, lines) | {
            "charge": {
                "v": CHARGE_VERSION,
                "claims": {
                    f"{vals['item_id']} {vals['kind']}": self._fact_of_amount(vals["amount"])
                    for vals in claimed.worked.charges
                },
                "earlier": sorted(charge.id for charge in claimed.earlier),
            }
        }

    @api.model
    def _differences_of(self, member, then, now, look):
        found = super()._differences_of(member, then, now, look)
        if member != "charge":
            return found
        if any(charge.state in ("paid", "waived", "reversed") for charge in self._claimed_charges()):
            return [*found, Difference("claims", self.env._("Charges on it were paid, waived or reversed."), owed=True)]
        if any(charge.stage != "draft" for charge in self.sudo().charge_ids):
            return found  # it has left once: its charges stand, and count as claimed
        claims, earlier = now.get("claims", {}), set(now.get("earlier", ()))
        if self.is_edited:  # nothing joins what a person has read
            claims = {key: amount for key, amount in claims.items() if key in then["claims"]}
            earlier &= set(then["earlier"])
        if claims != then["claims"]:
            found.append(Difference("claims", self.env._("The charges are other ones now."), owed=True))
        if earlier != set(then["earlier"]):
            found.append(
                Difference("earlier", self.env._("Charges announced earlier are no longer to be paid."), owed=True)
            )
        return found

    def _restate_facts(self, said):
        result = super()._restate_facts(said)
        notice = self.sudo()
        said["charge"] = {
            "v": CHARGE_VERSION,
            "claims": {
                f"{charge.item_id.id} {charge.kind}": self._fact_of_amount(charge.amount)
                for charge in notice.charge_ids
            },
            "earlier": sorted(notice.earlier_charge_ids.ids),
        }
        return result

    @api.model
    def _work_out_charges(self, makings, on):
        """The charges of these notices: `{key: Worked}`. What repeats a notice claims nothing new."""
        asked = defaultdict(list)
        for key, making in makings.items():
            if making.decision.ahead == "repeat":
                continue
            deadline, lang = self._deadline_of(making, on), self._lang_of(making.address, making.lang)
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

    def _follow_figures(self, on):
        """Work the charges of these unsent notices out again for `on`. What repeats a notice claims nothing new.

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
                if line.is_demanded and not notice.is_repeat and line.level_id.sudo()._claims_something()
            ]
            worked = self.env["ar.dunning.claims"].with_company(company)._work_out(asked, company, on)
            earlier = self._earlier_charges(notices.customer_id.ids)
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
                found = found.filtered(lambda charge, known=known: self._repeats(charge, *known))
                if notice.is_edited:
                    found &= notice.sudo().earlier_charge_ids
                notice._put(
                    {
                        "charges_withheld": "\n".join(claims.withheld) or False,
                        "earlier_charge_ids": [(6, 0, [] if notice.kind == "note" else found.ids)],
                    }
                )
                notice._add_charges([(notice, claims)])
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

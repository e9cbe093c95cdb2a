from odoo import api, models

from odoo.addons.ar_dunning.models.facts.notice_facts import Difference, fact_of_amount

# The version of the facts of charges that are kept on a notice.
CHARGE_VERSION = 1


class ArDunningLook(models.AbstractModel):
    """What a notice says of charges, and what of that no longer holds."""

    _inherit = "ar.dunning.look"

    @api.model
    def _facts_said(self, making, lines):
        claimed = self.env["ar.dunning.builder"]._claimed_by(making)
        return super()._facts_said(making, lines) | {
            "charge": {
                "v": CHARGE_VERSION,
                "claims": {
                    f"{vals['item_id']} {vals['kind']}": fact_of_amount(vals["amount"])
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
        notice = look.notice
        if any(charge.state in ("paid", "waived", "reversed") for charge in notice._claimed_charges()):
            return [*found, Difference("claims", self.env._("Charges on it were paid, waived or reversed."), owed=True)]
        if any(charge.stage != "draft" for charge in notice.sudo().charge_ids):
            return found  # it has left once: its charges stand, and count as claimed
        claims, earlier = now.get("claims", {}), set(now.get("earlier", ()))
        if notice.is_edited:  # nothing joins what a person has read
            claims = {key: amount for key, amount in claims.items() if key in then["claims"]}
            earlier &= set(then["earlier"])
        if claims != then["claims"]:
            found.append(Difference("claims", self.env._("The charges are other ones now."), owed=True))
        if earlier != set(then["earlier"]):
            found.append(
                Difference("earlier", self.env._("Charges announced earlier are no longer to be paid."), owed=True)
            )
        return found

    @api.model
    def _restate_facts(self, notice, said):
        result = super()._restate_facts(notice, said)
        notice = notice.sudo()
        said["charge"] = {
            "v": CHARGE_VERSION,
            "claims": {
                f"{charge.item_id.id} {charge.kind}": fact_of_amount(charge.amount) for charge in notice.charge_ids
            },
            "earlier": sorted(notice.earlier_charge_ids.ids),
        }
        return result

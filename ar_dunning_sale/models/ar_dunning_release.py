from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.ar_dunning.tools.figures import as_decimal
from odoo.addons.ar_dunning_credit.core.credit_status import Code

from ..core.deposit import ZERO
from ..core.release import Case, Release

GRANTED = ("approved", "overridden")
# Who may read what the customer owes, whatever the company shows to its salespeople.
SECRET = "ar_dunning.group_dunning_user,ar_dunning_credit.group_credit_override"


class ArDunningRelease(models.Model):
    """What a person decides about an order that credit control stops: asked for, approved, declined, confirmed anyway.

    One of an order's counts at a time, the one that has not ended; the others are its history. What it lets pass is
    decided in `core.release`: it is for one customer, currency and amount, and for the kinds of reasons there were; it
    passes a hold and a missing deposit, before confirmation as well as before delivery and invoicing, never a block.
    """

    _name = "ar.dunning.release"
    _description = "Release of an Order"
    _inherit = ["ar.dunning.protected", "mail.thread"]
    _order = "id desc"
    _mail_post_access = "read"

    order_id = fields.Many2one("sale.order", readonly=True, index=True, ondelete="set null")
    order_name = fields.Char("Order Number", readonly=True)
    customer_id = fields.Many2one("ar.dunning.customer", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Contact")
    company_id = fields.Many2one(related="customer_id.company_id", store=True, index=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    state = fields.Selection(
        [
            ("requested", "Approval requested"),
            ("approved", "Approved"),
            ("declined", "Declined"),
            ("overridden", "Confirmed anyway"),
        ],
        "Decision",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    purpose = fields.Selection(
        [("confirm", "Confirmation"), ("deliver", "Delivery and invoicing")], "For", required=True, readonly=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary("Up to", readonly=True, help="What the order charged, without free lines.")
    until = fields.Date(
        "Holds until",
        readonly=True,
        help="Its last day; without one, as long as the order is not cancelled. An order that was confirmed in time stays released.",
    )
    asked_by_id = fields.Many2one("res.users", "Asked by", readonly=True)
    asked_on = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    note = fields.Text("Reason of the Decision", readonly=True)
    kinds = fields.Json(readonly=True, help="The kinds of reasons that the decision passes.")
    why = fields.Text("What Stopped It", readonly=True, groups=SECRET, help="As it was at that moment.")
    credit_limit = fields.Monetary(readonly=True, currency_field="company_currency_id", groups=SECRET)
    over_limit = fields.Monetary(
        "Over the Limit",
        readonly=True,
        currency_field="company_currency_id",
        groups=SECRET,
        help="By how much the customer would have been over it with this order.",
    )
    ended_on = fields.Datetime("Ended", readonly=True, tracking=True)
    end = fields.Selection(
        [
            ("replaced", "A later one took its place"),
            ("cancelled", "The order was cancelled"),
            ("needless", "The order was confirmed without it"),
        ],
        "Why It Ended",
        readonly=True,
    )

    _counts = models.UniqueIndex(
        "(order_id) WHERE ended_on IS NULL AND order_id IS NOT NULL", "One decision about an order counts at a time."
    )

    @api.depends("order_name", "state")
    def _compute_display_name(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for release in self:
            release.display_name = ": ".join(filter(None, (release.order_name, states.get(release.state))))

    # === What it lets pass === #

    def _lets_pass(self, order, stops):
        """Whether somebody has approved or overridden this order, knowing what stops it.

        :param stops: what stops the order now, see `Verdict.stopping`
        """
        granted = self.filtered(lambda release: release.state in GRANTED)
        on = order.company_id._dunning_today()
        return any(release._as_core().passes(self._case(order), stops, on) for release in granted)

    def _covers(self, order):
        """Whether what was asked or decided is for this customer, this currency and (at least) this amount."""
        return any(release._as_core().covers(self._case(order)) for release in self)

    def _as_core(self):
        self.ensure_one()
        amount = as_decimal(self.currency_id.round(self.amount))
        case = Case(self.partner_id.id, self.currency_id.id, amount, self.purpose == "deliver")
        kinds = frozenset(self.kinds) if isinstance(self.kinds, list) else None
        return Release(case, kinds, self.until or None)

    @api.model
    def _case(self, order):
        amount = as_decimal(order.currency_id.round(order._dunning_chargeable()))
        return Case(order._dunning_debtors().id, order.currency_id.id, amount, order.state == "sale")

    # === The record === #

    @api.model
    def _record(self, order, state, verdict, **values):
        """Keep what was asked or decided about an order: an open request is answered, anything else is replaced.

        :return: the release that counts now
        """
        former = order.sudo().ar_dunning_release_id
        values |= {"state": state, **self._about(order, verdict)}
        if former.state == "requested" and state != "requested":
            former._put(values)
            return former
        former._end("replaced")
        return self._make({"order_id": order.id, "order_name": order.name, **values})

    @api.model
    def _about(self, order, verdict):
        """What is asked or decided about, as it is now: values."""
        Customer = self.env["ar.dunning.customer"]
        reasons = order._dunning_reasons(verdict, amounts=True)
        sentences = [f"{reason} {unlock}".strip() for _effect, reason, unlock in reasons]
        later, deposit = order.state == "sale", verdict.deposit
        if deposit.later_missing if later else deposit.missing:
            sentences.append(order._dunning_deposit_text(verdict, later))
        return {
            "customer_id": Customer._of_partners(order._dunning_debtors(), order.company_id, create=True).id,
            "purpose": "deliver" if order.state == "sale" else "confirm",
            "currency_id": order.currency_id.id,
            "amount": order._dunning_chargeable(),
            "kinds": sorted(verdict.stopping),
            "why": "\n".join(sentences),
            **self._limit(verdict),
        }

    @api.model
    def _limit(self, verdict):
        """The credit limit that it goes over, and by how much."""
        found = [reason.values for _party, reason in verdict.reasons if reason.code == Code.OVER_LIMIT]
        limit, used = (found[0]["limit"], found[0]["used"]) if found else (ZERO, ZERO)
        return {"credit_limit": float(limit), "over_limit": float(used - limit)}

    def _end(self, why):
        """It does not count any more."""
        self._put({"ended_on": fields.Datetime.now(), "end": why})
        self.flush_recordset(["ended_on"])  # before the next one of the order is made

    def _text(self, verdict):
        """What has been decided, by whom, up to which amount, and whether it still holds; nothing of no release."""
        if not self:
            return ""
        words = {
            "requested": self.env._("Approval requested by %(user)s for %(amount)s."),
            "approved": self.env._("Approved by %(user)s up to %(amount)s: %(note)s"),
            "declined": self.env._("Declined by %(user)s: %(note)s"),
            "overridden": self.env._("Confirmed anyway by %(user)s up to %(amount)s: %(note)s"),
        }
        text = words[self.state] % {
            "user": (self.decided_by_id or self.asked_by_id).name,
            "amount": self.currency_id.format(self.amount),
            "note": self.note or "",
        }
        return " ".join([text, *self._rest_of_text(verdict)])

    def _rest_of_text(self, verdict):
        """Until when it holds, and whether it holds still: sentences."""
        order = self.order_id
        if self.state == "requested" and not self._covers(order):
            yield self.env._("The order has grown or changed since: ask again.")
        if self.state not in GRANTED:
            return
        if self.until:
            yield self.env._("It holds until %s.", format_date(self.env, self.until))
        if not self._lets_pass(order, verdict.stopping):
            yield self.env._("The order or its reasons have changed since: it needs a new approval.")

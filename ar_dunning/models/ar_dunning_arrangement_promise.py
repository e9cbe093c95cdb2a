from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date
from odoo.tools.misc import format_amount

from ..core import arrangement as core
from ..core.arrangement import RUNNING, State
from ..tools.figures import as_decimal

BATCH = 500
# So long after its day, a payment that is entered late or returned still changes what became of a promise.
WATCHED = timedelta(days=180)
# So far back, broken promises count against a new one.
REMEMBERED = timedelta(days=365)
MISSED = (State.BROKEN, State.PARTLY)


class ArDunningArrangement(models.Model):
    """A promise to pay an amount by a day. What has become of it says `core.arrangement`; the night asks for all.

    It holds dunning of what it is about until its day, the policy's tolerance, and as long as the bank is not known so
    far. What is about to leave when it is made is taken back. Broken, dunning goes on with the next step.
    """

    _inherit = "ar.dunning.arrangement"

    currency_id = fields.Many2one("res.currency", readonly=True)
    promised_amount = fields.Monetary("Promised", tracking=True, help="What the customer pays by the last day.")
    received_amount = fields.Monetary(
        "Received", readonly=True, help="What came of it in time, by the payments' dates."
    )
    received_before = fields.Monetary(readonly=True, help="What had come on its first day before it was made.")
    tolerance_days = fields.Integer("Tolerance (days)", readonly=True)
    share_kept = fields.Float("Counts as Kept from (%)", readonly=True, digits=(5, 2), default=100.0)
    decided = fields.Selection([("cancelled", "Cancelled"), ("settled", "Settled")], readonly=True)
    todo_id = fields.Many2one("mail.activity", readonly=True, index="btree_not_null", ondelete="set null")

    _promised = models.Constraint(
        "CHECK(kind <> 'promise' OR promised_amount > 0 AND date_end IS NOT NULL)",
        "A promise needs a day and an amount above zero.",
    )

    @api.constrains("item_ids", "currency_id", "kind")
    def _check_currency(self):
        for arrangement in self.filtered("item_ids"):
            currencies = arrangement.item_ids.sudo().currency_id
            if currencies != arrangement.currency_id:
                raise ValidationError(
                    self.env._("Items of one currency only: promise or dispute each currency by itself.")
                )

    @api.constrains("item_ids", "customer_id")
    def _check_items(self):
        for arrangement in self:
            others = arrangement.item_ids.filtered(lambda item, own=arrangement.customer_id: item.customer_id != own)
            if others:
                raise ValidationError(
                    self.env._(
                        "%(item)s is not owed by %(customer)s.",
                        item=others[0].display_name,
                        customer=arrangement.partner_id.display_name,
                    )
                )

    @api.constrains("agreed_by_id", "customer_id")
    def _check_agreed_by(self):
        for arrangement in self.filtered("agreed_by_id"):
            if arrangement.agreed_by_id.sudo().commercial_partner_id != arrangement.partner_id:
                raise ValidationError(self.env._("Who said so must be a contact of the customer."))

    @api.model
    def _with_currency(self, vals):
        """The currency of the items, and what the customer's policy says about promises."""
        customer = self.env["ar.dunning.customer"].browse(vals["customer_id"]).sudo()
        currency = self._given_items(vals).sudo().currency_id[:1] or customer.currency_id
        policy = customer.effective_policy_id
        rules = {"tolerance_days": policy.promise_tolerance, "share_kept": policy.promise_share or 100.0}
        return {"currency_id": currency.id} | vals | rules

    def _check_promises(self):
        """Of new arrangements the promises: within the policy's limits, and with what had come before on their day."""
        promises = self.filtered(lambda arrangement: arrangement.kind == "promise")
        promises._check_limits()
        promises._keep_before()

    def _keep_before(self):
        """A payment of the very day that is known already was not what was promised."""
        Judgement = self.env["ar.dunning.judgement"].sudo()
        for company, promises in self.sudo().grouped("company_id").items():
            for promise in promises:
                money = Judgement._read_money(promise.customer_id, company, promise.date_start, promise.date_start)
                asked = promise._as_core()
                parts = core.share_out([asked], *money[promise.customer_id.id], promise.date_start)[promise.id]
                came = sum(part.amount for part in parts if part.cash)
                if came:
                    promise._put({"received_before": float(came)})

    # === Limits === #

    def _check_limits(self):
        """:raise UserError: the policy asks for a manager's consent"""
        if self.env.su or self.env.user.has_group("ar_dunning.group_dunning_manager"):
            return
        for promise in self:
            problem = promise._beyond_limits()
            if problem:
                raise UserError(self.env._("%s A dunning manager must agree.", problem))

    def _beyond_limits(self):
        """What of this promise the policy leaves to a manager, as a sentence; None where nothing is."""
        policy, others = self.customer_id.sudo().effective_policy_id, self._other_promises()
        today = self.company_id._dunning_today()
        if policy.promise_max_days and self.date_end > today + timedelta(days=policy.promise_max_days):
            return self.env._("A promise reaches %s days ahead at most.", policy.promise_max_days)
        running = others.filtered(lambda other: other.state in RUNNING)
        if policy.promise_max_running and len(running) >= policy.promise_max_running:
            return self.env._(
                "%(count)s promises of %(customer)s are running.", count=len(running), customer=self.partner_id.name
            )
        broken = others.filtered(lambda other: other.state in MISSED and other.date_end > today - REMEMBERED)
        if policy.promise_max_broken and len(broken) >= policy.promise_max_broken:
            return self.env._(
                "%(customer)s has broken %(count)s promises.", count=len(broken), customer=self.partner_id.name
            )
        return None

    def _other_promises(self):
        return self.search(
            [("customer_id", "=", self.customer_id.id), ("kind", "=", "promise"), ("id", "not in", self.ids)]
        )

    # === What is about to leave === #

    def _covered(self):
        """The items that these are about."""
        return self.item_ids | self.filtered("is_whole").customer_id.item_ids

    def _take_back(self):
        """Notices that demand what these hold, and that have not left, do not leave: in this transaction."""
        said = self.filtered(lambda arrangement: arrangement.kind != "pause")
        if said:
            self.env["ar.dunning.revision"].sudo()._hold_mails(said._notices_about([("state", "=", "queued")]))

    def _notices_about(self, domain):
        demanded = [("is_demanded", "=", True), ("item_id", "in", self._covered().ids)]
        domain = [*domain, ("customer_id", "in", self.customer_id.ids), ("line_ids", "any", demanded)]
        return self.env["ar.dunning.notice"].sudo().search(domain)

    def _too_late_for(self):
        """What a person must know at once: notices of today that can no longer be taken back, as a sentence; or empty."""
        today = self.company_id[:1]._dunning_today()
        leaving = self._notices_about([("state", "=", "queued"), ("delivery_ids.state", "=", "sending")])
        gone = leaving | self._notices_about([("state", "=", "sent"), ("sent_on", "=", today)])
        if not gone:
            return ""
        names = ", ".join(gone.mapped("name"))
        return self.env._("Handed over already, and not to be taken back: %s. Tell the customer.", names)

    def _recall_notices(self):
        """Notices approved for the debtor that have not left become drafts: somebody else is written to from now on."""
        redirected = self.filtered(lambda arrangement: arrangement.addressee_id and arrangement.state == "active")
        if not redirected:
            return
        waiting = self.env["ar.dunning.notice"].search(
            [
                ("customer_id", "in", redirected.customer_id.ids),
                ("state", "in", ("draft", "queued")),
                ("is_leaving", "=", False),
            ]
        )
        waiting._update_state(("queued",), "draft", send_after=False, approved_by_id=False)
        for notice in waiting:
            addressee = redirected.filtered(lambda a, notice=notice: a.customer_id == notice.customer_id)[
                :1
            ].addressee_id
            self.env["ar.dunning.revision"]._redirect(notice, addressee)

    # === What has become of them === #

    def _as_core(self):
        """The arrangement as the calculation reads it."""
        self.ensure_one()
        ended = {self.decided: self.ended_on} if self.decided else {}
        return core.Arrangement(
            self.id,
            self.date_start,
            self.date_end or None,
            as_decimal(self.promised_amount) if self.kind == "promise" else None,
            self.currency_id.id,
            None if self.is_whole else frozenset(self.item_ids.ids),
            self.tolerance_days,
            as_decimal(self.share_kept) / 100,
            as_decimal(self.received_before),
            **ended,
        )

    def _tell(self, former, on):
        """A to-do where it was missed, taken back where it turns out to be kept; a note to the customer as the policy says."""
        if self.state not in MISSED:
            self.sudo().todo_id.unlink()
        elif former not in MISSED:
            self._ask_responsible(on)
            if self.customer_id.sudo().effective_policy_id.promise_tell_broken:
                self._tell_customer(self.env._("Your promise to pay"), self._broken_text())

    def _ask_responsible(self, on):
        customer = self.customer_id.sudo()
        words = {"amount": self._money(self.promised_amount), "date": format_date(self.env, self.date_end)}
        activity = customer.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=on,
            summary=self.env._("Promise broken: %(amount)s until %(date)s", **words),
            note=self.env._("Received: %s.", self._money(self.received_amount)),
            user_id=customer._who_is_asked(self.create_uid).id,
        )
        self._put({"todo_id": activity.id})

    def _money(self, amount):
        return format_amount(self.env, amount, self.currency_id or self.env.company.currency_id)

    def _broken_text(self):
        """A short note in the customer's language."""
        return self.env._(
            "You told us that you would pay %(amount)s by %(date)s. We have received %(received)s. Please pay the rest now, "
            "or tell us what stands in the way.",
            amount=self._money(self.promised_amount),
            date=format_date(self.env, self.date_end),
            received=self._money(self.received_amount),
        )

    def action_cancel(self):
        """Cancel promises or disputes that were entered by mistake or taken back; they stay as evidence."""
        self.check_access("write")
        running = self.filtered(lambda one: one.kind != "pause" and one.state in RUNNING)
        if not running:
            raise UserError(self.env._("Only what is still open can be cancelled."))
        running._close_as_cancelled()
        self.env["ar.dunning.ledger"]._plan_again(running.customer_id)

    def _close_as_cancelled(self):
        for company, group in self.grouped("company_id").items():
            group._put({"state": "cancelled", "decided": "cancelled", "ended_on": company._dunning_today()})
        self.sudo().todo_id.unlink()

    @api.model
    def _lose_items_of(self, moves):
        """These invoices are about to be deleted: what is about nothing else is cancelled, and stays as evidence."""
        domain = [("item_ids.move_id", "in", moves.ids), ("state", "in", list(RUNNING))]
        lost = self.search(domain).filtered(lambda one: one.item_ids.move_id <= moves)
        lost._close_as_cancelled()
        for one in lost:
            one.message_post(body=self.env._("%s was deleted.", ", ".join(one.item_ids.move_id.mapped("display_name"))))

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .verdict import CreditRefusedError, stopping

APPROVAL = "ar_dunning_sale.mail_activity_type_approval"
OVERRIDE_GROUP = "ar_dunning_credit.group_credit_override"


class SaleOrder(models.Model):
    """What a person decides about an order that credit control stops: approved, declined, confirmed anyway.

    A release is for one customer, currency and amount, and for the kinds of reasons there were; a larger order and a
    new kind of reason need a new one. It passes a hold and a missing deposit, before confirmation as well as before
    delivery and invoicing, never a block. It ends when the order is cancelled.
    """

    _inherit = "sale.order"

    ar_dunning_release = fields.Selection(
        [
            ("requested", "Approval requested"),
            ("approved", "Approved"),
            ("declined", "Declined"),
            ("overridden", "Confirmed anyway"),
        ],
        "Credit Approval",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    ar_dunning_release_amount = fields.Monetary(
        "Approved up to",
        currency_field="ar_dunning_release_currency_id",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    ar_dunning_release_currency_id = fields.Many2one(
        "res.currency", readonly=True, copy=False, groups="base.group_user"
    )
    ar_dunning_release_partner_id = fields.Many2one(
        "res.partner", "Approved for", readonly=True, copy=False, groups="base.group_user"
    )
    ar_dunning_release_user_id = fields.Many2one(
        "res.users", "Decided by", readonly=True, copy=False, groups="base.group_user"
    )
    ar_dunning_release_on = fields.Datetime("Decided on", readonly=True, copy=False, groups="base.group_user")
    ar_dunning_release_note = fields.Text("Reason of the Decision", readonly=True, copy=False, groups="base.group_user")
    ar_dunning_release_reasons = fields.Json(
        readonly=True, copy=False, groups="base.group_user", help="The kinds of reasons that the decision passes."
    )
    ar_dunning_may_request = fields.Boolean(
        "May Be Requested",
        compute="_compute_ar_dunning_may_request",
        compute_sudo=True,
        groups="base.group_user",
        help="Nobody has asked yet, or for less, or for another customer.",
    )

    @api.depends("ar_dunning_release", "ar_dunning_release_amount", "amount_total", "partner_invoice_id", "currency_id")
    def _compute_ar_dunning_may_request(self):
        for order in self:
            order.ar_dunning_may_request = order.ar_dunning_release != "requested" or not order._dunning_release_fits()

    def write(self, vals):
        state = vals.get("state")
        ended = self.browse()
        if state and state != "sale":
            ended = self.filtered(lambda order: state == "cancel" or order.state == "sale")
        result = super().write(vals)
        if state == "sale":
            self.sudo().activity_unlink([APPROVAL])
            self.sudo()._dunning_forget_told()
            ended = self.sudo().filtered(lambda order: order.ar_dunning_release == "requested")
        if ended:
            ended._dunning_end_decision()
        return result

    def _dunning_end_decision(self):
        """Nothing is open or decided any more: the order was cancelled, or needs no answer."""
        orders = self.sudo()
        orders.activity_unlink([APPROVAL])
        orders._put(
            {
                "ar_dunning_release": False,
                "ar_dunning_release_amount": 0.0,
                "ar_dunning_release_currency_id": False,
                "ar_dunning_release_partner_id": False,
                "ar_dunning_release_user_id": False,
                "ar_dunning_release_on": False,
                "ar_dunning_release_note": False,
                "ar_dunning_release_reasons": False,
            }
        )

    def action_request_approval(self):
        """Ask the credit controller to let this order pass: one activity, for this amount."""
        self.ensure_one()
        self.check_access("write")
        verdict = self._dunning_verdicts()[self.id]
        if self.state == "sale" and not self._dunning_waits(verdict):
            raise UserError(self.env._("Nothing of this order is stopped; there is nothing to approve."))
        if self.state != "sale" and not verdict.stops:
            raise UserError(self.env._("This order can be confirmed; there is nothing to approve."))
        if verdict.blocked:
            raise UserError(self._dunning_way_out(verdict))
        text = (
            self.env._("%(user)s asks to deliver and invoice %(order)s (%(amount)s).")
            if self.state == "sale"
            else self.env._("%(user)s asks to confirm %(order)s (%(amount)s).")
        )
        values = {
            "user": self.env.user.name,
            "order": self.name,
            "amount": self._dunning_money_text(self.amount_total),
        }
        self._dunning_record("requested", "", verdict)
        self._dunning_ask_controller(self.env._("Approve an order?"), text % values, verdict)
        return True

    def action_approve(self):
        """Ask for a note, then approve."""
        return self._dunning_decision_wizard("approved", self.env._("Approve the order"))

    def action_decline(self):
        """Ask for a note, then decline."""
        return self._dunning_decision_wizard("declined", self.env._("Decline the order"))

    def action_confirm_anyway(self):
        """Ask for a reason, then confirm although credit control stops the order."""
        return self._dunning_decision_wizard("overridden", self.env._("Confirm anyway"))

    def _dunning_decision_wizard(self, decision, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "ar.dunning.release.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": self.ids, "default_decision": decision},
        }

    def _dunning_decide(self, decision, note):
        """Record an approval, a refusal or an override with its reason, on order and customer.

        :raise AccessError: the user is no member of *Credit override*
        :raise UserError: no reason is given, the order is confirmed and nothing of it is stopped, or the customer is
            blocked
        """
        if not self.env.user.has_group(OVERRIDE_GROUP):
            raise AccessError(self.env._("Only members of 'Credit override' decide about orders on hold."))
        if not (note or "").strip():
            raise UserError(self.env._("Write down why."))
        self.check_access("read")
        for order in self:
            order._dunning_decide_one(decision, note)
        if decision == "overridden":
            self.action_confirm()

    def _dunning_decide_one(self, decision, note):
        verdict = self._dunning_verdicts()[self.id]
        waits = self.state == "sale" and self._dunning_waits(verdict)
        if not waits and self.state not in ("draft", "sent"):
            raise UserError(self.env._("%s is not a quotation any more, and nothing of it is stopped.", self.name))
        if verdict.blocked and decision != "declined":
            raise UserError(self._dunning_way_out(verdict) if waits else self._dunning_refusal({self.id: verdict}))
        order = self.sudo()
        asker = order.ar_dunning_release_user_id if order.ar_dunning_release == "requested" else order.user_id
        self._dunning_record(decision, note, verdict)
        text = self._dunning_release_text(verdict)
        order.activity_feedback([APPROVAL], feedback=text)
        order.message_post(body=text)
        customers = self.env["ar.dunning.customer"]._of_partners(order._dunning_debtors(), order.company_id)
        why = "\n".join(f"{reason} {unlock}".strip() for _effect, reason, unlock in order._dunning_reasons(verdict))
        for customer in customers:
            customer.message_post(body=f"{self.name}: {text}\n{why}".strip())
        if decision != "overridden":
            order._dunning_tell_decision((order.user_id | asker) - self.env.user, text)

    def _dunning_tell_decision(self, users, text):
        """A to-do for each of these users who can open the order."""
        for user in users:
            order = self.with_user(user).with_context(allowed_company_ids=self.company_id.ids)
            if user.active and self.company_id in user.company_ids and order.has_access("read"):
                self.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=self.company_id._dunning_today(),
                    user_id=user.id,
                    summary=text,
                )

    def _dunning_forget_told(self):
        """The order is confirmed: the to-dos that said it may be have nothing left to do."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        for order in self.filtered(lambda order: order.ar_dunning_release == "approved"):
            order.activity_ids.filtered(
                lambda activity, note=order.ar_dunning_release_note: (
                    activity.automated and activity.activity_type_id == todo and note in (activity.summary or "")
                )
            ).unlink()

    def _dunning_record(self, decision, note, verdict):
        order = self.sudo()
        order._put(
            {
                "ar_dunning_release": decision,
                "ar_dunning_release_amount": order._dunning_chargeable(),
                "ar_dunning_release_currency_id": order.currency_id.id,
                "ar_dunning_release_partner_id": order._dunning_debtors().id,
                "ar_dunning_release_user_id": self.env.uid,
                "ar_dunning_release_on": fields.Datetime.now(),
                "ar_dunning_release_note": note,
                "ar_dunning_release_reasons": sorted(stopping(verdict.reasons, verdict.deposit)),
            }
        )

    def _dunning_release_text(self, verdict):
        """What has been decided, by whom, up to which amount, and whether it still holds."""
        order = self.sudo()
        if not order.ar_dunning_release:
            return ""
        words = {
            "requested": self.env._("Approval requested by %(user)s for %(amount)s."),
            "approved": self.env._("Approved by %(user)s up to %(amount)s: %(note)s"),
            "declined": self.env._("Declined by %(user)s: %(note)s"),
            "overridden": self.env._("Confirmed anyway by %(user)s up to %(amount)s: %(note)s"),
        }
        text = words[order.ar_dunning_release] % {
            "user": order.ar_dunning_release_user_id.name,
            "amount": (order.ar_dunning_release_currency_id or order.currency_id).format(
                order.ar_dunning_release_amount
            ),
            "note": order.ar_dunning_release_note or "",
        }
        if order.ar_dunning_release == "requested" and not order._dunning_release_fits():
            text = " ".join([text, self.env._("The order has grown or changed since: ask again.")])
        if order.ar_dunning_release in ("approved", "overridden") and not self._dunning_still_holds(verdict):
            changed = self.env._("The order or its reasons have changed since: it needs a new approval.")
            text = f"{text} {changed}"
        return text

    def _dunning_still_holds(self, verdict):
        return self.sudo()._dunning_is_released(stopping(verdict.reasons, verdict.deposit))

    # === The credit controller === #

    def _dunning_controller(self):
        """Who decides about the order: the customer's responsible if allowed to, else a manager; administrators last."""
        self.ensure_one()
        order = self.sudo()
        customer = self.env["ar.dunning.customer"]._of_partners(order._dunning_debtors(), order.company_id)
        members = (
            self.env.ref(OVERRIDE_GROUP)
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and not user.share and order.company_id in user.company_ids)
        )
        if customer.responsible_id in members:
            return customer.responsible_id
        members -= self.env.ref("base.user_root").sudo()
        managers = members & self.env.ref("ar_dunning.group_dunning_manager").sudo().all_user_ids
        running = self.env.ref("base.group_system").sudo().all_user_ids
        people = managers - running or members - running or managers or members
        return (people or order.company_id._dunning_manager()).sorted("id")[:1]

    def _dunning_ask_controller(self, summary, text, verdict):
        """One open request per order: an activity for the credit controller with every reason.

        Salespeople read it on the order, too, so it has amounts only where the company lets them.
        """
        self.ensure_one()
        order = self.sudo()
        user = order._dunning_controller()
        why = order.with_context(lang=user.lang or self.env.lang)
        amounts = order.company_id.root_id.ar_dunning_sales_amounts
        reasons = [f"{reason} {unlock}".strip() for _effect, reason, unlock in why._dunning_reasons(verdict, amounts)]
        deposit = why._dunning_deposit_text(verdict, later=order.state == "sale")
        note = self.env["ir.qweb"]._render(
            "ar_dunning_sale.approval_note", {"text": text, "reasons": reasons, "deposit": deposit}
        )
        order.activity_unlink([APPROVAL])
        order.activity_schedule(
            APPROVAL,
            date_deadline=order.company_id._dunning_today(),
            user_id=user.id,
            summary=summary,
            note=note,
        )
        order.message_post(body=text)

    def _dunning_park(self, text):
        """A signed or paid quotation that may not be confirmed stays one; the credit controller is told."""
        for order in self:
            verdict = order._dunning_verdicts()[order.id]
            why = text
            try:
                order.sudo()._dunning_check_rates()
            except CreditRefusedError as error:
                why = f"{text} {error}"
            order._dunning_ask_controller(order.env._("Signed or paid, but on hold"), why, verdict)
        self.sudo()._put({"ar_dunning_parked": True})

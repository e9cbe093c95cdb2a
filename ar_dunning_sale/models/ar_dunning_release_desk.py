from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .ar_dunning_release import GRANTED
from .facts.gate import CreditRefusedError

APPROVAL = "ar_dunning_sale.mail_activity_type_approval"
OVERRIDE_GROUP = "ar_dunning_credit.group_credit_override"


class ArDunningRelease(models.Model):
    """Asking for a release, answering, and telling: on the order, on the customer, and to whom it concerns."""

    _inherit = "ar.dunning.release"

    # === Asked === #

    @api.model
    def _request(self, order):
        """Ask the credit controller to let this order pass: one activity, for this amount.

        :raise UserError: nothing stops the order, or nobody may release it
        """
        verdict = order._dunning_verdicts()[order.id]
        if order.state == "sale" and not order._dunning_waits(verdict):
            raise UserError(self.env._("Nothing of this order is stopped; there is nothing to approve."))
        if order.state != "sale" and not verdict.stops:
            raise UserError(self.env._("This order can be confirmed; there is nothing to approve."))
        if verdict.blocked:
            raise UserError(order._dunning_way_out(verdict))
        text = (
            self.env._("%(user)s asks to deliver and invoice %(order)s (%(amount)s).")
            if order.state == "sale"
            else self.env._("%(user)s asks to confirm %(order)s (%(amount)s).")
        )
        values = {
            "user": self.env.user.name,
            "order": order.name,
            "amount": order._dunning_money_text(order.amount_total),
        }
        self.sudo()._record(
            order.sudo(), "requested", verdict, asked_by_id=self.env.uid, asked_on=fields.Datetime.now()
        )
        self._ask_controller(order, self.env._("Approve an order?"), text % values, verdict)

    @api.model
    def _park(self, order, text):
        """A signed or paid quotation that may not be confirmed stays one; the credit controller is told."""
        verdict = order._dunning_verdicts()[order.id]
        try:
            self.env["ar.dunning.verdict"]._check_rates(order.sudo())
        except CreditRefusedError as error:
            text = f"{text} {error}"
        self._ask_controller(order, self.env._("Signed or paid, but on hold"), text, verdict)

    @api.model
    def _controller(self, order):
        """Who decides about the order: the customer's responsible if allowed to, else a manager; administrators last."""
        order = order.sudo()
        customer = order.env["ar.dunning.customer"]._of_partners(order._dunning_debtors(), order.company_id)
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

    @api.model
    def _ask_controller(self, order, summary, text, verdict):
        """One open request per order: an activity for the credit controller with every reason.

        Salespeople read it on the order, too, so it has amounts only where the company lets them.
        """
        order = order.sudo()
        user = self._controller(order)
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

    # === Answered === #

    @api.model
    def _decide(self, orders, decision, note, until=False):
        """Record an approval, a refusal or an override with its reason, on order and customer.

        :param until: the last day on which it lets the orders pass; none where it has no end
        :raise AccessError: the user is no member of *Credit override*
        :raise UserError: no reason is given, the last day has passed, the order is confirmed and nothing of it is stopped,
            or the customer is blocked
        """
        if not self.env.user.has_group(OVERRIDE_GROUP):
            raise AccessError(self.env._("Only members of 'Credit override' decide about orders on hold."))
        if not (note or "").strip():
            raise UserError(self.env._("Write down why."))
        orders.check_access("read")
        for order in orders:
            if until and until < order.company_id._dunning_today():
                raise UserError(self.env._("A decision holds until today at least: choose a later day."))
            self._decide_one(order, decision, note, until)

    @api.model
    def _decide_one(self, order, decision, note, until):
        verdict = order._dunning_verdicts()[order.id]
        self._check_decidable(order, decision, verdict)
        mine, former = order.sudo(), order.sudo().ar_dunning_release_id
        asker = former.asked_by_id if former.state == "requested" else mine.user_id
        release = self.sudo()._record(
            mine,
            decision,
            verdict,
            decided_by_id=self.env.uid,
            decided_on=fields.Datetime.now(),
            note=note,
            until=until if decision in GRANTED else False,
        )
        text = release._text(verdict)
        mine.activity_feedback([APPROVAL], feedback=text)
        mine.message_post(body=text)
        why = "\n".join(f"{reason} {unlock}".strip() for _effect, reason, unlock in mine._dunning_reasons(verdict))
        release.customer_id.message_post(body=f"{order.name}: {text}\n{why}".strip())
        if decision != "overridden":
            release._tell_decision((mine.user_id | asker) - self.env.user, text)

    @api.model
    def _check_decidable(self, order, decision, verdict):
        waits = order.state == "sale" and order._dunning_waits(verdict)
        if not waits and order.state not in ("draft", "sent"):
            raise UserError(self.env._("%s is not a quotation any more, and nothing of it is stopped.", order.name))
        if verdict.blocked and decision != "declined":
            way_out = order._dunning_way_out(verdict) if waits else order._dunning_refusal({order.id: verdict})
            raise UserError(way_out)

    def _tell_decision(self, users, text):
        """A to-do for each of these users who can open the order."""
        company = self.company_id
        for user in users:
            order = self.order_id.with_user(user).with_context(allowed_company_ids=company.ids)
            if user.active and company in user.company_ids and order.has_access("read"):
                self.order_id.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=company._dunning_today(),
                    user_id=user.id,
                    summary=text,
                )

    # === Over === #

    @api.model
    def _confirmed(self, orders):
        """These orders are confirmed: nobody has to answer any more, and what said that they may be has served."""
        orders.activity_unlink([APPROVAL])
        todo = self.env.ref("mail.mail_activity_data_todo")
        for release in orders.ar_dunning_release_id.filtered(lambda release: release.state == "approved"):
            release.order_id.activity_ids.filtered(
                lambda activity, note=release.note: (
                    activity.automated and activity.activity_type_id == todo and note in (activity.summary or "")
                )
            ).unlink()
        orders.ar_dunning_release_id.filtered(lambda release: release.state == "requested")._end("needless")

    @api.model
    def _cancelled(self, orders):
        """Nothing is open or decided any more."""
        orders.activity_unlink([APPROVAL])
        orders.ar_dunning_release_id._end("cancelled")

from odoo import models

from odoo.addons.ar_dunning_credit.core.credit_status import Status

TOLD = "sales_team.group_sale_salesman,account.group_account_invoice,account.group_account_readonly"


class SaleOrder(models.Model):
    """May goods of this order leave? Its deposit, its customer's status, and what a person has decided about it."""

    _inherit = "sale.order"

    def _dunning_may_wait(self):
        """Where deliveries of customers on hold are stopped, every confirmed order may have to wait."""
        return super()._dunning_may_wait() | self.filtered(
            lambda order: order.state == "sale" and order._dunning_delivery_hold() == "stop"
        )

    def _dunning_waits(self, verdict):
        return super()._dunning_waits(verdict) or self._dunning_hold_stops(verdict)

    def _dunning_wait_reasons(self, verdict):
        reasons = super()._dunning_wait_reasons(verdict)
        if not self._dunning_hold_stops(verdict):
            return reasons
        rows = [row for row in self._dunning_reasons(verdict) if row[0] in ("hold", "blocked")]
        return [*reasons, (verdict.status.value, self._dunning_hold_sentence(verdict), ""), *rows]

    def _dunning_delivery_hold(self):
        """What the company does about deliveries of customers on hold: ignore, warn or stop; a branch follows its root."""
        self.ensure_one()
        return self.company_id.sudo().root_id.ar_dunning_delivery_hold

    def _dunning_hold_counts(self, verdict):
        """Whether the customer's status is to be thought of: on hold without an approval, or blocked."""
        self.ensure_one()
        on_hold = verdict.blocked or (verdict.status is Status.HOLD and not verdict.released)
        return on_hold and self._dunning_delivery_hold() != "ignore"

    def _dunning_hold_stops(self, verdict):
        return self._dunning_delivery_hold() == "stop" and self._dunning_hold_counts(verdict)

    def _dunning_delivery_verdicts(self):
        """`{order id: Verdict}` of those of these orders that have something to say on their deliveries; for showing."""
        asked = self._dunning_may_wait() | self.filtered(
            lambda order: order.state == "sale" and order._dunning_delivery_hold() == "warn"
        )
        verdicts = asked._dunning_verdicts()
        return {
            order.id: verdicts[order.id]
            for order in asked
            if order._dunning_waits(verdicts[order.id]) or order._dunning_hold_counts(verdicts[order.id])
        }

    def _dunning_stopped_deliveries(self):
        """`{order id: Verdict}` of those of these orders of which nothing may leave now; for the decision."""
        asked = self._dunning_may_wait()
        verdicts = asked._dunning_later_verdicts()
        return {order.id: verdicts[order.id] for order in asked if order._dunning_waits(verdicts[order.id])}

    # === Words === #

    def _dunning_delivery_lines(self, verdict):
        """Why nothing leaves, or what to think of first: sentences, with as much detail as the reader may know.

        Sales and accounting read reasons (amounts as everywhere); others, unless the company shows amounts to everybody,
        only that there is something.
        """
        self.ensure_one()
        told = self.env.user.has_groups(TOLD) or self.company_id.sudo().root_id.ar_dunning_sales_amounts
        lines = []
        if verdict.waits:
            plain = self.env._("The deposit has not come in yet.")
            lines.append(self._dunning_deposit_text(verdict, later=True) if told else plain)
        if self._dunning_hold_counts(verdict):
            lines.append(self._dunning_hold_sentence(verdict))
            rows = self._dunning_reasons(verdict) if told else []
            lines += [f"{text} {unlock}".strip() for effect, text, unlock in rows if effect in ("hold", "blocked")]
        return lines

    def _dunning_hold_sentence(self, verdict):
        if verdict.blocked:
            return self.env._("The customer is blocked.")
        return self.env._("The customer is on hold.")

    def _dunning_delivery_way_out(self, verdict):
        """What whoever stands before the stopped delivery can do."""
        if verdict.blocked and (self._dunning_hold_stops(verdict) or verdict.waits):
            return self.env._("Nobody can approve it before the block itself is lifted.")
        if self.env.user.has_group("ar_dunning_credit.group_credit_override"):
            return self.env._("You may approve it with a written reason ('Approve').")
        if not self.ar_dunning_may_request:
            return self.env._("The credit controller has been asked.")
        return self.env._("Use 'Request approval' on the delivery to ask the credit controller.")

    # === Lists === #

    def _dunning_without_deposit(self):
        """Those of these orders whose deposit is due before delivery and has not come in."""
        # the superclass's answer: a stop for customers on hold is another flag
        asked = super()._dunning_may_wait()
        verdicts = asked._dunning_verdicts()
        return asked.filtered(lambda order: verdicts[order.id].waits)

    def _dunning_held(self):
        """Those of these confirmed orders whose customer was on hold or blocked last night, without an approval."""
        asked = self.filtered(lambda order: order.state == "sale" and order._dunning_delivery_hold() != "ignore")
        return asked.filtered(
            lambda order: (
                order.ar_dunning_status == "blocked"
                or (order.ar_dunning_status == "hold" and not order._dunning_is_released(frozenset()))
            )
        )

from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.ar_dunning.tools.authority import is_system

from .sale_order_deposit import DEPOSIT_BASIS, LATER
from .verdict import CreditRefusedError, Ours, Passed

GATE = "ar_dunning_gate"
# What a person decides about the free period, in the form; everything else that we keep on an order is the system's.
OWN = frozenset({"ar_dunning_trial", "ar_dunning_trial_end", "ar_dunning_trial_limit"})
TERMS_OF_SALE = {"partner_id", "partner_invoice_id", "pricelist_id", "currency_id", "company_id"}
CHARGED = {"order_line", "ar_dunning_trial", "ar_dunning_trial_state"}  # what is charged may grow with these


class SaleOrder(models.Model):
    """The gate: an order gets into state *sale* only past it, whichever way it comes.

    Button, portal, payment, import and remote calls all end in the write of the state; the earlier places ask too,
    because there the message is better, and nothing has happened yet.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "ar.dunning.written"]

    ar_dunning_checked = fields.Monetary(
        "Confirmed up to",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What credit control has let pass: the total without free lines.",
    )

    def action_confirm(self):
        return super(SaleOrder, self._dunning_pass()).action_confirm()

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message()
        if message or self.id in self._dunning_passed():
            return message
        verdict = self._dunning_verdicts()[self.id]
        return self._dunning_refusal({self.id: verdict}) if verdict.stops else False

    def _action_confirm(self):
        self.filtered(lambda order: order.state != "sale")._dunning_pass()
        return super()._action_confirm()

    @api.model_create_multi
    def create(self, vals_list):
        """An order made in state *sale* (import, remote call) is made as a quotation first, and confirmed then."""
        if not is_system():
            self.browse()._check_person({name for vals in vals_list for name in vals})
        default = self.env.context.get("default_state")
        confirmed = [vals.get("state", default) == "sale" for vals in vals_list]
        vals_list = [
            {**vals, "state": "draft"} if sale else vals for vals, sale in zip(vals_list, confirmed, strict=True)
        ]
        orders = super(SaleOrder, self.with_context(**{LATER: Ours()})).create(vals_list).with_env(self.env)
        for company, same in orders.grouped("company_id").items():
            self.env["ar.dunning.customer"]._of_partners(same._dunning_parties(), company, create=True)
        todo = self.browse(order.id for order, sale in zip(orders, confirmed, strict=True) if sale)
        if todo:
            todo.write({"state": "sale"})
        (orders - todo)._dunning_refresh_deposits()
        return orders

    def write(self, vals):
        if not is_system():
            self._check_person(vals)
        if vals.get("state") == "sale":
            self = self.filtered(lambda order: order.state != "sale")._dunning_pass(self)
        before = {order.id: order._dunning_terms_of_sale() for order in self} if TERMS_OF_SALE & set(vals) else {}
        charged = self._dunning_charged() if CHARGED & set(vals) else {}
        result = super(SaleOrder, self.with_context(**{LATER: Ours()}) if "order_line" in vals else self).write(vals)
        if {"partner_id", "partner_invoice_id"} & set(vals):
            for company, same in self.grouped("company_id").items():
                self.env["ar.dunning.customer"]._of_partners(same._dunning_parties(), company, create=True)
        if DEPOSIT_BASIS & set(vals):
            self._dunning_refresh_deposits()
        moved = self.filtered(lambda order: order.id in before and order._dunning_terms_of_sale() != before[order.id])
        if moved or charged:
            self._dunning_check_growth(charged, moved)
        if vals.get("state") in ("draft", "cancel"):
            self.sudo().filtered("ar_dunning_parked")._put({"ar_dunning_parked": False})
        if vals.get("signature") or vals.get("state") == "sale":
            self._dunning_keep_terms()
        return result

    def _person_writes(self):
        return OWN

    def _refuse_person(self, names):
        raise AccessError(self.env._("Approvals and overrides are recorded by their buttons only."))

    def _dunning_passed(self):
        """Ids of the orders that the gate has let pass in this call."""
        passed = self.env.context.get(GATE)
        return passed.ids if isinstance(passed, Passed) else frozenset()

    def _dunning_pass(self, records=None):
        """Let these orders pass, or refuse them all; what was asked once in a call is not asked again.

        :param records: the recordset to go on with, when it is not these orders
        :return: the records, knowing in their context that these orders have passed
        :raise CreditRefusedError: with every reason and the way out
        """
        records = self if records is None else records
        todo = self.filtered(lambda order: order.id not in self._dunning_passed())
        if not todo:
            return records
        todo = todo.filtered(lambda order: order.state != "sale")
        verdicts = todo._dunning_verdicts(lock=True)
        refused = {key: verdict for key, verdict in verdicts.items() if verdict.stops}
        if refused:
            raise CreditRefusedError(todo._dunning_refusal(refused))
        todo._dunning_note_passed(verdicts)
        return records.with_context(**{GATE: Passed(self._dunning_passed() | frozenset(todo.ids))})

    def _dunning_note_passed(self, verdicts):
        """Keep what was let pass: the total, and the money without a name that no other order may rely on."""
        for order in self.sudo():
            relied = order._dunning_relies_on(verdicts[order.id])
            order._put({"ar_dunning_checked": order._dunning_chargeable(), "ar_dunning_relied": relied})

    def _dunning_terms_of_sale(self):
        """Who owes and orders, in which currency and company: another answer makes another decision."""
        self.ensure_one()
        order = self.sudo()
        return order._dunning_parties(), order.currency_id, order.company_id

    def _dunning_charged(self):
        """`{order id: amount}`: what these orders charge now, in their currencies."""
        return {order.id: order._dunning_chargeable() for order in self.sudo()}

    def _dunning_check_growth(self, charged, moved=()):
        """A confirmed order that charges more is a new decision: it is asked again, and refused like a quotation.

        :param charged: what the orders charged before the change; orders from before the gate have passed up to that
        :param moved: orders to ask again although they have not grown: another customer, currency or company
        :raise CreditRefusedError: with every reason and the way out
        """

        def passed(order):
            now = order._dunning_chargeable()
            return (
                order.currency_id.compare_amounts(now, max(order.ar_dunning_checked, charged.get(order.id, now))) <= 0
            )

        orders = self.filtered(lambda order: order.state == "sale")
        grown = orders.filtered(lambda order: order in moved or not passed(order.sudo()))
        if not grown:
            return
        verdicts = grown._dunning_verdicts(lock=True)
        refused = {key: verdict for key, verdict in verdicts.items() if verdict.stops}
        if refused:
            raise CreditRefusedError(grown._dunning_refusal(refused))
        grown._dunning_note_passed(verdicts)

    def _dunning_refusal(self, refused):
        """Why these orders are not confirmed, and the way out, in the words of the user's language."""
        if not self.env.user._is_internal():
            return self.env._("Thank you. Your order is being reviewed; we come back to you shortly.")
        parts = [order._dunning_refusal_of(refused[order.id]) for order in self if order.id in refused]
        return "\n\n".join(parts)

    def _dunning_refusal_of(self, verdict):
        self.ensure_one()
        order = self.sudo()
        words = {
            "amount": order._dunning_money_text(order.amount_total),
            "order": order.name,
            "customer": order._dunning_debtors().display_name,
        }
        if order.state == "sale":
            lines = [self.env._("%(order)s for %(customer)s (%(amount)s) cannot be changed like this:", **words)]
        else:
            lines = [self.env._("%(order)s for %(customer)s (%(amount)s) cannot be confirmed:", **words)]
        reasons = self._dunning_reasons(verdict)
        lines += [f"- {text} {unlock}".rstrip() for effect, text, unlock in reasons if effect in ("hold", "blocked")]
        if verdict.deposit.missing:
            lines.append(f"- {order._dunning_deposit_text(verdict)}")
        lines.append(self._dunning_way_out(verdict))
        return "\n".join(lines)

    def _dunning_way_out(self, verdict):
        if verdict.blocked:
            return self.env._("Nothing new is sold to a blocked customer until the block itself is lifted.")
        if self.state == "sale":
            return self.env._("Put what is added into a new quotation: that one can be approved.")
        if self.env.user.has_group("ar_dunning_credit.group_credit_override"):
            return self.env._("You may confirm it with a written reason ('Confirm anyway').")
        return self.env._("Use 'Request approval' on the order to ask the credit controller.")

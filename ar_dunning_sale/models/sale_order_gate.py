from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.ar_dunning.tools.attempt import attempt
from odoo.addons.ar_dunning.tools.authority import is_system

from .facts.gate import LATER, CreditRefusedError, Ours, Passed

GATE = "ar_dunning_gate"
TERMS_OF_SALE = {"partner_id", "partner_invoice_id", "pricelist_id", "currency_id", "company_id"}
DEPOSIT_BASIS = {
    *TERMS_OF_SALE,
    *("order_line", "require_payment", "prepayment_percent", "sale_order_template_id"),
}


class SaleOrder(models.Model):
    """The gate: an order gets into state *sale* only past it, whichever way it comes; and what a person lets pass.

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
    ar_dunning_relied = fields.Monetary(
        "Relies on Unassigned Money",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The part of the deposit that was covered by payments without a name: they cover no other order.",
    )
    ar_dunning_parked = fields.Boolean(
        "Waits for Review",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Signed or paid by the customer, but credit control stops it.",
    )
    ar_dunning_release_ids = fields.One2many(
        "ar.dunning.release",
        "order_id",
        string="Releases",
        groups="sales_team.group_sale_salesman,ar_dunning.group_dunning_user,ar_dunning_credit.group_credit_override",
    )
    ar_dunning_release_id = fields.Many2one(
        "ar.dunning.release",
        "Release That Counts",
        compute="_compute_ar_dunning_release_id",
        store=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    ar_dunning_release = fields.Selection(
        related="ar_dunning_release_id.state",
        string="Credit Approval",
        store=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    ar_dunning_may_request = fields.Boolean(
        "May Be Requested",
        compute="_compute_ar_dunning_may_request",
        compute_sudo=True,
        groups="base.group_user",
        help="Nobody has asked yet, or for less, or for another customer.",
    )

    @api.depends("ar_dunning_release_ids.ended_on")
    def _compute_ar_dunning_release_id(self):
        for order in self:
            current = order.ar_dunning_release_ids.filtered(lambda release: not release.ended_on)
            order.ar_dunning_release_id = current[:1]

    @api.depends(
        "ar_dunning_release_id.state",
        "ar_dunning_release_id.amount",
        "amount_total",
        "partner_invoice_id",
        "currency_id",
        "state",
    )
    def _compute_ar_dunning_may_request(self):
        for order in self:
            release = order.ar_dunning_release_id
            order.ar_dunning_may_request = release.state != "requested" or not release._covers(order)

    # === Who, how much, and may it be? === #

    def _dunning_debtors(self):
        """Who will owe for these orders: the commercial entities of their invoice addresses."""
        return (self.partner_invoice_id or self.partner_id).commercial_partner_id

    def _dunning_parties(self):
        """Who owes for the order and who has ordered: usually the same commercial entity."""
        return self._dunning_debtors() | self.partner_id.commercial_partner_id

    def _dunning_is_open(self):
        self.ensure_one()
        return self.state in ("draft", "sent") and bool(self.partner_id)

    def _dunning_debtor_record(self):
        """The customer record of who owes for this order, made if there is none."""
        self.ensure_one()
        order = self.sudo()
        return self.env["ar.dunning.customer"]._of_partners(order._dunning_debtors(), order.company_id, create=True)

    def _dunning_money(self):
        """`{order id: Money}`; nothing is counted for two orders at once."""
        return self.env["ar.dunning.advance"]._read(self)

    def _dunning_came_in(self):
        """All that has come in for this order, in its currency."""
        self.ensure_one()
        return float(self._dunning_money()[self.id].total)

    def _dunning_verdicts(self, lock=False):
        """The one calculation behind banner, prepayment and refusal, from the ledger of now; see `ar.dunning.verdict`."""
        return self.env["ar.dunning.verdict"]._of(self, lock)

    def _dunning_verdicts_alone(self):
        """As `_dunning_verdicts`, each order judged as if it were the only one: for showing."""
        return self.env["ar.dunning.verdict"]._alone(self)

    def _dunning_relies_on(self, verdict):
        """How much of the money without a name the order needs: for confirmation, later for delivery and invoicing.

        :return: Decimal, in the order's currency
        """
        self.ensure_one()
        deposit = verdict.deposit
        needed = max(deposit.required, deposit.later) if self.state == "sale" else deposit.required
        return deposit.money.relied(needed)

    # === The gate === #

    def action_confirm(self):
        return super(SaleOrder, self._dunning_pass()).action_confirm()

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message() or self._dunning_free_error()
        if message or self.id in self._dunning_passed():
            return message
        verdict = self._dunning_verdicts()[self.id]
        return self._dunning_refusal({self.id: verdict}) if verdict.stops else False

    def _action_confirm(self):
        self.filtered(lambda order: order.state != "sale")._dunning_pass()
        return super()._action_confirm()

    def _validate_order(self):
        """Confirm what may be confirmed; the rest keeps signature and payment and goes to the credit controller."""
        results = [None]
        for order in self:
            validate = super(SaleOrder, order)._validate_order
            refused = attempt(self.env, lambda do=validate: results.append(do()), only=CreditRefusedError)
            if refused is not None:
                order._dunning_park(self.env._("%s has been accepted online and waits for review.", order.name))
        return results[-1]

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
        left = self.filtered(lambda order: order.state == "sale") if "state" in vals else self.browse()
        before = {order.id: order._dunning_terms_of_sale() for order in self} if TERMS_OF_SALE & set(vals) else {}
        charged = self._dunning_charged() if "order_line" in vals else {}
        result = super(SaleOrder, self.with_context(**{LATER: Ours()}) if "order_line" in vals else self).write(vals)
        if {"partner_id", "partner_invoice_id"} & set(vals):
            for company, same in self.grouped("company_id").items():
                self.env["ar.dunning.customer"]._of_partners(same._dunning_parties(), company, create=True)
        if DEPOSIT_BASIS & set(vals):
            self._dunning_refresh_deposits()
        moved = self.filtered(lambda order: order.id in before and order._dunning_terms_of_sale() != before[order.id])
        if moved or charged:
            self._dunning_check_growth(charged, moved)
        if "state" in vals:
            self.sudo()._dunning_follow_state(vals["state"], left.sudo())
        if vals.get("signature") or vals.get("state") == "sale":
            self._dunning_keep_terms()
        return result

    def _dunning_follow_state(self, state, left):
        """Credit is used up or free again; releases, free periods and what waits for review follow the orders.

        :param left: those of these orders that were confirmed before
        """
        self.env["ar.dunning.credit.queue"]._moved(self.partner_invoice_id)
        if state in ("draft", "cancel"):
            self.filtered("ar_dunning_parked")._put({"ar_dunning_parked": False})
        if state == "sale":
            self.env["ar.dunning.release"]._confirmed(self)
        else:
            self.env["ar.dunning.release"]._cancelled(self if state == "cancel" else left)
        self.ar_dunning_trial_id._follow(state)

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
            order._put({"ar_dunning_checked": order._dunning_chargeable(), "ar_dunning_relied": float(relied)})

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

    # === What a person lets pass === #

    def action_request_approval(self):
        """Ask the credit controller to let this order pass: one activity, for this amount."""
        self.ensure_one()
        self.check_access("write")
        self.env["ar.dunning.release"]._request(self)
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

    def _dunning_decide(self, decision, note, until=False):
        """See `ar.dunning.release`; *confirm anyway* confirms, too."""
        self.env["ar.dunning.release"]._decide(self, decision, note, until)
        if decision == "overridden":
            self.action_confirm()

    def _dunning_is_released(self, stops):
        """Whether somebody has approved or overridden this order, knowing what stops it (`Verdict.stopping`)."""
        self.ensure_one()
        order = self.sudo()
        return order.ar_dunning_release_id._lets_pass(order, stops)

    def _dunning_park(self, text):
        """Signed or paid quotations that may not be confirmed stay such; the credit controller is told."""
        for order in self:
            order.env["ar.dunning.release"]._park(order, text)
        self.sudo()._put({"ar_dunning_parked": True})

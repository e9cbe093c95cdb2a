from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from odoo.addons.ar_dunning.tools.figures import as_decimal

from .facts.gate import LATER, Ours

DIGITS = 10  # of a share: it has to give the amount to the last coin


class SaleOrder(models.Model):
    """What is paid first, what is free, and what may be delivered and invoiced.

    The deposit that the rules demand is carried by Odoo's own prepayment, so that the portal collects it. A share that
    a salesperson has set by hand stays, unless the rules demand more: it cannot be set lower. What is due before delivery
    and invoicing is asked for by down-payment invoices, which always pass.
    """

    _inherit = "sale.order"

    ar_dunning_deposit_share = fields.Float(
        "Share to Pay First",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What the deposit rules demand of this customer for this order before confirmation.",
    )

    ar_dunning_trial_ids = fields.One2many(
        "ar.dunning.trial",
        "order_id",
        string="Free Periods",
        groups="sales_team.group_sale_salesman,ar_dunning.group_dunning_user",
    )
    ar_dunning_trial_id = fields.Many2one(
        "ar.dunning.trial",
        "Free Period That Counts",
        compute="_compute_ar_dunning_trial_id",
        store=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )

    @api.depends("ar_dunning_trial_ids.state")
    def _compute_ar_dunning_trial_id(self):
        for order in self:
            trials = order.ar_dunning_trial_ids.filtered(lambda trial: trial.state != "withdrawn")
            order.ar_dunning_trial_id = trials[:1]

    # === The deposit before confirmation === #

    def _dunning_refresh_deposits(self):
        """Ask the rules again: the order, its customer's status or the day may have changed."""
        if Ours.says(self.env, LATER):
            return
        todo = self.sudo().filtered(lambda order: order._dunning_is_open())
        if not todo or not (any(todo.mapped("ar_dunning_deposit_share")) or todo._dunning_may_need_deposit()):
            return
        verdicts = todo._dunning_verdicts_alone()
        for order in todo:
            order._dunning_set_share(float(verdicts[order.id].deposit.share))

    def _dunning_set_share(self, share):
        """Raise the prepayment to `share`, or take back what an earlier rule has raised."""
        self.ensure_one()
        self = self.with_context(**{LATER: Ours()})
        before = self.ar_dunning_deposit_share
        asked = self.prepayment_percent if self.require_payment else 0.0
        if float_compare(share, before, DIGITS) == 0 and (not share or float_compare(asked, share, DIGITS) >= 0):
            return
        values = {"ar_dunning_deposit_share": share}
        if before and float_compare(asked, before, DIGITS) == 0:
            self._compute_require_payment()
            self._compute_prepayment_percent()
            asked = self.prepayment_percent if self.require_payment else 0.0
        if float_compare(share, asked, DIGITS) > 0:
            values |= {"prepayment_percent": share, "require_payment": True}
        self._put(values)

    def _dunning_may_need_deposit(self):
        """Whether it is worth asking: there is a rule, or one of the customers is insolvent."""
        Rule, Check = self.env["ar.dunning.deposit.rule"].sudo(), self.env["ar.dunning.solvency.check"].sudo()
        partners = self._dunning_parties()
        return bool(
            Rule.search_count([("stage", "=", "confirm")], limit=1)
            or Check.search_count(
                [("customer_id.partner_id", "in", partners.ids), ("result", "=", "insolvent")], limit=1
            )
        )

    def action_quotation_send(self):
        self._dunning_refresh_deposits()
        return super().action_quotation_send()

    def copy_data(self, default=None):
        """A deposit that the rules have raised is not copied: they are asked about the copy."""
        vals_list = super().copy_data(default)
        for order, vals in zip(self, vals_list, strict=True):
            share = order.sudo().ar_dunning_deposit_share
            if share and float_compare(order.prepayment_percent, share, DIGITS) == 0:
                for name in {"require_payment", "prepayment_percent"} - set(default or {}):
                    vals.pop(name, None)
        return vals_list

    def _get_prepayment_required_amount(self):
        """What is still to be paid before confirmation: whatever has come in is deducted, free lines are not asked.

        Core asks for the whole share again, whatever has been paid of it.
        """
        required = super()._get_prepayment_required_amount()
        if not self._dunning_is_open():
            return required
        order = self.sudo()
        share = order.prepayment_percent if order.require_payment else 0.0
        asked = self.currency_id.round(order._dunning_chargeable() * share)
        asked = max(asked, self.currency_id.round(order.amount_total * order.ar_dunning_deposit_share))
        return max(self.currency_id.round(asked - order._dunning_came_in()), 0.0) if asked else 0.0

    def _is_confirmation_amount_reached(self):
        if not self._dunning_is_open():
            return super()._is_confirmation_amount_reached()
        return self.currency_id.is_zero(self._get_prepayment_required_amount())

    def _dunning_rest_to_pay(self):
        """What is left of the whole order once all that has come in is deducted, in its currency; no less than 0."""
        self.ensure_one()
        order = self.sudo()
        if not self._dunning_is_open():
            return order.amount_total
        return max(self.currency_id.round(order._dunning_chargeable() - order._dunning_came_in()), 0.0)

    def _get_default_payment_link_values(self):
        values = super()._get_default_payment_link_values()
        if self._dunning_is_open():
            values["amount_max"] = min(values["amount_max"], self._dunning_rest_to_pay())
            values["amount"] = min(values["amount"], values["amount_max"])
        return values

    def _dunning_came_otherwise(self):
        """What has come in for a quotation beside online payments, which core shows: in its currency, at most all."""
        self.ensure_one()
        if not self._dunning_is_open():
            return 0.0
        money = self.sudo()._dunning_money()[self.id]
        total, online = float(money.total), float(money.online)
        return self.currency_id.round(min(total, self.amount_total) - min(online, self.amount_total))

    def _dunning_asks_a_part(self):
        """Whether less than the whole order is to be paid before it is confirmed."""
        self.ensure_one()
        return self._has_to_be_paid() and (
            self.currency_id.compare_amounts(self._get_prepayment_required_amount(), self.amount_total) < 0
        )

    def _dunning_percent_to_pay(self):
        """What is still to be paid online as a percentage of the order, for the portal: at most two decimals."""
        self.ensure_one()
        if not self.amount_total:
            return "0"
        return f"{100 * self._get_prepayment_required_amount() / self.amount_total:.2f}".rstrip("0").rstrip(".")

    # === The deposit before delivery and invoicing === #

    def _dunning_may_wait(self):
        """Those of these orders that it is worth asking about: they are confirmed, and there is a rule."""
        todo = self.filtered(lambda order: order.state == "sale")
        if todo and self.env["ar.dunning.deposit.rule"].sudo().search_count([("stage", "=", "invoice")], limit=1):
            return todo
        return self.browse()

    def _dunning_waits(self, verdict):
        """Whether something of this confirmed order is stopped, so that there is something to approve."""
        self.ensure_one()
        return verdict.waits

    def _dunning_wait_reasons(self, verdict):
        """What else stops it: `[(effect, sentence, what unlocks it)]`."""
        return []

    def _dunning_check_later_deposit(self):
        """
        :raise UserError: the deposit that is due before delivery and invoicing is missing
        """
        todo = self._dunning_may_wait()
        verdicts = todo._dunning_later_verdicts()
        missing = todo.filtered(lambda order: verdicts[order.id].waits)
        if missing:
            lines = [
                f"{order.name}: {order._dunning_later_text(verdicts[order.id].deposit)}" for order in missing.sudo()
            ]
            raise UserError("\n".join([self.env._("Nothing is delivered or invoiced before the deposit:"), *lines]))

    def _dunning_later_verdicts(self):
        """Verdicts for a decision about delivery or invoicing; money without a name covers one order only.

        Nobody is locked out where it does not matter: only an order that needs such money asks again, under the lock.
        """
        verdicts = self._dunning_verdicts()
        needy = self.sudo().filtered(
            lambda order: (
                not verdicts[order.id].released
                and not verdicts[order.id].waits
                and order._dunning_relies_on(verdicts[order.id]) > as_decimal(order.ar_dunning_relied)
            )
        )
        if needy:
            verdicts |= needy._dunning_verdicts(lock=True)
            for order in needy.filtered(lambda order: not verdicts[order.id].waits):
                order._put({"ar_dunning_relied": float(order._dunning_relies_on(verdicts[order.id]))})
        return verdicts

    def _dunning_later_text(self, deposit):
        return self.env._(
            "%(amount)s (%(rule)s), %(missing)s missing.",
            amount=self._dunning_money_text(deposit.later),
            rule=deposit.later_rule,
            missing=self._dunning_money_text(deposit.later_missing),
        )

    def _create_invoices(self, grouped=False, final=False, date=None):
        self._dunning_check_later_deposit()
        return super()._create_invoices(grouped=grouped, final=final, date=date)

    # === What is free === #

    def _dunning_trials(self):
        """The free periods of these orders, as superuser, to decide about.

        :raise AccessError: the user may not write one of the orders
        :raise UserError: one of the orders has none
        """
        self.check_access("write")
        for order in self.sudo():
            if not order.ar_dunning_trial_id:
                raise UserError(self.env._("%s has no free period.", order.name))
        return self.sudo().ar_dunning_trial_id

    def _dunning_goods(self):
        """The lines that are sold: neither texts nor down payments."""
        return self.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)

    def _dunning_free(self):
        """What the lines are worth that are free and not decided upon, in the order's currency."""
        self.ensure_one()
        return sum(line.price_total for line in self.order_line if line._dunning_is_free())

    def _dunning_chargeable(self):
        """The order's total without these, in its currency."""
        self.ensure_one()
        return self.amount_total - self._dunning_free()

    def _dunning_free_error(self):
        """Why an order with a free period is not confirmed: no line is free, and somebody has overlooked that."""
        lines = self._dunning_goods()
        marked = any(lines.mapped("ar_dunning_trial"))
        if not self.ar_dunning_trial or marked or not lines or not self.env.user._is_internal():
            return False
        return self.env._("%s has a free period, but no line is marked 'Free': everything would be charged.", self.name)

    def _dunning_priced(self, charged):
        """Another total: another deposit, and for a confirmed order another decision.

        :param charged: what the orders charged before
        """
        if not Ours.says(self.env, LATER):
            self._dunning_refresh_deposits()
            self._dunning_check_growth(charged)

    def _get_invoiceable_lines(self, final=False):
        """Never a free line, whatever its quantity to invoice says."""
        return super()._get_invoiceable_lines(final).filtered(lambda line: not line._dunning_is_free())

    def _force_lines_to_invoice_policy_order(self):
        result = super()._force_lines_to_invoice_policy_order()
        self.order_line.filtered(lambda line: line._dunning_is_free()).qty_to_invoice = 0
        return result

    def _nothing_to_invoice_error_message(self):
        message = super()._nothing_to_invoice_error_message()
        if any(line._dunning_is_free() for line in self.order_line):
            return self.env._("Free lines are not invoiced: decide first whether to charge them.") + "\n\n" + message
        return message

    # === Accepted terms === #

    def _dunning_terms_text(self):
        """The terms of the quotation as html: its own note, and the company's web page where the note links to it."""
        self.ensure_one()
        order = self.with_company(self.company_id).with_context(lang=self._get_lang())
        note, company = order.note or "", order.company_id
        page = company.invoice_terms_html or ""
        if company.terms_type == "html" and page and "/terms" in note:
            return f"{note}\n{page}"
        return note

    def _dunning_keep_terms(self):
        """What was signed has been recorded with the signature: another text later on was not."""
        Terms = self.env["ar.dunning.terms"].sudo()
        for order in self.sudo():
            signed = [("order_id", "=", order.id), ("way", "=", "signed"), ("accepted_on", "=", order.signed_on)]
            if order.signature and not Terms.search_count(signed, limit=1):
                way, by, on = "signed", order.signed_by or order.partner_id.name, order.signed_on
            elif paid := order.transaction_ids.filtered(lambda tx: tx.state in ("authorized", "done")):
                way, by, on = "paid", paid[:1].partner_id.name, paid[:1].last_state_change
            else:
                way, by, on = "confirmed", self.env.user.name, None
            Terms._record(order, way, by or self.env.user.name, on or fields.Datetime.now())

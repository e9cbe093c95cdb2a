from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from odoo.addons.ar_dunning.tools.attempt import attempt

TRIAL_END = "ar_dunning_sale.mail_activity_type_trial"
TEMPLATE = "ar_dunning_sale.mail_template_trial_ends"


class SaleOrder(models.Model):
    """Free of charge up to a day and a value: a trial or a pilot that never turns into an invoice by itself.

    Lines marked *free* are not invoiced until a person decides: charge from now on, or end without charge.
    The customer is told some days before the end, the salesperson gets an activity.
    """

    _inherit = "sale.order"

    ar_dunning_trial = fields.Selection(
        [("trial", "Trial"), ("pilot", "Pilot")],
        "Free of Charge",
        copy=False,
        help="The lines marked 'Free' cost nothing until somebody decides to charge them.",
    )
    ar_dunning_trial_end = fields.Date("Free until", copy=False, help="Its last day.")
    ar_dunning_trial_limit = fields.Monetary(
        "Free up to", copy=False, help="Value delivered at the order's prices, taxes included. 0: only the day counts."
    )
    ar_dunning_trial_used = fields.Monetary("Free Value Delivered", compute="_compute_ar_dunning_trial_used")
    ar_dunning_trial_told = fields.Date("Customer Told on", readonly=True, copy=False, groups="base.group_user")
    ar_dunning_trial_asked = fields.Date(
        "Salesperson Told on",
        readonly=True,
        copy=False,
        help="The customer has no e-mail address and has to be called.",
        groups="base.group_user",
    )
    ar_dunning_trial_state = fields.Selection(
        [("running", "Running"), ("decide", "To decide"), ("charged", "Charged"), ("ended", "Ended without charge")],
        "Free Period",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    _ar_dunning_trial_end = models.Constraint(
        "CHECK(ar_dunning_trial IS NULL OR ar_dunning_trial_end IS NOT NULL)", "A free period needs its last day."
    )
    _ar_dunning_trial_limit = models.Constraint(
        "CHECK(COALESCE(ar_dunning_trial_limit, 0) >= 0)", "The free value cannot be negative."
    )

    @api.depends("order_line.qty_delivered", "order_line.ar_dunning_trial", "order_line.price_total")
    def _compute_ar_dunning_trial_used(self):
        for order in self:
            order.ar_dunning_trial_used = sum(
                line.price_total / line.product_uom_qty * line.qty_delivered
                for line in order.order_line
                if line.ar_dunning_trial and line.product_uom_qty
            )

    @api.onchange("ar_dunning_trial")
    def _onchange_ar_dunning_trial(self):
        """All lines are free until the salesperson says which."""
        lines = self._dunning_goods()
        if self.ar_dunning_trial and not any(lines.mapped("ar_dunning_trial")):
            lines.ar_dunning_trial = True

    def _dunning_goods(self):
        """The lines that are sold: neither texts nor down payments."""
        return self.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)

    def _confirmation_error_message(self):
        lines = self._dunning_goods()
        if (
            self.ar_dunning_trial
            and lines
            and not any(lines.mapped("ar_dunning_trial"))
            and self.env.user._is_internal()
        ):
            return self.env._(
                "%s has a free period, but no line is marked 'Free': everything would be charged.", self.name
            )
        return super()._confirmation_error_message()

    def _dunning_free_text(self):
        """What the customer reads on the quotation: what is free, until when, up to which value; or nothing."""
        self.ensure_one()
        free = self.order_line.filtered(lambda line: line._dunning_is_free())
        if not free or self.ar_dunning_trial_state == "ended":
            return ""
        words = {
            "lines": ", ".join(line.product_id.display_name or line.name for line in free),
            "day": format_date(self.env, self.ar_dunning_trial_end),
            "limit": format_amount(self.env, self.ar_dunning_trial_limit, self.currency_id),
        }
        if self.ar_dunning_trial_limit:
            text = self.env._("Free of charge until and including %(day)s, up to a value of %(limit)s: %(lines)s.")
        else:
            text = self.env._("Free of charge until and including %(day)s: %(lines)s.")
        return " ".join([text % words, self.env._("Nothing of it is charged without your agreement.")])

    def _dunning_trial_days_before(self):
        """How many days before the end the customer is told."""
        return self.company_id.sudo().ar_dunning_trial_days

    @api.model
    def _cron_dunning_trials(self):
        """Tell customers whose free period ends soon; ask salespeople about those that are over.

        By to-dos, without a mail for each.
        """
        self = self.with_context(mail_activity_quick_update=True)
        domain = [("state", "=", "sale"), ("ar_dunning_trial", "!=", False)]
        todo = self.search([*domain, ("ar_dunning_trial_state", "in", (False, "running"))])
        self.env["ir.cron"]._commit_progress(remaining=len(todo))
        for order_id in todo.ids:
            order = self.browse(order_id).exists()
            if order:
                order.with_company(order.company_id)._dunning_try_trial(order.company_id._dunning_today())
            if not self.env["ir.cron"]._commit_progress(1):
                return

    def _dunning_try_trial(self, on):
        """As `_dunning_check_trial`; what goes wrong stands on the order, and stops no other one."""
        failure = attempt(self.env, partial(self._dunning_check_trial, on), f"Free period of order {self.id}")
        if failure:
            self.message_post(body=self.env._("The end of the free period could not be announced: %s", failure))

    def _dunning_check_trial(self, on):
        """What is due on the day `on` for this free period: nothing, the announcement, or the decision."""
        self.ensure_one()
        user = self.sudo()._dunning_salesperson()
        order = self.sudo().with_context(lang=user.lang or self.env.lang)
        used_up = order.ar_dunning_trial_limit and (
            order.currency_id.compare_amounts(order.ar_dunning_trial_used, order.ar_dunning_trial_limit) >= 0
        )
        over = on > order.ar_dunning_trial_end
        soon = on >= order.ar_dunning_trial_end - timedelta(days=order._dunning_trial_days_before())
        if not over and not order.ar_dunning_trial_told and (soon or used_up):
            order._dunning_announce_end(on)
        if over or used_up:
            order._put({"ar_dunning_trial_state": "decide"})
            order._dunning_ask_salesperson(
                on, order.env._("Free of charge is over: charge from now on, extend, or end without charge.")
            )

    def _dunning_announce_end(self, on):
        """Write to the customer that the free period ends, and tell the salesperson, even where there is no address.

        It is about a contract, so the list of people who want no advertising does not matter.
        """
        self.ensure_one()
        self._put({"ar_dunning_trial_state": self.ar_dunning_trial_state or "running"})
        if self.partner_id.email:
            self.message_mail_with_source(self.env.ref(TEMPLATE), force_send=False, use_exclusion_list=False)
            self._put({"ar_dunning_trial_told": on})
            text = self.env._("Free of charge ends soon; the customer has been told.")
        elif not self.ar_dunning_trial_asked:
            self._put({"ar_dunning_trial_asked": on})
            text = self.env._("Free of charge ends soon, and the customer has no e-mail address: please call.")
        else:
            return
        self._dunning_ask_salesperson(self.ar_dunning_trial_end, text)

    def _dunning_ask_salesperson(self, day, text):
        self.activity_unlink([TRIAL_END])
        self.activity_schedule(TRIAL_END, date_deadline=day, user_id=self._dunning_salesperson().id, summary=text)

    def _dunning_salesperson(self):
        return self.company_id._dunning_person(self.user_id, self.partner_id.user_id)

    def action_trial_charge(self):
        """Charge the free lines from now on: what is ordered or delivered of them can be invoiced."""
        self._dunning_decide_trial("charged", self.env._("Free period: charged from now on."))

    def action_trial_end(self):
        """End without charge: the free lines are never invoiced."""
        self._dunning_decide_trial("ended", self.env._("Free period: ended without charge."))

    def _dunning_decide_trial(self, state, text):
        self.check_access("write")
        for order in self:
            if not order.ar_dunning_trial or order.state != "sale":
                raise UserError(self.env._("%s has no free period.", order.name))
            order.sudo()._put({"ar_dunning_trial_state": state})
            order.message_post(body=text)
        self.sudo().activity_feedback([TRIAL_END], feedback=text)

    def _dunning_keep_trial(self, before):
        """A changed last day or value makes a period that was over run again; another day is announced anew.

        :param before: `{order: (last day, value)}` before the change
        """
        for order, (end, limit) in before.items():
            changed = order.ar_dunning_trial_end != end or order.ar_dunning_trial_limit != limit
            if not changed or order.ar_dunning_trial_state not in ("running", "decide"):
                continue
            order.activity_unlink([TRIAL_END])
            order._put({"ar_dunning_trial_state": "running"})
            if order.ar_dunning_trial_end != end:
                order._put({"ar_dunning_trial_told": False, "ar_dunning_trial_asked": False})

    def _dunning_chargeable(self):
        """The order's total without the lines that are free and not decided upon, in its currency."""
        self.ensure_one()
        return self.amount_total - sum(line.price_total for line in self.order_line if line._dunning_is_free())

    def write(self, vals):
        before = {}
        if {"ar_dunning_trial_end", "ar_dunning_trial_limit"} & set(vals):
            before = {order: (order.ar_dunning_trial_end, order.ar_dunning_trial_limit) for order in self.sudo()}
        result = super().write(vals)
        self._dunning_keep_trial(before)
        if vals.get("state") == "cancel":
            self.sudo().activity_unlink([TRIAL_END])
        if vals.get("state") == "sale":
            free = self.sudo().filtered(lambda order: order.ar_dunning_trial and not order.ar_dunning_trial_state)
            free._put({"ar_dunning_trial_state": "running"})
        return result

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

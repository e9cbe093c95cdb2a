from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_date

from odoo.addons.ar_dunning.tools.attempt import attempt

ENDS = "ar_dunning_sale.mail_activity_type_trial"
TEMPLATE = "ar_dunning_sale.mail_template_trial_ends"
KINDS = [("trial", "Trial"), ("pilot", "Pilot")]
UNDECIDED = ("planned", "running", "decide", "cancelled")
RUNNING = ("running", "decide")
PAID = ("charged", "withdrawn")  # the lines marked as free cost what they cost


class ArDunningTrial(models.Model):
    """Free of charge up to a day and a value: a trial or a pilot that never turns into an invoice by itself.

    The order's lines marked *free* are not invoiced until a person decides: charge from now on, or end without charge.
    The customer is told some days before the end, the salesperson gets an activity. One of an order's counts at a time,
    the one that was not taken back.
    """

    _name = "ar.dunning.trial"
    _description = "Free Period"
    _inherit = ["ar.dunning.protected", "ar.dunning.dated", "mail.thread"]
    _order = "until desc, id desc"
    _day_field = "until"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    user_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    kind = fields.Selection(KINDS, required=True, tracking=True)
    start = fields.Date("From", readonly=True, help="The day on which the order was confirmed.")
    until = fields.Date("Free until", required=True, tracking=True, help="Its last day.")
    free_value = fields.Monetary(
        "Free up to",
        tracking=True,
        help="Value delivered at the order's prices, taxes included. 0: only the day counts.",
    )
    used = fields.Monetary("Free Value Delivered", compute="_compute_used", compute_sudo=True)
    told_on = fields.Date("Customer Told on", readonly=True)
    asked_on = fields.Date(
        "Salesperson Told on", readonly=True, help="The customer has no e-mail address and has to be called."
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("running", "Running"),
            ("decide", "To decide"),
            ("charged", "Charged"),
            ("ended", "Ended without charge"),
            ("withdrawn", "Taken back"),
            ("cancelled", "Order cancelled"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="planned",
        tracking=True,
        index=True,
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    worth = fields.Monetary(
        "Free Lines Were Worth", readonly=True, help="Their price, taxes included, when somebody decided."
    )

    _free_value = models.Constraint("CHECK(COALESCE(free_value, 0) >= 0)", "The free value cannot be negative.")
    _counts = models.UniqueIndex("(order_id) WHERE state <> 'withdrawn'", "An order has one free period at a time.")

    @api.depends("order_id.order_line.qty_delivered", "order_id.order_line.ar_dunning_trial", "order_id.amount_total")
    def _compute_used(self):
        for trial in self:
            trial.used = sum(
                line.price_total / line.product_uom_qty * line.qty_delivered
                for line in trial.order_id.order_line
                if line.ar_dunning_trial and line.product_uom_qty
            )

    @api.depends("order_id.name", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for trial in self:
            trial.display_name = ": ".join(filter(None, (trial.order_id.sudo().name, kinds.get(trial.kind))))

    # === Who writes what === #

    def _person_writes(self):
        """Until somebody has decided."""
        return frozenset({"kind", "until", "free_value"} if self.state in UNDECIDED else ())

    def _refuse_person(self, names):
        if self and names <= {"kind", "until", "free_value"}:
            raise UserError(
                self.env._("The free period of %s has been decided about: it stays as it is.", self.order_id.name)
            )
        return super()._refuse_person(names)

    @api.model_create_multi
    def create(self, vals_list):
        trials = super().create(vals_list)
        trials.order_id._dunning_refresh_deposits()
        return trials

    def write(self, vals):
        """What was free and is not any more is charged: the gate is asked. Another day or value makes it run again."""
        before = (
            {trial: (trial.until, trial.free_value) for trial in self} if {"until", "free_value"} & set(vals) else {}
        )
        charged = self.order_id._dunning_charged() if "state" in vals else {}
        result = super().write(vals)
        self._run_again(before)
        if charged:
            self.order_id._dunning_priced(charged)
        return result

    def _run_again(self, before):
        """A changed last day or value makes a period that was over run again; another day is announced anew.

        :param before: `{trial: (last day, value)}` before the change
        """
        for trial, (until, free_value) in before.items():
            changed = trial.until != until or trial.free_value != free_value
            if not changed or trial.state not in RUNNING:
                continue
            trial.order_id.sudo().activity_unlink([ENDS])
            trial._put({"state": "running"})
            if trial.until != until:
                trial._put({"told_on": False, "asked_on": False})

    # === Planned with the order === #

    @api.model
    def _plan(self, order, kind, until, free_value):
        """What a person has chosen on the order: a free period, another one, or none.

        :raise ValidationError: it has no last day
        :raise UserError: it has been decided about
        """
        trial = order.sudo().ar_dunning_trial_id
        values = {"kind": kind, "until": until, "free_value": free_value}
        if not kind:
            trial._withdraw()
        elif not until:
            raise ValidationError(self.env._("A free period needs its last day."))
        elif trial:
            trial.write({name: value for name, value in values.items() if trial[name] != value})
        else:
            trial = trial._make({"order_id": order.id, **values})
            trial._follow(order.state)

    def _withdraw(self):
        """No free period after all: one that never ran leaves no trace."""
        for trial in self:
            if trial.state not in UNDECIDED:
                trial._refuse_person({"kind"})
            order = trial.order_id
            if trial.start:
                order.activity_unlink([ENDS])
                trial._put({"state": "withdrawn"})
            else:
                charged = order._dunning_charged()
                trial._discard()
                order._dunning_priced(charged)

    def _follow(self, state):
        """The order is in this state now: what is confirmed runs, what is cancelled does not."""
        undecided = self.filtered(lambda trial: trial.state in UNDECIDED)
        if state == "sale":
            for trial in undecided.filtered(lambda trial: trial.state not in RUNNING):
                on = trial.company_id._dunning_today()
                trial._put({"state": "running", "start": trial.start or on})
        elif state == "cancel":
            self.order_id.activity_unlink([ENDS])
            undecided._put({"state": "cancelled"})
        elif state == "draft":
            undecided.filtered(lambda trial: trial.state == "cancelled")._put({"state": "planned"})

    # === Its end === #

    @api.model
    def _cron_dunning_trials(self):
        """Tell customers whose free period ends soon; ask salespeople about those that are over.

        By to-dos, without a mail for each.
        """
        self = self.with_context(mail_activity_quick_update=True)
        todo = self.search([("state", "=", "running"), ("order_id.state", "=", "sale")])
        self.env["ir.cron"]._commit_progress(remaining=len(todo))
        for trial_id in todo.ids:
            trial = self.browse(trial_id).exists()
            if trial:
                trial.with_company(trial.company_id)._try(trial.company_id._dunning_today())
            if not self.env["ir.cron"]._commit_progress(1):
                return

    def _try(self, on):
        """As `_check`; what goes wrong stands on the order, and stops no other one."""
        failure = attempt(self.env, partial(self._check, on), f"Free period of order {self.order_id.id}")
        if failure:
            text = self.env._("The end of the free period could not be announced: %s", failure)
            self.order_id.message_post(body=text)

    def _check(self, on):
        """What is due on the day `on`: nothing, the announcement, or the decision."""
        self.ensure_one()
        trial = self.sudo().with_context(lang=self.sudo()._salesperson().lang or self.env.lang)
        if trial.state != "running":
            return
        used_up = trial.free_value and trial.currency_id.compare_amounts(trial.used, trial.free_value) >= 0
        over = on > trial.until
        soon = on >= trial.until - timedelta(days=trial.company_id.ar_dunning_trial_days)
        if not over and not trial.told_on and (soon or used_up):
            trial._announce(on)
        if over or used_up:
            trial._put({"state": "decide"})
            text = trial.env._("Free of charge is over: charge from now on, extend, or end without charge.")
            trial._ask_salesperson(on, text)

    def _announce(self, on):
        """Write to the customer that it ends, and tell the salesperson, even where there is no address.

        It is about a contract, so the list of people who want no advertising does not matter.
        """
        self.ensure_one()
        if self.partner_id.email:
            template = self.env.ref(TEMPLATE)
            self.order_id.message_mail_with_source(template, force_send=False, use_exclusion_list=False)
            self._put({"told_on": on})
            text = self.env._("Free of charge ends soon; the customer has been told.")
        elif not self.asked_on:
            self._put({"asked_on": on})
            text = self.env._("Free of charge ends soon, and the customer has no e-mail address: please call.")
        else:
            return
        self._ask_salesperson(self.until, text)

    def _ask_salesperson(self, day, text):
        order = self.order_id
        order.activity_unlink([ENDS])
        order.activity_schedule(ENDS, date_deadline=day, user_id=self._salesperson().id, summary=text)

    def _salesperson(self):
        return self.company_id._dunning_person(self.user_id, self.partner_id.user_id)

    # === The decision === #

    def action_charge(self):
        """Charge the free lines from now on: what is ordered or delivered of them can be invoiced."""
        self.order_id.action_trial_charge()

    def action_end(self):
        """End without charge: the free lines are never invoiced."""
        self.order_id.action_trial_end()

    def _decide(self, state):
        """A person has decided, who may write the order.

        :raise UserError: it does not run
        """
        texts = {
            "charged": self.env._("Free period: charged from now on."),
            "ended": self.env._("Free period: ended without charge."),
        }
        for trial in self:
            order = trial.order_id
            if trial.state not in RUNNING or order.state != "sale":
                raise UserError(self.env._("%s has no free period.", order.name))
            decided = {"decided_by_id": self.env.uid, "decided_on": fields.Datetime.now()}
            trial._put({"state": state, "worth": order._dunning_free(), **decided})
            order.message_post(body=texts[state])
        self.order_id.activity_feedback([ENDS], feedback=texts[state])

    # === Words === #

    def _text(self):
        """What the customer reads on the quotation: what is free, until when, up to which value; or nothing."""
        free = self.order_id.order_line.filtered(lambda line: line._dunning_is_free())
        if not free or self.state == "ended":
            return ""
        words = {
            "lines": ", ".join(line.product_id.display_name or line.name for line in free),
            "day": format_date(self.env, self.until),
            "limit": format_amount(self.env, self.free_value, self.currency_id),
        }
        if self.free_value:
            text = self.env._("Free of charge until and including %(day)s, up to a value of %(limit)s: %(lines)s.")
        else:
            text = self.env._("Free of charge until and including %(day)s: %(lines)s.")
        return " ".join([text % words, self.env._("Nothing of it is charged without your agreement.")])

from odoo import api, fields, models

from odoo.addons.ar_dunning_credit.models.ar_dunning_customer_credit import STATUSES

from .ar_dunning_trial import KINDS


class SaleOrder(models.Model):
    """What a salesperson sees on an order: credit status, every reason, what unlocks it, deposits and the free period."""

    _inherit = "sale.order"

    ar_dunning_status = fields.Selection(
        STATUSES,
        "Credit",
        compute="_compute_ar_dunning_status",
        search="_search_ar_dunning_status",
        compute_sudo=True,
        groups="base.group_user",
        help="The customer's credit status of the last night; the quotation itself shows the one of now.",
    )
    ar_dunning_verdict = fields.Selection(
        STATUSES,
        "Credit Now",
        compute="_compute_ar_dunning_verdict",
        compute_sudo=True,
        groups="base.group_user",
        help="With this order in it.",
    )
    ar_dunning_stopped = fields.Boolean(
        "Cannot Be Confirmed", compute="_compute_ar_dunning_verdict", compute_sudo=True, groups="base.group_user"
    )
    ar_dunning_banner = fields.Html(
        "Why, and What Unlocks It",
        compute="_compute_ar_dunning_verdict",
        compute_sudo=True,
        groups="base.group_user",
        sanitize=False,
    )
    ar_dunning_deposit = fields.Monetary(
        "Deposit Required",
        compute="_compute_ar_dunning_verdict",
        compute_sudo=True,
        groups="base.group_user",
        help="Before confirmation.",
    )
    ar_dunning_received = fields.Monetary(
        "Deposit Received",
        compute="_compute_ar_dunning_verdict",
        compute_sudo=True,
        groups="base.group_user",
        help="Online payments, paid down-payment invoices, transfers that name the order, and other unmatched money of "
        "the customer beyond what is owed.",
    )
    ar_dunning_waits = fields.Boolean(
        "Waits for a Deposit",
        compute="_compute_ar_dunning_waits",
        compute_sudo=True,
        groups="base.group_user",
        help="A confirmed order of which nothing is delivered or invoiced before its deposit or an approval.",
    )
    ar_dunning_waits_banner = fields.Html(
        "What It Waits for",
        compute="_compute_ar_dunning_waits",
        compute_sudo=True,
        groups="base.group_user",
        sanitize=False,
    )
    ar_dunning_deposit_ids = fields.One2many(
        "ar.dunning.deposit",
        "order_id",
        string="Security Deposits",
        groups="sales_team.group_sale_salesman,ar_dunning.group_dunning_user",
    )
    ar_dunning_deposit_count = fields.Integer(
        "Number of Security Deposits", compute="_compute_ar_dunning_counts", groups="base.group_user"
    )
    ar_dunning_release_count = fields.Integer(
        "Number of Releases", compute="_compute_ar_dunning_counts", groups="base.group_user"
    )
    ar_dunning_trial = fields.Selection(
        KINDS,
        "Free of Charge",
        compute="_compute_ar_dunning_trial",
        inverse="_inverse_ar_dunning_trial",
        search=lambda self, operator, value: self._search_ar_dunning_trial("kind", operator, value),
        compute_sudo=True,
        readonly=False,
        copy=False,
        help="The lines marked 'Free' cost nothing until somebody decides to charge them.",
    )
    ar_dunning_trial_end = fields.Date(
        "Free until",
        compute="_compute_ar_dunning_trial_end",
        inverse="_inverse_ar_dunning_trial",
        search=lambda self, operator, value: self._search_ar_dunning_trial("until", operator, value),
        compute_sudo=True,
        readonly=False,
        copy=False,
        help="Its last day.",
    )
    ar_dunning_trial_limit = fields.Monetary(
        "Free up to",
        compute="_compute_ar_dunning_trial_limit",
        inverse="_inverse_ar_dunning_trial",
        search=lambda self, operator, value: self._search_ar_dunning_trial("free_value", operator, value),
        compute_sudo=True,
        readonly=False,
        copy=False,
        help="Value delivered at the order's prices, taxes included. 0: only the day counts.",
    )
    ar_dunning_trial_used = fields.Monetary(related="ar_dunning_trial_id.used", string="Free Value Delivered")
    ar_dunning_trial_state = fields.Selection(related="ar_dunning_trial_id.state", string="Free Period")
    ar_dunning_trial_told = fields.Date(related="ar_dunning_trial_id.told_on", groups="base.group_user")
    ar_dunning_trial_asked = fields.Date(related="ar_dunning_trial_id.asked_on", groups="base.group_user")

    # === Credit status === #

    @api.depends("partner_id", "partner_invoice_id", "company_id")
    def _compute_ar_dunning_status(self):
        """From the stored status: a list of any length takes one search per company."""
        for company, orders in self.grouped("company_id").items():
            records = self.env["ar.dunning.customer"]._of_partners(orders._dunning_debtors(), company)
            by_partner = {record.partner_id: record.credit_status for record in records}
            for order in orders:
                order.ar_dunning_status = by_partner.get(order._dunning_debtors(), False)

    def _search_ar_dunning_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        Customer = self.env["ar.dunning.customer"].sudo().with_context(active_test=False)
        domain = [("company_id", "in", self.env.companies.ids)]
        asked = self._dunning_of_customers(
            Customer.search([*domain, ("credit_status", "in", [status for status in value if status])])
        )
        if False not in value:
            return [("id", "in", asked)]
        rated = self._dunning_of_customers(Customer.search([*domain, ("credit_status", "!=", False)]))
        return ["|", ("id", "in", asked), ("id", "not in", rated)]

    def _dunning_of_customers(self, customers):
        """Ids of the orders that these customer records owe for, each in its own company."""
        ids = []
        for company, same in customers.grouped("company_id").items():
            ids += self._search(
                [
                    ("company_id", "=", company.id),
                    ("partner_invoice_id.commercial_partner_id", "in", same.partner_id.ids),
                ]
            ).get_result_ids()
        return ids

    # === Before confirmation, and after === #

    @api.depends("partner_id", "partner_invoice_id", "company_id", "amount_total", "state", "transaction_ids")
    @api.depends_context("uid", "lang")
    def _compute_ar_dunning_verdict(self):
        """Read from the ledger of now; only for quotations, which still have a decision before them."""
        open_ones = self.filtered(lambda order: order._dunning_is_open() and order._origin.id)
        verdicts = open_ones._origin._dunning_verdicts_alone()
        for order in self:
            verdict = verdicts.get(order._origin.id) if order in open_ones else None
            order.ar_dunning_verdict = verdict.status.value if verdict else False
            order.ar_dunning_stopped = verdict.stops if verdict else False
            order.ar_dunning_deposit = verdict.deposit.required if verdict else 0.0
            order.ar_dunning_received = order._dunning_received(verdict) if verdict else 0.0
            order.ar_dunning_banner = order._dunning_banner(verdict) if verdict else False

    def _dunning_received(self, verdict):
        """What has come in; of the customer's other money only what is needed, for who may not see amounts."""
        money, company = verdict.deposit.money, self.company_id
        if self.env["ar.dunning.customer"]._shows_credit_amounts(company):
            return money.total
        return min(money.total, max(money.certain, verdict.deposit.required))

    @api.depends("partner_id", "partner_invoice_id", "company_id", "amount_total", "state", "ar_dunning_release_id")
    @api.depends_context("uid", "lang")
    def _compute_ar_dunning_waits(self):
        """Read from the ledger of now; only for confirmed orders."""
        orders = self._origin._dunning_may_wait()
        verdicts = orders._dunning_verdicts()
        for order in self:
            verdict = verdicts.get(order._origin.id)
            order.ar_dunning_waits = bool(verdict) and order._origin._dunning_waits(verdict)
            order.ar_dunning_waits_banner = order._origin._dunning_wait_banner(verdict) if verdict else False

    def _dunning_is_reviewed(self):
        """Whether the customer is to be told that the order is being reviewed."""
        self.ensure_one()
        order = self.sudo()
        return (
            order.ar_dunning_parked
            and order.state in ("draft", "sent")
            and order.ar_dunning_release != "declined"
            and not (order._has_to_be_signed() or order._has_to_be_paid())
        )

    # === Security deposits, releases, free periods === #

    @api.depends("ar_dunning_deposit_ids", "ar_dunning_release_ids")
    def _compute_ar_dunning_counts(self):
        domain = [("order_id", "in", self.ids)]
        counts = {
            model: dict(self.env[model].sudo()._read_group(domain, ["order_id"], ["__count"]))
            for model in ("ar.dunning.deposit", "ar.dunning.release")
        }
        for order in self:
            order.ar_dunning_deposit_count = counts["ar.dunning.deposit"].get(order._origin, 0)
            order.ar_dunning_release_count = counts["ar.dunning.release"].get(order._origin, 0)

    # One method each: where a person writes one of them, the others are still read from the record.
    @api.depends("ar_dunning_trial_id.kind")
    def _compute_ar_dunning_trial(self):
        for order in self:
            order.ar_dunning_trial = order.ar_dunning_trial_id.kind

    @api.depends("ar_dunning_trial_id.until")
    def _compute_ar_dunning_trial_end(self):
        for order in self:
            order.ar_dunning_trial_end = order.ar_dunning_trial_id.until

    @api.depends("ar_dunning_trial_id.free_value")
    def _compute_ar_dunning_trial_limit(self):
        for order in self:
            order.ar_dunning_trial_limit = order.ar_dunning_trial_id.free_value

    def _inverse_ar_dunning_trial(self):
        for order in self:
            values = order.ar_dunning_trial, order.ar_dunning_trial_end, order.ar_dunning_trial_limit
            self.env["ar.dunning.trial"]._plan(order, *values)

    def _search_ar_dunning_trial(self, name, operator, value):
        """Orders by a field of their free period; without one, by its absence."""
        if operator == "in" and False in value:
            return ["|", ("ar_dunning_trial_id", "=", False), (f"ar_dunning_trial_id.{name}", operator, value)]
        return NotImplemented if operator == "not in" else [(f"ar_dunning_trial_id.{name}", operator, value)]

    @api.onchange("ar_dunning_trial")
    def _onchange_ar_dunning_trial(self):
        """All lines are free until the salesperson says which."""
        lines = self._dunning_goods()
        if self.ar_dunning_trial and not any(lines.mapped("ar_dunning_trial")):
            lines.ar_dunning_trial = True

    # === Buttons === #

    def action_view_security_deposits(self):
        """Security deposits of this order; salespeople ask for one here."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning_sale.ar_dunning_deposit_action") | {
            "domain": [("order_id", "=", self.id)],
            "context": {
                "default_order_id": self.id,
                "default_currency_id": self.currency_id.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_ask_security_deposit(self):
        """A form for a new security deposit of this order."""
        return self.action_view_security_deposits() | {"views": [(False, "form")], "target": "new"}

    def action_view_releases(self):
        """What has been asked and decided about this order."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning_sale.ar_dunning_release_action") | {
            "domain": [("order_id", "=", self.id)],
        }

    def action_view_trial(self):
        """The free period that counts."""
        self.ensure_one()
        return self.sudo().ar_dunning_trial_id.with_env(self.env)._get_records_action()

    def action_trial_charge(self):
        """Charge the free lines from now on: what is ordered or delivered of them can be invoiced."""
        self._dunning_trials()._decide("charged")

    def action_trial_end(self):
        """End without charge: the free lines are never invoiced."""
        self._dunning_trials()._decide("ended")

    # === Words === #

    def _dunning_banner(self, verdict):
        """Reasons, ways out, deposit and what a person has decided: html, or nothing where there is nothing to say."""
        self.ensure_one()
        reasons, deposit = self._dunning_reasons(verdict), self._dunning_deposit_text(verdict)
        return self._dunning_words(reasons, deposit, self._dunning_release_text(verdict))

    def _dunning_wait_banner(self, verdict):
        """What the order waits for, and what a person has decided: html, or nothing where nothing is stopped."""
        if not self._dunning_waits(verdict):
            return False
        deposit = self._dunning_deposit_text(verdict, later=True) if verdict.waits else ""
        return self._dunning_words(self._dunning_wait_reasons(verdict), deposit, self._dunning_release_text(verdict))

    def _dunning_words(self, reasons, deposit, decision):
        if not (reasons or deposit or decision):
            return False
        values = {"reasons": reasons, "deposit": deposit, "decision": decision}
        return self.env["ir.qweb"]._render("ar_dunning_sale.verdict_banner", values)

    def _dunning_reasons(self, verdict, amounts=None):
        """`[(effect, sentence, what unlocks it)]`, with amounts only for who may see them.

        :param amounts: whether to show amounts, where others than the user read it
        """
        Customer = self.env["ar.dunning.customer"].sudo()
        if amounts is None:
            amounts = Customer._shows_credit_amounts(self.company_id)
        rows = [Customer.browse(party)._credit_sentences(reason, amounts) for party, reason in verdict.reasons]
        return list(dict.fromkeys(rows))

    def _dunning_deposit_text(self, verdict, later=False):
        """How much is to be paid first, why, and how much is missing; the order's own figures are no secret.

        :param later: of the deposit before delivery and invoicing, even where there is one before confirmation
        """
        self.ensure_one()
        deposit = verdict.deposit
        if deposit.required and not later:
            text = self.env._("Deposit of %(amount)s before confirmation (%(rule)s)")
            amount, rule, missing = deposit.required, deposit.rule, deposit.missing
        elif deposit.later:
            text = self.env._("Deposit of %(amount)s before delivery and invoicing (%(rule)s)")
            amount, rule, missing = deposit.later, deposit.later_rule, deposit.later_missing
        else:
            return ""
        state = (
            self.env._("%(received)s received, %(missing)s missing.")
            if missing
            else self.env._("%(received)s received: complete.")
        )
        figures = {
            "amount": self._dunning_money_text(amount),
            "rule": rule,
            "received": self._dunning_money_text(min(deposit.money.total, amount)),
            "missing": self._dunning_money_text(missing),
        }
        words = f"{text % figures}: {state % figures}"
        if missing and deposit.releases_hold and verdict.status.value == "hold":
            words = " ".join([words, self.env._("Once it is complete, the hold does not stop this order.")])
        return words

    def _dunning_release_text(self, verdict):
        """What has been decided, by whom, up to which amount, and whether it still holds."""
        return self.sudo().ar_dunning_release_id._text(verdict)

    def _dunning_free_text(self):
        """What the customer reads on the quotation: what is free, until when, up to which value; or nothing."""
        self.ensure_one()
        return self.sudo().ar_dunning_trial_id._text()

    def _dunning_money_text(self, amount):
        return self.currency_id.format(float(amount))

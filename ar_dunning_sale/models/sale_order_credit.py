from odoo import api, fields, models

from odoo.addons.ar_dunning_credit.models.ar_dunning_customer_credit import STATUSES


class SaleOrder(models.Model):
    """What a salesperson sees on a quotation: status, every reason, what unlocks it, and the deposit."""

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

    ar_dunning_deposit_ids = fields.One2many(
        "ar.dunning.deposit",
        "order_id",
        string="Security Deposits",
        groups="sales_team.group_sale_salesman,ar_dunning.group_dunning_user",
    )
    ar_dunning_deposit_count = fields.Integer(
        "Number of Security Deposits", compute="_compute_ar_dunning_deposit_count", groups="base.group_user"
    )

    @api.depends("ar_dunning_deposit_ids")
    def _compute_ar_dunning_deposit_count(self):
        counts = dict(
            self.env["ar.dunning.deposit"].sudo()._read_group([("order_id", "in", self.ids)], ["order_id"], ["__count"])
        )
        for order in self:
            order.ar_dunning_deposit_count = counts.get(order._origin, 0)

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

    def write(self, vals):
        """An order that is confirmed or cancelled uses up credit or sets it free."""
        result = super().write(vals)
        if "state" in vals:
            self.env["ar.dunning.credit.queue"]._moved(self.partner_invoice_id)
        return result

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

    def _dunning_is_open(self):
        self.ensure_one()
        return self.state in ("draft", "sent") and bool(self.partner_id)

    def _dunning_debtor_record(self):
        """The customer record of who owes for this order, made if there is none."""
        self.ensure_one()
        order = self.sudo()
        return self.env["ar.dunning.customer"]._of_partners(order._dunning_debtors(), order.company_id, create=True)

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

    # === Words === #

    def _dunning_banner(self, verdict):
        """Reasons, ways out, deposit and what a person has decided: html, or nothing where there is nothing to say."""
        self.ensure_one()
        reasons, deposit = self._dunning_reasons(verdict), self._dunning_deposit_text(verdict)
        decision = self._dunning_release_text(verdict)
        if not (reasons or deposit or decision):
            return False
        return self.env["ir.qweb"]._render(
            "ar_dunning_sale.verdict_banner", {"reasons": reasons, "deposit": deposit, "decision": decision}
        )

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

    def _dunning_money_text(self, amount):
        return self.currency_id.format(amount)

from odoo import api, fields, models

from odoo.addons.ar_dunning.models.ar_dunning_customer_credit import STATUSES


class SaleOrder(models.Model):
    """What a salesperson sees on a quotation: status, every reason, what unlocks it, and the deposit."""

    _inherit = "sale.order"

    ar_dunning_status = fields.Selection(
        STATUSES,
        "Credit",
        compute="_compute_ar_dunning_status",
        search="_search_ar_dunning_status",
        compute_sudo=True,
        help="The customer's credit status of the last night; the quotation itself shows the one of now.",
    )
    ar_dunning_verdict = fields.Selection(
        STATUSES, "Credit Now", compute="_compute_ar_dunning_verdict", compute_sudo=True, help="With this order in it."
    )
    ar_dunning_stopped = fields.Boolean("Cannot Be Confirmed", compute="_compute_ar_dunning_verdict", compute_sudo=True)
    ar_dunning_banner = fields.Html(
        "Why, and What Unlocks It", compute="_compute_ar_dunning_verdict", compute_sudo=True, sanitize=False
    )
    ar_dunning_deposit = fields.Monetary(
        "Deposit Required", compute="_compute_ar_dunning_verdict", compute_sudo=True, help="Before confirmation."
    )
    ar_dunning_received = fields.Monetary(
        "Deposit Received",
        compute="_compute_ar_dunning_verdict",
        compute_sudo=True,
        help="Online payments, paid down-payment invoices, transfers that name the order, and other unmatched money of "
        "the customer beyond what is owed.",
    )
    ar_dunning_deposit_share = fields.Float(
        "Share to Pay First",
        compute="_compute_ar_dunning_deposit_share",
        store=True,
        compute_sudo=True,
        copy=False,
        help="What the deposit rules demand of this customer for this order before confirmation.",
    )
    ar_dunning_relied = fields.Monetary(
        "Relies on Unassigned Money",
        readonly=True,
        copy=False,
        help="The part of the deposit that was covered by payments without a name: they cover no other order.",
    )
    # The deposit rules read figures that exist only once the order is stored.
    require_payment = fields.Boolean(precompute=False)
    prepayment_percent = fields.Float(precompute=False)

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
        found = Customer.search([*domain, ("credit_status", "in", [status for status in value if status])])
        ids = []
        for company, customers in found.grouped("company_id").items():
            ids += self._search(
                [
                    ("company_id", "=", company.id),
                    ("partner_invoice_id.commercial_partner_id", "in", customers.partner_id.ids),
                ]
            ).get_result_ids()
        if False in value:
            rated = Customer.search([*domain, ("credit_status", "!=", False)])
            return [
                "|",
                ("id", "in", ids),
                ("partner_invoice_id.commercial_partner_id", "not in", rated.partner_id.ids),
            ]
        return [("id", "in", ids)]

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
            order.ar_dunning_received = verdict.deposit.money.total if verdict else 0.0
            order.ar_dunning_banner = order._dunning_banner(verdict) if verdict else False

    def _dunning_is_open(self):
        self.ensure_one()
        return self.state in ("draft", "sent") and bool(self.partner_id)

    @api.depends(
        "partner_id", "partner_invoice_id", "company_id", "currency_id", "amount_total", "order_line.product_id"
    )
    def _compute_ar_dunning_deposit_share(self):
        """What the rules demand before confirmation, as a share; kept as it is once the order is confirmed."""
        stored = self.filtered(lambda order: order._dunning_is_open() and isinstance(order.id, int))
        verdicts = stored._dunning_verdicts_alone() if stored._dunning_may_need_deposit() else {}
        for order in self:
            verdict = verdicts.get(order.id)
            if order not in stored:
                order.ar_dunning_deposit_share = order._origin.ar_dunning_deposit_share
            elif verdict and order.amount_total > 0:
                order.ar_dunning_deposit_share = min(verdict.deposit.required / order.amount_total, 1.0)
            else:
                order.ar_dunning_deposit_share = 0.0

    def _dunning_may_need_deposit(self):
        """Whether it is worth asking: there is a rule, or one of the customers is insolvent."""
        if not self:
            return False
        Rule, Check = self.env["ar.dunning.deposit.rule"].sudo(), self.env["ar.dunning.solvency.check"].sudo()
        partners = self._dunning_parties()
        return bool(
            Rule.search_count([], limit=1)
            or Check.search_count(
                [("customer_id.partner_id", "in", partners.ids), ("result", "=", "insolvent")], limit=1
            )
        )

    @api.depends("ar_dunning_deposit_share")
    def _compute_require_payment(self):
        super()._compute_require_payment()
        self.filtered("ar_dunning_deposit_share").require_payment = True

    @api.depends("ar_dunning_deposit_share")
    def _compute_prepayment_percent(self):
        """Odoo's own prepayment collects the deposit on the portal; a higher share of the company's stays."""
        default = {order: order.company_id.portal_confirmation_pay for order in self}
        super()._compute_prepayment_percent()
        for order in self.filtered("ar_dunning_deposit_share"):
            asked = order.sale_order_template_id.require_payment if order.sale_order_template_id else default[order]
            own = order.prepayment_percent if asked else 0.0
            order.prepayment_percent = max(own, order.ar_dunning_deposit_share)

    def _get_prepayment_required_amount(self):
        """What is still to be paid online: transfers and paid down-payment invoices are deducted."""
        required = super()._get_prepayment_required_amount()
        if self.ar_dunning_deposit_share and self._dunning_is_open():
            required = max(required, self.currency_id.round(self.amount_total * self.ar_dunning_deposit_share))
        if not required or not self._dunning_is_open():
            return required
        money = self.sudo()._dunning_money()[self.id]
        return max(self.currency_id.round(required - money.total + money.online), 0.0)

    def _dunning_refresh_deposits(self):
        """Ask the rules again: the customer's status and the day may have changed since the quotation was written."""
        todo = self.sudo().filtered(lambda order: order._dunning_is_open())
        self.env.add_to_compute(self._fields["ar_dunning_deposit_share"], todo)
        todo.flush_recordset(["ar_dunning_deposit_share", "require_payment", "prepayment_percent"])

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

    def _dunning_reasons(self, verdict):
        """`[(effect, sentence, what unlocks it)]`, with amounts only for who may see them."""
        Customer = self.env["ar.dunning.customer"].sudo()
        amounts = Customer._shows_credit_amounts(self.company_id)
        rows = [Customer.browse(party)._credit_sentences(reason, amounts) for party, reason in verdict.reasons]
        return list(dict.fromkeys(rows))

    def _dunning_deposit_text(self, verdict):
        """How much is to be paid first, why, and how much is missing; the order's own figures are no secret."""
        self.ensure_one()
        deposit = verdict.deposit
        if deposit.required:
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
        return f"{text % figures}: {state % figures}"

    def _dunning_money_text(self, amount):
        return self.currency_id.format(amount)

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

COSTS, INTEREST, PRINCIPAL = "costs", "interest", "principal"
# What a payment settles first. By law (e.g. § 367 BGB) or as the parties agreed.
ORDERS = {
    "costs_interest_principal": (COSTS, INTEREST, PRINCIPAL),
    "interest_principal": (INTEREST, PRINCIPAL, COSTS),
    "principal_first": (PRINCIPAL, INTEREST, COSTS),
}


class ArDunningAllocateWizard(models.TransientModel):
    """Spread a payment over what a customer owes, in the order of the law: costs, interest, principal.

    Announced charges that the payment reaches are booked first, costs apart from interest; then the payment is
    matched with one after the other. Oldest first within each kind.
    """

    _name = "ar.dunning.allocate.wizard"
    _inherit = "ar.dunning.guarded"
    _description = "Allocate a Payment"

    customer_id = fields.Many2one("ar.dunning.customer", required=True, readonly=True)
    company_id = fields.Many2one(related="customer_id.company_id")
    payment_line_ids = fields.Many2many("account.move.line", compute="_compute_payment_line_ids", string="Payments")
    payment_line_id = fields.Many2one(
        "account.move.line",
        "Payment",
        required=True,
        compute="_compute_payment_line_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', payment_line_ids)]",
    )
    currency_id = fields.Many2one(related="payment_line_id.currency_id")
    amount = fields.Monetary("To Allocate", compute="_compute_amount")
    date = fields.Date(
        "Book Charges on",
        required=True,
        default=lambda self: self.env.company._dunning_today(),
        help="Announced charges that the payment reaches are booked on this day.",
    )
    order = fields.Selection(
        [
            ("costs_interest_principal", "Costs, then interest, then principal"),
            ("interest_principal", "Interest, then principal, then costs"),
            ("principal_first", "Principal, then interest, then costs"),
        ],
        "In the Order",
        required=True,
        compute="_compute_order",
        store=True,
        readonly=False,
    )
    order_note = fields.Char(compute="_compute_order_note")
    line_ids = fields.One2many(
        "ar.dunning.allocate.wizard.line",
        "wizard_id",
        "Split",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )
    left = fields.Monetary("Stays as Credit", compute="_compute_left")

    @api.depends("customer_id")
    def _compute_payment_line_ids(self):
        for wizard in self:
            wizard.payment_line_ids = self.env["account.move.line"].search(
                [
                    ("partner_id", "=", wizard.customer_id.partner_id.id),
                    ("company_id", "child_of", wizard.company_id.root_id.id),
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_residual_currency", "<", 0),
                ],
                order="date, id",
            )

    @api.depends("payment_line_ids")
    def _compute_payment_line_id(self):
        for wizard in self:
            wizard.payment_line_id = wizard.payment_line_id or wizard.payment_line_ids[:1]._origin

    @api.depends("payment_line_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = -wizard.payment_line_id.amount_residual_currency

    @api.depends("customer_id", "payment_line_id")
    def _compute_order(self):
        for wizard in self:
            law = wizard._regime().allocation
            wizard.order = law if law in ORDERS else "principal_first"

    @api.depends("customer_id", "order")
    def _compute_order_note(self):
        for wizard in self:
            regime = wizard._regime()
            wizard.order_note = regime.allocation and self.env._(
                "The law says: %(order)s. %(sources)s",
                order=dict(regime._fields["allocation"]._description_selection(self.env))[regime.allocation],
                sources=regime.allocation_sources or "",
            )

    def _regime(self):
        """The statutory rule of the debtor's country and kind, or none."""
        customer = self.customer_id
        day = self.payment_line_id.date or customer.company_id._dunning_today()
        return (
            self.env["ar.dunning.regime"]
            .sudo()
            ._for_debtor(customer.partner_id.country_id, customer.effective_audience, day)
        )

    @api.depends("payment_line_id", "order")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear(), *(Command.create(row) for row in wizard._rows())]

    @api.depends("line_ids.amount", "amount")
    def _compute_left(self):
        for wizard in self:
            wizard.left = wizard.amount - sum(wizard.line_ids.mapped("amount"))

    # === What is owed === #

    def _rows(self):
        """What the customer owes in the payment's currency, in the order in which the payment settles it."""
        self.ensure_one()
        if not self.payment_line_id or not self.order:
            return []
        rank = {kind: place for place, kind in enumerate(ORDERS[self.order])}
        rows = [*self._charge_rows(), *self._document_rows(), *self._item_rows()]
        rows.sort(key=lambda row: (rank[row["kind"]], row["date"]))
        return [dict(row, sequence=place) for place, row in enumerate(rows)]

    def _owed(self, state):
        return self.customer_id.charge_ids.filtered(
            lambda charge: charge.state == state and charge.currency_id == self.currency_id and charge.amount > 0
        )

    def _charge_rows(self):
        """Announced charges, one by one."""
        return [
            {
                "kind": INTEREST if charge.kind == "interest" else COSTS,
                "date": charge.date,
                "name": charge.name,
                "charge_id": charge.id,
                "amount_open": charge._amount_with_tax(),
            }
            for charge in self._owed("announced")
        ]

    def _document_rows(self):
        """Booked charges, by document: where it holds costs and interest, it is settled with the costs."""
        return [
            {
                "kind": INTEREST if set(group.mapped("kind")) == {"interest"} else COSTS,
                "date": document.date,
                "name": document.display_name,
                "document_id": document.id,
                "amount_open": sum(document.sudo()._ar_dunning_open_terms().mapped("amount_residual_currency")),
            }
            for document, group in self._owed("booked").grouped("document_id").items()
        ]

    def _item_rows(self):
        """The open items, without the documents that book charges."""
        items = self.customer_id.item_ids.filtered(
            lambda item: (
                item.is_open and item.currency_id == self.currency_id and not item.move_id.ar_dunning_charge_ids
            )
        )
        return [
            {
                "kind": PRINCIPAL,
                "date": item.due_date,
                "name": item.display_name,
                "item_id": item.id,
                "amount_open": item.amount_residual_currency,
            }
            for item in items
        ]

    # === Doing it === #

    def action_allocate(self):
        """Book the charges that the payment reaches, and match it in the order shown."""
        self.ensure_one()
        rows = self.line_ids.filtered(lambda line: line.amount > 0).sorted("sequence")
        if not rows:
            raise UserError(self.env._("There is nothing that this payment could settle."))
        rows.charge_id._book(self.date, apart=True)
        payment = self.payment_line_id
        for row in rows:
            targets = row._target_lines()
            if targets and not payment.reconciled:
                (payment | targets).reconcile()
        return {"type": "ir.actions.act_window_close"}


class ArDunningAllocateWizardLine(models.TransientModel):
    """One thing that the payment may settle: an announced charge, a document of charges, or an item."""

    _name = "ar.dunning.allocate.wizard.line"
    _inherit = "ar.dunning.guarded"
    _description = "Part of a Payment"
    _order = "sequence, id"

    wizard_id = fields.Many2one("ar.dunning.allocate.wizard", required=True, ondelete="cascade")
    sequence = fields.Integer()
    kind = fields.Selection([(COSTS, "Costs"), (INTEREST, "Interest"), (PRINCIPAL, "Principal")], required=True)
    date = fields.Date()
    name = fields.Char("What")
    charge_id = fields.Many2one("ar.dunning.charge")
    document_id = fields.Many2one("account.move")
    item_id = fields.Many2one("ar.dunning.item")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    amount_open = fields.Monetary("Open", readonly=True)
    is_chosen = fields.Boolean("Settle", default=True)
    amount = fields.Monetary("From the Payment", compute="_compute_amount")

    @api.depends("wizard_id.amount", "wizard_id.line_ids.is_chosen", "wizard_id.line_ids.amount_open")
    def _compute_amount(self):
        """Each takes what it needs of what those before it left."""
        for wizard, lines in self.grouped("wizard_id").items():
            left = wizard.amount
            given = {}
            for line in wizard.line_ids.sorted("sequence"):
                given[line] = min(left, line.amount_open) if line.is_chosen else 0.0
                left -= given[line]
            for line in lines:
                line.amount = given.get(line, 0.0)

    def _target_lines(self):
        """The open receivable lines that this row stands for."""
        self.ensure_one()
        if self.item_id:
            return self.item_id.move_line_id.filtered(lambda line: not line.reconciled)
        return (self.document_id or self.charge_id.document_id)._ar_dunning_open_terms()

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.ar_dunning.tools.authority import is_system

RETURN = "ar_dunning_sale.mail_activity_type_return"
# What only booking sets, and what is read from the books.
BOOKED_FIELDS = {
    "state", "account_id", "receipt_move_id", "move_id", "paid_on", "closed_on", "amount_left", "amount_left_company",
    "unbooked",
}  # fmt: skip
MAILS = {
    "requested": "ar_dunning_sale.mail_template_deposit_request",
    "paid": "ar_dunning_sale.mail_template_deposit_receipt",
    "released": "ar_dunning_sale.mail_template_deposit_return",
    "applied": "ar_dunning_sale.mail_template_deposit_return",
}


class ArDunningDeposit(models.Model):
    """A refundable security deposit: money of the customer that we hold until a day, then give back or apply.

    It is no payment on an order and no credit of the customer: once it has come in, it is a liability on an account
    of its own. What the books do is in `ar_dunning_deposit_books.py` and `ar_dunning_deposit_moves.py`; here are the record, its
    rights, its states and what its form offers.
    """

    _name = "ar.dunning.deposit"
    _description = "Security Deposit"
    _inherit = ["ar.dunning.protected", "ar.dunning.dated", "mail.thread", "mail.activity.mixin"]
    _order = "return_date, id"
    _check_company_auto = True
    _person_creates = True
    _day_field = "return_date"

    name = fields.Char("What For", required=True, tracking=True)
    customer_id = fields.Many2one(
        "ar.dunning.customer", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(related="customer_id.partner_id", string="Contact")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, readonly=True
    )
    order_id = fields.Many2one("sale.order", index="btree_not_null", check_company=True)
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    amount = fields.Monetary(required=True, tracking=True)
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("paid", "Paid"),
            ("released", "Released"),
            ("applied", "Applied"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        default="requested",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    return_date = fields.Date(
        "Return on", required=True, tracking=True, help="The day on which it is given back, or applied to what is owed."
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", default=lambda self: self.env.user, domain="[('share', '=', False)]", tracking=True
    )
    payment_id = fields.Many2one(
        "account.payment",
        copy=False,
        check_company=True,
        domain="[('payment_type', '=', 'inbound'), ('partner_id.commercial_partner_id', '=', partner_id)]",
        help="How it came in, where that is known.",
    )
    move_id = fields.Many2one(
        "account.move", "Applied to", copy=False, readonly=True, check_company=True, help="The last invoice it paid."
    )
    paid_on = fields.Date(readonly=True, copy=False)
    closed_on = fields.Date("Released or Applied on", readonly=True, copy=False)
    note = fields.Text()
    pay_to = fields.Char(
        "Pay to",
        compute="_compute_pay_to",
        compute_sudo=True,
        help="The company's first bank account, for the request.",
    )

    _amount = models.Constraint("CHECK(amount > 0)", "A security deposit is more than zero.")

    @api.constrains("payment_id", "currency_id")
    def _check_payment(self):
        for deposit in self.sudo().filtered("payment_id"):
            payment = deposit.payment_id
            if payment.partner_id.commercial_partner_id != deposit.partner_id:
                raise ValidationError(self.env._("The payment is another customer's."))
            if payment.currency_id != deposit.currency_id or payment.payment_type != "inbound":
                raise ValidationError(self.env._("The payment is no receipt in the deposit's currency."))

    def _person_writes(self):
        if self.state == "requested" or not self:
            own = {
                "name",
                "customer_id",
                "order_id",
                "currency_id",
                "amount",
                "return_date",
                "user_id",
                "payment_id",
                "note",
            }
            return own if self else own | {"company_id"}
        return {"name", "return_date", "user_id", "note"} if self.state == "paid" else {"note"}

    def _person_deletes(self):
        return self.filtered(lambda deposit: deposit.state in ("requested", "cancelled") and not deposit.entry_count)

    def _refuse_person(self, names):
        if not self:
            raise UserError(self.env._("A new security deposit is requested first."))
        if self.state != "requested" and {"amount", "currency_id", "customer_id", "company_id"} & names:
            raise UserError(
                self.env._("What has been paid stays as it is: amount and customer cannot change any more.")
            )
        if BOOKED_FIELDS & names:
            raise UserError(self.env._("The status of a security deposit changes by its buttons."))
        return super()._refuse_person(names)

    def _refuse_deletion(self):
        self._unlink_except_paid()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("order_id") and not vals.get("customer_id"):
                order = self.env["sale.order"].browse(vals["order_id"])
                vals["customer_id"] = order._dunning_debtor_record().id
                vals.setdefault("currency_id", order.currency_id.id)
                vals.setdefault("company_id", order.company_id.id)
        return super().create(vals_list)

    def write(self, vals):
        if not is_system():
            self._check_person(vals)
            if any(deposit.state != "requested" for deposit in self):
                self._check_accounting()
        result = super().write(vals)
        if {"return_date", "user_id"} & set(vals):
            self._plan_return()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paid(self):
        if any(deposit.state not in ("requested", "cancelled") or deposit.entry_count for deposit in self):
            raise UserError(self.env._("A security deposit that was paid cannot be deleted."))

    def action_cancel(self):
        """It is not wanted any more."""
        self._update_state(("requested",), "cancelled")

    def _update_state(self, sources, target, **values):
        """The one gate: only from these states; returns the records that moved.

        :raise AccessError: the user has no part in accounting
        """
        self._check_accounting()
        moved = self.filtered(lambda deposit: deposit.state in sources)
        if moved != self:
            raise UserError(self.env._("Not possible in this status: %s", (self - moved)[:1].display_name))
        moved._put({"state": target, **values})
        return moved

    def _check_accounting(self):
        if not self.env.su and not self.env.user.has_group("ar_dunning.group_dunning_user"):
            raise AccessError(self.env._("Accounting says when a security deposit has come in or gone out."))

    def _plan_return(self):
        """One activity for the day of return, as long as it is held."""
        self.activity_unlink([RETURN])
        for deposit in self.filtered(lambda deposit: deposit.state == "paid"):
            # It is for a day far off: no mail today.
            deposit.with_context(mail_activity_quick_update=True).activity_schedule(
                RETURN,
                date_deadline=deposit.return_date,
                user_id=deposit.company_id._dunning_person(deposit.user_id, self.env.user).id,
                summary=self.env._("Give back or apply %s", deposit.currency_id.format(deposit.amount_left)),
            )

    @api.depends("name", "amount", "currency_id")
    def _compute_display_name(self):
        for deposit in self:
            amount = deposit.currency_id.format(deposit.amount) if deposit.currency_id else ""
            deposit.display_name = f"{deposit.name or ''} {amount}".strip()

    @api.depends("company_id")
    def _compute_pay_to(self):
        for deposit in self:
            bank = deposit.company_id.partner_id.bank_ids[:1]
            deposit.pay_to = ", ".join(filter(None, (bank.acc_number, bank.bank_id.name, bank.bank_bic)))

    # === What its form offers: dialogs for what is booked, the entries, mail to the customer === #

    def action_receive(self):
        """Name the receipt that it came in with."""
        return self._action_wizard("receipt", self.env._("Has come in"))

    def action_release(self):
        """Pay it back."""
        return self._action_wizard("return", self.env._("Give back"))

    def action_apply(self):
        """Pay invoices with it."""
        return self._action_wizard("apply", self.env._("Apply to invoices"))

    def action_undo_receipt(self):
        """It has not come in after all."""
        return self._action_wizard(
            "undo", self.env._("Undo the receipt"), default_move_id=self.receipt_move_id.id, default_deposit_id=self.id
        )

    def _action_wizard(self, name, title, **context):
        self.ensure_one()
        self._check_accounting()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": f"ar.dunning.deposit.{name}.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_deposit_id": self.id, **context},
        }

    def action_view_entries(self):
        """Its journal items, entry by entry."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries of %s", self.reference),
            "res_model": "account.move.line",
            "view_mode": "list",
            "views": [(self.env.ref("ar_dunning_sale.account_move_line_deposit_view_list").id, "list")],
            "domain": [("move_id.ar_dunning_deposit_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_send(self):
        """Write to the customer: the request, that it has come in, or that it went back."""
        self.ensure_one()
        template = self.env.ref(MAILS.get(self.state, ""), raise_if_not_found=False)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to the customer"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": template.id if template else False,
                "default_partner_ids": self.partner_id.ids,
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "force_email": True,
            },
        }

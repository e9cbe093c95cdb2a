from odoo import api, fields, models

MAILS = {
    "requested": "ar_dunning_sale.mail_template_deposit_request",
    "paid": "ar_dunning_sale.mail_template_deposit_receipt",
    "released": "ar_dunning_sale.mail_template_deposit_return",
    "applied": "ar_dunning_sale.mail_template_deposit_return",
}


class ArDunningDeposit(models.Model):
    """What its form offers: dialogs for what is booked, the entries, and mail to the customer."""

    _inherit = "ar.dunning.deposit"

    pay_to = fields.Char(
        "Pay to",
        compute="_compute_pay_to",
        compute_sudo=True,
        help="The company's first bank account, for the request.",
    )

    @api.depends("company_id")
    def _compute_pay_to(self):
        for deposit in self:
            bank = deposit.company_id.partner_id.bank_ids[:1]
            deposit.pay_to = ", ".join(filter(None, (bank.acc_number, bank.bank_id.name, bank.bank_bic)))

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

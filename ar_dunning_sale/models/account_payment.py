from odoo import api, fields, models


class AccountPayment(models.Model):
    """Payments that give a security deposit back: their counterpart is its liability, not the receivable."""

    _name = "account.payment"
    _inherit = ["account.payment", "ar.dunning.written"]

    ar_dunning_deposit_id = fields.Many2one(
        "ar.dunning.deposit",
        "Security Deposit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    @api.depends("ar_dunning_deposit_id")
    def _compute_destination_account_id(self):
        """Whatever journal or method is chosen later, the counterpart stays the deposit's account."""
        result = super()._compute_destination_account_id()
        for payment in self.filtered("ar_dunning_deposit_id"):
            payment.destination_account_id = payment.sudo().ar_dunning_deposit_id.account_id
        return result

    def copy_data(self, default=None):
        """A copy gives no deposit back, so its counterpart is that of any payment."""
        vals_list = super().copy_data(default)
        for payment, vals in zip(self, vals_list, strict=True):
            if payment.ar_dunning_deposit_id and "destination_account_id" not in (default or {}):
                vals.pop("destination_account_id", None)
        return vals_list

    def action_reject(self):
        """A rejected payment keeps its entry, so a deposit that hangs on it would say something else than the bank.

        :raise UserError: says how the deposit is put right first
        """
        self.move_id._check_ar_dunning_deposit_kept()
        for payment in self.filtered("ar_dunning_deposit_id"):
            payment.move_id._refuse_for_ar_dunning_deposit()
        return super().action_reject()

    def _generate_journal_entry(self, write_off_line_vals=None, force_balance=None, line_ids=None):
        result = super()._generate_journal_entry(write_off_line_vals, force_balance, line_ids)
        for payment in self.filtered("ar_dunning_deposit_id"):
            payment.move_id._put({"ar_dunning_deposit_id": payment.ar_dunning_deposit_id.id})
        return result

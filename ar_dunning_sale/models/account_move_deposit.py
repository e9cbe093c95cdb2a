from odoo import api, fields, models
from odoo.exceptions import UserError

from .facts.gate import Ours

# Context key of our own undoing; without it, nobody takes an entry of a security deposit back.
UNDO = "ar_dunning_deposit_undo"


class AccountMove(models.Model):
    """Entries of security deposits: books and deposits never part.

    A receipt or an application is undone on the deposit, so its entry is neither reset, reversed nor unmatched by
    hand. A payment that gives a deposit back may be reset, as any payment that the bank refuses: the deposit follows.
    """

    _inherit = "account.move"

    ar_dunning_deposit_id = fields.Many2one(
        "ar.dunning.deposit",
        "Security Deposit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        groups="base.group_user",
    )
    ar_dunning_deposit_kind = fields.Selection(
        [
            ("receipt", "Received"),
            ("application", "Applied"),
            ("return", "Given back"),
            ("undone", "Undone"),
            ("reversal", "Reversal"),
        ],
        "What For",
        compute="_compute_ar_dunning_deposit_kind",
        groups="base.group_user",
    )
    ar_dunning_deposit_undoable = fields.Boolean(compute="_compute_ar_dunning_deposit_kind", groups="base.group_user")

    @api.depends("ar_dunning_deposit_id.receipt_move_id", "origin_payment_id", "reversed_entry_id", "reversal_move_ids")
    def _compute_ar_dunning_deposit_kind(self):
        for move in self:
            move.ar_dunning_deposit_kind = move._ar_dunning_deposit_kind()
            move.ar_dunning_deposit_undoable = move.ar_dunning_deposit_kind in ("receipt", "application")

    def _ar_dunning_deposit_kind(self):
        self.ensure_one()
        deposit = self.sudo().ar_dunning_deposit_id
        if not deposit:
            return False
        if self.origin_payment_id:
            return "return"
        if self.reversed_entry_id:
            return "reversal"
        if self.sudo().reversal_move_ids:
            return "undone"
        return "receipt" if deposit.receipt_move_id == self._origin else "application"

    def action_undo_ar_dunning_deposit(self):
        """Ask for day and reason, and undo this receipt or application."""
        self.ensure_one()
        return self.ar_dunning_deposit_id._action_wizard(
            "undo", self.env._("Undo %s", self.name), default_move_id=self.id
        )

    def _post(self, soft=True):
        posted = super()._post(soft)
        for move in posted.filtered(lambda move: move.ar_dunning_deposit_id and move.origin_payment_id):
            move.sudo().ar_dunning_deposit_id._take_return(move.sudo())
        return posted

    def button_draft(self):
        self._check_ar_dunning_deposit_kept()
        returns = self.filtered(
            lambda move: move.state == "posted" and move.ar_dunning_deposit_id and move.origin_payment_id
        )
        result = super().button_draft()
        for move in returns.sudo():
            move.ar_dunning_deposit_id._loosen_return(move)
        return result

    def _reverse_moves(self, default_values_list=None, cancel=False):
        if not Ours.says(self.env, UNDO):
            for move in self.filtered("ar_dunning_deposit_id"):
                move._refuse_for_ar_dunning_deposit()
        return super()._reverse_moves(default_values_list, cancel)

    def _check_ar_dunning_deposit_kept(self):
        """Refuse to reset entries of a deposit, and receipts that a deposit was taken from.

        :raise UserError: says where to undo it
        """
        # what it is matched with may be of the root company, which people of a branch may not enter
        posted = self.sudo().filtered(lambda move: move.state == "posted")
        for move in posted.filtered(lambda move: move.ar_dunning_deposit_id and not move.origin_payment_id):
            move._refuse_for_ar_dunning_deposit()
        for taken in posted.line_ids.matched_debit_ids.debit_move_id.move_id.filtered("ar_dunning_deposit_id"):
            if taken.ar_dunning_deposit_kind == "receipt":
                taken._refuse_for_ar_dunning_deposit()

    def _refuse_for_ar_dunning_deposit(self):
        deposit = self.sudo().ar_dunning_deposit_id
        if self.origin_payment_id:
            raise UserError(
                self.env._(
                    "%(entry)s gives the security deposit %(deposit)s back. Reset its payment to draft instead: the "
                    "deposit is held again then.",
                    entry=self.name,
                    deposit=deposit.display_name,
                )
            )
        raise UserError(
            self.env._(
                "%(entry)s books the security deposit %(deposit)s, which must say the same. Open the deposit and undo "
                "it there, under Entries.",
                entry=self.name,
                deposit=deposit.display_name,
            )
        )

from odoo import api, models

from .account_move_deposit import UNDO
from .facts.gate import Ours


class AccountPartialReconcile(models.Model):
    """What a security deposit was taken from, and what it paid, stay matched until that is undone on the deposit.

    What is held may be matched with a bank line or a payment that gave it back: the deposit follows.
    """

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        for deposit, found in partials._ar_dunning_by_money().items():
            deposit._follow_money(found)
        return partials

    def unlink(self):
        if not Ours.says(self.env, UNDO):
            kept = self - self._ar_dunning_by_hand().with_env(self.env)
            moves = (kept.debit_move_id | kept.credit_move_id).move_id
            for move in moves.filtered(lambda move: move.ar_dunning_deposit_id and not move.origin_payment_id):
                move._refuse_for_ar_dunning_deposit()
        loose = {deposit: found.debit_move_id.move_id for deposit, found in self._ar_dunning_by_money().items()}
        result = super().unlink()
        for deposit, moves in loose.items():
            deposit._loosen_money(moves)
        return result

    def _ar_dunning_by_hand(self):
        """Those that match what a deposit holds with an entry that is none of a deposit's; as superuser."""
        return self.sudo().filtered(
            lambda partial: partial._ar_dunning_held() and not partial.debit_move_id.move_id.ar_dunning_deposit_id
        )

    def _ar_dunning_by_money(self):
        """`{deposit: those of these that match what it holds with bank lines or payments}`; no exchange differences."""
        found = self._ar_dunning_by_hand().filtered(
            lambda partial: partial.debit_move_id.statement_line_id or partial.debit_move_id.payment_id
        )
        return found.grouped(lambda partial: partial._ar_dunning_held())

    def _ar_dunning_held(self):
        """The deposit of which this matches what is held, or none."""
        line = self.credit_move_id
        deposit = line.move_id.ar_dunning_deposit_id
        held = deposit and line.move_id == deposit.receipt_move_id and line.account_id == deposit.account_id
        return deposit if held else deposit.browse()

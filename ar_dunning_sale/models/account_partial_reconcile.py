from odoo import models

from .account_move_deposit import UNDO
from .verdict import Ours


class AccountPartialReconcile(models.Model):
    """What a security deposit was taken from, and what it paid, stay matched until that is undone on the deposit."""

    _inherit = "account.partial.reconcile"

    def unlink(self):
        if not Ours.says(self.env, UNDO):
            moves = (self.debit_move_id | self.credit_move_id).move_id
            for move in moves.filtered(lambda move: move.ar_dunning_deposit_id and not move.origin_payment_id):
                move._refuse_for_ar_dunning_deposit()
        return super().unlink()

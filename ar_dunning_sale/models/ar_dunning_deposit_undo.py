from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.ar_dunning.tools.authority import as_system

from .account_move_deposit import UNDO
from .ar_dunning_deposit import RETURN
from .verdict import Ours


class ArDunningDeposit(models.Model):
    """What was booked wrongly is reversed, and the deposit follows."""

    _inherit = "ar.dunning.deposit"

    def _undo(self, move, reason, on):
        """Reverse a receipt or an application that was booked wrongly; both stay in the books.

        A receipt is open on the receivable again, and the deposit requested; an applied part is held again.

        :param move: the receipt or an application; None for a deposit that is held without an entry
        :param date on: day of the reversal, not before the entry
        :return: the posted reversal
        :raise UserError: no such entry, a receipt of which a part is gone already, a locked day
        """
        self.ensure_one()
        self._lock_for_booking()
        if not move and self.unbooked:
            self._back_to_requested(reason)
            return self.env["account.move"]
        self._check_undoable(move, on)
        values = {
            "date": on,
            "ref": self.env._("Undone: %(entry)s, %(reason)s", entry=move.name, reason=reason),
            "ar_dunning_deposit_id": self.id,
        }
        with as_system():  # the reversal knows its deposit from the start
            reversal = move.with_context(**{UNDO: Ours()})._reverse_moves([values], cancel=True).with_env(self.env)
        if move == self.receipt_move_id:
            self._back_to_requested(reason)
        else:
            self._reopen()
        self._tell_booked(self.env._("Undone (%s)", reason), reversal)
        return reversal

    def _check_undoable(self, move, on):
        if not move or move.ar_dunning_deposit_id != self or not move.ar_dunning_deposit_undoable:
            raise UserError(self.env._("There is nothing to undo: %s", move.display_name or self.display_name))
        if move == self.receipt_move_id and self.currency_id.compare_amounts(self.amount_left, self.amount):
            raise UserError(
                self.env._(
                    "A part of %s was given back or applied already. Undo that first: an application on this "
                    "form, a return by resetting its payment to draft.",
                    self.display_name,
                )
            )
        if on < move.date:
            raise UserError(
                self.env._("An entry is not undone before its own day, %s.", format_date(self.env, move.date))
            )
        self.company_id._check_dunning_unlocked(on, move.journal_id)

    def _back_to_requested(self, reason):
        self._update_state(
            ("paid",), "requested", receipt_move_id=False, account_id=False, payment_id=False, paid_on=False
        )
        self.activity_unlink([RETURN])
        self.message_post(body=self.env._("The receipt was undone: %s", reason))

    def _tell_unbooked(self):
        """These are held without an entry: an activity each for who looks after the customer's money.

        Booking is left to a person, as only a person knows whether somebody has booked it by hand.
        """
        for deposit in self:
            customer = deposit.customer_id
            deposit.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=customer._who_is_asked(deposit.user_id).id,
                summary=self.env._("Book the receipt of this security deposit"),
                note=self.env._(
                    "It is held, but no entry says so: it was recorded before security deposits were booked, and its "
                    "payment still counts as a credit of the customer. Book its receipt, or undo it if it is not held."
                ),
            )

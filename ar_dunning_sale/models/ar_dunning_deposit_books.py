from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.ar_dunning.tools.authority import as_system

from .account_move_deposit import UNDO
from .ar_dunning_deposit import RETURN
from .facts.gate import Ours


class ArDunningDeposit(models.Model):
    """Security deposits in the books.

    Money that must be given back is a liability, never a credit on the receivable, where it would pay invoices and
    make room under the limit:

    - *received*: Dr receivable, matched with the receipt / Cr security deposits, at the rate of the receipt;
    - *given back*: an outgoing payment, Dr security deposits / Cr bank: the receivable is never touched, so that what
      waits to be paid out cannot settle anything;
    - *applied*: Dr security deposits, at the rate of the receipt / Cr receivable, matched with invoices.

    What is left is read from the books: the open remainder of the receipt's line on the account of security deposits.
    So the deposits that are held always add up to the balance of that account.
    """

    _inherit = "ar.dunning.deposit"

    reference = fields.Char(
        compute="_compute_reference", store=True, help="The customer names it with the transfer; so it is found."
    )
    account_id = fields.Many2one(
        "account.account", "Booked on", readonly=True, copy=False, help="The liability account that holds it."
    )
    receipt_move_id = fields.Many2one(
        "account.move",
        "Receipt in the Books",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    entry_ids = fields.One2many("account.move", "ar_dunning_deposit_id", string="Entries", readonly=True)
    entry_count = fields.Integer("Number of Entries", compute="_compute_entry_count", compute_sudo=True)
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    amount_left = fields.Monetary(
        "Held", compute="_compute_amount_left", store=True, help="What came in less what was given back or applied."
    )
    amount_left_company = fields.Monetary(
        "In the Books",
        compute="_compute_amount_left",
        store=True,
        currency_field="company_currency_id",
        help="In company currency, as on the account of security deposits: their sum is its balance.",
    )
    amount_returned = fields.Monetary("Given Back", compute="_compute_amounts_gone", compute_sudo=True)
    amount_applied = fields.Monetary("Applied", compute="_compute_amounts_gone", compute_sudo=True)
    unbooked = fields.Boolean(
        "Not in the Books",
        compute="_compute_unbooked",
        store=True,
        help="It is held, but no entry says so: it was recorded before security deposits were booked.",
    )

    _receipt_once = models.UniqueIndex(
        "(receipt_move_id) WHERE receipt_move_id IS NOT NULL", "A receipt belongs to one security deposit."
    )

    @api.depends("company_id")
    def _compute_reference(self):
        for deposit in self:
            deposit.reference = f"SD{deposit._origin.id:05d}" if deposit._origin.id else False

    @api.depends("state", "receipt_move_id")
    def _compute_unbooked(self):
        for deposit in self:
            deposit.unbooked = deposit.state == "paid" and not deposit.receipt_move_id

    # By way of its entries, which know their deposit: by way of the receipt, every line of the ledger would have to ask.
    @api.depends(
        "amount",
        "unbooked",
        "account_id",
        "receipt_move_id",
        "entry_ids.line_ids.amount_residual",
        "entry_ids.line_ids.amount_residual_currency",
    )
    def _compute_amount_left(self):
        for deposit in self:
            lines = deposit._held_lines()
            booked = -sum(lines.mapped("amount_residual_currency"))
            deposit.amount_left = deposit.amount if deposit.unbooked else booked
            deposit.amount_left_company = -sum(lines.mapped("amount_residual"))

    @api.depends("state", "amount", "amount_left", "entry_ids.state")
    def _compute_amounts_gone(self):
        for deposit in self:
            gone = deposit.amount - deposit.amount_left if deposit.state in ("paid", "released", "applied") else 0.0
            applied = deposit._booked_applications() if deposit.receipt_move_id else gone * (deposit.state == "applied")
            deposit.amount_applied = applied
            deposit.amount_returned = deposit.currency_id.round(gone - applied) if deposit.currency_id else 0.0

    def _booked_applications(self):
        """What its applications took, in its currency; what else is gone was given back."""
        moves = self.entry_ids.filtered(lambda move: move.state == "posted")
        applications = moves.filtered(lambda move: move.ar_dunning_deposit_kind == "application")
        lines = applications.line_ids.filtered(lambda line: line.account_id == self.account_id)
        return sum(lines.mapped("amount_currency"))

    @api.depends("entry_ids")
    def _compute_entry_count(self):
        counts = dict(
            self.env["account.move"]._read_group(
                [("ar_dunning_deposit_id", "in", self.ids)], ["ar_dunning_deposit_id"], ["__count"]
            )
        )
        for deposit in self:
            deposit.entry_count = counts.get(deposit._origin, 0)

    def _held_lines(self):
        """The receipt's line on the account of security deposits: what is open of it is still held."""
        return self.receipt_move_id.line_ids.filtered(
            lambda line: line.account_id == self.account_id and line.parent_state == "posted"
        )

    # === States that follow the books === #

    def _close_if_empty(self, state, on):
        if self.currency_id.is_zero(self.amount_left):
            self._update_state(("paid",), state, closed_on=on).activity_feedback([RETURN])
        else:
            self._plan_return()

    def _reopen(self):
        """Something is held again."""
        if self.state in ("released", "applied") and not self.currency_id.is_zero(self.amount_left):
            self._update_state(("released", "applied"), "paid", closed_on=False)
        self._plan_return()

    # === What must be so === #

    def _lock_for_booking(self):
        """One at a time, and by who has a part in accounting: two clicks book once."""
        self._check_accounting()
        self.lock_for_update()
        self.invalidate_recordset(["state", "receipt_move_id", "account_id"])

    def _check_in_books(self):
        if self.unbooked:
            raise UserError(
                self.env._(
                    "%s is held, but it is not in the books. Book its receipt first, or undo it.", self.display_name
                )
            )
        if self.state != "paid":
            raise UserError(self.env._("Not possible in this status: %s", self.display_name))

    def _check_held(self, amount, on):
        if amount <= 0 or self.currency_id.compare_amounts(amount, self.amount_left) > 0:
            raise UserError(
                self.env._(
                    "%(held)s is held of %(deposit)s; %(amount)s is not possible.",
                    held=self.currency_id.format(self.amount_left),
                    deposit=self.display_name,
                    amount=self.currency_id.format(amount),
                )
            )
        if on < self.receipt_move_id.date:
            raise UserError(
                self.env._(
                    "%(deposit)s came in on %(day)s: choose no earlier day.",
                    deposit=self.display_name,
                    day=format_date(self.env, self.receipt_move_id.date),
                )
            )

    # === Entries === #

    def _entry_label(self):
        return self.env._("Security deposit %(reference)s, %(what)s", reference=self.reference, what=self.name)

    def _post_entry(self, on, lines, ref):
        journal = self.company_id._dunning_deposit_journal()
        self.company_id._check_dunning_unlocked(on, journal)
        move = (
            self.env["account.move"]
            .with_company(self.company_id)
            ._make(
                {
                    "move_type": "entry",
                    "journal_id": journal.id,
                    "company_id": self.company_id.id,
                    "currency_id": self.currency_id.id,
                    "date": on,
                    "ref": ref,
                    "ar_dunning_deposit_id": self.id,
                    "line_ids": [fields.Command.create({"sequence": n, **line}) for n, line in enumerate(lines, 1)],
                }
            )
        )
        move._post(soft=False)
        return move

    def _tell_booked(self, what, move, amount=None):
        self.message_post(
            body=self.env._(
                "%(what)s: %(amount)s, %(entry)s",
                what=what,
                amount=self.currency_id.format(move.amount_total if amount is None else amount),
                entry=move._get_html_link(),
            )
        )

    def _share(self, amount, open_amount, open_company):
        """The part of an open amount in company currency that goes with `amount` of it in the deposit's currency."""
        if not self.currency_id.compare_amounts(amount, open_amount):
            return open_company
        return self.company_id.currency_id.round(open_company * amount / open_amount)

    # === What was booked wrongly is reversed, and the deposit follows === #

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

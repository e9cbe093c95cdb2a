from odoo import fields

from .common import SaleDunningCommon


class DepositCommon(SaleDunningCommon):
    """A company with an account of security deposits, and the steps of a deposit by its dialogs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.liability = cls.env["account.account"].create(
            {"name": "Security deposits", "code": "251900", "account_type": "liability_current"}
        )
        cls.company.ar_dunning_deposit_account_id = cls.liability
        cls.receivable = cls.company_data["default_account_receivable"]

    @classmethod
    def deposit(cls, **values):
        return cls.env["ar.dunning.deposit"].create(
            {
                "name": "Loan device",
                "customer_id": cls.dunning_customer(cls.partner_a).id,
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "amount": 400.0,
                "return_date": fields.Date.add(cls.today, days=90),
                "user_id": cls.seller.id,
                **values,
            }
        )

    @classmethod
    def wizard(cls, deposit, name, **values):
        action = getattr(
            deposit, {"receipt": "action_receive", "return": "action_release", "apply": "action_apply"}[name]
        )()
        return deposit.env[action["res_model"]].with_context(**action["context"]).create(values)

    @classmethod
    def receive(cls, deposit, payment=None, amount=None, **values):
        """Book the receipt by its dialog, from a transfer of its amount if none is given. Returns the entry."""
        payment = payment or cls.transfer(deposit.amount, currency=deposit.currency_id)
        wizard = cls.wizard(deposit, "receipt", **values)
        for line in wizard.line_ids:
            taken = line.move_line_id.move_id in payment.move_id
            line.amount = (amount or min(deposit.amount, line.open_amount)) if taken else 0.0
        if "date" in values:
            wizard.date = values["date"]
        wizard.action_receive()
        return deposit.receipt_move_id

    @classmethod
    def give_back(cls, deposit, amount=None, **values):
        """Pay it out by its dialog. Returns the payment."""
        former = deposit.entry_ids.origin_payment_id
        wizard = cls.wizard(deposit, "return", **({"amount": amount} if amount else {}), **values)
        wizard.action_give_back()
        return deposit.entry_ids.origin_payment_id - former

    @classmethod
    def apply(cls, deposit, parts, **values):
        """Pay `{invoice: amount}` by its dialog. Returns the entry."""
        former = deposit.entry_ids
        wizard = cls.wizard(deposit, "apply", **values)
        for line in wizard.line_ids:
            line.amount = parts.get(line.move_line_id.move_id, 0.0)
        wizard.action_apply()
        return deposit.entry_ids - former

    @classmethod
    def undo(cls, move, reason="Wrong", **values):
        """Reverse an entry by its button. Returns the reversal."""
        former = move.ar_dunning_deposit_id.entry_ids
        action = move.action_undo_ar_dunning_deposit()
        wizard = move.env[action["res_model"]].with_context(**action["context"]).create({"reason": reason, **values})
        wizard.action_undo()
        return move.ar_dunning_deposit_id.entry_ids - former

    def rows(self, move):
        """What an entry says: `[(account, partner, amount in its currency, balance in company currency)]`."""
        return [
            (line.account_id, line.partner_id, line.amount_currency, line.balance)
            for line in move.line_ids.sorted("id")
        ]

    def balance(self, account=None):
        """The balance of the account of security deposits, by a statement of its own; positive is held."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT COALESCE(-sum(balance), 0) FROM account_move_line "
            "WHERE account_id = %s AND parent_state = 'posted' AND company_id = %s",
            [(account or self.liability).id, self.company.id],
        )
        return float(self.env.cr.fetchone()[0])

    def held(self):
        """What the list of deposits says is held, in company currency."""
        (total,) = self.env["ar.dunning.deposit"]._read_group(
            [("company_id", "=", self.company.id), ("state", "=", "paid")], aggregates=["amount_left_company:sum"]
        )[0]
        return total or 0.0

    def assert_books(self, amount):
        """Deposits held and the account say the same amount."""
        self.assertAlmostEqual(self.balance(), amount, places=2)
        self.assertAlmostEqual(self.held(), amount, places=2)

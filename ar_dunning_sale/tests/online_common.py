from odoo import Command

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import SaleDunningCommon


class OnlineCommon(SaleDunningCommon, AccountPaymentCommon):
    """A provider that refunds and captures in parts, and transactions of orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()

        def features(providers):
            providers.update(
                {
                    "support_refund": "partial",
                    "support_manual_capture": "partial",
                    "support_tokenization": False,
                    "support_express_checkout": False,
                }
            )

        cls.classPatch(type(cls.provider), "_compute_feature_support_fields", features)
        cls.provider.journal_id = cls.company_data["default_journal_bank"]

    def paid_online(self, orders, amount, state="done", **values):
        tx = self._create_transaction(
            "direct",
            state=state,
            amount=amount,
            currency_id=orders.currency_id.id,
            partner_id=orders.partner_id.id,
            sale_order_ids=[Command.set(orders.ids)],
            reference=f"tx {orders[0].name} {amount} {len(orders.transaction_ids)}",
            **values,
        )
        tx._post_process()
        self.env.invalidate_all()
        return tx

    def child(self, tx, amount, state, is_refund=False):
        child = tx._create_child_transaction(amount, is_refund=is_refund)
        child.state = state
        child._update_source_transaction_state()
        child._post_process()
        self.env.invalidate_all()
        return child

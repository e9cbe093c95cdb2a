"""What the salespeople of the former database have done: deposits in each of their states, orders held, released and on trial."""

from datetime import date

from upgrade_seed import LAST


class SeedSale:
    """Continues a `Seed` where the addon for sales is installed."""

    def __init__(self, seed):
        self.seed, self.env, self.company = seed, seed.env, seed.company

    def fill(self):
        """Rules, orders and deposits."""
        self.seller = self.seed.user("seller", "sales_team.group_sale_salesman")
        self.company.write({"ar_dunning_overdue_effect": "hold", "ar_dunning_overdue_days": 10})
        self.goods = self.env["product.product"].create(
            {"name": "Goods", "type": "consu", "invoice_policy": "order", "list_price": 100.0, "taxes_id": False}
        )
        self.env["ar.dunning.deposit.rule"].create({"name": "Pays first", "share": 0.3, "status_from": "hold"})
        self.env.ref("ar_dunning_sale.mail_template_deposit_request").subject = "Edited: deposit"
        self.orders()
        self.deposits()

    def order(self, name, amount, **values):
        """A quotation of the salesperson's."""
        line = {"product_id": self.goods.id, "product_uom_qty": 1, "price_unit": amount, "tax_ids": []}
        return self.env["sale.order"].create(
            {
                "partner_id": self.seed.partners[name].id,
                "user_id": self.seller.id,
                "order_line": [(0, 0, line)],
                "note": "<p>We deliver ex works.</p>",
                **values,
            }
        )

    def orders(self):
        """One held and approved, one that waits for its answer, one free until the end of May, one confirmed with its terms."""
        held = self.order("Elster Handel GmbH", 900.0)
        held.with_user(self.seller).action_request_approval()
        self.env["ar.dunning.release.wizard"].with_user(self.seed.controller).create(
            {"order_ids": held.ids, "decision": "approved", "note": "Pays in advance"}
        ).action_decide()
        self.order("Adler Maschinen GmbH", 450.0).with_user(self.seller).action_request_approval()
        free = self.order(
            "Igel Optik GmbH", 600.0, ar_dunning_trial="trial", ar_dunning_trial_end=date(2026, 5, 31), date_order=LAST
        )
        free.order_line.ar_dunning_trial = True
        free.action_confirm()
        self.order("Castor Technik AG", 300.0).action_confirm()

    def deposits(self):
        """One asked for, one received, one of which a part was given back."""
        self.company.ar_dunning_deposit_account_id = self.env["account.account"].create(
            {"name": "Security deposits", "code": "251900", "account_type": "liability_current"}
        )
        asked, received, returned = (
            self.env["ar.dunning.deposit"].create(
                {
                    "name": f"Loan device {number}",
                    "customer_id": self.seed.customer("Igel Optik GmbH").id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "amount": 100.0 * number,
                    "return_date": date(2026, 12, 31),
                    "user_id": self.seller.id,
                }
            )
            for number in (1, 2, 3)
        )
        assert asked
        for deposit in received, returned:
            self.receive(deposit)
        wizard = self.wizard(returned, returned.action_release(), amount=120.0)
        wizard.action_give_back()

    def wizard(self, deposit, action, **values):
        """The dialog of a deposit's button."""
        return self.env[action["res_model"]].with_context(**action["context"]).create(values)

    def receive(self, deposit):
        """A transfer of its amount comes in, and is booked as the deposit."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": deposit.customer_id.partner_id.id,
                "amount": deposit.amount,
                "date": LAST,
                "journal_id": self.env["account.journal"].search([("type", "=", "bank")], limit=1).id,
            }
        )
        payment.action_post()
        wizard = self.wizard(deposit, deposit.action_receive())
        for line in wizard.line_ids:
            line.amount = deposit.amount if line.move_line_id.move_id == payment.move_id else 0.0
        wizard.action_receive()

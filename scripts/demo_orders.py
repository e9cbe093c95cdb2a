"""What the demo's salesperson is about to sell: to a good payer, to one on hold, and to somebody new; and what has to leave."""

from datetime import timedelta

from demo_goods import said
from demo_odoo import translate

# Customer, and lines of (what, how many, price each).
QUOTATIONS = (
    ("Bjørk & Bark AS", (("Office chairs", 12, 1890.0),)),
    ("Nordtind Elektro AS", (("Height-adjustable desks", 4, 5400.0), ("Monitor arms", 8, 640.0))),
    ("Rallar Sykkel AS", (("Meeting table, oak", 1, 18900.0), ("Office chairs", 6, 1890.0))),
)
SENT = ("Ola Nordbø", (("Monitor arms", 1, 640.0),))
ORDERS = (
    ("Bjørk & Bark AS", (("Reception desk, made to measure", 1, 64000.0),)),
    ("Sandnes Hage AS", (("Office chairs", 4, 1890.0),)),
)
ASKED = ("Nordtind Elektro AS", (("Office chairs", 2, 1890.0),))  # on hold: the salesperson has asked for a release
PILOT = ("Bjørk & Bark AS", (("Monitor arms", 2, 640.0),))  # free of charge for a month
NEWCOMER = {
    "name": "Rallar Sykkel AS",
    "is_company": True,
    "lang": "nb_NO",
    "email": "post@rallar-sykkel.example",
    "street": "Stasjonsveien 11",
    "zip": "3580",
    "city": "Geilo",
}
RULES = (
    {"name": "First order", "first_order": True, "amount_from": 10000.0, "share": 0.3},
    {"name": "Pays late", "status_from": "hold", "share": 0.5, "sequence": 20},
    {"name": "Large order", "amount_from": 60000.0, "share": 0.5, "stage": "invoice", "sequence": 30},
)


class Orders:
    """Quotations of the demo, written by its salesperson."""

    def __init__(self, ledger) -> None:
        self.env = ledger.env
        self.seller = ledger.users["sales"]

    def write(self) -> None:
        """Deposit rules, a newcomer, the quotations, one that the portal's customer has, and what waits in the warehouse."""
        self._company()
        country = self.env["res.country"].search([("code", "=", "NO")])
        self.env["res.partner"].create(NEWCOMER | {"country_id": country.id, "user_id": self.seller.id})
        self.env["ar.dunning.deposit.rule"].create(list(RULES))
        for name, lines in QUOTATIONS:
            self.quotation(name, lines)
        asked = self.quotation(*ASKED)
        if asked.ar_dunning_stopped:
            asked.action_request_approval()
        self.quotation(*SENT).action_quotation_sent()
        for name, lines in ORDERS:
            self.quotation(name, lines).action_confirm()
        self._pilot()

    def _pilot(self) -> None:
        """Two of them to try, before anybody decides."""
        order = self.quotation(*PILOT)
        end = self.env.company._dunning_today() + timedelta(days=30)
        order.write({"ar_dunning_trial": "pilot", "ar_dunning_trial_end": end})
        order.order_line.ar_dunning_trial = True
        order.action_confirm()

    def _company(self) -> None:
        """Where security deposits are held, the name of the warehouse, and no text message for a delivery."""
        company = self.env.company
        held = {"name": "Security deposits received", "code": "201500", "account_type": "liability_current"}
        company.ar_dunning_deposit_account_id = self.env["account.account"].create(held)
        company.stock_text_confirmation = False  # its text messages would be sent through a service elsewhere
        self.env["stock.warehouse"].search([("company_id", "=", company.id)]).name = company.name

    def quotation(self, name, lines):
        """A quotation of the salesperson's for the customer of that name."""
        partner = self.env["res.partner"].search([("name", "=", name)])
        return self.env(user=self.seller)["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [
                    (0, 0, {"product_id": self.product(what, price), "product_uom_qty": count, "price_unit": price})
                    for what, count, price in lines
                ],
            }
        )

    def product(self, name, price) -> int:
        """The product of that name, made when it is first sold."""
        found = self.env["product.product"].search([("name", "=", name)], limit=1)
        if not found:
            found = self.env["product.product"].create({"name": name, "list_price": price, "invoice_policy": "order"})
            translate(found, lambda lang: said(name, lang))
        return found.id

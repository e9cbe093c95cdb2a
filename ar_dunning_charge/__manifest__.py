{
    "name": "Dunning: Charges",
    "summary": "Late-payment interest, compensation and reminder fees by law, contract and policy; booked, waived, allocated",
    "version": "19.0.4.0.0",
    "category": "Accounting/Accounting",
    "author": "ar_dunning contributors",
    "license": "LGPL-3",
    "depends": ["ar_dunning"],
    "auto_install": True,
}

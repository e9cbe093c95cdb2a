{
    "name": "Dunning: Credit",
    "summary": "Payment behaviour, score, credit limits and status, solvency checks",
    "version": "19.0.4.0.0",
    "category": "Accounting/Accounting",
    "author": "ar_dunning contributors",
    "license": "LGPL-3",
    "depends": ["ar_dunning"],
    "auto_install": True,
}

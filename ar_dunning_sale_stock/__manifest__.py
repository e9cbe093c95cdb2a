{
    "name": "Dunning: Deliveries",
    "summary": "No goods leave before their deposit has come in, nor, if you like, for customers on hold",
    "version": "19.0.2.0.0",
    "category": "Accounting/Accounting",
    "author": "ar_dunning contributors",
    "license": "LGPL-3",
    "depends": ["ar_dunning_sale", "sale_stock"],
    "auto_install": True,
    "data": [
        "security/ir.model.access.csv",
        "views/delivery_templates.xml",
        "views/stock_picking_views.xml",
        "views/res_config_settings_views.xml",
    ],
}

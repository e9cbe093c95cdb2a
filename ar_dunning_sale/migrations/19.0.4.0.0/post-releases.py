"""What people had asked and decided about orders stood on the orders; it becomes records, and what was approved stays approved.

The columns go with their fields, at the end of the update.
"""

from odoo import SUPERUSER_ID, api

ORDERS = """
    SELECT id, ar_dunning_release AS state, ar_dunning_release_amount AS amount,
           COALESCE(ar_dunning_release_currency_id, currency_id) AS currency_id,
           ar_dunning_release_partner_id AS partner_id, ar_dunning_release_user_id AS user_id,
           ar_dunning_release_on AS day, ar_dunning_release_note AS note, ar_dunning_release_reasons AS kinds,
           state = 'sale' AND (ar_dunning_release = 'requested' OR ar_dunning_release_on > date_order) AS confirmed
      FROM sale_order WHERE ar_dunning_release IS NOT NULL
     ORDER BY ar_dunning_release_on, id
"""


def migrate(cr, version):
    """A record for each order that somebody has asked for or decided about."""
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "mail_create_nolog": True})
    cr.execute(ORDERS)
    rows = cr.dictfetchall()
    env["ar.dunning.release"]._make([values(env, row) for row in rows])


def values(env, row):
    """The record of one order."""
    order = env["sale.order"].browse(row["id"])
    partner = env["res.partner"].browse(row["partner_id"]).exists() or order._dunning_debtors()
    customer = env["ar.dunning.customer"]._of_partners(partner, order.company_id, create=True)
    who = "asked" if row["state"] == "requested" else "decided"
    return {
        "order_id": order.id,
        "order_name": order.name,
        "customer_id": customer.id,
        "state": row["state"],
        "purpose": "deliver" if row["confirmed"] else "confirm",
        "currency_id": row["currency_id"],
        "amount": row["amount"],
        "note": row["note"],
        "kinds": row["kinds"],
        f"{who}_by_id": row["user_id"],
        f"{who}_on": row["day"],
    }

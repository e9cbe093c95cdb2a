from odoo import fields, models


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    ar_dunning_we_collect = fields.Boolean(
        "We Collect It",
        help="Direct debit or automatic payment: invoices to be paid this way are not dunned until the collection "
        "has failed.",
    )

from odoo import fields, models


class ArDunningPolicy(models.Model):
    """What customers of a policy agreed to, and when charges come into the books."""

    _inherit = "ar.dunning.policy"

    due_agreed = fields.Boolean(
        "Due Dates Are Agreed",
        tracking=True,
        help="The due dates were agreed with the customers (contract, order, accepted terms) and not just printed on "
        "the invoice. Then default begins when they have passed, where the law knows that ground.",
    )
    interest_rule_id = fields.Many2one(
        "ar.dunning.interest.rule",
        string="Agreed Interest",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="What these customers agreed to. Empty: the statutory interest of each debtor's country.",
    )
    charge_mode = fields.Selection(
        [
            ("announce", "Announce only: claimed in the notice, not in the books"),
            ("book", "Book with the notice"),
            ("on_payment", "Book when the principal is paid"),
        ],
        "Charges in the Books",
        required=True,
        default="announce",
        tracking=True,
        help="When late fees, interest and compensation become a document of their own in the books.",
    )
    charge_cap = fields.Float(
        "Charges at Most (% of the principal)",
        digits=(12, 6),
        tracking=True,
        help="All charges on an item together, as a share of what was invoiced. 0: no limit of your own; "
        "what the law limits is limited anyway.",
    )

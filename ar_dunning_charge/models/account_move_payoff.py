from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

# The days for which the invoice says what would settle it: today, in a week and in two.
PAYOFF_DAYS = (0, 7, 14)


class AccountMove(models.Model):
    """If paid by … you owe …: what settles an invoice on which charges run."""

    _inherit = "account.move"

    ar_dunning_payoff_html = fields.Html(
        "If Paid by …",
        compute="_compute_ar_dunning_payoff_html",
        sanitize=False,
        groups="ar_dunning.group_dunning_user",
        help="Principal, announced charges and the interest that runs up until the day.",
    )

    @api.depends("ar_dunning_item_ids", "amount_residual", "ar_dunning_claim_ids.stage")
    def _compute_ar_dunning_payoff_html(self):
        for move in self:
            saved = move._origin
            rows = saved._dunning_payoff_rows() if saved else []
            move.ar_dunning_payoff_html = (
                self.env["ir.qweb"]._render("ar_dunning_charge.payoff_of_invoice", {"rows": rows}) if rows else False
            )

    def _dunning_payoff_rows(self):
        """One row for each day with its amounts as text; none where nothing but the principal is owed."""
        self.ensure_one()
        today = self.company_id._dunning_today()
        rows = []
        for days in PAYOFF_DAYS:
            day = today + timedelta(days=days)
            found = self.env["ar.dunning.payoff"]._of(self, day)
            if not found:
                return []
            amounts = {name: self.currency_id.format(amount) for name, amount in found.items()}
            rows.append(
                {"day": format_date(self.env, day), "charged": found["announced"] + found["interest"], **amounts}
            )
        return rows if any(row["charged"] for row in rows) else []

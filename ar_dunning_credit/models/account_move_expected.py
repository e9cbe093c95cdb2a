from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import format_date

from ..core import forecast

# With as many recent invoices, the customer's own habit carries the forecast.
ENOUGH = Decimal(10)


class AccountMove(models.Model):
    """When a customer will probably pay an invoice, from how it has paid so far."""

    _inherit = "account.move"

    ar_dunning_expected_date = fields.Date(
        "Expected Payment",
        compute="_compute_ar_dunning_expected",
        groups="ar_dunning.group_dunning_user",
        help="As likely before as after this day; of the last instalment that is open.",
    )
    ar_dunning_expected_text = fields.Char(
        "Probably Paid", compute="_compute_ar_dunning_expected", groups="ar_dunning.group_dunning_user"
    )

    @api.depends("amount_residual", "line_ids.date_maturity", "state")
    @api.depends_context("lang")
    def _compute_ar_dunning_expected(self):
        self.ar_dunning_expected_date = False
        self.ar_dunning_expected_text = False
        for company, moves in self.grouped("company_id").items():
            open_moves = moves.filtered(lambda m: m.move_type == "out_invoice" and m.state == "posted" and m.id)
            moves_due = {move: move._dunning_last_due() for move in open_moves}
            moves_due = {move: due for move, due in moves_due.items() if due}
            if not moves_due:
                continue
            on = company._dunning_today()
            everyone = company._dunning_pool()
            pasts = self._dunning_pasts(company, on, list(moves_due), everyone.week)
            for move, due in moves_due.items():
                past = pasts.get(move.commercial_partner_id.id, forecast.Past())
                view = forecast.outlook(due, on, past, everyone)
                move.ar_dunning_expected_date = view.expected
                move.ar_dunning_expected_text = move._dunning_expected_text(view, past, everyone)

    @api.model
    def _dunning_pasts(self, company, on, moves, week):
        """`{partner id: Past}` of the customers of these invoices."""
        partners = self.browse([move.id for move in moves]).commercial_partner_id
        customers = (
            self.env["ar.dunning.customer"]
            .sudo()
            .with_context(active_test=False)
            .search_fetch([("partner_id", "in", partners.ids), ("company_id", "=", company.id)], ["partner_id"])
        )
        found = self.env["ar.dunning.behaviour"].sudo()._read(company, on, customers.ids) if customers else {}
        return {
            customer.partner_id.id: found[customer.id].past(on, week) for customer in customers if customer.id in found
        }

    def _dunning_last_due(self):
        """Due date of the last open instalment, False where nothing is open."""
        terms = self._origin._ar_dunning_terms().filtered(
            lambda line: not line.reconciled and line.amount_residual_currency > 0
        )
        return max((line.date_maturity or line.date for line in terms), default=False)

    def _dunning_expected_text(self, view, past, everyone):
        """The range in words, and what it rests on."""
        if not past.weight and not everyone.size:
            return self.env._("Nothing has been paid yet: as far as we know, on the due date")
        if not view.expected:
            return self.env._("It has waited longer than any invoice that was paid so far")
        low, high = (format_date(self.env, day) for day in view.wide)
        words = {"low": low, "high": high, "late": f"{view.late:.0%}"}
        if past.weight >= ENOUGH:
            return self.env._(
                "Between %(low)s and %(high)s in four cases of five, as this customer pays; late: %(late)s", **words
            )
        return self.env._(
            "Between %(low)s and %(high)s in four cases of five, mostly as other customers pay; late: %(late)s", **words
        )

from collections import defaultdict

from odoo import fields, models


class AccountMove(models.Model):
    """The text on late payment that the law wants on an invoice: kept as it was printed, since claims rest on it."""

    _inherit = "account.move"

    ar_dunning_mention = fields.Text(
        "Text on Late Payment",
        readonly=True,
        copy=False,
        help="What the law of the customer's country asks invoices to say about late payment; printed at the foot.",
    )

    def _ar_dunning_keep_mentions(self):
        """Keep on these invoices, which have just been posted, the text that they are printed with."""
        mentioned = self.filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and not move.ar_dunning_mention
                and move.company_id.root_id.sudo().ar_dunning_mentions
            )
        )
        texts = defaultdict(lambda: self.env["account.move"])
        for move in mentioned:
            texts[move._dunning_mention_text()] |= move
        for text, moves in texts.items():
            if text:
                moves._put({"ar_dunning_mention": text})

    def _dunning_mention_text(self):
        """What the law wants on this invoice, in the customer's language; empty where it wants nothing."""
        self.ensure_one()
        partner = self.commercial_partner_id
        Customer = self.env["ar.dunning.customer"].sudo()
        customer = Customer.search([("partner_id", "=", partner.id), ("company_id", "=", self.company_id.id)], limit=1)
        audience, unclear = Customer._audience_of(
            customer.audience, partner.is_company, partner.vat, partner.industry_id.id
        )
        regimes = self.env["ar.dunning.regime"].sudo()._all_for(partner.country_id, not unclear and audience)
        due = self.invoice_date_due or self.invoice_date
        regime = regimes.filtered(lambda regime: regime._holds_for(due))[:1]
        return regime.with_context(lang=partner.lang or self.env.lang).mention_text

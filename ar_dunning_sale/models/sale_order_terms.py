from odoo import fields, models


class SaleOrder(models.Model):
    """The general terms of a quotation become the customer's accepted terms with signature, payment or confirmation."""

    _inherit = "sale.order"

    def _dunning_terms_text(self):
        """The terms of the quotation as html: its own note, and the company's web page where the note links to it."""
        self.ensure_one()
        order = self.with_company(self.company_id).with_context(lang=self._get_lang())
        note, company = order.note or "", order.company_id
        page = company.invoice_terms_html or ""
        if company.terms_type == "html" and page and "/terms" in note:
            return f"{note}\n{page}"
        return note

    def _dunning_keep_terms(self):
        """What was signed has been recorded with the signature: another text later on was not."""
        Terms = self.env["ar.dunning.terms"].sudo()
        for order in self.sudo():
            signed = [("order_id", "=", order.id), ("way", "=", "signed"), ("accepted_on", "=", order.signed_on)]
            if order.signature and not Terms.search_count(signed, limit=1):
                way, by, on = "signed", order.signed_by or order.partner_id.name, order.signed_on
            elif paid := order.transaction_ids.filtered(lambda tx: tx.state in ("authorized", "done")):
                way, by, on = "paid", paid[:1].partner_id.name, paid[:1].last_state_change
            else:
                way, by, on = "confirmed", self.env.user.name, None
            Terms._record(order, way, by or self.env.user.name, on or fields.Datetime.now())

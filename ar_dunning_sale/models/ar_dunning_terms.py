import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from odoo.addons.ar_dunning.tools.authority import as_system


class ArDunningTerms(models.Model):
    """Which general terms a customer has accepted, when and how: the exact text, kept as a document.

    Terms bind only where they were part of the contract when it was made (e.g. section 305 of the German Civil Code),
    so the text of that day counts, not the one of today. Rows are evidence: nobody changes or deletes them.
    """

    _name = "ar.dunning.terms"
    _inherit = ["ar.dunning.protected"]
    _description = "Accepted Terms"
    _order = "accepted_on desc, id desc"
    _check_company_auto = True

    customer_id = fields.Many2one("ar.dunning.customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="customer_id.company_id", store=True, index=True)
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="set null")
    order_name = fields.Char("Quotation", readonly=True)
    accepted_on = fields.Datetime(required=True, readonly=True)
    accepted_by = fields.Char(required=True, readonly=True, help="The name given with the signature, else the user.")
    way = fields.Selection(
        [("signed", "Signed online"), ("paid", "Paid online"), ("confirmed", "Order confirmed by us")],
        required=True,
        readonly=True,
    )
    attachment_id = fields.Many2one("ir.attachment", "Document", required=True, readonly=True, ondelete="restrict")
    fingerprint = fields.Char("SHA-256", required=True, readonly=True)

    _once = models.UniqueIndex("(order_id, fingerprint)", "These terms are recorded for this order already.")

    @api.depends("order_name", "accepted_on")
    def _compute_display_name(self):
        for terms in self:
            day = fields.Date.to_string(terms.accepted_on) if terms.accepted_on else ""
            terms.display_name = f"{terms.order_name or ''} {day}".strip()

    def _refuse_person(self, names):
        raise UserError(self.env._("Accepted terms are evidence: they cannot be changed."))

    def _refuse_deletion(self):
        self._unlink_except_evidence()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Accepted terms are evidence: they cannot be deleted."))

    @api.model
    def _record(self, order, way, by, on):
        """Keep the terms of this order as they are now; a second time the same changes nothing.

        :param on: datetime (UTC) of the acceptance
        """
        text = order._dunning_terms_text()
        if is_html_empty(text):
            return self
        content = str(text).encode()
        fingerprint = hashlib.sha256(content).hexdigest()
        if self.search_count([("order_id", "=", order.id), ("fingerprint", "=", fingerprint)], limit=1):
            return self
        customer = self.env["ar.dunning.customer"]._of_partners(
            order.partner_id.commercial_partner_id, order.company_id, create=True
        )
        attachment = self.env["ir.attachment"].create(
            {
                "name": self.env._("Terms accepted with %s", order.name) + ".html",
                "raw": content,
                "mimetype": "text/html",
                "res_model": self._name,
                "company_id": order.company_id.id,
            }
        )
        terms = self._make(
            {
                "customer_id": customer.id,
                "order_id": order.id,
                "order_name": order.name,
                "accepted_on": on,
                "accepted_by": by,
                "way": way,
                "attachment_id": attachment.id,
                "fingerprint": fingerprint,
            }
        )
        with as_system():
            attachment.res_id = terms.id
        return terms

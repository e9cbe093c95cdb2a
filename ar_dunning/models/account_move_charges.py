from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Documents that book charges, and invoices on which charges are claimed."""

    _inherit = "account.move"

    ar_dunning_charge_ids = fields.One2many(
        "ar.dunning.charge",
        "document_id",
        string="Charges Booked",
        readonly=True,
        groups="ar_dunning.group_dunning_user",
    )
    ar_dunning_claim_ids = fields.One2many(
        "ar.dunning.charge",
        "move_id",
        string="Charges Claimed",
        readonly=True,
        groups="ar_dunning.group_dunning_user",
    )
    ar_dunning_charge_count = fields.Integer(
        "Charges",
        compute="_compute_ar_dunning_charge_count",
        groups="ar_dunning.group_dunning_user",
        help="Charges that this document books, or that are claimed on it.",
    )

    @api.depends("ar_dunning_charge_ids", "ar_dunning_claim_ids.stage")
    def _compute_ar_dunning_charge_count(self):
        for move in self:
            move.ar_dunning_charge_count = len(move._ar_dunning_charges())

    def _ar_dunning_charges(self):
        claimed = self.ar_dunning_claim_ids.filtered(lambda charge: charge.stage not in ("draft", "reversed"))
        return self.ar_dunning_charge_ids | claimed

    def action_view_ar_dunning_charges(self):
        """Open the charges that this document books, or that are claimed on it."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning.ar_dunning_charge_action") | {
            "domain": [("id", "in", self._ar_dunning_charges().ids)],
            "context": {},
        }

    def _ar_dunning_charge_lines(self):
        """The lines of a charge document, one for each charge, in the order of the charges."""
        self.ensure_one()
        if self.is_invoice():
            return self.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        return (self.line_ids - self._ar_dunning_terms()).sorted("id")

    def _ar_dunning_open_terms(self):
        """The receivable lines that are not settled yet."""
        return self._ar_dunning_terms().filtered(lambda line: line.parent_state == "posted" and not line.reconciled)

    def _ar_dunning_is_paid(self):
        """Whether a charge document is settled by payment; an entry has no payment state of its own."""
        if not self:
            return False
        self.ensure_one()
        if self.move_type != "entry":
            return self.payment_state in ("paid", "in_payment")
        return self.state == "posted" and not self._ar_dunning_open_terms() and not self._ar_dunning_is_credited()

    def _ar_dunning_is_credited(self):
        """Whether nothing but credit notes (or opposite entries) settled a charge document."""
        self.ensure_one()
        if self.move_type != "entry":
            return self.payment_state == "reversed"
        terms = self._ar_dunning_terms()
        against = (terms.matched_debit_ids.debit_move_id | terms.matched_credit_ids.credit_move_id).move_id
        return bool(against) and not self._ar_dunning_open_terms() and against <= self.reversal_move_ids

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ar_dunning_charges(self):
        booked = self.sudo().filtered("ar_dunning_charge_ids")
        if booked:
            raise UserError(
                self.env._(
                    "%s books charges and cannot be deleted. Reverse the charges instead.", booked[0].display_name
                )
            )

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


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
        charges = self._ar_dunning_charges()
        for move in self:
            mine = charges.filtered(lambda charge, move=move._origin: move in charge.document_id | charge.move_id)
            move.ar_dunning_charge_count = len(mine)

    def _ar_dunning_charges(self):
        """The charges that these documents book, and those that are claimed on them: not drafts, nor what was reversed."""
        claimed = Domain("move_id", "in", self._origin.ids) & Domain("stage", "not in", ("draft", "reversed"))
        shown = Domain("document_id", "in", self._origin.ids) | claimed
        return self.env["ar.dunning.charge"].search_fetch(shown, ["document_id", "move_id"])

    def action_view_ar_dunning_charges(self):
        """Open the charges that this document books, or that are claimed on it."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id("ar_dunning_charge.ar_dunning_charge_action") | {
            "domain": [("id", "in", self._ar_dunning_charges().ids)],
            "context": {},
        }

    def _ar_dunning_charge_lines(self):
        """The lines of a charge document, one for each charge, in the order of the charges."""
        self.ensure_one()
        if self.is_invoice():
            return self.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        return (self.line_ids - self._ar_dunning_terms()).sorted("id")

    def _ar_dunning_is_paid(self):
        """Whether a charge document is settled by payment; an entry has no payment state of its own."""
        if not self:
            return False
        self.ensure_one()
        if self.move_type != "entry":
            return self.payment_state in ("paid", "in_payment")
        return self.state == "posted" and not self._ar_dunning_open_terms() and not self._ar_dunning_is_credited()

    # === Documents and their charges never part === #

    def write(self, vals):
        """A document that comes, or goes, takes its charges along, or is refused where it would say something else."""
        state = vals.get("state")
        if state == "posted":
            self._check_ar_dunning_amounts()
        elif state in ("draft", "cancel"):
            self.filtered(lambda move: move.state == "posted")._check_ar_dunning_kept()
        result = super().write(vals)
        if state == "cancel":
            self._ar_dunning_follow()
        return result

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._ar_dunning_keep_mentions()
        posted.reversed_entry_id._ar_dunning_follow()
        return posted

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_ar_dunning_kept()
        reverses = super()._reverse_moves(default_values_list, cancel)
        self._ar_dunning_follow()
        return reverses

    def _ar_dunning_follow(self):
        """Charges follow their documents, and the invoices on which they are claimed, at once."""
        moves = self.sudo()
        moves.ar_dunning_charge_ids._follow_documents()
        moves.ar_dunning_claim_ids._follow_invoices()

    def _check_ar_dunning_amounts(self):
        """That each document asks for what its charges say.

        :raise UserError: says what the charges come to, and what can be done
        """
        for move in self.sudo().filtered("ar_dunning_charge_ids"):
            charges = move.ar_dunning_charge_ids
            if move._ar_dunning_asks_the_same(charges):
                continue
            raise UserError(
                self.env._(
                    "%(document)s books dunning charges of %(amount)s and must ask for just that, of %(customer)s. Put its "
                    "lines back, or cancel it: the charges can be booked anew then.",
                    document=move.display_name,
                    amount=charges.currency_id.format(sum(charges.mapped("amount"))),
                    customer=charges.customer_id.display_name,
                )
            )

    def _ar_dunning_asks_the_same(self, charges):
        lines = self._ar_dunning_charge_lines().filtered(lambda line: line.display_type in (False, "product"))
        if self.currency_id != charges.currency_id or lines != charges.document_line_id:
            return False
        partner = self.commercial_partner_id or self._ar_dunning_terms().partner_id.commercial_partner_id
        if partner not in charges.customer_id.partner_id | charges.move_id.commercial_partner_id:
            return False
        same = self.currency_id.compare_amounts
        asked = sorted(line._ar_dunning_asked() for line in lines)
        claimed = sorted(charges.mapped("amount"))
        return len(asked) == len(claimed) and not any(same(*pair) for pair in zip(asked, claimed, strict=True))

    def _check_ar_dunning_kept(self):
        """That no document goes by which charges were taken back, nor one of which some were.

        :raise UserError: says which charges
        """
        charges = self.env["ar.dunning.charge"].sudo().search(
            ["|", ("reversal_id", "in", self.ids), "&", ("document_id", "in", self.ids), ("reversal_id", "!=", False)]
        )  # fmt: skip
        for charge in charges[:1]:
            document = charge.reversal_id if charge.reversal_id in self.sudo() else charge.document_id
            raise UserError(
                self.env._(
                    "%(document)s stays as it is: %(credit)s takes back what it books, %(charge)s. Where the charge was "
                    "waived, reinstate it instead: it is booked anew then.",
                    document=document.display_name,
                    credit=charge.reversal_id.display_name,
                    charge=charge.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ar_dunning_charges(self):
        """Neither what books or takes back charges, nor an invoice on which they are claimed."""
        moves = self.sudo()
        for move in moves.filtered("ar_dunning_charge_ids")[:1]:
            raise UserError(
                self.env._("%s books charges and cannot be deleted. Reverse the charges instead.", move.display_name)
            )
        moves._check_ar_dunning_kept()
        for charge in moves.ar_dunning_claim_ids._standing_on_invoices()[:1]:
            raise UserError(
                self.env._(
                    "%(invoice)s cannot be deleted: %(charge)s is claimed on it. Cancel the invoice instead: its charges "
                    "are taken back then.",
                    invoice=charge.move_id.display_name,
                    charge=charge.name,
                )
            )

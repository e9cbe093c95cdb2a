from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.ar_dunning.tools.authority import SETTINGS_GROUPS

# The type of the journal that holds each kind of document, and the code of the one we make.
JOURNALS = {"invoice": ("sale", "LPC"), "entry": ("general", "LPCE")}


class ResCompany(models.Model):
    """How charges are booked: in a journal of their own. A branch books as its root does. What invoices say by law."""

    _inherit = "res.company"

    ar_dunning_charge_document = fields.Selection(
        [("invoice", "Customer invoice"), ("entry", "Journal entry on the receivable")],
        "Charges are Booked as",
        required=True,
        default="invoice",
        help="An invoice has a number, taxes where the product has them, and a place in the portal. An entry has none.",
        groups=SETTINGS_GROUPS,
    )
    ar_dunning_charge_journal_id = fields.Many2one(
        "account.journal",
        "Journal of Charges",
        check_company=True,
        help="Charges are booked in a journal of their own. Leave empty to have it made when it is needed.",
        groups=SETTINGS_GROUPS,
    )

    ar_dunning_mentions = fields.Boolean(
        "Print the Statutory Text on Invoices",
        help="Invoices say what the law of the customer's country wants said about late payment. Some claims depend "
        "on it and are withheld on invoices without that text.",
        groups=SETTINGS_GROUPS,
    )

    def write(self, vals):
        if "ar_dunning_charge_document" in vals and "ar_dunning_charge_journal_id" not in vals:
            wanted = JOURNALS[vals["ar_dunning_charge_document"]][0]
            misfits = self.filtered(
                lambda company: company.sudo().ar_dunning_charge_journal_id.type not in (False, wanted)
            )
            if misfits:
                misfits.write({**vals, "ar_dunning_charge_journal_id": False})
                return super(ResCompany, self - misfits).write(vals)
        return super().write(vals)

    @api.constrains("ar_dunning_charge_journal_id", "ar_dunning_charge_document")
    def _check_ar_dunning_charge_journal(self):
        for company in self:
            misfit = company._dunning_charge_misfit()
            if misfit:
                raise ValidationError(misfit)

    def _dunning_charge_misfit(self):
        """What is wrong with the journal of charges, or nothing."""
        journal = self.sudo().ar_dunning_charge_journal_id
        wanted = JOURNALS[self.sudo().ar_dunning_charge_document][0]
        if not journal or (journal.type == wanted and journal.active):
            return ""
        if not journal.active:
            return self.env._("The journal of charges, %s, is archived. Choose another one.", journal.display_name)
        kinds = dict(self.env["account.journal"]._fields["type"]._description_selection(self.env))
        return self.env._(
            "The journal of charges, %(journal)s, must be of the type '%(type)s'. Choose another one, or leave it "
            "empty to have one made.",
            journal=journal.display_name,
            type=kinds[wanted],
        )

    def _dunning_charge_journal(self):
        """The journal in which the charges of this company are booked, made on first use.

        :raise UserError: the journal does not fit, or there is no chart of accounts
        """
        root = self.sudo().root_id
        misfit = root._dunning_charge_misfit()
        if misfit:
            raise UserError(misfit)
        if not root.ar_dunning_charge_journal_id:
            root.ar_dunning_charge_journal_id = root._former_charge_journal() or root._make_charge_journal()
        return root.ar_dunning_charge_journal_id

    def _dunning_own_journals(self):
        return super()._dunning_own_journals() | self.sudo().ar_dunning_charge_journal_id

    def _former_charge_journal(self):
        """The journal in which such documents were booked before another kind was chosen."""
        wanted = JOURNALS[self.sudo().ar_dunning_charge_document][0]
        charge = (
            self.env["ar.dunning.charge"]
            .sudo()
            .search(
                [
                    ("document_id.journal_id.company_id", "=", self.id),
                    ("document_id.journal_id.type", "=", wanted),
                    ("document_id.journal_id.active", "=", True),
                ],
                order="id desc",
                limit=1,
            )
        )
        return charge.document_id.journal_id

    def _make_charge_journal(self):
        kind, code = JOURNALS[self.sudo().ar_dunning_charge_document]
        if not self.root_id.chart_template and not self.income_account_id:
            raise UserError(
                self.env._("%s has no chart of accounts yet. Install one before charges are booked.", self.name)
            )
        Journal = self.env["account.journal"].sudo().with_company(self)
        values = {
            "name": self.env._("Late-Payment Charges"),
            "code": self._free_journal_code(code),
            "type": kind,
            "company_id": self.id,
            "sequence": 100,  # never the journal that a new invoice takes by itself
            "show_on_dashboard": False,
        }
        if kind == "sale":
            values["default_account_id"] = self.income_account_id.id
        if "edi_format_ids" in Journal._fields:
            values["edi_format_ids"] = [(5, 0, 0)]  # no e-invoices unless somebody asks for them on the journal
        return Journal.create(values)

    def _free_journal_code(self, code):
        taken = set(
            self.env["account.journal"]
            .sudo()
            .with_context(active_test=False)
            .search([("company_id", "=", self.id), ("code", "=like", f"{code[:3]}%")])
            .mapped("code")
        )
        choices = (code, *(f"{code[:3]}{number}" for number in range(1, 100)))
        return next(choice for choice in choices if choice not in taken)

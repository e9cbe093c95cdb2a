from functools import partial

from odoo import api, models
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import format_date

from odoo.addons.ar_dunning.tools.attempt import attempt

PRODUCTS = {
    "interest": "ar_dunning_charge.product_interest",
    "compensation": "ar_dunning_charge.product_compensation",
    "fee": "ar_dunning_charge.product_fee",
}


class ArDunningCharge(models.Model):
    """Charges in the books.

    Announced charges become one posted document per notice (per customer where there is no notice) and
    currency: an invoice of its own, or an entry on the receivable. It is a document in the books only: the
    notice has told the customer already, so it is neither mailed nor sent as an e-invoice by itself.
    """

    _inherit = "ar.dunning.charge"

    # === Booking === #

    def action_book(self):
        """Ask for the day, and book the announced ones of these charges."""
        announced = self.filtered(lambda charge: charge.stage == "announced")
        if not announced:
            raise UserError(self.env._("Only announced charges can be booked."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Book charges"),
            "res_model": "ar.dunning.book.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_charge_ids": announced.ids},
        }

    def _book(self, on, apart=False):
        """Book the announced ones of these charges on day `on`.

        :param date on: day of the documents
        :param bool apart: interest gets documents of its own, so that a payment can settle costs first
        :return: the posted documents
        :raise UserError: the day is locked, or an account, rate, product or journal is missing; says what to do
        """
        self.check_access("read")
        documents = self.env["account.move"]
        for group in self._document_groups(apart):
            documents |= group._book_one(on).with_env(self.env)
        return documents

    def _book_each(self, on):
        """Like `_book`, but what cannot be booked is left announced and does not stop the rest.

        :return: a list of pairs (charges, reason), one for each document that could not be made
        """
        skipped = []
        for group in self._document_groups():
            reason = attempt(self.env, partial(group._book_one, on), f"Charges {group.ids}")
            if reason:
                group._keep_booking_error(reason)
                skipped.append((group, reason))
        return skipped

    @api.model
    def _cron_book(self):
        """Scheduled action: book with the notice. Each document in a transaction of its own."""
        commit = self.env["ir.cron"]._commit_progress
        for company in self.env["res.company"].search([("active", "=", True)]):
            todo = self.env["ar.dunning.settlement"].with_company(company)._to_book(company, ("book",))
            for group in todo._document_groups():
                retrying(partial(group._book_each, company._dunning_today()), self.env)
                if not commit(1):
                    return

    def _keep_booking_error(self, reason):
        """Keep why these could not be booked or waived, and tell it on the notice, once."""
        charges = self.sudo()
        if set(charges.mapped("booking_error")) == {reason}:
            return
        charges._put({"booking_error": reason})
        for notice in charges.notice_id:
            notice.message_post(body=self.env._("Its charges could not be booked or waived: %s", reason))

    def _document_groups(self, apart=False):
        """The announced ones of these charges, parted into what one document books."""
        announced = self.filtered(lambda charge: charge.stage == "announced").sorted("id")
        return announced.grouped(
            lambda charge: (
                charge.company_id.id,
                charge.customer_id.id,
                charge.notice_id.id,
                charge.currency_id.id,
                apart and charge.kind == "interest",
            )
        ).values()

    def _book_one(self, on):
        """Book these charges of one customer, notice and currency as one document."""
        charges = self.sudo().with_company(self.company_id)
        charges.lock_for_update()
        charges.invalidate_recordset(["stage"])
        taken = charges.filtered(lambda charge: charge.stage != "announced")
        if taken:
            raise UserError(self.env._("%s is not announced any more: somebody was faster.", taken[0].name))
        journal = charges.company_id._dunning_charge_journal()
        charges._check_bookable(on, journal)
        documents = self.env["ar.dunning.charge.document"]
        make = documents._make_invoice if journal.type == "sale" else documents._make_entry
        document = make(charges, on, journal)
        document._put({"ar_dunning_accessory": True})
        document._post(soft=False)
        lines = document._ar_dunning_charge_lines()
        for charge, line in zip(charges, lines, strict=True):
            charge._put({"document_line_id": line.id})
        charges._update_stage(("announced",), "booked", document_id=document.id, booking_error=False)
        return document

    # === What must be there first === #

    def _product(self):
        """The product whose account and taxes this kind of charge takes."""
        self.ensure_one()
        product = self.env.ref(PRODUCTS[self.kind], raise_if_not_found=False)
        if not product:
            kind = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
            raise UserError(
                self.env._("The product for '%s' was deleted. Update the Dunning app, which makes it anew.", kind)
            )
        return product.with_company(self.company_id)

    def _product_taxes(self):
        """The sales taxes of the product that belong to the company of this charge."""
        taxes = self._product().taxes_id
        return taxes.filtered_domain(self.env["account.tax"]._check_company_domain(self.company_id))

    def _amount_with_tax(self):
        """What the document of this charge will ask for: the amount with the product's taxes, if it has any."""
        self.ensure_one()
        charge = self.sudo()
        taxes = charge._product_taxes()
        if not taxes or charge.company_id.sudo().root_id.ar_dunning_charge_document == "entry":
            return charge.amount
        taxes = charge._fiscal_position().map_tax(taxes)
        computed = taxes.compute_all(
            charge.amount, charge.currency_id, product=charge._product(), partner=charge._invoice_partner()
        )
        return computed["total_included"]

    def _income_account(self, journal):
        """The account of the product, as for any invoice, else that of the journal."""
        position = self._fiscal_position()
        accounts = self._product().product_tmpl_id.get_product_accounts(fiscal_pos=position)
        account = accounts["income"] or journal.default_account_id
        if not account:
            raise UserError(
                self.env._(
                    "No income account is known for %(product)s in %(company)s. Set one on the product or its "
                    "category, or a default account on the journal %(journal)s.",
                    product=self._product().display_name,
                    company=self.company_id.name,
                    journal=journal.display_name,
                )
            )
        return account

    def _fiscal_position(self):
        Position = self.env["account.fiscal.position"].with_company(self.company_id)
        return Position._get_fiscal_position(self._invoice_partner())

    def _invoice_partner(self):
        """Whom the document of these charges of one customer is made out to."""
        customer, day = self.customer_id, self.company_id._dunning_today()
        address = self.env["ar.dunning.address"]._of_customers(customer, day, self.move_id)[customer.id]
        return self.env["res.partner"].browse(address.document_partner_id)

    def _receivable(self):
        """The receivable account of the customer."""
        partner = self.customer_id.partner_id.with_company(self.company_id)
        account = self._fiscal_position().map_account(partner.property_account_receivable_id)
        if not account:
            raise UserError(
                self.env._(
                    "%(customer)s has no receivable account in %(company)s. Set one on the contact, or install a "
                    "chart of accounts.",
                    customer=partner.display_name,
                    company=self.company_id.name,
                )
            )
        return account

    def _due_date(self, on):
        deadline = self.notice_id.deadline
        return deadline if deadline and deadline > on else on

    def _line_text(self):
        """The charge in one line, in the language of the customer."""
        return self.with_context(lang=self._invoice_partner().lang or self.env.lang).name

    def _check_bookable(self, on, journal):
        """What would stop the document, told in words that say what to do."""
        self.company_id._check_dunning_unlocked(on, journal, any(charge._product_taxes() for charge in self))
        self._check_rate(on)
        self[0]._receivable()
        for charge in self:
            charge._income_account(journal)

    def _check_rate(self, on):
        """A currency needs a rate on or before the day: without one the ledger would count it at par."""
        company, currency = self.company_id, self.currency_id
        if currency == company.currency_id:
            return
        known = [
            ("currency_id", "=", currency.id),
            ("company_id", "in", [False, company.root_id.id]),
            ("name", "<=", on),
        ]
        if not self.env["res.currency.rate"].search_count(known, limit=1):
            raise UserError(
                self.env._(
                    "There is no rate of %(currency)s on or before %(day)s. Enter one under Accounting > "
                    "Configuration > Currencies.",
                    currency=currency.name,
                    day=format_date(self.env, on),
                )
            )

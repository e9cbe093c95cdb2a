from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_amount

from ..core import credit_status as core

STATUSES = [("ok", "OK"), ("watch", "Watch"), ("hold", "On hold"), ("blocked", "Blocked")]


class ArDunningCustomer(models.Model):
    """Credit status: may this customer buy, why (not), and what would change it.

    Stored as of `credit_on` for lists and searches; where a decision hangs on it, `_credit_state` is asked.
    """

    _inherit = "ar.dunning.customer"

    credit_status = fields.Selection(STATUSES, readonly=True, index="btree_not_null", help="As of the day beside it.")
    credit_since = fields.Date("Status since", readonly=True)
    credit_kept = fields.Date(readonly=True)
    credit_on = fields.Date(
        "Status of",
        compute="_compute_credit_on",
        compute_sudo=True,
        help="The day for which the stored status was worked out.",
    )
    credit_reasons = fields.Json(readonly=True, help="Every reason with its effect, figures and what unlocks it.")
    credit_used = fields.Monetary(
        "Limit Used",
        readonly=True,
        help="Open receivables net of credits, orders not yet invoiced and, where the company counts them, drafts.",
    )
    credit_available = fields.Monetary(
        "Available", readonly=True, help="Credit limit and insured part less what is used."
    )
    credit_limit = fields.Monetary(
        compute="_compute_credit_limit",
        inverse="_inverse_credit_limit",
        compute_sudo=True,
        help="For this company, in its currency. 0: no limit. A branch without a limit uses its root company's.",
    )
    temporary_limit = fields.Monetary(
        tracking=True, help="Replaces the credit limit until its last day. 0: nothing on credit until then."
    )
    temporary_limit_until = fields.Date(
        "Temporary until", tracking=True, help="Its last day. The temporary limit applies only while one is set."
    )
    insured_amount = fields.Monetary(
        "Insured or Guaranteed", tracking=True, help="Somebody else bears this part; it is added to the limit."
    )
    insured_until = fields.Date(tracking=True, help="The last day of the cover. Empty: until it is taken out.")
    insured_by = fields.Char("Insured by", tracking=True, help="Insurer or guarantor, and the number of the policy.")
    manual_hold = fields.Selection(
        [("hold", "On hold"), ("blocked", "Blocked")],
        "Held by Hand",
        readonly=True,
        tracking=True,
        copy=False,
    )
    hold_reason = fields.Char("Why Held", readonly=True, tracking=True, copy=False)
    hold_user_id = fields.Many2one("res.users", "Held by", readonly=True, copy=False)
    hold_on = fields.Date("Held since", readonly=True, copy=False)
    hold_until = fields.Date("Held until", readonly=True, copy=False, help="Its last day. Empty: until it is lifted.")
    legal_case = fields.Boolean(
        tracking=True, help="A lawyer, an agency or a court has it: nothing new is sold until it is closed."
    )
    solvency_ids = fields.One2many("ar.dunning.solvency.check", "customer_id", string="Solvency Checks")
    credit_checked_at = fields.Datetime(
        readonly=True, help="Touched by each decision, so that two of them never count the same room twice."
    )

    _temporary_limit = models.Constraint("CHECK(temporary_limit >= 0)", "A credit limit cannot be negative.")
    _insured_amount = models.Constraint("CHECK(insured_amount >= 0)", "An insured amount cannot be negative.")

    @api.depends("credit_kept", "company_id.ar_dunning_credit_on")
    def _compute_credit_on(self):
        for customer in self:
            customer.credit_on = customer._as_of("credit_kept", "ar_dunning_credit_on")

    @api.depends("partner_id", "company_id")
    def _compute_credit_limit(self):
        for company, customers in self.grouped("company_id").items():
            for customer in customers:
                customer.credit_limit = customer.partner_id.with_company(company).credit_limit

    def _inverse_credit_limit(self):
        """Write core's field for the record's company; who may write the record sets its limit."""
        for customer in self:
            partner = customer.sudo().partner_id.with_company(customer.company_id)
            former, amount = partner.credit_limit, customer.credit_limit
            if customer.currency_id.compare_amounts(former, amount):
                partner.credit_limit = amount
                customer.message_post(
                    body=self.env._(
                        "Credit limit: %(former)s, now %(amount)s",
                        former=format_amount(self.env, former, customer.currency_id),
                        amount=format_amount(self.env, amount, customer.currency_id),
                    )
                )

    # === The status === #

    def _credit_state(self, on, extra=None, without_moves=None, user=None):
        """The credit status of these customers on the day `on`, from the ledger of now; read in a batch.

        The one seam of the calculation: whoever decides something about credit asks here.

        :param on: date
        :param extra: `{customer id: Decimal}`, what the order or invoice at hand would add, in company currency
        :param without_moves: draft invoices that are part of `extra` and must not count twice
        :param user: whose exceptions from the company's own rules count; without one, nobody's
        :return: `{customer id: core.CreditState}`
        """
        facts = self._credit_facts(on, extra, without_moves, user)
        switches = {company.id: self._credit_switches(company) for company in self.sudo().company_id}
        return {
            customer.id: core.assess(facts[customer.id], switches[customer.company_id.id], on)
            for customer in self.sudo()
        }

    def _lock_and_credit_state(self, extra=None, without_moves=None, user=None):
        """The state of now for a decision that no other one may overtake; locks until the transaction ends.

        Locking alone would not do: under REPEATABLE READ a transaction that waited still sees the ledger as it
        was. So each decision writes to the rows; the second one fails to serialise, and Odoo runs it again.

        :return: as `_credit_state`, on the company's today
        """
        customers = self.sudo()
        rows = customers._credit_relatives()
        self.env.flush_all()
        self.env.cr.execute(
            SQL("SELECT id FROM ar_dunning_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", rows.ids)
        )
        self.env.cr.execute(
            SQL(
                "UPDATE ar_dunning_customer SET credit_checked_at = now() AT TIME ZONE 'UTC' WHERE id = ANY(%s)",
                rows.ids,
            )
        )
        self.env.invalidate_all(flush=False)
        states = {}
        for company, group in customers.grouped("company_id").items():
            states |= group._credit_state(company._dunning_today(), extra, without_moves, user or self.env.user)
        return states

    @api.model
    def _of_partners(self, partners, company, create=False):
        """The records of the commercial entities of `partners` in `company`, as superuser, archived ones included.

        :param create: make the missing ones
        """
        Customer = self.sudo().with_context(active_test=False)
        wanted = partners.commercial_partner_id
        domain = [("partner_id", "in", wanted.ids), ("company_id", "=", company.id)]
        found = Customer.search(domain)
        missing = wanted - found.partner_id
        if not create or not missing:
            return found
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ar_dunning_customer
                       (partner_id, company_id, create_uid, write_uid, create_date, write_date)
                SELECT id, %(company)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM unnest(%(partners)s) AS id
                    ON CONFLICT DO NOTHING
                """,
                company=company.id,
                uid=self.env.uid,
                partners=missing.ids,
            )
        )
        return Customer.search(domain)

    def _credit_relatives(self):
        """These customers' records in root company and branches, themselves included."""
        records = self.sudo().with_context(active_test=False)
        return records.search(
            [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id._dunning_tree().ids)],
            order="id",
        )

    def _is_held(self):
        """Whether orders wait, as far as is stored: the status of the last night, or a level reached since."""
        return super()._is_held() or self.credit_status in ("hold", "blocked")

    def _is_held_by_level(self):
        """The company says what a level's mark does."""
        stops = self.company_id.sudo().root_id.ar_dunning_level_effect in ("hold", "blocked")
        return super()._is_held_by_level() and stops

    def _person_writes(self):
        return super()._person_writes() | {
            *("temporary_limit", "temporary_limit_until", "insured_amount", "insured_until", "insured_by"),
            *("legal_case", "solvency_ids"),
        }

    def write(self, vals):
        result = super().write(vals)
        touched = {
            "credit_limit", "temporary_limit", "temporary_limit_until", "insured_amount", "insured_until", "legal_case",
        }  # fmt: skip
        if touched & set(vals):
            self._refresh_credit_of()
        return result

    @api.constrains("temporary_limit", "temporary_limit_until")
    def _check_temporary_limit(self):
        for customer in self:
            if customer.temporary_limit and not customer.temporary_limit_until:
                raise ValidationError(
                    self.env._("A temporary limit needs a last day; afterwards the ordinary limit holds again.")
                )

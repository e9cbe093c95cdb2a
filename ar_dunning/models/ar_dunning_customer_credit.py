import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL, split_every
from odoo.tools.misc import format_amount

from ..core import credit_status as core

STATUSES = [("ok", "OK"), ("watch", "Watch"), ("hold", "On hold"), ("blocked", "Blocked")]
BATCH = 1000


class ArDunningCustomer(models.Model):
    """Credit status: may this customer buy, why (not), and what would change it.

    Stored as of `credit_on` for lists and searches; where a decision hangs on it, `_credit_state` is asked.
    """

    _inherit = "ar.dunning.customer"

    credit_status = fields.Selection(STATUSES, readonly=True, index="btree_not_null", help="As of the day beside it.")
    credit_since = fields.Date("Status since", readonly=True)
    credit_on = fields.Date("Status of", readonly=True, help="The day for which the stored status was worked out.")
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

    def _is_on_hold(self):
        """Whether orders wait, as far as is stored: the status of the last night, or a level reached since."""
        self.ensure_one()
        level_holds = self.company_id.sudo().root_id.ar_dunning_level_effect in ("hold", "blocked")
        return self.credit_status in ("hold", "blocked") or (self.credit_hold and level_holds)

    # === Keeping it === #

    @api.model
    def _close_night(self, company):
        result = super()._close_night(company)
        on = company._dunning_today()
        self.env["ar.dunning.solvency.check"]._schedule_reviews(company, on)
        self._end_holds(company, on)
        self._refresh_credit(company, on)
        return result

    @api.model
    def _end_holds(self, company, on):
        """Take away holds whose last day has passed, and say so in the customer's history."""
        over = self.sudo().with_context(active_test=False)
        over = over.search([("company_id", "=", company.id), ("manual_hold", "!=", False), ("hold_until", "<", on)])
        over._lift_hold(self.env._("its last day has passed"))
        return over

    @api.model
    def _refresh_credit(self, company, on):
        """Store the status of every customer of `company` as of the day `on`, in batches."""
        self.env.flush_all()
        ids = self.sudo().with_context(active_test=False)._search([("company_id", "=", company.id)]).get_result_ids()
        for batch in split_every(BATCH, sorted(ids)):
            self.sudo().browse(batch)._keep_credit(on)
            self.env.invalidate_all()

    def _refresh_credit_of(self):
        """Store the status of these customers and their relatives as of today."""
        for company, customers in self._credit_relatives().grouped("company_id").items():
            customers._keep_credit(company._dunning_today())

    def _keep_credit(self, on):
        """Write what has changed, in one statement. The rows of a batch share a company."""
        states = self._credit_state(on)
        rows = [
            (
                customer.id,
                on,
                state.status.value,
                json.dumps([self._as_json(reason) for reason in state.reasons]),
                state.used,
                state.available,
            )
            for customer in self
            for state in [states[customer.id]]
        ]
        if rows:
            self.env.cr.execute_values(
                """
                UPDATE ar_dunning_customer c
                   SET credit_status = v.status, credit_reasons = v.reasons::jsonb, credit_used = v.used,
                       credit_available = v.available::numeric, credit_on = v.day::date,
                       credit_since = CASE WHEN c.credit_status IS DISTINCT FROM v.status
                                           THEN v.day::date ELSE c.credit_since END
                  FROM (VALUES %s) AS v (id, day, status, reasons, used, available)
                 WHERE c.id = v.id
                """,
                rows,
            )
        self.invalidate_recordset(
            ["credit_status", "credit_reasons", "credit_used", "credit_available", "credit_on", "credit_since"]
        )

    @api.model
    def _as_json(self, reason):
        """A reason for storage: amounts and dates as text."""

        def plain(value):
            return value if isinstance(value, int) or value is None else str(value)

        unlock = reason.unlock
        return {
            "code": reason.code.value,
            "effect": reason.effect.value,
            "values": {name: plain(value) for name, value in reason.values.items()},
            "unlock": {
                "way": unlock.way.value,
                "amount": plain(unlock.amount),
                "names": list(unlock.names),
                "day": plain(unlock.day),
            },
        }

    # === What people do === #

    def action_hold(self):
        """Ask why and until when this customer is held."""
        return self._hold_wizard(self.env._("Hold credit"))

    def action_lift_hold(self):
        """Ask why the hold is lifted."""
        return self._hold_wizard(self.env._("Lift the hold"), default_lift=True)

    def action_new_check(self):
        """Write down a new solvency check of this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Solvency Check"),
            "res_model": "ar.dunning.solvency.check",
            "view_mode": "form",
            "context": {"default_customer_id": self.id},
        }

    def _hold_wizard(self, name, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "ar.dunning.hold.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_customer_ids": self.ids, **context},
        }

    def _hold(self, effect, reason, until=False):
        """Hold these customers by hand; who, when and why stay in their history."""
        self._check_credit_controller()
        for company, customers in self.grouped("company_id").items():
            customers.write(
                {
                    "manual_hold": effect,
                    "hold_reason": reason,
                    "hold_until": until,
                    "hold_user_id": self.env.uid,
                    "hold_on": company._dunning_today(),
                }
            )
        self._refresh_credit_of()

    def _lift_hold(self, reason):
        self._check_credit_controller()
        held = self.filtered("manual_hold")
        for customer in held:
            customer.message_post(
                body=self.env._("Hold lifted (%(hold)s): %(reason)s", hold=customer.hold_reason or "", reason=reason)
            )
        held.write(dict.fromkeys(("manual_hold", "hold_reason", "hold_until", "hold_user_id", "hold_on"), False))
        held._refresh_credit_of()

    def _check_credit_controller(self):
        if not self.env.su and not self.env.user.has_group("ar_dunning.group_dunning_user"):
            raise AccessError(self.env._("Only credit controllers hold a customer or lift a hold."))

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

    def _absorb(self, others):
        """Of two merged customers the strictest values stay: lowest limits, every hold, every case, every check."""
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE ar_dunning_solvency_check SET customer_id = %s WHERE customer_id = ANY(%s)", self.id, others.ids
            )
        )
        self.env["ar.dunning.solvency.check"].invalidate_model(["customer_id"])
        self.write(self._strictest_credit(self | others))
        return super()._absorb(others)

    @api.model
    def _strictest_credit(self, records):
        """The strictest credit values of these records, as values to write on the one that stays."""
        held = records.filtered("manual_hold").sorted(lambda record: record.manual_hold != "blocked")[:1]
        temporary = records.filtered("temporary_limit_until")
        lowest = temporary.sorted("temporary_limit")[:1]
        ordinary = min((limit for limit in records.mapped("credit_limit") if limit), default=0.0)
        if temporary < records and (not ordinary or lowest.temporary_limit > ordinary):
            lowest = records.browse()  # one of them was never allowed more than the ordinary limit
        insured = records.filtered("insured_amount").sorted("insured_amount")[:1]
        values = {"legal_case": any(records.mapped("legal_case")), "credit_limit": ordinary}
        for record, names in (
            (held, ("manual_hold", "hold_reason", "hold_until", "hold_on")),
            (lowest, ("temporary_limit", "temporary_limit_until")),
            (insured, ("insured_amount", "insured_until", "insured_by")),
        ):
            values |= {name: record[name] for name in names}
        return values | {"hold_user_id": held.hold_user_id.id}

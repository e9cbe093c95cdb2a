"""What the ledger tells about customers and items: plain values, read once for a batch."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from ...core import plan as core
from ...core.calendar import EVERY_DAY, Calendar
from ...core.compose import Composition
from ...core.plan import Blocker, Code, Kind
from ...tools.figures import as_decimal
from .address import AddressBook


@dataclass(slots=True)
class ItemFacts:
    """One open item as read from the ledger; amounts in the item's own currency and the company's."""

    id: int
    customer_id: int
    line_id: int
    level_id: int | None
    rank: int
    reminders: int
    deadline: date | None
    last_on: date | None
    due: date
    override: bool
    factored: bool
    failed: bool
    loaded: bool
    warned_level_id: int | None
    next_date: date | None
    next_level_id: int | None
    codes: str | None
    residual: float
    residual_company: float
    original: float
    currency_id: int
    no_followup: bool
    move_id: int
    move_name: str
    move_type: str
    invoice_date: date | None
    payment_state: str | None
    is_sent: bool
    salesperson_id: int | None
    method_line_id: int | None
    reference: str | None
    einvoice_error: bool
    bank_id: int | None
    is_accessory: bool
    named_id: int | None
    not_before: date | None
    discount: float
    discount_until: date | None
    credit: Decimal = Decimal(0)
    step: core.Step | None = None
    state: tuple[core.Policy, core.Customer, core.Item] | None = None  # what the step was worked out from

    @property
    def open(self):
        """What money on its way leaves of it."""
        return as_decimal(self.residual) - self.credit

    @property
    def held(self):
        """The part of that which waits for a person."""
        return self.step.held if self.step else Decimal(0)

    def discounted_on(self, on):
        """What settles it on the day `on` with the early-payment discount; 0 where none may be taken."""
        in_time = self.discount_until and on <= self.discount_until
        return max(self.open - self.held - as_decimal(self.discount), Decimal(0)) if in_time else Decimal(0)

    def in_company(self, amount):
        """`amount` of the item's currency at the rate at which it stands in the books."""
        return amount * as_decimal(self.residual_company) / as_decimal(self.residual)


@dataclass(slots=True)
class CustomerFacts:
    """One customer record as the plan needs it."""

    id: int
    partner_id: int
    company_id: int
    policy_id: int | None
    audience: str | None
    never: bool
    always_review: bool
    last_contact: date | None
    country_id: int | None
    is_company: bool
    vat: str | None
    industry_id: int | None
    own: bool


@dataclass(slots=True)
class Decision:
    """What the night would do for one customer: every open item with its step, and the notices."""

    customer: CustomerFacts
    policy: models.BaseModel
    addresses: AddressBook
    items: list[ItemFacts] = field(default_factory=list)
    notices: list[Composition] = field(default_factory=list)
    recorded_until: date | None = None
    bank_stale: bool = False
    calendar: Calendar = EVERY_DAY
    ahead: str | None = None  # how a person asked for it before its day: "early", "repeat" or "escalated"
    note: str | bool = False  # what the reader of the draft should know of that
    stops: str = ""  # what stands in the way of reminding now, in words

    def address(self, items, formal=False):
        """Who is written to about these items."""
        return self.addresses.of(self.customer.id, {item.named_id for item in items}, formal)

    def address_of(self, composition):
        """Who gets this notice."""
        demanded = {key for key, _level in composition.demanded}
        items = [item for item in self.items if item.id in demanded]
        return self.address(items, composition.level.kind == Kind.FORMAL)

    def postpone(self):
        """Leave this customer to the next night: tonight's most notices were reached."""
        self.notices = []
        for item in self.items:
            if item.step.due:
                item.step = replace(item.step, blockers=(Blocker(Code.CAP),), first_date=None)


@dataclass(slots=True)
class Rules:
    """A policy with everything that is worked out once for a batch."""

    record: models.BaseModel
    rules: core.Policy
    calendar: Calendar
    tolerance: Decimal
    bank_stale: bool


class Context:
    """What is the same for all customers of a company on a day."""

    def __init__(self, env, company, on):
        self.env, self.company, self.on = env, company, on
        self.not_before = company.sudo().ar_dunning_not_before
        self.collecting_methods = set(
            env["account.payment.method.line"].sudo().search([("ar_dunning_we_collect", "=", True)]).ids
        )
        self._find = env["ar.dunning.ledger"]._policy_finder(company)
        self._by_kind, self._rules = {}, {}
        self.recorded_until = self._last_bank_day(company._dunning_tree().ids)

    def _last_bank_day(self, company_ids):
        """The day of the last bank line, or None; found by core's index, as the table may hold years."""
        self.env.cr.execute(
            SQL(
                """
                SELECT max(last.date)
                  FROM account_journal j
                  JOIN res_company c ON c.id = ANY(%s)
                 CROSS JOIN LATERAL (
                       SELECT m.date FROM account_bank_statement_line b
                         JOIN account_move m ON m.id = b.move_id AND m.state = 'posted'
                        WHERE b.journal_id = j.id AND b.company_id = c.id
                        ORDER BY b.internal_index DESC LIMIT 1) last
                """,
                company_ids,
            )
        )
        return self.env.cr.fetchone()[0]

    def policy_of(self, customer):
        """The rules for a customer, or None where no policy fits."""
        if customer.policy_id:
            return self.rules_of(self.env["ar.dunning.policy"].sudo().browse(customer.policy_id))
        key = (customer.audience, customer.is_company, bool(customer.vat), customer.industry_id, customer.country_id)
        if key not in self._by_kind:
            audience, _unclear = self.env["ar.dunning.customer"]._audience_of(
                customer.audience, customer.is_company, customer.vat, customer.industry_id
            )
            self._by_kind[key] = self.rules_of(self._find(audience, customer.country_id))
        return self._by_kind[key]

    def rules_of(self, policy):
        """A policy with what is worked out once for the batch; None without one."""
        if not policy:
            return None
        if policy not in self._rules:
            self._rules[policy] = Rules(
                policy,
                policy._as_policy(),
                policy._calendar(self.on, self.company),
                as_decimal(policy.tolerance),
                self._is_bank_stale(policy),
            )
        return self._rules[policy]

    def _is_bank_stale(self, policy):
        """Whether the last bank line is older than the policy allows (only where bank lines are recorded)."""
        if not (policy.bank_max_age and self.recorded_until):
            return False
        if (self.on - self.recorded_until).days <= policy.bank_max_age:
            return False  # however many of these days were working days
        calendar = self.company._dunning_calendar(self.on)
        return calendar.working_days_between(self.recorded_until, self.on) > policy.bank_max_age

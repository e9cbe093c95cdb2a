"""What the nights of a ledger should bring, in plain Python.

Written from the README's promises, day by day and invoice by invoice, and not from the code that it is held against: no import of
the addon, no ORM, no SQL. Amounts are `Decimal` in one currency; a day is a company's own.

The rules, in the README's words:

* notes up to the due date lapse, and are not sent while the customer has anything overdue;
* the ladder is entered at its first level and climbed one level at a time, never twice a day;
* a step waits for its day, for the customer's contact gap, for the deadline of the item's last notice plus transit days, and
  where the policy says so for a working day;
* a formal notice needs its reminders, delivered and with their deadlines passed;
* money on its way counts: first for the invoice that it names, or whose open amount it is, then for the oldest;
* one notice a night for each customer; a formal notice demands only what has come to it, the rest is listed;
* what nobody approved is made anew in the next night; what was approved is looked up once more before it leaves: what has been
  entered since then as a debt is for the next night, and so is a customer for whom another policy holds by now.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Step:
    """A level of a policy: `kind` is note, reminder or formal."""

    name: str
    days: int
    kind: str
    deadline: int = 0


@dataclass(frozen=True)
class Rules:
    """A policy. `steps` in the order of their days; `working`: weekdays on which notices leave and deadlines end."""

    name: str
    steps: tuple[Step, ...]
    gap: int
    transit: int
    gate: int
    working: frozenset[int]
    tolerance: Decimal = ZERO

    @property
    def notes(self):
        return [step for step in self.steps if step.days <= 0]

    @property
    def ladder(self):
        return [step for step in self.steps if step.days > 0]

    def next_working(self, day):
        """The day itself if it is a working day, else the next one."""
        while day.weekday() not in self.working:
            day += timedelta(days=1)
        return day


@dataclass
class Invoice:
    """An open item, and what was delivered about it."""

    key: str
    due: date
    residual: Decimal
    climbed: int = 0
    notes_taken: set[str] = field(default_factory=set)
    reminders: int = 0
    deadline: date | None = None
    stepped_on: date | None = None


@dataclass(frozen=True)
class Credit:
    """Money on its way; `names`: the key of the invoice that it is for, if it says so."""

    key: str
    amount: Decimal
    names: str | None = None


@dataclass
class Customer:
    """A customer of one company."""

    key: str
    rules: Rules
    invoices: dict[str, Invoice] = field(default_factory=dict)
    credits: dict[str, Credit] = field(default_factory=dict)
    last_contact: date | None = None
    paused_until: date | None = None  # the last day


@dataclass(frozen=True)
class Notice:
    """What leaves: the leading level, the demanded invoices with level and amount, the listed ones with amount, the deadline."""

    customer: str
    level: str
    demanded: tuple[tuple[str, str, Decimal], ...]
    listed: tuple[tuple[str, Decimal], ...]
    deadline: date | None


def covered(customer):
    """How much of each open invoice money on its way will pay: `{key: amount}`."""
    open_ = [invoice for invoice in customer.invoices.values() if invoice.residual > 0]
    left = {invoice.key: invoice.residual for invoice in open_}
    remaining = []
    for credit in customer.credits.values():
        target = credit.names if credit.names in left else _whose_amount(credit, open_)
        amount = credit.amount
        if target:
            taken = min(amount, left[target])
            left[target] -= taken
            amount -= taken
        remaining.append(amount)
    pool = sum(remaining, ZERO)
    for invoice in sorted(open_, key=lambda invoice: (invoice.due, invoice.key)):
        taken = min(pool, left[invoice.key])
        left[invoice.key] -= taken
        pool -= taken
    return {invoice.key: invoice.residual - left[invoice.key] for invoice in open_}


def _whose_amount(credit, open_):
    """The one invoice of exactly this amount, if there is one."""
    if credit.names:
        return None
    fitting = [invoice.key for invoice in open_ if invoice.residual == credit.amount]
    return fitting[0] if len(fitting) == 1 else None


def due_step(customer, invoice, money, day):
    """The step that this invoice takes today, or None."""
    rules = customer.rules
    if customer.paused_until and day <= customer.paused_until:
        return None
    if invoice.residual <= 0 or money >= invoice.residual or day.weekday() not in rules.working:
        return None
    if day <= invoice.due and not invoice.climbed:
        return _note(customer, invoice, day)
    return _rung(customer, invoice, day)


def _note(customer, invoice, day):
    """Of the notes whose time it is, the one that has not lapsed; the last one lapses after the due date."""
    if any(other.residual > 0 and other.due < day for other in customer.invoices.values()):
        return None
    notes = customer.rules.notes
    for position, note in enumerate(notes):
        begins = invoice.due + timedelta(days=note.days)
        last = position + 1 == len(notes)
        ends = invoice.due if last else invoice.due + timedelta(days=notes[position + 1].days - 1)
        if begins <= day <= ends and note.name not in invoice.notes_taken:
            return note
    return None


def _rung(customer, invoice, day):
    rules = customer.rules
    if invoice.climbed >= len(rules.ladder):
        return None
    step = rules.ladder[invoice.climbed]
    waits = [
        day < invoice.due + timedelta(days=step.days),
        customer.last_contact is not None and day < customer.last_contact + timedelta(days=rules.gap),
        invoice.deadline is not None and day <= invoice.deadline + timedelta(days=rules.transit),
        invoice.stepped_on == day,
        step.kind == "formal" and invoice.reminders < rules.gate,
    ]
    return None if any(waits) else step


def night(customer, day):
    """The notice that the night prepares for this customer, or None."""
    money = covered(customer)
    steps = {key: due_step(customer, customer.invoices[key], money[key], day) for key in money}
    return _compose(customer, {key: step for key, step in steps.items() if step}, money, day)


def look_again(customer, notice, day, seen):
    """What leaves of a notice that was approved today: the invoices that still have their step, with today's amounts.

    :param seen: keys of the invoices that were in the books when it was made
    """
    if notice.level not in {step.name for step in customer.rules.steps}:
        return None
    wanted = {key for key, _level, _amount in notice.demanded}
    money = covered(customer)
    rules = replace(customer.rules, gap=0)
    then = replace(customer, rules=rules, invoices={key: customer.invoices[key] for key in seen})
    steps = {
        key: step
        for key in money
        if key in wanted and (step := due_step(then, customer.invoices[key], money[key], day))
    }
    known = wanted | {key for key, _amount in notice.listed}
    return _compose(customer, steps, {key: amount for key, amount in money.items() if key in known}, day)


def _compose(customer, steps, money, day):
    if not steps:
        return None
    lead = max(steps.values(), key=lambda step: (step.kind == "formal", step.days))
    if lead.kind == "formal":
        steps = {key: step for key, step in steps.items() if step.kind == "formal"}

    def amount(key):
        return customer.invoices[key].residual - money[key]

    demanded = tuple(sorted((key, step.name, amount(key)) for key, step in steps.items()))
    listed = tuple(
        sorted(
            (key, amount(key))
            for key in money
            if key not in steps and lead.days > 0 and customer.invoices[key].due < day and amount(key) > 0
        )
    )
    deadline = customer.rules.next_working(day + timedelta(days=lead.deadline)) if lead.deadline else None
    return Notice(customer.key, lead.name, demanded, listed, deadline)


def deliver(customer, notice, day):
    """Keep that the notice has reached the customer."""
    steps = {step.name: step for step in customer.rules.steps}
    for key, name, _amount in notice.demanded:
        invoice, step = customer.invoices[key], steps[name]
        if step.days <= 0:
            invoice.notes_taken.add(name)
            continue
        invoice.climbed += 1
        invoice.reminders += step.kind == "reminder"
        invoice.stepped_on = day
        invoice.deadline = max(filter(None, (invoice.deadline, notice.deadline)), default=None)
    if steps[notice.level].days > 0:
        customer.last_contact = day

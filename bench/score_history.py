"""Payment histories for `score.py`: read from a file or made up, and a customer's account as the books knew it."""

import csv
import importlib
import random
import re
import sys
import types
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def core(name):
    """A module of the calculation core, without the addon around it (that needs Odoo)."""
    package = sys.modules.setdefault("dunning_core", types.ModuleType("dunning_core"))
    package.__path__ = [str(ROOT / "ar_dunning_credit" / "core")]
    return importlib.import_module(f"dunning_core.{name}")


forecast, scoring = core("forecast"), core("score")

COLUMNS = {
    "customer": ("customer", "customernumber", "custnumber", "customerid"),
    "invoiced": ("invoicedate", "postingdate", "documentcreatedate"),
    "due": ("duedate", "dueindate"),
    "amount": ("amount", "invoiceamount", "totalopenamount", "openamount"),
    "settled": ("settleddate", "cleardate", "paiddate", "paymentdate"),
}


@dataclass
class Invoice:
    customer: str
    invoiced: date
    due: date
    amount: Decimal
    settled: date | None

    @property
    def days(self):
        return (self.settled - self.due).days


def day_of(text):
    """A date in one of the notations that exports use; None where there is none."""
    text = text.strip().split(" ")[0].removesuffix(".0")
    if not text or text.lower() in ("nan", "null", "none"):
        return None
    for notation in ("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, notation).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise SystemExit(f"not a date: {text}")


def load(file):
    """The invoices of a CSV file in order of their date; None if the file tells no payments."""
    with open(file, encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        plain = {re.sub("[^a-z]", "", name.lower()): name for name in reader.fieldnames}
        names = {key: next((plain[a] for a in aliases if a in plain), None) for key, aliases in COLUMNS.items()}
        if not names["settled"]:
            return None
        missing = [key for key, name in names.items() if not name]
        if missing:
            raise SystemExit(f"{file}: no column for {', '.join(missing)}")
        found = []
        for row in reader:
            invoiced, due, settled = (day_of(row[names[key]]) for key in ("invoiced", "due", "settled"))
            if invoiced and due:
                amount = Decimal(row[names["amount"]].replace(",", "") or 0)
                customer = row[names["customer"]].strip()
                customer = customer.lstrip("0") if customer.isdigit() else customer
                found.append(Invoice(customer, invoiced, due, amount, settled))
    known = max((invoice.invoiced for invoice in found if invoice.settled), default=date.max)
    told = [invoice for invoice in found if invoice.settled or invoice.invoiced <= known]
    if len(told) < len(found):
        print(
            f"{file.name}: {len(found) - len(told):,} unpaid invoices written after the last settled one are left out"
        )
    return sorted(told, key=lambda invoice: (invoice.invoiced, invoice.customer))


@dataclass
class Account:
    """A customer as the books knew it: sums that grow as payments come in, and what is unpaid."""

    days: dict = field(default_factory=lambda: defaultdict(Decimal))  # by days late and weekday, as of the first day
    count: int = 0
    total: int = 0
    floored: int = 0  # days late where early counts as none
    amounts: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)
    punctual: int = 0
    worst: int = 0
    first: date | None = None
    recent: deque = field(default_factory=deque)  # (settled, days)
    recent_total: int = 0
    unpaid: dict = field(default_factory=dict)
    read: tuple = (None, None)  # the past of one day: a large customer has many invoices a day

    def settle(self, key, invoice, start, half_life, weekdays):
        self.unpaid.pop(key, None)
        late, weekday = invoice.days, invoice.settled.weekday()
        weekdays[weekday] += 1
        # Weights grow with the day instead of shrinking with age: the ratio is the same and nothing is rewritten.
        self.days[forecast.clip(late), weekday] += Decimal(2) ** (Decimal((invoice.settled - start).days) / half_life)
        self.count += 1
        self.total += late
        self.floored += max(late, 0)
        self.amounts += invoice.amount
        self.weighted += invoice.amount * late
        self.punctual += late <= 0
        self.worst = max(self.worst, late)
        self.recent.append((invoice.settled, late))
        self.recent_total += late

    def past(self, on, start, half_life, week):
        """As `BehaviourFacts.past` of the addon gathers it."""
        if self.read[0] != (on, week):
            scale = Decimal(2) ** (Decimal(-(on - start).days) / half_life)
            days = defaultdict(Decimal)
            for (late, weekday), weight in self.days.items():
                perhaps = forecast.ready(late, weekday, week)
                for day in perhaps:
                    days[forecast.clip(day)] += weight * scale / len(perhaps)
            self.read = (on, week), forecast.Past(dict(days), forecast.Past.of(self._so_far(on)).days)
        return self.read[1]

    def _so_far(self, on):
        return [(on - invoice.due).days for invoice in self.unpaid.values() if invoice.due < on]

    def history(self, on, late_ahead):
        """As `_histories` of the addon gathers it."""
        while self.recent and self.recent[0][0] < on - timedelta(days=182):
            self.recent_total -= self.recent.popleft()[1]
        overdue = [invoice for invoice in self.unpaid.values() if invoice.due < on]
        so_far = [(on - invoice.due).days for invoice in overdue]
        count, total = self.count + len(overdue), self.total + sum(so_far)
        if not count:
            return scoring.History()
        amounts = self.amounts + sum(invoice.amount for invoice in overdue)
        weighted = self.weighted + sum(i.amount * days for i, days in zip(overdue, so_far, strict=True))
        recent, recent_total = len(self.recent) + len(overdue), self.recent_total + sum(so_far)
        earlier = count - recent
        months = (on - self.first).days / Decimal("30.4375")
        monthly = amounts / max(months, Decimal(1))
        return scoring.History(
            invoices=count,
            days_late=Decimal(total) / count,
            days_late_weighted=weighted / amounts if amounts else Decimal(total) / count,
            on_time=Decimal(self.punctual) / count,
            late_ahead=late_ahead,
            recent_days_late=Decimal(recent_total) / recent if recent else None,
            earlier_days_late=Decimal(total - recent_total) / earlier if earlier else None,
            worst=max(self.worst, *so_far, 0),
            overdue_share=sum(i.amount for i in overdue) / monthly if monthly > 0 else Decimal(0),
            overdue_days=max(so_far, default=0),
            months=int(months),
        )


def generate(count=6000, customers=150, seed=1):
    """Made-up customers with habits that drift: only to see that this file works."""
    draw = random.Random(seed)
    start, found = date(2021, 1, 1), []
    habits = {f"C{number:03}": draw.gauss(2, 12) for number in range(customers)}
    for _count in range(count):
        customer = draw.choice(sorted(habits))
        day = draw.randrange(900)
        invoiced = start + timedelta(days=day)
        due = invoiced + timedelta(days=30)
        late = habits[customer] + draw.gauss(0, 6) + (draw.expovariate(1 / 25) if draw.random() < 0.1 else 0)
        settled = max(invoiced, due + timedelta(days=round(late)))
        unpaid = settled > start + timedelta(days=930)
        found.append(Invoice(customer, invoiced, due, Decimal(draw.randrange(50, 5000)), None if unpaid else settled))
    return sorted(found, key=lambda invoice: (invoice.invoiced, invoice.customer))

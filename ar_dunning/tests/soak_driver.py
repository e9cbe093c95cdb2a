"""Plays nights of a made-up ledger in three time zones, and holds what they bring against the oracle.

Everything that happens is drawn from a seed: invoices, payments that the bank tells two days late (matched, named or bare), part
payments, credit notes, matchings, pauses, changed policies, nights missed, mornings on which nobody approves.
"""

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from freezegun import freeze_time

from odoo import Command

from . import soak_oracle as oracle
from .night_common import UTC, NightCommon

ZONES = ("Europe/Oslo", "America/Los_Angeles", "Pacific/Auckland")
START = date(2026, 2, 16)
BANK_LATE = 2
EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))
LADDERS = {  # name: (days, kind, deadline)
    "Steady": ((-3, "note", 0), (0, "note", 0), (4, "reminder", 5), (11, "reminder", 5), (18, "formal", 7)),
    "Brisk": ((0, "note", 0), (2, "reminder", 0), (3, "reminder", 0), (9, "reminder", 3), (14, "formal", 4)),
}
PACE = {"Steady": {"gap": 6, "transit": 2, "gate": 2}, "Brisk": {"gap": 0, "transit": 0, "gate": 3}}


def cents(amount):
    return Decimal(repr(amount)).quantize(Decimal("0.01"))


class World:
    """One company with its customers, in the books and in the oracle."""

    def __init__(self, case, data, zone, working, dice):
        self.case, self.dice, self.zone = case, dice, ZoneInfo(zone)
        self.data, self.company = data, data["company"]
        self.env = case.env
        self.working, self.later, self.credits, self.counter = working, [], {}, 0
        self.seen = {}  # the invoices of the last night
        case.zone(zone, self.company)
        self.env["ar.dunning.policy"].sudo().search([("company_id", "=", self.company.id)]).active = False
        self.policies = {name: self._policy(name) for name in LADDERS}
        self.company.ar_dunning_policy_id = self.policies["Steady"]
        self.rules = {name: self._rules(name) for name in LADDERS}
        self.partners, self.customers, self.moves = {}, {}, {}
        for number in range(4):
            self._customer(f"{self.company.name} {number}")

    def _policy(self, name):
        levels = [
            {
                "name": f"{name} {days}",
                "days": days,
                "kind": kind,
                "deadline_days": deadline,
                "subject": f"{name}: {{invoices}}",
                "text": "<p>{contact}: {total}</p>",
            }
            for days, kind, deadline in LADDERS[name]
        ]
        pace = PACE[name]
        return self.case.make_policy(
            self.company,
            name=name,
            sequence=1 if name == "Steady" else 2,
            contact_gap=pace["gap"],
            transit_days=pace["transit"],
            reminders_before_formal=pace["gate"],
            skip_notes_if_punctual=False,
            tolerance=0.0,
            working_days_only=self.working == WEEKDAYS,
            level_ids=[Command.create(level) for level in levels],
        )

    def _rules(self, name):
        steps = tuple(oracle.Step(f"{name} {days}", days, kind, deadline) for days, kind, deadline in LADDERS[name])
        return oracle.Rules(name, steps, working=self.working, **PACE[name])

    def _customer(self, name):
        partner = self.env["res.partner"].create(
            {"name": name, "email": f"{name.replace(' ', '.').lower()}@example.com", "is_company": True}
        )
        self.partners[name] = partner
        self.customers[name] = oracle.Customer(name, self.rules["Steady"])

    @property
    def record_of(self):
        records = self.env["ar.dunning.customer"].search([("company_id", "=", self.company.id)])
        return {record.partner_id.name: record for record in records.sorted(lambda record: record.partner_id.name)}

    # === What happens === #

    def happen(self, day):
        """What is entered in the books on this day, before the night or after it."""
        for entry in [entry for entry in self.later if entry[0] <= day]:
            self.later.remove(entry)
            entry[1](day)
        for act, chance in (
            (self.sell, 0.45),
            (self.somebody_pays, 0.3),
            (self.credit, 0.05),
            (self.match, 0.35),
            (self.pause, 0.03),
            (self.change_pace, 0.03),
            (self.change_policy, 0.03),
        ):
            if self.dice.random() < chance:
                act(day)

    def sell(self, day):
        name, due = self.dice.choice(list(self.customers)), day + timedelta(days=self.dice.randint(-2, 10))
        amount = Decimal(self.dice.randint(10_000, 200_000)) / 100
        self.counter += 1
        key = f"{self.counter:04}"
        move = self.case.invoice(
            float(amount), due, partner=self.partners[name], company=self.company, invoice_date=min(due, day)
        )
        self.moves[key] = move
        self.customers[name].invoices[key] = oracle.Invoice(key, due, amount)

    def _open(self):
        return [
            (name, invoice)
            for name, customer in self.customers.items()
            for invoice in customer.invoices.values()
            if invoice.residual > 0 and not customer.credits
        ]

    def somebody_pays(self, day):
        """A customer pays today; the books hear of it two days later."""
        found = self._open()
        if not found:
            return
        name, invoice = self.dice.choice(found)
        kind = self.dice.choice(("matched", "matched", "named", "bare", "exact"))
        share = self.dice.choice((Decimal(1), Decimal("0.5"), Decimal("0.3")))
        self.later.append((day + timedelta(days=BANK_LATE), lambda on: self.pay(name, invoice.key, kind, share, day)))

    def pay(self, name, key, kind, share, value_date):
        customer = self.customers[name]
        invoice = customer.invoices[key]
        if invoice.residual <= 0 or customer.credits:
            return
        amount = invoice.residual if kind == "exact" else (invoice.residual * share).quantize(Decimal("0.01"))
        if kind == "bare" and any(other.residual == amount for other in customer.invoices.values()):
            amount -= Decimal("0.01")
        if amount <= 0:
            return
        payment = self._payment(name, amount, value_date, self.moves[key].name if kind == "named" else "bank")
        if kind == "matched":
            self._reconcile(payment.move_id, self.moves[key])
            invoice.residual -= amount
            return
        self._keep_credit(name, payment.move_id, amount, key if kind == "named" else None)

    def _keep_credit(self, name, move, amount, names=None):
        self.credits[move.name] = (name, move)
        self.customers[name].credits[move.name] = oracle.Credit(move.name, amount, names)

    def _payment(self, name, amount, day, memo):
        payment = (
            self.env["account.payment"]
            .with_company(self.company)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partners[name].id,
                    "amount": float(amount),
                    "date": day,
                    "memo": memo,
                    "journal_id": self.data["default_journal_bank"].id,
                }
            )
        )
        payment.action_post()
        return payment

    def credit(self, day):
        """A credit note that nobody has matched yet."""
        found = self._open()
        if not found:
            return
        name, invoice = self.dice.choice(found)
        amount = (invoice.residual * Decimal("0.4")).quantize(Decimal("0.01")) + Decimal("0.03")
        if any(other.residual == amount for other in self.customers[name].invoices.values()):
            return
        move = self.case.invoice(
            float(amount),
            day,
            partner=self.partners[name],
            company=self.company,
            move_type="out_refund",
            invoice_date=day,
        )
        self._keep_credit(name, move, amount)

    def match(self, day):
        """Somebody matches a payment or a credit note: with what it names, else with the oldest invoice."""
        if not self.credits:
            return
        reference = self.dice.choice(list(self.credits))
        name, move = self.credits[reference]
        customer = self.customers[name]
        credit = customer.credits[reference]
        open_ = sorted((i for i in customer.invoices.values() if i.residual > 0), key=lambda i: (i.due, i.key))
        if not open_:
            return
        named = [invoice for invoice in open_ if invoice.key == credit.names]
        invoice = (named or open_)[0]
        taken = min(credit.amount, invoice.residual)
        self._reconcile(move, self.moves[invoice.key])
        invoice.residual -= taken
        if taken == credit.amount:
            del customer.credits[reference], self.credits[reference]
        else:
            customer.credits[reference] = replace(credit, amount=credit.amount - taken)

    def _reconcile(self, *moves):
        lines = self.env["account.move.line"].union(*(move.line_ids for move in moves))
        lines.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
        ).reconcile()

    def pause(self, day):
        name = self.dice.choice(list(self.record_of) or [None])
        if not name or (self.customers[name].paused_until or day) > day:
            return
        until = day + timedelta(days=self.dice.randint(1, 6))
        self.env["ar.dunning.arrangement"].create(
            {"customer_id": self.record_of[name].id, "date_start": day, "date_end": until, "reason": "Asked for time"}
        )
        self.customers[name].paused_until = until

    def change_pace(self, day):
        """Another contact gap for one of the policies."""
        name, gap = self.dice.choice(list(self.policies)), self.dice.choice((0, 3, 6, 8))
        self.policies[name].contact_gap = gap
        former, self.rules[name] = self.rules[name], replace(self.rules[name], gap=gap)
        for customer in self.customers.values():
            if customer.rules == former:
                customer.rules = self.rules[name]

    def change_policy(self, day):
        """A customer gets the other policy; how many rungs of the ladder an item has climbed stays."""
        records = self.record_of
        if not records:
            return
        name = self.dice.choice(list(records))
        other = "Brisk" if self.customers[name].rules.name == "Steady" else "Steady"
        records[name].policy_id = self.policies[other]
        self.customers[name].rules = self.rules[other]

    # === A day === #

    def at(self, day, hour):
        local = datetime.combine(day, time(hour), self.zone)
        return freeze_time(local.astimezone(UTC).replace(tzinfo=None))

    def live(self, day):
        """One day: entries, the night, entries of the early morning, a person who approves; each held against the oracle."""
        with self.at(day, 0):
            self.happen(day)
        if self.dice.random() < 0.08:
            return  # the server stands still
        expected = {}
        with self.at(day, 2):
            run = self.case.tick(self.company)
            self.case.assertEqual(run.date, day)
            self.case.assertFalse(run.error_ids.mapped("reason"))
            for name, customer in self.customers.items():
                notice = oracle.night(customer, day)
                if notice:
                    expected[name] = notice
            self.compare(expected, self.drafts(), day, "night")
        self.seen = {name: set(customer.invoices) for name, customer in self.customers.items()}
        with self.at(day, 7):
            self.happen(day)
        if self.dice.random() < 0.1:
            return  # nobody is there to approve
        drafts = self.drafts()
        with self.at(day, 9):
            self.case.send(drafts, day)
            left = {name: found for name, made in expected.items() if (found := self.again(name, made, day))}
            self.compare(left, drafts.filtered(lambda notice: notice.state == "sent"), day, "morning")
            states = {notice.state for notice in drafts}
            self.case.assertLessEqual(states, {"sent", "cancelled"}, (self.company.name, day))
            for name, notice in left.items():
                oracle.deliver(self.customers[name], notice, day)

    def again(self, name, notice, day):
        return oracle.look_again(self.customers[name], notice, day, self.seen[name])

    def drafts(self):
        return self.env["ar.dunning.notice"].search([("company_id", "=", self.company.id), ("state", "=", "draft")])

    def compare(self, expected, notices, day, moment):
        keys = {move: key for key, move in self.moves.items()}
        found = {}
        for notice in notices:
            name = notice.commercial_partner_id.name
            self.case.assertNotIn(name, found, "one notice a night")
            demanded = notice.line_ids.filtered("is_demanded")
            found[name] = oracle.Notice(
                name,
                notice.level_id.name,
                tuple(sorted((keys[line.move_id], line.level_id.name, cents(line.amount_due)) for line in demanded)),
                tuple(sorted((keys[line.move_id], cents(line.amount_due)) for line in notice.line_ids - demanded)),
                notice.deadline or None,
            )
        self.case.maxDiff = None
        self.case.assertEqual(found, expected, f"{self.company.name}, {moment} of {day}, seed {self.case.seed}")
        self.case.told += len(found)


class SoakCommon(NightCommon):
    """The driver: three companies, each with its own days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.places = [cls.company_data, cls.setup_other_company(name="Second"), cls.setup_other_company(name="Third")]
        for data in cls.places[1:]:
            cls.env.user.company_ids |= data["company"]
            data["company"].ar_dunning_not_before = False

    def soak(self, seed, days):
        """Play `days` days in every zone; returns how many notices were compared."""
        self.seed, self.told = seed, 0
        for data, zone, working in zip(self.places, ZONES, (EVERY_DAY, WEEKDAYS, EVERY_DAY), strict=True):
            world = World(self, data, zone, working, random.Random(f"{seed} {zone}"))
            for number in range(days):
                world.live(START + timedelta(days=number))
        return self.told

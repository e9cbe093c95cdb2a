"""What a notice is made from, what it says, and what no longer holds of it: plain values."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from odoo import fields, models
from odoo.tools import float_round

from ...core.compose import Composition
from .ledger_facts import Decision

# A space in a text of ours or of a person's, however it was written.
SPACE = r"(?:[ \u00a0\u202f]|&nbsp;|&#160;)"
# The digits of an amount, with at least one place behind a separator.
NUMBER = re.compile(r"\d[\d.,' \u00a0\u202f]*[.,]\d+")
TEXTS = ("subject", "text", "closing")


def plain(text):
    """`text` with every kind of space as the usual one."""
    return re.sub(SPACE, " ", text)


@dataclass(slots=True)
class Making:
    """One notice to make, or to make anew, with everything that was read for it."""

    decision: Decision
    composition: Composition
    lang: str | None = None  # used where nobody in line has one
    steps: frozenset[int] | None = None  # items that take their level; None: all that are demanded
    added: dict = field(default_factory=dict)  # what members have read for it, by member
    items: dict = field(init=False, repr=False)  # the open items of the customer by id

    def __post_init__(self):
        self.items = {item.id: item for item in self.decision.items}

    @property
    def address(self):
        """Who gets it."""
        return self.decision.address_of(self.composition)

    def deadline(self, on):
        """The day until which a notice of `on` asks to pay; False where its level gives no days.

        What repeats a notice never asks for the money earlier than that notice did.
        """
        days = self.composition.level.deadline_days
        if not days:
            return False
        deadline = self.decision.calendar.next_working(on + timedelta(days=days))
        if self.decision.ahead != "repeat":
            return deadline
        items = self.items
        granted = [items[key].deadline for key, _own in self.composition.demanded if items[key].deadline]
        return max([deadline, *granted])

    def lines(self, on):
        """The values of the lines: what is demanded, each item at its own level, then what is also open."""
        items, repeats = self.items, self.decision.ahead == "repeat"
        lines = []
        for key, own in self.composition.demanded:
            takes = not repeats and (self.steps is None or key in self.steps)
            lines.append(line_values(items[key], on, own) | {"is_step": takes})
        return lines + [line_values(items[key], on) for key in self.composition.listed]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a notice says and that no longer holds.

    `text` tells it to a person. Without one it is nothing that somebody who edited the notice must decide about.
    `owed`: it is about what is owed, by whom and where to; what says otherwise is not brought once more.
    """

    name: str
    text: str = ""
    owed: bool = False


@dataclass(slots=True)
class Look:
    """One notice looked at once more: what of it remains, and what no longer holds."""

    notice: models.BaseModel
    decision: Decision
    on: date
    lost: dict[int, list[str]] = field(default_factory=dict)  # by line: why its item is not to be demanded any more
    making: Making | None = None  # None: nothing of it remains
    vals: dict = field(default_factory=dict)  # what it would be, made anew
    differences: list[Difference] = field(default_factory=list)

    @property
    def told(self):
        """The differences that concern a person, in words, one a line."""
        return "\n".join(dict.fromkeys(difference.text for difference in self.differences if difference.text))


# === Lines === #


def line_values(item, on, level=None):
    """The values of the line of an open item (`ItemFacts`) on day `on`; demanded where there is a level."""
    due = item.open - item.held
    return {
        "item_id": item.id,
        "level_id": level.key if level else None,
        "kind": level.kind.value if level else None,
        "is_demanded": bool(level),
        "is_step": bool(level),
        "move_id": item.move_id,
        "move_name": item.move_name,
        "reference": item.reference,
        "invoice_date": item.invoice_date,
        "due_date": item.due,
        "days_late": max((on - item.due).days, 0),
        "currency_id": item.currency_id,
        "amount_original": item.original,
        "amount_residual": item.residual,
        "amount_credit": float(item.credit),
        "amount_held": float(item.held),
        "held_codes": ",".join(part.code for part in item.step.parts) or None,
        "amount_due": float(due),
        "amount_discounted": float(item.discounted_on(on)),
        "discount_until": item.discount_until if item.discounted_on(on) else None,
        "amount_company": float_round(float(item.in_company(due)), precision_digits=4),
    }


def facts_of_line(line):
    """What a line says, as it is kept (`said`). `line`: its values by field."""
    return {
        "number": line["move_name"] or "",
        "due": fields.Date.to_string(line["due_date"]),
        "amount": fact_of_amount(line["amount_due"]),
        "currency": line["currency_id"],
        "asked": line["is_demanded"],
    }


def fact_of_amount(amount):
    """An amount as it is kept: the text of a decimal."""
    return f"{amount:.6f}".rstrip("0").rstrip(".")


# === Figures in words === #


def with_reference(vals, reference):
    """Texts are written before the notice has its number; put it where they ask for it."""
    return {name: vals[name].replace("{reference}", reference) for name in TEXTS}


def figures_pattern(texts):
    """A pattern that finds these texts, longest first, where no digit goes on before or after them."""
    if not texts:
        return re.compile(r"(?!)")
    either = "|".join(re.escape(text).replace("\\ ", SPACE) for text in sorted(texts, key=len, reverse=True))
    return re.compile(rf"(?<!\d)(?<!\d[.,'])(?:{either})(?!\d)(?![.,']\d)")


def moved_figures(former, present):
    """`{former text: present text}` of what changed and stands for one thing only."""
    found = defaultdict(set)
    for name, text in former.items():
        if not name.startswith("number"):
            found[plain(text)].add(present.get(name))
    moved = {}
    for text, answers in found.items():
        answers.discard(None)
        if len(answers) == 1 and plain(answer := answers.pop()) != text:
            moved[text] = answer
    return moved

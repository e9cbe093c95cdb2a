"""Speed of interest: 100,000 items with three partial payments each and ten years of half-yearly rates.

    bin/python bench/interest.py [items]

No database and nothing but the core: every item's whole history is worked out, first as a first claim, then as a
later claim after one that was made half-way (which works everything out again and compares). Prints Markdown.
"""

import random
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import bare

bare.make()

from odoo.addons.ar_dunning_charge.core.interest import Basis, Compounding, Movement, Rounding, Terms, claim  # noqa: E402
from odoo.addons.ar_dunning_charge.core.rates import Rate, Series, Value  # noqa: E402

ITEMS = 100_000
LIMIT = 20  # microseconds a slice
FIRST_YEAR, LAST = 2016, date(2025, 12, 31)
SEED = 4


def half_years(name, start):
    """Ten years of a reference that changes every half-year."""
    days = [date(year, month, 1) for year in range(FIRST_YEAR, FIRST_YEAR + 10) for month in (1, 7)]
    return Series(
        name, name, tuple(Value(day, None, start + index * Decimal("0.13"), name) for index, day in enumerate(days))
    )


def items(count):
    """(first day of interest, movements): due somewhere in the first year, paid in part three times, never in full."""
    chance = random.Random(SEED)
    result = []
    for _index in range(count):
        due = date(FIRST_YEAR, 1, 1) + timedelta(days=chance.randrange(365))
        amount = Decimal(chance.randrange(5_000, 2_000_000)).scaleb(-2)
        days = sorted(chance.randrange(10, (LAST - due).days) for _payment in range(3))
        share = (amount / 5).quantize(Decimal("0.01"))
        payments = [Movement(due + timedelta(days=day), -share) for day in days]
        result.append((due + timedelta(days=1), (Movement(due, amount), *payments)))
    return result


def cases():
    """Terms worth measuring, the plain one first."""
    reference = half_years("reference", Decimal("0.05"))
    floating = Rate(series=reference, margin=Decimal(8))
    floored = Rate(
        series=reference, margin=Decimal(8), floor=Rate(series=half_years("legal", Decimal(3)), factor=Decimal(3))
    )
    return {
        "Reference + 8, act/365": Terms(floating),
        "with a floor, act/act": Terms(floored, basis=Basis.ACT_ACT),
        "30/360, daily amount rounded": Terms(floating, basis=Basis.THIRTY_360, rounding=Rounding.DAILY),
        "yearly capitalisation": Terms(floating, compounding=Compounding.YEARLY),
        "monthly capitalisation": Terms(floating, compounding=Compounding.MONTHLY),
    }


def measure(terms, ledger, half_way=None):
    """Seconds and slices of one claim for each item, and slices of the claim made `half_way`, which is not timed."""
    seconds = slices = claimed = 0
    for start, movements in ledger:
        earlier = claim(terms, movements, start, half_way).slices if half_way else ()
        begin = time.perf_counter()
        made = claim(terms, movements, start, LAST, earlier)
        seconds += time.perf_counter() - begin
        slices += len(made.slices) + len(made.corrections)
        claimed += len(earlier)
    return seconds, slices, claimed


def row(name, items_measured, seconds, slices, worked_out):
    each = seconds / worked_out * 1e6
    print(f"| {name} | {seconds:.2f} s | {slices:,} | {worked_out / items_measured:.1f} | {each:.1f} us |")
    return each


def main(count):
    ledger = items(count)
    print(f"{count:,} items, three partial payments each, twenty half-yearly rates; limit {LIMIT} us a slice\n")
    print("| claim | time | slices claimed | slices worked out per item | each slice |")
    print("|---|--:|--:|--:|--:|")
    each = []
    for name, terms in cases().items():
        seconds, slices, _claimed = measure(terms, ledger)
        each.append(row(name, count, seconds, slices, slices))
    terms = next(iter(cases().values()))
    seconds, slices, claimed = measure(terms, ledger, half_way=date(FIRST_YEAR + 5, 6, 30))
    each.append(row("Reference + 8, second claim", count, seconds, slices, slices + claimed))
    print(f"\nSlowest {max(each):.1f} us a slice: {'kept' if max(each) <= LIMIT else 'missed'}.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS)

"""How long it takes to judge 10,000 promises, with five payments and five debts each: CPU seconds, no database.

python bench/promises.py
"""

import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import bare

bare.make()

from odoo.addons.ar_dunning.core.arrangement import Arrangement, Bank, Debt, Receipt, stand_all  # noqa: E402

PROMISES, ON = 10_000, date(2026, 6, 30)


def promises_of(number):
    """A customer's two promises, ten payments and ten debts; every third customer pays nothing in time."""
    made = ON - timedelta(days=number % 40 + 5)
    two = [
        Arrangement((number, half), made, made + timedelta(days=5 + half), Decimal(500), "EUR", tolerance_days=2)
        for half in range(2)
    ]
    paid = made + timedelta(days=1 if number % 3 else 60)
    receipts = [Receipt(paid + timedelta(days=n), Decimal(90), "EUR", n if n % 2 else None) for n in range(10)]
    debts = [Debt(n, made - timedelta(days=n), Decimal(100), "EUR") for n in range(10)]
    return two, receipts, debts


def main():
    customers = [promises_of(number) for number in range(PROMISES // 2)]
    start, counts = time.process_time(), {}
    for several, receipts, debts in customers:
        for standing in stand_all(several, receipts, debts, ON, Bank(ON - timedelta(days=2))).values():
            counts[standing.state] = counts.get(standing.state, 0) + 1
    print(f"{PROMISES} promises: {time.process_time() - start:.2f} s CPU; {counts}")


if __name__ == "__main__":
    main()

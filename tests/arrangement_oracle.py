"""What becomes of promises, the slow way: every unit of money takes its own walk. Written from the rules, not the code."""

from datetime import timedelta
from decimal import Decimal


def slow_standings(arrangements, receipts, debts, on, bank):
    """As `core.arrangement.stand_all`, for amounts in whole units."""
    owed = {debt.key: [debt.amount, debt.due, debt.currency] for debt in debts}
    order = [debt.key for debt in debts]
    got = {one.key: {"cash": 0, "credit": 0} for one in arrangements}
    for receipt in sorted(receipts, key=lambda receipt: receipt.on):
        gone = receipt.returned is not None and receipt.returned <= on
        if receipt.on > on or gone:
            continue
        for _unit in range(int(receipt.amount)):
            item = receipt.item or oldest(owed, order, receipt.currency)
            taker = first_taker(arrangements, got, receipt, item)
            if taker is not None:
                got[taker]["cash" if receipt.cash else "credit"] += 1
    return {one.key: verdict(one, got[one.key], on, bank) for one in arrangements}


def oldest(owed, order, currency):
    """The debt that the next unit without a name pays; it is owed one less from now on."""
    open_ones = [key for key in order if owed[key][0] > 0 and owed[key][2] == currency]
    if not open_ones:
        return None
    key = min(open_ones, key=lambda key: (owed[key][1], order.index(key)))
    owed[key][0] -= 1
    return key


def first_taker(arrangements, got, receipt, item):
    """The promise that a unit falls to: the one that ends first, of those that still wait for money."""
    fitting = []
    for place, one in enumerate(arrangements):
        if one.amount is None or one.currency != receipt.currency or receipt.on < one.made:
            continue
        if receipt.cash and receipt.on > one.until + timedelta(days=one.tolerance_days):
            continue
        if one.items is not None and item not in one.items:
            continue
        if sum(got[one.key].values()) < one.amount + one.before:
            fitting.append((one.until, one.made, place, one.key))
    return min(fitting)[-1] if fitting else None


def verdict(one, got, on, bank):
    """State, promise and money as a `Standing`."""
    from odoo.addons.ar_dunning.core.arrangement import Standing

    promised = max(Decimal(0), (one.amount or 0) - got["credit"])
    received = max(Decimal(0), got["cash"] - one.before)
    return Standing(word(one, promised, received, on, bank), promised, received)


def word(one, promised, received, on, bank):
    """The state as a word."""
    if one.cancelled is not None and one.cancelled <= on:
        return "cancelled"
    if one.settled is not None and one.settled <= on:
        return "settled"
    last = one.until + timedelta(days=one.tolerance_days)
    if one.amount is None:
        return "open" if on <= last else "expired"
    if promised == 0:
        return "settled"
    if received > 0 and received / promised >= one.share:
        return "kept"
    if on <= last:
        return "open"
    if not bank_is_known(last, on, bank):
        return "waiting"
    return "partly" if received > 0 else "broken"


def bank_is_known(last, on, bank):
    """By the bank's own lines, or three working days later where there are none."""
    if bank.known_until is not None and bank.known_until >= last:
        return True
    if bank.recorded:
        return False
    passed = sum(bank.calendar.is_working(last + timedelta(days=n)) for n in range(1, (on - last).days + 1))
    return passed >= 3

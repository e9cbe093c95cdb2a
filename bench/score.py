"""Is the score worth something? Walks forward through a payment history and asks, at each invoice, what was known then.

    python bench/score.py FILE.csv             customer, invoice date, due date, amount, settled date
    python bench/score.py                      every payment history in ../shared/data (none there: says so)
    python bench/score.py FILE.csv --tune      tries settings on the first half, reports the best on the second
    python bench/score.py --generate           a made-up history, to see that this file works: proves nothing

Every prediction is made on the day of the invoice, from what happened before that day: invoices written earlier,
payments that arrived earlier, and what was still unpaid. Defaults of the product are used as they are; the first half
of the history (by invoice date) only warms up, figures are those of the second half.

Columns are found by name (``customer``, ``customer_number``, ``cust_number``, ``customerID``; ``invoice date`` or
``posting_date``; ``due date``, ``due_in_date``; ``amount``, ``total_open_amount``; ``settled date``, ``clear_date``);
dates are ISO, month/day/year or 20200131. A row without a settled date is unpaid; those written after the last one that was
settled are left out, as nothing is known of what became of them. Customer numbers are numbers: exports write some with
leading zeros and some without.

Baseline: the plain mean of the customer's days late so far (everyone's mean where there is none yet), which both ranks
invoices and, added to the due date, predicts the day of payment. Once with early payments as negative days, the
stronger one, and once with early counting as 0 days late, as many reports do.
"""

import argparse
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from heapq import heappop, heappush
from pathlib import Path

from score_history import ROOT, Account, forecast, generate, load, scoring

DATA = ROOT.parent / "shared" / "data"


@dataclass
class Guess:
    """One prediction and what became of it. `ours` is of this invoice, `ahead` of any next invoice of the customer."""

    customer: str
    late: bool
    days: int | None
    ours: Decimal
    ahead: Decimal
    base: Decimal
    floored: Decimal
    score: int | None
    grade: str
    expected: int | None
    mean: Decimal
    likely: tuple
    wide: tuple
    known: int


@dataclass
class Glance:
    """One open invoice on one day, before its due date, and what became of it."""

    late: bool
    days: int | None
    ours: Decimal
    base: Decimal
    floored: Decimal
    expected: int | None
    mean: Decimal


def glances(invoices, half_life, trust, every=14):
    """Every fortnight, look at all open invoices that are not yet due: who will be late? In order of the day."""
    start = invoices[0].invoiced
    end = max(max(i.invoiced for i in invoices), max(i.settled or i.invoiced for i in invoices))
    accounts, coming, found, following = defaultdict(Account), [], [], 0
    on = start + timedelta(days=every)
    overall, weekdays = [0, 0, 0], Counter()
    while on < end:
        while following < len(invoices) and invoices[following].invoiced < on:
            invoice = invoices[following]
            accounts[invoice.customer].unpaid[following] = invoice
            if invoice.settled:
                heappush(coming, (max(invoice.settled, invoice.invoiced), following, invoice))
            following += 1
        while coming and coming[0][0] < on:
            _day, key, paid = heappop(coming)
            accounts[paid.customer].settle(key, paid, start, half_life, weekdays)
            for place, value in enumerate((paid.days, max(paid.days, 0), 1)):
                overall[place] += value
        week = forecast.bank_week(weekdays)
        pasts = {name: account.past(on, start, half_life, week) for name, account in accounts.items()}
        everyone = forecast.pool(pasts.values(), week)
        for name, account in accounts.items():
            waiting = [i for i in account.unpaid.values() if i.due >= on and (i.settled or i.due < end)]
            if waiting:
                days = forecast.distribution(pasts[name], everyone, trust)
                found += [_glance(invoice, on, days, week, account, overall) for invoice in waiting]
        on += timedelta(days=every)
    return found


def _glance(invoice, on, days, week, account, overall):
    view = forecast.foresee(invoice.due, on, days, Decimal(0), week)
    total, floored, count = (account.total, account.floored, account.count) if account.count else overall
    mean, floored = Decimal(total) / max(count, 1), Decimal(floored) / max(count, 1)
    return Glance(
        late=not invoice.settled or invoice.settled > invoice.due,
        days=invoice.days if invoice.settled else None,
        ours=view.late,
        base=mean,
        floored=floored,
        expected=(view.expected - invoice.due).days if view.expected else None,
        # The baseline knows the calendar too: nothing is expected before today.
        mean=max(mean, Decimal((on - invoice.due).days)),
    )


def walk(invoices, half_life, trust, every=14):
    """Go through the days; returns a `Guess` for each invoice whose outcome the history tells."""
    start = invoices[0].invoiced
    end = max(max(i.invoiced for i in invoices), max(i.settled or i.invoiced for i in invoices))
    accounts, coming, guesses, weekdays = defaultdict(Account), [], [], Counter()
    everyone, pooled_on = forecast.Pool(), None
    total = floored = count = 0
    for key, invoice in enumerate(invoices):
        on = invoice.invoiced
        while coming and coming[0][0] < on:  # what was settled before today is known today
            _day, paid_key, paid = heappop(coming)
            accounts[paid.customer].settle(paid_key, paid, start, half_life, weekdays)
            total, floored, count = total + paid.days, floored + max(paid.days, 0), count + 1
        if pooled_on is None or (on - pooled_on).days >= every:
            week = forecast.bank_week(weekdays)
            everyone = forecast.pool([a.past(on, start, half_life, week) for a in accounts.values()], week)
            pooled_on = on
        account = accounts[invoice.customer]
        account.first = account.first or on
        if invoice.settled or invoice.due < end:
            guesses.append(_guess(invoice, account, everyone, on, start, half_life, trust, (total, floored, count)))
        account.unpaid[key] = invoice
        if invoice.settled:
            heappush(coming, (max(invoice.settled, on), key, invoice))
    return guesses


def _guess(invoice, account, everyone, on, start, half_life, trust, overall):
    past = account.past(on, start, half_life, everyone.week)
    view = forecast.outlook(invoice.due, on, past, everyone, trust)
    ahead = forecast.late_ahead(past, everyone, trust)
    score = scoring.score(account.history(on, ahead))
    total, floored, count = (account.total, account.floored, account.count) if account.count else overall
    mean, floored = Decimal(total) / max(count, 1), Decimal(floored) / max(count, 1)
    since_due = lambda day: (day - invoice.due).days if day else None  # noqa: E731
    return Guess(
        customer=invoice.customer,
        late=not invoice.settled or invoice.settled > invoice.due,
        days=invoice.days if invoice.settled else None,
        ours=view.late,
        ahead=ahead,
        base=mean,
        floored=floored,
        score=score.score,
        grade=score.grade.name,
        expected=since_due(view.expected),
        mean=mean,
        likely=tuple(map(since_due, view.likely)),
        wide=tuple(map(since_due, view.wide)),
        known=account.count,
    )


def auc(pairs):
    """The chance that a late invoice is ranked above a punctual one; ties count a half. Pairs of (rank, late)."""
    pairs = sorted(pairs)
    late = sum(1 for _value, is_late in pairs if is_late)
    if not late or late == len(pairs):
        return None
    ranks, position = 0.0, 0
    while position < len(pairs):
        same = position
        while same < len(pairs) and pairs[same][0] == pairs[position][0]:
            same += 1
        ranks += sum(is_late for _value, is_late in pairs[position:same]) * (position + 1 + same) / 2
        position = same
    return (ranks - late * (late + 1) / 2) / (late * (len(pairs) - late))


def lead(guesses, ours, base, times=100):
    """By how much the first ranks better: the range of 95 % of draws of as many customers, with replacement."""
    draw, accounts, found = random.Random(1), defaultdict(list), []
    for guess in guesses:
        accounts[guess.customer].append((float(ours(guess)), float(base(guess)), guess.late))
    accounts = list(accounts.values())
    for _time in range(times):
        drawn = [row for account in draw.choices(accounts, k=len(accounts)) for row in account]
        pair = [auc([(row[place], row[2]) for row in drawn]) for place in (0, 1)]
        if None not in pair:
            found.append(pair[0] - pair[1])
    found.sort()
    return found[len(found) * 25 // 1000], found[-1 - len(found) * 25 // 1000]


def mae(pairs):
    gaps = [abs(float(guess) - float(real)) for guess, real in pairs if guess is not None and real is not None]
    return sum(gaps) / len(gaps) if gaps else float("nan")


def figures(guesses):
    """The measures of a list of guesses."""
    scored = [guess for guess in guesses if guess.score is not None]
    paid = [guess for guess in guesses if guess.days is not None and guess.expected is not None]
    inside = lambda name: sum(getattr(g, name)[0] <= g.days <= getattr(g, name)[1] for g in paid) / len(paid)  # noqa: E731
    return {
        "auc": auc([(g.ours, g.late) for g in guesses]),
        "auc_ahead": auc([(g.ahead, g.late) for g in guesses]),
        "auc_base": auc([(g.base, g.late) for g in guesses]),
        "auc_floored": auc([(g.floored, g.late) for g in guesses]),
        "auc_score_floored": auc([(g.floored, g.late) for g in scored]),
        "mae_floored": mae([(g.floored, g.days) for g in paid]),
        "auc_score": auc([(-g.score, g.late) for g in scored]),
        "auc_score_base": auc([(g.base, g.late) for g in scored]),
        "mae": mae([(g.expected, g.days) for g in paid]),
        "mae_base": mae([(g.mean, g.days) for g in paid]),
        "brier": sum((float(g.ours) - g.late) ** 2 for g in guesses) / len(guesses),
        "likely": inside("likely"),
        "wide": inside("wide"),
        "scored": len(scored),
        "paid": len(paid),
    }


def report(name, guesses, half):
    """Print what the second half of the history says."""
    test = guesses[half:]
    found = figures(test)
    share = sum(g.late for g in test) / len(test)
    print(f"\n## {name}\n\n{len(test):,} invoices of the second half, {share:.1%} of them late\n")
    print("| measure | ours | mean days late | early counting as 0 |\n| --- | ---: | ---: | ---: |")
    row = "| {} | {:.3f} | {:.3f} | {:.3f} |".format
    print(row("AUC, probability that this invoice is late", *(found[f"auc{k}"] for k in ("", "_base", "_floored"))))
    print(row("AUC, probability for the customer", *(found[f"auc{k}"] for k in ("_ahead", "_base", "_floored"))))
    if found["auc_score"]:
        text = f"AUC, score of graded customers ({found['scored']:,} invoices)"
        print(row(text, *(found[f"auc_score{k}"] for k in ("", "_base", "_floored"))))
    for text, some, ours in (
        ("invoice", test, lambda g: g.ours),
        ("customer", test, lambda g: g.ahead),
        ("score", [g for g in test if g.score is not None], lambda g: -g.score),
    ):
        low, high = lead(some, ours, lambda g: g.base)
        print(f"| ... ahead of the mean, {text}, 95 % of draws of customers | {low:+.3f} to {high:+.3f} | | |")
    gain = 1 - found["mae"] / found["mae_base"]
    print(row("mean absolute error of the expected date, days", *(found[f"mae{k}"] for k in ("", "_base", "_floored"))))
    print(f"\nError of the expected date {gain:.1%} below the baseline's; Brier score {found['brier']:.4f}.")
    print(f"Paid within the 50 % range: {found['likely']:.1%}; within the 80 % range: {found['wide']:.1%}.\n")
    print("| grade | invoices | predicted late | were late | mean days late |\n| --- | ---: | ---: | ---: | ---: |")
    for grade in scoring.Grade:
        of_grade = [g for g in test if g.grade == grade.name]
        if of_grade:
            said = sum(float(g.ours) for g in of_grade) / len(of_grade)
            were = sum(g.late for g in of_grade) / len(of_grade)
            days = [g.days for g in of_grade if g.days is not None]
            mean = sum(days) / len(days) if days else float("nan")
            print(f"| {grade.name} | {len(of_grade):,} | {said:.1%} | {were:.1%} | {mean:.1f} |")


def report_open(found):
    """Print what the open invoices of the second half of the fortnights say."""
    test = found[len(found) // 2 :]
    if not test:
        return
    paid = [g for g in test if g.days is not None and g.expected is not None]
    print(f"\n{len(test):,} looks at open invoices before their due date, every fortnight\n")
    print("| measure | ours | mean days late | early counting as 0 |\n| --- | ---: | ---: | ---: |")
    row = "| {} | {:.3f} | {:.3f} | {:.3f} |".format
    print(
        row(
            "AUC, probability of being late",
            *(auc([(getattr(g, k), g.late) for g in test]) for k in ("ours", "base", "floored")),
        )
    )
    print(
        f"| mean absolute error, days | {mae([(g.expected, g.days) for g in paid]):.3f} | {mae([(g.mean, g.days) for g in paid]):.3f} | |"
    )


def tune(invoices, half):
    """The best settings by the Brier score of the first half; its earliest fifth only warms up."""
    best = None
    for half_life in (120, 240, 365, 730):
        for trust in (5, 10, 20, 40):
            guesses = walk(invoices, half_life, Decimal(trust))[half // 5 : half]
            found = figures(guesses)
            print(
                f"half-life {half_life:>4}  trust {trust:>3}  Brier {found['brier']:.4f}"
                f"  AUC {found['auc']:.4f} ({found['auc_base']:.4f})  MAE {found['mae']:.3f} ({found['mae_base']:.3f})"
            )
            if best is None or found["brier"] < best[0]:
                best = (found["brier"], half_life, trust)
    return best[1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--tune", action="store_true", help="choose half-life and trust on the first half")
    parser.add_argument("--generate", action="store_true", help="a made-up history")
    arguments = parser.parse_args()
    histories = [("made up", generate())] if arguments.generate else []
    for file in arguments.files or sorted(DATA.glob("*.csv")) if not histories else ():
        invoices = load(file)
        if invoices is None:
            print(f"{file.name}: skipped, it tells no settled dates (open items cannot show who paid when)")
        else:
            histories.append((file.name, invoices))
    if not histories:
        print("No payment history here. Give one: customer, invoice date, due date, amount, settled date.")
    for name, invoices in histories:
        half_life, trust = forecast.HALF_LIFE, forecast.TRUST
        told = walk(invoices, half_life, trust)
        half = len(told) // 2
        if arguments.tune:
            half_life, trust = tune(invoices, half)
            print(f"chosen on the first half: half-life {half_life}, trust {trust}")
            told = walk(invoices, half_life, Decimal(trust))
        report(name, told, half)
        report_open(glances(invoices, half_life, Decimal(trust)))


if __name__ == "__main__":
    main()

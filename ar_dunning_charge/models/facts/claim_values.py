"""Claims as values of `ar.dunning.charge`: what was worked out, ready to be written."""

from decimal import Decimal

from odoo.tools import float_round

EXACT = Decimal("0.00000001")


def charge_values(debt, one, kind, amount, on):
    """What every charge says.

    :param debt: DebtFacts of the item
    :param one: Asked, the notice that demands it
    :param amount: Decimal, in the item's currency
    """
    waived = one.level.charge_waived_if_paid and one.deadline
    return {
        "kind": kind,
        "customer_id": debt.customer_id,
        "company_id": debt.company_id,
        "item_id": debt.id,
        "move_id": debt.move_id,
        "level_id": one.level.id,
        "date": on,
        "currency_id": debt.currency_id,
        "amount": float(amount),
        "amount_company": float_round(debt.company_amount(amount), precision_digits=4),
        "default_date": debt.in_default and debt.default.on,
        "default_ground": debt.in_default and debt.default.ground.value,
        "waive_until": one.deadline if waived else False,
    }


def interest_values(debt, one, result, terms, source, on):
    """A claim of interest, period by period.

    :param result: core.interest.Claim with a slice or a correction at least
    :param terms: claim_facts.Governing
    :param source: the key under which the periods are known later
    """
    pieces = [*result.slices, *result.corrections]
    claimed = result.slices or pieces
    return charge_values(debt, one, "interest", result.total, on) | {
        "date_from": min(piece.first for piece in claimed),
        "date_to": max(piece.last for piece in claimed),
        "basis": float(claimed[-1].principal),
        "rule": terms.text,
        "rule_key": source,
        "slices": [slice_values(piece, piece in result.corrections) for piece in pieces],
    }


def slice_values(piece, is_correction):
    """One period of an interest charge."""
    return {
        "date_from": piece.first,
        "date_to": piece.last,
        "days": piece.days,
        "principal": float(piece.principal),
        "rate": float(piece.rate),
        "source": piece.source,
        "basis": piece.basis.value,
        "exact": str(piece.exact.quantize(EXACT)),
        "amount": float(piece.amount),
        "is_correction": is_correction,
    }

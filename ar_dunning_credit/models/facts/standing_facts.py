"""What stays of merged customers: the strictest of what each was allowed; how its history names a decision."""

# The subtype of a message that tells a decision about credit, which the timeline shows.
DECISION = "ar_dunning_credit.mt_decision"


def strictest(customers):
    """The strictest of what these customer records allow, as values to write on the one that stays."""
    held = customers.filtered("manual_hold").sorted(lambda record: record.manual_hold != "blocked")[:1]
    temporary = customers.filtered("temporary_limit_until")
    lowest = temporary.sorted("temporary_limit")[:1]
    ordinary = min((limit for limit in customers.mapped("credit_limit") if limit), default=0.0)
    if temporary < customers and (not ordinary or lowest.temporary_limit > ordinary):
        lowest = customers.browse()  # one of them was never allowed more than the ordinary limit
    insured = customers.filtered("insured_amount").sorted("insured_amount")[:1]
    values = {"legal_case": any(customers.mapped("legal_case")), "credit_limit": ordinary}
    for record, names in (
        (held, ("manual_hold", "hold_reason", "hold_until", "hold_on")),
        (lowest, ("temporary_limit", "temporary_limit_until", "temporary_warned_on")),
        (insured, ("insured_amount", "insured_until", "insured_by", "insured_warned_on")),
    ):
        values |= {name: record[name] for name in names}
    return values | {"hold_user_id": held.hold_user_id.id}

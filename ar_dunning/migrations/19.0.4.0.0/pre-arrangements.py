"""What is worked out of promises and disputes stands beside the pauses of before without a new date of their last change."""

COLUMNS = {
    "ar_dunning_arrangement": {"amount_company": "numeric", "days_open": "int4"},
    "ar_dunning_call_wizard": {"promised_amount": "numeric"},
}


def migrate(cr, version):
    """Nothing is at issue of a pause; how long one that has ended had lasted is kept as it will be of those to come."""
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            cr.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {kind}")
    cr.execute(
        "UPDATE ar_dunning_arrangement SET amount_company = 0, days_open = COALESCE(ended_on - date_start, 0)"
        " WHERE amount_company IS NULL"
    )

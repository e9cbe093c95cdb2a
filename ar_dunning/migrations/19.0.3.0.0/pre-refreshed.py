"""A customer keeps on which day *he* was refreshed; as of which day his figures hold is worked out with the company's last night."""

COLUMNS = {"figures_on": "figures_kept", "score_on": "score_kept", "credit_on": "credit_kept"}


def migrate(cr, version):
    """What was written every night to every customer becomes the day of his own last refresh."""
    for former, name in COLUMNS.items():
        cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'ar_dunning_customer' AND column_name IN (%s, %s) AND table_schema = current_schema()",
            [former, name],
        )
        if cr.fetchall() == [(former,)]:
            cr.execute(f"ALTER TABLE ar_dunning_customer RENAME COLUMN {former} TO {name}")

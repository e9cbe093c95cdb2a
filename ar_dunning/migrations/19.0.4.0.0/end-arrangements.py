"""Reasons to dispute that are new with this version know whether charges stop meanwhile, once that part is loaded."""

WITHOUT_CHARGES = ("price", "quantity", "not_delivered", "quality", "wrong_item", "duplicate", "credit_expected")


def migrate(cr, version):
    """As in the data of `ar_dunning_charge`, which an upgrade does not load over records that are there already."""
    cr.execute(
        "SELECT EXISTS (SELECT FROM information_schema.columns"
        " WHERE table_name = 'ar_dunning_reason' AND column_name = 'no_charges')"
    )
    if cr.fetchone()[0]:
        cr.execute(
            """
            UPDATE ar_dunning_reason r SET no_charges = TRUE
              FROM ir_model_data d
             WHERE d.module = 'ar_dunning' AND d.name = ANY(%s) AND d.res_id = r.id AND r.no_charges IS NULL
            """,
            ([f"reason_dispute_{name}" for name in WITHOUT_CHARGES],),
        )

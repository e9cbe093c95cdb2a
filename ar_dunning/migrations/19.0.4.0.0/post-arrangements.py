"""Pauses stay pauses; what came of a call says what the dialog asks for; reasons know whether they stop dunning."""

CALLS = {"reason_call_promised": "promise", "reason_call_disputed": "dispute"}


def migrate(cr, version):
    """Fill what earlier versions did not know; nothing that a person has chosen is changed."""
    for name, does in CALLS.items():
        cr.execute(
            """
            UPDATE ar_dunning_reason r SET outcome_does = %s
              FROM ir_model_data d
             WHERE d.module = 'ar_dunning' AND d.name = %s AND d.res_id = r.id AND r.outcome_does IS NULL
            """,
            (does, name),
        )
    cr.execute("UPDATE ar_dunning_arrangement SET is_whole = FALSE WHERE kind = 'pause' AND is_whole IS NULL")

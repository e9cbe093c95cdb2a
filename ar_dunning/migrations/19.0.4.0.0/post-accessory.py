"""What charges were booked by says so itself: documents of their own and what took them back."""


def migrate(cr, version):
    """Mark the documents that `ar_dunning_charge` names."""
    cr.execute("SELECT to_regclass('ar_dunning_charge') IS NOT NULL")
    if cr.fetchone()[0]:
        cr.execute(
            """
            UPDATE account_move m SET ar_dunning_accessory = TRUE
              FROM (SELECT document_id AS id FROM ar_dunning_charge UNION SELECT reversal_id FROM ar_dunning_charge) c
             WHERE m.id = c.id AND m.ar_dunning_accessory IS NOT TRUE
            """
        )

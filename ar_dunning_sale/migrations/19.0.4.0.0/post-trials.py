"""Free periods stood on the orders; they become records, and go on where they were.

A quotation's is planned, and a cancelled order's does not run, whatever the columns said.
"""

from odoo import SUPERUSER_ID, api

TRIALS = """
    INSERT INTO ar_dunning_trial (order_id, company_id, kind, start, until, free_value, told_on, asked_on, state,
                                  create_uid, create_date, write_uid, write_date)
    SELECT o.id, o.company_id, o.ar_dunning_trial,
           CASE WHEN o.state = 'sale' OR o.ar_dunning_trial_state IS NOT NULL THEN o.date_order::date END,
           o.ar_dunning_trial_end, COALESCE(o.ar_dunning_trial_limit, 0), o.ar_dunning_trial_told, o.ar_dunning_trial_asked,
           CASE WHEN o.ar_dunning_trial_state IN ('charged', 'ended') THEN o.ar_dunning_trial_state
                WHEN o.state = 'cancel' THEN 'cancelled'
                WHEN o.state <> 'sale' THEN 'planned'
                ELSE COALESCE(o.ar_dunning_trial_state, 'running') END,
           COALESCE(o.user_id, o.create_uid), now() AT TIME ZONE 'UTC', %(root)s, now() AT TIME ZONE 'UTC'
      FROM sale_order o
     WHERE o.ar_dunning_trial IS NOT NULL AND o.ar_dunning_trial_end IS NOT NULL
"""
COUNTS = "UPDATE sale_order o SET ar_dunning_trial_id = t.id FROM ar_dunning_trial t WHERE t.order_id = o.id"
# Their fields are read from the record from here on.
GONE = ("", "_end", "_limit", "_told", "_asked", "_state")


def migrate(cr, version):
    """A record for each, the scheduled action on the new model, and no second home for the same."""
    cr.execute(TRIALS, {"root": SUPERUSER_ID})
    cr.execute(COUNTS)
    for name in GONE:
        cr.execute(f"ALTER TABLE sale_order DROP COLUMN IF EXISTS ar_dunning_trial{name}")
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.invalidate_all(flush=False)
    cron = env.ref("ar_dunning_sale.ir_cron_trials", raise_if_not_found=False)
    if cron:
        cron.model_id = env["ir.model"]._get("ar.dunning.trial")

"""Protected rows of addons that were installed, and not upgraded, are put back as people had edited them."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Put back what `pre-family` has kept aside, if it has, and forget it."""
    cr.execute("SELECT to_regclass('ar_dunning_kept')")
    if not cr.fetchone()[0]:
        return
    put_back_rows(cr)
    put_back_links(cr)
    cr.execute("DROP TABLE ar_dunning_kept")
    env = api.Environment(cr, SUPERUSER_ID, {})
    env.invalidate_all(flush=False)
    env.registry.clear_all_caches()


def put_back_rows(cr):
    """Every column that the row had and still has."""
    cr.execute("SELECT DISTINCT place FROM ar_dunning_kept WHERE link IS NULL")
    for (table,) in cr.fetchall():
        cr.execute(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s AND column_name <> 'id' AND is_generated = 'NEVER'"
            " AND column_name IN (SELECT jsonb_object_keys(value) FROM ar_dunning_kept WHERE place = %s)",
            [table, table],
        )
        (columns,) = cr.fetchone()
        cr.execute(
            f'UPDATE "{table}" t SET ({columns}) ='
            f" (SELECT {columns} FROM jsonb_populate_record(t, k.value))"
            "  FROM ar_dunning_kept k WHERE k.place = %s AND k.link IS NULL AND k.id = t.id",
            [table],
        )


def put_back_links(cr):
    """Every row of a table that linked one of the rows."""
    cr.execute("SELECT DISTINCT place, link FROM ar_dunning_kept WHERE link IS NOT NULL")
    for table, column in cr.fetchall():
        kept = "SELECT id FROM ar_dunning_kept WHERE place = %s AND link = %s"
        cr.execute(f'DELETE FROM "{table}" WHERE "{column}" IN ({kept})', [table, column])
        cr.execute(
            f'INSERT INTO "{table}" SELECT r.* FROM ar_dunning_kept k,'
            f' jsonb_populate_recordset(NULL::"{table}", k.value) r WHERE k.place = %s AND k.link = %s'
            " ON CONFLICT DO NOTHING",
            [table, column],
        )

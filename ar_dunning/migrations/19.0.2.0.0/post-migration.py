def migrate(cr, version):
    """Pauses that were ended early keep the day on which that happened; until now only their history told."""
    cr.execute(
        """
        UPDATE ar_dunning_arrangement
           SET ended_on = GREATEST(write_date::date, date_start)
         WHERE state = 'ended' AND ended_on IS NULL AND (date_end IS NULL OR date_end >= write_date::date)
        """
    )

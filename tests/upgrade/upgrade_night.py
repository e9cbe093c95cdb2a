"""The night after an upgrade, on the clock of the seed."""

from datetime import date

from upgrade_process import clock

AFTER = date(2026, 4, 15)


def play(env):
    """What the scheduled action does; the night's own errors are in its lines, and in the log."""
    with clock(AFTER):
        env["ar.dunning.run"]._cron_night()

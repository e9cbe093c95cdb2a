"""The night after an upgrade, on the clock of the seed."""

from datetime import date

from upgrade_process import clock

AFTER = date(2026, 4, 15)


def play(env):
    """What the scheduled action does; the night's own errors are in its lines, and in the log."""
    with clock(AFTER):
        env["ar.dunning.run"]._cron_night()
        if "ar.dunning.release" in env:
            confirm(env)


def confirm(env):
    """What had been approved before the upgrade is confirmed by the salesperson, and free periods are announced."""
    released = env["sale.order"].search([("ar_dunning_release", "=", "approved")])
    released.with_user(released.user_id).action_confirm()
    env.ref("ar_dunning_sale.ir_cron_trials").method_direct_trigger()

"""Odoo in a process of its own: ``upgrade_process.py WORK DATABASE ADDONS_PATH SMTP_PORT``, the work being a function named below.

The addons are those of the path: of the former commit or of this one. Nothing here imports them before the registry has.
"""

import logging
import sys
from contextlib import contextmanager
from datetime import datetime, time

import freezegun

# Libraries that look at the clock while they wait for each other.
REAL_CLOCK = ["psycopg2", "threading", "queue", "werkzeug", "smtplib", "socket"]


@contextmanager
def environment(database, addons_path, smtp_port):
    """The superuser's environment in a database; commits at the end."""
    import odoo
    from odoo.modules.registry import Registry
    from odoo.tools import config

    options = ["-d", database, f"--addons-path={addons_path}", "--smtp-port", str(smtp_port), "--no-http"]
    config.parse_config(options, setup_logging=True)
    with Registry(database).cursor() as cr:
        yield odoo.api.Environment(cr, odoo.SUPERUSER_ID, {"lang": "en_US"})
        cr.commit()


@contextmanager
def clock(day, hour=2):
    """Make Odoo believe that it is `hour` o'clock (UTC) of `day`."""
    with freezegun.freeze_time(datetime.combine(day, time(hour)), ignore=REAL_CLOCK):
        yield


def seed(env):
    """Fill a former database."""
    import upgrade_seed

    upgrade_seed.fill(env)


def night(env):
    """The night after the upgrade, by its scheduled action."""
    import upgrade_night

    upgrade_night.play(env)


def button(env):
    """The Apps button *Upgrade* of the addon."""
    env["ir.module.module"].search([("name", "=", "ar_dunning")]).button_immediate_upgrade()


def leave(env):
    """Members of the family are uninstalled, and installed again."""
    import upgrade_leave

    upgrade_leave.leave(env)


WORKS = {work.__name__: work for work in (seed, night, button, leave)}


if __name__ == "__main__":
    work, *place = sys.argv[1:]
    with environment(*place) as env:
        logging.getLogger(__name__).info("the work begins")
        WORKS[work](env)

"""The configuration Odoo runs with here: this database server, this repository's addons, and no way out.

Mail goes to a catch-all server on the loopback interface (``scripts/smtp_catchall.py``); if none listens, it stays in Odoo's queue.
The update notification is pointed at a closed port. Time limits are off: exceeding one makes Odoo replace its own process.
"""

import os
from pathlib import Path

from . import paths, postgres

SMTP_HOST = "127.0.0.1"
SMTP_PORT = 8025
HTTP_PORT = 8069
CLOSED_PORT = "http://127.0.0.1:9/"


def ensure() -> Path:
    """Write the file if its content changes; return its path."""
    text = "[options]\n" + "".join(f"{name} = {value}\n" for name, value in options().items())
    if not paths.ODOO_CONF.exists() or paths.ODOO_CONF.read_text() != text:
        paths.ODOO_CONF.parent.mkdir(parents=True, exist_ok=True)
        paths.ODOO_CONF.touch(mode=0o600)
        paths.ODOO_CONF.write_text(text)
    return paths.ODOO_CONF


def options() -> dict[str, object]:
    """The options, by their names in the file. Texts that are not set must be left out: Odoo takes "False" for a value."""
    pg = postgres.environment()
    chosen = {
        "addons_path": ",".join(addons_path()),
        "data_dir": paths.DATA,
        "db_host": pg.get("PGHOST"),
        "db_port": pg.get("PGPORT"),
        "db_user": pg.get("PGUSER"),
        "db_password": pg.get("PGPASSWORD"),
        "db_maxconn": 32,
        "list_db": True,
        "admin_passwd": "admin",
        "http_interface": "127.0.0.1",
        "http_port": os.environ.get("PORT", HTTP_PORT),
        "proxy_mode": False,
        "workers": 0,
        "limit_time_cpu": 0,
        "limit_time_real": 0,
        "limit_time_real_cron": 0,
        "limit_memory_soft": 0,
        "limit_memory_hard": 0,
        "smtp_server": SMTP_HOST,
        "smtp_port": os.environ.get("SMTP_PORT", SMTP_PORT),
        "smtp_ssl": False,
        "email_from": "odoo@example.com",
        "publisher_warranty_url": CLOSED_PORT,
        "without_demo": "True",
        "log_handler": ":INFO",
    }
    return {name: value for name, value in chosen.items() if value is not None}


def addons_path() -> list[str]:
    """The directories with addons: Odoo's own, and the root of this repository."""
    home = paths.odoo_home()
    places = [home / "odoo" / "addons", home / "addons", paths.ROOT]
    return [str(place) for place in places if place.is_dir()]

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
    """The options, by their names in the file."""
    pg = postgres.environment()
    return {
        "addons_path": ",".join(addons_path()),
        "data_dir": paths.DATA,
        "db_host": pg.get("PGHOST") or False,
        "db_port": pg.get("PGPORT") or False,
        "db_user": pg.get("PGUSER") or False,
        "db_password": pg.get("PGPASSWORD") or False,
        "db_maxconn": 32,
        "list_db": True,
        "admin_passwd": "admin",
        "http_interface": "127.0.0.1",
        "http_port": HTTP_PORT,
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
        "smtp_user": False,
        "smtp_password": False,
        "email_from": "odoo@example.com",
        "from_filter": False,
        "publisher_warranty_url": CLOSED_PORT,
        "without_demo": "True",
        "log_handler": ":INFO",
    }


def addons_path() -> list[str]:
    """The directories with addons: Odoo's own, and the root of this repository."""
    home = paths.odoo_home()
    places = [home / "odoo" / "addons", home / "addons", paths.ROOT]
    return [str(place) for place in places if place.is_dir()]

"""Odoo inside this process, for the demo: an environment, the web client's pages for wkhtmltopdf, and a clock that can be set."""

import contextlib
import threading
from collections.abc import Iterator
from datetime import date, datetime, time
from unittest.mock import patch

from devenv import paths

MORNING = time(7, 30)


@contextlib.contextmanager
def environment(database: str, *options: str) -> Iterator:
    """An environment of the superuser. Odoo's log goes to a file."""
    import odoo
    from odoo.modules.registry import Registry
    from odoo.tools import config

    log = paths.LOGS / "demo.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    config.parse_config(["-d", database, "--logfile", str(log), *options], setup_logging=True)
    with Registry(database).cursor() as cr, pages(odoo):
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {"lang": "en_US"})
        yield env
        cr.commit()
    odoo.sql_db.close_db(database)


@contextlib.contextmanager
def pages(odoo) -> Iterator[int]:
    """Serve Odoo's pages from a thread: wkhtmltopdf fetches the style sheets of invoices from there."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    from odoo import http

    class Silent(WSGIRequestHandler):
        def log(self, *args: object) -> None:
            """Say nothing."""

    server = make_server("127.0.0.1", 0, http.root, threaded=True, request_handler=Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    odoo.demo_url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield server.server_port
    finally:
        server.shutdown()


@contextlib.contextmanager
def drawing(env) -> Iterator[None]:
    """Let reports be drawn against the pages of this process, without the second Odoo waits for scripts."""
    import odoo

    parameters = env["ir.config_parameter"]
    parameters.set_param("report.url", odoo.demo_url)
    parameters.set_param("report.print_delay", "0")
    env.cr.commit()
    try:
        yield
    finally:
        parameters.set_param("report.url", False)
        env.cr.commit()


@contextlib.contextmanager
def clock(day: date) -> Iterator[None]:
    """Make Odoo believe that it is the morning of `day`."""
    from odoo import fields

    moment = datetime.combine(day, MORNING)
    with patch.object(fields.Datetime, "now", staticmethod(lambda *_arguments: moment)):
        yield


def schedule(env, active: bool) -> None:
    """Let the scheduled actions that send run, or not: while a night of the demo is played, only the demo sends."""
    names = ("ar_dunning.ir_cron_night", "ar_dunning.ir_cron_send", "mail.ir_cron_mail_scheduler_action")
    for name in names:
        env.ref(name).active = active
    server = env["ar.dunning.mail.server"]._of(False)
    if not server.cron_id:
        server._wake()
    server.cron_id.active = active


def translate(record, words) -> None:
    """Give a record its name in every installed language; `words`: a function of the language's code."""
    codes = [code for code, _name in record.env["res.lang"].get_installed()]
    record.update_field_translations("name", {code: words(code) for code in codes})

"""Imported once by the server that forks the tests' processes: Odoo with the registry of one database, no connection open.

A forked process has all of Odoo in a few milliseconds, so that a test can afford to kill dozens of them.
"""

import os

import odoo.sql_db
from odoo.modules.registry import Registry
from odoo.netsvc import init_logger
from odoo.tools import config

DATABASE = os.environ["AR_SYSTEM_DB"]

config.parse_config(
    ["-c", os.environ["AR_SYSTEM_RC"], "-d", DATABASE, "--logfile", os.environ["AR_SYSTEM_LOG"], "--no-http"],
    setup_logging=False,
)
init_logger()
Registry(DATABASE)
odoo.sql_db.close_all()

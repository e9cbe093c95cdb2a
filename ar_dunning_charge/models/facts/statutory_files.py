"""The shipped statutory data: one file per country, and one of all series."""

import json
from functools import cache

from odoo.tools.misc import file_open

COUNTRIES = ("AT", "BE", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IT", "LU", "NL", "NO", "PL", "PT", "SE")
FOLDER = "ar_dunning_charge/data/statutory"


@cache
def read(name):
    """The file `name` of the shipped data, parsed once. Not to be changed by the caller."""
    with file_open(f"{FOLDER}/{name}.json", "r") as file:
        return json.load(file)

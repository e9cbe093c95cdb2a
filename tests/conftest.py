"""Makes the addons' cores importable without Odoo (see ``bare.py``), and says how properties are tried.

Properties are tried on the same examples in every run of the suite, so that a change is judged by what it changed. ``make soak`` tries
fresh ones; what it finds is kept beside the property as an ``@example``.
"""

import bare
from hypothesis import settings

bare.make()

settings.register_profile("suite", derandomize=True)
settings.register_profile("soak", deadline=None, print_blob=True, database=None)
settings.load_profile("suite")

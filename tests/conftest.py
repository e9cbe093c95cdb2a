"""Makes each addon's ``core``, and the reader of files among the wizards, importable without Odoo, and says how properties are tried.

``ar_dunning/__init__.py`` imports the models, and they import Odoo. A bare package object of that name, with the addon's directory as its
path, is found first: the core is imported, the models are not. The same holds for the members and for ``ar_dunning.wizards``.

Properties are tried on the same examples in every run of the suite, so that a change is judged by what it changed. ``make soak`` tries
fresh ones; what it finds is kept beside the property as an ``@example``.
"""

import sys
import types
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

for name in ("ar_dunning", "ar_dunning.wizards", "ar_dunning_charge", "ar_dunning_credit"):
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = [str(ROOT.joinpath(*name.split(".")))]
        sys.modules[name] = package

settings.register_profile("suite", derandomize=True)
settings.register_profile("soak", deadline=None, print_blob=True, database=None)
settings.load_profile("suite")

"""Makes ``ar_dunning.core`` importable without Odoo.

``ar_dunning/__init__.py`` imports the models, and they import Odoo. A bare package object of that name, with the addon's directory as its
path, is found first: the core is imported, the models are not.
"""

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

if "ar_dunning" not in sys.modules:
    package = types.ModuleType("ar_dunning")
    package.__path__ = [str(ROOT / "ar_dunning")]
    sys.modules["ar_dunning"] = package

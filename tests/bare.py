"""Makes each addon's ``core``, and the reader of files among the wizards, importable without Odoo, under the names that Odoo gives them.

``ar_dunning/__init__.py`` imports the models, and they import Odoo. Bare package objects of the same names, with the addons' directories as
their paths, are found first: the core is imported, the models are not.
"""

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDONS = sorted(file.parent.name for file in ROOT.glob("ar_dunning*/__manifest__.py"))


def make() -> None:
    """Put the bare packages in place, where nobody has imported the true ones."""
    paths = {"odoo": [], "odoo.addons": []}
    for addon in ADDONS:
        paths[f"odoo.addons.{addon}"] = [str(ROOT / addon)]
        paths[f"odoo.addons.{addon}.wizards"] = [str(ROOT / addon / "wizards")]
    for name, path in paths.items():
        if name not in sys.modules:
            package = types.ModuleType(name)
            package.__path__ = path
            sys.modules[name] = package

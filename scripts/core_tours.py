"""Odoo's own browser tours of what our addons extend: they pass without us, so they must pass with us.

``account_payment`` and ``account_debit_note`` have none. The tours of ``sale`` that only its configurators and its
combinations of products are about say nothing about us.
"""

from devenv import paths
from devenv.steps import SetupError

# Test file of Odoo: the classes in it whose tests are tours.
TOURS = {
    "account/tests/test_tour.py": ("TestUi",),
    "sale/tests/test_sale_order_ui.py": ("TestSaleOrderUI",),
    "sale/tests/test_sale_order_product_catalog.py": ("TestSaleOrderProductCatalog",),
    "sale/tests/test_controllers.py": ("TestSaleSignature",),
    "sale_management/tests/test_sale_ui.py": ("TestUi",),
    "portal/tests/test_tours.py": ("TestUi",),
    "stock/tests/test_picking_tours.py": ("TestStockPickingTour",),
}
# Those of them that fail without our addons, too, each with the reason.
EXCLUDED: dict[str, str] = {}


def selection() -> list[str]:
    """Arguments for pytest: the classes of the tours, without what is excluded.

    :raise SetupError: this Odoo has no such file; the list above is of another version
    """
    wanted = [f"{_found(file)}::{name}" for file, names in TOURS.items() for name in names]
    return wanted + [f"--deselect={_found(test.split('::')[0])}::{test.split('::', 1)[1]}" for test in EXCLUDED]


def _found(file: str) -> str:
    """Where this Odoo keeps the file: Debian's package and a checkout differ."""
    home = paths.odoo_home()
    for place in (home / "odoo" / "addons" / file, home / "addons" / file):
        if place.exists():
            return str(place)
    raise SetupError(f"Odoo's tours have moved: there is no {file} in {home}. Mend scripts/core_tours.py.")

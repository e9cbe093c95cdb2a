"""The demo's customers, without Odoo: a morning must bring of everything something."""

from collections import Counter
from pathlib import Path

import demo_customers
import demo_goods
import demo_ledger
import demo_orders
import demo_promises
import pytest

CUSTOMERS = demo_customers.CUSTOMERS
SCRIPTS = Path(demo_customers.__file__).parent


def test_names_addresses_and_numbers_are_not_shared():
    for what in ("name", "email", "phone"):
        counts = Counter(value for customer in CUSTOMERS if (value := getattr(customer, what)))
        assert counts.most_common(1)[0][1] == 1, (what, counts.most_common(1))


def test_no_address_can_exist():
    assert {customer.email.rpartition(".")[2] for customer in CUSTOMERS if customer.email} == {"example"}


@pytest.mark.parametrize("trait", ["bounces", "mailbox full", "answer lost", "broken promise", "pause ends", "portal"])
def test_the_morning_brings_it_once(trait):
    assert [trait in customer.traits for customer in CUSTOMERS].count(True) == 1


def test_every_trait_means_something():
    sources = "".join(path.read_text() for path in SCRIPTS.glob("demo_*.py") if path.name != "demo_customers.py")
    for trait in set().union(*(customer.traits for customer in CUSTOMERS)):
        assert f'"{trait}"' in sources or trait in ("no e-mail", "unreachable"), trait


def test_a_mail_that_fails_and_is_to_stay_failed_has_no_postal_way_out():
    """Anybody else's would go by letter at once, and there would be nothing to show."""
    (customer,) = (customer for customer in CUSTOMERS if "mailbox full" in customer.traits)
    assert customer.address == (False, False, False) or not customer.address
    assert customer.email


def test_steps_of_every_level_fall_on_the_day():
    today = Counter(
        late for customer in CUSTOMERS for _amount, late, *_special in customer.items if late in demo_ledger.STEPS
    )
    assert set(today) == set(demo_ledger.STEPS)


def test_calls_are_made_by_customers_that_exist():
    called = [trait for customer in CUSTOMERS for trait in customer.traits if trait in demo_promises.CALLS]
    assert sorted(called) == sorted(demo_promises.CALLS)


def test_what_customers_buy_has_a_name_in_their_language():
    languages = {customer.lang for customer in CUSTOMERS} - {"en_US", "en_GB", None}
    for name, names in (demo_goods.GOODS | demo_goods.OTHER).items():
        assert languages <= names.keys(), name
        assert len({name, *names.values()}) == 1 + len(names), name
    sold = {
        line[0]
        for _who, lines in (
            *demo_orders.QUOTATIONS,
            demo_orders.ASKED,
            demo_orders.SENT,
            *demo_orders.ORDERS,
            demo_orders.PILOT,
        )
        for line in lines
    }
    assert sold <= (demo_goods.GOODS | demo_goods.OTHER).keys()

"""Members of the family are uninstalled by the Apps button, refused while evidence would go, and installed again.

In one database in use: charges by themselves; credit with the sales that stand on it; both again; at last the whole order down.
"""

import os
import re

import pytest
import upgrade_facts
import upgrade_old
from devenv import databases

FAMILY = ["ar_dunning", "ar_dunning_charge", "ar_dunning_credit", "ar_dunning_sale"]
CHARGES = ["Booked charges: 9. Reverse them first."]
CREDIT = ["Solvency checks that count: 2. Archive them first.", "Customers held by hand: 1. Lift their holds first."]
SALE = [
    "Security deposits that are held: 2. Give them back or apply them first.",
    "Approvals of orders that stand: 1. They stay on record.",
    "Free periods that run: 1. Charge or end them first.",
    "Accepted terms: 2. They stay on record.",
]
NOTICES = ["Notices that have left: 15. They stay on record."]
# Odoo tries to delete each record by itself, and logs where another still needs it: documents their products, tasks their types;
# what only tables of ours need goes with them.
NEEDED = re.compile(r'bad query: b\'DELETE FROM "(product_product|product_template|mail_activity_type|ar_dunning_\w+)"')


@pytest.fixture(scope="module")
def told(known_commit):
    """What was found after each step, and the log."""
    database = f"test_upgrade_{os.getpid()}_leave"
    databases.clone(upgrade_old.template("sale"), database)
    databases.odoo("-d", database, "-u", "ar_dunning", "--stop-after-init", "--no-http", log=f"upgrade_{database}.log")
    log = upgrade_old.work("leave", database)
    yield dict(upgrade_facts.query(database, "SELECT step, told FROM left_told")) | {"log": log}
    databases.drop(database)


def test_each_is_refused_with_the_reason(told):
    """Its own evidence and that of what stands on it."""
    for name, sentences in {
        "ar_dunning_sale": SALE,
        "ar_dunning_charge": CHARGES,
        "ar_dunning_credit": CREDIT + SALE,
        "ar_dunning": NOTICES + CHARGES + CREDIT + SALE,
    }.items():
        assert sorted(told[f"refused {name}"]) == sorted(sentences), name
    assert told["refused at last"] == NOTICES


def test_one_goes_and_the_others_stay(told):
    """Charges go alone, sales with the credit that they stand on; installing credit brings them again."""
    assert told["settled"]["addons"] == FAMILY
    assert told["without ar_dunning_charge"]["addons"] == ["ar_dunning", "ar_dunning_credit", "ar_dunning_sale"]
    assert told["without ar_dunning_credit"]["addons"] == ["ar_dunning"]
    assert told["again"]["addons"] == FAMILY


def test_notices_that_have_left_read_as_before(told):
    """Totals, demands, blocks, words, mail and letter; four customers were claimed charges twice."""
    before = told["settled"]["notices"]
    assert len(before) == 15
    assert sum(bool(notice["demands"]) for notice in before.values()) == 8
    for step in ("without ar_dunning_charge", "without ar_dunning_credit", "again"):
        assert told[step]["notices"] == before, step


def test_the_books_say_the_same(told):
    """Invoices, debit notes and credit notes, payments and deposits."""
    before = told["settled"]["books"]
    for step in ("without ar_dunning_charge", "without ar_dunning_credit", "again", "without all", "all again"):
        assert told[step]["books"] == before, step


def test_the_whole_order_down_leaves_nothing(told):
    """No table, column, model, name, file, message or view; an activity type that a task still has keeps its name."""
    assert told["without all"]["addons"] == []
    assert told["traces"] == ["ar_dunning_sale.mail_activity_type_approval"]
    assert told["all again"]["addons"] == FAMILY


def test_nights_go_on(told):
    """With the addons installed again, a night decides without an error; what had been sent still counts.

    Adler, Biber and Castor are where they were; Falke's check was archived, so he is dunned again. With everything forgotten all
    that are overdue begin anew.
    """
    four = [
        ["Adler Maschinen GmbH", 1000.0],
        ["Biber Holz GmbH", 2000.0],
        ["Castor Technik AG", 700.0],
        ["Falke Druck GmbH", 4000.0],
    ]
    assert told["night again"] == {"errors": [], "notices": four}
    more = [["Dachs Bau GmbH", 1500.0], ["Elster Handel GmbH", 3000.0], ["Hase Textil GmbH", 1200.0]]
    assert told["night all again"] == {"errors": [], "notices": sorted(four + more)}


def test_the_log_tells_of_what_is_still_needed(told):
    """And of nothing else."""
    trouble = upgrade_facts.trouble(told["log"])
    assert [line for line in trouble if not NEEDED.search(line)] == []

"""The walls of the family: the base names nothing of a member, and members name nothing of those they do not depend on.

What a member owns is read from its source: its models, the fields it adds to others' models, its records, its package.
Bare words that the base uses for things of its own (a field of the same name, say) do not count.
"""

import ast
import csv
import re
from functools import lru_cache
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).resolve().parents[1]
FAMILY = sorted(file.parent.name for file in ROOT.glob("ar_dunning*/__manifest__.py"))
HOMONYMS = {"default_date"}  # of an item, and in a context the default of a field `date`
READ = {".py", ".xml", ".js", ".csv", ".scss"}
NOT_READ = {"i18n", "migrations", "__pycache__"}


def manifest(addon):
    return ast.literal_eval((ROOT / addon / "__manifest__.py").read_text(encoding="utf-8"))


@lru_cache
def stands_on(addon):
    """The addons of the family that `addon` depends on, itself included."""
    found = {addon}
    for name in set(manifest(addon)["depends"]) & set(FAMILY):
        found |= stands_on(name)
    return frozenset(found)


def files(addon, *suffixes):
    for file in sorted((ROOT / addon).rglob("*")):
        if file.suffix in (suffixes or READ) and not NOT_READ & set(file.relative_to(ROOT).parts):
            yield file


@lru_cache
def classes(addon):
    """`[(own name or None, names of fields)]` of each model class of `addon`, tests excluded."""
    found = []
    for file in files(addon, ".py"):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found.append((own_name(node), field_names(node)))
    return found


def own_name(node):
    for statement in node.body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == "_name":
            return getattr(statement.value, "value", None)
    return None


def field_names(node):
    names = set()
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            call = statement.value.func
            if isinstance(call, ast.Attribute) and getattr(call.value, "id", "") == "fields":
                names |= {target.id for target in statement.targets}
    return names


@lru_cache
def fields_of(addon):
    """Every field that a model of `addon` declares, own or added."""
    return frozenset(name for _own, names in classes(addon) for name in names)


@lru_cache
def fields_added(addon):
    """The fields that `addon` adds to models of others: of the family's, and under our prefix of Odoo's."""
    added = {name for own, names in classes(addon) if not own for name in names}
    return frozenset(name for name in added if "_" in name)


@lru_cache
def records_of(addon):
    """The ids that `addon` gives to records, templates, menus and access lines."""
    ids = set()
    for file in files(addon, ".xml"):
        tree = etree.parse(file)
        if tree.getroot().tag == "odoo":
            ids.update(tree.xpath("//record/@id | //template/@id | //menuitem/@id"))
    for file in files(addon, ".csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            ids.update(row["id"] for row in csv.DictReader(lines) if "id" in row)
    return frozenset(one for one in ids if "." not in one)


@lru_cache
def owned(addon):
    """What says that somebody knows `addon`: `{name: what it is}`."""
    names = {own: "model" for own, _fields in classes(addon) if own and own.startswith("ar.dunning.")}
    names |= {own.replace(".", "_"): "table" for own in list(names)}
    common = {name for other in FAMILY if other != addon and addon not in stands_on(other) for name in fields_of(other)}
    names |= dict.fromkeys(fields_added(addon) - common - HOMONYMS, "field")
    names |= {f"{addon}.{one}": "record" for one in records_of(addon)}
    return names | {f"odoo.addons.{addon}": "package"}


def tokens(text):
    """The names in a source: dotted ones, and each of their ends."""
    found = set()
    for name in re.findall(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*", text):
        parts = name.split(".")
        found |= {".".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, min(i + 5, len(parts)) + 1)}
    return found


def known(addon, other):
    """Where `addon` names something of `other`."""
    names = owned(other)
    return sorted(
        f"{file.relative_to(ROOT)}: {names[token]} {token}"
        for file in files(addon)
        for token in tokens(file.read_text(encoding="utf-8")) & names.keys()
    )


APART = [(addon, other) for addon in FAMILY for other in FAMILY if other not in stands_on(addon)]


@pytest.mark.parametrize(("addon", "other"), APART, ids=lambda name: name.removeprefix("ar_dunning") or "base")
def test_knows_nothing_of(addon, other):
    assert known(addon, other) == []


def test_the_walls_are_those_of_the_family():
    """Charges and credit do not know each other; sales stand on credit alone."""
    assert {("ar_dunning_charge", "ar_dunning_credit"), ("ar_dunning_credit", "ar_dunning_charge")} <= set(APART)
    assert all(("ar_dunning", other) in APART for other in FAMILY if other != "ar_dunning")


def test_a_name_of_a_member_is_seen():
    """The test itself: a field that only the bridge to sales adds is one of its names, a word of the base's is not."""
    names = owned("ar_dunning_sale")
    assert names["ar.dunning.deposit"] == "model"
    assert names["ar_dunning_sale.ar_dunning_deposit_action"] == "record"
    assert "company_id" not in names
    assert "ar.dunning.deposit" in tokens('self.env["ar.dunning.deposit"].sudo()')


@pytest.mark.parametrize("addon", FAMILY)
def test_whoever_lists_the_family_names_all_of_it(addon):
    """The example for containers mounts every addon, the README's table and the page on architecture name it."""
    example = (ROOT / "doc" / "compose.yaml").read_text(encoding="utf-8")
    assert f"- ../{addon}:/mnt/extra-addons/{addon}:ro\n" in example
    for page in ("README.md", "doc/architecture.md"):
        assert f"| `{addon}` |" in (ROOT / page).read_text(encoding="utf-8")

"""The core knows no Odoo, no clock and no binary fractions."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(file for core in ROOT.glob("ar_dunning*/core") for file in core.glob("*.py"))
ALLOWED = sys.stdlib_module_names | {"dateutil"}
BASE = re.compile(
    r"odoo\.addons\.ar_dunning\w*\.core\.\w+$"
)  # members build on the cores of what they stand on (see the walls)
CLOCKS = {"today", "now", "utcnow", "monotonic", "perf_counter", "localtime", "context_today"}


def tree(file):
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level <= 1, "the core reaches out of its own directory"
        return [] if node.level or BASE.match(node.module or "") else [node.module or ""]
    return []


def test_there_is_a_core():
    assert {"plan.py", "compose.py", "allocation.py", "calendar.py"} <= {file.name for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-3:]))
def test_imports_the_standard_library_only(file):
    roots = {name.split(".")[0] for node in ast.walk(tree(file)) for name in imported(node)}
    assert roots <= ALLOWED
    assert not roots & {"time", "random", "os", "socket", "subprocess"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-3:]))
def test_asks_nobody_for_the_day(file):
    calls = {
        node.func.attr for node in ast.walk(tree(file)) if isinstance(node, ast.Call) and hasattr(node.func, "attr")
    }
    assert not calls & CLOCKS


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-3:]))
def test_counts_money_without_binary_fractions(file):
    nodes = list(ast.walk(tree(file)))
    assert not [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    assert not [node for node in nodes if isinstance(node, ast.Name) and node.id == "float"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: "/".join(file.parts[-3:]))
def test_calculates_and_writes_nothing(file):
    calls = {
        node.func.id for node in ast.walk(tree(file)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"open", "print", "input", "exec", "eval"}

"""The examples in the docstrings of the cores."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(
    f"odoo.addons.{file.parent.parent.name}.core.{file.stem}"
    for file in ROOT.glob("ar_dunning*/core/*.py")
    if file.stem != "__init__"
)


@pytest.mark.parametrize("name", MODULES, ids=lambda name: name.removeprefix("odoo.addons."))
def test_examples(name):
    failed, _tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert not failed


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = sum(len(test.examples) for name in MODULES for test in finder.find(importlib.import_module(name)))
    assert found > 40

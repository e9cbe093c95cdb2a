"""What people read can be translated: Odoo's exporter does not look into f-strings."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    path
    for addon in sorted(ROOT.glob("ar_dunning*"))
    for path in sorted(addon.rglob("*.py"))
    if "tests" not in path.parts
]


def is_translated(node):
    """Whether this is a call of `_` or `env._`."""
    if not isinstance(node, ast.Call):
        return False
    return "_" in (getattr(node.func, "attr", None), getattr(node.func, "id", None))


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 150
    assert any(is_translated(node) for node in ast.walk(ast.parse("self.env._('found')")))
    assert not any(is_translated(node) for node in ast.walk(ast.parse("self.env.ref('found')")))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_translated_text_inside_an_f_string(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = [
        node.lineno
        for string in ast.walk(tree)
        if isinstance(string, ast.JoinedStr)
        for node in ast.walk(string)
        if is_translated(node)
    ]
    assert inside == []

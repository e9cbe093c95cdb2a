"""Savepoints are opened in one place, which knows what is easily forgotten in them."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "ar_dunning" / "tools" / "attempt.py"
SOURCES = [
    path
    for addon in sorted(ROOT.glob("ar_dunning*"))
    for path in sorted(addon.rglob("*.py"))
    if "tests" not in path.relative_to(ROOT).parts
]


def opened(source: str) -> list[int]:
    """The lines of a source that open a savepoint."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "savepoint"]


def test_savepoints_have_one_home():
    places = {path: opened(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {path: lines for path, lines in places.items() if lines and path != HOME} == {}
    assert len(places[HOME]) == 2


def test_the_search_finds_one():
    assert opened("with self.env.cr.savepoint():\n    pass") == [1]
    assert len(SOURCES) > 200

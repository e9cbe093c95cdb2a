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


# === Broad handlers === #

BROAD = {"Exception", "BaseException"}
# What was said to a mail server cannot be said anew: the outcome is what the conversation showed, whatever broke. Opening a
# connection knows no database but reads its settings, which waits for nobody.
SAID = {("mail_courier.py", "_say"), ("smtp.py", "open")}


def caught(handler: ast.ExceptHandler) -> set[str]:
    """The names that a handler catches; empty: everything."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    return {kind.attr if isinstance(kind, ast.Attribute) else getattr(kind, "id", "") for kind in kinds}


def swallowing(source: str) -> list[str]:
    """Functions of a source with a broad handler that may keep an error of concurrency to itself.

    It goes through where a handler of `CONCURRENCY` stands before, or the broad one ends with `raise`.
    """
    found = []
    for function in [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]:
        for block in [node for node in ast.walk(function) if isinstance(node, ast.Try)]:
            passed = False
            for handler in block.handlers:
                last = handler.body[-1]
                raises = isinstance(last, ast.Raise) and last.exc is None
                if (not handler.type or caught(handler) & BROAD) and not passed and not raises:
                    found.append(function.name)
                passed = passed or "CONCURRENCY" in caught(handler)
    return found


def test_broad_handlers_let_errors_of_concurrency_through():
    places = {(path.name, name) for path in SOURCES for name in swallowing(path.read_text(encoding="utf-8"))}
    assert places == SAID


def test_the_search_finds_a_handler():
    broad = "def f():\n    try:\n        g()\n    except %s:\n        %s\n"
    assert swallowing(broad % ("Exception as error", "log(error)")) == ["f"]
    assert swallowing(broad % ("(ValueError, Exception)", "raise UserError('x')")) == ["f"]
    assert swallowing(broad.replace("except %s", "except") % "pass") == ["f"]
    assert swallowing(broad % ("Exception", "raise")) == []
    assert swallowing(broad % ("ValueError", "pass")) == []
    passed = broad.replace("    except", "    except CONCURRENCY:\n        raise\n    except")
    assert swallowing(passed % ("Exception", "pass")) == []

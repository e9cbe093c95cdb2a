"""Which day it is, one place says: the company's, whoever asks from wherever."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDONS = sorted(path for path in ROOT.glob("ar_dunning*") if path.is_dir())
HOME = ROOT / "ar_dunning" / "models" / "res_company.py"
# What asks the server's or the user's clock for a day, and not the company's.
ASKS = {"context_today", "today", "utcnow", "now"}
MOMENTS = "fields.Datetime.now"
IN_SQL = re.compile(r"\b(current_date|current_timestamp|localtimestamp)\b", re.IGNORECASE)


def sources(*suffixes):
    """The sources of the addons, without their tests."""
    return [
        path
        for addon in ADDONS
        for path in sorted(addon.rglob("*"))
        if path.suffix in suffixes and not {"tests", "i18n"} & set(path.relative_to(ROOT).parts)
    ]


def asked(source: str) -> list[str]:
    """What in a Python source asks for the day: names used, called or handed over as a default."""
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute) and node.attr in ASKS)
    return [text for node in nodes if (text := ast.unparse(node)) != MOMENTS]


def test_one_place_asks_for_the_day():
    found = {path.relative_to(ROOT): asked(path.read_text(encoding="utf-8")) for path in sources(".py") if path != HOME}
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_statements_do_not_ask_the_database():
    found = [
        path.relative_to(ROOT) for path in sources(".py", ".sql") if IN_SQL.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_screens_do_not_ask_the_browser():
    found = [
        path.relative_to(ROOT) for path in sources(".xml", ".js") if "context_today" in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_the_search_finds_them():
    source = "fields.Date.today()\nday = fields.Date(default=fields.Date.context_today)\nfields.Datetime.now()\ndatetime.now()"
    assert sorted(asked(source)) == ["datetime.now", "fields.Date.context_today", "fields.Date.today"]
    assert len(sources(".py")) > 200

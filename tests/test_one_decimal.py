"""A float becomes a Decimal in one place: amounts and rates to six places, the rest with every digit it has."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "ar_dunning" / "tools" / "figures.py"
BESIDE = re.compile(r"Decimal\((?:str|repr)\(")


def test_floats_become_decimals_in_one_place():
    sources = [file for file in ROOT.glob("ar_dunning*/**/*.py") if "tests" not in file.relative_to(ROOT).parts]
    assert len(sources) > 200
    found = {file for file in sources if BESIDE.search(file.read_text(encoding="utf-8"))}
    assert found - {HOME} == set()


def test_the_search_finds_one():
    assert BESIDE.search("Decimal(str(amount))")
    assert BESIDE.search(HOME.read_text(encoding="utf-8"))

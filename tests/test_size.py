"""Nothing grows past what somebody reads in one go: files, functions, and the files over which a model is spread."""

import ast
from collections import defaultdict
from pathlib import Path
from statistics import median, quantiles

from test_one_home import model_of

ROOT = Path(__file__).parents[1]
ADDONS = sorted(path.parent for path in ROOT.glob("*/__manifest__.py"))
PLACES = [*ADDONS, *(ROOT / name for name in ("tests", "scripts", "bench"))]
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 40
FILES_OF_A_MODEL = 3
# What stands in `models/` without a model: fragments of SQL. Plain values have a home of their own in `models/facts/`.
NO_MODEL = {"__init__.py", "sql.py"}
# The body is one SQL statement, which says in one place what a row is.
ONE_STATEMENT = {
    "_refresh_figures_of": "buckets, foreign amounts, next step and worth of all customers at once",
    "_table_query": "the report's rows",
    "_derive_progress": "level, reminders and deadline of all items at once",
}


def functions():
    """`(file, function)` for every function of the addons without their tests."""
    for addon in ADDONS:
        for file in sorted(addon.rglob("*.py")):
            if "tests" in file.relative_to(addon).parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    yield file.relative_to(ROOT).as_posix(), node


def body(function):
    """What it does: its statements without the docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def lines(function):
    """The lines of its body; of one that is a docstring only, none."""
    statements = body(function)
    return function.end_lineno - statements[0].lineno + 1 if statements else 0


def test_there_is_something_to_measure():
    assert len(ADDONS) >= 5
    assert len(list(functions())) > 2000


def test_no_file_is_longer_than_somebody_reads():
    found = {
        file.relative_to(ROOT).as_posix(): len(file.read_text(encoding="utf-8").splitlines())
        for place in PLACES
        for file in place.rglob("*.py")
    }
    assert len(found) > 500
    assert {name: length for name, length in found.items() if length > LINES_OF_A_FILE} == {}


def test_functions_are_short():
    """In the middle seven lines at most, and nine of ten at most twenty."""
    lengths = [lines(function) for _file, function in functions()]
    assert median(lengths) <= 7
    assert quantiles(lengths, n=10)[-1] <= 20


def test_no_function_is_long_but_one_statement():
    long = [(file, function) for file, function in functions() if lines(function) > LINES_OF_A_FUNCTION]
    assert [(file, function.name) for file, function in long if function.name not in ONE_STATEMENT] == []
    assert {function.name: len(body(function)) for _file, function in long} == dict.fromkeys(ONE_STATEMENT, 1)


# === Models === #


def models_in(file):
    """The names of the models that a file defines or extends."""
    classes = (node for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef))
    return {name for name in map(model_of, classes) if name}


def homes():
    """`{(addon, model): files}`: where each model stands, as far as it is ours or extended by us."""
    found = defaultdict(set)
    for addon in ADDONS:
        for folder in ("models", "wizards"):
            for file in (addon / folder).rglob("*.py"):
                for model in models_in(file):
                    found[addon.name, model].add(file.relative_to(addon).as_posix())
    return found


def test_a_model_stands_in_few_files():
    """Who reads a model opens three files of an addon at most."""
    assert len(homes()) > 100
    assert {key: len(files) for key, files in homes().items() if len(files) > FILES_OF_A_MODEL} == {}


def test_plain_values_do_not_stand_among_the_models():
    found = {
        file.relative_to(ROOT).as_posix()
        for addon in ADDONS
        for file in (addon / "models").glob("*.py")
        if file.name not in NO_MODEL and not models_in(file)
    }
    assert found == set()

"""A method that stands twice in one model of one addon runs once, and which of the two, only the order of imports says."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def model_of(node):
    """The name of the model that a class defines or extends, or None."""
    names = {
        part.targets[0].id: part.value
        for part in node.body
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name)
    }
    value = names.get("_name") or names.get("_inherit")
    if isinstance(value, ast.List):
        value = value.elts[0]
    return value.value if isinstance(value, ast.Constant) else None


def chained():
    """`{(addon, model, method): files}` of methods that stand more than once in one model of one addon."""
    homes = defaultdict(list)
    for path in sorted(ROOT.glob("ar_dunning*/*/*.py")):
        addon, folder = path.relative_to(ROOT).parts[:2]
        for node in ast.parse(path.read_text(encoding="utf-8")).body if folder in ("models", "wizards") else ():
            model = model_of(node) if isinstance(node, ast.ClassDef) else None
            for part in node.body if model else ():
                if isinstance(part, ast.FunctionDef):
                    homes[addon, model, part.name].append(path.name)
    return {key: files for key, files in homes.items() if len(files) > 1}


def test_a_method_has_one_home():
    assert chained() == {}

"""Checks the source: ruff (rules and format), mypy on the core, pylint-odoo and XML on the addons. ``--fix`` repairs what ruff can."""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from devenv import paths
from devenv.steps import say
from lxml import etree

BIN = paths.VENV / "bin"
# All of pylint-odoo's rules and none of pylint's own (ruff has those), except:
ODOO_RULES = (
    "--disable=all",
    "--enable=odoolint",
    "--disable=missing-readme",  # the README is the one of the repository
    "--disable=super-method-mismatch",  # the one gate to a state calls super().write, past the guard in write
    "--disable=consider-merging-classes-inherited",  # a model too long for one file is split by what it is about
    "--disable=no-wizard-in-models",  # an extension of one of Odoo's wizards is no wizard of ours
)


def tool(name: str, *arguments: object) -> bool:
    """Run a linter; return whether it is content."""
    say(f"lint: {name} {' '.join(str(argument) for argument in arguments)}")
    command = [str(BIN / name), *(str(argument) for argument in arguments)]
    return subprocess.run(command, cwd=paths.ROOT, check=False).returncode == 0


def xml_problems(addon: str) -> Iterator[str]:
    """XML files that do not parse, and record ids an addon gives twice."""
    ids: Counter[str] = Counter()
    for file in sorted((paths.ROOT / addon).rglob("*.xml")):
        try:
            tree = etree.parse(file)
        except etree.XMLSyntaxError as error:
            yield f"{file.relative_to(paths.ROOT)}: {error}"
            continue
        if tree.getroot().tag == "odoo":
            ids.update(tree.xpath("//record/@id | //template/@id | //menuitem/@id | //report/@id"))
    yield from (f"{addon}: id {name} is given {count} times" for name, count in ids.items() if count > 1)


def check_xml() -> bool:
    """Report every problem of every addon."""
    say("lint: xml")
    problems = [problem for addon in paths.our_addons() for problem in xml_problems(addon)]
    print("\n".join(problems), end="\n" if problems else "")
    return not problems


def main() -> int:
    """Run everything, even after a failure; fail if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fix", action="store_true", help="let ruff repair what it can")
    fix = parser.parse_args().fix
    results = [
        tool("ruff", "check", *(["--fix"] if fix else []), "."),
        tool("ruff", "format", *([] if fix else ["--check"]), "."),
        check_xml(),
    ]
    if Path(paths.ROOT / "ar_dunning" / "core").is_dir():
        results.append(tool("mypy"))
    if paths.our_addons():
        results.append(tool("pylint", *ODOO_RULES, *paths.our_addons()))
    say("lint: clean" if all(results) else "lint: FAILED")
    return int(not all(results))


if __name__ == "__main__":
    sys.exit(main())

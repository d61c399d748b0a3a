"""Imports point one way, and each library has its place."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from adcli.rules.table import ARRAYS, PRIMITIVES

from .codes import statements, tree_of
from .conftest import ROOT, together

LAYERS = ("errors", "syntax", "rules", "program", "tape", "derive", "emit", "native", "trust", "run", "jobs", "report",
          "graph", "teach", "page", "api", "cli")  # fmt: skip
FENCES = {
    "lark": ("adcli/syntax/",),
    "click": ("adcli/cli/",),
    "matplotlib": ("adcli/report/plots.py", "adcli/graph/picture.py"),  # an extra
    "mpmath": (
        "adcli/rules/readings/precise",
        "adcli/rules/readings/rare_precise.py",
        "adcli/tape/exact.py",
        "adcli/trust/verify.py",
    ),
    "scipy": ("adcli/rules/readings/special.py", "adcli/jobs/"),  # an extra
    "markdown_it": ("adcli/page/course.py",),  # which comes with rich
    "pyarrow": ("adcli/cli/data_parquet.py", "adcli/cli/data_quick.py"),  # an extra
    "rich": ("adcli/report/tables.py", "adcli/report/report.py"),  # report.py names rich's types for `rich.print`
    # where a program has arrays; each imports it when it is needed
    "numpy": (
        "adcli/rules/",
        "adcli/tape/",
        "adcli/derive/",
        "adcli/native/",
        "adcli/jobs/",
        "adcli/trust/gaps.py",
        "adcli/trust/rounding.py",
        "adcli/trust/sizes.py",
        "adcli/trust/precision.py",
        "adcli/trust/verify.py",
        "adcli/trust/underflow.py",
        "adcli/report/symmetric.py",
        "adcli/report/fit_plot.py",
        "adcli/cli/data",
    ),
}
FILES = sorted((ROOT / "adcli").rglob("*.py"))


@cache
def imports(path: Path, running: bool = False) -> tuple[str, ...]:
    """What a file imports, inside functions as well; of a running program not what only a type checker sees."""
    found: list[str] = []
    for node in statements(tree_of(path), without="TYPE_CHECKING" if running else ""):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports are easier to find"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(found)


def layer(module: str) -> int | None:
    parts = module.split(".")
    return LAYERS.index(parts[1]) if parts[0] == "adcli" and len(parts) > 1 and parts[1] in LAYERS else None


@together("path", FILES, by=lambda path: path.relative_to(ROOT).parts[1])
def test_imports_point_one_way(path: Path) -> None:
    own = layer(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if own is None:
        return
    for module in imports(path):
        other = layer(module)
        assert other is None or other <= own, f"{path.name} imports {module}"


@pytest.mark.parametrize("folder", sorted({path.parent for path in FILES}), ids=lambda folder: folder.name)
def test_no_folder_has_a_circle_of_imports(folder: Path) -> None:
    """Imports inside functions count; those for the type checker alone do not."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in folder.glob("*.py")}
    assert modules
    to_import = {
        name: {module for name in imports(path, running=True) for module in (name, name.rpartition(".")[0])}
        for name, path in modules.items()
    }
    while True:  # what imports nothing that is left is in no circle
        free = {name for name, imported in to_import.items() if not imported & to_import.keys()}
        if not free:
            break
        to_import = {name: imported for name, imported in to_import.items() if name not in free}
    assert {name: imported & to_import.keys() for name, imported in to_import.items()} == {}


@pytest.mark.parametrize("library", FENCES)
def test_each_library_has_its_place(library: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if any(module.split(".")[0] == library for module in imports(path))
    }
    assert users
    assert all(user.startswith(FENCES[library]) for user in users), users


def test_the_top_level_has_nothing_else() -> None:
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:  # an sdist is no checkout
        names = {path.name for path in ROOT.iterdir()} - {"PKG-INFO", "build", "dist"}
    else:
        names = {name.split("/")[0] for name in listed.stdout.split()}
    visible = {name for name in names if not name.startswith(".")}
    assert visible == {"pyproject.toml", "README.md", "LICENSE", "adcli", "grammar", "tests", "samples"}


def test_no_function_is_called_by_itself_over_a_tape() -> None:
    """No recursion in what walks tapes or users' nesting: each function that calls itself is named here."""
    recursive = set()
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                names = {
                    call.func.id
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                }
                if node.name in names:
                    recursive.add(node.name)
    assert recursive == {
        "_plain", "json_text", "_is_number_or_list", "_python", "_shape", "number_literal", "replaced", "_tidy",
        "strict", "lgamma", "digamma", "polygamma", "_ndtri", "_bessely", "_expression", "_moving_value", "_of_node",
        "plain",
    }  # fmt: skip


# Where a name of a primitive stands for something else, or is text of the language, outside rules/.
NAMES_ELSEWHERE = {
    "adcli/cli/output.py": {"dot"},  # a kind of files, of Graphviz
    "adcli/graph/report.py": {"dot"}, "adcli/emit/languages.py": {"dot"},
    "adcli/emit/python.py": {"abs", "sum"},  # functions of Python, which no name may hide
    "adcli/page/bundle.py": None,  # what readers may write in an answer
    "adcli/page/code.py": {"blocks"},  # of a program's code
    "adcli/program/elsewhere.py": None,  # what other languages call a function, and what to write here
    "adcli/program/mistakes.py": {"length"},  # what goes along an axis as well
    "adcli/syntax/neighbours.py": {"mod", "div"},  # operators of other languages
    "adcli/syntax/remedies.py": {"var"},  # a word with which other languages declare a value
    "adcli/program/expressions.py": {"qr"},  # the syntax of `Q, R = qr(A)`
    "adcli/trust/lint.py": {"mod"},  # a pattern of the language: a division, be it for the remainder
    "adcli/tape/describe.py": {"sum", "sum_to"},  # text of the language that is shown
    "adcli/trust/products.py": {"sum"},  # a name among the measured numbers
    "adcli/report/why.py": {"sum"},  # a column
    "adcli/report/uncertainty.py": {"mean"},  # a column
    "adcli/emit/measure.py": {"sqrt", "dot"},  # commands of TeX
    "adcli/trust/diagnosis.py": {"sign"}, "adcli/trust/hypotheses.py": {"sign"},
    "adcli/trust/path_hypotheses.py": {"outer"},  # kinds of mistakes
    "adcli/tape/compiled_sweep.py": {"zeros"},  # a function of NumPy
    "adcli/cli/program_command.py": {"trace"}, "adcli/cli/root.py": {"solve"},  # options
    "adcli/cli/usage.py": {"trace", "diff"},  # what others call a command
    "adcli/cli/jvp.py": {"dot"}, "adcli/cli/hvp.py": {"dot"}, "adcli/cli/tangent.py": {"dot"},  # names of tangents
}  # fmt: skip


def test_no_code_outside_rules_names_a_primitive() -> None:
    names = {*PRIMITIVES, *ARRAYS, "element", "update"} - {"<", "<=", ">", ">=", "==", "!=", "and", "or", "not"}
    for path in FILES:
        place = path.relative_to(ROOT).as_posix()
        if place.startswith("adcli/rules/"):
            continue
        found = {
            node.value
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in names
        }
        allowed = NAMES_ELSEWHERE.get(place, set())
        assert allowed is None or found <= allowed, f"{place} names {found - allowed}: let the row state what is needed"

"""`adcli grad` on a ten-line program, and the reading of a long one, beside what they cannot do without."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import lark

from adcli.program.check import program_from
from adcli.program.load import load_program
from adcli.resources import resource_text
from adcli.syntax.grammar import SHIPPED, BracketedLines, tables_to_ship
from adcli.syntax.source import Source
from tests.benchmarks.timing import Beside, beside, medians, spent

IMPORTS = [sys.executable, "-c", "import click, lark, rich.console, rich.table"]
PROGRAM = """\
# Ten lines.
input x = 2
input y = 3
a = x * y
b = sin(a)
c = a + b
d = exp(-c / 10)
f = d * x
g = log(1 + f^2)
output L = g + c
"""
LINES = 2000


def environment(cache: Path) -> dict[str, str]:
    """That of the processes: with a cache of their own, and compiled files, as an installation has them."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {"PYTHONPYCACHEPREFIX": str(cache / "compiled"), **kept, "XDG_CACHE_HOME": str(cache)}


def starts(cache: Path, runs: int) -> Iterator[tuple[str, float | None, Beside]]:
    """What starts, how many times the imports it may take, and what it took."""
    program = cache / "model.ad"
    program.write_text(PROGRAM, encoding="utf-8")
    script = Path(sys.executable).with_name("adcli")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "adcli"]
    of_wheel = [sys.executable, str(as_a_wheel(cache / "wheel"))]

    def pair(start: list[str]) -> tuple[float, float]:
        where = environment(cache)
        return spent([*start, "grad", str(program)], where).seconds, spent(IMPORTS, where).seconds

    pair(start)  # writes the caches
    yield "adcli grad of a file seen before", 0.65, medians([pair(start) for _ in range(runs)])
    pair(of_wheel)  # compiles its files, as an installation does
    works: list[tuple[str, float | None, str, list[str]]] = [
        ("of another file", 1.5, "programs-*", start),
        ("without any cache", 1.5, "*", of_wheel),
        ("without any cache, in a checkout", None, "*", start),
    ]
    for what, most, removed, begun in works:
        pairs = []
        for _ in range(-(-runs // 3)):
            remove(cache / "adcli", removed)
            pairs.append(pair(begun))
        yield f"adcli grad {what}", most, medians(pairs)


def as_a_wheel(folder: Path) -> Path:
    """What starts the package as a wheel installs it, with the tables of the grammar: a script beside it."""
    root = Path(__file__).parents[2]
    shutil.copytree(root / "adcli", folder / "adcli", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("grammar", "samples"):
        shutil.copytree(root / name, folder / "adcli" / name)
    (folder / "adcli" / "grammar" / SHIPPED).write_bytes(tables_to_ship())
    script = folder / "start.py"
    script.write_text("from adcli.__main__ import run\n\nrun()\n", encoding="utf-8")
    return script


def remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def reading(cache: Path, runs: int, count: int = LINES) -> Iterator[tuple[str, float, Beside]]:
    """A line of five operations: parsed and checked, or from the cache, beside Lark's bare parse.

    What is done, how many times the bare parse it may take, and what a line took.
    """
    os.environ["XDG_CACHE_HOME"] = str(cache)
    lines = [f"a = a * x + sin(a) * {number}.5 - x / {number}.25" for number in range(1, count)]
    text = "\n".join(["input x = 2", "a = x", *lines, "output a"]) + "\n"
    grammar = resource_text("grammar", "ad.lark")
    bare = lark.Lark(grammar, parser="lalr", lexer="basic", start="program", postlex=BracketedLines())
    source = Source("long.ad", text)
    load_program(source)  # writes the cache
    for what, most, work in (
        ("parse and check", 0.5, lambda: program_from(source)), ("from the cache", 0.02, lambda: load_program(source))
    ):  # fmt: skip
        gc.collect()
        gc.disable()  # as the process of a command does: by chance it would fall to one of the two
        try:
            times = beside(work, lambda: bare.parse(text), runs)
        finally:
            gc.enable()
        yield what, most, times._replace(ours=times.ours / count, theirs=times.theirs / count)


def main(runs: int = 30) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for what, most, times in starts(Path(folder), runs):
            print(f"{what:44} {1e3 * times.ours:7.1f} ms {times.ratio:6.2f} x bare imports (target: {most or 'none'})")
        for what, most, times in reading(Path(folder), 5):
            a_line = f"{1e6 * times.ours:7.1f} µs a line"
            print(f"{what:34} {a_line} {times.ratio:6.2f} x Lark's bare parse (target: {most})")


if __name__ == "__main__":
    main()

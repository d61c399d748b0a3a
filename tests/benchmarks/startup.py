"""`adcli grad` on a ten-line program, and the reading of a long one, beside what they cannot do without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import lark

from adcli.program.check import program_from
from adcli.program.load import load_program
from adcli.resources import resource_text
from adcli.syntax.grammar import BracketedLines
from adcli.syntax.source import Source

ROOT = Path(__file__).parent.parent.parent
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


def seconds(command: list[str], cache: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment(cache), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def starts(cache: Path, runs: int) -> None:
    program = cache / "model.ad"
    program.write_text(PROGRAM, encoding="utf-8")
    script = Path(sys.executable).with_name("adcli")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "adcli"]
    grad = [*start, "grad", str(program)]
    for command in (grad, IMPORTS):  # writes the caches
        seconds(command, cache)
    pairs = [(seconds(grad, cache), seconds(IMPORTS, cache)) for _ in range(runs)]
    report("adcli grad of a file seen before", pairs, 0.65)
    for what, removed in (("of another file", "programs-*"), ("without any cache", "*")):
        pairs = []
        for _ in range(runs // 3):
            remove(cache / "adcli", removed)
            pairs.append((seconds(grad, cache), seconds(IMPORTS, cache)))
        report(f"adcli grad {what}", pairs, 1.5)


def remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def report(what: str, pairs: list[tuple[float, float]], target: float) -> None:
    ratio = median(a / b for a, b in pairs)
    print(f"{what:34} {1e3 * median(a for a, _ in pairs):7.1f} ms {ratio:6.2f} x bare imports (target: {target})")


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def reading(cache: Path, runs: int) -> None:
    """A line of five operations: parsed and checked, or from the cache, beside Lark's bare parse."""
    os.environ["XDG_CACHE_HOME"] = str(cache)
    lines = [f"a = a * x + sin(a) * {number}.5 - x / {number}.25" for number in range(1, LINES)]
    text = "\n".join(["input x = 2", "a = x", *lines, "output a"]) + "\n"
    grammar = resource_text("grammar", "ad.lark")
    bare = lark.Lark(grammar, parser="lalr", lexer="basic", start="program", postlex=BracketedLines())
    source = Source("long.ad", text)
    load_program(source)  # writes the cache
    rows = [
        (timed(lambda: program_from(source)), timed(lambda: load_program(source)), timed(lambda: bare.parse(text)))
        for _ in range(runs)
    ]
    for what, place, target in (("parse and check", 0, 0.5), ("from the cache", 1, 0.02)):
        micros, ratio = median(1e6 * row[place] / LINES for row in rows), median(row[place] / row[2] for row in rows)
        print(f"{what:34} {micros:7.1f} µs a line {ratio:6.2f} x Lark's bare parse (target: {target})")


def main(runs: int = 30) -> None:
    with tempfile.TemporaryDirectory() as folder:
        starts(Path(folder), runs)
        reading(Path(folder), 5)


if __name__ == "__main__":
    main()

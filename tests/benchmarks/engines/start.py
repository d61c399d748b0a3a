"""Start-up, reading, and what grows with the text: processes and parsers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from adcli.api import DifferentiableProgram
from adcli.program.check import program_from
from adcli.program.program import Program
from adcli.syntax.parse import read
from adcli.syntax.source import Source
from adcli.trust.lint import suspicions
from tests.benchmarks import startup
from tests.benchmarks.engines.line import Effort, Line, amount, line
from tests.benchmarks.growth import lines
from tests.benchmarks.long import KINDS, NO_DIFFERENCE, told
from tests.benchmarks.timing import beside

STEEPEST = 1.15  # the exponent of time over size that counts as linear


def start(effort: Effort) -> Iterator[Line]:
    """`adcli grad` beside a Python that imports what no parser and no table can do without."""
    with tempfile.TemporaryDirectory() as folder:
        for what, most, times in startup.starts(Path(folder), effort.of(15, 1)):
            yield line(what, most, times, "import click, lark, rich.console, rich.table")


def reading(effort: Effort) -> Iterator[Line]:
    """A line of five operations, beside Lark's bare parse."""
    with tempfile.TemporaryDirectory() as folder:
        for what, most, times in startup.reading(Path(folder), effort.pairs, effort.of(startup.LINES, 20)):
            yield line(f"{what}, a 5-operation line", most, times, "Lark's bare parse")


def lint(effort: Effort) -> Iterator[Line]:
    """Programs that were not looked at before, and the first call of their methods, beside their parsing."""
    size = effort.of(10_000, 50)
    source = Source("long.ad", lines(size))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder

        def first_call(program: Program) -> object:
            startup.remove(Path(folder, "adcli"), "programs-*")  # which have what was said of the program
            return DifferentiableProgram(program).gradient(x=2, difference="none")

        for work, done in (("lint", suspicions), ("the first call, a gradient", first_call)):
            fresh = iter([program_from(source) for _ in range(effort.pairs + 1)])  # with its tree, as `lint` has it
            times = beside(lambda done=done, fresh=fresh: done(next(fresh)), lambda: read(source), effort.pairs)
            yield line(f"{work}, {size:,} lines", 1, times, "its own parsing")
        kind = KINDS["lines"]._replace(size=effort.of(1_111, 20))
        cost = told(kind, "lint", Path(folder), effort.pairs)
        yield amount("lint, how it grows with lines", STEEPEST, "exponent", cost.exponent)


def many_inputs(effort: Effort) -> Iterator[Line]:
    """A gradient by many inputs that are numbers."""
    kind = KINDS["inputs"]._replace(size=effort.of(2_222, 20))
    with tempfile.TemporaryDirectory() as folder:
        cost = told(kind, NO_DIFFERENCE, Path(folder), effort.pairs)
    work = f"grad, {9 * kind.size:,} inputs: {cost.micros:.0f} µs an input more"
    yield amount(work, STEEPEST, "exponent", cost.exponent)


def entries(effort: Effort) -> Iterator[Line]:
    """What is written for each entry of a long tape."""
    kind = KINDS["loop"]._replace(size=effort.of(27_778, 20))
    with tempfile.TemporaryDirectory() as folder:
        for command in ("tape --all --format json", "adjoint"):
            cost = told(kind, command, Path(folder), 1)  # half a minute each, of the processor's time
            yield amount(f"{command}, {9 * kind.size * kind.each:,} entries", 10, "µs an entry", cost.micros)

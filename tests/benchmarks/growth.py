"""How the time of each command grows with what a user makes long: lines, names, inputs, errors, entries.

    python -m tests.benchmarks.growth [KIND ...]

For each command and each kind of program the exponent of time over size, from runs at two sizes.
"""

from __future__ import annotations

import gc
import io
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from adcli.cli.main import main

FACTOR = 8  # between the sizes
FAR = 64  # between sizes that are so far apart that what a machine adds to the larger one is small beside it


def lines(n: int) -> str:
    """A chain of names."""
    chain = "".join(f"y{k + 1} = y{k} * 1.0001 + sin(y{k})\n" for k in range(n))
    return f"input x = 2\ny0 = x\n{chain}output y{n}\n"


def inputs(n: int) -> str:
    """As many inputs, a line each."""
    declared = "".join(f"input x{k} = {k + 1}\n" for k in range(n))
    return f"{declared}y = 0\n" + "".join(f"y = y + x{k} * x{k}\n" for k in range(n)) + "output y\n"


def one_line(n: int) -> str:
    """As many inputs in one line, and a sum of them in one."""
    return f"input {', '.join(f'x{k} = {k}' for k in range(n))}\noutput y = {' + '.join(f'x{k}' for k in range(n))}\n"


def outputs(n: int) -> str:
    """As many outputs, each of a part of the program."""
    return "input x = 2\n" + "".join(f"output y{k} = x * {k}\n" for k in range(n))


def functions(n: int) -> str:
    """As many functions, each called once."""
    defined = "".join(f"def f{k}(u) = u * {k} + x\n" for k in range(n))
    return f"input x = 2\n{defined}y = 0\n" + "".join(f"y = y * 0.5 + f{k}(x)\n" for k in range(n)) + "output y\n"


def branches(n: int) -> str:
    """As many branches."""
    taken = "".join(f"if x > {k}.5 {{ y = y + x }} else {{ y = y * 1.0001 }}\n" for k in range(n))
    return f"input x = 2\ny = x\n{taken}output y\n"


def equalities(n: int) -> str:
    """As many comparisons for equality."""
    taken = "".join(f"y = where(y == {k}.5, y, y + x)\n" for k in range(n))
    return f"input x = 2\ny = x\n{taken}output y\n"


def requirements(n: int) -> str:
    """As many requirements."""
    return "input x = 2\n" + "".join(f"require x > -{k}\n" for k in range(n)) + "output y = x * x\n"


def comments(n: int) -> str:
    """As many comments, on lines of their own and behind statements."""
    return "input x = 2\ny = x\n" + "".join(f"y = y + x  # {k}\n# own\n" for k in range(n)) + "output y\n"


def one_sum(n: int) -> str:
    """A sum of as many terms."""
    return f"input x = 2\noutput y = {' + '.join(f'x*{k}' for k in range(n))}\n"


def brackets(n: int) -> str:
    """As many brackets inside one another."""
    return f"input x = 2\noutput y = {'(' * n}x{' + 1)' * n}\n"


def unknown(n: int) -> str:
    """As many names that nobody has defined."""
    return "input x = 2\n" + "".join(f"y{k} = z{k} * x\n" for k in range(n)) + "output y0\n"


def unknown_functions(n: int) -> str:
    """As many functions, and as many that nobody has defined."""
    defined = "".join(f"def f{k}(u) = u * {k}\n" for k in range(n))
    return f"input x = 2\n{defined}" + "".join(f"y{k} = g{k}(x) + f{k}(x)\n" for k in range(n)) + "output y0\n"


def twice(n: int) -> str:
    """As many functions and inputs that are declared twice, and parts of arrays of another shape."""
    defined = "".join(f"def f{k}(u) = u * {k}\ndef f{k}(u) = u\ninput x{k} = 1\ninput x{k} = 2\n" for k in range(n))
    return f"input x = 2\n{defined}output y = x\n"


def broken(n: int) -> str:
    """As many mistakes of syntax."""
    return "input x = 2\n" + "".join(f"y{k} = x * * {k}\n" for k in range(n)) + "output y0\n"


def unused(n: int) -> str:
    """As many names that nothing reads."""
    return "input x = 2\n" + "".join(f"y{k} = x * {k}\n" for k in range(n)) + "output y = x\n"


def loop(n: int) -> str:
    """A `for` loop."""
    return f"input x = 2\ny = x\nfor k = 1 to {n} {{\n    y = y * 0.999 + sin(x)\n}}\noutput y\n"


def endless(n: int) -> str:
    """A `while` loop."""
    body = "    y = y * 0.999 + sin(x)\n    k = k + 1\n"
    return f"input x = 2\ny = x\nk = 0\nwhile k < {n} {{\n{body}}}\noutput y\n"


def ties(n: int) -> str:
    """A loop that meets a kink in each iteration."""
    return f"input x = 0\ny = 0\nfor k = 1 to {n} {{\n    y = y + abs(x) * k\n}}\noutput y\n"


def pairs(n: int) -> str:
    """A loop over the elements of an array."""
    body = f"for k = 0 to {n - 1} {{\n    y = y + w[k] * w[k]\n}}\n"
    return f"input x = 2\nw = x * linspace(0, 1, {n})\ny = 0\n{body}output y\n"


def array(n: int) -> str:
    """Operations on long arrays."""
    return f"input x = 2\nw = sin(x * linspace(0, 1, {50 * n}))\noutput y = sum(w * w) + norm(w)\n"


def vector(n: int) -> str:
    """A vector of as many elements, which is the input."""
    return f"input x[{n}] = linspace(0.1, 1, {n})\noutput y = sum(sin(x) * x)\n"


def display(n: int) -> str:
    """A vector of as many inputs."""
    declared = "".join(f"input x{k} = {k + 1}\n" for k in range(n))
    return f"{declared}w = [{', '.join(f'x{k}' for k in range(n))}]\noutput y = dot(w, w)\n"


def ordered(n: int) -> str:
    """Operations on long arrays that put elements in order, or look them up."""
    knots = f"k = linspace(0, 1, {50 * n})\nw = sin(40 * k * x)\n"
    return f"input x = 2\n{knots}output y = dot(sort(w), k) + median(w) + sum(interp(0.9 * k + 0.01 * w, k, w))\n"


class Kind(NamedTuple):
    """A kind of program.

    Attributes:
        text: the program of a size
        commands: what is asked of it
        size: the smaller one
    """

    text: Callable[[int], str]
    commands: tuple[str, ...]
    size: int = 500


# Comparisons with all components take the time that they are given, so that they do not tell.
READING = ("lint", "fmt", "eval")
TOLD = ("eval", "grad --difference none", "why", "precision", "tape", "sweep")
DERIVING = (
    *READING, "grad --difference none", "tape", "sweep", "why", "precision", "jvp --dot x=1",
    "vjp --bar y=1", "hvp --dot x=1", "hessian", "jacobian", "adjoint", "emit --to python",
    "tangent", "cost --no-time", "grad --difference direction",
)  # fmt: skip

KINDS = {
    "lines": Kind(lines, (*(command for command in DERIVING if "vjp" not in command), "graph --sweep")),
    "inputs": Kind(
        inputs, (*READING, "grad --difference direction", "tape", "sweep", "why --wrt x3", "adjoint", "graph --sweep")
    ),
    "one-line": Kind(one_line, (*READING, "grad --difference direction", "tape", "sweep", "adjoint")),
    "outputs": Kind(
        outputs, (*READING, "grad --difference none", "tape", "tangent", "jacobian", "jvp --dot x=1", "graph")
    ),
    "functions": Kind(functions, (*READING, "grad --difference direction", "tape", "sweep", "adjoint")),
    "branches": Kind(branches, DERIVING),
    "equalities": Kind(equalities, (*READING, "grad --difference direction", "tape")),
    "requirements": Kind(requirements, (*READING, "grad --difference direction", "tape")),
    "comments": Kind(comments, (*READING, "grad --difference direction")),
    "one-sum": Kind(one_sum, DERIVING),
    "brackets": Kind(brackets, DERIVING),
    "unknown": Kind(unknown, ("lint", "eval", "grad --difference direction")),
    "unknown-functions": Kind(unknown_functions, ("lint", "eval")),
    "twice": Kind(twice, ("lint", "eval")),
    "broken": Kind(broken, ("lint", "fmt", "eval")),
    "unused": Kind(unused, (*READING, "grad --difference direction")),
    "loop": Kind(loop, (*DERIVING, "grad --checkpoint 30 --difference none", "graph --sweep"), 1000),
    "while": Kind(endless, DERIVING, 1000),
    "ties": Kind(ties, ("eval", "grad --difference direction", "sweep", "why", "hessian"), 1000),
    "pairs": Kind(
        pairs,
        (*TOLD, "jvp --dot x=1", "hvp --dot x=1", "hvp --dot x=1 --mode reverse-over-reverse", "hessian", "adjoint"),
    ),
    "display": Kind(
        display, ("eval", "grad --difference none", "sweep", "hvp --dot x1=1", "jvp --dot x1=1", "adjoint"), 250
    ),
    "ordered": Kind(ordered, ("eval", "grad --difference direction", "why", "hvp --dot x=1", "precision"), 500),
    "vector": Kind(
        lambda n: vector(50 * n),
        ("eval", "grad --difference none", "grad --difference direction", "grad --wrt x"),
        1000,
    ),
    "array": Kind(array, ("eval", "grad --difference direction", "why", "hvp --dot x=1", "precision"), 1000),
}


def seconds(command: str, path: Path, form: str) -> float:
    """The time of a command in this process: that of the processor."""
    out = io.StringIO()
    gc.collect()
    gc.disable()  # as a process of its own does
    began = time.process_time()
    with redirect_stdout(out), redirect_stderr(out):
        arguments = command.split()
        forms = [] if arguments[0] in ("fmt", "adjoint", "tangent", "emit") else ["--format", form]
        main([arguments[0], str(path), *arguments[1:], *forms])
    taken = time.process_time() - began
    gc.enable()
    return taken


def exponent(
    kind: Kind, command: str, size: int, folder: Path, form: str = "json", repeats: int = 3, factor: int = FACTOR
) -> float:
    """The exponent of time over size, between a size and one that is as many times larger."""
    paths = []
    for number in (size, factor * size):
        path = folder / f"{number}.ad"
        path.write_text(kind.text(number))
        paths.append(path)
    seconds(command, paths[0], form)  # what is imported, and what is kept
    times = [math.inf, math.inf]
    for _ in range(repeats):
        for place, path in enumerate(paths):
            times[place] = min(times[place], seconds(command, path, form))
    return math.log(times[1] / times[0]) / math.log(factor)


def measured(names: list[str]) -> Iterator[tuple[str, str, float]]:
    """Each kind, each command, and its exponent."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            kind = KINDS[name]
            for command in kind.commands:
                yield name, command, exponent(kind, command, kind.size, Path(folder))


if __name__ == "__main__":
    for name, command, power in measured(sys.argv[1:] or list(KINDS)):
        print(f"{name:14}{command:42}{power:6.2f}{'   !' if power > 1.15 else ''}", flush=True)

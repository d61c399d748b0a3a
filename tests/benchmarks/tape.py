"""Recording and sweeping one entry of the tape, beside a plain Python tape; parsing beside Lark's bare parse."""

from __future__ import annotations

import functools
import math
import re
import tracemalloc
from collections.abc import Callable
from statistics import median

import lark

from adcli.api import parse
from adcli.program.check import program_from
from adcli.program.program import Program
from adcli.resources import resource_text
from adcli.syntax.grammar import BracketedLines
from adcli.syntax.parse import read
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from adcli.tape.fast import sweep
from adcli.tape.inputs import resolve
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape, Value
from tests.benchmarks.timing import beside, seconds

ROUNDS = 5_000
BODY = ["b = a * y", "c = sin(b)", "d = c + x", "a = d / y"]
START = ["input x = 1.1", "input y = 0.3", "a = x"]
TEXT = "\n".join([*START, *BODY * ROUNDS])
LOOPS = {
    "for": [f"for k = 1 to {ROUNDS} {{", *BODY, "}"],
    "while": ["k = 0", f"while k < {ROUNDS} {{", "k = k + 1", *BODY, "}"],
    "if": [f"for k = 1 to {ROUNDS} {{", "b = a * y", "if b < 2 {", *BODY[1:3], "}", "a = d / y", "}"],
    "call": ["def f(a) {", *BODY, "return a", "}", f"for k = 1 to {ROUNDS} {{", "a = f(a)", "}"],
}
# The energy of all pairs of particles: with loops and subscripts, and of numbers that are as many operations.
PAIRS = """V = 0
for i = 0 to n - 2 {
    for j = i + 1 to n - 1 {
        r2 = (x[i] - x[j])^2 + (y[i] - y[j])^2 + (z[i] - z[j])^2
        s = 1 / r2^3
        V = V + 4 * (s^2 - s)
    }
}
output V
"""
SUBSCRIPTED, NUMBERED = f"input x[n], y[n], z[n]\n{PAIRS}", re.sub(r"\[(.)\]", r" * \1", f"input x, y, z, n\n{PAIRS}")
PARTICLES = 40
STATEMENTS = """input x = 2, y = 3 in [0, 4]  # two numbers
state count = 0
def square(u) = u^2
def f(u, v) {
    count = count + 1
    if u < v and not v > 10 {
        return u * sin(v)
    } else if u == v {
        return where(u >= 0, sqrt(u), -u)
    }
    return atan2(u, v) / (u^2 + v^2)
}
total = 0
for k = 1 to 10 step 2 {
    total = total + f(x, k) - square(y / k)
}
while total > 100 {
    total = total / 2
}
z = -total * exp(-x^2 / 2)
output total, z
"""


class PlainTape:
    """What anybody would write first: parallel lists, and a function for each operation."""

    def __init__(self) -> None:
        self.operations: list[str] = []
        self.operands: list[tuple[int, ...]] = []
        self.values: list[float] = []

    def push(self, operation: str, operands: tuple[int, ...], value: float) -> int:
        self.operations.append(operation)
        self.operands.append(operands)
        self.values.append(value)
        return len(self.values) - 1

    def run(self, x0: float, y0: float, rounds: int = ROUNDS) -> int:
        values, push = self.values, self.push
        x = push("input", (), x0)
        y = push("input", (), y0)
        a = x
        for _ in range(rounds):
            b = push("*", (a, y), values[a] * values[y])
            c = push("sin", (b,), math.sin(values[b]))
            d = push("+", (c, x), values[c] + values[x])
            a = push("/", (d, y), values[d] / values[y])
        return a

    def sweep(self, output: int) -> list[float]:
        adjoints = [0.0] * len(self.values)
        adjoints[output] = 1.0
        for entry in range(output, -1, -1):
            g = adjoints[entry]
            operands = self.operands[entry]
            if g and operands:
                rule = RULES[self.operations[entry]]
                contributions = rule(g, self.values[entry], *[self.values[operand] for operand in operands])
                for operand, contribution in zip(operands, contributions, strict=True):
                    adjoints[operand] += contribution
        return adjoints


RULES: dict[str, Callable[..., tuple[float, ...]]] = {
    "*": lambda g, v, a, b: (g * b, g * a),
    "+": lambda g, v, a, b: (g, g),
    "/": lambda g, v, a, b: (g / b, -g * v / b),
    "sin": lambda g, v, a: (g * math.cos(a),),
}


def side_by_side(name: str, ours: Callable[[], object], theirs: Callable[[], object], count: int, target: str) -> None:
    times, per = beside(ours, theirs), 1e9 / count
    both = f"{per * times.ours:8.0f} ns   beside {per * times.theirs:8.0f} ns"
    print(f"{name:14} {both}   ratio {times.ratio:5.2f}   {target}")


def ratio_per_entry(name: str, looped: Program, straight: Program, point: dict[str, float]) -> None:
    """What an entry (or a guard) inside a loop costs, beside one in straight-line code."""
    tape = execute(looped, point)
    count = (len(tape) + len(tape.guards)) / len(execute(straight, point))
    pairs = [(seconds(lambda: execute(looped, point)), seconds(lambda: execute(straight, point))) for _ in range(15)]
    print(f"{name:14} {median(a / count / b for a, b in pairs):5.2f} times an entry in straight-line code")


def side_by_side_per_entry(name: str, ours: Callable[[], Tape], theirs: Callable[[], Tape], target: str) -> None:
    """What an entry costs in one run, beside one in another run."""
    count, other = len(ours()), len(theirs())
    pairs = [(seconds(ours) / count, seconds(theirs) / other) for _ in range(15)]
    print(f"{name:32} {median(a / b for a, b in pairs):5.2f} times an entry of a program of numbers   {target}")


def numbers_beside_arrays() -> None:
    """What numbers cost in a program that has arrays as well, with and without forgetting arrays that nothing reads."""
    loop = "\n".join([*START, *LOOPS["for"]])
    numbers, with_array = (program_from(Source("benchmark", text)) for text in (loop, f"input w[2]\n{loop}"))
    subscripted, numbered = (program_from(Source("benchmark", text)) for text in (SUBSCRIPTED, NUMBERED))
    point: dict[str, Value] = {"x": 1.1, "y": 0.3}
    with_w = {**point, "w": resolve(with_array, {**point, "w": [1, 2]})[0]["w"]}
    particles, _ = resolve(
        subscripted, {name: f"sin(linspace(1, {k}, {PARTICLES}))" for k, name in enumerate("xyz", 9)}
    )
    one_each = {"x": 1.1, "y": 1.2, "z": 1.3, "n": float(PARTICLES)}
    for forget, how in ((False, ""), (True, ", forgetting")):
        side_by_side_per_entry(
            f"an unused array{how}",
            lambda forget=forget: execute(with_array, with_w, forget=forget), lambda: execute(numbers, point),
            "(at most 1.1)",
        )  # fmt: skip
        side_by_side_per_entry(
            f"pairs with x[i]{how}",
            lambda forget=forget: execute(subscripted, particles, forget=forget), lambda: execute(numbered, one_each),
            "",
        )  # fmt: skip


def whole_gradients() -> None:
    """Gradients of loops by the API, beside the plain tape, and the most memory that an entry takes on the way."""

    def by_hand() -> list[float]:
        plain = PlainTape()
        return plain.sweep(plain.run(1.1, 0.3))

    for name, loop in LOOPS.items():
        program = parse("\n".join([*START, *loop, "output r = a"]))
        gradient = functools.partial(program.gradient, {"x": 1.1, "y": 0.3}, difference="none")
        gradient()
        side_by_side(f"grad, {name}", gradient, by_hand, 4 * ROUNDS, "(at most 1.5)")
    program = parse("\n".join([*START, *LOOPS["for"], "output r = a"]))
    tracemalloc.start()
    program.gradient({"x": 1.1, "y": 0.3}, difference="none")
    print(f"{tracemalloc.get_traced_memory()[1] / (5 * ROUNDS):.0f} bytes an entry (at most 130)")
    tracemalloc.stop()


def main() -> None:
    program = program_from(Source("benchmark", TEXT))
    point = {"x": 1.1, "y": 0.3}
    tape = execute(program, point)
    output = tape.bindings["a"]
    plain = PlainTape()
    plain_output = plain.run(1.1, 0.3)
    ours = sweep(tape, {output: 1.0}, active_entries(tape, [0, 1]))
    theirs = plain.sweep(plain_output)
    assert ours[:2] == theirs[:2], "the two tapes compute the same gradient"
    count = len(tape)
    side_by_side("record", lambda: execute(program, point), lambda: PlainTape().run(1.1, 0.3), count, "(at most 2)")
    for name, loop in LOOPS.items():
        looped = program_from(Source("benchmark", "\n".join([*START, *loop])))
        ratio_per_entry(f"in {name}", looped, program, point)
    numbers_beside_arrays()
    whole_gradients()
    side_by_side(
        "sweep",
        lambda: sweep(tape, {output: 1.0}, active_entries(tape, [0, 1])),
        lambda: plain.sweep(plain_output),
        count,
        "(at most 2)",
    )
    grammar = resource_text("grammar", "ad.lark")
    bare = lark.Lark(grammar, parser="lalr", lexer="basic", start="program", postlex=BracketedLines())
    for name, text in (
        ("formulas", "\n".join(TEXT.split("\n")[:2_000])),
        ("all kinds", STATEMENTS * 50),
    ):
        count = text.count("\n") + 1
        source = Source("benchmark", text)
        parse = functools.partial(bare.parse, text)
        side_by_side(
            f"parse {name}", functools.partial(read, source), parse, count, "beside Lark's bare parse (at most 1.5)"
        )
    source = Source("benchmark", "\n".join(TEXT.split("\n")[:2_000]))
    side_by_side("parse, check", lambda: program_from(source), lambda: read(source), 2_000, "beside parse")


if __name__ == "__main__":
    main()

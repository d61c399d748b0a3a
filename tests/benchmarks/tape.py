"""Recording and sweeping one entry of the tape, beside a plain Python tape; parsing beside Lark's bare parse."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from statistics import median

import lark

from adcli.derive.reverse import sweep
from adcli.program.check import program_from
from adcli.resources import resource
from adcli.syntax.grammar import BracketedLines
from adcli.syntax.source import Source
from adcli.tape.execute import execute

ROUNDS = 5_000
BODY = ["b = a * y", "c = sin(b)", "d = c + x", "a = d / y"]
TEXT = "\n".join(["input x = 1.1", "input y = 0.3", "a = x", *BODY * ROUNDS])


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

    def run(self, x0: float, y0: float) -> int:
        values, push = self.values, self.push
        x = push("input", (), x0)
        y = push("input", (), y0)
        a = x
        for _ in range(ROUNDS):
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


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def side_by_side(name: str, ours: Callable[[], object], theirs: Callable[[], object], count: int, target: str) -> None:
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(15)]
    per = 1e9 / count
    print(
        f"{name:9} {per * median(a for a, _ in pairs):8.0f} ns   beside {per * median(b for _, b in pairs):8.0f} ns   "
        f"ratio {median(a / b for a, b in pairs):5.2f}   {target}"
    )


def main() -> None:
    program = program_from(Source("benchmark", TEXT))
    point = {"x": 1.1, "y": 0.3}
    tape = execute(program, point)
    output = tape.bindings["a"]
    plain = PlainTape()
    plain_output = plain.run(1.1, 0.3)
    ours = sweep(tape, {output: 1.0}, tape.active([0, 1]))
    theirs = plain.sweep(plain_output)
    assert ours[:2] == theirs[:2], "the two tapes compute the same gradient"
    count = len(tape)
    side_by_side("record", lambda: execute(program, point), lambda: PlainTape().run(1.1, 0.3), count, "(at most 2)")
    side_by_side(
        "sweep",
        lambda: sweep(tape, {output: 1.0}, tape.active([0, 1])),
        lambda: plain.sweep(plain_output),
        count,
        "(at most 2)",
    )
    with open(resource("grammar", "ad.lark"), encoding="utf-8") as file:
        bare = lark.Lark(file.read(), parser="lalr", lexer="basic", start="program", postlex=BracketedLines())
    short = "\n".join(TEXT.split("\n")[:2_000])
    side_by_side(
        "statement",
        lambda: program_from(Source("benchmark", short)),
        lambda: bare.parse(short),
        2_000,
        "parse and check, beside Lark's bare parse",
    )


if __name__ == "__main__":
    main()

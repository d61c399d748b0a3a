"""Functions that cancel, that are badly scaled or saturated, at random points, with their derivatives to 100 digits.

The truth comes from mpmath: a central difference of the same formula with so many digits that nothing cancels. The
inputs are floats, and exact.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import mpmath

import adcli
from adcli.trust.judgement import ZERO, Verdict

Draw = Callable[[random.Random], float]
_DIGITS = 420  # of the truth: what saturates is as small as 1e-300
_WRONG_DIGIT = 5e-4  # an error, relative to the truth, by which the third digit is wrong
_SMALLEST = 1e-306  # what is smaller cannot be told from 0


def uniform(low: float, high: float) -> Draw:
    """Evenly between two numbers."""
    return lambda generator: generator.uniform(low, high)


def scaled(low: float, high: float, signed: bool = False) -> Draw:
    """Of any size between two powers of ten."""

    def draw(generator: random.Random) -> float:
        sign = generator.choice((-1, 1)) if signed else 1
        return float(sign * 10 ** generator.uniform(low, high))

    return draw


def beside(number: float, low: float, high: float) -> Draw:
    """So far from a number, to one side or the other."""
    return lambda generator: number + scaled(low, high, signed=True)(generator)


HARD: Sequence[tuple[str, Mapping[str, Draw]]] = (
    ("(-b - sqrt(b^2 - 4*a*c)) / (2*a)", {"a": scaled(-3, 0, True), "b": scaled(0, 3, True), "c": scaled(-4, 0, True)}),
    ("(x - sin(x)) / (x - tan(x))", {"x": scaled(-5, 0, True)}),
    ("sqrt(x + 1) - sqrt(x)", {"x": scaled(0, 17)}),
    ("sin(x) / x", {"x": scaled(-10, 3, True)}),
    ("(1 - cos(x)) / x^2", {"x": scaled(-8, 1, True)}),
    ("(exp(x) - 1) / x", {"x": scaled(-12, 1, True)}),
    ("log(1 + x) / x", {"x": scaled(-14, 2)}),
    ("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", {"x": uniform(-5, 5), "y": uniform(-5, 5)}),
    ("sin(x)", {"x": scaled(-5, 17, True)}),
    ("sin(x)^2 + cos(x)^2", {"x": uniform(-9, 9)}),
    ("exp(x) * exp(-x)", {"x": uniform(-50, 50)}),
    ("1 / (1 + exp(-x))", {"x": uniform(-700, 700)}),
    ("log(1 / (1 + exp(-x)))", {"x": uniform(-700, 40)}),
    ("x^3 - 3*x^2 + 3*x - 1", {"x": beside(1.0, -8, 0)}),
    ("(x - y) * (x + y)", {"x": scaled(-3, 8, True), "y": scaled(-3, 8, True)}),
    ("x^2 - y^2", {"x": beside(1.0, -16, 0), "y": beside(1.0, -16, -3)}),
    ("tanh(x)", {"x": uniform(-30, 30)}),
    ("atan2(y, x)", {"x": scaled(-9, 9, True), "y": scaled(-9, 9, True)}),
    ("hypot(x, y)", {"x": scaled(-9, 9, True), "y": scaled(-9, 9, True)}),
    ("exp(-x^2) * sin(1 / x)", {"x": scaled(-3, 1, True)}),
    ("tan(x) - sin(x)", {"x": scaled(-8, 0, True)}),
    ("1 / (1 + x) - 1 / (1 - x)", {"x": scaled(-12, -0.1)}),
    ("erf(x)", {"x": uniform(-8, 8)}),
    ("log(x + sqrt(x^2 + 1))", {"x": scaled(-9, 8, True)}),
    ("x * log(x)", {"x": scaled(-300, 10)}),
    ("sqrt(x * y)", {"x": scaled(-140, 100), "y": scaled(-140, 100)}),
    ("cosh(x) - sinh(x)", {"x": uniform(0, 30)}),
    ("expm1(x) - x", {"x": scaled(-12, 1, True)}),
    ("acos(x)", {"x": lambda generator: 1 - 10 ** generator.uniform(-15, 0)}),
    ("(1 + 1 / x)^x", {"x": scaled(0, 12)}),
    ("(x + 1)^12 - 1", {"x": scaled(-14, 0)}),
)


class Iterated(NamedTuple):
    """A program with a loop, and the same in Python, which mpmath's numbers go through."""

    text: str
    function: Callable[..., Any]
    draws: Mapping[str, Draw]


def _logistic(x: Any, r: Any) -> Any:
    for _ in range(20):
        x = r * x * (1 - x)
    return x


def _exponential_series(x: Any) -> Any:
    term = total = x * 0 + 1
    for k in range(1, 41):
        term = term * x / k
        total = total + term
    return total


def _heron(x: Any) -> Any:
    y = x
    for _ in range(12):
        y = (y + x / y) / 2
    return y


def _unstable_recurrence(x: Any) -> Any:
    """y(n) = 3 y(n-1) - 3 y(n-2) + y(n-3) in a form that loses what it adds."""
    a, b = x, x * x
    for _ in range(15):
        a, b = b, 4 * b - 3 * a
    return b


def _wilkinson(x: Any) -> Any:
    y = x * 0 + 1
    for k in range(1, 13):
        y = y * (x - k)
    return y


def _folded(x: Any) -> Any:
    y = x
    for _ in range(8):
        y = abs(2 * y - 1)
    return y


def _clipped(x: Any, y: Any) -> Any:
    largest, smallest = (x**2 if x**2 > y else y), (x if x < y**2 else y**2)
    return largest * smallest


# Loops that amplify, cancel or converge, and kinks that are passed as near as one likes.
ITERATED: Sequence[Iterated] = (
    Iterated(
        "y = x\nfor k = 1 to 20 { y = r * y * (1 - y) }\noutput value = y", _logistic,
        {"x": uniform(0.01, 0.99), "r": uniform(2.0, 4.0)},
    ),
    Iterated(
        "term = 1\ntotal = 1\nfor k = 1 to 40 {\n  term = term * x / k\n  total = total + term\n}\n"
        "output value = total",
        _exponential_series, {"x": uniform(-18, 6)},
    ),
    Iterated("y = x\nfor k = 1 to 12 { y = (y + x / y) / 2 }\noutput value = y", _heron, {"x": scaled(-4, 4)}),
    Iterated(
        "a = x\nb = x * x\nfor k = 1 to 15 {\n  c = 4 * b - 3 * a\n  a = b\n  b = c\n}\noutput value = b",
        _unstable_recurrence, {"x": beside(1.0, -9, 0)},
    ),
    Iterated(
        "y = 1\nfor k = 1 to 12 { y = y * (x - k) }\noutput value = y", _wilkinson,
        {"x": lambda generator: generator.randint(1, 12) + scaled(-12, -1, True)(generator)},
    ),
    Iterated("y = x\nfor k = 1 to 8 { y = abs(2 * y - 1) }\noutput value = y", _folded, {"x": uniform(0, 1)}),
    Iterated(
        "output value = max(x^2, y) * min(x, y^2)", _clipped,
        {"x": beside(1.0, -12, 0), "y": beside(1.0, -12, 0)},
    ),
    Iterated(
        "output value = where(x > 1, (x - 1)^2, 0) + abs(x - 1)^3", lambda x: (x > 1) * (x - 1) ** 2 + abs(x - 1) ** 3,
        {"x": beside(1.0, -9, 0)},
    ),
)  # fmt: skip


class Outcome(NamedTuple):
    """What was said of a derivative by a command, and what is true."""

    command: str
    formula: str
    point: Mapping[str, float]
    component: str
    derivative: float
    truth: Any
    verdict: Verdict
    digits: float | None
    reason: str

    @property
    def kind(self) -> str:
        """Whether the derivative is right to three digits, a zero within what is said of it, or wrong."""
        truth = abs(self.truth)
        if abs(self.derivative - self.truth) <= max(_WRONG_DIGIT * truth, _SMALLEST):
            return "right"
        if self.reason.startswith(ZERO) and truth <= float(self.reason.rpartition("± ")[2]) * 1.01:
            return "zero"
        return "wrong digits"


def outcomes(points: int, seed: int, formulas: Sequence[tuple[str, Mapping[str, Draw]]] = HARD) -> Iterator[Outcome]:
    """What `grad` and `check` say at so many random points of each function."""
    generator = random.Random(seed)
    for formula, draws in formulas:
        yield from _outcomes_of(
            adcli.expression(formula), formula, _function_of(formula, draws), draws, points, generator
        )


def iterated_outcomes(points: int, seed: int) -> Iterator[Outcome]:
    """The same of loops and kinks."""
    generator = random.Random(seed)
    for text, function, draws in ITERATED:
        program = adcli.parse("".join(f"input {name}\n" for name in draws) + text)
        yield from _outcomes_of(program, text, function, draws, points, generator)


def _outcomes_of(
    program: adcli.DifferentiableProgram,
    formula: str,
    function: Callable[..., Any],
    draws: Mapping[str, Draw],
    points: int,
    generator: random.Random,
) -> Iterator[Outcome]:
    for _ in range(points):
        point = {name: draw(generator) for name, draw in draws.items()}
        checked = {row.input: row for row in program.check(point).components}
        compared = program.gradient(point).comparisons["value"].components
        for component, row in checked.items():
            if not math.isfinite(row.reverse):
                continue
            truth = _truth(function, point, component)
            for command, said in (("check", row), ("grad", compared[component])):
                yield Outcome(
                    command, formula, point, component, row.reverse, truth, said.verdict, said.digits, said.reason
                )  # fmt: skip


def confusion(said: Sequence[Outcome]) -> Counter[tuple[str, str, Verdict]]:
    """How often which verdict was given on which kind of derivative, by command."""
    return Counter((outcome.command, outcome.kind, outcome.verdict) for outcome in said)


def _function_of(formula: str, names: Iterable[str]) -> Callable[..., Any]:
    """A formula as a function of mpmath's numbers."""
    functions = {name: getattr(mpmath, name) for name in dir(mpmath) if not name.startswith("_")}
    function: Callable[..., Any] = eval(f"lambda {', '.join(names)}: {formula.replace('^', '**')}", functions)
    return function


def _truth(function: Callable[..., Any], point: Mapping[str, float], component: str) -> Any:
    with mpmath.workdps(_DIGITS):
        exact = {name: mpmath.mpf(number) for name, number in point.items()}
        step = abs(exact[component]) * mpmath.mpf(10) ** -(_DIGITS // 3)
        high, low = (function(**{**exact, component: exact[component] + side * step}) for side in (1, -1))
        return mpmath.re((high - low) / (2 * step))

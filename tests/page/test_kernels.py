"""The kernels of the page: the same values as those of the table, on numbers and on arrays."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from adcli.report.cells import Detail, number_text
from adcli.rules import special
from adcli.rules.compile import applied
from adcli.rules.nonsmooth import MASKS
from adcli.rules.primitive import Primitive
from adcli.rules.table import COPY, PRIMITIVES
from tests.page.node import run_node

# Bessel functions, incomplete gamma functions and the like: the page's maker says that it has none of them.
NOT_SPELT = {row.name for row in special.ROWS}
ELEMENTWISE: dict[str, Primitive] = {
    row.name: row for row in (*PRIMITIVES.values(), *MASKS, COPY) if row.name not in NOT_SPELT
}

_READ = """
const read = (x) => (Array.isArray(x) ? x.map(read) : typeof x === 'string' ? Number(x) : x);
"""


def _written(value: Any) -> Any:
    """A number, or lists of them, as JSON has them."""
    if isinstance(value, (list, tuple)):
        return [_written(element) for element in value]
    return value if isinstance(value, str) or math.isfinite(value) else str(float(value)).replace("inf", "Infinity")


# Functions of numbers

_EDGES = (
    0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, 2.5, -2.5, 3.0, 20.0, -40.0, 1e-300, 5e-324, 1e16, -1e300, 1e300,
    math.inf, -math.inf, math.nan,
)  # fmt: skip
_FEW = (0.0, -0.0, 0.5, 1.0, -1.0, 2.0, -3.0, 1e300, 5e-324, math.inf, -math.inf, math.nan)

# How many units of 2^-52 a value may be off beside that of Python: V8's functions are within 2 of the exact ones, as
# Python's are; those that are sums of large terms are off by so much beside 1.
_OFF = 4.0
_BESIDE_ONE = {"lgamma", "digamma", "polygamma", "logaddexp", "log_diff_exp"}


def _points(row: Primitive) -> Iterator[tuple[float, ...]]:
    yield from row.samples
    chosen = random.Random(row.name)
    for count in (2, 3) if row.variadic else (row.arity,):
        edges = _EDGES if count == 1 else _FEW
        yield from itertools.product(edges, repeat=count)
        for _ in range(300):
            yield tuple(chosen.choice((1, 1, 30)) * chosen.uniform(-3, 3) for _ in range(count))
            yield tuple(math.ldexp(chosen.uniform(-1, 1), chosen.randint(-60, 9)) for _ in range(count))
            yield tuple(float(chosen.randint(-3, 4)) for _ in range(count))
            if row.name in ("polygamma", "sinc_derivative"):
                yield float(chosen.randint(0, 12)), chosen.uniform(-4, 30)


def _off(found: float, expected: float, beside: float) -> float:
    """How far a number is from another, in units of 2^-52 of the other one's size; of zeros the signs tell."""
    if expected != expected or math.isinf(expected) or found != found or math.isinf(found):
        return 0.0 if found == expected or (found != found and expected != expected) else math.inf
    if found == expected == 0:
        return 0.0 if math.copysign(1, found) == math.copysign(1, expected) else math.inf
    return abs(found - expected) / max(2.0**-52 * max(abs(expected), beside), 5e-324)


def test_every_function_of_numbers_is_spelt_or_said_not_to_be() -> None:
    names = run_node("import { NUMBERS } from './numbers.mjs'; tell(Object.keys(NUMBERS));")
    assert set(names) == set(ELEMENTWISE)


def test_functions_of_numbers_are_those_of_the_table() -> None:
    points = {name: list(dict.fromkeys(_points(row))) for name, row in ELEMENTWISE.items()}
    found = run_node(
        "import { NUMBERS } from './numbers.mjs';"
        + _READ
        + "tell(Object.entries(DATA).map(([name, all]) => all.map((operands) => NUMBERS[name](...read(operands)))));",
        _written_points(points),
    )
    wrong = []
    for (name, operands), values in zip(points.items(), found, strict=True):
        row, beside = ELEMENTWISE[name], 1.0 if name in _BESIDE_ONE else 0.0
        for point, value in zip(operands, values, strict=True):
            expected = applied(row, point)
            if _off(float(value), expected, beside) > _OFF:
                wrong.append((name, point, value, expected))
    assert not wrong, wrong[:20]


def _written_points(points: dict[str, list[tuple[float, ...]]]) -> dict[str, Any]:
    return {name: _written(operands) for name, operands in points.items()}


# Numbers as text


def _numbers() -> Iterator[tuple[float, int]]:
    chosen = random.Random(4)
    for number in (0.0, -0.0, math.inf, -math.inf, math.nan, 0.5, 1.5, 2.5, 5e-324, 1e-4, 99999.5, 999999.5, 1e22):
        yield from ((number, digits) for digits in (0, 1, 2, 3, 5, 6, 12, 17))
    for _ in range(3000):
        digits = chosen.randint(1, 17)
        yield chosen.uniform(-1, 1) * 10.0 ** chosen.randint(-308, 308), digits
        yield chosen.uniform(-1, 1) * 10.0 ** chosen.randint(-7, 8), chosen.randint(1, 8)
        yield float(chosen.randint(-(10**7), 10**7)), chosen.randint(1, 8)
        yield chosen.randint(-4096, 4096) / 2.0 ** chosen.randint(0, 9), chosen.randint(1, 6)  # halves to be rounded


def test_numbers_have_the_same_text() -> None:
    numbers = list(_numbers())
    found = run_node(
        "import { numberText } from './numbers.mjs';" + _READ + "tell(read(DATA).map((both) => numberText(...both)));",
        _written(numbers),
    )
    assert found == [number_text(number, digits) for number, digits in numbers]


def test_arrays_have_the_same_text() -> None:
    shapes = [(0,), (1,), (3,), (9,), (10,), (200,), (2, 2), (3, 3), (2, 5), (0, 2)]
    arrays = [np.random.default_rng(4).normal(size=shape) * 100 for shape in shapes]
    source = """
        import { numberText } from './numbers.mjs';
        tell(DATA.map(([shape, data]) => [false, true].map((full) => numberText({ shape, data }, 6, full))));
    """
    found = run_node(source, [[array.shape, array.ravel().tolist()] for array in arrays])
    assert found == [[number_text(array, 6), number_text(array, Detail(6, True))] for array in arrays]

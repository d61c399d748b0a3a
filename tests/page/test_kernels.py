"""The kernels of the page: the same values as those of the table, on numbers and on arrays."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from adcli.report.cells import Detail, number_text
from adcli.rules import special
from adcli.rules.along import ALONG, along, length
from adcli.rules.compile import applied
from adcli.rules.einsum import einsum
from adcli.rules.nonsmooth import MASKS
from adcli.rules.primitive import Primitive
from adcli.rules.readings.values import fitted
from adcli.rules.shapes import Refused
from adcli.rules.subscripts import element, updated
from adcli.rules.table import ARRAYS, COPY, PRIMITIVES
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


# Operations on arrays

# `expm` and the powers of matrices: the page's maker says that it has none of them.
NO_KERNEL: set[str] = {"size_of", "matrix_power", "matrix_power_along", "expm", "expm_along"}
_AXES = (None, 0, 1, -1)
_EINSUMS = ("ij,jk->ik", "ij,j", "i,i", "ii", "ij->ji", "ij->", "i,j,k->ik", "ij,jk,kl->il", "ii->i", ",i")
_PATTERNS = (
    (".", (3,), (1.0,)), (".", (3,), (-3.0,)), (":", (4,), ()), (".:", (4,), (1.0,)), (":.", (4,), (-1.0,)),
    (".:.", (5,), (-4.0, 9.0)), ("::.", (5,), (-1.0,)), (".:.:.", (6,), (4.0, 0.0, -2.0)), ("::.", (5,), (2.0,)),
    (".:.", (5,), (3.0, 1.0)), (".,.", (2, 3), (1.0, -1.0)), (".", (2, 3), (0.0,)), (":,.", (2, 3), (2.0,)),
    (".,:", (2, 3), (1.0,)), (".:,:.", (3, 4), (1.0, 2.0)), (":,::.", (2, 3), (-1.0,)),
    (".:.,.", (4, 2), (1.0, 3.0, 0.0)),
)  # fmt: skip

Case = tuple[Primitive, tuple[Any, ...]]


def _operand(value: Any) -> Any:
    return np.array(value, dtype=float) if isinstance(value, (list, np.ndarray)) else float(value)


def _nested(value: Any) -> Any:
    return _written(value.tolist() if hasattr(value, "tolist") else value)


def _sampled() -> Iterator[Case]:
    rows = [*ARRAYS.values(), *(along(name, axis) for name in ALONG for axis in _AXES)]
    rows += [length(axis) for axis in (0, 1, -1)] + [einsum(text) for text in _EINSUMS]
    for row in rows:
        if row.array not in NO_KERNEL:
            yield from ((row, tuple(map(_operand, operands))) for operands in row.samples)


def _drawn() -> Iterator[Case]:
    draw = np.random.default_rng(11).normal
    for name, axis in itertools.product(ALONG, _AXES):
        row = along(name, axis)
        for shape in ((1,), (2,), (7,), (8,), (300,), (2000,), (1, 1), (5, 1), (1, 6), (40, 30), (3, 400)):
            if (axis == 1 and len(shape) == 1) or (name in ("cumsum", "cumprod") and axis is None and len(shape) == 2):
                continue
            a = draw(size=shape)
            ties = np.round(a)
            second = (3.0,) if name == "roll" else (draw(size=shape),) if row.arity == 2 else ()
            yield row, (a, *second)
            yield row, (ties, *second)
            if name in ("max", "min", "median", "sort", "argmax", "argmin", "argsort", "norm", "sum"):
                yield row, (np.where(a > 2, np.nan, np.where(a < -2, -np.inf, a)), *second)
    for left, right in (
        ((4, 3), (3, 5)),
        ((30,), (30,)),
        ((6, 6), (6,)),
        ((4,), (4, 2)),
        ((0,), (0,)),
        ((2, 0), (0,)),
    ):
        yield ARRAYS["matmul"], (draw(size=left), draw(size=right))
    for pattern, shape, bounds in _PATTERNS:
        part = element(pattern).function(np.zeros(shape), *bounds)
        yield element(pattern), (draw(size=shape), *bounds)
        yield updated(pattern), (draw(size=shape), 2.5, *bounds)
        yield updated(pattern), (draw(size=shape), draw(size=getattr(part, "shape", None)), *bounds)
    for size in (1, 2, 3, 4, 5, 8, 20):
        square, other = draw(size=(size, size)), draw(size=(size, size))
        for name in ("det", "logdet", "inv", "cofactor", "qr", "eigvalsh", "eigh", "svd", "trace", "pinv"):
            yield ARRAYS[name], (square,)
        yield ARRAYS["cholesky"], (square @ square.T + np.eye(size),)
        yield ARRAYS["cofactor_along"], (square, other)
        yield ARRAYS["solve"], (square, draw(size=size))
        yield ARRAYS["solve"], (square * np.logspace(-90, 90, size), draw(size=(size, 2)))
        yield ARRAYS["solve_triangular"], (square + 3 * np.eye(size), other, 1.0)
        yield ARRAYS["solve_triangular"], (square + 3 * np.eye(size), draw(size=size))
        for tall in ((size + 3, size), (size, size + 2)):
            yield ARRAYS["svd"], (draw(size=tall),)
            yield ARRAYS["pinv"], (draw(size=tall),)
        yield ARRAYS["qr"], (draw(size=(size + 3, size)),)
        yield ARRAYS["lstsq"], (draw(size=(size + 3, size)), draw(size=(size + 3, 2)))
    yield ARRAYS["cofactor"], (np.ones((4, 4)) + np.diag([1.0, 2.0, 0.0, 0.0]),)
    for text in ("ij,jk->ik", "ij,kj->ik", "i,ij,j->", "ij,ij->j"):
        letters = einsum(text).settings[0].partition("->")[0].split(",")
        yield einsum(text), tuple(draw(size=[7] * len(term)) for term in letters)
    for count in (1.0, 2.0, 11.0):
        yield ARRAYS["linspace"], (-0.3, 1.7, count)
    for name, wide, narrow in (("expand", (), (3,)), ("expand", (3, 1), (3, 4)), ("expand", (1,), (2, 2))):
        yield ARRAYS[name], (_operand(draw(size=wide or None)), np.zeros(narrow))
        yield ARRAYS["sum_to"], (draw(size=narrow), _operand(np.zeros(wide) if wide else 0.0))
    knots = np.sort(draw(size=20))
    yield ARRAYS["interp"], (draw(size=(5, 8)) * 2, knots, draw(size=20))
    yield ARRAYS["searchsorted"], (knots, draw(size=30))


# How far a result may be off beside its largest element, where that is more than 1e-14: eigenvalues and singular values
# come of iterations, and of others on this side; the rest has what the condition of a matrix makes of its rounding.
_WIDER = dict.fromkeys(("eigvalsh", "eigh", "svd", "pinv", "cofactor", "cofactor_along", "inv", "solve"), 1e-13)


def _array_off(found: dict[str, Any], expected: Any) -> float:
    """How far a value is from another, beside the largest element; infinite where shapes, NaN or infinities differ."""
    if tuple(found.get("shape", "?")) != np.shape(expected):
        return math.inf
    value = np.array(found["value"], dtype=float).reshape(np.shape(expected))
    finite = np.isfinite(expected)
    if not np.array_equal(np.where(finite, 0.0, value), np.where(finite, 0.0, expected), equal_nan=True):
        return math.inf
    value, expected = np.where(finite, value, 0.0), np.where(finite, expected, 0.0)
    largest = np.max(np.abs(expected), initial=0.0)
    return float(np.max(np.abs(value - expected), initial=0.0) / (largest or 1.0))


def _by_kernels(cases: list[Case]) -> list[Any]:
    source = """
        import { KERNELS, asArray, asNested, shapeOf } from './arrays.mjs';
        tell(DATA.map(([kernel, operands, settings]) => {
          try {
            const value = KERNELS[kernel](...operands.map((operand) => asArray(read(operand))), ...settings);
            return { shape: shapeOf(value), value: asNested(value) };
          } catch (error) {
            return { message: error.message, code: error.code, remedy: error.remedy };
          }
        }));
    """
    data = [[row.array, list(map(_nested, operands)), list(getattr(row, "settings", ()))] for row, operands in cases]
    return run_node(_READ + source, data)


def test_every_operation_on_arrays_has_a_kernel_or_is_said_to_have_none() -> None:
    names = run_node("import { KERNELS } from './arrays.mjs'; tell(Object.keys(KERNELS));")
    assert set(names) == {row.array for row in ARRAYS.values()} - NO_KERNEL | {"first", "element", "update", "einsum"}


def test_kernels_are_those_of_the_table() -> None:
    cases = [*_sampled(), *_drawn()]
    wrong = []
    with np.errstate(all="ignore"):
        for (row, operands), found in zip(cases, _by_kernels(cases), strict=True):
            expected = row.function(*operands)
            if _array_off(found, expected) > _WIDER.get(row.array, 1e-14):
                wrong.append((row.name, [np.shape(operand) for operand in operands], found, expected))
    assert not wrong, wrong[:5]


_V3, _V4, _M23, _M22 = np.arange(3.0), np.arange(4.0), np.arange(6.0).reshape(2, 3), np.array([[1.0, 2.0], [2.0, 4.0]])
_NOT_FINITE = np.array([[1.0, math.inf], [0.0, 1.0]])
_REFUSED: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("matmul", (_M23, _V4)), ("matmul", (_M23, _M23)), ("matmul", (2.0, _V3)), ("matmul", (_V3, _M23)),
    ("dot", (_V3, _V4)), ("dot", (_V3, 1.0)), ("outer", (_V3, _M23)), ("stack", (_V3, 1.0)), ("stack", (_V3, _V4)),
    ("stack", (_M23, _M23)), ("concat", (_V3, _M23)), ("concat", (_V3, 1.0)), ("trace", (_V3,)), ("diag", (1.0,)),
    ("tril", (_V3,)), ("copyltu", (_M23,)), ("reshape", (_M23, 4.0)), ("reshape", (_M23, -1.0, -1.0)),
    ("reshape", (_M23, 2.5, 2.0)), ("expand", (_V4, _V3)), ("sum_to", (_V3, _M23)), ("select", (_V3, _V4, 1.0)),
    ("zeros", (-1.0,)), ("ones", (2.5,)), ("eye", (_V3,)), ("linspace", (_V3, 1.0, 2.0)), ("linspace", (0.0, 1.0, 0.0)),
    ("length", (1.0,)), ("sum", (1.0,)), ("cumsum", (_M23,)), ("cumprod", (1.0,)), ("softmax_along", (_V3, _V4)),
    ("mean", (np.zeros(0),)), ("max", (np.zeros(0),)), ("argmin", (np.zeros(0),)), ("diff", (1.0,)),
    ("roll", (_V3, 1.5)), ("roll", (_V3, _V3)), ("det", (_M23,)), ("solve", (_M22, _V3)),
    ("solve", (0 * _M22, _V3[:2])),
    ("inv", (np.zeros((2, 2)),)), ("inv", (_NOT_FINITE,)), ("cholesky", (-np.eye(3),)), ("qr", (_M23,)),
    ("lstsq", (_M23, _V3)), ("lstsq", (0 * _M22, _V3[:2])), ("lstsq", (_M23.T, _V4)), ("solve_triangular", (_M22, _V3)),
    ("solve_triangular", (_M22, _V3[:2], 2.0)), ("cofactor_along", (_M22, np.eye(3))), ("eigh", (_NOT_FINITE,)),
    ("svd", (_V3,)), ("tile", (_V3, -1.0)), ("sum_tiles", (_V3, _V3[:2])), ("blocks", (_M23, 2.0, 2.0)),
    ("blocks", (_V3, 1.0, 1.0)), ("take", (_V3, 3.0)), ("take", (_M23, 0.0)), ("sum_at", (_V3, _V4, _V4)),
    ("sum_at", (_V3, _V3, _V3[:2])), ("cross", (_V3, _V4)), ("kron", (1.0, _V3)), ("polyval", (1.0, 2.0)),
    ("polyval", (np.zeros(0), 2.0)), ("vander", (_M23, 2.0)), ("interp", (1.0, _V3, _V4)), ("shares", (_M23,)),
    ("interp", (1.0, _V3[::-1], _V3)), ("searchsorted", (_V3[::-1], 1.0)), ("over_differences", (1.0,)),
)  # fmt: skip


def _refused() -> Iterator[Case]:
    for name, operands in _REFUSED:
        yield ARRAYS[name], operands
    for name, axis in (("sum", 2), ("max", 1), ("sort", -2), ("softmax", 10**9), ("cumsum", 3), ("roll", 1)):
        yield along(name, axis), (_V3, 1.0)[: 2 if name == "roll" else 1]
    for text in ("ij,jk", "i,jk", "ij", "i,i", "i", "i,j,k,l->i", "i,2", "i->j", "i,j->ii", "ijk", "i,->k,l"):
        yield einsum(text), (_V3, _V4)
    for pattern, operands in (
        (".", (_V3, 3.0)), (".", (_V3, -4.0)), (".", (_V3, 0.5)), (".", (_V3, math.nan)), (".", (1.0, 0.0)),
        (".", (_V3, _V3)), (".,.", (_V3, 0.0, 0.0)), ("::.", (_V3, 0.0)), (".:", (_V3, 0.5)), (".", (np.zeros(0), 0.0)),
    ):  # fmt: skip
        yield element(pattern), operands
        yield updated(pattern), (operands[0], 1.0, *operands[1:])
    yield updated("."), (_V3, _V3, 1.0)
    yield updated(".:"), (_V3, _V3, 1.0)


def test_what_does_not_fit_is_refused_with_the_same_words() -> None:
    cases = list(_refused())
    wrong = []
    for (row, operands), found in zip(cases, _by_kernels(cases), strict=True):
        with pytest.raises(Refused) as refused:
            row.function(*operands)
        expected = {"message": str(refused.value), "code": refused.value.code, "remedy": refused.value.remedy}
        if found != expected:
            wrong.append((row.name, found, expected))
    assert not wrong, wrong[:8]


def test_elements_are_repeated_and_summed_as_numpy_does() -> None:
    shapes: list[tuple[int, ...]] = [(), (1,), (3,), (1, 1), (1, 3), (4, 1), (4, 3), (0,), (4, 0)]
    draw = np.random.default_rng(5).normal
    arrays = [_operand(np.array(draw(size=shape))) if shape else 0.25 for shape in shapes]
    fits = [(a, b) for a, b in itertools.product(range(len(shapes)), repeat=2) if _fit(shapes[a], shapes[b])]
    source = """
        import { NDArray, added, allFinite, asNested, eachElement, fitted, shapeOf } from './arrays.mjs';
        const value = ([shape, data]) => (shape.length ? new NDArray(shape, Float64Array.from(data)) : data[0]);
        const shown = (result) => ({ shape: shapeOf(result), value: asNested(result) });
        const arrays = DATA.arrays.map(value);
        tell(DATA.fits.map(([a, b]) => [arrays[a], arrays[b]]).map(([a, b]) => ({
          sum: shown(added(a, b)), fma: shown(eachElement((x, y, z) => x * y + z, a, b, 2)),
          fitted: shown(fitted(added(a, b), shapeOf(a))), finite: allFinite(eachElement((x, y) => x / y, a, b)),
          negative: shown(eachElement((x) => -x, a)),
        })));
    """
    written = [[np.shape(array), np.ravel(array).tolist()] for array in arrays]
    for (a, b), found in zip(fits, run_node(source, {"arrays": written, "fits": fits}), strict=True):
        one, other = arrays[a], arrays[b]
        assert _array_off(found["sum"], one + other) == 0
        assert _array_off(found["fma"], one * other + 2) < 1e-15
        assert _array_off(found["fitted"], fitted(one + other, np.shape(one))) < 1e-15
        assert _array_off(found["negative"], -one) == 0
        assert found["finite"] is True


def _fit(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    try:
        np.broadcast_shapes(one, other)
    except ValueError:
        return False
    return True

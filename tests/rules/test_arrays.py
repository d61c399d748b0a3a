"""Every operation on arrays, by standing in the table: values and derivatives against 50 digits."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest

import adcli
from adcli.derive.modes import SecondMode, adjoints_of, gradient, hessian_product
from adcli.rules.along import ALONG, along, length
from adcli.rules.compile import RAISED, ieee_value
from adcli.rules.functions import precise_function
from adcli.rules.local import contribution, partial, tangent_term
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.readings import sums
from adcli.rules.readings.values import fitted
from adcli.rules.shapes import Refused
from adcli.rules.subscripts import element, updated
from adcli.rules.table import ARRAYS, CONDITIONS, MULTIPLICATION, PRIMITIVES
from adcli.syntax.source import Source, Span
from adcli.tape.domains import push_forward
from adcli.tape.record import record_derivative
from adcli.tape.tape import Tape

from ..conftest import together
from .test_primitives import DISCRETE, EDGES

NO_PLACE = Span(0, 0)


def as_value(given: Any) -> Any:
    return np.array(given, dtype=float) if isinstance(given, (list, np.ndarray)) else float(given)


class Case:
    """An operation at a point; `name` is what pytest calls it."""

    def __init__(self, row: ArrayPrimitive, operands: Sequence[Any], name: str) -> None:
        self.row = row
        self.operands = [as_value(operand) for operand in operands]
        self.name = f"{row.name}-{name}"

    @property
    def varied(self) -> list[int]:
        """The operands that the operation has derivatives by."""
        formulas = self.row.pullbacks([np.shape(operand) for operand in self.operands])
        return [position for position, formula in enumerate(formulas) if formula]

    def random(self, seed: int) -> np.random.Generator:
        return np.random.default_rng([seed, *map(ord, self.name)])

    def directions(self, random: np.random.Generator) -> list[Any]:
        """A random direction for each operand; 0 for those that do not vary."""
        shapes = [np.shape(operand) for operand in self.operands]
        return [
            drawn(random, shape) if place in self.varied else np.zeros(shape)[()] for place, shape in enumerate(shapes)
        ]

    def moved(self, *steps: tuple[Any, Sequence[Any]]) -> list[Any]:
        """The operands at 50 digits, so far along some directions."""
        result = []
        for place, operand in enumerate(self.operands):
            point: Any = precise(operand)
            for size, direction in steps:
                if place in self.varied:
                    point = np.asarray(point + size * precise(direction[place]), dtype=object)
            result.append(point)
        return result


def drawn(random: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return as_value(np.round(random.uniform(-2, 2, shape), 6)) if shape else float(round(random.uniform(-2, 2), 6))


def precise(value: Any) -> Any:
    return np.array([mpmath.mpf(float(one)) for one in np.ravel(value)], dtype=object).reshape(np.shape(value))


ALONG_SHAPES = [(1,), (2,), (5,), (1, 1), (3, 1), (1, 4), (4, 3)]
MORE_SHAPES: dict[str, list[tuple[Any, ...]]] = {  # sizes in brackets are drawn, other operands are given
    "matmul": [((1,), (1,)), ((1, 1), (1, 1)), ((3, 1), (1, 4)), ((2, 3), (3, 2)), ((3, 1), (1,)), ((4,), (4, 1))],
    "dot": [((1,), (1,)), ((5,), (5,))],
    "outer": [((1,), (1,)), ((1,), (3,)), ((4,), (2,))],
    "stack": [((),), ((1,),), ((2,), (2,), (2,)), ((), ())],
    "transpose": [((),), ((1, 1),), ((4, 1),)],
    "expand": [((), (2, 3)), ((2, 1), (2, 3)), ((1, 3), (2, 3)), ((1,), (4,)), ((1, 1), (2, 3)), ((), ())],
    "sum_to": [((2, 3), (2, 1)), ((2, 3), (1, 3)), ((2, 3), (1, 1)), ((2, 3), 1.0), ((4,), (1,)), ((), ())],
    "select": [
        ([1.0, 0.0, 1.0], (2, 3), ()), ([[1.0], [0.0]], (1, 3), (2, 1)), (1.0, (), ()), (0.0, (2,), ()),
        ([[0.0, 1.0]], (2, 1), (2,)),
    ],
    "trace": [((1, 1),), ((3, 3),), ((2, 4),), ((4, 2),)],
    "diag": [((1,),), ((1, 1),), ((4, 2),), ((3, 3),)],
    "tril": [((1, 1),), ((2, 4),), ((4, 2),)],
    "triu": [((1, 1),), ((2, 4),), ((4, 2),)],
    "copyltu": [((1, 1),), ((3, 3),)],
    "reshape": [((6,), 2.0, 3.0), ((2, 3), 6.0), ((4,), 2.0, -1.0), ((4,), -1.0, 1.0), ((), 1.0), ((), 1.0, 1.0)],
    "concat": [((3,),), ((1,), (2,), (3,)), ((1, 2), (3, 2)), ((2, 1),)],
    "zeros": [(1.0,), (0.0,), (1.0, 1.0)],
    "ones": [(1.0,), (0.0,), (1.0, 1.0)],
    "eye": [(1.0,), (3.0, 2.0)],
    "linspace": [((), (), 1.0), ((), (), 2.0), ((), (), 7.0)],
    "tile": [((), 3.0), ((), 1.0, 2.0), ((3,), 1.0), ((3,), 2.0, 2.0), ((2, 3), 2.0), ((1, 1), 2.0, 1.0)],
    "sum_tiles": [((), ()), ((4,), ()), ((4,), (4,)), ((6,), (2,)), ((2, 6), (3,)), ((4, 6), (2, 3)), ((2, 3), (1, 3))],
    "blocks": [((1, 1), 1.0, 1.0), ((2, 3), 1.0, 3.0), ((4, 6), 2.0, 3.0), ((4, 6), 4.0, 1.0)],
    "take": [((3,), 2.0), ((3,), [0.0, 0.0]), ((2,), [[1.0, 0.0, 1.0]])],
    "sum_at": [((), 2.0, (3,)), ((2,), [0.0, 0.0], (3,)), ((1, 3), [[1.0, 0.0, 1.0]], (2,))],
    "cross": [((3,), (3,))],
    "kron": [((2,), (3,)), ((1,), (1,)), ((2, 3), (3, 2)), ((2, 3), (2,)), ((2,), (3, 2)), ((1, 2), (2, 1))],
    "polyval": [((1,), ()), ((4,), ()), ((1,), (2,)), ((2,), (3,)), ((4,), (3, 2)), ((3,), (1, 1))],
    "vander": [((), 1.0), ((), 4.0), ((3,), 1.0), ((3,), 2.0), ((1,), 5.0)],
    "interp": [
        ((), [0.0], (1,)), ((3,), [0.7], (1,)), ((2, 3), [-1.3, 0.2, 0.9], (3,)), ((5,), [-0.4, 0.6], (2,)),
        ((), [-3.0, 3.0], (2,)),
    ],
    "searchsorted": [([0.0, 1.0, 1.0], (4,)), ([0.1], ()), ([-0.4, 0.6], (2, 3))],
    "roll": [((1,), 3.0), ((5,), 2.0), ((4, 3), -1.0), ((2, 1), 0.0), ((1, 4), 7.0)],
    "det": [((1, 1),), ((2, 2),), ((4, 4),)],
    "cofactor": [((1, 1),), ((2, 2),), ((4, 4),)],
    "cofactor_along": [((size, size), (size, size)) for size in (1, 2, 3, 4, 5)],
    "logdet": [((1, 1),), ((2, 2),), ((4, 4),)],
    "inv": [((1, 1),), ((2, 2),), ((4, 4),)],
    "solve": [((1, 1), (1,)), ((2, 2), (2, 1)), ((3, 3), (3,)), ((3, 3), (3, 4)), ((1, 1), (1, 1))],
    "solve_triangular": [((1, 1), (1,)), ((3, 3), (3, 2)), ((3, 3), (3,), 1.0), ((2, 2), (2, 4), 0.0)],
    "pinv": [((1, 1),), ((3, 1),), ((1, 3),), ((2, 2),), ((4, 3),), ((2, 4),)],
    "over_differences": [((1,),), ((4,),)],
    "shares": [((1,),), ((4,),), ([1.0, 1.0, 2.0, 2.0],)],
    "eigvalsh": [((1, 1),), ((2, 2),), ((4, 4),)],
    "eigh": [((1, 1),), ((2, 2),), ((4, 4),)],
    "svd": [((1, 1),), ((3, 1),), ((1, 3),), ((3, 3),), ((4, 2),), ((2, 4),)],
    "size_of": [((3,),), ((2, 3),), ([[0.0, 0.0]],), ([-3e-300],)],
    "matrix_power": [((1, 1), 4.0), ((2, 2), 1.0), ((3, 3), 7.0), ((3, 3), -3.0), ((2, 2), -1.0)],
    "matrix_power_along": [((2, 2), (2, 2), 1.0), ((3, 3), (3, 3), 5.0), ((2, 2), (2, 2), -1.0)],
    "expm": [((1, 1),), ((2, 2),), ((3, 3),)],
    "expm_along": [((1, 1), (1, 1)), ((2, 2), (2, 2))],
    "cholesky": [((1, 1),), ((2, 2),), ((4, 4),)],
    "qr": [((1, 1),), ((3, 1),), ((2, 2),), ((4, 3),)],
    "lstsq": [((1, 1), (1,)), ((3, 1), (3,)), ((4, 3), (4,)), ((4, 2), (4, 3)), ((2, 2), (2,))],
}  # fmt: skip

# pattern, the shape of the array, the bounds, and for an update the shape of what is put there
PATTERNS: list[tuple[str, tuple[int, ...], tuple[float, ...], tuple[int, ...]]] = [
    (".", (4,), (1,), ()),
    (".", (4,), (-1,), ()),
    (".", (1,), (0,), ()),
    (".", (3, 4), (2,), (4,)),
    (".", (3, 4), (-2,), ()),
    (".", (3, 4), (0,), (1,)),
    (":", (4,), (), (4,)),
    (":.", (5,), (3,), (3,)),
    (":.", (5,), (-2,), ()),
    (".:", (5,), (2,), (1,)),
    (".:", (5,), (7,), ()),
    (".:.", (5,), (1, 4), (3,)),
    (".:.", (5,), (2, 2), ()),
    ("::.", (5,), (2,), (3,)),
    ("::.", (5,), (-1,), (5,)),
    (".::.", (5,), (1, 2), ()),
    (".:.:.", (6,), (4, 0, -2), (2,)),
    (":.", (3, 4), (2,), (4,)),
    ("::.", (3, 4), (-1,), (3, 1)),
    (".,.", (3, 4), (1, -1), ()),
    (".,:", (3, 4), (1,), (4,)),
    (":,.", (3, 4), (2,), (3,)),
    (":,.", (3, 4), (2,), ()),
    (":,:", (3, 4), (), (4,)),
    (".:,:.", (3, 4), (1, 2), (2, 2)),
    (".:,:.", (3, 4), (1, 2), (2, 1)),
    (":,::.", (3, 4), (-1,), (3, 4)),
    (".,.:.", (3, 4), (0, 1, 3), (2,)),
]


def cases() -> Iterator[Case]:
    for row in ARRAYS.values():
        assert isinstance(row, ArrayPrimitive)
        yield from cases_of(row)
    for name, axis in itertools.product(ALONG, (0, 1, -1)):
        yield from cases_of(along(name, axis))
    yield from cases_of(length(1))
    for pattern, shape, bounds, part in PATTERNS:
        for row, shapes in ((element(pattern), (shape,)), (updated(pattern), (shape, part))):
            random = np.random.default_rng(len(pattern))
            operands = [drawn(random, one) for one in shapes]
            yield Case(row, [*operands, *bounds], f"{shape}{bounds}{part}")


# whose operands are not drawn at will
_WITH_SIZES = {"zeros", "ones", "eye", "linspace", "reshape", "select", "roll", "solve_triangular", "tile", "blocks"}
_WITH_SIZES |= {"sum_tiles", "take", "sum_at", "vander", "interp", "searchsorted"}


def cases_of(row: ArrayPrimitive) -> Iterator[Case]:
    """The samples of a row; others of the same and of further shapes, drawn."""
    name, _, axis = row.name.partition(" axis=")
    for number, sample in enumerate(row.samples):
        yield Case(row, sample, f"sample{number}")
        if name not in _WITH_SIZES and "power" not in name:
            yield from _drawn_case(row, [np.shape(as_value(operand)) for operand in sample], f"as-sample{number}")
    further: list[Any] = MORE_SHAPES[name] if name in MORE_SHAPES else [(shape,) * row.arity for shape in ALONG_SHAPES]
    for number, shapes in enumerate(further):
        rank = len(shapes[0]) if isinstance(shapes[0], tuple) else 0
        if not (axis and int(axis) >= rank) and not (row.name in ("cumsum", "cumprod") and rank == 2):
            yield from _drawn_case(row, shapes, f"{number}-{shapes}")


def _drawn_case(row: ArrayPrimitive, shapes: Sequence[Any], name: str) -> Iterator[Case]:
    random = np.random.default_rng([7, *map(ord, row.name + name)])
    operands = [drawn(random, shape) if isinstance(shape, tuple) else as_value(shape) for shape in shapes]
    if row.name in (
        "logdet",
        "inv",
        "solve",
        "lstsq",
        "qr",
        "cofactor",
        "pinv",
        "solve_triangular",
    ):  # well away from a singular matrix
        operands[0] = operands[0] + 3 * np.eye(*operands[0].shape) * np.array([1, -1] * 9)[: operands[0].shape[1]]
    elif row.name == "cholesky":
        operands[0] = operands[0] @ operands[0].T + np.eye(len(operands[0])) + 0.1 * np.triu(operands[0])
    yield Case(row, operands, name.replace(" ", ""))


CASES = list(cases())
SMOOTH = [case for case in CASES if case.varied]
every_case = together("case", CASES, by=lambda case: case.row.name)


@pytest.fixture(autouse=True)
def precision() -> Any:
    with mpmath.workdps(50), np.errstate(all="ignore"):
        yield


def close(found: Any, wanted: Any, tolerance: float) -> None:
    """The same shape, and the same numbers relative to the largest one, or to 1."""
    wanted = np.array([float(one) for one in np.ravel(wanted)]).reshape(np.shape(wanted))
    assert np.shape(found) == wanted.shape
    size = max(1.0, float(np.max(np.abs(wanted), initial=0.0)))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * size)


def inner(left: Any, right: Any) -> float:
    return float(np.sum(left * right))


class Recorded:
    """A tape with one operation, and `f`: the result times fixed numbers, summed."""

    def __init__(self, row: Primitive, operands: Sequence[Any], weight: Any) -> None:
        self.tape = Tape(Source("t", ""))
        self.tape.arrays = True
        self.names = [f"x{place}" for place in range(len(operands))]
        entries = [self.tape.input(name, one, NO_PLACE) for name, one in zip(self.names, operands, strict=True)]
        self.result = self.apply(row, *entries)
        self.f = self.contracted(self.result, weight)

    def apply(self, row: Primitive, *entries: int) -> int:
        value = row.function(*(self.tape.values[entry] for entry in entries))
        return self.tape.append(row, entries, value, None, NO_PLACE)

    def contracted(self, entry: int, weight: Any) -> int:
        product = self.apply(MULTIPLICATION, entry, self.tape.input(f"w{len(self.tape)}", weight, NO_PLACE))
        return self.apply(along("sum", None), product) if np.shape(weight) else product

    def gradient(self, names: Sequence[str]) -> dict[str, Any]:
        return gradient(self.tape, self.f, names)


def recorded(case: Case) -> tuple[Recorded, list[str]]:
    """The case on a tape, and the names of the operands that vary."""
    weight = drawn(case.random(1), np.shape(case.row.function(*case.operands)))
    record = Recorded(case.row, case.operands, weight)
    return record, [record.names[place] for place in case.varied]


def test_every_row_has_cases() -> None:
    assert {case.row.name for case in CASES} >= set(ARRAYS)
    for name, axis in itertools.product(ALONG, (0, 1, -1)):
        assert sum(case.row is along(name, axis) for case in CASES) >= 4, (name, axis)
    for row in ARRAYS.values():
        assert row.samples
        assert row.summary


@together("case", CASES, by=lambda case: case.row.name[:1])
def test_value_and_shape(case: Case) -> None:
    value = case.row.function(*case.operands)
    assert type(value) is float or (isinstance(value, np.ndarray) and value.shape and value.dtype == float)
    close(value, precise_function(case.row)(*map(precise, case.operands)), 1e-12)
    shapes = [np.shape(operand) for operand in case.operands]
    values = [operand if type(operand) is float else None for operand in case.operands]
    assert case.row.shape(shapes, values) == np.shape(value)
    nothing_known = case.row.shape(shapes, [None] * len(values))  # as before a run
    assert len(nothing_known) == np.ndim(value)
    assert all(one in (None, size) for one, size in zip(nothing_known, np.shape(value), strict=True))


@every_case
def test_first_order(case: Case) -> None:
    """The tangent against high-precision differences; the adjoint against the tangent."""
    record, names = recorded(case)
    tape, random = record.tape, case.random(2)
    if not names:
        assert record.gradient(record.names) == {
            name: pytest.approx(0 * tape.values[tape.inputs[name]]) for name in record.names
        }
        return
    for _ in range(2):
        directions = case.directions(random)
        moving = {tape.inputs[name]: directions[int(name[1:])] for name in names}
        tangent = push_forward(tape, moving)[record.result]
        h = mpmath.mpf(10) ** -15
        ahead, behind = (precise_function(case.row)(*case.moved((step, directions))) for step in (h, -h))
        close(tangent, (ahead - behind) / (2 * h), 1e-11)
        seed = drawn(random, np.shape(tangent))
        adjoints = adjoints_of(tape, {record.result: seed}, names)
        for name in names:
            assert np.shape(adjoints[name]) == np.shape(tape.values[tape.inputs[name]])
        by_reverse = sum(inner(adjoints[name], directions[int(name[1:])]) for name in names)
        assert inner(seed, tangent) == pytest.approx(by_reverse, rel=1e-11, abs=1e-11)


@together("case", CASES, by=lambda case: case.row.name[:1])
def test_each_operand_alone(case: Case) -> None:
    """What one operand receives does not depend on whether the others are asked for, nor does the tangent."""
    record, names = recorded(case)
    tape, at_once, directions = record.tape, record.gradient(names), case.directions(case.random(5))
    moving = {tape.inputs[name]: directions[int(name[1:])] for name in names}
    total: Any = 0.0
    for name in names:
        close(record.gradient([name])[name], at_once[name], 1e-15)
        entry = tape.inputs[name]
        total = total + push_forward(tape, {entry: moving[entry]})[record.result]
    if names:
        close(push_forward(tape, moving)[record.result], total, 1e-13)


def contracted(case: Case, weight: Any, *steps: tuple[Any, Sequence[Any]]) -> Any:
    return np.sum(precise(weight) * precise_function(case.row)(*case.moved(*steps)))


def mixed_difference(case: Case, weight: Any, directions: Sequence[Sequence[Any]]) -> float:
    """The derivative of the contracted operation along several directions, one after the other."""
    with mpmath.workdps(90):
        h = mpmath.mpf(10) ** -15
        total = mpmath.mpf(0)
        for signs in itertools.product((1, -1), repeat=len(directions)):
            steps = [(sign * h, direction) for sign, direction in zip(signs, directions, strict=True)]
            total += math.prod(signs) * contracted(case, weight, *steps)
        return float(total / (2 * h) ** len(directions))


@together("case", SMOOTH, by=lambda case: case.row.name, every=2)
def test_second_order(case: Case) -> None:
    """The three ways to a Hessian product against each other, and against high-precision differences."""
    record, names = recorded(case)
    random, weight = case.random(3), drawn(case.random(1), np.shape(record.tape.values[record.result]))
    directions, others = case.directions(random), case.directions(random)
    direction = {name: directions[int(name[1:])] for name in names}
    products = [hessian_product(record.tape, record.f, direction, names, mode) for mode in SecondMode]
    for name in names:
        assert np.shape(products[0][name]) == np.shape(record.tape.values[record.tape.inputs[name]])
        for product in products[1:]:
            close(product[name], products[0][name], 1e-11)
    found = sum(inner(products[0][name], others[int(name[1:])]) for name in names)
    assert found == pytest.approx(mixed_difference(case, weight, [directions, others]), rel=1e-10, abs=1e-10)


THIRD = ["prod", "qr", "cholesky", "solve", "det", "inv", "logdet", "lstsq", "norm", "logsumexp", "softmax",
         "log_softmax", "matmul"]  # fmt: skip


@together(
    "case",
    [case for case in SMOOTH if case.row.name.split()[0] in THIRD or "." in case.row.name],
    by=lambda case: case.row.name,
)
def test_third_order(case: Case) -> None:
    """Two sweeps on the tape, and one over it."""
    record, names = recorded(case)
    random, weight = case.random(4), drawn(case.random(1), np.shape(record.tape.values[record.result]))
    lines = [case.directions(random) for _ in range(3)]
    place = case.varied[0]  # the first operand alone: the others are covered by the second order
    for line in lines:
        line[:] = [one if number == place else 0 * one for number, one in enumerate(line)]
    entry = record.f
    for line in lines[:2]:
        slope = record_derivative(record.tape, entry, record.tape.inputs[names[0]], NO_PLACE)
        entry = record.contracted(slope, line[place])
    found = inner(gradient(record.tape, entry, names[:1])[names[0]], lines[2][place])
    assert found == pytest.approx(mixed_difference(case, weight, lines), rel=1e-9, abs=1e-9)


def test_pieces_can_be_compared() -> None:
    for case in CASES:
        if case.row.piece is not None:
            value = case.row.function(*case.operands)
            assert hash(case.row.piece(case.operands, value)) == hash(case.row.piece(case.operands, value))


def test_twice_the_adjoint_of_the_result_gives_twice_what_is_received() -> None:
    for case in CASES:
        record, names = recorded(case)
        seed = drawn(case.random(6), np.shape(record.tape.values[record.result]))
        once, twice = (adjoints_of(record.tape, {record.result: factor * seed}, names) for factor in (1.0, 2.0))
        for name in names:
            np.testing.assert_array_equal(twice[name], 2 * once[name], err_msg=case.name)


# Edges


def slopes(row: ArrayPrimitive, operand: Any) -> Any:
    """The gradient of the sum of what the operation gives."""
    value = row.function(as_value(operand))
    record = Recorded(row, [as_value(operand)], np.ones(np.shape(value)) if np.shape(value) else 1.0)
    return record.gradient(["x0"])["x0"]


def curvature(row: ArrayPrimitive, operand: Any) -> Any:
    """The Hessian of the sum of what the operation gives, a row for each element."""
    operand = as_value(operand)
    record = Recorded(row, [operand], np.ones(np.shape(row.function(operand)))[()])
    rows = []
    for place in range(operand.size):
        unit = np.zeros(operand.shape)
        unit.flat[place] = 1
        found = [hessian_product(record.tape, record.f, {"x0": unit}, ["x0"], mode)["x0"] for mode in SecondMode]
        np.testing.assert_allclose(found[1:], [found[0]] * 2, rtol=1e-12, atol=1e-300)
        rows.append(found[0].ravel())
    return np.array(rows)


def _moments(a: Any) -> tuple[Any, Any]:
    """The first and the second derivatives of softmax(a), as moments at 60 digits."""
    with mpmath.workdps(60):
        powers = [mpmath.exp(mpmath.mpf(one)) for one in a]
        p = np.array([power / sum(powers) for power in powers], dtype=object)
        unit = np.array([[mpmath.mpf(i == j) for j in range(len(a))] for i in range(len(a))], dtype=object)
        away = unit - p[:, np.newaxis]  # of the unit vector i, at place j: how far it is above its mean
        second = np.einsum("ik,jk,k->ij", away, away, p)
        third = np.einsum("ik,jk,lk,k->ijl", away, away, away, p)
        return second.astype(float), third.astype(float)


@pytest.mark.parametrize("seed", range(40))
def test_derivatives_of_a_softmax_keep_their_digits_where_one_element_has_nearly_all_of_the_weight(seed: int) -> None:
    random = np.random.default_rng(seed)
    size, spread = int(random.integers(2, 6)), float(10 ** random.uniform(-1, 2.3))
    a = np.round(random.uniform(-1, 1, size) * spread, 3)
    if seed % 3 == 0:
        a[1] = a[0]
    second, third = _moments(a)
    digits = 1e-15 * (10 + 2 * spread)  # the exponential of a number is off by its rounding times its size
    np.testing.assert_allclose(curvature(along("logsumexp", None), a), second, rtol=digits, atol=1e-300)
    softmax = along("softmax", None)
    for place, unit in enumerate(np.eye(size)):
        record = Recorded(softmax, [a], unit)
        np.testing.assert_allclose(record.gradient(["x0"])["x0"], second[place], rtol=digits, atol=1e-300)
        for direction, wanted in zip(np.eye(size), third[place], strict=True):
            for mode in SecondMode:
                found = hessian_product(record.tape, record.f, {"x0": direction}, ["x0"], mode)["x0"]
                np.testing.assert_allclose(found, wanted, rtol=digits, atol=1e-300)


@pytest.mark.parametrize(
    ("name", "axis", "operand", "wanted"),
    [
        ("prod", None, [0.0, 2.0, 3.0], [6.0, 0.0, 0.0]),
        ("prod", None, [2.0, 3.0, 5.0, 0.0, 7.0], [0.0, 0.0, 0.0, 210.0, 0.0]),
        ("prod", None, [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]),
        ("prod", None, [0.0], [1.0]),
        ("prod", None, [[0.0, 2.0], [3.0, 4.0]], [[24.0, 0.0], [0.0, 0.0]]),
        ("prod", 0, [[0.0, 2.0], [3.0, 0.0]], [[3.0, 0.0], [0.0, 2.0]]),
        ("prod", 1, [[0.0, 2.0], [0.0, 0.0]], [[2.0, 0.0], [0.0, 0.0]]),
        ("prod", None, [1e200, 1e200, 1e-300], [1e-100, 1e-100, math.inf]),
        ("norm", None, [0.0, 0.0], [0.0, 0.0]),
        ("norm", None, [[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]),
        ("norm", 0, [0.0, 0.0], [0.0, 0.0]),
        ("norm", 1, [[0.0, 0.0], [3.0, 4.0]], [[0.0, 0.0], [0.6, 0.8]]),
        ("norm", 0, [[0.0, 3.0], [0.0, 4.0]], [[0.0, 0.6], [0.0, 0.8]]),
        ("norm", -1, [[0.0, 0.0], [3.0, 4.0]], [[0.0, 0.0], [0.6, 0.8]]),
        ("norm", None, [3e200, 4e200], [0.6, 0.8]),
        ("norm", None, [3e-200, 4e-200], [0.6, 0.8]),
        ("norm", None, [3e-320, 4e-320], [0.6, 0.8]),
        ("norm", 1, [[3e200, 4e200], [3e-200, 4e-200]], [[0.6, 0.8], [0.6, 0.8]]),
        ("max", None, [1.0, 3.0, 3.0], [0.0, 0.5, 0.5]),
        ("min", None, [1.0, 1.0, 1.0, 3.0], [1 / 3, 1 / 3, 1 / 3, 0.0]),
        ("max", None, [[1.0, 3.0], [3.0, 3.0]], [[0.0, 1 / 3], [1 / 3, 1 / 3]]),
        ("max", 0, [[1.0, 3.0], [1.0, 2.0]], [[0.5, 1.0], [0.5, 0.0]]),
        ("min", 1, [[1.0, 3.0], [2.0, 2.0]], [[1.0, 0.0], [0.5, 0.5]]),
        ("max", -1, [[3.0, 3.0]], [[0.5, 0.5]]),
        ("max", None, [0.0, -0.0], [0.5, 0.5]),
        ("max", None, [-math.inf, 1.0], [0.0, 1.0]),
        ("max", None, [math.inf, math.inf], [0.5, 0.5]),
        ("logsumexp", None, [0.0, 1e3, -1e3], [0.0, 1.0, 0.0]),
        ("logsumexp", None, [1e4, 1e4], [0.5, 0.5]),
        ("logsumexp", None, [-1e4, -1e4], [0.5, 0.5]),
        ("logsumexp", None, [-math.inf, 2.0], [0.0, 1.0]),
        ("logsumexp", None, [-1e308, 1e308], [0.0, 1.0]),
        ("logsumexp", 1, [[-math.inf, 2.0], [1e4, 1e4]], [[0.0, 1.0], [0.5, 0.5]]),
        ("softmax", None, [0.0, 1e3, -1e3], [0.0, 0.0, 0.0]),
        ("softmax", None, [-1e308, 1e308], [0.0, 0.0]),
        ("mean", None, [5.0], [1.0]),
    ],
)  # fmt: skip
def test_slopes_at_edges(name: str, axis: int | None, operand: Any, wanted: Any) -> None:
    np.testing.assert_allclose(slopes(along(name, axis), operand), wanted, rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "axis", "operand", "wanted"),
    [
        ("norm", None, [3e200, 4e200], 5e200),
        ("norm", None, [3e-200, 4e-200], 5e-200),
        ("norm", None, [5e-324], 5e-324),
        ("norm", None, [1.7e308], 1.7e308),
        ("norm", 0, [[3e200, 0.0], [4e200, 0.0]], [5e200, 0.0]),
        ("norm", None, [math.inf, 1.0], math.inf),
        ("norm", None, [-math.inf, 1.0], math.inf),
        ("norm", None, [math.nan, 1.0], math.nan),
        ("norm", 1, [[math.inf, 1.0], [3.0, 4.0]], [math.inf, 5.0]),
        ("logsumexp", None, [1e4, 1e4], 1e4 + math.log(2)),
        ("logsumexp", None, [-1e4, -1e4], -1e4 + math.log(2)),
        ("logsumexp", None, [-math.inf, -math.inf], -math.inf),
        ("logsumexp", None, [math.inf, 1.0], math.inf),
        ("logsumexp", 1, [[-math.inf, -math.inf], [0.0, 0.0]], [-math.inf, math.log(2)]),
        ("softmax", None, [0.0, 1e3, -1e3], [0.0, 1.0, 0.0]),
        ("softmax", None, [-math.inf, 0.0, 0.0], [0.0, 0.5, 0.5]),
        ("softmax", None, [1e4, 1e4], [0.5, 0.5]),
        ("softmax", 0, [[1e4, -1e308], [-1e4, 1e308]], [[1.0, 0.0], [0.0, 1.0]]),
        ("log_softmax", None, [0.0, 50.0], [-50.0, -math.exp(-50)]),
        ("log_softmax", None, [1e4, 1e4], [-math.log(2), -math.log(2)]),
        ("log_softmax", 1, [[0.0, 1e3], [-math.inf, 5.0]], [[-1e3, 0.0], [-math.inf, 0.0]]),
        ("max", None, [math.nan, 1.0], math.nan),
        ("min", None, [1.0, math.nan], math.nan),
    ],
)  # fmt: skip
def test_values_at_edges(name: str, axis: int | None, operand: Any, wanted: Any) -> None:
    np.testing.assert_allclose(along(name, axis).function(as_value(operand)), wanted, rtol=4e-16)


@pytest.mark.parametrize(
    ("name", "axis", "operand", "wanted"),
    [
        ("prod", None, [0.0, 2.0, 3.0], [[0, 3, 2], [3, 0, 0], [2, 0, 0]]),
        ("prod", None, [0.0, 0.0, 3.0], [[0, 3, 0], [3, 0, 0], [0, 0, 0]]),
        ("prod", None, [0.0, 0.0, 0.0], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        ("prod", None, [0.0, 0.0], [[0, 1], [1, 0]]),
        ("prod", 1, [[0.0, 0.0], [0.0, 2.0]], [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]),
        ("prod", None, [5.0], [[0]]),
        ("max", None, [1.0, 3.0, 3.0], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        ("sum", None, [5.0], [[0]]),
        ("norm", None, [3.0, 4.0], [[16 / 125, -12 / 125], [-12 / 125, 9 / 125]]),
        ("norm", None, [3e200, 4e200], [[16e-200 / 125, -12e-200 / 125], [-12e-200 / 125, 9e-200 / 125]]),
        ("norm", None, [7.0], [[0]]),
        ("logsumexp", None, [0.0, 1e3], [[0, 0], [0, 0]]),
        ("logsumexp", None, [1e4, 1e4], [[0.25, -0.25], [-0.25, 0.25]]),
        ("logsumexp", None, [-math.inf, 2.0], [[0, 0], [0, 0]]),
        ("softmax", None, [0.0, 1e3], [[0, 0], [0, 0]]),
    ],
)  # fmt: skip
def test_curvatures_at_edges(name: str, axis: int | None, operand: Any, wanted: Any) -> None:
    sizes = np.max(np.abs(wanted))
    np.testing.assert_allclose(curvature(along(name, axis), operand), wanted, rtol=1e-13, atol=1e-15 * sizes)


def test_rows_of_zeros_have_no_curvature_along_others() -> None:
    """A row of zeros may spoil its own second derivatives, but not those of other rows."""
    found = curvature(along("norm", 1), [[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(found[2:, 2:], [[16 / 125, -12 / 125], [-12 / 125, 9 / 125]], rtol=1e-13)
    np.testing.assert_array_equal(found[2:, :2], 0)


def test_empty_arrays() -> None:
    empty, wide = np.zeros(0), np.zeros((0, 3))
    assert along("sum", None).function(empty) == 0
    assert along("prod", None).function(empty) == 1
    assert along("norm", None).function(empty) == 0
    assert along("logsumexp", None).function(empty) == -math.inf
    np.testing.assert_array_equal(along("sum", 0).function(wide), np.zeros(3))
    np.testing.assert_array_equal(along("prod", 0).function(wide), np.ones(3))
    np.testing.assert_array_equal(along("norm", 0).function(wide), np.zeros(3))
    for name in ("sum", "prod", "norm", "logsumexp", "cumsum", "softmax"):
        assert slopes(along(name, None), empty).shape == (0,), name
        assert slopes(along(name, 0), wide).shape == (0, 3), name
    for name in ("mean", "max", "min"):
        with pytest.raises(Refused) as caught:
            along(name, None).function(empty)
        assert caught.value.code == "shape"


@pytest.mark.parametrize(
    ("matrix", "cofactors"),
    [
        ([[1.0, 2.0], [2.0, 4.0]], [[4.0, -2.0], [-2.0, 1.0]]),
        ([[0.0]], [[1.0]]),
        ([[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]),
        ([[0.0, 1.0], [1.0, 0.0]], [[0.0, -1.0], [-1.0, 0.0]]),
        (np.ones((3, 3)), np.zeros((3, 3))),
        ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], [[-3.0, 6.0, -3.0], [6.0, -12, 6.0], [-3.0, 6.0, -3.0]]),
        (np.diag([0.0, 2.0, 3.0]), np.diag([6.0, 0.0, 0.0])),
    ],
)  # fmt: skip
def test_the_slope_of_a_determinant_at_singular_matrices(matrix: Any, cofactors: Any) -> None:
    row = ARRAYS["det"]
    np.testing.assert_allclose(slopes(row, np.array(matrix)), cofactors, rtol=0, atol=1e-13)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["norm(x)", "norm(x - mean(x))^2", "norm(outer(x, x)) + x[0]^2"])
def test_second_derivatives_at_a_norm_of_zero(text: str) -> None:
    """The edge of its rule is a number in a recorded forward sweep, and an array in a reverse one."""
    program = adcli.parse(f"input x[3] = 0\noutput y = {text}")
    for mode in SecondMode:
        assert np.all(np.isfinite(program.hvp(dot={"x": [1, 2, 3]}, mode=mode.value).product["y"]["x"])), mode
    told = [row.verdict.value for row in program.check(order=2).second]
    assert ("nonsmooth" if text == "norm(x)" else "wrong") in told  # where the convention 0 is not the curvature
    assert "dot_y" in adcli.parse(program.tangent(dot={"x": [1, 2, 3]})).evaluate().outputs


@pytest.mark.parametrize("h", [2.0**-9, 2.0**-30, 2.0**-50])
def test_cofactors_that_are_zero_stay_zero(h: float) -> None:
    a = np.array([[1.0, 0.0, 0.0], [h, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert np.array_equal(ARRAYS["cofactor"].function(a), [[1.0, -h, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize("mode", SecondMode, ids=lambda mode: mode.value)
def test_the_second_derivative_of_a_determinant_at_a_singular_matrix(mode: SecondMode) -> None:
    record = Recorded(ARRAYS["det"], [np.array([[1.0, 2.0], [2.0, 4.0]])], 1.0)
    product = hessian_product(record.tape, record.f, {"x0": np.array([[1.0, 2.0], [3.0, 5.0]])}, ["x0"], mode)
    np.testing.assert_array_equal(product["x0"], [[5.0, -3.0], [-2.0, 1.0]])


@pytest.mark.parametrize(
    ("name", "operands", "fragment"),
    [
        ("inv", ([[1.0, 2.0], [2.0, 4.0]],), "2 × 2 matrix"),
        ("inv", ([[0.0]],), "infinite"),
        ("inv", ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]],), "singular"),
        ("solve", ([[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0]), "singular"),
        ("solve", ([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], [1.0, 0.0, 0.0]), "singular"),
        ("lstsq", ([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]], [1.0, 1.0, 2.0]), "singular"),
        ("cholesky", ([[1.0, 2.0], [2.0, 1.0]],), "-1"),
        ("cholesky", ([[0.0]],), "positive definite"),
    ],
)  # fmt: skip
def test_singular_matrices(name: str, operands: Any, fragment: str) -> None:
    with pytest.raises(Refused) as caught:
        ARRAYS[name].function(*map(as_value, operands))
    assert caught.value.code == "singular"
    assert fragment in str(caught.value)


@pytest.mark.parametrize("name", ["inv", "solve", "cofactor", "cholesky", "qr", "lstsq"])
def test_matrices_that_are_not_finite(name: str) -> None:
    for bad in (math.nan, math.inf):
        with pytest.raises(Refused) as caught:
            ARRAYS[name].function(np.array([[1.0, bad], [0.0, 1.0]]), *[np.ones(2)] * (ARRAYS[name].arity - 1))
        assert caught.value.code == "not-finite"


@pytest.mark.parametrize("name", ["det", "logdet", "qr", "inv", "solve", "cholesky", "lstsq", "cofactor"])
@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_the_scale_of_a_matrix_does_not_make_it_singular(name: str, scale: float) -> None:
    matrix = scale * np.array([[4.0, 1.0], [1.0, 3.0]])
    operands = [matrix, np.array([1.0, 2.0])][: ARRAYS[name].arity]
    close(ARRAYS[name].function(*operands), precise_function(ARRAYS[name])(*map(precise, operands)), 1e-13)


@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=2)))
def test_the_triangle_of_a_qr_has_a_positive_diagonal(signs: tuple[int, int]) -> None:
    matrix = np.array([[4.0, 1.0], [0.5, -3.0], [1.0, 2.0]]) * signs
    value = ARRAYS["qr"].function(matrix)
    assert (np.diag(value[3:]) > 0).all()
    np.testing.assert_array_equal(value[4, 0], 0)
    np.testing.assert_allclose(value[:3] @ value[3:], matrix, rtol=1e-14)
    np.testing.assert_allclose(value[:3].T @ value[:3], np.eye(2), atol=1e-15)


def test_a_cholesky_factor_reads_the_symmetric_part() -> None:
    """The entries above and below the diagonal count the same: so do their derivatives."""
    found = slopes(ARRAYS["cholesky"], [[4.0, 1.0], [0.0, 3.0]])  # type: ignore[arg-type]
    assert found[0, 1] == found[1, 0]
    np.testing.assert_allclose(ARRAYS["cholesky"].function(as_value([[4.0, 1.0], [0.0, 3.0]]))[1, 0], 0.25)


def test_nothing_that_is_given_is_changed() -> None:
    """Neither a value nor a derivative writes into its operands, nor into other entries of the tape."""
    for case in CASES:
        before = [np.array(operand) for operand in case.operands]
        record, names = recorded(case)
        seed = np.ones(np.shape(record.tape.values[record.result]))[()]
        seed = seed if np.shape(seed) else 1.0
        values = [np.array(value) for value in record.tape.values]
        adjoints_of(record.tape, {record.result: seed}, names)
        push_forward(
            record.tape, {record.tape.inputs[name]: record.tape.values[record.tape.inputs[name]] for name in names}
        )
        for now, then in zip((*case.operands, *record.tape.values), (*before, *values), strict=True):
            np.testing.assert_array_equal(now, then)
        np.testing.assert_array_equal(seed, np.ones(np.shape(seed)))


# Element by element

ELEMENTWISE = [*PRIMITIVES.values(), *CONDITIONS.values()]
every_row = together("row", ELEMENTWISE, by=lambda row: row.name[:1])
SPECIALS = [0.0, -0.0, 1.0, -1.0, 0.5, math.inf, -math.inf, math.nan, 5e-324, 1.7e308, -1.7e308, -3.0, 2.5, 3.0]


def with_slopes(row: Primitive) -> list[int]:
    """The positions of the operands along which there is a derivative."""
    return [position for position in range(row.arity) if position not in DISCRETE.get(row.name, ())]


def specials(row: Primitive) -> Iterable[tuple[float, ...]]:
    return itertools.product(SPECIALS if row.arity < 3 else SPECIALS[2:9:2], repeat=row.arity)


def points_of(row: Primitive) -> list[tuple[float, ...]]:
    count = row.arity
    return [point for point in (*row.samples, *EDGES.get(row.name, [])) if len(point) == count]


def columns(points: Sequence[tuple[float, ...]]) -> list[Any]:
    return [np.array(column) for column in zip(*points, strict=True)]


def scalar_value(row: Primitive, point: Sequence[float]) -> float:
    """As a program without arrays has it."""
    try:
        return row.value(*point)
    except RAISED:
        return ieee_value(row, point)


def scalar_partial(row: Primitive, position: int, point: Sequence[float]) -> float:
    return 0.0 if row.name in CONDITIONS else partial(row, position, point, scalar_value(row, point))


def few_ulp(found: Any, wanted: Any, ulps: float, label: object = "") -> None:
    found, wanted = np.broadcast_arrays(found, wanted)
    for one, other in zip(found.ravel().tolist(), wanted.ravel().tolist(), strict=True):
        same = one == other or (math.isnan(one) and math.isnan(other))
        assert same or abs(one - other) <= ulps * math.ulp(other), (label, one, other)


@every_row
def test_elementwise_values(row: Primitive) -> None:
    points = points_of(row)
    value = row.function(*columns(points))
    assert value.shape == (len(points),)
    few_ulp(value, [scalar_value(row, point) for point in points], 4)


@every_row
def test_elementwise_values_of_specials(row: Primitive) -> None:
    """Infinities, NaN, zeros and extremes give what the same numbers give alone."""
    for point in specials(row):
        value = row.function(*(np.array([[number]]) for number in point))
        assert value.shape == (1, 1)
        few_ulp(value, scalar_value(row, point), 4, point)


@every_row
def test_elementwise_partials_of_specials(row: Primitive) -> None:
    for point in specials(row):
        operands = [np.array([number]) for number in point]
        for position in with_slopes(row):
            found = contribution(row, position, 1.0, row.function(*operands), operands)
            wanted = scalar_partial(row, position, point)
            if math.isfinite(wanted):  # elsewhere there are several answers that are as good
                few_ulp(found, wanted, 16, (point, position))


@every_row
def test_elementwise_partials_of_numbers_among_arrays(row: Primitive) -> None:
    """On a tape with arrays numbers have the partials that they have on a tape of numbers, and raise nothing."""
    for point in specials(row):
        value = scalar_value(row, point)
        for position in with_slopes(row):
            found = contribution(row, position, 1.0, value, point)
            assert type(found) is float
            few_ulp(found, scalar_partial(row, position, point), 0, (point, position))
            moved = tangent_term(row, position, 1.0, value, point)
            assert type(moved) is float
            few_ulp(moved, scalar_partial(row, position, point), 0, (point, position))


@every_row
def test_elementwise_contributions(row: Primitive) -> None:
    points = points_of(row)
    operands = columns(points)
    v, g = row.function(*operands), np.linspace(-1.5, 2, len(points))
    for position in with_slopes(row):
        received = contribution(row, position, g, v, operands)
        wanted = [scalar_partial(row, position, point) * one for point, one in zip(points, g, strict=True)]
        few_ulp(np.broadcast_to(received, g.shape), wanted, 8, position)


@pytest.mark.parametrize("name", ["max", "min", "is_max", "is_min"])
def test_three_operands(name: str) -> None:
    row, points = (
        PRIMITIVES[name],
        [(2.0, 7.0, 1.0), (2.0, 2.0, 1.0), (3.0, 3.0, 3.0), (-1.0, 0.0, 0.0), (1.0, math.nan, 2.0)],
    )
    operands = columns(points)
    v = row.function(*operands)
    few_ulp(v, [ieee_value(row, point) for point in points], 0)
    for position in range(3):
        few_ulp(
            np.broadcast_to(contribution(row, position, 1.0, v, operands), v.shape),
            [scalar_partial(row, position, point) for point in points], 0,
        )  # fmt: skip


BROADCAST = {
    "number-vector": lambda a, b: (float(a[0]), b),
    "vector-number": lambda a, b: (a, float(b[0])),
    "vector-matrix": lambda a, b: (a, np.array([b, b[::-1]])),
    "matrix-vector": lambda a, b: (np.array([a, a[::-1]]), b),
    "column-row": lambda a, b: (a[:, None], b[None, :]),
    "column-vector": lambda a, b: (a[:, None], b),
    "one-vector": lambda a, b: (a[:1], b),
    "number-matrix": lambda a, b: (float(a[0]), b[:, None] + 0 * b),
}
Spread = Callable[[Any, Any], tuple[Any, Any]]


@together(
    "row spread",
    itertools.product([row for row in ELEMENTWISE if row.arity == 2], BROADCAST.values()),
    by=lambda row, _: row.name,
)
def test_broadcasting(row: Primitive, spread: Spread) -> None:
    """Values, adjoints and tangents are those of loops over the elements; the adjoint has the operand's shape."""
    points = (row.samples * 3)[:3]
    operands = spread(*columns([point[:2] for point in points]))
    shape = np.broadcast_shapes(*map(np.shape, operands))
    weight = np.round(np.random.default_rng(1).uniform(-2, 2, shape), 3)
    record = Recorded(row, operands, weight)
    value = record.tape.values[record.result]
    assert value.shape == shape
    grids = [np.broadcast_to(operand, shape) for operand in operands]
    places = list(np.ndindex(*shape))
    at = {place: tuple(float(grid[place]) for grid in grids) for place in places}
    few_ulp(value, np.array([scalar_value(row, at[place]) for place in places]).reshape(shape), 4)
    for position, name in enumerate(record.names):
        if position in DISCRETE[row.name]:
            continue
        partials = np.array([scalar_partial(row, position, at[place]) for place in places]).reshape(shape)
        received = record.gradient([name])[name]
        wanted = np.zeros(np.shape(operands[position]))
        owner = np.broadcast_to(np.arange(wanted.size).reshape(wanted.shape), shape)
        for place in places:
            wanted.flat[owner[place]] += partials[place] * weight[place]
        assert np.shape(received) == np.shape(operands[position])
        np.testing.assert_allclose(received, wanted, rtol=1e-13, atol=1e-14 * np.max(np.abs(partials)))
        direction = np.round(np.random.default_rng(2).uniform(-2, 2, wanted.shape), 3)[()]
        tangent = push_forward(record.tape, {record.tape.inputs[name]: direction if wanted.shape else float(direction)})
        np.testing.assert_allclose(
            np.broadcast_to(tangent[record.result], shape), partials * np.broadcast_to(direction, shape), rtol=1e-13
        )


@pytest.mark.parametrize(
    "row", [row for row in PRIMITIVES.values() if not DISCRETE[row.name]], ids=lambda row: row.name
)
def test_elementwise_second_order(row: Primitive) -> None:
    """The Hessian of a sum over elements is that of each element alone, in all three modes."""
    points = [point for point in row.samples if len(point) == row.arity]
    operands = columns(points)
    weight = np.linspace(0.5, 1.5, len(points))
    record = Recorded(row, operands, weight)
    steps = np.random.default_rng(3).uniform(0.5, 2, (row.arity, len(points)))
    direction = dict(zip(record.names, steps, strict=True))
    for mode in SecondMode:
        found = hessian_product(record.tape, record.f, direction, record.names, mode)
        for place, point in enumerate(points):
            alone = one_element(row, point)
            step = {name: float(steps[number, place]) for number, name in enumerate(record.names)}
            wanted = hessian_product(alone, alone.bindings["f"], step, record.names, mode)
            for name in record.names:
                size = max(abs(scalar_partial(row, other, point)) for other in range(len(point)))  # which may cancel
                assert found[name][place] == pytest.approx(weight[place] * wanted[name], rel=1e-13, abs=1e-14 * size)


def one_element(row: Primitive, point: Sequence[float]) -> Tape:
    tape = Tape(Source("t", ""))
    entries = tuple(tape.input(f"x{place}", number, NO_PLACE) for place, number in enumerate(point))
    tape.bindings["f"] = tape.append(row, entries, ieee_value(row, point), None, NO_PLACE)
    return tape


@cache
def _square() -> Any:
    return np.array([[2.0, 1.0], [0.5, 3.0]])


@pytest.mark.parametrize(
    ("row", "operands", "fragments"),
    [
        (ARRAYS["sum"], (1.0,), ["`sum` takes a vector or a matrix", "a number"]),
        (along("sum", 1), ([1.0, 2.0],), ["axis 1", "a vector of 2"]),
        (along("max", -2), ([1.0, 2.0],), ["axis -2"]),
        (ARRAYS["cumsum"], (_square(),), ["`cumsum` takes a vector", "2 × 2 matrix"]),
        (ARRAYS["matmul"], (1.0, [1.0]), ["multiplies vectors and matrices", "a number and a vector of 1"]),
        (ARRAYS["matmul"], (_square(), [1.0]), ["2 columns meet 1 rows"]),
        (ARRAYS["dot"], ([1.0], [1.0, 2.0]), ["same size", "a vector of 1 and a vector of 2"]),
        (ARRAYS["dot"], (_square(), [1.0, 2.0]), ["two vectors"]),
        (ARRAYS["outer"], (_square(), [1.0, 2.0]), ["two vectors"]),
        (ARRAYS["stack"], (1.0, [1.0]), ["rows of an array are alike"]),
        (ARRAYS["stack"], (_square(), _square()), ["vectors and matrices only"]),
        (ARRAYS["trace"], ([1.0],), ["`trace` takes a matrix"]),
        (ARRAYS["diag"], (1.0,), ["`diag` takes a vector or a matrix"]),
        (ARRAYS["reshape"], ([1.0, 2.0], 3.0), ["a vector of 2 has 2", "3"]),
        (ARRAYS["reshape"], ([1.0, 2.0], 0.5), ["whole number", "0.5"]),
        (ARRAYS["reshape"], ([1.0, 2.0], -1.0, -1.0), ["reshape"]),
        (ARRAYS["concat"], ([1.0], _square()), ["a vector of 1 and a 2 × 2 matrix"]),
        (ARRAYS["concat"], (1.0, 2.0), ["a number"]),
        (ARRAYS["zeros"], (-1.0,), ["whole number", "-1"]),
        (ARRAYS["zeros"], (1e9, 1e9), ["no room"]),
        (ARRAYS["zeros"], ([1.0],), ["a vector of 1"]),
        (ARRAYS["linspace"], (0.0, 1.0, 0.0), ["whole number from 1"]),
        (ARRAYS["linspace"], ([0.0], 1.0, 2.0), ["from a number to a number"]),
        (ARRAYS["det"], ([[1.0, 2.0]],), ["square", "1 × 2"]),
        (ARRAYS["solve"], (_square(), [1.0]), ["as many rows", "a vector of 1"]),
        (ARRAYS["solve"], (_square(), 1.0), ["a number"]),
        (ARRAYS["qr"], ([[1.0, 2.0]],), ["at least as many rows as columns"]),
        (ARRAYS["lstsq"], ([[1.0, 2.0]], [1.0]), ["at least as many rows as columns"]),
        (ARRAYS["select"], ([1.0, 0.0], [1.0, 2.0, 3.0], 1.0), ["do not fit together"]),
        (element("."), ([1.0, 2.0], 2.0), ["no element 2 among 2", ]),
        (element("."), ([1.0, 2.0], -3.0), ["no element -3 among 2", ]),
        (element("."), ([1.0, 2.0], 0.5), ["whole number", "0.5"]),
        (element("."), ([1.0, 2.0], math.nan), ["whole number"]),
        (element("."), ([1.0, 2.0], math.inf), ["whole number"]),
        (element(".,."), ([1.0, 2.0], 0.0, 0.0), ["2 subscripts"]),
        (element("."), (1.0, 0.0), ["a number has no elements"]),
        (element("::."), ([1.0, 2.0], 0.0), ["step", "not 0"]),
        (updated("."), ([1.0, 2.0], [1.0, 2.0], 0.0), ["does not fit"]),
        (updated(":."), ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], 2.0), ["a vector of 3 does not fit into a vector of 2"]),
        (updated("."), (1.0, 1.0, 0.0), ["a number has no elements"]),
        (updated(".,:"), (_square(), [1.0, 2.0, 3.0], 0.0), ["fit"]),
    ],
    ids=lambda value: getattr(value, "name", None) or str(value),
)  # fmt: skip
def test_what_is_refused(row: ArrayPrimitive, operands: Any, fragments: list[str]) -> None:
    """The same words at the run and, where sizes are known, before it."""
    values = [as_value(operand) for operand in operands]
    with pytest.raises(Refused) as caught:
        row.function(*values)
    for fragment in fragments:
        assert fragment in str(caught.value)


def test_what_logsumexp_and_softmax_share_is_forgotten_where_an_array_is_written_to() -> None:
    """A run that forgets writes a sum into the memory of an operand: what was computed of that holds no longer."""
    text = """
input x[3] = [0.3, -0.2, 0.9], s = 0.5
u = 0 * s
for k = 1 to 3 {
    z = [0.1, 0.2, 0.3] * k
    p = logsumexp(z)
    q = z + [k, 0, 1]
    u = u + s * p + dot(softmax(q), x)
}
output y = u
"""
    program = adcli.parse(text)
    full, lean = program.gradient(), program.gradient(difference="none")
    assert full.outputs["y"] == lean.outputs["y"]
    assert np.array_equal(full.gradient["y"]["x"], lean.gradient["y"]["x"])


def test_each_thread_has_a_memory_of_its_own() -> None:
    """One that adds to what another thread is forgetting would bring it back, and with it wrong numbers."""
    a = np.array([0.3, 1.0])
    sums.softmax(a)
    a[0] = 2.0  # without `forget`: what is remembered can be told from what is computed
    elsewhere: list[Any] = []
    thread = threading.Thread(target=lambda: elsewhere.append(sums.softmax(a)))
    thread.start()
    thread.join()
    assert np.array_equal(elsewhere[0], sums.softmax(a.copy()))
    assert not np.array_equal(elsewhere[0], sums.softmax(a))


@pytest.mark.parametrize("shape", [(900, 7), (7, 900), (65, 64)])
@pytest.mark.parametrize("axis", [0, 1])
def test_sums_of_large_matrices(shape: tuple[int, int], axis: int) -> None:
    """They are summed in another way than small ones: as near to the exact sums as so many roundings allow."""
    a = np.random.default_rng(3).normal(size=shape) * 10.0 ** np.arange(shape[1])[::-1].clip(0, 9)
    lines = a if axis == 1 else a.T
    exact, sizes = (np.array([math.fsum(one) for one in each]) for each in (lines, abs(lines)))
    bound = shape[axis] * 2.0**-53 * sizes
    kept = (shape[0], 1) if axis == 1 else (shape[1],)
    assert np.all(abs(fitted(a, kept).ravel() - exact) <= bound)
    small = a / abs(a).max()
    truth = np.array([math.log(math.fsum(map(math.exp, one))) for one in (small if axis == 1 else small.T)])
    assert np.allclose(along("logsumexp", axis).function(small), truth, rtol=1e-14, atol=1e-14)


# 1, GNP, unemployment, forces, population and year, 1947-1962 (Longley, J. Am. Stat. Assoc. 62 (1967) 819; NIST StRD)
LONGLEY = [
    [1, 83.0, 234289, 2356, 1590, 107608, 1947], [1, 88.5, 259426, 2325, 1456, 108632, 1948],
    [1, 88.2, 258054, 3682, 1616, 109773, 1949], [1, 89.5, 284599, 3351, 1650, 110929, 1950],
    [1, 96.2, 328975, 2099, 3099, 112075, 1951], [1, 98.1, 346999, 1932, 3594, 113270, 1952],
    [1, 99.0, 365385, 1870, 3547, 115094, 1953], [1, 100.0, 363112, 3578, 3350, 116219, 1954],
    [1, 101.2, 397469, 2904, 3048, 117388, 1955], [1, 104.6, 419180, 2822, 2857, 118734, 1956],
    [1, 108.4, 442769, 2936, 2798, 120445, 1957], [1, 110.8, 444546, 4681, 2637, 121950, 1958],
    [1, 112.6, 482704, 3813, 2552, 123366, 1959], [1, 114.2, 502601, 3931, 2514, 125368, 1960],
    [1, 115.7, 518173, 4806, 2572, 127852, 1961], [1, 116.9, 554894, 4007, 2827, 130081, 1962],
]  # fmt: skip
EMPLOYED = [
    60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761, 66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551,
]  # fmt: skip


@pytest.mark.parametrize("text", ["inv(X' @ X) @ (X' @ y)", "solve(X' @ X, X' @ y)"])
def test_a_matrix_that_is_badly_scaled_is_not_singular(text: str) -> None:
    """The certified coefficient of the year is 1829.15146461355."""
    program = adcli.parse(f"input X[16, 7], y[16]\nb = {text}\noutput year = b[6]")
    report = program.evaluate(X=LONGLEY, y=EMPLOYED)
    assert report.outputs["year"] == pytest.approx(1829.15146461355, rel=1e-4)


@pytest.mark.parametrize("name", ["inv", "solve"])
@pytest.mark.parametrize("scale", [1e-150, 1e-30, 1e30, 1e150])
def test_scales_are_no_reason_to_refuse(name: str, scale: float) -> None:
    a = np.array([[2.0, 1.0], [1.0, 3.0]]) * [[1.0, scale], [scale, scale * scale]]
    sides = () if name == "inv" else (np.array([3.0, 4.0 * scale]),)
    result = ARRAYS[name].function(a, *sides)
    expected = np.array([[0.6, -0.2], [-0.2, 0.4]]) / [[1.0, scale], [scale, scale * scale]] if name == "inv" else None
    np.testing.assert_allclose(result, [1.0, 1.0 / scale] if expected is None else expected, rtol=1e-14)
    with pytest.raises(Refused):
        ARRAYS[name].function(np.array([[1.0, scale], [1.0, scale]]), *sides)


def test_a_determinant_is_checked_where_it_is_0() -> None:
    """Its second derivatives tell how its slopes round; that a slope of 0 has no digits is not for them to say."""
    program = adcli.parse("input x[3, 3] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\noutput d = det(x)")
    assert {row.verdict.value for row in program.check(order=2).components} == {"agrees"}
    assert program.hessian().hessian["d"]["x"]["x"][0, 0, 1, 1] == pytest.approx(9.0)
    rows = adcli.parse("input x[2, 2] = [[2, 1], [1, 3]]\noutput d = det(inv(x))").check(order=2)
    assert rows.verdict.value == "agrees"

"""`solve` in emitted languages: each searches for the root itself, and finds the interpreter's, or gives a status."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import adcli
from adcli.emit.c import c_texts
from adcli.emit.function import ELSEWHERE, NOT_FINITE, OK, Function
from adcli.emit.numpy import numpy_text
from adcli.emit.python import python_text
from adcli.errors import AdError

from ..conftest import ROOT
from ..tape.test_roots import ALL, systems
from .functions import drawn, emitted, far, flat, function, parts, wanted
from .test_c import called, compiled
from .test_javascript import Job, in_node, plain

SAMPLES = [
    (ROOT / "samples" / f"{name}.ad").read_text(encoding="utf-8") for name in ("colebrook", "implied_volatility")
]
# Of one unknown, with what each is about: a sign that changes far away, a step into where there is no number, a kink at
# the root, an edge of a rule where the search begins, decisions, also of a root in the equations, one function at many
# values, what is read to decide alone, an input that is called like a constant, inputs with names of the texts, and a
# search that comes nearer and nearer to where the equation has no values.
NUMBERS = [
    "input a = 2\nsolve x from 3 in 3 * atan(x) == a / 5\noutput f = x^2",
    "input a = 2\nsolve x from 9 in log(x) == a - x^2\noutput f = x^2",
    "input a = 2\nsolve x from -4 in abs(x) + x^3 == a\noutput f = a * x^2",
    "input a = 0.5\nsolve x from 0 in hypot(x, a * x) + x == a\noutput f = x^2",
    "input a = 2, b = 3\ndef h(x) {\n if x > 1.7 {\n  return x^3 + b * x\n }\n return 7.5 * x * b / 3\n}\n"
    "solve y from a / 4 in h(y) == a^3\noutput f = y * sin(y) + a",
    "input a = 2\ndef r(c) {\n solve y from 1 in where(y > 1.2, y^3, 1.44 * y) + y == c\n return y\n}\n"
    "solve x from 0.5 in x * r(x + a) + where(x > 0.7, 0, x - 0.7) == a\noutput f = x^2",
    "input a = 0.3, s = 1.1\ny = s\nfor i = 1 to 6 {\n solve z from y in z + 0.1 * a * z^3 * i == y\n y = z\n}\n"
    "output y",
    "input a = 2, b = 0.7\nsolve x from 0.1 in where(x > b, x^2, a * x) + x == a\noutput f = x",
    "input pi = 2\ndef g(x) = sinpi(x) + x\nsolve w from 0.3 in g(w) == pi / 3\noutput f = w^2",
    "input given = 2, point = 1, unknown = 0.5, u1 = 1.5, seed = 2, status = 1, equations_1 = 3, at = 1, _Point = 2\n"
    "solve room from 0.3 in room^3 * given + point * room + unknown * room == u1 + seed * status + equations_1 * at\n"
    "output f = room^2 * _Point",
    "input b = 0.6\nsolve x from 0.01 in 0.1 * x^1.5 - x == b\noutput f = x^2 * b",
]  # fmt: skip
# With arrays: a Jacobian that is singular where the search begins, arrays in the equations of a number, a root of a
# solution, and species of which one is very rare.
ARRAYS = [
    "input a = 2, b = 3\nsolve x, y from 0, 0 in x^2 + y == a, y + x * y == b / 2\noutput f = x * y + x",
    "input a = 4, b[2] = [2, 3]\nsolve w from 1 in sum(b * w^3) + w == a\noutput f = w * a",
    "input a = 4, b = 2\ndef h(x) {\n v = [x, x^2 * b]\n return sum(v)\n}\n"
    "solve w from 1 in h(w) == a\noutput f = w * a",
    "input a = 2\nsolve w from [1, 1] in solve([[2, w[0]], [1, 3]], w) == [a, 1] / 4\noutput f = w[0] * w[1]",
    "input K = 0.02, total = 0.1\nsolve h, a, ha from 0.03, 0.03, 0.05 in h * a == K * ha, a + ha == total, "
    "h == a + 1e-14 / h\noutput pH = -log10(h)",
]  # fmt: skip
QUICK = "tcc" if shutil.which("tcc") else "gcc"  # which compiles in no time; slow tests take all
OF_NUMBERS = [*SAMPLES, *NUMBERS]
PROGRAMS = [*OF_NUMBERS, *ARRAYS, *ALL]


class Case(NamedTuple):
    """A function, and what it should give at some points: a status alone, or the results."""

    text: str
    order: int
    function: Function
    points: Sequence[Mapping[str, Any]]
    expected: Sequence[Sequence[list[float]] | None]


class Found(NamedTuple):
    """What a function gives."""

    status: int
    results: Sequence[Any]


def expected(program: adcli.DifferentiableProgram, point: Mapping[str, Any]) -> Sequence[list[float]] | None:
    try:
        results = wanted(program, 2, point)
    except AdError:
        return None
    return results if np.isfinite([number for part in results for number in part]).all() else None


@cache
def tried(text: str) -> tuple[list[dict[str, Any]], list[Sequence[list[float]] | None]]:
    """A program's own point, points near it and far from it, and what the program gives there."""
    program = adcli.parse(text)
    inputs = program.evaluate().inputs
    points = [{name: value * factor + shift for name, value in inputs.items()}
              for factor, shift in ((1.0, 0.0), (1.01, 0.0), (0.7, 0.1), (-1.0, 0.0), (30.0, 1.0))]  # fmt: skip
    return points, [expected(program, point) for point in points]


def cases(texts: Sequence[str], orders: Sequence[int]) -> list[Case]:
    """The functions of programs."""
    return [case(text, order, f"f{place}_{order}") for place, text in enumerate(texts) for order in orders]


@cache  # as several languages have the same
def case(text: str, order: int, name: str) -> Case:
    """The function of a program, whose operations on arrays stand inside of others where the order is 1."""
    return Case(text, order, emitted(adcli.parse(text), order, name=name, nests_arrays=order == 1), *tried(text))


def check(one: Case, found: Sequence[Found], units: float) -> None:
    """A function gives its own point's results, and elsewhere those of the program or a status: no wrong number.

    Of numbers value and gradient are right there to some units in the last place, and of 0 units everywhere; arrays are
    added up in another order.
    """
    assert found[0].status == OK, one.text
    for place, (point, own, right) in enumerate(zip(one.points, found, one.expected, strict=True)):
        assert own.status in (OK, ELSEWHERE, NOT_FINITE)
        if own.status != OK:
            continue
        assert right is not None, (one.text, point)
        assert len(own.results) == 1 + one.order
        for order, (part, exact) in enumerate(zip(own.results, right, strict=False)):
            if order < 2 and one.text in OF_NUMBERS and (not place or not units):
                assert far(np.ravel(part), exact) <= units, (one.text, point)
            size = max(map(abs, exact), default=0.0)
            assert np.ravel(part) == pytest.approx(exact, rel=1e-11, abs=1e-12 * size), (one.text, point)


def by_python(one: Case, write: Callable[[Function], str]) -> list[Found]:
    own = function(write(one.function), one.function.request.name)
    found = [own(*point.values()) for point in one.points]
    return [Found(status, [] if status else parts(results)) for status, *results in found]


def by_c(cases: Sequence[Case], compiler: str, folder: Path) -> list[list[Found]]:
    library = compiled(c_texts([one.function for one in cases]), compiler, folder)
    found = []
    for one in cases:
        results = [called(library, one.function, list(point.values())) for point in one.points]
        found.append([Found(own.status, [own.value, own.gradient, own.hessian][: 1 + one.order]) for own in results])
    return found


def by_javascript(cases: Sequence[Case]) -> list[list[Found]]:
    jobs = [Job(one.function, [[plain(value) for value in point.values()] for point in one.points]) for one in cases]
    return [
        [Found(own["status"], [flat(part) for name, part in own.items() if name != "status" and part is not None])
         for own in results]
        for results in in_node(jobs)
    ]  # fmt: skip


# Programs, at their own points and at others


ORDERS = [pytest.param(0, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.slow), 2]


@pytest.mark.parametrize("order", ORDERS)
def test_python_has_the_same_bits(order: int) -> None:
    for one in cases(OF_NUMBERS, [order]):
        check(one, by_python(one, python_text), 0)


@pytest.mark.parametrize("order", ORDERS)
def test_numpy(order: int) -> None:
    for one in cases(PROGRAMS, [order]):
        check(one, by_python(one, numpy_text), 2)


def test_c(tmp_path: Path) -> None:
    own = cases(PROGRAMS, [2])
    for one, found in zip(own, by_c(own, QUICK, tmp_path), strict=True):
        check(one, found, 0)


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc", "tcc", "g++"])
def test_c_of_every_order(compiler: str, tmp_path: Path) -> None:
    own = cases(PROGRAMS, [0, 1, 2])
    for one, found in zip(own, by_c(own, compiler, tmp_path), strict=True):
        check(one, found, 0)


def test_javascript() -> None:
    own = cases(PROGRAMS, [2])
    for one, found in zip(own, by_javascript(own), strict=True):
        check(one, found, 2)


# Near 0 a power underflows to 0, where the rule along its exponent has an edge, which a constant exponent never meets.
NEAR_ZERO = {
    "input b = 1e-300\nsolve x from 0.1 in x^2.5 + x == b\noutput x": [1e-300, 1.0, -3.75e-150],
    "input b = 1e-300\nsolve x from 2 in log1p(x) + x^2.2 == b\noutput x": [1e-300, 1.0, 1.0],
}


def test_roots_near_zero(tmp_path: Path) -> None:
    """The second derivatives are -f''(0) of f(x) = b, that of x^2.5 at 1e-300."""
    own = [emitted(adcli.parse(text), 2, name=f"f{place}") for place, text in enumerate(NEAR_ZERO)]
    points = [{"b": 1e-300}]
    tried = [Case(text, 2, one, points, [None]) for text, one in zip(NEAR_ZERO, own, strict=True)]
    found = [by_python(one, write)[0] for write in (python_text, numpy_text) for one in tried]
    found += [results[0] for results in (*by_c(tried, QUICK, tmp_path), *by_javascript(tried))]
    for place, (status, results) in enumerate(found):
        assert status == OK
        exact = [*NEAR_ZERO.values()][place % len(tried)]
        assert np.concatenate([np.ravel(part) for part in results]).tolist() == pytest.approx(exact, rel=1e-15)


@pytest.mark.slow
def test_javascript_of_every_order() -> None:
    own = cases(PROGRAMS, [0, 1])
    for one, found in zip(own, by_javascript(own), strict=True):
        check(one, found, 2)


# Random systems: of one unknown in all languages, of several in those that have arrays


def near(one: Case) -> Case:
    """Without points far away, where a system may have several roots: which one a search meets last digits decide."""
    return one._replace(points=one.points[:3], expected=one.expected[:3])


def check_random(count: int, folder: Path) -> None:
    texts = list(dict.fromkeys(drawn(systems(), count)))
    own = [one if "solve x from" in one.text else near(one) for one in cases(texts, [2])]
    for one in own:
        check(one, by_python(one, numpy_text), 2)
        if "solve x from" in one.text:
            check(one, by_python(one, python_text), 0)
    for one, by_c_found, by_javascript_found in zip(own, by_c(own, QUICK, folder), by_javascript(own), strict=True):
        check(one, by_c_found, 2)
        check(one, by_javascript_found, 2)


def test_random_systems(tmp_path: Path) -> None:
    check_random(2, tmp_path)


@pytest.mark.slow
def test_many_random_systems(tmp_path: Path) -> None:
    check_random(60, tmp_path)


# Statuses

# No root at all, one that stands twice, no number where the search begins, and none on the way.
FAILING = {
    "input a = -4\nsolve y from 3 in y^2 + a == 0\noutput f = 1 + 0 * y": ({"a": 1.0}, {"a": 0.0}),
    "input a = 2\nsolve y from a in log(y) == 1 / a\noutput f = y": ({"a": -1.0}, {"a": 0.0}),
    "input a = 2, b = 3\nsolve x, y from 1, 2 in x + y == a, x^2 - y^2 == b\noutput f = x": ({"a": 0.0},),
}
INFINITE = [{"a": value} for value in (math.inf, -math.inf, math.nan)]


def failing() -> list[Case]:
    cases = []
    for place, (text, points) in enumerate(FAILING.items()):
        own = emitted(adcli.parse(text), 1, name=f"f{place}")
        defaults = {parameter.name: parameter.value for parameter in own.parameters}
        given = [{**defaults, **point} for point in (*points, *INFINITE)]
        cases.append(Case(text, 1, own, [defaults, *given], []))
    return cases


def check_failing(one: Case, found: Sequence[Found]) -> None:
    """Only where the program has a root there is a result."""
    assert [own.status for own in found] == [OK, *[NOT_FINITE] * (len(found) - 1)], one.text
    for point in one.points[1:]:
        with pytest.raises(AdError):
            adcli.parse(one.text).evaluate(point)


def test_a_search_that_fails_is_a_status(tmp_path: Path) -> None:
    for one in failing():
        check_failing(one, by_python(one, numpy_text))
        if " x, y " not in one.text:
            check_failing(one, by_python(one, python_text))
    own = failing()
    for one, found in zip(own, by_c(own, QUICK, tmp_path), strict=True):
        check_failing(one, found)


def test_in_javascript_as_well() -> None:
    own = [
        one._replace(points=[{name: _text(value) for name, value in point.items()} for point in one.points])
        for one in failing()
    ]
    jobs = [Job(one.function, [[*point.values()] for point in one.points]) for one in own]
    for one, results in zip(own, in_node(jobs), strict=True):
        assert [result["status"] for result in results] == [OK, *[NOT_FINITE] * (len(results) - 1)], one.text


def _text(value: float) -> Any:
    """A number as JavaScript reads it from a text."""
    return value if math.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")


DECIDES = "input a = 3\ndef f(u) {\n if u > 1 {\n  return u^2\n }\n return u\n}\nsolve x from 2 in f(x) == a\noutput x"


def test_a_root_where_the_equations_decide_otherwise_is_a_status() -> None:
    for write in (python_text, numpy_text):
        own = function(write(emitted(adcli.parse(DECIDES), 1)), "f")
        status, value, gradient = own(4.0)
        assert (int(status), value, gradient[0]) == (OK, 2.0, 0.25)
        assert own(0.25)[0] == ELSEWHERE
        both = function(write(emitted(adcli.parse(DECIDES), 1, points=[{}, {"a": 0.25}])), "f")
        assert [int(both(a)[0]) for a in (4.0, 0.25, 0.5)] == [OK, OK, OK]
        assert (both(0.25)[1], both(0.25)[2][0]) == (0.25, 1.0)


def test_points_whose_roots_are_decided_alike_share_a_branch() -> None:
    text = adcli.parse(DECIDES).emit(to="python", function="f", points=[{"a": a} for a in (4.0, 9.0, 0.25, 0.5)])
    assert text.count("\ndef _f_") - text.count("\ndef _f_equations") == 2


def test_columns_have_a_status_for_each_row() -> None:
    own = function(numpy_text(emitted(adcli.parse(DECIDES), 1)), "f")
    status, value, gradient = own(np.array([4.0, 0.25, 9.0, math.nan]))
    assert status.tolist() == [OK, ELSEWHERE, OK, NOT_FINITE]
    assert value[[0, 2]].tolist() == [2.0, 3.0] and np.isnan(value[[1, 3]]).all()
    assert gradient[0][[0, 2]].tolist() == [0.25, 1 / 6]


def test_several_unknowns_need_arrays() -> None:
    with pytest.raises(AdError, match="`solve` cannot be written in Python") as raised:
        python_text(emitted(adcli.parse("input a = 1\nsolve x, y from 1, 1 in x == a, y == x\noutput y"), 0))
    assert raised.value.problems[0].code == "no-emission"


def test_equations_are_written_once() -> None:
    """However often they are solved: in a loop here, and by two calls of one function."""
    texts = [NUMBERS[6], "input a = 2\ndef r(c) {\n solve y from 1 in y^3 == c\n return y\n}\noutput f = r(a) + r(a^2)"]
    for text in texts:
        assert python_text(emitted(adcli.parse(text), 0)).count("\ndef _f_equations_1(") == 1
        assert "_f_equations_2" not in python_text(emitted(adcli.parse(text), 0))


@pytest.mark.slow
def test_a_search_that_fails_in_a_part_of_a_long_function(tmp_path: Path) -> None:
    """Which C is given in pieces: the status is that of the search."""
    text = "input a = 3\ny = a\nfor i = 1 to 400 {\n y = y + sin(y * i) * 0\n}\nsolve x from 2 in x^2 == y\noutput x"
    own = emitted(adcli.parse(text), 2)
    ((found, other),) = by_c([Case(text, 2, own, [{"a": 4.0}, {"a": -1.0}], [])], QUICK, tmp_path)
    assert (found.status, found.results[0]) == (OK, 2.0)
    assert other.status == NOT_FINITE

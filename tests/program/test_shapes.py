"""Shapes that do not fit, before the run and in it; no false alarm; and a `where` that chooses element by element."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import adcli
from adcli.derive.modes import SecondMode, gradient, hessian_product
from adcli.errors import AdError, Problem
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape.domains import push_forward
from adcli.tape.execute import execute
from adcli.tape.tape import Tape

from ..conftest import mostly_slow

SIZES = {"n": 3, "m": 4}


def text_of(program: str) -> str:
    """Statements are divided by `;` in the tables, and stand on lines of their own."""
    return program.replace("; ", "\n")


def point_of(program: adcli.DifferentiableProgram, **numbers: float) -> dict[str, Any]:
    """1, 2, 3 … for every input that is not given."""
    point: dict[str, Any] = {}
    for variable in program.program.inputs:
        shape = [size if isinstance(size, int) else SIZES[size] for size in variable.shape or ()]
        filled = np.arange(1.0, 1 + math.prod(shape)).reshape(shape) if shape else 1.0
        point[variable.name] = numbers.get(variable.name, filled)
    return point


def holds(problem: Problem, program: str, code: str, under: str, fragments: tuple[str, ...]) -> None:
    assert problem.code == code
    assert problem.span is not None
    assert text_of(program)[slice(*problem.span)] == under
    told = " ".join((problem.message, problem.label, problem.note, problem.help))
    for fragment in fragments:
        assert fragment in told


BEFORE: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("input x[3], y[4]; z = x + y; output z",
     "shape", "z = x + y", ("vector of 3 and a vector of 4", "`y` is a vector of 4")),
    ("input x[3], y[4]; output z = sum(x * 2 + sin(y) * x)", "shape", "sin(y) * x", ("do not fit together", "`x` is")),
    ("input x[3]; output z = max(x, [1, 2])", "shape", "output z = max(x, [1, 2])", ("do not fit together",)),
    ("input x[3]; output z = sum(hypot(x, [1, 2]))", "shape", "hypot(x, [1, 2])", ("do not fit together",)),
    ("input A[2, 3], x[2]; output y = sum(A @ x)",
     "shape", "A @ x", ("3 columns meet 2 rows", "transpose", "`x` is a")),
    ("input A[2, 3]; output y = sum(A @ A)", "shape", "A @ A", ("3 columns meet 2 rows", "transpose")),
    ("input x[3]; output y = x @ [1, 2]", "shape", "output y = x @ [1, 2]", ("3 elements meet 2 rows",)),
    ("input x; output y = 1 + x @ x", "shape", "x @ x", ("a number and a number", "write `*`")),
    ("input A[n, m]; output y = sum(2 @ A)", "shape", "2 @ A", ("a ? × ? matrix",)),
    ("input A[2, 3]; output y = 1 + det(A)", "shape", "det(A)", ("square", "2 × 3")),
    ("input x[3]; output y = sum(inv(x))", "shape", "inv(x)", ("`inv` takes a matrix", "`x` is a vector of 3")),
    ("input A[3, 3], b[2]; output z = sum(solve(A, b))", "shape", "solve(A, b)", ("as many rows",)),
    ("input A[2, 3]; Q, R = qr(A); output z = sum(R)", "shape", "qr(A)", ("at least as many rows",)),
    ("input x[3]; output y = 2 * x[3]", "subscript", "x[3]", ("no element 3 among 3", "from 0 to 2")),
    ("input x[3]; output y = 2 * x[-4]", "subscript", "x[-4]", ("no element -4", "-1 to -3")),
    ("input x[3]; output y = 2 * x[0, 1]", "subscript", "x[0, 1]", ("2 subscripts", "vector of 3")),
    ("input x; output y = 2 * x[0]", "subscript", "x[0]", ("a number has no elements", "`x` is a number")),
    ("input A[2, 3]; output y = 2 * A[0, 3]", "subscript", "A[0, 3]", ("no element 3 among 3",)),
    ("input x[3]; n = 5; output y = 2 * x[n]", "subscript", "x[n]", ("no element 5 among 3",)),
    ("input x[3]; y = x[1:2]; output z = 2 * y[1]",
     "subscript", "y[1]", ("no element 1 among 1", "`y` is a vector of 1")),
    ("input x[3]; x[1] = x; output y = sum(x)", "shape", "x[1] = x", ("a vector of 3 does not fit into a number",)),
    ("input x[3]; x[1:] = [1, 2, 3]; output y = sum(x)",
     "shape", "x[1:] = [1, 2, 3]", ("vector of 3 does not fit into a vector of 2",)),
    ("input x[3]; x[5] = 1; output y = sum(x)", "subscript", "x[5] = 1", ("no element 5 among 3",)),
    ("input x; x[1] = 2; output y = x", "subscript", "x[1] = 2", ("a number has no elements",)),
    ("input x[3]; output y = sum([x, 1])", "shape", "[x, 1]", ("rows of an array are alike",)),
    ("input x[3]; output y = sum([x, x[1:]])", "shape", "[x, x[1:]]", ("a vector of 3 and a vector of 2",)),
    ("input A[2, 2]; output y = sum([A, A])", "shape", "[A, A]", ("vectors and matrices only", "`concat`")),
    ("input x[3]; output y = sum(concat(x, 1))", "shape", "concat(x, 1)", ("is given a number",)),
    ("input A[2, 2]; output y = sum(concat(A, [1, 2]))", "shape", "concat(A, [1, 2])", ("as many columns",)),
    ("input x[3]; output y = 1 + dot(x, [1, 2])", "shape", "dot(x, [1, 2])", ("same size",)),
    ("input A[2, 2]; output y = 1 + dot(A, A)", "shape", "dot(A, A)", ("two vectors", "`A @ B`")),
    ("input x[3]; output y = sum(outer(x, 2))", "shape", "outer(x, 2)", ("two vectors",)),
    ("input x[3]; output y = 1 + trace(x)", "shape", "trace(x)", ("`trace` takes a matrix",)),
    ("input x; output y = sum(diag(x))", "shape", "diag(x)", ("given a number",)),
    ("input x[6]; output y = sum(reshape(x, 4, 2))", "shape", "reshape(x, 4, 2)", ("has 6", "4 × 2")),
    ("input x[6]; output y = sum(reshape(x, 4, -1))", "shape", "reshape(x, 4, -1)", ("has 6",)),
    ("input x[3]; output y = sum(sum(x, axis = 1))", "shape", "sum(x, axis = 1)", ("axis 1", "vector of 3")),
    ("input x[3]; output y = 1 + length(x, axis = 1)", "shape", "length(x, axis = 1)", ("axis 1",)),
    ("input A[2, 3]; output y = sum(cumsum(A))", "shape", "cumsum(A)", ("takes a vector", "`cumsum(A, axis = 0)`")),
    ("input x; output y = 1 + sum(x)", "shape", "sum(x)", ("`sum` takes a vector or a matrix", "`x` is a number")),
    ("input x; output y = x + sum(zeros(2.5))", "shape", "zeros(2.5)", ("whole number", "2.5")),
    ("input x; output y = x + sum(zeros(2, -1))", "shape", "zeros(2, -1)", ("whole number", "-1")),
    ("input x[3]; output y = sum(linspace(x, 1, 3))", "shape", "linspace(x, 1, 3)", ("from a number to a number",)),
    ("input x[3]; def f(u) = 1 + u @ [1, 2]; output y = f(x)", "shape", "u @ [1, 2]", ("3 elements meet 2 rows",)),
    ("input x[3]; def f(u) = 1 + u @ [1, 2]; output y = f([1, 2]) + f(x)", "shape", "u @ [1, 2]", ("3 elements",)),
    ("input x[3]; def f(u) { w = u + 1; return 2 * w[7] }; output y = f(x)",
     "subscript", "w[7]", ("`w` is a vector of 3",)),
    ("input x[3]; z = 0; for k = 1 to 3 { z = z + x @ [1, 2] }; output z", "shape", "x @ [1, 2]", ("3 elements",)),
    ("input x[3], p; z = 0; if p > 0 { z = 1 + x @ [1, 2] }; output z", "shape", "x @ [1, 2]", ("3 elements",)),
    ("input x[3], p; if p > 0 { z = x } else { z = 2 * x }; output y = 1 + z @ [1, 2]",
     "shape", "z @ [1, 2]", ("3 elem",)),
    ("input x[3], p; if p > 0 { z = x } else { z = x[1:] }; output y = 1 + z @ [1]",
     "shape", "z @ [1]", ("meet 1 rows",)),
    ("input x, A[2, 2]; output y = sum(where(x > 0, A @ [1, 2, 3], [1, 2]))", "shape", "A @ [1, 2, 3]", ("2 columns",)),
    ("input x[3], y[4]; output z = sum(where(x > y, 1, 0))", "shape", "x > y", ("vector of 3 and a vector of 4",)),
    ("input x[3], y[4]; output z = sum(where(x > 0, x, x + y))", "shape", "x + y", ("do not fit",)),
    ("input x[3]; if x > 0 { y = 1 } else { y = 2 }; output y",
     "compares-arrays", "x > 0", ("a vector of 3 and a number", "`where(x > 0, a, b)`")),
    ("input x[3]; require x > 0; output y = 1", "compares-arrays", "x > 0", ("two numbers", "`min(x) > 0`")),
    ("input x[3]; y = 1; while y < x { y = y + 1 }; output y", "compares-arrays", "y < x", ("two numbers",)),
    ("input x[3]; output y = sum(derivative(x^2, x))",
     "derivative-of-array", "derivative(x^2, x)", ("is of a number", "`sum` it")),
]  # fmt: skip


@pytest.mark.parametrize(("program", "code", "under", "fragments"), BEFORE, ids=[row[0] for row in BEFORE])
def test_found_before_the_run(program: str, code: str, under: str, fragments: tuple[str, ...]) -> None:
    with pytest.raises(AdError) as caught:
        adcli.parse(text_of(program))
    (problem,) = caught.value.problems
    holds(problem, program, code, under, fragments)


@pytest.mark.parametrize(("program", "code", "under", "fragments"), BEFORE, ids=[row[0] for row in BEFORE])
def test_the_run_would_find_the_same(program: str, code: str, under: str, fragments: tuple[str, ...]) -> None:
    """With names for all sizes little is known before; at the run the same stands at the same place."""
    head, _, rest = program.partition("; ")
    sizes = iter(re.findall(r"\d+", head))
    named = re.sub(r"\d+", lambda found: f"size{found.start()}", head)
    parsed_sizes = {f"size{found.start()}": int(next(sizes)) for found in re.finditer(r"\d+", head)}
    anonymous = f"{named}; {rest}"
    with pytest.raises(AdError) as caught:
        unknown = adcli.parse(text_of(anonymous))
        shapes = {
            one.name: [parsed_sizes.get(str(size), 3) for size in one.shape or ()] for one in unknown.program.inputs
        }
        unknown.evaluate({name: np.ones(shape) if shape else 1.0 for name, shape in shapes.items()})
    problem = caught.value.problems[0]
    assert (problem.code, text_of(anonymous)[slice(*problem.span or (0, 0))]) == (code, under)


AT_THE_RUN: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("input A[n, n], x[m]; output y = sum(A @ x)",
     "shape", "A @ x", ("3 columns meet 4 rows", "`A` is a 3 × 3 matrix")),
    ("input A[n, m]; output y = 1 + det(A)", "shape", "det(A)", ("3 × 4", "square")),
    ("input x[n], y[m]; output z = sum(x * y)", "shape", "x * y", ("a vector of 3 and a vector of 4",)),
    ("input x[3], k; output y = 2 * x[k + 2]",
     "subscript", "x[k + 2]", ("no element 3 among 3", "`x` is a vector of 3")),
    ("input x[3], k; output y = 2 * x[k / 2]", "subscript", "x[k / 2]", ("whole number", "0.5")),
    ("input x[3], k; output y = sum(x[::k - 1])", "subscript", "x[::k - 1]", ("step",)),
    ("input x[3]; output y = 2 * x[x]", "subscript", "x[x]", ("whole number", "a vector of 3")),
    ("input x[3], k; x[k + 2] = 1; output y = sum(x)", "subscript", "x[k + 2] = 1", ("no element 3",)),
    ("input x[3], k; x[k:] = [1, 2, 3]; output y = sum(x)",
     "shape", "x[k:] = [1, 2, 3]", ("does not fit into a vector of 2",)),
    ("input x[3]; z = 0; for k = 1 to 3 { z = z + x[k] }; output z", "subscript", "x[k]", ("no element 3 among 3",)),
    ("input x[3]; for k = 1 to x { y = 1 }; output y", "bad-loop", "for k = 1 to x", ("a vector of 3",)),
    ("input x[3]; while x > 0 { x = x - 1 }; output y = 1",
     "compares-arrays", "x > 0", ("a vector of 3 and a number",)),
    ("input x[3]; output y = sum(zeros(x))", "shape", "zeros(x)", ("whole number", "a vector of 3")),
    ("input x[3], k; output y = sum(zeros(k / 2))", "shape", "zeros(k / 2)", ("whole number", "0.5")),
    ("input x[3], k; output y = sum(zeros(k * 1e5, 1e5))", "too-large", "zeros(k * 1e5, 1e5)", ("no room",)),
    ("input x[3], y[4]; output z = sum(where(x > 0, y, 0))", "shape", "where(x > 0, y, 0)", ("do not fit",)),
    ("input x[3], k; output y = max(x[k + 2:])", "shape", "output y = max(x[k + 2:])", ("empty",)),
    ("input A[2, 2]; B = A * 0 + [1, 2]; output y = sum(inv(B))", "singular", "inv(B)", ("singular", "2 × 2")),
    ("input A[2, 2]; B = A * 0 + [1, 2]; output y = sum(solve(B, [1, 2]))",
     "singular", "solve(B, [1, 2])", ("singular",)),
    ("input A[2, 2]; output y = sum(cholesky(-A))", "singular", "cholesky(-A)", ("positive definite",)),
    ("input A[2, 2]; output y = sum(inv(A / 0))", "not-finite", "inv(A / 0)", ("not finite",)),
    ("input x[3]; def f(u, k) { if k == 0 { return u[k + 5] }; return f(u, k - 1) }; output y = f(x, 2)",
     "subscript", "u[k + 5]", ("no element 5",)),
]  # fmt: skip


@pytest.mark.parametrize(("program", "code", "under", "fragments"), AT_THE_RUN, ids=[row[0] for row in AT_THE_RUN])
def test_found_at_the_run(program: str, code: str, under: str, fragments: tuple[str, ...]) -> None:
    parsed = adcli.parse(text_of(program))  # nothing is said before
    with pytest.raises(AdError) as caught:
        parsed.evaluate(point_of(parsed))
    (problem,) = caught.value.problems
    holds(problem, program, code, under, fragments)


def test_all_places_at_once() -> None:
    program = text_of("input x[3], y[4]; a = x + y; b = x @ y; c = a + b; output d = sum(c) + x[3]")
    with pytest.raises(AdError) as caught:
        adcli.parse(program)
    places = [program[slice(*problem.span)] for problem in caught.value.problems if problem.span]
    assert places == ["a = x + y", "b = x @ y", "x[3]"]


# Each ends in one number, so that it can be differentiated as well; `p` is tried on both sides of 0.
VALID = [
    "input x[3], p; if p > 0 { z = x } else { z = 1 }; output w = sum(z + x)",
    "input x[3], p; if p > 0 { z = x } else { z = x[:2] }; "
    "if p > 0 { w = sum(z + [1, 2, 3]) } else { w = sum(z + [1, 2]) }; output w",
    "input x[3], p; z = 1; if p > 0 { z = x }; y = 0; if p > 0 { y = z[2] }; output y",
    "input x[3], p; z = 1; if p > 0 { z = x }; output w = sum(z * x)",
    "input x[3], p; if p > 0 { z = [1, 2] } else { z = x }; z = sum(z); output w = z * p",
    "input x[3]; z = x; for k = 1 to 2 { z = z[1:] }; output y = z[0]",
    "input x[3]; z = x; for k = 1 to 2 { z = sum(z) * x }; output y = sum(z)",
    "input x[3]; z = 0; for k = 1 to 2 { z = z + x }; output y = z[2]",
    "input x[3]; z = [1]; for k = 1 to 2 { z = concat(z, x) }; output y = z[6]",
    "input x[3]; z = [1]; k = 0; while k < 2 { z = concat(z, x); k = k + 1 }; output y = z[6]",
    "input x[3]; for k = 0 to 2 { if k > 0 { y = concat(y, [x[k]]) } else { y = [x[0]] } }; output z = sum(y * x)",
    "input x[2]; for k = 1 to 0 { x = x * 2 }; output y = sum(x)",
    "input x[3], A[2, 2]; def f(u) = sum(u * u); output y = f(x) + f(A) + f([1, 2])",
    "input x[3], A[2, 3]; def f(u, v) = u @ v; output y = f(x, x) + sum(f(A, x))",
    "input x[3]; def total(v, k) { if k >= length(v) { return 0 }; return v[k] + total(v, k + 1) }; "
    "output y = total(x, 0)",
    "input x[4]; def half(v) { if length(v) <= 1 { return v[0] }; n = floor(length(v) / 2); "
    "return half(v[:n]) * half(v[n:]) }; output y = half(x)",
    "input x[3]; n = length(x); z = zeros(n); for k = 0 to n - 1 { z[k] = x[k]^2 }; output y = sum(z)",
    "input x[n], A[n, n]; output y = x @ A @ x / n",
    "input x[n], y[m]; output z = sum(outer(x, y)) + n * m",
    "input x[n], y[m]; output z = sum(x[:1] + y)",
    "input x[3]; state s = 0; def f(u) { s = u; return sum(s) }; y = f(x); output z = s[0] + y",
    "input x[3]; state s = 0; def f(u) { s = u; return sum(s) }; y1 = f(x); y2 = f([1, 2]); "
    "output y = y1 + y2 + sum(s + [1, 2])",
    "input x[3], p; output y = sum(where(p > 0, x, x[:1]))",
    "input x[3], p; output y = sum(where(x > 0, x, p))",
    "input x[3]; output y = sum(where(x > [[0], [1]], x, 1))",
    "input x[3]; Q, R = qr(outer(x, [1])); output y = sum(R) + sum(Q)",
    "input x[3]; x = sum(x); output y = sum(x + [1, 2])",
    "input x; output y = sum(2 * [x, x]') + x'",
    "input x[3], k; output y = x[k] + sum(x[k:])",
    "input x[3], p; if p > 0 { k = 1 } else { k = 2 }; output y = x[k]",
    "input x[3], k; if k < 2 { i = k } else { i = 0 }; output y = x[i]",
    "input A[2, 3]; output y = sum(A'[0] + A[:, 0]) + sum(A[0] + A)",
    "input A[3, 2], b[3]; output y = sum(lstsq(A, b)) + sum(solve(A' @ A, A' @ b))",
    "input x[3]; output y = sum(derivative(sum(x^3), x) + x)",
    "input x[3]; output y = sum(reshape(x, -1, 1) * x) + sum(reshape(x, 3))",
    "input x[1], y[4]; output z = sum(x + y)",
    "input x[3]; y = x; y[0] = x[1]; y[1:] = 0; y[:] = x; output z = sum(y)",
    "input x[3], p; y = x; y[3:] = p; output z = sum(y) * p",
    "input A[2, 2]; A[0] = [1, 2]; A[:, 1] = 3; A[1, 1] = A[0, 0]; output z = sum(A) + A[1, 0]",
    "input x[3]; y = x[1:1]; output z = sum(y) + prod(y) + x[0]",
]


@pytest.mark.parametrize("program", VALID)
def test_no_false_alarm(program: str) -> None:
    parsed = adcli.parse(text_of(program))
    for p in (1.0, -1.0):
        point = point_of(parsed, p=p)
        report = parsed.gradient(point)
        (name,) = report.outputs
        assert math.isfinite(report.outputs[name])
        shapes = {name: np.shape(value) for name, value in report.gradient[name].items()}
        assert shapes == {name: np.shape(value) for name, value in point.items()}


UNCERTAIN = [
    ("input x[3], p; if p > 0 { z = x } else { z = x[:2] }; output w = sum(z + [1, 2, 3])", 1.0, -1.0),
    ("input x[3], p; if p > 0 { k = 2 } else { k = 7 }; output y = 2 * x[k]", 1.0, -1.0),
    ("input x[3], p; if p > 0 { z = x } else { z = x[:2] }; def f(u) = sum(u * [1, 2, 3]); output w = f(z)", 1.0, -1.0),
    ("input x[3], p; if p > 0 { z = x } else { z = 1 }; if p > -5 { z = z * 2 }; output w = 2 * z[2]", 1.0, -1.0),
]


@pytest.mark.parametrize(("program", "good", "bad"), UNCERTAIN)
def test_what_one_way_fits_is_left_to_the_run(program: str, good: float, bad: float) -> None:
    """Where two ways meet that disagree, nothing is known.

    The program runs where it fits, and fails where it does not.
    """
    parsed = adcli.parse(text_of(program))
    assert math.isfinite(next(iter(parsed.evaluate(point_of(parsed, p=good)).outputs.values())))
    with pytest.raises(AdError) as caught:
        parsed.evaluate(point_of(parsed, p=bad))
    assert caught.value.problems[0].code in ("shape", "subscript")


# `where` on arrays: what is not taken counts for nothing, even where it is no number

CHOICES = [
    "where(x > 0, sqrt(x), 0)",
    "where(x > 0, log(x) * y, y)",
    "where(x > 0, y, log(2 - x) * y)",
    "where(x <= 0, y * x, log(x) / y)",
    "where(x > 0, log(x), sqrt(0.5 - x))",
    "where(x != 0, y / x, 0)",
    "where(x == 0, y, sin(x) / x)",
    "where(x > 0 and x < 1, log(x) * log(1 - x), x^2)",
    "where(x < -0.5 or x > 1, sqrt(x^2 - 0.25) * y, x * y)",
    "where(not x > 0, y, x^y)",
    "where(not (x <= 0 or x >= 1), asin(x) * atanh(x), y * x)",
    "where(x > 0, where(x > 1, sqrt(x - 1), log(x)), exp(x) * y)",
    "where(x > 0, y * where(x > 1, log(x - 1), sqrt(1 - x)), where(x < -0.5, sqrt(-x - 0.5), acosh(1 + y^2)))",
    "y * where(x > 0, x, 1)^where(x > 0, y, 2)",
    "where(x > 0, 3, y)",
    "where(x > 0, x, 3) * where(x > 0, y, 2)",
    "where(x > y, log(x - y), y - x)",
    "where(x^2 > y, sqrt(x^2 - y), (y - x^2)^3)",
    "where(x > 0, guarded(x), 1)",
    "inside(x)",
    "inside(where(x > 0, x, y))",
    "where(x > 0, inside(x) * log(x), y)",
    "where(x > 0, several(x), y)",
    "where(x > 0, hypot(x - 2, 0 * x) * sqrt(x), y)",
    "where(y > 0, where(x > 0, log(x), y), sqrt(y))",
]
FUNCTIONS = """def guarded(u) { r = sqrt(u) * y; return r + log(r) }
def inside(u) = where(u > 0, log(u) * y, y^2)
def several(u) {
    s = 0
    for k = 1 to 3 {
        s = s + where(u > k, sqrt(u - k), u * y) * log(u)
    }
    return s
}"""
XS = [-1.0, 0.5, 2.0, -0.25, 0.0, 1.5, 3.25]


def tape_of(text: str, point: dict[str, Any]) -> Tape:
    return execute(program_from(Source("t", text)), point)


def program_of(choice: str, declared: str, result: str) -> str:
    return f"input {declared}, y\n{FUNCTIONS}\nc = {choice}\noutput f = {result}"


@pytest.mark.parametrize("choice", CHOICES)
def test_choices_element_by_element(choice: str) -> None:
    """Value, gradient, tangent and Hessian products are those of the same text with one number after the other."""
    weights, steps, step = np.linspace(0.5, 2, len(XS)), np.linspace(-1, 1.5, len(XS)), 0.75
    y = 1.25
    spread = "sum(c * w)" if "x" in choice else "c"
    text = program_of(choice, f"x[{len(XS)}], w[{len(XS)}]", spread)
    tape = tape_of(text, {"x": np.array(XS), "w": weights, "y": y})
    f, names = tape.bindings["f"], ["x", "y"]
    slopes = gradient(tape, f, names)
    tangent = push_forward(tape, {tape.inputs["x"]: steps, tape.inputs["y"]: step})[f]
    products = [hessian_product(tape, f, {"x": steps, "y": step}, names, mode) for mode in SecondMode]
    value = by_y = moved = curved = 0.0
    for place, (x, weight) in enumerate(zip(XS, weights, strict=True)):
        alone = tape_of(program_of(choice, "x, w", "c * w"), {"x": x, "w": float(weight), "y": y})
        value += alone.values[alone.bindings["f"]]
        slope = gradient(alone, alone.bindings["f"], names)
        direction = {"x": float(steps[place]), "y": step}
        curve = hessian_product(alone, alone.bindings["f"], direction, names)
        assert all(map(math.isfinite, (*slope.values(), *curve.values()))), "the reference itself is at fault"
        assert slopes["x"][place] == pytest.approx(slope["x"], rel=1e-13, abs=1e-14)
        for product, mode in zip(products, SecondMode, strict=True):
            assert product["x"][place] == pytest.approx(curve["x"], rel=1e-12, abs=1e-13), (mode, x)
        by_y += slope["y"]
        curved += curve["y"]
        moved += slope["x"] * steps[place] + slope["y"] * step
    assert tape.values[f] == pytest.approx(value, rel=1e-14)
    assert slopes["y"] == pytest.approx(by_y, rel=1e-13, abs=1e-14)
    assert tangent == pytest.approx(moved, rel=1e-13, abs=1e-14)
    for product in products:
        assert product["y"] == pytest.approx(curved, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("choice", mostly_slow(CHOICES))
def test_choices_as_programs_of_derivatives(choice: str) -> None:
    """The adjoint program of a choice gives its gradient, and no NaN."""
    text = program_of(choice, f"x[{len(XS)}]", "sum(c)")
    program, point = adcli.parse(text), {"x": np.array(XS), "y": 1.25}
    slopes = program.gradient(point, difference="none").gradient["f"]
    outputs = adcli.parse(program.adjoint(point)).evaluate().outputs
    for name in ("x", "y"):
        np.testing.assert_allclose(outputs[f"bar_{name}"], slopes[name], rtol=1e-14)


@pytest.mark.parametrize("choice", CHOICES)
def test_the_derivative_of_a_choice_in_the_language(choice: str) -> None:
    text = program_of(choice, f"x[{len(XS)}]", "sum(c)")
    tape = tape_of(text, {"x": np.array(XS), "y": 1.25})
    slopes = gradient(tape, tape.bindings["f"], ["x", "y"])
    inner = tape_of(f"{text}\nd = derivative(f, x)\ne = derivative(f, y)", {"x": np.array(XS), "y": 1.25})
    np.testing.assert_allclose(inner.values[inner.bindings["d"]], slopes["x"], rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(inner.values[inner.bindings["e"]], slopes["y"], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    ("text", "value", "slopes"),
    [
        # mixed sides: a vector and a number, a row and a column, a matrix and a vector
        ("input x[2] = [-1, 4]; output f = sum(where(x > 0, sqrt(x), 7))", 9.0, {"x": [0.0, 0.25]}),
        ("input x[2] = [-1, 4], y = 3; output f = sum(where(x > 0, y, x))", 2.0, {"x": [1.0, 0.0], "y": 1.0}),
        (
            "input x[2] = [-1, 4], y[2] = [1, 2]; output f = sum(where([[1], [0]] > 0, sqrt(abs(x)) * 2, log(y) * 0))",
            6.0, {"x": [-1.0, 0.5], "y": [0.0, 0.0]},
        ),
        (
            "input A[2, 2] = [[1, -1], [0, 4]], v[2] = [5, 6]; output f = sum(where(A > 0, sqrt(A), v))",
            14.0, {"A": [[0.5, 0.0], [0.0, 0.25]], "v": [1.0, 1.0]},
        ),
        # what goes through an array operation on one side
        (
            "input x[2] = [-1, 4]; output f = sum(where(x > 0, sqrt(x) / sum(exp(x) * 0 + 1), 0))",
            1.0, {"x": [0.0, 0.125]},
        ),
        # nothing is taken, all is taken
        ("input x[2] = [-1, -4]; output f = sum(where(x > 0, log(x), 0))", 0.0, {"x": [0.0, 0.0]}),
        ("input x[2] = [1, 4]; output f = sum(where(x > 0, sqrt(x), log(-x)))", 3.0, {"x": [0.5, 0.25]}),
        # a choice by sums and by other arrays
        ("input x[2] = [1, 4], m[2] = [0, 1]; output f = sum(where(m == 1, x^2, x / 0))", math.inf, None),
        ("input x[2] = [1, 4], m[2] = [0, 1]; output f = sum(where(m == 1, x^2, 1 / m))", math.inf, None),
        ("input x[2] = [1, 4], m[2] = [0, 1]; output f = sum(where(m == 1, x / m, x))", 5.0, {"x": [1.0,
         1.0], "m": [0.0, -4.0]}),
        # a number decides, and arrays follow: only one side runs
        ("input x[2] = [-1, 4], y = -1; output f = sum(where(y > 0, log(x), x))", 3.0, {"x": [1.0, 1.0], "y": 0.0}),
        # in a loop: each round masks its own
        (
            "input x[2] = [-1, 4]; s = 0; for k = 1 to 2 { s = s + where(x > 0, k * sqrt(x), x) }; output f = sum(s)",
            4.0, {"x": [2.0, 0.75]},
        ),
        # what was computed before the choice, and is used behind it as well
        ("input x[2] = [1, 4]; r = sqrt(x); output f = sum(where(x > 2, r, 0)) + sum(r)", 5.0, {"x": [0.5, 0.5]}),
    ],
)  # fmt: skip
def test_choices_with_arrays_of_several_shapes(text: str, value: float, slopes: dict[str, Any] | None) -> None:
    program = adcli.parse(text_of(text))
    report = program.gradient(difference="none")
    assert report.outputs["f"] == pytest.approx(value)
    for name, wanted in (slopes or {}).items():
        np.testing.assert_allclose(report.gradient["f"][name], wanted, rtol=1e-14, atol=1e-15)


def test_what_is_spoilt_before_the_choice_is_not_passed_on() -> None:
    """It does not matter on which line an element was computed that a `where` does not take."""
    text = "input x[2] = [-1, 4]\nr = sqrt(x)\noutput f = sum(where(x > 0, r, 0))"
    report = adcli.parse(text).gradient(difference="none")
    assert report.outputs["f"] == 2
    assert report.gradient["f"]["x"].tolist() == [0, 0.25]

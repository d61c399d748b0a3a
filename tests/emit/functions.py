"""What tests of emitted functions share: how a program becomes one, and what it should give."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings

import adcli
from adcli.emit.function import Function, Repeats, Request, function_of
from adcli.run import Start
from adcli.tape.components import flattened
from adcli.tape.tape import Value

MOST_ENTRIES = 2000  # of a tape whose Hessian is asked for here
MOST_COMPONENTS = 60  # of inputs, the same

# Programs whose bodies repeat: values that no input moves, numbers of each pass, checks, arrays and parts of them.
LOOPS = {
    "known": """\
input x = 0.4
c = 0.3
s = x
for k = 1 to 12 {
    c = sin(c + k)
    s = s * cos(c) + c / k + x^k
}
output s""",
    "begun": """\
input x = 0.4
s = 0.3
for k = 1 to 9 {
    s = sin(s) + exp(s * 0.7) * 0.1
    s = s + x / (k + 1)
}
output s""",
    "summed": """\
input x = 0.4
a = 1
b = 1
y = x
for k = 1 to 9 {
    c = a + b
    a = b
    b = c
    y = sin(y) * a / b + log(b) * exp(1 / k)
}
output y""",
    "guarded": """\
input x = 0.4
y = x
for k = 1 to 9 {
    if y > 0.1 * k - 2 { y = y + sin(y) / k } else { y = y^2 }
    y = y * 0.9
}
output y""",
    "edges": """\
input x = 0.4
y = x
for k = 1 to 6 { y = y + x / exp(1000 * (k - 1)) + (k - 1)^(k - 1) }
output y""",
    "swapped": """\
input w[3] = [1, 2, 3], v[3] = [0.1, 0.3, 0.2]
a = w
b = v
for k = 1 to 6 {
    c = a
    a = b
    b = sin(c) + a * b / k
}
output z = a @ b""",
    "parts": """\
input w[9] = [1, 2, 3, 4, 5, 6, 7, 8.5, 2], A[5, 6] = 0.3
y = 0
for k = 1 to 5 {
    y = y + w[k] * w[-k] + sum(w[k:k + 3] * A[k - 1, 1:4]) + w[mod(k * k, 7)] + sum(w[k + 2:k - 1:-1])
}
output z = y + sum(A[::2])""",
    "updates": """\
input w[9] = [1, 2, 3, 4, 5, 6, 7, 8.5, 2], A[7, 6] = 0.3
y = 0
for k = 1 to 6 {
    A[k, 1:4] = A[k - 1, 1:4] * w[k] / 7 + y
    y = y + A[k, mod(3 * k, 5)]
}
output z = y + sum(A^2)""",
    "strides": """\
input w[30] = 0.7, x = 3
y = x
for k = 1 to 5 {
    y = y + sum(w[:6 * k:2 * k]) * x / k + w[k * k]
    w[k * k] = sin(y)
}
output z = y * w[4]""",
    "matrices": """\
input A[3, 3] = [[1, 0.2, 0], [0.1, 1, 0.3], [0, 0.2, 1]], v[3] = [1, 2, 3]
B = A
for k = 1 to 5 {
    v = A @ v / norm(v)
    A[0, 1] = A[0, 1] * 0.9 + v[k - 3]
    B = B @ A + sin(B) / k
}
output z = v @ v + sum(A) + sum(B)""",
}

# Where a factor of a second derivative overflows, or underflows, and the derivative itself does not: a formula, a
# point, and the derivatives by x and x, x and y, y and y. By mpmath 1.3, as differences with 1500 digits and steps of
# 1e-60.
ON_THE_WAY = [
    ("-2 * (exp2(x^(y^-2)) - y^-2)", (1e-310, -1.0), (-0.9609060278364029, 1976.3050641359062, 12.0)),
    ("x^y", (1e-310, 1.0), (0.0, -712.8013788281542, 5.095124084169725e-305)),
    ("gauss(x) * x^y", (1e-310, 2.0), (2.0, -1.426602757656304e-307, 0.0)),
    ("log(x^y + y)", (1e-310, 1.0), (-1.0, -713.8013788281542, -1.0)),
]


class Wanted(NamedTuple):
    """What a function should give: the value, the gradient and the Hessian, each as a list of numbers."""

    value: list[float]
    gradient: list[float]
    hessian: list[float]


def emitted(
    program: adcli.DifferentiableProgram,
    order: int,
    points: Sequence[Mapping[str, Value]] = ({},),
    name: str = "f",
    nests_arrays: bool = False,
    repeats: Repeats = Repeats.NOTHING,
) -> Function:
    """The function of the first output by all inputs, as it ran at some points."""
    runs = [Start(program.program, point).run for point in points]
    request = Request(program.program.outputs[0], tuple(runs[0].point), order, name)
    return function_of(program.program, [(run.point, run.tape) for run in runs], request, nests_arrays, repeats)


def wanted(program: adcli.DifferentiableProgram, order: int, point: Mapping[str, Any] | None = None) -> Wanted:
    """What the program itself gives at a point."""
    here = point or {}
    of = program.program.outputs[0]
    gradient = program.gradient(here, of=of, difference="none").gradient[of] if order else {}
    blocks = program.hessian(here, of=of).hessian[of] if order == 2 else {}
    sizes = [len(flattened({name: value})) for name, value in gradient.items()]
    rows = [
        [np.reshape(block, (size, other)) for other, block in zip(sizes, row.values(), strict=True)]
        for size, row in zip(sizes, blocks.values(), strict=False)
    ]
    return Wanted(
        list(flattened({of: program.evaluate(here).outputs[of]}).values()),
        list(flattened(gradient).values()),
        np.block(rows).ravel().tolist() if rows else [],
    )


def function(text: str, name: str) -> Callable[..., Any]:
    """The function in a text of Python."""
    names: dict[str, Any] = {}
    exec(text, names)
    return names[name]  # type: ignore[no-any-return]


def truth(program: adcli.DifferentiableProgram, order: int, **inputs: Any) -> list[Any]:
    """What the program itself gives: the value, the gradient by components, the Hessian as a matrix of these."""
    value, gradient, hessian = wanted(program, order, inputs)
    matrix = np.array(hessian).reshape((len(gradient),) * 2) if order == 2 else None
    return [value[0], np.array(gradient), matrix][: 1 + order]


def parts(results: Any) -> list[Any]:
    """What a function of Python gives behind its status, in the same form."""
    value, *derivatives = results
    shown = [float(value)]
    if derivatives:
        shown.append(np.concatenate([np.ravel(part) for part in derivatives[0]]))
    if len(derivatives) > 1:
        shown.append(np.array(derivatives[1]))
    return shown


def orders(program: adcli.DifferentiableProgram) -> range:
    """The orders to look at: second derivatives by many components take long."""
    return range(3 if len(flattened(program.evaluate().inputs)) <= MOST_COMPONENTS else 2)


def far(found: Any, expected: Any) -> float:
    """The largest distance of numbers, in units in the last place."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape
    units = np.spacing(np.maximum(np.abs(found), np.abs(expected)))
    return float(np.max(np.abs(found - expected) / units, initial=0.0))


def flat(result: Any) -> list[float]:
    """The numbers of nested lists, in order."""
    numbers: list[float] = []
    todo = [result]
    while todo:
        item = todo.pop()
        if isinstance(item, list):
            todo += reversed(item)
        else:
            numbers.append(float(item))
    return numbers


def ulps(found: Sequence[float], expected: Sequence[float]) -> float:
    """The largest distance of two numbers in units in the last place of the one that is expected."""
    assert len(found) == len(expected)
    return max((abs(one - other) / math.ulp(other) for one, other in zip(found, expected, strict=True)), default=0.0)


def share(found: Sequence[float], expected: Sequence[float]) -> float:
    """The largest distance as a share of the largest number: rounding errors of arrays are of that size."""
    assert len(found) == len(expected)
    largest = max(map(abs, expected), default=0.0)
    return max((abs(one - other) for one, other in zip(found, expected, strict=True)), default=0.0) / (largest or 1.0)


def drawn(strategy: Any, count: int) -> list[Any]:
    """Programs of a strategy, to be tried in one process of another language."""
    programs: list[Any] = []

    @given(strategy)
    @settings(max_examples=count, deadline=None, database=None)
    def take(program: Any) -> None:
        programs.append(program)

    take()
    return programs

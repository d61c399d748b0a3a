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

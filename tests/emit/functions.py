"""Emitted functions as functions of Python, for the tests of each language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

import adcli
from adcli.tape.components import flattened

MOST_COMPONENTS = 60  # of a Hessian


def function(text: str, name: str) -> Callable[..., Any]:
    """The function in a text of Python."""
    names: dict[str, Any] = {}
    exec(text, names)
    return names[name]  # type: ignore[no-any-return]


def truth(program: adcli.DifferentiableProgram, order: int, **inputs: Any) -> list[Any]:
    """Value, gradient and Hessian as `evaluate`, `gradient` and `hessian` give them: flat, by components."""
    of = program.program.outputs[0]
    results: list[Any] = [program.evaluate(**inputs).outputs[of]]
    if order:
        slopes = program.gradient(of=of, difference="none", **inputs).gradient[of]
        results.append(numpy.array(list(flattened(slopes).values())))
    if order == 2:
        rows = program.hessian(of=of, **inputs).by_component[of]
        results.append(numpy.array([list(row.values()) for row in rows.values()]))
    return results


def flat(results: Any) -> list[Any]:
    """What an emitted function gives behind its status, in the same form."""
    value, *derivatives = results
    shown = [float(value)]
    if derivatives:
        shown.append(numpy.concatenate([numpy.ravel(part) for part in derivatives[0]]))
    if len(derivatives) > 1:
        shown.append(numpy.array(derivatives[1]))
    return shown


def orders(program: adcli.DifferentiableProgram) -> range:
    """The orders to look at: second derivatives by many components take long."""
    return range(3 if len(flattened(program.evaluate().inputs)) <= MOST_COMPONENTS else 2)


def far(found: Any, expected: Any) -> float:
    """The largest distance of numbers, in units in the last place."""
    found, expected = numpy.asarray(found, float), numpy.asarray(expected, float)
    assert found.shape == expected.shape
    units = numpy.spacing(numpy.maximum(numpy.abs(found), numpy.abs(expected)))
    return float(numpy.max(numpy.abs(found - expected) / units, initial=0.0))


def second_far(found: Any, expected: Any, size: Any) -> float:
    """The largest distance of second derivatives, in units in the last place of the terms that they are sums of."""
    return float(numpy.max(numpy.abs(found - expected) / numpy.maximum(numpy.spacing(size), 5e-324), initial=0.0))

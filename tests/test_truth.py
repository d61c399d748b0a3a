"""The derivatives of every sample of numbers against 50 digits: the tape run again with mpmath, and its differences.

Those with arrays are left to test_array_samples.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import mpmath
import pytest

import adcli
from adcli.derive.hessians import hessian
from adcli.derive.modes import gradient, gradient_magnitude, hessian_magnitude
from adcli.rules.functions import precise_function
from adcli.rules.table import CONSTANT, INPUT
from adcli.tape.tape import Tape

from .conftest import PLAIN_SAMPLES

SAMPLES = [path for path in PLAIN_SAMPLES if not adcli.load(str(path)).program.arrays]
EPSILON = 2.0**-52


def exact_value(tape: Tape, output: int, point: Mapping[str, Any]) -> Any:
    """The value of an entry at another point, by the operations that ran."""
    values: list[Any] = []
    for entry, operation in enumerate(tape.operations):
        if operation is INPUT:
            values.append(point[tape.names[entry] or ""])
        elif operation is CONSTANT:
            values.append(mpmath.mpf(tape.values[entry]))
        else:
            operands = [values[operand] for operand in tape.operands[entry]]
            values.append(precise_function(operation)(*operands))
    return values[output]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_derivatives_of_a_sample(path: Path) -> None:
    run = adcli.load(str(path)).tape().run
    tape = run.tape
    names = list(tape.inputs)
    output = tape.bindings[run.program.outputs[0]]
    slopes, sizes = gradient(tape, output, names), gradient_magnitude(tape, {output: 1.0}, names)
    curvatures, second_sizes = hessian(tape, output, names), hessian_magnitude(tape, output, names)
    allowed_roundings = 4 + len(tape) / 10  # each path has at most as many as the tape has entries
    with mpmath.workdps(80):
        point = {name: mpmath.mpf(value) for name, value in run.point.items()}
        h = mpmath.mpf(10) ** -20

        def value(**steps: int) -> Any:
            return exact_value(tape, output, {name: point[name] + h * steps.get(name, 0) for name in names})

        for name in names:
            exact = (value(**{name: 1}) - value(**{name: -1})) / (2 * h)
            assert abs(slopes[name] - exact) <= allowed_roundings * EPSILON * sizes[name], name
        for name, other in combinations_with_replacement(names, 2):
            if name == other:
                exact = (value(**{name: 1}) - 2 * value() + value(**{name: -1})) / h**2
            else:
                corners = [((1, 1), 1), ((1, -1), -1), ((-1, 1), -1), ((-1, -1), 1)]
                exact = sum(sign * value(**{name: a, other: b}) for (a, b), sign in corners) / (4 * h**2)
            size = max(second_sizes[name][other], second_sizes[other][name])
            assert abs(curvatures[name][other] - exact) <= 4 * allowed_roundings * EPSILON * size + 1e-30, (name, other)

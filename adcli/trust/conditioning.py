"""Matrices that are nearly singular: how many digits a solution or an inverse may lose."""

from __future__ import annotations

import math

from adcli.errors import Problem
from adcli.rules.linalg import INVERTING
from adcli.tape.describe import operation_text
from adcli.tape.labels import labels
from adcli.tape.tape import Tape

ILL_CONDITIONED = "ill-conditioned"  # the code of the warning
_TELLING = 1e8  # a condition number that costs half of the digits
_LARGEST = 200  # rows of a matrix whose condition number is worked out: it costs more than the solution
_MOST = 20  # matrices that are looked at


def ill_conditioned(tape: Tape) -> list[Problem]:
    """A warning for each place at which a matrix is inverted, or solved with, that is nearly singular.

    The condition number is that of the matrix with its rows and columns scaled: what is merely badly scaled loses
    nothing.
    """
    entries = [entry for entry, operation in enumerate(tape.operations) if operation.name in INVERTING]
    if not entries:
        return []
    from adcli.rules.readings.linalg import scaled_condition

    problems: dict[object, Problem] = {}
    for entry in entries[:_MOST]:
        matrix, span = tape.values[tape.operands[entry][0]], tape.spans[entry]
        if span in problems or len(matrix) > _LARGEST:
            continue
        condition = scaled_condition(matrix)
        if condition >= _TELLING:
            text = operation_text(tape, entry, labels(tape))
            message = f"`{text}` loses about {math.log10(condition):.0f} digits"
            note = f"the condition number of its matrix is {condition:.1e}, with rows and columns scaled"
            help_text = "`adcli precision` tells what is left; `lstsq(X, y)` loses half as many as `inv(X' @ X)`"
            problems[span] = Problem(ILL_CONDITIONED, message, span, "", note, help_text)
    return list(problems.values())

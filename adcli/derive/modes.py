"""What users ask for: the gradient of one value of a tape."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.derive.reverse import contributions, sweep
from adcli.tape.tape import Tape


def gradient(tape: Tape, output: int, inputs: Sequence[str]) -> dict[str, float]:
    """The derivative of an entry with respect to each of some inputs, from one reverse sweep."""
    active = tape.active([tape.inputs[name] for name in inputs])
    adjoints = sweep(tape, {output: 1.0}, active)
    return {name: adjoints[tape.inputs[name]] or 0.0 for name in inputs}


def gradient_magnitude(tape: Tape, output: int, inputs: Sequence[str]) -> dict[str, float]:
    """For each input the sum over all paths of the absolute products of partials.

    Times the unit round-off it is the size of the rounding error that cancellation leaves in the gradient.
    """
    active = tape.active([tape.inputs[name] for name in inputs])
    magnitudes = [0.0] * len(tape)
    magnitudes[output] = 1.0
    for term in contributions(tape, {output: 1.0}, active):
        magnitudes[term.target] += magnitudes[term.entry] * abs(term.partial)
    return {name: magnitudes[tape.inputs[name]] for name in inputs}

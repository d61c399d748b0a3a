"""The forward sweep: the same partials, carried along the tape as tangents."""

from __future__ import annotations

from collections.abc import Mapping

from adcli.rules.formula import partial
from adcli.tape.tape import Tape


def push_forward(tape: Tape, tangents: Mapping[int, float]) -> list[float | None]:
    """The tangent of every entry, given those of some input entries; None where it is zero by structure."""
    result: list[float | None] = [None] * len(tape)
    for entry, tangent in tangents.items():
        result[entry] = tangent
    for entry, sources in enumerate(tape.operands):
        operands = tape.operand_values(entry)
        for position, source in enumerate(sources):
            tangent_in = result[source]
            if tangent_in is not None:
                term = partial(tape.operations[entry], position, operands, tape.values[entry]) * tangent_in
                so_far = result[entry]
                result[entry] = term if so_far is None else so_far + term
    return result

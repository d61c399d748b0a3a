"""The forward sweep: the same partials, carried along the tape as tangents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from adcli.rules.formula import RAISED, partial, pushforward
from adcli.rules.primitive import Primitive
from adcli.tape.tape import Tape, Value


class _Pushforwards(dict[tuple[Primitive, tuple[bool, ...]], Callable[..., float]]):
    """The compiled rules of each pattern of moving operands, each made when it is first asked for."""

    def __missing__(self, pattern: tuple[Primitive, tuple[bool, ...]]) -> Callable[..., float]:
        self[pattern] = made = pushforward(*pattern)
        return made


_RULES = _Pushforwards()


def push_forward(tape: Tape, tangents: Mapping[int, Value]) -> list[Value | None]:
    """The tangent of every entry, given those of some input entries; None where it is zero by structure."""
    result: list[Value | None] = [None] * len(tape)
    for entry, tangent in tangents.items():
        result[entry] = tangent
    if tape.arrays:
        from adcli.tape.arrays import push_arrays  # which programs of numbers do not need

        push_arrays(tape, result)
        return result
    values, operations = tape.values, tape.operations
    for entry, sources in enumerate(tape.operands):
        if len(sources) == 2:
            left, right = sources
            moving: Sequence[float | None] = (result[left], result[right])
            pattern: tuple[bool, ...] = (moving[0] is not None, moving[1] is not None)
            operands: Sequence[float] = (values[left], values[right])
        else:
            moving = [result[source] for source in sources]
            pattern = tuple([tangent is not None for tangent in moving])
            operands = [values[source] for source in sources]
        if True not in pattern:
            continue
        try:
            result[entry] = _RULES[operations[entry], pattern](values[entry], *operands, *moving)
        except RAISED:
            result[entry] = _term_by_term(tape, entry, moving)
    return result


def _term_by_term(tape: Tape, entry: int, moving: Sequence[float | None]) -> float:
    """The same where Python raised: by IEEE 754, and with the edges of the rule."""
    operands = tape.operand_values(entry)
    terms = [
        partial(tape.operations[entry], position, operands, tape.values[entry]) * tangent
        for position, tangent in enumerate(moving)
        if tangent is not None
    ]
    return sum(terms[1:], terms[0])

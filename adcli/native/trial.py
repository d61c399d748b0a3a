"""Whether an engine computes what the interpreter does: each of its rows, tried before it is believed.

A compiler may be set up to round otherwise, as one does that is told to be fast: the last digits at the samples of the
rows show it, and numbers that are written and read again.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from math import isfinite
from typing import TYPE_CHECKING

from adcli.derive.modes import hessian_product
from adcli.native.instructions import Row
from adcli.native.plan import OK, Line, NativePlan
from adcli.native.products import HessianAt, ProductLine
from adcli.native.texts import read_cells, written_lines
from adcli.rules.compile import applied
from adcli.rules.local import contribution
from adcli.rules.primitive import Primitive
from adcli.syntax.source import Source, Span
from adcli.tape.tape import Tape

if TYPE_CHECKING:
    from adcli.native.engine import Engine, ProductEngine

_NOWHERE = Span(0, 0)


def gives_the_same_bits(engine: Engine) -> bool:
    """Whether each row has the interpreter's bits at its samples: its value, and what its operands receive.

    And whether numbers are written and read as Python does.
    """
    differences = (differs(engine, row.primitive, operands) for row, operands in _all_samples(engine.rows))
    return not any(differences) and spells_as_python(engine, _numbers())


def moves_as_python(engine: Engine, found: ProductEngine) -> bool:
    """Whether each row has the bits of Python's sweep of tangents at its samples."""
    return not any(moves_otherwise(engine, found, *sample) for sample in _all_samples(found.rows))


def differs(engine: Engine, primitive: Primitive, operands: Sequence[float]) -> bool:
    """Whether an operation has other bits in the engine, where all of its numbers are finite.

    Of one with edges, which others know, the engine may say that it has no number.
    """
    tape, entries, value = _applied(primitive, operands)
    is_swept = (primitive.name, len(operands)) in engine.adjoints
    line = Line(NativePlan(tape, engine), (len(operands),), entries if is_swept else ())
    expected = [value, *(_contributions(primitive, operands, value) if is_swept else ())]
    if not all(map(isfinite, expected)):
        return False
    status, found = line.gradient(operands)
    return _bits(found) != _bits(expected) if status == OK else not primitive.edges


def moves_otherwise(engine: Engine, found_in: ProductEngine, row: Row, operands: Sequence[float]) -> bool:
    """Whether second derivatives of an operation have other bits in the engine, which may say that it has no number."""
    active, moving = (True,) * row.arity, dict.fromkeys(range(row.arity), 0.75)
    found, expected = products(engine, found_in, row, operands, active, moving)
    return found is not None and _bits(found.values()) != _bits(expected.values())


def products(
    engine: Engine,
    found_in: ProductEngine,
    row: Row,
    operands: Sequence[float],
    active: Sequence[bool],
    moving: Mapping[int, float],
) -> tuple[dict[str, float] | None, dict[str, float]]:
    """The Hessian of an operation by some operands, times how some of these move, in the engine and without it."""
    tape, entries, value = _applied(row.primitive, operands)
    inputs = list(compress(entries, active))
    names = [name for name, entry in tape.inputs.items() if entry in inputs]
    direction = {name: moving[entry] for name, entry in tape.inputs.items() if entry in moving}
    line = ProductLine(NativePlan(tape, engine), found_in, len(entries), inputs, inputs)
    found = HessianAt(line, array("d", [*operands, value]), names, names).times(direction)
    return found, hessian_product(tape, len(entries), direction, names)


def _applied(primitive: Primitive, operands: Sequence[float]) -> tuple[Tape, tuple[int, ...], float]:
    """A tape of one operation, with the entries of its operands, and its value."""
    tape = Tape(Source("", ""))
    entries = tuple([tape.input(f"x{place}", value, _NOWHERE) for place, value in enumerate(operands)])
    value = applied(primitive, operands)
    tape.append(primitive, entries, value, None, None)
    return tape, entries, value


def spells_as_python(engine: Engine, numbers: Sequence[float]) -> bool:
    """Whether each number, all of which are finite, is written as Python writes it, and read from that again."""
    text = written_lines(engine, [array("d", numbers)], [b""], b"\n", b"")
    if text != "".join([f"{number!r}\n" for number in numbers]).encode("ascii"):
        return False
    found = read_cells(engine, text, ",", 1, [0], [])
    return not found.lines and _bits(found.numbers[0]) == _bits(numbers)


def _numbers() -> list[float]:
    """Numbers of all sizes, with few digits and with many."""
    sizes = [2.0**power for power in range(-1074, 1024)] + [float(f"1e{power}") for power in range(-323, 309)]
    return [0.0, -0.0, *sizes, *(-size / 3 for size in sizes), *(number / 1000 for number in range(1000))]


def _all_samples(rows: Sequence[Row]) -> Iterator[tuple[Row, Sequence[float]]]:
    return ((row, operands) for row in rows for operands in _samples(row.primitive, row.arity))


def _samples(primitive: Primitive, arity: int) -> Iterator[Sequence[float]]:
    if not primitive.samples:
        yield (1.5,)  # of a copy
    for sample in primitive.samples:
        if len(sample) == arity:
            yield tuple(map(float, sample))


def _contributions(primitive: Primitive, operands: Sequence[float], value: float) -> Iterator[float]:
    for position in range(len(operands)):
        yield contribution(primitive, position, 1.0, value, operands) + 0.0


def _bits(numbers: Iterable[float]) -> list[bytes]:
    return [struct.pack("<d", number) for number in numbers]

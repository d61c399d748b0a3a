"""Jacobians: a sweep for each column or row, or for each colour of them, where they are sparse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from math import isfinite

from adcli.derive.colouring import Colouring, columns_coloured
from adcli.derive.components import Components, stacked
from adcli.derive.known import KnownColourings
from adcli.derive.modes import Mode, at_inputs, or_zero, units
from adcli.derive.places import Places, places_of, require_room
from adcli.derive.sparsity import Pattern, jacobian_pattern, pays
from adcli.records import NamedTuple, dataclass
from adcli.rules.dispatch import shape_of
from adcli.tape.domains import push_forward
from adcli.tape.fast import sweep
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape, Value


class Jacobian(NamedTuple):
    """The derivatives of some outputs by some inputs, the way they were computed, and in how many sweeps.

    The derivative of an array by an array has the sizes of the first, then those of the second.
    """

    rows: Mapping[str, Mapping[str, Value]]
    mode: Mode
    sweeps: int


@dataclass(frozen=True)
class JacobianColouring:
    """Which rows or columns of a Jacobian share a sweep.

    Attributes:
        pattern: of the Jacobian, or of its transpose in reverse mode: what is coloured are its columns
        colouring: the colours of these
        mode: which it is
    """

    pattern: Pattern
    colouring: Colouring
    mode: Mode

    @cached_property
    def places(self) -> Places:
        """Where the derivatives stand in the Jacobian."""
        height, width, colours = len(self.pattern.rows), self.pattern.width, self.colouring.colours
        found = [(row, column) for row, columns in enumerate(self.pattern.rows) for column in columns]
        if self.mode is Mode.REVERSE:
            return places_of(width, height, ((column, row, colours[column], row) for row, column in found))
        return places_of(height, width, ((row, column, colours[column], row) for row, column in found))


def jacobian(
    tape: Tape,
    outputs: Mapping[str, int],
    inputs: Sequence[str],
    mode: Mode | None = None,
    known: KnownColourings | None = None,
) -> Jacobian:
    """The derivatives of several entries, in the mode that needs fewer sweeps if none is given.

    Columns without a common row share a sweep, or rows without a common column: the numbers are the same. Which ones do
    may be known from earlier runs of the program. Raises MemoryError, before the work.
    """
    tall = Components.of(tape, outputs)
    wide = Components.of(tape, {name: tape.inputs[name] for name in inputs})
    require_room(tall.size, wide.size)
    usual = mode or (Mode.REVERSE if tall.size <= wide.size else Mode.FORWARD)
    if pays(tape, tall.size if usual is Mode.REVERSE else wide.size):
        colour = partial(jacobian_colouring, tape, outputs, inputs, mode)
        coloured = colour() if known is None else known.of(tape, (*outputs.values(), mode, *inputs), colour)
        compressed = _compressed(tape, tall, wide, coloured) if _saves(coloured) else None
        if compressed is not None:
            return compressed
    return (_reverse if usual is Mode.REVERSE else _forward)(tape, tall, wide)


def _saves(coloured: JacobianColouring) -> bool:
    return coloured.colouring.number < coloured.pattern.width


def jacobian_colouring(
    tape: Tape, outputs: Mapping[str, int], inputs: Sequence[str], mode: Mode | None = None
) -> JacobianColouring:
    """The pattern of a Jacobian with its colours, in the mode that needs fewer if none is given."""
    pattern = jacobian_pattern(tape, list(outputs.values()), inputs)
    sides = {Mode.REVERSE: Pattern(pattern.columns, len(pattern.rows)), Mode.FORWARD: pattern}
    if mode is not None:
        return JacobianColouring(sides[mode], columns_coloured(sides[mode]), mode)
    first = Mode.REVERSE if len(pattern.rows) <= pattern.width else Mode.FORWARD
    order = sorted(sides, key=lambda mode: (_least(sides[mode]), mode is not first))
    best = JacobianColouring(sides[order[0]], columns_coloured(sides[order[0]]), order[0])
    if _least(sides[order[1]]) < best.colouring.number or order[1] is first:
        other = JacobianColouring(sides[order[1]], columns_coloured(sides[order[1]]), order[1])
        best = min((best, other), key=lambda side: (side.colouring.number, side.mode is not first))
    return best


def _least(pattern: Pattern) -> int:
    """So many colours its columns need at least."""
    return max(map(len, pattern.rows), default=0)


def _forward(tape: Tape, tall: Components, wide: Components) -> Jacobian:
    """Column by column."""
    columns = {
        name: [push_forward(tape, {entry: unit}) for unit in units(tape.values[entry])]
        for name, entry in wide.entries.items()
    }
    rows: dict[str, Mapping[str, Value]] = {}
    for output, entry in tall.entries.items():
        rows[output] = {
            name: stacked(
                [or_zero(column[entry], tape.values[entry]) for column in columns[name]],
                shape_of(tape.values[source]),
                True,
            )
            for name, source in wide.entries.items()
        }
    return Jacobian(rows, Mode.FORWARD, wide.size)


def _reverse(tape: Tape, tall: Components, wide: Components) -> Jacobian:
    """Row by row."""
    active = active_entries(tape, list(wide.entries.values()))
    names = list(wide.entries)
    rows: dict[str, Mapping[str, Value]] = {}
    for output, entry in tall.entries.items():
        sweeps = [
            at_inputs(tape, sweep(tape, {entry: unit}, active, keep=False), names) for unit in units(tape.values[entry])
        ]
        shape = shape_of(tape.values[entry])
        rows[output] = {name: stacked([slopes[name] for slopes in sweeps], shape) for name in names}
    return Jacobian(rows, Mode.REVERSE, tall.size)


def _compressed(tape: Tape, tall: Components, wide: Components, coloured: JacobianColouring) -> Jacobian | None:
    """The Jacobian of a sweep for each colour; None where not all is finite, of which columns alone may know more."""
    colouring, mode = coloured.colouring, coloured.mode
    seeded, asked = (tall, wide) if mode is Mode.REVERSE else (wide, tall)
    swept = _sweeps(tape, wide, mode)
    products = []
    for group in colouring.groups:
        slopes = swept(seeded.units(group))
        product = asked.flat(
            {name: or_zero(slopes[entry], tape.values[entry]) for name, entry in asked.entries.items()}
        )
        if not all(map(isfinite, product)):
            return None
        products.append(product)
    numbers = coloured.places.among(products)
    return Jacobian(tall.by_name(wide, coloured.places.whole(numbers)), mode, colouring.number)


def _sweeps(tape: Tape, wide: Components, mode: Mode) -> Callable[[Mapping[int, Value]], Sequence[Value | None]]:
    """The sweep of a mode, as a function of what it starts with, by entry."""
    if mode is Mode.FORWARD:
        return lambda seeds: push_forward(tape, seeds)
    active = active_entries(tape, list(wide.entries.values()))
    return lambda seeds: sweep(tape, seeds, active, keep=False)

"""The propagation of distributions: a program at many points that are drawn (JCGM 101:2008)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adcli.errors import AdError, Problem
from adcli.jobs.columns import Columns, Samples, is_affine
from adcli.jobs.quantities import BAD_CORRELATION, Quantities, Quantity, correlation_matrix
from adcli.jobs.uncertain import Distribution
from adcli.program.program import Program, differentiates
from adcli.records import NamedTuple
from adcli.run import Run
from adcli.tape.components import index_of, name_of
from adcli.tape.execute import execute
from adcli.tape.limits import Limits
from adcli.tape.reach import varying_entries, varying_guards
from adcli.tape.selected import Selections
from adcli.tape.tape import COMPARE, Tape, Value
from adcli.tape.walk import forward
from adcli.trust.compare import Progress

_NUMBERS_AT_ONCE = 2**24  # that a tape of samples may hold
_MOST_CALLS = 2**16  # of operations that take one sample after the other
_MOST_GROUPS = 64  # of samples with the same decisions
_TRIED = 500  # samples that tell, before the others are drawn, whether there are more groups
_FEW = 2_000  # samples that run one by one where there are more groups
_MOST_ENTRIES = 1_000_000  # of all tapes of these
_FEWEST = 200  # samples nevertheless


class Drawn(NamedTuple):
    """The values of some outputs at points that were drawn.

    Attributes:
        values: of each output, one for each sample; NaN where it has none
        groups: how many ways through the program they took; 1 where nobody looked
        reduced: why there are fewer samples than were asked for; empty where there are not
        interrupted: whether that is because somebody ended it
    """

    values: Mapping[str, Columns]
    groups: int
    reduced: str = ""
    interrupted: bool = False


def propagated(
    run: Run, outputs: Sequence[str], quantities: Quantities, samples: int, seed: int, progress: Progress | None = None
) -> Drawn:
    """The outputs at so many points, drawn from the distributions of the quantities.

    `progress` is told how many are done, of how many. An interrupt (Ctrl-C) leaves those that are done.

    Raises AdError `bad-correlation` where what is correlated has a distribution that is not normal.
    """
    import numpy

    _require_normal(quantities)
    try:
        if not differentiates(run.program):
            with numpy.errstate(all="ignore"):
                return _propagated(run, outputs, quantities, samples, seed, progress or _nobody)
        why = "each runs by itself, as the program differentiates"
    except _TooManyGroupsError:
        why = f"they take more than {_MOST_GROUPS} ways through the program, and run one by one"
    few = min(samples, max(_FEWEST, min(_FEW, _MOST_ENTRIES // len(run.tape))))
    values: dict[str, Columns] = {name: numpy.full(few, math.nan) for name in outputs}
    everything = _drawn(quantities, few, _generator(seed))
    selections = Selections(outputs)
    done = 0
    try:
        for done in range(few):
            (progress or _nobody)(done, few)
            tape = _executed(run, _point(run.point, everything, done), run.limits)
            if tape is not None:
                for name, value in selections.values(tape).items():
                    values[name][done] = value
    except KeyboardInterrupt:
        return _interrupted({name: column[:done] for name, column in values.items()}, 1)
    return Drawn(values, 1, why if few < samples else "")


def _nobody(done: int, count: int) -> None:
    """Tell nobody how far it is."""


def _interrupted(values: Mapping[str, Columns], groups: int) -> Drawn:
    return Drawn(values, groups, "it was interrupted", True)


class _TooManyGroupsError(Exception):
    """Nearly every sample takes a way of its own through the program."""


def _require_normal(quantities: Quantities) -> None:
    for place in {place for pair in quantities.correlations for place in pair}:
        quantity = quantities.all[place]
        if quantity.distribution is not Distribution.NORMAL:
            known = f"`{quantity.label}` is {quantity.distribution.value} and correlated"
            message = f"{known}: only normal quantities are drawn together"
            raise AdError(Problem(BAD_CORRELATION, message, help="--samples 0 leaves out what needs the distributions"))


def _calls_for_each(tape: Tape, quantities: Quantities) -> int:
    """How many operations take one sample after the other."""
    varying = varying_entries(tape, [tape.inputs[name_of(label)] for label in quantities.labels])

    def takes_one(entry: int) -> bool:
        moving = [position for position, source in enumerate(tape.operands[entry]) if varying[source]]
        return bool(moving) and not tape.operations[entry].elementwise and not is_affine(tape, entry, moving)

    return sum(map(takes_one, range(len(tape))))


def _propagated(
    run: Run, outputs: Sequence[str], quantities: Quantities, samples: int, seed: int, progress: Progress
) -> Drawn:
    """The same for all samples that take the same way at once, block by block."""
    import numpy

    calls, reduced = _calls_for_each(run.tape, quantities), ""
    if calls * samples > _MOST_CALLS:
        fewer = max(_MOST_CALLS // calls, min(samples, _FEW))
        samples, reduced = fewer, "operations on whole arrays take them one by one"
    generator = _generator(seed)
    size = _block_size(run.tape, samples)
    ways = [_Way(run.tape, quantities, outputs)]
    _in_groups(run, ways, _drawn(quantities, min(_TRIED, samples), _generator(seed)), quantities, outputs)
    parts: dict[str, list[Columns]] = {name: [] for name in outputs}
    interrupted = False
    for start in range(0, samples, size):
        try:
            progress(start, samples)
            drawn = _drawn(quantities, min(size, samples - start), generator)
            block = _in_groups(run, ways, drawn, quantities, outputs)
        except KeyboardInterrupt:
            interrupted = True
            break
        for name, column in block.items():
            parts[name].append(column)
    values = {name: numpy.concatenate([*columns, numpy.zeros(0)]) for name, columns in parts.items()}
    return _interrupted(values, len(ways)) if interrupted else Drawn(values, len(ways), reduced)


def _block_size(tape: Tape, samples: int) -> int:
    """How many samples a tape holds at once, in a power of two."""
    numbers = sum(1 if type(value) is float else int(value.size) for value in tape.values)
    most: int = max(_NUMBERS_AT_ONCE // max(numbers, 1), 1)
    return min(samples, 1 << (most.bit_length() - 1))


def _in_groups(
    run: Run, ways: list[_Way], drawn: Mapping[str, Columns], quantities: Quantities, outputs: Sequence[str]
) -> dict[str, Columns]:
    """The outputs at the samples of one block; `ways` gets those ways through the program that are new."""
    import numpy

    count = len(next(iter(drawn.values())))
    values = {name: numpy.full(count, math.nan) for name in outputs}
    left, known, without = numpy.arange(count), 0, 0
    while left.size:
        if known == len(ways):
            if known + without >= _MOST_GROUPS:
                raise _TooManyGroupsError
            tape = _executed(run, _point(run.point, drawn, int(left[0])), run.limits)
            if tape is None:  # a requirement fails there, or a loop has no end: there is no value
                left, without = left[1:], without + 1
                continue
            ways.append(_Way(tape, quantities, outputs))
        found, alike, refused = ways[known].at({label: column[left] for label, column in drawn.items()})
        for name, column in found.items():
            values[name][left[alike]] = column[alike]
        left, known = left[~(alike | refused)], known + 1
    return values


class _Way:
    """A way through the program, which all samples take whose decisions come out alike."""

    def __init__(self, tape: Tape, quantities: Quantities, outputs: Iterable[str]) -> None:
        self._tape = tape
        self._selected = Selections(outputs).on(tape)
        sources = {tape.inputs[name_of(label)] for label in quantities.labels}
        varying = varying_entries(tape, sources)
        self._entries = [entry for entry, varies in enumerate(varying) if varies and entry not in sources]
        self._guards = varying_guards(tape, varying)

    def at(self, drawn: Mapping[str, Columns]) -> tuple[dict[str, Columns], Columns, Columns]:
        """The outputs; at which samples the decisions come out alike, and at which a requirement fails."""
        import numpy

        count = len(next(iter(drawn.values())))
        carried = forward(self._tape, Samples(self._tape, drawn, count), self._entries)
        alike, refused = numpy.full(count, True), numpy.full(count, False)
        for guard in self._guards:
            if guard.counts:  # how often a loop counts is decided with a tolerance
                here = self._tape.values
                comes_out: Any = numpy.full(count, True)
                for entry in guard.entries:
                    comes_out = comes_out & (self._column(carried, entry) == here[entry])
            else:
                left, right = (self._column(carried, entry) for entry in (guard.left, guard.right))
                comes_out = COMPARE[guard.comparison](left, right) == guard.holds
            if guard.required:
                refused |= alike & ~comes_out
            alike &= comes_out
        found = {}
        for name, (_, entry, subscripts) in self._selected.items():
            places = subscripts if carried[entry] is None else (slice(None), *subscripts)
            found[name] = numpy.broadcast_to(self._column(carried, entry)[places], count)
        return found, alike, refused

    def _column(self, carried: Any, entry: int) -> Columns:
        import numpy

        return numpy.asarray(self._tape.values[entry]) if carried[entry] is None else carried[entry]


def _executed(run: Run, point: Mapping[str, Value], limits: Limits) -> Tape | None:
    """The run at a point; None where the program refuses it."""
    program: Program = run.program
    try:
        return execute(program, point, limits)
    except AdError:
        return None


def _point(point: Mapping[str, Value], drawn: Mapping[str, Columns], place: int) -> dict[str, Value]:
    """The point of one sample."""
    result = dict(point)
    for label, column in drawn.items():
        name, index = name_of(label), index_of(label)
        if not index:
            result[name] = float(column[place])
            continue
        if result[name] is point[name]:
            result[name] = point[name].copy()
        result[name][index] = column[place]
    return result


# What is drawn


def _generator(seed: int) -> Any:
    """Random numbers that a seed gives again."""
    import numpy

    return numpy.random.Generator(numpy.random.PCG64(seed % 2**64))  # which takes no negative seed


def _drawn(quantities: Quantities, count: int, generator: Any) -> dict[str, Columns]:
    """The samples of each quantity, by its label."""
    joint, matrix = correlation_matrix(quantities.correlations)
    columns = {} if matrix is None else dict(zip(joint, _joint_normal(matrix, count, generator), strict=True))
    drawn = {}
    for place, quantity in enumerate(quantities.all):
        standard = columns[place] if place in columns else _standard(quantity, count, generator)
        drawn[quantity.label] = quantity.value + quantity.extent * standard
    return drawn


def _joint_normal(matrix: Any, count: int, generator: Any) -> Columns:
    """Normal numbers with a matrix of correlations, which may be singular: JCGM 101:2008, 6.4.8."""
    import numpy

    sizes, directions = numpy.linalg.eigh(matrix)
    root = directions * numpy.sqrt(numpy.maximum(sizes, 0.0)) @ directions.T  # whatever signs the directions have
    return root @ generator.standard_normal((len(matrix), count))


def _standard(quantity: Quantity, count: int, generator: Any) -> Columns:
    """Samples of a distribution about 0 whose scale is 1: JCGM 101:2008, 6.4."""
    import numpy

    kind = quantity.distribution
    if kind is Distribution.NORMAL:
        return generator.standard_normal(count)
    if kind is Distribution.T:
        return generator.standard_t(quantity.dof, count)
    if kind is Distribution.UNIFORM:
        return generator.uniform(-1.0, 1.0, count)
    if kind is Distribution.TRIANGULAR:
        return generator.uniform(-0.5, 0.5, count) + generator.uniform(-0.5, 0.5, count)
    return numpy.sin(generator.uniform(-math.pi, math.pi, count))

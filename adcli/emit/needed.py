"""Which entries of a tape become lines: what no result needs is left out, what is done twice is done once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain
from math import isfinite

from adcli.emit.lines import Wanted
from adcli.records import NamedTuple
from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANT, INPUT
from adcli.tape.reach import entries_behind, varying_entries
from adcli.tape.tape import Guard, Tape


class Needed(NamedTuple):
    """What is needed of a tape.

    Attributes:
        entries: for each entry whether it is
        operands: of each entry, where twins are replaced by what stands for them
        twins: for each entry that does what an earlier one does that one, which stands for it
        uses: how often each entry is used
        known: the entries of numbers that are written as they are, though the tape computes them
    """

    entries: Sequence[bool]
    operands: Sequence[tuple[int, ...]]
    twins: Mapping[int, int]
    uses: Sequence[int]
    known: Container[int]


def needed_of(wanted: Wanted) -> Needed:
    """What the results and the guards need."""
    tape = wanted.tape
    ends = [*wanted.results.values(), *chain.from_iterable((guard.left, guard.right) for guard in wanted.guards)]
    known = _known(tape) if wanted.raises else frozenset()
    entries = entries_behind(tape, ends, known)
    operands, twins = _without_twins(tape, entries, wanted, known)
    uses = _uses(operands, entries, ends)
    for entry, own in enumerate(operands) if wanted.inner else ():
        if entries[entry] and entry in wanted.inner:
            for operand in own:  # what the inner lines use of the outer ones has a name: it is computed once
                uses[operand] += operand not in wanted.inner
    return Needed(entries, operands, twins, uses, known)


def _known(tape: Tape) -> frozenset[int]:
    """The entries of numbers that no input moves and that are not finite."""
    found = [entry for entry, value in enumerate(tape.values) if type(value) is float and not isfinite(value)]
    if not found:
        return frozenset()
    varying = varying_entries(tape, tape.inputs.values())
    return frozenset(entry for entry in found if tape.operands[entry] and not varying[entry])


def _without_twins(
    tape: Tape, needed: list[bool], wanted: Wanted, known: Container[int]
) -> tuple[Sequence[tuple[int, ...]], Mapping[int, int]]:
    """The operands of each entry, and for each one that does what an earlier one does that one, which stands for it."""
    kept = {*wanted.results.values(), *wanted.names}
    first: defaultdict[Primitive, dict[tuple[int, ...], int]] = defaultdict(dict)
    twins: dict[int, int] = {}
    operands: list[tuple[int, ...]] = []
    have_no_twin = twins.keys().isdisjoint
    for entry, (operation, own) in enumerate(zip(tape.operations, tape.operands, strict=True)):
        if entry in known:
            own = ()
        elif twins and not have_no_twin(own):
            own = tuple([twins.get(operand, operand) for operand in own])
        operands.append(own)
        if needed[entry] and own:
            same = first[operation].setdefault(own, entry)
            if same != entry and tape.names[entry] is None and entry not in kept:
                twins[entry], needed[entry] = same, False
    return operands, twins


def _uses(operands_of: Sequence[tuple[int, ...]], needed: Sequence[bool], ends: Iterable[int]) -> list[int]:
    """How often each entry is an operand, or an end."""
    uses = [0] * len(operands_of)
    for entry, operands in enumerate(operands_of):
        if needed[entry]:
            for operand in operands:
                uses[operand] += 1
    for end in ends:
        uses[end] += 1
    return uses


class Units(NamedTuple):
    """What becomes lines, or parts of them, in the order of the tape: entries with operands, and decisions.

    Attributes:
        outer: most of them
        inner: those that stand in a part of their own, behind the others
    """

    outer: list[int | Guard]
    inner: list[int | Guard]


def units_of(wanted: Wanted, needed: Needed) -> Units:
    """The units of the needed entries and of the guards."""
    tape, inner = wanted.tape, wanted.inner
    parts = Units([], [])
    guards = sorted(wanted.guards, key=lambda guard: guard.position)[::-1]

    def decide(guard: Guard) -> None:
        parts[guard.left in inner or guard.right in inner].append(guard)

    for entry in range(len(tape)):
        while guards and guards[-1].position <= entry:
            decide(guards.pop())
        if needed.entries[entry] and not (_is_leaf(tape.operations[entry]) or entry in needed.known):
            parts[entry in inner].append(entry)
    for guard in reversed(guards):
        decide(guard)
    return parts


def _is_leaf(operation: Primitive) -> bool:
    """Whether an entry is written where it is used: an input, a number, the size of an array."""
    return operation is CONSTANT or operation is INPUT or operation.of_shapes

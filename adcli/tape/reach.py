"""Which entries of a tape depend on which: the one place that knows.

An entry depends on another if it has a derivative by it that is not zero everywhere: an operand that is only a
subscript or a size carries none. Where any other influence counts, the function says so.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence

from adcli.rules.facts import EVERY, Fact
from adcli.rules.table import INPUT, STATE
from adcli.tape.block_runs import BlockRuns
from adcli.tape.tape import Guard, Tape

_LEAVES = (INPUT, STATE)  # which no run of a block has
_FIRST = (0,)  # of an element and of a part, of which a loop may have many


def active_entries(tape: Tape, sources: Collection[int]) -> list[bool]:
    """For each entry whether it depends on one of the given entries, or is one; the others are passive."""
    chosen = set(sources)
    if not tape.block_runs or any(tape.operations[entry] not in _LEAVES for entry in chosen):
        return _active_among(_carrying(tape, chosen, tape.operands), chosen, [])
    active: list[bool] = []
    carrying = _carrying(tape, chosen, tape.noted_operands)
    for runs in tape.block_runs:
        _active_among(carrying, chosen, active, runs.start)
        active_in_runs(runs, active)
    return _active_among(carrying, chosen, active)


def active_in_runs(runs: BlockRuns, active: list[bool]) -> None:
    """Add for each entry of these runs whether it is active: what does not change from run to run does not later on."""
    before = None
    for run in range(runs.times):
        sources = tuple([active[source] for source in runs.sources_of(run)])
        if sources == before:
            active.extend(runs.rows.active(sources) * (runs.times - run))
            return
        active.extend(runs.rows.active(sources))
        before = sources


def _active_among(
    carrying: Sequence[Sequence[int]], chosen: Collection[int], active: list[bool], end: int | None = None
) -> list[bool]:
    """For each entry up to an end whether it is active, given that of the first ones."""
    append = active.append
    for operands in carrying[len(active) : end]:
        if not operands:
            append(len(active) in chosen)
        elif active[operands[0]] or active[operands[-1]]:  # all that most have
            append(True)
        else:
            append(len(operands) > 2 and any(active[operand] for operand in operands))
    return active


def _carrying(tape: Tape, chosen: Collection[int], noted: Sequence[tuple[int, ...]]) -> Sequence[Sequence[int]]:
    """Of each entry the noted operands that it has derivatives by; none of those that are chosen themselves."""
    operations, entries = tape.operations, tape.array_entries()
    inner = [entry for entry in chosen if noted[entry]]
    if not (entries or inner):
        return noted
    carrying = list(noted)
    for entry in entries:
        by, operands = operations[entry].by, carrying[entry]
        if operands and by is not EVERY:
            carrying[entry] = (
                (operands[0],) if by == _FIRST else tuple([operands[p] for p in operations[entry].known("by")])
            )
    for entry in inner:
        carrying[entry] = ()
    return carrying


def varied_operands(tape: Tape, entry: int) -> Sequence[int]:
    """The positions of the operands that an entry has derivatives by: not those of subscripts, or of sizes."""
    by: Fact | tuple[int, ...] = tape.operations[entry].known("by")
    return range(len(tape.operands[entry])) if isinstance(by, Fact) else by


def varying_entries(tape: Tape, sources: Iterable[int], by_shape: bool = True) -> list[bool]:
    """For each entry whether it has anything to do with one of the given entries.

    Be it only with its shape; or not, where shapes are what they are.
    """
    varying = [False] * len(tape)
    for entry in sources:
        varying[entry] = True
    operations = tape.operations
    for entry, operands in enumerate(tape.operands):
        if operands and not varying[entry] and (by_shape or not operations[entry].of_shapes):
            for operand in operands:  # faster than `any`
                if varying[operand]:
                    varying[entry] = True
                    break
    return varying


def varying_guards(tape: Tape, varying: Sequence[bool]) -> list[Guard]:
    """The decisions that depend on entries which vary: others come out as they did."""
    return [guard for guard in tape.guards if any(varying[entry] for entry in guard.entries)]


def entries_behind(tape: Tape, entries: Iterable[int], known: Container[int] = ()) -> list[bool]:
    """For each entry whether one of the given entries is computed from it in any way, or is it.

    Not by way of entries that are `known`.
    """
    behind, operands = [False] * len(tape), tape.operands
    for entry in entries:
        behind[entry] = True
    for entry in range(len(tape) - 1, -1, -1):
        if behind[entry] and entry not in known:
            for operand in operands[entry]:
                behind[operand] = True
    return behind


def differentiable_inputs(tape: Tape, entries: Iterable[int]) -> list[str]:
    """The inputs by which some entries can be differentiated: not those behind an operand without a derivative."""
    without = {operation for operation in set(tape.operations) if operation.without}
    if not without:
        return list(tape.inputs)
    behind = entries_behind(tape, entries)
    ends = [
        tape.operands[entry][position]
        for entry, operation in enumerate(tape.operations)
        if behind[entry] and operation in without
        for position in operation.without
    ]
    refused = entries_behind(tape, ends)
    return [name for name, entry in tape.inputs.items() if not refused[entry]]


def few_behind(tape: Tape, entries: Iterable[int], most: int) -> list[int] | None:
    """The entries that the given ones are computed from in any way, and they, in falling order; None for more."""
    found, todo = set(entries), list(entries)
    while todo:
        fresh = [operand for operand in tape.operands[todo.pop()] if operand not in found]
        found.update(fresh)
        todo += fresh
        if len(found) > most:
            return None
    return sorted(found, reverse=True)


def dependents(tape: Tape, entry: int, end: int) -> set[int]:
    """The entries up to an end that are computed from an entry in any way, and it.

    The tape keeps what was found: it only grows, and a loop may ask in every iteration.
    """
    done, known = tape.dependents.get(entry, (entry, {entry}))
    for other in range(done + 1, end + 1):
        if not known.isdisjoint(tape.operands[other]):
            known.add(other)
    tape.dependents[entry] = max(done, end), known
    return known


def reach_masks(tape: Tape, sources: Sequence[int]) -> list[int]:
    """For each entry those of the given ones that it is computed from, as the bits of a number."""
    masks = [0] * len(tape)
    for position, entry in enumerate(sources):
        masks[entry] = 1 << position
    for entry, operands in enumerate(tape.operands):
        if not masks[entry]:
            for operand in operands:
                masks[entry] |= masks[operand]
    return masks


def longest_chain(tape: Tape, entry: int) -> int:
    """How many entries there are on the longest chain from a leaf to an entry, both ends included."""
    lengths: list[int] = []
    for operands in tape.operands[: entry + 1]:
        lengths.append(1 + max([lengths[operand] for operand in operands], default=0))
    return lengths[entry]

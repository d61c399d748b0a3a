"""Which entries of a tape are a node of their own in a picture, and which stretches of others are drawn as one.

A short tape is drawn whole. Of a longer one passes of loops are put together first, then calls, then loops, then the
entries of a line, and at last neighbours.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from adcli.records import NamedTuple
from adcli.rules.table import INPUT
from adcli.syntax import nodes
from adcli.tape.describe import large, region_text
from adcli.tape.tape import Region, Tape

_PASSES = 3  # of a loop that is drawn whole
MOST_RESULTS = 3  # of a stretch that has a node for each


class Stretch(NamedTuple):
    """Entries in a row that are drawn together.

    Attributes:
        start, end: the first, and the one behind the last
        text: what they are; empty for an entry by itself
        of: the loop whose passes they are
    """

    start: int
    end: int
    text: str = ""
    of: str = ""


class Wanted:
    """The entries of a tape that are drawn, in one way or another."""

    def __init__(self, tape: Tape, wanted: Sequence[bool], ends: Sequence[int]) -> None:
        """Take the tape, which of its entries are drawn, and those that are read from outside, such as the outputs."""
        self.tape = tape
        self.entries = [entry for entry, drawn in enumerate(wanted) if drawn]
        self._last_reader = [-1] * len(wanted)
        for entry in self.entries:
            for operand in tape.operands[entry]:
                self._last_reader[operand] = entry
        for guard in tape.guards:
            for side in (guard.left, guard.right):
                self._last_reader[side] = max(self._last_reader[side], guard.position)
        for entry in ends:
            self._last_reader[entry] = len(wanted)

    def within(self, stretch: Stretch) -> list[int]:
        """The entries of a stretch that are drawn."""
        return self.entries[bisect_left(self.entries, stretch.start) : bisect_left(self.entries, stretch.end)]

    def results(self, stretch: Stretch) -> list[int]:
        """Those of them that are read behind it."""
        return [entry for entry in self.within(stretch) if self._last_reader[entry] >= stretch.end]

    def nodes(self, stretch: Stretch) -> int:
        """How many nodes a stretch becomes."""
        if not stretch.text:
            return 1
        count = len(self.results(stretch))
        return count if count <= MOST_RESULTS else 1


def own_line(tape: Tape, entry: int) -> int | None:
    """The line of the program that an entry comes from; None for a constant, and in a file that the program uses."""
    span = tape.spans[entry]
    return None if span is None else tape.source.own_line(span.start)


def stretches(wanted: Wanted, most: int, open_pass: int) -> list[Stretch]:
    """The tape in stretches that become no more than about `most` nodes; of each loop the `open_pass` stays open."""
    for fold in (_nothing, _passes, _calls, _loops):
        parts = _covered(wanted, list(fold(wanted.tape, open_pass)))
        if _count(wanted, parts) <= most:
            return parts
    parts = _joined(wanted, parts, _of_one_line(wanted.tape))
    return parts if _count(wanted, parts) <= most else _joined(wanted, parts, _so_many(wanted, parts, most))


def _count(wanted: Wanted, parts: Sequence[Stretch]) -> int:
    return sum(map(wanted.nodes, parts))


def _covered(wanted: Wanted, folded: Sequence[Stretch]) -> list[Stretch]:
    """The folded stretches, without those inside another one, and the entries between them one by one."""
    parts: list[Stretch] = []
    covered = 0
    for stretch in [
        *sorted(folded, key=lambda one: (one.start, -one.end)),
        Stretch(len(wanted.tape), len(wanted.tape)),
    ]:
        if stretch.start < covered:
            continue
        parts += [Stretch(entry, entry + 1) for entry in wanted.within(Stretch(covered, stretch.start))]
        within = wanted.within(stretch)
        if len(within) == 1:
            parts.append(Stretch(within[0], within[0] + 1))
        elif within:
            parts.append(stretch)
        covered = max(covered, stretch.end)
    return parts


def _nothing(tape: Tape, open_pass: int) -> Iterator[Stretch]:
    return iter(())


def _passes(tape: Tape, open_pass: int) -> Iterator[Stretch]:
    """Of each loop the passes before the open one, and those behind it."""
    for region in tape.regions:
        starts = region.iterations
        if isinstance(region.node, nodes.Apply) or len(starts) <= _PASSES:
            continue
        opened = min(max(open_pass, 1), len(starts))
        text = region_text(region)
        if opened > 1:
            yield Stretch(region.start, starts[opened - 1], _passes_text(1, opened - 1), text)
        if opened < len(starts):
            yield Stretch(starts[opened], region.end, _passes_text(opened + 1, len(starts)), text)


def _passes_text(first: int, last: int) -> str:
    return f"pass {large(first)}" if first == last else f"passes {large(first)} to {large(last)}"


def _calls(tape: Tape, open_pass: int) -> Iterator[Stretch]:
    """Each call, and passes as above."""
    yield from _passes(tape, open_pass)
    yield from (_whole(region) for region in tape.regions if isinstance(region.node, nodes.Apply))


def _loops(tape: Tape, open_pass: int) -> Iterator[Stretch]:
    """Each loop and each call."""
    return map(_whole, tape.regions)


def _whole(region: Region) -> Stretch:
    text = region_text(region)
    if isinstance(region.node, nodes.Apply):
        return Stretch(region.start, region.end, text)
    return Stretch(region.start, region.end, f"{large(len(region.iterations))} passes", text)


# Whether a stretch is put together with so many before it, which begin with a certain one.
Join: TypeAlias = Callable[[int, Stretch, Stretch], bool]


def _of_one_line(tape: Tape) -> Join:
    """Entries that stand in one line of the program."""
    return lambda count, first, part: (
        not (first.text or part.text) and own_line(tape, first.start) == own_line(tape, part.start)
    )


def _so_many(wanted: Wanted, parts: Sequence[Stretch], most: int) -> Join:
    """Neighbours, so that about as many are left as may be drawn: each may have several results."""
    together = -(-len(parts) * 2 // most)
    return lambda count, first, part: count < together


def _joined(wanted: Wanted, parts: Sequence[Stretch], join: Join) -> list[Stretch]:
    """The parts, some of them put together; inputs stay by themselves, unless they are most of what there is."""
    tape, single = wanted.tape, [part for part in parts if wanted.tape.operations[part.start] is INPUT]
    apart = set(single) if len(single) <= len(parts) // 2 else set()
    groups: list[list[Stretch]] = []
    for part in parts:
        group = groups[-1] if groups else []
        if group and not apart.intersection((group[0], part)) and join(len(group), group[0], part):
            group.append(part)
        else:
            groups.append([part])
    return [
        group[0] if len(group) == 1 else Stretch(group[0].start, group[-1].end, _lines_text(tape, group))
        for group in groups
    ]


def _lines_text(tape: Tape, group: Sequence[Stretch]) -> str:
    lines = [line for line in (own_line(tape, group[0].start), own_line(tape, group[-1].end - 1)) if line is not None]
    if not lines:
        return f"{len(group)} entries"
    return f"line {lines[0]}" if min(lines) == max(lines) else f"lines {min(lines)} to {max(lines)}"

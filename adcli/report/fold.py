"""Which entries of a long tape a table shows: its loops and calls are folded.

A short tape is shown whole. Of a longer one a loop shows its first, second and last iteration, and a function its
first two calls. The work done is for what is shown, however long the tape is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain
from operator import attrgetter, sub
from typing import TypeAlias

from adcli.records import NamedTuple
from adcli.report.selection import Chosen
from adcli.rules.table import CONSTANT
from adcli.syntax import nodes
from adcli.tape.describe import region_text
from adcli.tape.labels import Labels
from adcli.tape.tape import Guard, Region, Tape

_SHORT = 50  # entries of a tape that is shown whole
_ITERATIONS = 3  # of a loop that is shown whole
_CALLS = 2  # of a function that are shown
_SHORT_CALL = 4  # entries of a call that is rather shown than folded
_SHORT_CALLS = 20  # of them
_RUN = 400  # entries in a row that are shown without a gap
_EDGE = 100  # of a longer row: at its start and at its end


class Heading(NamedTuple):
    """A line of a table that stands for entries that are not shown, or tells what comes behind it.

    Attributes:
        text: what it says
        within: the entries meant
        hides: whether it stands for them
    """

    text: str
    within: tuple[int, int]
    hides: bool = False


# A row of a folded table: an entry by its number, a decision, or a heading.
Item: TypeAlias = int | Guard | Heading


class _Stretch(NamedTuple):
    """Entries, with the regions and the guards among them: pairs of the first and the one after the last."""

    entries: tuple[int, int]
    regions: tuple[int, int]
    guards: tuple[int, int]


_Part: TypeAlias = Heading | _Stretch
_NONE = (0, 0)
_HEADING = 60  # characters of a loop's or a call's text


_position = attrgetter("position")
_start = attrgetter("start")


def folded(tape: Tape, chosen: Chosen, reverse: bool = False) -> Iterator[Item]:
    """The rows of a table, in the order of the tape or the other way round."""
    selection = chosen.selection
    wanted = chosen.places() if chosen.filters else []
    short = (len(wanted) if chosen.filters else len(tape) - len(tape.constants)) <= _SHORT
    if short or selection.everything or selection.entries is not None:
        everything = list(_in_order(tape, (0, len(tape)), (0, len(tape.guards))))
        yield from filter(chosen.wants, reversed(everything) if reverse else everything)
        return
    headings: list[Heading] = []  # shown when something follows that they are about
    for item in _Folder(tape, chosen.names, reverse, gaps=not chosen.filters).items():
        if isinstance(item, Heading):
            if chosen.filters and item.hides:
                first = bisect_left(wanted, item.within[0])
                if first == len(wanted) or wanted[first] >= item.within[1]:
                    continue
                yield from (heading for heading in headings if heading.within[0] <= wanted[first] < heading.within[1])
                yield item
                headings = []
            else:
                headings.append(item)
        elif chosen.wants(item):
            entry = item.position if isinstance(item, Guard) else item
            if chosen.filters:
                headings = [heading for heading in headings if heading.within[0] <= entry < heading.within[1]]
            yield from headings
            headings = []
            yield item
    if not chosen.filters:
        yield from headings


def _in_order(tape: Tape, entries: tuple[int, int], guards: tuple[int, int]) -> Iterator[int | Guard]:
    """Entries, each behind the guards that were decided before it."""
    entry = entries[0]
    for guard in tape.guards[slice(*guards)]:
        yield from range(entry, max(entry, guard.position))
        entry = max(entry, guard.position)
        yield guard
    yield from range(entry, entries[1])


class _Folder:
    """Walks over the regions of a tape, through a stack of its own: calls may be nested to any depth."""

    def __init__(self, tape: Tape, names: Labels, reverse: bool, gaps: bool) -> None:
        self.tape = tape
        self.names = names
        self.reverse = reverse
        self.gaps = gaps
        self.constants = tape.constants
        self.shown: dict[str, int] = {}  # how many calls of each function

    def items(self) -> Iterator[Item]:
        """The rows, in the order in which they are shown."""
        tape = self.tape
        todo: list[_Part] = [_Stretch((0, len(tape)), (0, len(tape.regions)), (0, len(tape.guards)))]
        while todo:
            part = todo.pop()
            if isinstance(part, Heading):
                yield part
            elif part.regions[0] < part.regions[1]:
                todo.extend(reversed(self._split(part)))
            else:
                yield from self._run(part)

    def _split(self, stretch: _Stretch) -> list[_Part]:
        """The loops and calls in a stretch, and what stands between them."""
        regions = self.tape.regions
        entry, end = stretch.entries
        guard, last_guard = stretch.guards
        parts: list[list[_Part]] = []
        index = stretch.regions[0]
        while index < stretch.regions[1]:
            region = regions[index]
            if region.start < region.end:
                parts.append([_Stretch((entry, region.start), _NONE, (guard, region.guards[0]))])
                parts.append(self._parts(index))
                entry, guard = region.end, region.guards[1]
            index = region.after
        parts.append([_Stretch((entry, end), _NONE, (guard, last_guard))])
        return list(chain.from_iterable(reversed(parts) if self.reverse else parts))

    def _parts(self, index: int) -> list[_Part]:
        """What is shown of a loop or a call."""
        region = self.tape.regions[index]
        if isinstance(region.node, nodes.Apply):
            function = region.node.function
            self.shown[function] = self.shown.get(function, 0) + 1
            count = self._count(region.start, region.end)
            if self.shown[function] > (_CALLS if count > _SHORT_CALL else _SHORT_CALLS):
                text = f"{_entries_text(count)}, {self._range(region.start, region.end)}"
                return [self._heading(region, text, hides=True)]
        elif len(region.iterations) > _ITERATIONS:
            return self._iterations(index)
        return [_Stretch((region.start, region.end), (index + 1, region.after), region.guards)]

    def _iterations(self, index: int) -> list[_Part]:
        """The first two iterations of a loop and its last one, with what ended it."""
        tape = self.tape
        region = tape.regions[index]
        starts = region.iterations
        count = len(starts)
        bounds = [  # of what is shown: entry, region, guard
            (region.start, index + 1, region.guards[0]),
            *((starts[at], self._region_at(index, starts[at]), region.iteration_guards[at]) for at in (1, 2, -1)),
            (region.end, region.after, region.guards[1]),
        ]
        first, second, last = (_Stretch(*zip(bounds[at], bounds[at + 1], strict=True)) for at in (0, 1, 3))
        hidden = f"… {count - 3:,} iteration{'s' if count > 4 else ''}, {self._range(starts[2], starts[-1])}"
        gap = Heading(hidden, (starts[2], starts[-1]), True)
        heading = self._heading(region, f"{self._each(region)}; first, second and last shown")
        return [heading, *((last, gap, second, first) if self.reverse else (first, second, gap, last))]

    def _region_at(self, index: int, entry: int) -> int:
        """The first region inside another one that begins at an entry or behind it."""
        return bisect_left(self.tape.regions, entry, index + 1, self.tape.regions[index].after, key=_start)

    def _each(self, region: Region) -> str:
        """`7 entries each`, or from how many to how many the iterations of a loop have."""
        starts = region.iterations
        ends = chain(starts[1:], [region.end if region.exit < 0 else region.exit])
        if self._count(region.start, region.end) == region.end - region.start:
            counts = set(map(sub, ends, starts))
        else:
            counts = {self._count(start, end) for start, end in zip(starts, ends, strict=True)}
        if len(counts) == 1:
            return f"{_entries_text(counts.pop())} each"
        return f"{min(counts):,} to {_entries_text(max(counts))} each"

    def _range(self, start: int, end: int) -> str:
        """`v10..v20`: the entries that are no constants."""
        operations = self.tape.operations
        entries = range(start, end)
        first = next((entry for entry in entries if operations[entry] is not CONSTANT), start)
        last = next((entry for entry in reversed(entries) if operations[entry] is not CONSTANT), start)
        return f"{self.names.number(first)}..{self.names.number(last)}"

    def _count(self, start: int, end: int) -> int:
        """How many entries there are that are no constants."""
        constants = self.constants
        return end - start - bisect_left(constants, end) + bisect_left(constants, start)

    def _heading(self, region: Region, text: str, hides: bool = False) -> Heading:
        node = region.node
        line, _ = self.tape.source.place(node.span.start)
        return Heading(f"{_short(region_text(region))}: {text} (line {line})", (region.start, region.end), hides)

    def _run(self, stretch: _Stretch) -> Iterator[Item]:
        """Entries without a loop or a call among them."""
        items: list[Item] = list(_in_order(self.tape, stretch.entries, stretch.guards))
        if len(items) > _RUN:
            operations = self.tape.operations
            items = [item for item in items if not isinstance(item, int) or operations[item] is not CONSTANT]
        if len(items) > _RUN and self.gaps:
            hidden = [item for item in items[_EDGE:-_EDGE] if isinstance(item, int)]
            text = f"… {_entries_text(len(hidden))}, {self._range(hidden[0], hidden[-1] + 1)}"
            items = [*items[:_EDGE], Heading(text, stretch.entries), *items[-_EDGE:]]
        return reversed(items) if self.reverse else iter(items)


def _entries_text(count: int) -> str:
    return f"{count:,} entr{'y' if count == 1 else 'ies'}"


def _short(text: str) -> str:
    return text if len(text) <= _HEADING else f"{text[: _HEADING - 1]}…"

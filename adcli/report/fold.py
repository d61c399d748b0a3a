"""Which entries of a long tape a table shows: loops and calls folded, and the choice that a reader makes.

A short tape is shown whole. Of a longer one a loop shows its first, second and last iteration, and a function its
first two calls. The work done is for what is shown, however long the tape is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain
from operator import attrgetter, sub
from typing import NamedTuple, TypeAlias

from adcli.errors import AdError, Problem
from adcli.rules.table import CONSTANT
from adcli.syntax import nodes
from adcli.tape.describe import Labels, region_text
from adcli.tape.tape import Guard, Region, Tape

_SHORT = 50  # entries of a tape that is shown whole
_ITERATIONS = 3  # of a loop that is shown whole
_CALLS = 2  # of a function that are shown
_SHORT_CALL = 4  # entries of a call that is rather shown than folded
_SHORT_CALLS = 20  # of them
_RUN = 400  # entries in a row that are shown without a gap
_EDGE = 100  # of a longer row: at its start and at its end


class Selection(NamedTuple):
    """What a reader wants to see of a tape.

    Attributes:
        everything: fold nothing
        lines: the first and the last line of the program whose entries are wanted
        entries: the first and the last entry wanted, such as `v10` and `v20`; an empty one is the end of the tape
        name: the name, or the one version of it, that is wanted
        active: whether only entries are wanted that depend on an input
    """

    everything: bool = False
    lines: tuple[int, int] | None = None
    entries: tuple[str, str] | None = None
    name: str | None = None
    active: bool = False


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


class Chosen:
    """A selection, made ready for a tape. Raises AdError where it names what the tape does not have.

    Attributes:
        selection: what the reader wants to see
        names: what the entries are called
        filters: whether anything is left out that is not folded
    """

    def __init__(
        self, selection: Selection | None, tape: Tape, names: Labels, active: list[bool], only_named: bool = False
    ) -> None:
        self.selection = selection = selection or Selection()
        self.names = names
        self._only_named = only_named
        self.filters = (
            only_named
            or selection.active
            or not all(part is None for part in (selection.lines, selection.entries, selection.name))
        )
        self._tape = tape
        self._active = active
        self._span = _span_of_lines(tape, selection.lines)
        self._range = _range_of_entries(names, selection.entries)
        self._named = _entries_of_name(names, selection.name)

    def wants(self, item: int | Guard) -> bool:
        """Whether an entry or a guard is to be shown."""
        tape = self._tape
        if isinstance(item, Guard):
            if self.selection.name is not None or self._only_named or not self._in_range(item.position):
                return False
            active = self._active[item.left] or self._active[item.right]
            return self._in_lines(item.span) and (active or not self.selection.active)
        if tape.operations[item] is CONSTANT or not self._in_range(item):
            return False
        if self._only_named and tape.names[item] is None:
            return False
        if self._named is not None and item not in self._named:
            return False
        return self._in_lines(tape.spans[item]) and (self._active[item] or not self.selection.active)

    def _in_range(self, entry: int) -> bool:
        if self._range is None:
            return True
        first, last = self._range
        return first <= entry <= last or entry > last == len(self._tape) - 1  # a guard may be decided at the very end

    def _in_lines(self, span: tuple[int, int] | None) -> bool:
        return self._span is None or (span is not None and self._span[0] <= span[0] < self._span[1])

    def entries(self) -> Iterator[int]:
        """All the entries that are wanted, unfolded."""
        return (entry for entry in range(len(self._tape)) if self.wants(entry))

    def guards(self) -> Iterator[Guard]:
        """All the guards that are wanted."""
        return filter(self.wants, self._tape.guards)

    def places(self) -> list[int]:
        """Where the wanted entries and guards are on the tape, in order."""
        return sorted([*self.entries(), *(guard.position for guard in self.guards())])


def _span_of_lines(tape: Tape, lines: tuple[int, int] | None) -> tuple[int, int] | None:
    if lines is None:
        return None
    count = len(tape.source.text.splitlines())
    if lines[0] > count:
        note = f"its lines go from 1 to {count}"
        raise AdError(Problem("unknown-entry", f"the program has no line {lines[0]}", note=note))
    starts = [*tape.source.line_starts, len(tape.source.text) + 1]
    first, last = (min(max(line, 1), len(starts)) for line in (lines[0], lines[1] + 1))
    return starts[first - 1], starts[last - 1]


def _range_of_entries(names: Labels, wanted: tuple[str, str] | None) -> tuple[int, int] | None:
    if wanted is None:
        return None
    last = len(names.tape) - 1
    found = [0, last]
    for end, label in enumerate(wanted):
        if not label:
            continue
        entry = names.find_number(label)
        if entry is None:
            entry = names.find(label)
        if entry is None:
            note = f"its entries go from {names.number(0)} to {names.number(last)}"
            raise AdError(Problem("unknown-entry", f"the tape has no entry `{label}`", note=note))
        found[end] = entry
    if found[0] > found[1]:
        raise AdError(Problem("unknown-entry", f"`{wanted[0]}` comes after `{wanted[1]}`", help="swap the two"))
    return found[0], found[1]


def _entries_of_name(names: Labels, name: str | None) -> set[int] | None:
    if name is None:
        return None
    entries = set(names.bindings(name))
    if not entries:
        entry = names.find(name)
        if entry is None:
            from adcli.program.suggest import did_you_mean

            help_text = did_you_mean(name, names.names()) or f"its values: {', '.join(names.names()[:20])}"
            raise AdError(Problem("unknown-name", f"the program has no value `{name}`", help=help_text))
        entries = {entry}
    return entries


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

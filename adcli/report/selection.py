"""The entries of a tape that a reader chooses to see."""

from __future__ import annotations

from collections.abc import Iterator

from adcli.errors import AdError, Problem
from adcli.records import NamedTuple
from adcli.rules.table import CONSTANT
from adcli.tape.labels import Labels
from adcli.tape.tape import Guard, Tape


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
    first_and_last = [0, last]
    for end, label in enumerate(wanted):
        if not label:
            continue
        entry = names.find_number(label)
        if entry is None:
            entry = names.find(label)
        if entry is None:
            note = f"its entries go from {names.number(0)} to {names.number(last)}"
            raise AdError(Problem("unknown-entry", f"the tape has no entry `{label}`", note=note))
        first_and_last[end] = entry
    if first_and_last[0] > first_and_last[1]:
        raise AdError(Problem("unknown-entry", f"`{wanted[0]}` comes after `{wanted[1]}`", help="swap the two"))
    return first_and_last[0], first_and_last[1]


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

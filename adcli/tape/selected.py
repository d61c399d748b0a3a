"""What a user names to be differentiated: a value of a run, or a component of one. To look it up changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adcli.errors import AdError, Problem
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import shape_text
from adcli.rules.subscripts import element
from adcli.tape.components import unit_at, value_at
from adcli.tape.labels import find_entry
from adcli.tape.tape import Tape, Value


class Selected(NamedTuple):
    """A named value of a run, or a component of it.

    Attributes:
        label: what the user calls it: `L`, `w[2]`
        entry: of the tape; of a component that of its array
        subscripts: of the component; none for the whole value
    """

    label: str
    entry: int
    subscripts: tuple[int, ...] = ()

    def value(self, tape: Tape) -> Value:
        """Its value on a tape of the same entries: of a component a number."""
        return value_at(tape.values[self.entry], self.subscripts)

    def seed(self, tape: Tape) -> Value:
        """The adjoint that the entry starts with in a sweep from it: 1; of an array 1 in the component, 0 elsewhere."""
        return unit_at(tape.values[self.entry], self.subscripts) if self.subscripts else 1.0

    def seeds(self, tape: Tape) -> dict[int, Value]:
        """The same by the entry."""
        return {self.entry: self.seed(tape)}


def select(tape: Tape, name: str) -> Selected:
    """What a name selects: a value by its name or label (`c`, `c_2`), or a component of one (`w[2]`, `X[1, 0]`).

    Raises AdError `unknown-name`.
    """
    if not name.endswith("]"):
        return Selected(name, find_entry(tape, name))
    array, _, inside = name[:-1].partition("[")
    entry = find_entry(tape, array.strip())
    shape = shape_of(tape.values[entry])
    try:
        subscripts = tuple(int(part) for part in inside.split(","))
    except ValueError:
        subscripts = ()
    pairs = zip(subscripts, shape, strict=False)
    if not subscripts or len(subscripts) != len(shape) or not all(-size <= place < size for place, size in pairs):
        note = f"`{array}` is {shape_text(shape)}"
        raise AdError(Problem("unknown-name", f"there is no component `{name}`", note=note))
    return Selected(name, entry, subscripts)


class Selections:
    """What some names select on one tape after another; they are looked up anew only where other entries ran."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._operands: Sequence[tuple[int, ...]] | None = None  # of the tape that was looked at last
        self._selected: Mapping[str, Selected] = {}

    def on(self, tape: Tape) -> Mapping[str, Selected]:
        """What each name selects on a tape. Raises AdError `unknown-name`."""
        if self._operands is not tape.operands:  # a run retraced at another point has the same entries
            self._operands, self._selected = tape.operands, {name: select(tape, name) for name in self._names}
        return self._selected

    def values(self, tape: Tape) -> dict[str, Value]:
        """The value of each."""
        return {name: selected.value(tape) for name, selected in self.on(tape).items()}

    def entries(self, tape: Tape) -> list[int]:
        """The entries that they are, or are components of."""
        return [selected.entry for selected in self.on(tape).values()]


def with_entries(tape: Tape, selections: Iterable[Selected]) -> tuple[Tape, dict[str, int]]:
    """A tape on which all that is selected has an entry of its own, and these entries by label.

    That is the tape itself, or a copy to which the components are appended: for what shows entries, counts them, or
    follows paths between them.
    """
    own = tape
    entries: dict[str, int] = {}
    for selected in selections:
        label, entry, subscripts = selected
        if subscripts and label not in entries:
            own = tape.copy() if own is tape else own
            places = [own.constant(str(place), float(place)) for place in subscripts]
            operation = element(",".join("." for _ in subscripts))
            entry = own.append(operation, (entry, *places), selected.value(tape), label, tape.spans[entry])
        entries.setdefault(label, entry)
    return own, entries

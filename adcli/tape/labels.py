"""What the entries of a tape are called, and their adjoints and tangents."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from functools import cached_property
from itertools import count

from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.syntax import nodes
from adcli.syntax.formula import Formula, Template, atom_node
from adcli.syntax.source import Span
from adcli.tape.tape import Tape

_MOST_KEPT = 10_000  # labels: of a long tape most are asked for where the entry is
_NOWHERE = Span(0, 0)
_LABEL = Template(nodes.Name("{0}", _NOWHERE))


class Labels(dict[int, str]):
    """What each entry is called: by its name, numbered from the second binding on (`c`, `c_2`), or by its number.

    Names are counted when the first one is asked for, and nothing is made for entries that nobody asks for. Labels are
    kept for a while: what is said of an entry, and of those behind it, has its label again and again.
    """

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self.tape = tape
        self._constants = tape.constants

    @cached_property
    def _letter(self) -> str:
        """`v`, or another letter where a name of the program looks like `v3`."""
        names = {name for name in set(self.tape.names) if name is not None}
        letters = (letter * times for times in count(1) for letter in "vwu")
        return next(letter for letter in letters if not any(re.fullmatch(rf"{letter}\d+", name) for name in names))

    @cached_property
    def _names(self) -> dict[str, None]:
        """The names that entries were bound to, constants left out."""
        constants = set(self._constants)
        return {name: None for entry, name in enumerate(self.tape.names) if name is not None and entry not in constants}

    @cached_property
    def _bindings(self) -> dict[str, list[int]]:
        """The entries that each name was bound to."""
        bindings: dict[str, list[int]] = {}
        for entry, name in enumerate(self.tape.names):
            if name is not None:
                bindings.setdefault(name, []).append(entry)
        for entry in self._constants:
            bindings[self.tape.names[entry] or ""].remove(entry)
        return {name: entries for name, entries in bindings.items() if entries}

    @cached_property
    def _taken(self) -> dict[str, list[int]]:
        """For each name the numbers that make another name of it: 2 for `c`, if the program has a `c_2` itself."""
        taken: dict[str, list[int]] = {}
        for other in self._names:
            name, _, number = other.rpartition("_")
            if number.isascii() and number.isdigit() and number[0] != "0" and name in self._names:
                taken.setdefault(name, []).append(int(number))
        return {name: sorted(numbers) for name, numbers in taken.items()}

    @cached_property
    def _versions(self) -> Sequence[int]:
        """Of each entry with a name the how manieth it is that has it, past the numbers that are taken; of a constant,
        whose name is its text, 1; of others 0."""
        versions = array("q", bytes(8 * len(self.tape)))
        counts = dict.fromkeys(self._names, 0)
        constants = set(self._constants)
        for entry, name in enumerate(self.tape.names):
            if name is not None:
                if entry in constants:
                    versions[entry] = 1
                else:
                    counts[name] = versions[entry] = counts[name] + 1
        for name in self._taken:
            for entry in self._bindings[name]:
                versions[entry] = self._past_taken(name, versions[entry])
        return versions

    def _past_taken(self, name: str, version: int) -> int:
        """The number of a version where some numbers make other names."""
        if version > 1:
            for taken in self._taken[name]:
                version += 1 < taken <= version
        return version

    @cached_property
    def _places(self) -> Sequence[int]:
        """Of each entry the how manieth it is, constants left out; -1 for these."""
        places, first = array("q"), 0
        for before, entry in enumerate([*self._constants, len(self.tape)]):
            places.extend(range(first - before, entry - before))
            places.append(-1)
            first = entry + 1
        return places

    def number(self, entry: int) -> str:
        """`v0`, `v1` …: an entry by its place. A constant has no place: it is its own text."""
        place = self._places[entry]
        return f"{self._letter}{place}" if place >= 0 else self.tape.names[entry] or ""

    def __missing__(self, entry: int) -> str:
        if len(self) == _MOST_KEPT:
            self.clear()
        self[entry] = label = self.of(entry)
        return label

    def of(self, entry: int) -> str:
        """The label of an entry that is asked for once: it is not kept."""
        version = self._versions[entry]
        label = self.number(entry) if not version else self.tape.names[entry] or ""
        return f"{label}_{version}" if version > 1 else label

    def find(self, label: str) -> int | None:
        """The entry that is called so."""
        if label in self._bindings:
            return self._bindings[label][0]
        name, _, number = label.rpartition("_")
        for entry in self._bindings.get(name, ()) if number.isdigit() else ():
            if self[entry] == label:
                return entry
        return self.find_number(label)

    def find_number(self, number: str) -> int | None:
        """The entry of a number such as `v7`."""
        digits = number.removeprefix(self._letter)
        if not (digits != number and digits.isascii() and digits.isdigit()):
            return None
        entry = int(digits) if len(digits) < 20 else len(self.tape)
        for constant in self._constants:
            entry += constant <= entry
        return entry if entry < len(self.tape) else None

    def bindings(self, name: str) -> list[int]:
        """The entries that a name was bound to."""
        return self._bindings.get(name, [])

    def names(self) -> list[str]:
        """The names that have a value."""
        return list(self._names)


def labels(tape: Tape) -> Labels:
    """What the entries of a tape are called; the tape keeps them as long as nothing is appended."""
    if tape.labels is None or tape.labels[0] != len(tape):
        tape.labels = len(tape), Labels(tape)
    known: Labels = tape.labels[1]
    return known


def find_entry(tape: Tape, name: str) -> int:
    """The entry of a named value: its last binding, or an earlier one by its label (`c`, `c_2`).

    Raises AdError `unknown-name`.
    """
    if name in tape.bindings:
        return tape.bindings[name]
    names = labels(tape)
    entry = names.find(name)
    if entry is not None:
        return entry
    named = names.names()
    help_text = did_you_mean(name, named) or f"its values: {', '.join(named[:20])}"
    raise AdError(Problem("unknown-name", f"the program has no value `{name}`", help=help_text))


def label_node(label: str) -> nodes.Expression:
    """The node of a label: a name, or the number that a constant's label is."""
    if label.startswith("-"):
        return nodes.Apply("-", (nodes.Number(label[1:], _NOWHERE),), _NOWHERE)
    return atom_node(label)


def label_formula(label: str) -> Formula:
    """The label of an entry as a formula."""
    return Formula(label_node(label)) if label[0] == "-" else _LABEL.filled((label,))


def adjoint_name(label: str) -> str:
    """`bar_x`: what the adjoint of an entry is called, everywhere."""
    return f"bar_{label}"


def adjoint_formula(label: str) -> Formula:
    """The adjoint of an entry as a formula."""
    return label_formula(adjoint_name(label))


def tangent_name(label: str) -> str:
    """`dot_x`: what the tangent of an entry is called, everywhere."""
    return f"dot_{label}"

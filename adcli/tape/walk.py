"""The two walks over a tape: what is carried along is a parameter.

A domain says what an operation makes of what its operands carry: real numbers at other inputs, tangents, complex
numbers, numbers with 50 digits. A carrier says what the operands receive of what an operation carries: adjoints, their
absolute values, adjoints with tangents, entries of the recorded sweep, numbers of paths. Every quantity that a tape has
is such a domain or such a carrier; beside these two loops there is the fast lane of plain gradients (`fast.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence
from typing import Any, Protocol, TypeAlias

from adcli.rules.dispatch import is_finite
from adcli.tape.tape import Tape, Value

# What each entry carries, None where that is nothing: of all entries, or of those that are reached.
Carried: TypeAlias = "MutableSequence[Any] | MutableMapping[int, Any]"


class Sparse(dict[int, Any]):
    """What few entries carry; the others carry nothing."""

    def __missing__(self, entry: int) -> None:
        return None


class Domain(Protocol):
    """What goes forward."""

    @property
    def carried(self) -> Carried:
        """What each entry carries: before the walk what the leaves do, behind it what all do."""

    def apply(self, entry: int, operands: list[Any]) -> Any:
        """What an entry's operation makes of what its operands carry."""


class Carrier(Protocol):
    """What goes backward."""

    def terms(self, entry: int, carried: Any) -> Iterable[tuple[int, Any]]:
        """The operands of an entry that receive something, each with what it receives."""

    def add(self, target: int, before: Any, term: Any) -> Any:
        """What an entry carries when it has received a term; before, it carried None if that is the first one."""


def forward(tape: Tape, domain: Domain, entries: Iterable[int] | None = None) -> Carried:
    """Walk forward over some entries, by default all: what each of them carries in the end."""
    carried, operands, apply = domain.carried, tape.operands, domain.apply
    for entry in range(len(tape)) if entries is None else entries:
        sources = operands[entry]
        if sources:
            carried[entry] = apply(entry, [carried[source] for source in sources])
    return carried


def backward(tape: Tape, seeds: Mapping[int, Any], carrier: Carrier) -> list[Any]:
    """Walk backward from the seeds, which are what some entries carry: what every entry has received in the end."""
    carried = seeded(tape, seeds)
    pass_back(carried, range(max(seeds, default=-1), -1, -1), carrier)
    return carried


def seeded(tape: Tape, seeds: Mapping[int, Any]) -> list[Any]:
    """What every entry carries before a walk backward: the seeds, and elsewhere nothing."""
    carried: list[Any] = [None] * len(tape)
    for entry, seed in seeds.items():
        carried[entry] = seed
    return carried


def pass_back(carried: Carried, entries: Iterable[int], carrier: Carrier) -> None:
    """The part of a walk backward that passes on what some entries carry, which come in falling order."""
    terms, add = carrier.terms, carrier.add
    for entry in entries:
        own = carried[entry]
        if own is not None:
            for target, term in terms(entry, own):
                carried[target] = add(target, carried[target], term)


def is_spoilt(carried: Iterable[Value | None]) -> bool:
    """Whether anything is NaN, which what receives nothing may have brought, or an array is not finite."""
    for value in carried:
        if type(value) is float:
            if value != value:
                return True
        elif value is not None and not is_finite(value):
            return True
    return False

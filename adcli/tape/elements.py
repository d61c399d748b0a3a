"""Adjoints of arrays whose elements receive one by one, as in a loop over `w[k]`: kept apart until they are asked for.

A sweep that is recorded would else need a whole array on the tape for each element.
"""

from __future__ import annotations

from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.rules.facts import Notation
from adcli.tape.tape import Tape

_FEW = 4  # of so many elements one at least has to receive something, or arrays are made one by one


class Element(NamedTuple):
    """What one element of an array receives.

    Attributes:
        place: of the element, counted row by row
        adjoint: the entry of what it receives
        taker: the entry that takes the element
    """

    place: int
    adjoint: int
    taker: int


class Elements:
    """What the elements of an array have received.

    Attributes:
        received: by their places, in the order in which they received it
        entry: of the array, once it is put together
    """

    def __init__(self) -> None:
        self.received: dict[int, Element] = {}
        self.entry: int | None = None

    def are_few(self, tape: Tape, array: int) -> bool:
        """Whether most elements of the array have received nothing."""
        return bool(_FEW * len(self.received) < tape.values[array].size)


class Assembled(NamedTuple):
    """What tells where an array is something that was put together of the entries of its elements, by their places."""

    shape: tuple[int, ...]
    entries: dict[int, int]


def place_of_element(tape: Tape, entry: int) -> int | None:
    """The place of the element that an entry takes of its first operand, counted row by row; None if it takes none."""
    if tape.operations[entry].notation is not Notation.PART or type(tape.values[entry]) is not float:
        return None
    place = 0
    array, *subscripts = tape.operand_values(entry)
    for size, subscript in zip(shape_of(array), subscripts, strict=True):
        place = place * size + int(subscript) % size
    return place

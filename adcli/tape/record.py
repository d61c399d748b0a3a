"""The recorded sweeps: a sweep written onto the tape that it sweeps, as more entries.

What is computed is computed by entries (`recorded_terms.py`), so that it can be swept again, to any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from heapq import heappop, heappush

from adcli.errors import AdError
from adcli.program.mistakes import derivative_of_array
from adcli.rules.arrays import RESHAPE, STACK
from adcli.rules.dispatch import shape_of
from adcli.rules.formulas import Shapes, tangent_letter
from adcli.rules.table import CONSTANT
from adcli.syntax.source import Span
from adcli.tape.elements import Assembled, Element, Elements, place_of_element
from adcli.tape.local import is_of_numbers
from adcli.tape.reach import dependents
from adcli.tape.recorded_terms import (
    append,
    append_zeros,
    recorded_contribution,
    recorded_sum,
    recorded_tangent_term,
    recorded_term_of_numbers,
)
from adcli.tape.tape import Tape
from adcli.tape.walk import Sparse, forward, pass_back


class RecordedAdjoints:
    """Entries of adjoints: each contribution, and each sum, is appended to the tape."""

    def __init__(self, tape: Tape, matters: Callable[[int], bool]) -> None:
        """Take the tape, and of which entries the adjoints are asked for, or needed on the way."""
        self.tape = tape
        self.matters = matters

    def terms(self, entry: int, g: int | Elements) -> Iterator[tuple[int, int | Element]]:
        """The operands of an entry with the entries of what they receive, which stand where its operation stands."""
        tape, spans, matters = self.tape, self.tape.spans, self.matters
        first_new = len(spans)
        adjoint = g if type(g) is int else settled(tape, entry, g)
        shapes = None if is_of_numbers(tape, entry) else tape.operand_shapes(entry)
        for position, source in enumerate(tape.noted_operands[entry] or tape.operands[entry]):
            if matters(source):
                if shapes is None:
                    term: int | Element | None = recorded_term_of_numbers(tape, entry, position, "g", adjoint)
                else:
                    term = self._term(entry, position, adjoint, shapes)
                if term is not None:
                    yield source, term
        if len(spans) > first_new:
            spans[first_new:] = [spans[entry]] * (len(spans) - first_new)

    def _term(self, entry: int, position: int, adjoint: int, shapes: Shapes) -> int | Element | None:
        """What an operand of an array, or of an operation on one, receives; None for nothing."""
        tape = self.tape
        if not (position or tape.operands[entry][0] in tape.gaps):
            place = place_of_element(tape, entry)
            if place is not None:
                return Element(place, adjoint, entry)
        return recorded_contribution(tape, entry, position, adjoint, shapes)

    def add(self, target: int, before: int | Elements | None, term: int | Element) -> int | Elements:
        """The entry of a sum; of an array whose elements alone have received anything, these."""
        if before is None and type(term) is int:
            return term
        tape = self.tape
        if isinstance(term, Element):
            if before is None or isinstance(before, Elements):
                return _with_element(tape, before or Elements(), term)
            term = _contribution_of_element(tape, term)
        return term if before is None else recorded_sum(tape, settled(tape, target, before), term)


def _with_element(tape: Tape, elements: Elements, term: Element) -> Elements:
    before = elements.received.get(term.place)
    adjoint = term.adjoint if before is None else recorded_sum(tape, before.adjoint, term.adjoint)
    elements.received[term.place] = term._replace(adjoint=adjoint)
    return elements


def _contribution_of_element(tape: Tape, term: Element) -> int:
    """The entry of an array that is 0 but for one element."""
    received = recorded_contribution(tape, term.taker, 0, term.adjoint, tape.operand_shapes(term.taker))
    assert received is not None
    return received


def settled(tape: Tape, target: int, adjoint: int | Elements) -> int:
    """The entry of an adjoint; that of an array whose elements have received one by one is put together of them."""
    if isinstance(adjoint, int):
        return adjoint
    if adjoint.entry is None:
        adjoint.entry = _put_together(tape, target, adjoint)
    return adjoint.entry


def _put_together(tape: Tape, target: int, adjoint: Elements) -> int:
    received, first_new = adjoint.received, len(tape)
    if adjoint.are_few(tape, target):
        parts = [_contribution_of_element(tape, term) for term in received.values()]
        total = reduce(partial(recorded_sum, tape), parts)
    else:
        total = _assembled(tape, target, {place: term.adjoint for place, term in received.items()})
    span = tape.spans[next(iter(received.values())).taker]
    tape.spans[first_new:] = [span] * (len(tape) - first_new)
    return total


def _assembled(tape: Tape, target: int, entries: dict[int, int]) -> int:
    """The entry of an array of the shape of another one with these elements, and 0 elsewhere."""
    shape = shape_of(tape.values[target])
    zero = tape.constant("0", 0.0) if len(entries) < tape.values[target].size else -1
    total = append(tape, STACK, *(entries.get(place, zero) for place in range(tape.values[target].size)))
    if len(shape) == 2:
        total = append(tape, RESHAPE, total, *(tape.constant(str(size), float(size)) for size in shape))
    if zero >= 0 or not tape.gaps.keys().isdisjoint(entries.values()):
        tape.gaps[total] = Assembled(shape, entries)
    return total


def record_sweep(tape: Tape, seeds: Mapping[int, int], active: Sequence[bool]) -> dict[int, int]:
    """Append the reverse sweep; the entry of the adjoint of every entry that the seeds reach.

    Args:
        tape: what ran; the sweep is appended to it
        seeds: for each output entry the entry of the adjoint that it starts with
        active: for each entry whether it depends on an input that matters
    """
    adjoints = Sparse(seeds)
    pass_back(adjoints, range(max(seeds, default=-1), -1, -1), RecordedAdjoints(tape, active.__getitem__))
    adjoints.update({entry: settled(tape, entry, adjoint) for entry, adjoint in list(adjoints.items())})
    return adjoints


class _AlongWays(RecordedAdjoints):
    """The same along the ways from one entry to another: only entries on these are walked through."""

    def __init__(self, tape: Tape, value: int, variable: int) -> None:
        super().__init__(tape, dependents(tape, variable, value).__contains__)
        self._variable = variable
        self._todo = [-value]  # a heap: the last entries first

    def entries(self) -> Iterator[int]:
        """The entries that received something, in falling order, down to the variable."""
        while self._todo and self._todo[0] != -self._variable:
            yield -heappop(self._todo)

    def add(self, target: int, before: int | Elements | None, term: int | Element) -> int | Elements:
        """The entry of a sum; a target that had received nothing is on a way."""
        if before is None:
            heappush(self._todo, -target)
        return super().add(target, before, term)


def record_derivative(tape: Tape, value: int, variable: int, span: Span) -> int:
    """Append the derivative of one entry by an earlier one, along all ways between the two; its entry.

    Only the entries on these ways are walked through, so that a loop may differentiate in every iteration.
    """
    shape = shape_of(tape.values[value])
    if shape:
        raise AdError(derivative_of_array(shape, span), tape.source)
    if value not in dependents(tape, variable, value):
        return append_zeros(tape, variable) if shape_of(tape.values[variable]) else tape.constant("0", 0.0)
    first_new, guards = len(tape), len(tape.guards)
    adjoints, ways = Sparse({value: tape.constant("1", 1.0)}), _AlongWays(tape, value, variable)
    pass_back(adjoints, ways.entries(), ways)
    received = adjoints[variable]
    derivative = None if received is None else settled(tape, variable, received)
    for new in range(first_new, len(tape)):
        tape.spans[new] = None if tape.operations[new] is CONSTANT else span
    tape.guards[guards:] = [guard._replace(span=span, of_rule=True) for guard in tape.guards[guards:]]
    return append_zeros(tape, variable) if derivative is None else derivative  # nothing is received along any way


class RecordedTangents:
    """Entries of tangents: each term, and each sum, is appended to the tape."""

    def __init__(self, tape: Tape, tangents: Mapping[int, int]) -> None:
        """Take the tape, and the entries of the tangents of some inputs."""
        self.tape = tape
        self.carried = Sparse(tangents)

    def apply(self, entry: int, tangents: list[int | None]) -> int | None:
        """The entry of the tangent of an entry, which stands where its operation stands."""
        tape, spans = self.tape, self.tape.spans
        first_new = len(spans)
        numbers = is_of_numbers(tape, entry)
        shapes = () if numbers else tape.operand_shapes(entry)
        total: int | None = None
        for position, tangent in enumerate(tangents):
            if tangent is None:
                continue
            if numbers:
                letter = tangent_letter(tape.operations[entry], position, len(tangents))
                term = recorded_term_of_numbers(tape, entry, position, letter, tangent)
            else:
                term = recorded_tangent_term(tape, entry, position, tangent, shapes)
            if term is not None:
                total = term if total is None else recorded_sum(tape, total, term)
        if len(spans) > first_new:
            spans[first_new:] = [spans[entry]] * (len(spans) - first_new)
        return total


def record_forward(tape: Tape, tangents: Mapping[int, int], end: int | None = None) -> dict[int, int]:
    """Append the forward sweep; the entry of the tangent of every entry that the given ones reach.

    Args:
        tape: what ran; the sweep is appended to it
        tangents: for some input entries the entry of the tangent
        end: the entry at which the sweep ends; by default all that is on the tape is swept
    """
    domain = RecordedTangents(tape, tangents)
    forward(tape, domain, range(len(tape) if end is None else end))
    return {entry: tangent for entry, tangent in domain.carried.items() if tangent is not None}

"""Which derivatives can be other than 0, from a tape alone: the patterns of Jacobians and of Hessians.

A second derivative is other than 0 only where two inputs come to two operands that meet in an operation (Walther,
"Computing sparse Hessians with automatic differentiation", ACM Trans. Math. Softw. 34 (2008)); which operands meet the
table of rules tells. A pattern holds for any values on the way that ran. It may have a place too many, never one
too few.
"""

from __future__ import annotations

from collections.abc import Sequence

from adcli.derive.spread import Sets, Spread, TooLargeError, count
from adcli.records import NamedTuple
from adcli.rules.dependence import Pairs, meeting
from adcli.tape.reach import active_entries, entries_behind, varied_operands
from adcli.tape.tape import Tape


class Pattern(NamedTuple):
    """Where a matrix of derivatives can be other than 0.

    Attributes:
        rows: for each row the columns, in order
        width: how many columns there are
    """

    rows: Sequence[Sequence[int]]
    width: int

    @property
    def nonzeros(self) -> int:
        """How many places can be other than 0."""
        return sum(map(len, self.rows))

    @property
    def columns(self) -> list[list[int]]:
        """For each column the rows, in order."""
        columns: list[list[int]] = [[] for _ in range(self.width)]
        for place, row in enumerate(self.rows):
            for column in row:
                columns[column].append(place)
        return columns


# What an entry of arrays costs in a pattern and in a sweep, and each of its elements: microseconds, here and there.
_PATTERN, _SWEEP = (20.0, 0.5), (8.0, 0.005)
_FEW = 4  # sweeps over a tape of numbers, which take as long as its pattern


def pays(tape: Tape, sweeps: int) -> bool:
    """Whether a pattern takes less time than so many sweeps, which it may save."""
    if not tape.arrays:
        return sweeps > _FEW
    sizes = len(tape), sum(map(count, map(tape.values.__getitem__, tape.array_entries())))
    pattern, sweep = (sum(size * cost for size, cost in zip(sizes, costs, strict=True)) for costs in (_PATTERN, _SWEEP))
    return pattern < sweeps * sweep


def dense(height: int, width: int) -> Pattern:
    """The pattern of which nothing is known."""
    row = range(width)
    return Pattern([row] * height, width)


def jacobian_pattern(tape: Tape, outputs: Sequence[int], inputs: Sequence[str]) -> Pattern:
    """The pattern of the Jacobian of some entries, by components of them and of the inputs; dense where too large."""
    sources = [tape.inputs[name] for name in inputs]
    behind = entries_behind(tape, outputs)
    height, width = (sum(map(count, map(tape.values.__getitem__, group))) for group in (outputs, sources))
    try:
        spread = Spread(tape, sources)
        spread.over([entry for entry in range(len(tape)) if behind[entry]])
        members = spread.sets.members
        return Pattern([sorted(members[number]) for entry in outputs for number in spread.flat(entry)], spread.width)
    except TooLargeError:
        return dense(height, width)


def hessian_pattern(tape: Tape, output: int, inputs: Sequence[str]) -> Pattern:
    """The pattern of the Hessian of an entry that is a number, by components; dense where it is too large."""
    sources = [tape.inputs[name] for name in inputs]
    try:
        spread = Spread(tape, sources)
        meetings, needed = _meetings(tape, output, sources)
        spread.over(needed)
        together = _Together(spread.sets, spread.width)
        for entry, pairs in meetings:
            for left, right in spread.meeting(entry, pairs):
                together.meet(left, right)
        return Pattern(list(map(sorted, together.rows)), spread.width)
    except TooLargeError:
        width = sum(count(tape.values[entry]) for entry in sources)
        return dense(width, width)


def _meetings(tape: Tape, output: int, sources: Sequence[int]) -> tuple[list[tuple[int, Pairs]], list[int]]:
    """The entries on ways to the output in which operands meet, with these; and the entries that come to them."""
    active = active_entries(tape, sources)
    reached, needed = [False] * len(tape), [False] * len(tape)
    reached[output] = True
    meetings: list[tuple[int, Pairs]] = []
    for entry in range(len(tape) - 1, -1, -1):
        operands = tape.operands[entry]
        if needed[entry]:
            for operand in operands:
                needed[operand] = True
        if not (reached[entry] and active[entry] and operands):
            continue
        for position in varied_operands(tape, entry):
            reached[operands[position]] = True
        pairs = meeting(tape.operations[entry], *_shapes(tape, entry))
        if pairs:
            meetings.append((entry, pairs))
            for pair in pairs:
                for position in pair:
                    needed[operands[position]] = True
    return meetings, [entry for entry in range(len(tape)) if needed[entry] and active[entry]]


_NUMBERS = [((),) * count for count in range(10)]


def _shapes(tape: Tape, entry: int) -> tuple[tuple[int, ...], ...]:
    count = len(tape.operands[entry])
    return _NUMBERS[count] if not tape.arrays and count < len(_NUMBERS) else tape.operand_shapes(entry)


class _Together:
    """The rows of a symmetric pattern, as index sets meet."""

    def __init__(self, sets: Sets, width: int) -> None:
        self.rows: list[set[int]] = [set() for _ in range(width)]
        self._sets = sets
        self._met: set[tuple[int, int]] = set()

    def meet(self, left: int, right: int) -> None:
        """Each member of one set meets each of the other."""
        key = (left, right) if left < right else (right, left)
        if not left or not right or key in self._met:
            return
        self._met.add(key)
        members, others = self._sets.members[left], self._sets.members[right]
        self._sets.spend(len(members) * len(others))
        for member in members:
            self.rows[member] |= others
        if left != right:
            for other in others:
                self.rows[other] |= members

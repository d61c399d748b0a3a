"""The equations of a `solve` statement, run at some values of the unknowns onto a tape of their own.

That tape is what is known of them there: what each equation is off by, and by its sweeps how that moves with the
unknowns and with what the equations read. Decisions are those that come out at these values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adcli.errors import AdError
from adcli.program.code import Code, Decide, Solve
from adcli.program.mistakes import changes_state, unequal_count
from adcli.rules.arrays import CONCAT, RESHAPE, STACK
from adcli.rules.dispatch import shape_of
from adcli.rules.subscripts import element
from adcli.syntax.source import Source, Span
from adcli.tape.execution import Execution
from adcli.tape.fast import sweep
from adcli.tape.ieee import quiet
from adcli.tape.interpreter import proceed
from adcli.tape.limits import Limits
from adcli.tape.reach import active_entries
from adcli.tape.recorded_terms import append
from adcli.tape.root_search import AtUnknowns
from adcli.tape.root_steps import EPSILON
from adcli.tape.tape import Tape, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adcli.tape.domains import OneSided

UNKNOWNS = "unknowns"  # what the tape of equations calls the input of all of them


def operand_name(place: int) -> str:
    """What it calls the input of what the equations read."""
    return f"operand {place}"


class Trace(AtUnknowns):
    """Equations at some values of the unknowns.

    Attributes:
        tape: what ran
        unknown: the entry of the unknowns: a number, or one vector of them all
        operands: the entries of what the equations read
        residual: the entry of what they are off by, which has the shape of the unknowns
    """

    def __init__(self, tape: Tape, unknown: int, operands: Sequence[int], residual: int) -> None:
        self.tape = tape
        self.unknown = unknown
        self.operands = operands
        self.residual = residual
        self._received: tuple[Any, Value] | None = None

    @property
    def at(self) -> Value:
        """The values of the unknowns."""
        return self.tape.values[self.unknown]

    @property
    def off_by(self) -> Value:
        """What the equations are off by."""
        return self.tape.values[self.residual]

    @cached_property
    def size(self) -> int:
        """How many numbers the tape has, and entries."""
        return sum(1 if type(value) is float else 1 + value.size for value in self.tape.values)

    @cached_property
    def moving(self) -> list[bool]:
        """For each entry whether it depends on the unknowns."""
        return active_entries(self.tape, [self.unknown])

    def moving_with(self, position: int) -> list[bool]:
        """For each entry whether it depends on one of the operands."""
        return active_entries(self.tape, [self.operands[position]])

    @cached_property
    def _rows(self) -> list[tuple[Value, float]]:
        """For each equation its row of the Jacobian, and how far rounding may take it off."""
        rows = []
        for seed in _units(self.off_by):
            adjoints = sweep(self.tape, {self.residual: seed}, self.moving)
            row = adjoints[self.unknown]
            rows.append((0.0 * self.at if row is None else row, _rounding(self.tape, adjoints)))
        return rows

    @cached_property
    def jacobian(self) -> Value:
        """How what the equations are off by moves with the unknowns: a number, or a matrix with a row for each."""
        rows = [row for row, _ in self._rows]
        if not shape_of(self.at):
            return rows[0]
        import numpy

        return numpy.array(rows)

    @cached_property
    def noise(self) -> Value:
        """What rounding alone may take each equation off by."""
        if not shape_of(self.at):
            return self._rows[0][1]
        import numpy

        return numpy.array([noise for _, noise in self._rows])

    def share(self, g: Value) -> Value:
        """What the equations receive of the adjoint of the root: -J'^-1 g, the same for all that they read."""
        key = g if type(g) is float else g.tobytes()
        if self._received is None or self._received[0] != key:
            self._received = key, -self.solved(g, transposed=True)
        return self._received[1]


class Equations:
    """The equations of one `solve` statement of a program.

    Attributes:
        statement: the end of a block that they stand in
        outer: the slots of the program's frame that functions which they call may read
    """

    def __init__(self, statement: Solve, execution: Execution) -> None:
        """Take the statement, and the execution that it runs in, which knows what its code needs."""
        self.statement = statement
        self.source: Source = execution.tape.source
        self._functions = execution.functions
        self._differentiate, self._solve = execution.differentiate, execution.solve
        codes = codes_of(statement.equations, execution.functions)
        if any(code.assigned for code in codes):
            raise AdError(changes_state(statement.node), self.source)
        self.outer = sorted({outer for code in codes for outer, _ in code.globals})

    @cached_property
    def may_be_kinked(self) -> bool:
        """Whether the equations decide anything, or have an operation with a kink."""
        return any(
            isinstance(block.end, Decide) or any(operation.kink is not None for operation in block.operations)
            for code in codes_of(self.statement.equations, self._functions)
            for block in code.blocks
        )

    def trace(
        self, at: Value, shapes: Sequence[tuple[int, ...]], operands: Sequence[Value], entries: int,
        one_sided: OneSided | None = None,
    ) -> Trace:  # fmt: skip
        """The equations at values of the unknowns, which have some shapes each.

        Args:
            at: the values of all unknowns, a number or one vector
            shapes: that of each unknown
            operands: what the equations read: for `reads`, and for the slots `outer` of the program
            entries: how many entries there may be
            one_sided: runs them infinitesimally beside these values, along tangents of `UNKNOWNS` and `operand_name`
        """
        statement, tape = self.statement, Tape(self.source)
        span = statement.node.span
        tape.arrays = True
        unknown = tape.input(UNKNOWNS, at, span)
        given = [tape.input(operand_name(place), value, span) for place, value in enumerate(operands)]
        count = len(statement.reads)
        with quiet(tape):
            arguments = [*parts(tape, unknown, shapes), *given[:count]]
            limits = Limits(entries, 2**62)
            execution = Execution(
                statement.equations, tape, arguments, self._functions, limits, self._differentiate, self._solve
            )  # fmt: skip
            execution.one_sided = one_sided
            program = [-1] * (max(self.outer, default=-1) + 1)
            for slot, entry in zip(self.outer, given[count:], strict=True):
                program[slot] = entry
            execution.outermost = program
            slots = proceed(execution)
            residual = self._joined(tape, [slots[slot] for slot in statement.residuals], unknown)
        return Trace(tape, unknown, given, residual)

    def _joined(self, tape: Tape, residuals: Sequence[int], unknown: int) -> int:
        """The entry of what all equations are off by, in the shape of the unknowns."""
        values, wanted = tape.values, shape_of(tape.values[unknown])
        if not wanted and len(residuals) == 1 and not shape_of(values[residuals[0]]):
            return residuals[0]
        if not any(shape_of(values[r]) for r in residuals):
            flat = [append(tape, STACK, *residuals)]
        else:
            flat = [append(tape, STACK, r) if not shape_of(values[r]) else flattened(tape, r) for r in residuals]
        joined = flat[0] if len(flat) == 1 else append(tape, CONCAT, *flat)
        if shape_of(values[joined]) != (wanted or (1,)):
            problem = unequal_count(wanted[0] if wanted else 1, values[joined].size, self.statement.node)
            raise AdError(problem, self.source)
        return joined if wanted else append(tape, element("."), joined, tape.constant("0", 0.0))


def flattened(tape: Tape, entry: int) -> int:
    """The entry of the elements of an array as one vector."""
    value = tape.values[entry]
    return entry if len(value.shape) == 1 else append(tape, RESHAPE, entry, _size(tape, value.size))


def parts(
    tape: Tape, whole: int, shapes: Sequence[tuple[int, ...]], names: Sequence[str] = (), span: Span | None = None
) -> list[int]:
    """The entries of values of some shapes that stand one behind the other in a vector; of one alone, the vector."""
    if len(shapes) == 1 and len(shapes[0]) < 2:
        return [whole]
    entries, first = [], 0
    for place, shape in enumerate(shapes):
        size = shape[0] if len(shape) == 1 else shape[0] * shape[1] if shape else 1
        if not shape:
            part = append(tape, element("."), whole, _size(tape, first))
        elif len(shapes) == 1:
            part = whole
        else:
            part = append(tape, element(".:."), whole, _size(tape, first), _size(tape, first + size))
        if len(shape) == 2:
            part = append(tape, RESHAPE, part, *(_size(tape, size) for size in shape))
        if names:
            tape.names[part], tape.spans[part] = names[place], span
        entries.append(part)
        first += size
    return entries


def _size(tape: Tape, size: int) -> int:
    return tape.constant(str(size), float(size))


def _units(value: Value) -> Sequence[Value]:
    """The adjoints that make a sweep one from each number of a value."""
    if not shape_of(value):
        return (1.0,)
    import numpy

    units: NDArray[numpy.float64] = numpy.eye(len(value))
    return list(units)


def _rounding(tape: Tape, adjoints: Sequence[Value | None]) -> float:
    """What rounding may do to what was swept: to first order, each entry is off by a unit in the last place."""
    total = 0.0
    for entry, adjoint in enumerate(adjoints):
        if adjoint is not None:
            share = abs(adjoint * tape.values[entry])
            total += share if type(share) is float else float(share.sum())
    return EPSILON * total


def codes_of(code: Code, functions: Mapping[str, Code]) -> list[Code]:
    """The code of some equations, of all functions that it may call, and of the equations that these have."""
    codes: list[Code] = []
    called: set[str] = set()
    todo = [code]
    while todo:
        codes.append(todo.pop())
        fresh = {call.function for call in codes[-1].calls()} - called
        called |= fresh
        todo += [functions[name] for name in sorted(fresh)]
        todo += [block.end.equations for block in codes[-1].blocks if isinstance(block.end, Solve)]
    return codes

"""The root that a `solve` statement gives, as one entry of the tape: an operation of what its equations read.

The row of the operation is made when the statement runs first (`rules/implicit.py`); here are its kernels. A recorded
sweep writes the equations onto the longer tape, at the root and at what they read, and their sweep behind them: all of
that are entries like others, so that it can be swept again, to any order.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from adcli.errors import AdError, Problem
from adcli.program.code import Code, Solve
from adcli.program.findings import Findings
from adcli.records import NamedTuple
from adcli.rules.arrays import STACK
from adcli.rules.dispatch import shape_of, shapes_of
from adcli.rules.functions import complex_function
from adcli.rules.implicit import root_row
from adcli.rules.kinks import Kink
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import Shape, plural
from adcli.rules.table import CONSTANT, COPY
from adcli.tape.carriers import magnitudes
from adcli.tape.domains import OneSided, Operations, push_forward
from adcli.tape.equations import UNKNOWNS, Equations, Trace, operand_name, parts
from adcli.tape.exact import applied_exactly, exact
from adcli.tape.execution import Execution
from adcli.tape.fast import sweep
from adcli.tape.ieee import quiet
from adcli.tape.interpreter import run
from adcli.tape.number_rules import formula_code
from adcli.tape.reach import active_entries
from adcli.tape.record import RecordedAdjoints, RecordedTangents, settled
from adcli.tape.recorded_terms import append
from adcli.tape.root_search import Found, condition, search
from adcli.tape.root_steps import EPSILON
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import Sparse, forward, pass_back

_MOST_TRACES = 32  # that a root keeps: a sweep asks for the same one again and again
_MOST_NUMBERS = 100_000  # that these may have
_MOST_POLISHING = 40
_MOST_SECANTS = 50
_NEAR = 16  # units in the last place, within which what is at a kink may have been rounded


def solve(execution: Execution, end: Solve) -> None:
    """Append the root of a statement, and give the unknowns their slots."""
    slots, tape, span = execution.slots, execution.tape, end.node.span
    for slot in (*end.starts, *end.reads):
        if slots[slot] is None:
            raise execution.no_value(slot, span)
    for outer, own in execution.code.assigned:
        execution.outermost[outer] = slots[own]
    root = _root(end, execution)
    operands = (*[slots[slot] for slot in (*end.starts, *end.reads)], *_outer(execution, root.equations))
    values = [tape.values[operand] for operand in operands]
    found = root.found(values)
    names = [name.name for name in end.node.unknowns]
    if execution.storage is not None:
        execution.storage.note(root.row, operands)
    shapes = shapes_of(values[: root.starts])
    alone = len(shapes) == 1 and len(shapes[0]) < 2
    whole = tape.append(root.row, operands, found.at, names[0] if alone else None, span)
    for slot, entry in zip(end.results, parts(tape, whole, shapes, names, span), strict=True):
        slots[slot] = entry


def _outer(execution: Execution, equations: Equations) -> list[int]:
    """The entries of the names of the program that functions read; NaN for one that has no value yet."""
    entries = [execution.outermost[slot] for slot in equations.outer]
    return [execution.tape.constant("nan", float("nan")) if entry is None else entry for entry in entries]


_ROOTS: Findings[tuple[Mapping[str, Code], Root]] = Findings(100)  # by the statement, with what else tells each


def _root(end: Solve, execution: Execution) -> Root:
    known = _ROOTS.get(end)
    if known is None or known[0] is not execution.functions:
        root = Root(Equations(end, execution), execution.limits.entries)
        known = _ROOTS.keep(end, (execution.functions, root))
    return known[1]


class Root:
    """The kernels of the row of a root.

    Attributes:
        equations: those of the statement
        starts: how many operands are the starts of the search, which come first
        row: the row
    """

    def __init__(self, equations: Equations, entries: int) -> None:
        """Take the equations, and how many entries these may have."""
        self.equations = equations
        self.starts = len(equations.statement.starts)
        count = self.starts + len(equations.statement.reads) + len(equations.outer)
        self._entries = entries
        self._roots: OrderedDict[tuple[Any, ...], Trace] = OrderedDict()
        self._traces: OrderedDict[tuple[Any, ...], Trace] = OrderedDict()
        self.row: ArrayPrimitive = root_row(self, count, Recording(self))

    def shape(self, shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        """The shape of the root."""
        if self.starts == 1 and not shapes[0]:
            return ()
        starts = [*shapes[: self.starts]]
        known = [size for shape in starts for size in shape if size is not None]
        if len(known) < sum(map(len, starts)):
            return (None,)
        return (sum(math.prod(size or 0 for size in shape) for shape in starts),)

    # The root

    def root(self, *operands: Value) -> Value:
        """The root; raises AdError where there is none, or its derivative does not exist."""
        return self.found(operands).at

    def found(self, operands: Sequence[Value], looked: list[Trace] | None = None) -> Trace:
        """The equations at the root; raises AdError as `root` does.

        Args:
            operands: the starts, and what the equations read
            looked: is given the equations at each point that the search looks at
        """
        shapes, rest = shapes_of(operands[: self.starts]), operands[self.starts :]

        def trace_at(at: Value) -> Trace:
            trace = self.equations.trace(at, shapes, rest, self._entries)
            if looked is not None:
                looked.append(trace)
            return trace

        start = joined(operands[: self.starts])
        found = search(trace_at, start)
        if not found.trace.has_value:
            raise self._refused(self._no_value(start))
        if not found.is_root:
            raise self._refused(self._not_found(found))
        _keep(self._roots, _key(operands), found.trace)
        _keep(self._traces, _key((found.trace.at, *operands)), found.trace)
        return found.trace

    def known(self, operands: Sequence[Value]) -> Trace:
        """The same, which may have been found before."""
        known = self._roots.get(_key(operands))
        return self.found(operands) if known is None else known

    def trace(self, v: Value, operands: Sequence[Value]) -> Trace:
        """The equations at a root that is known."""
        key = _key((v, *operands))
        known = self._traces.get(key)
        if known is None:
            shapes, rest = shapes_of(operands[: self.starts]), operands[self.starts :]
            known = self.equations.trace(v, shapes, rest, self._entries)
            _keep(self._traces, key, known)
        return known

    def _refused(self, problem: Problem) -> AdError:
        return AdError(problem, self.equations.source)

    def _no_value(self, start: Value) -> Problem:
        message = f"the equations have no finite value where the search begins, at {_at(self._names, start)}"
        help_text = "begin it where they have one"
        return Problem("no-root", message, self.equations.statement.node.span, help=help_text)

    def _not_found(self, found: Found[Trace]) -> Problem:
        span, trace = self.equations.statement.node.span, found.trace
        where, steps = _at(self._names, trace.at), plural(found.steps, "step")
        size = abs(trace.off_by)
        off = f"off by {size:.2g}" if not shape_of(trace.at) else f"off by up to {size.max():.2g}"
        if found.is_singular:
            message = f"the root near {where} is singular: it has no derivative"
            note = f"after {steps} the equations are {off}; {_slope(trace)}"
            help_text = "look for a root that stands twice, as in x^2 == 0, and for equations that say the same"
            return Problem("singular-root", message, span, note=note, help=help_text)
        message = f"no root was found: after {steps}, at {where}, the equations are {off}"
        help_text = "begin the search nearer to a root, with another `from`; or see whether there is one"
        return Problem("no-root", message, span, help=help_text)

    @property
    def _names(self) -> list[str]:
        return [name.name for name in self.equations.statement.node.unknowns]

    def rounding(self, operation: Any, operands: Sequence[Value], value: Value) -> Value:
        """How far each number of the root may be off, by what rounding does to the equations."""
        operands = [float(operand) if not shape_of(operand) else operand for operand in operands]
        return self.trace(value, operands).rounding

    # Its derivatives

    def received(self, position: int, g: Value, v: Value, *operands: Value) -> Value:
        """What an operand receives of the adjoint of the root v: one linear system, and a sweep over the equations."""
        trace = self.trace(v, operands)
        active = trace.moving_with(position - self.starts)
        return self._adjoint(trace, position, sweep(trace.tape, {trace.residual: trace.share(g)}, active))

    def received_at_most(self, position: int, g: Value, v: Value, *operands: Value) -> Value:
        """The same with the absolute value of all that is added up."""
        trace = self.trace(v, operands)
        if shape_of(v):
            import numpy

            seed = abs(numpy.linalg.inv(trace.jacobian).T) @ g
        else:
            seed = abs(g / trace.jacobian)
        active = trace.moving_with(position - self.starts)
        return self._adjoint(trace, position, magnitudes(trace.tape, {trace.residual: seed}, active))

    def _adjoint(self, trace: Trace, position: int, adjoints: Sequence[Value | None]) -> Value:
        entry = trace.operands[position - self.starts]
        adjoint = adjoints[entry]
        return 0.0 * trace.tape.values[entry] if adjoint is None else adjoint

    def moved(self, position: int, tangent: Value, v: Value, *operands: Value) -> Value:
        """How the root moves with the tangent of an operand: a sweep over the equations, and a linear system."""
        trace = self.trace(v, operands)
        entry = trace.operands[position - self.starts]
        moved = push_forward(trace.tape, {entry: tangent})[trace.residual]
        return 0.0 * v if moved is None else -trace.solved(moved)

    # Kinks: those of what is in the equations

    @property
    def kink(self) -> Kink | None:
        """Where something in the equations is at a kink, or a decision has equal sides; None where nothing can be."""
        if not self.equations.may_be_kinked:
            return None
        return Kink(self._gap, self._beside, lambda operands, value: (0.0,) * len(operands))  # which way is not told

    def _gap(self, operands: Sequence[Value], value: Value) -> float:
        """How far the equations are from the nearest kink, or decision with equal sides; 0 for the last digits."""
        return _nearest_kink(self.trace(value, operands), _NEAR * EPSILON)

    def _beside(self, operands: Sequence[Value], value: Value, tangents: Sequence[Value]) -> tuple[Value, Value]:
        """The slope of the root to the side that the tangents point to; NaN where it is not found.

        It makes the one-sided slope of what the equations are off by 0. That is linear in pieces, and so the secants of
        one unknown find it; those of several take the Jacobian of one piece for all.
        """
        shapes, rest = shapes_of(operands[: self.starts]), operands[self.starts :]
        directions = {operand_name(place): tangent for place, tangent in enumerate(tangents[self.starts :])}
        trace = self.trace(value, operands)
        at = next((near for near in _neighbours(value) if not _nearest_kink(self.trace(near, operands), 0.0)), None)
        if at is None:
            return value, math.nan * value

        def off_by(slope: Value) -> Value:
            one_sided = OneSided({UNKNOWNS: slope, **directions})
            beside = self.equations.trace(at, shapes, rest, self._entries, one_sided)
            return one_sided.slope(beside.tape, beside.residual)

        slope, off = 0.0 * value, off_by(0.0 * value)
        step = -trace.solved(off)
        for _ in range(_MOST_SECANTS):
            if _most(step) <= 4 * EPSILON * _most(slope):
                return value, slope
            after = off_by(slope + step)
            slope = slope + step
            alone = not shape_of(value) and after != off
            step, off = (-after * step / (after - off) if alone else -trace.solved(after)), after
        return value, math.nan * value

    # Other arithmetic: the root of real numbers, polished

    def complex(self, *operands: Any) -> Any:
        """The root for operands that are complex, near that for their real parts; raises ArithmeticError for none."""
        import numpy

        real = [_real(operand) for operand in operands]
        trace = self.known(real)
        pairs = list(zip(trace.operands, operands[self.starts :], strict=True))
        given = [entry for entry, operand in pairs if numpy.iscomplexobj(operand)]
        varying = active_entries(trace.tape, [trace.unknown, *given])
        entries = [entry for entry, sources in enumerate(trace.tape.operands) if sources and varying[entry]]
        operations = trace.tape.operations
        if not all(operations[entry].analytic for entry in entries):
            raise ArithmeticError
        functions = {entry: complex_function(operations[entry]) for entry in entries}
        values = list(trace.tape.values)
        for entry, operand in pairs:
            values[entry] = operand

        def residual(at: Any) -> Any:
            values[trace.unknown] = at
            with quiet(trace.tape):
                return forward(trace.tape, Operations(values, functions), entries)[trace.residual]

        return _polished(trace, trace.at + 0j, residual)

    def precise(self, *operands: Any) -> Any:
        """The root for operands of many digits."""
        import numpy

        real = [_real(operand) for operand in operands]
        trace = self.known(real)
        domain = Precise(trace.tape)
        for entry, operand in zip(trace.operands, operands[self.starts :], strict=True):
            domain.carried[entry] = operand if shape_of(operand) else numpy.asarray(operand, dtype=object).item()

        def residual(at: Any) -> Any:
            domain.carried[trace.unknown] = at
            return forward(trace.tape, domain)[trace.residual]

        return _polished(trace, domain.carried[trace.unknown], residual)


class Precise:
    """The operations of a tape on numbers of many digits."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self.carried: list[Any] = [exact(value) for value in tape.values]

    def apply(self, entry: int, operands: list[Any]) -> Any:
        """The value of an entry."""
        return applied_exactly(self._tape, entry, operands)


def _polished(trace: Trace, at: Any, residual: Callable[[Any], Any]) -> Any:
    """A root in another arithmetic: Newton's steps with the Jacobian of real numbers, which is as good as the root."""
    shaped = bool(shape_of(trace.at))
    inverse = 1 / trace.jacobian
    if shaped:
        import numpy

        inverse = numpy.linalg.inv(trace.jacobian)
    before = None
    for _ in range(_MOST_POLISHING):
        off = residual(at)
        step = inverse @ off if shaped else inverse * off
        size = max(map(abs, step)) if shaped else abs(step)
        at = at - step
        if not size or (before is not None and not size < before / 2):
            break
        before = size
    return at


def _real(operand: Any) -> Value:
    """An operand as numbers of the machine."""
    if not shape_of(operand):
        return float(operand.real if hasattr(operand, "real") else operand)
    import numpy

    return numpy.asarray(operand.real if operand.dtype.kind == "c" else operand, float)


# Recorded sweeps


class _Written(NamedTuple):
    """The equations on the tape of a root.

    Attributes:
        first, last: the entries that they take
        unknown: the entry of the root that they read, a copy of its own
        operands: those of what else they read
        residual: the entry of what they are off by
        jacobian: that of its derivative by the unknowns
    """

    first: int
    last: int
    unknown: int
    operands: Sequence[int]
    residual: int
    jacobian: int


class Recording:
    """Writes the derivative of a root onto the tape that has it.

    Attributes:
        root: the root
    """

    def __init__(self, root: Root) -> None:
        self.root = root
        self._written: WeakKeyDictionary[Tape, dict[int, _Written]] = WeakKeyDictionary()
        self._shares: WeakKeyDictionary[Tape, dict[tuple[int, int], int]] = WeakKeyDictionary()

    def contribution(self, tape: Tape, entry: int, position: int, g: int) -> int | None:
        """The entry of what an operand receives; None for nothing."""
        position -= self.root.starts
        if position < 0:
            return None
        written = self._equations(tape, entry)
        shares = self._shares.setdefault(tape, {})
        if (entry, g) not in shares:
            formula = "-solve(j', g)" if shape_of(tape.values[entry]) else "-g / j"
            shares[entry, g] = _formula(tape, formula, written.jacobian, g)
        return self._received(tape, entry, written, shares[entry, g], written.operands[position])

    def tangent(self, tape: Tape, entry: int, position: int, tangent: int) -> int | None:
        """The entry of what the tangent of an operand adds; None for nothing."""
        position -= self.root.starts
        if position < 0:
            return None
        written = self._equations(tape, entry)
        domain = RecordedTangents(tape, {written.operands[position]: tangent})
        moved = forward(tape, domain, range(written.first, written.last))[written.residual]
        formula = "-solve(j, g)" if shape_of(tape.values[entry]) else "-g / j"
        return None if moved is None else _formula(tape, formula, written.jacobian, moved)

    def _received(self, tape: Tape, entry: int, written: _Written, seed: int, target: int) -> int | None:
        """The entry of the adjoint of what the equations read, if what they are off by has another one."""
        trace = self.root.trace(tape.values[entry], tape.operand_values(entry))
        source = trace.unknown if target == written.unknown else trace.operands[written.operands.index(target)]
        moving, shift = active_entries(trace.tape, [source]), self._shift(trace, written)
        matters = {shift[inner] for inner, moves in enumerate(moving) if moves}
        adjoints = Sparse({written.residual: seed})
        carrier = RecordedAdjoints(tape, matters.__contains__)
        pass_back(adjoints, range(written.last - 1, written.first - 1, -1), carrier)
        received = adjoints[target]
        return None if received is None else settled(tape, target, received)

    def _shift(self, trace: Trace, written: _Written) -> dict[int, int]:
        """The entries of the tape that stand for those of the equations'."""
        known = {trace.unknown: written.unknown, **dict(zip(trace.operands, written.operands, strict=True))}
        following = iter(range(written.first, written.last))
        return {
            inner: known[inner] if inner in known else next(following)
            for inner, operation in enumerate(trace.tape.operations)
            if inner in known or operation is not CONSTANT
        }

    def _equations(self, tape: Tape, entry: int) -> _Written:
        """The equations at the entry of a root, with their Jacobian, which stand on its tape once."""
        known = self._written.setdefault(tape, {})
        if entry not in known:
            known[entry] = self._write(tape, entry)
        return known[entry]

    def _write(self, tape: Tape, entry: int) -> _Written:
        root, inner = self.root, self.root.trace(tape.values[entry], tape.operand_values(entry))
        unknown = append(tape, COPY, entry)
        operands = [append(tape, COPY, operand) for operand in tape.operands[entry][root.starts :]]
        constants = {
            place: tape.constant(name or "", value) if type(value) is float and name else _fixed(tape, value)
            for place, (operation, name, value) in enumerate(
                zip(inner.tape.operations, inner.tape.names, inner.tape.values, strict=True)
            )
            if operation is CONSTANT
        }
        first = len(tape)
        places = {inner.unknown: unknown, **dict(zip(inner.operands, operands, strict=True)), **constants}
        for place, (operation, sources, value) in enumerate(
            zip(inner.tape.operations, inner.tape.operands, inner.tape.values, strict=True)
        ):
            if place not in places:
                places[place] = tape.append(operation, tuple([places[source] for source in sources]), value, None, None)
        written = _Written(first, len(tape), unknown, operands, places[inner.residual], -1)
        return written._replace(jacobian=self._jacobian(tape, entry, written))

    def _jacobian(self, tape: Tape, entry: int, written: _Written) -> int:
        """The entry of the derivative of what the equations are off by with respect to the unknowns."""
        value = tape.values[entry]
        if not shape_of(value):
            slope = self._received(tape, entry, written, tape.constant("1", 1.0), written.unknown)
            assert slope is not None
            return slope
        import numpy

        rows = [
            self._received(tape, entry, written, _fixed(tape, unit), written.unknown) for unit in numpy.eye(len(value))
        ]
        zeros = _fixed(tape, numpy.zeros(len(value)))
        return append(tape, STACK, *(zeros if row is None else row for row in rows))


def _fixed(tape: Tape, value: Value) -> int:
    """The entry of a constant that has no text."""
    return tape.append(CONSTANT, (), value, "constant", None)


def _formula(tape: Tape, formula: str, jacobian: int, given: int) -> int:
    code = formula_code(formula, ("j", "g"), True)
    with quiet(tape):
        result: int = run(code, tape, (jacobian, given))[code.result]
    return result


def root_of(tape: Tape, entry: int) -> tuple[Root, Trace] | None:
    """What the entry of a root is, and the equations there; None for any other entry."""
    operation = tape.operations[entry]
    recorder = operation.recorder if isinstance(operation, ArrayPrimitive) else None
    if not isinstance(recorder, Recording):
        return None
    return recorder.root, recorder.root.trace(tape.values[entry], tape.operand_values(entry))


# Keys and texts


def _key(values: Sequence[Value]) -> tuple[Any, ...]:
    return tuple([value if type(value) is float else (value.shape, value.tobytes()) for value in values])


def _keep(known: OrderedDict[tuple[Any, ...], Trace], key: tuple[Any, ...], trace: Trace) -> None:
    known[key] = trace
    while len(known) > 1 and (len(known) > _MOST_TRACES or sum(kept.size for kept in known.values()) > _MOST_NUMBERS):
        known.popitem(last=False)


def _nearest_kink(trace: Trace, near: float) -> float:
    """How far equations are from a kink, or a decision with equal sides; 0 within a share of what they are made of."""
    tape, moving = trace.tape, active_entries(trace.tape, [trace.unknown, *trace.operands])
    rounded = push_forward(tape, {trace.unknown: abs(trace.at)})  # where the root is off in its last digit
    values, gaps = tape.values, [math.inf]
    for guard in tape.guards:
        if moving[guard.left] or moving[guard.right]:
            sides = guard.left, guard.right
            gaps.append(_distance(values[guard.left] - values[guard.right], near * _size(tape, sides, rounded)))
    for entry, operation in enumerate(tape.operations):
        if operation.kink is not None and moving[entry]:
            gap = operation.kink.gap(tape.operand_values(entry), values[entry])
            gaps.append(_distance(gap, near * _size(tape, tape.operands[entry], rounded)))
    return min(gaps)


def _size(tape: Tape, operands: Sequence[int], rounded: Sequence[Value | None]) -> float:
    """The size of operands, and of what moves them as much as a root as large as it is would."""
    moved = [by for operand in operands if (by := rounded[operand]) is not None]
    return max(map(_most, (*[tape.values[operand] for operand in operands], *moved)))


def _distance(gap: Value, near: float) -> float:
    """How far a gap is from 0; 0 if it is as near as that."""
    import numpy

    distances = numpy.abs(numpy.asarray(gap, float).ravel())
    nearest = float(numpy.min(distances[~numpy.isnan(distances)], initial=math.inf))
    return 0.0 if nearest <= near else nearest


def _neighbours(value: Value) -> Iterator[Value]:
    """A root and, if it is a number, the numbers beside it: one of them is where a kink is exactly."""
    yield value
    if not shape_of(value):
        below = above = value
        for _ in range(_NEAR):
            below, above = math.nextafter(below, -math.inf), math.nextafter(above, math.inf)
            yield from (below, above)


def _most(value: Value) -> float:
    """The largest absolute value."""
    return abs(value) if type(value) is float else float(abs(value).max(initial=0.0))


def joined(starts: Sequence[Value]) -> Value:
    """The starts as a number, or as one vector."""
    if len(starts) == 1 and not shape_of(starts[0]):
        return starts[0]
    import numpy

    return numpy.concatenate([numpy.ravel(start) for start in starts])


def _at(names: Sequence[str], value: Value) -> str:
    """`x = 1.5`, `x, y = 1.5, 2`."""
    numbers = [value] if not shape_of(value) else list(value)
    shown = ", ".join(f"{number:.6g}" for number in numbers[:6]) + (", …" if len(numbers) > 6 else "")
    return f"{', '.join(names)} = {shown}"


def _slope(trace: Trace) -> str:
    """How near to singular equations are: by the slope of one, by the condition number of several."""
    if not shape_of(trace.at):
        return f"their slope is {trace.jacobian:.2g}"
    number = condition(trace)
    return f"the condition number of their Jacobian is {f'{number:.1e}' if number < float('inf') else 'infinite'}"

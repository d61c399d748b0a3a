"""Where values of a program are zero, and how that moves with its other inputs: the implicit function theorem."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from adcli.derive.jacobians import jacobian
from adcli.derive.modes import adjoints_of, units
from adcli.errors import AdError, Problem
from adcli.jobs.evidence import require_right
from adcli.jobs.objective import tape_if_any
from adcli.jobs.parameters import Matrix, Parameters, Vector, parameters
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import plural
from adcli.run import Names, Run, Start, chosen_inputs, split_names
from adcli.tape.execute import execute
from adcli.tape.root_search import AtUnknowns, Found, condition, search, within
from adcli.tape.selected import Selected, select
from adcli.tape.tape import Tape, Value
from adcli.trust.rounding import round_off


class Looked(NamedTuple):
    """A point at which the equations were looked at.

    Attributes:
        number: counted from 0
        off_by: the largest that an equation is off by; NaN where they have no value
        x: the unknowns
    """

    number: int
    off_by: float
    x: Vector


class Root(NamedTuple):
    """What a search for a root came to.

    Attributes:
        converged: whether the equations hold as well as rounding lets them, and the root has a derivative
        interrupted: whether somebody ended the search
        reason: how it ended
        method: what searched
        unknowns: the inputs that were solved for
        equations: the names of what is to be zero
        x, error: the unknowns, and how far each may be off by rounding: infinite where the search found no root
        off_by: what each equation is off by
        condition: the condition number of the scaled Jacobian, infinite where it is singular; of one equation 1
        sensitivity: of each component of the unknowns the derivative by each other input; None where there is none
        looked: the points at which the equations were looked at
        end: the run at the root
    """

    converged: bool
    interrupted: bool
    reason: str
    method: str
    unknowns: Parameters
    equations: tuple[str, ...]
    x: Vector
    error: Vector
    off_by: Vector
    condition: float
    sensitivity: Mapping[str, Mapping[str, Value]] | None
    looked: tuple[Looked, ...]
    end: Run


class _There(AtUnknowns):
    """Equations of a program at some values of the unknowns; without a value where the program has none."""

    def __init__(self, unknowns: Parameters, equations: Sequence[str], x: Vector, tape: Tape | None) -> None:
        self.unknowns = unknowns
        self.x = x
        self.tape = tape
        self._equations = [] if tape is None else [select(tape, name) for name in equations]

    def _own(self, value: Any) -> Value:
        """A vector, or matrix, as it is of several unknowns, and as the number that it is of one."""
        return value if len(self.x) > 1 else float(np.ravel(value)[0])

    @property
    def at(self) -> Value:
        """The unknowns."""
        return self._own(self.x)

    @cached_property
    def off_by(self) -> Value:
        """What the equations are off by."""
        if self.tape is None:
            return self._own(np.full(len(self.x), math.nan))
        return self._own(np.concatenate([np.ravel(each.value(self.tape)) for each in self._equations]).astype(float))

    @cached_property
    def jacobian(self) -> Value:
        """Of the equations by the unknowns."""
        assert self.tape is not None
        rows = [self.row(selected) for selected in self._equations]
        return self._own(np.concatenate(rows))

    def row(self, selected: Selected) -> Matrix:
        """The rows of the Jacobian that belong to a value."""
        tape, names = self.tape, self.unknowns.names
        assert tape is not None
        if selected.subscripts:
            slopes = adjoints_of(tape, selected.seeds(tape), names)
            return self.unknowns.vector(slopes)[None, :]
        slopes = dict(jacobian(tape, {"": selected.entry}, names).rows[""])
        count = int(np.size(tape.values[selected.entry]))
        return np.column_stack([np.reshape(slopes[name], (count, -1)) for name in names])

    @cached_property
    def noise(self) -> Value:
        """What rounding alone may take each equation off by."""
        tape = self.tape
        assert tape is not None
        sizes = [
            round_off(tape, {selected.entry: seed}).size
            for selected in self._equations
            for seed in ([selected.seed(tape)] if selected.subscripts else units(tape.values[selected.entry]))
        ]
        return self._own(np.array(sizes))

    def seeds(self, weights: Vector) -> dict[int, Value]:
        """What makes a sweep one from a weighted sum of all equations."""
        assert self.tape is not None
        seeds: dict[int, Value] = {}
        at = 0
        for selected in self._equations:
            value = selected.value(self.tape)
            count = int(np.size(value))
            part = weights[at : at + count]
            at += count
            own = float(part[0]) if not shape_of(value) else np.reshape(part, shape_of(value))
            seed = selected.seed(self.tape) * own if selected.subscripts else own
            seeds[selected.entry] = seeds[selected.entry] + seed if selected.entry in seeds else seed
        return seeds


def root(
    start: Start, solve: Names, of: Names = None, wrt: Names = None, progress: Callable[[Looked], None] | None = None
) -> Root:
    """Search for values of some inputs at which outputs are zero, from those that are given.

    Args:
        start: the program at its inputs
        solve: the inputs to solve for; by default the only one
        of: the values that are to be zero; by default all outputs
        wrt: the inputs by which the root is differentiated; by default all others
        progress: told of each point

    What an interrupt (Ctrl-C) leaves is the best point until then.

    Raises AdError: `usage` where it is not said what to solve for, `solve-count` where there are not as many equations
    as unknowns, `no-start`, and those of `parameters`; CheckFailedError `refuted-derivative`.
    """
    run, names = start.run, _unknown_names(start, solve)
    search = _Search(start, parameters(start, names), tuple(split_names(of) or start.program.outputs), progress)
    unknowns, equations = search.unknowns, search.equations
    first = search.look(unknowns.start if len(unknowns.lower) > 1 else float(unknowns.start[0]))
    _require_as_many(run, equations, unknowns)
    others = [name for name in chosen_inputs(run.program, wrt) if name not in names]
    _check(run, first, equations, [*names, *others], "at the start")
    outcome = search.outcome(first)
    there, converged = outcome.there, outcome.converged
    if not there.has_value:
        message = "the equations have no finite value where the search begins"
        help_text = "begin where they have one: `adcli eval` shows which value is none"
        raise AdError(Problem("no-start", message, help=help_text), run.program.source)
    end = Start(start.program, unknowns.point_at(there.x), start.limits).run
    _check(end, there, equations, [*names, *others], "at the end")
    return Root(
        converged, outcome.interrupted, outcome.reason, outcome.method, unknowns, equations, there.x,
        _error(there) if converged else np.full(len(there.x), math.inf), np.atleast_1d(there.off_by),
        math.inf if outcome.singular else condition(there), _sensitivity(there, others) if converged else None,
        tuple(search.looked), end._replace(warnings=tuple(dict.fromkeys((*run.warnings, *end.warnings)))),
    )  # fmt: skip


class _Outcome(NamedTuple):
    """Where a search has ended, what searched, and how it ended."""

    there: _There
    method: str
    reason: str
    converged: bool = False
    singular: bool = False
    interrupted: bool = False


class _Search:
    """The equations, and the points at which they were looked at."""

    def __init__(
        self, start: Start, unknowns: Parameters, equations: tuple[str, ...], progress: Callable[[Looked], None] | None
    ) -> None:
        self._start = start
        self.unknowns = unknowns
        self.equations = equations
        self._progress = progress
        self.looked: list[Looked] = []

    def _at(self, x: Vector) -> _There:
        start, unknowns = self._start, self.unknowns
        tape = start.run.tape if np.array_equal(x, unknowns.start) else _tape(start, unknowns, x)
        return _There(unknowns, self.equations, x, tape)

    def look(self, at: Value) -> _There:
        """The equations at values of the unknowns, which is taken note of."""
        there = self._at(np.atleast_1d(np.asarray(at, dtype=float)))
        off = np.abs(np.ravel(there.off_by))
        self.looked.append(Looked(len(self.looked), float(off.max(initial=0.0)), there.x))
        if self._progress is not None:
            self._progress(self.looked[-1])
        return there

    def outcome(self, first: _There) -> _Outcome:
        """Search from a point; an interrupt leaves the best one until then."""
        try:
            method, found = _searched(self.look, first, self.unknowns)
        except KeyboardInterrupt:
            known = [each for each in self.looked if math.isfinite(each.off_by)]
            best = min(known, key=lambda each: each.off_by).x if known else first.x
            reason = "interrupted: this is the best point until then"
            return _Outcome(self._at(best), "interrupted", reason, interrupted=True)
        return _Outcome(found.trace, method, _ended(found), found.is_root, found.is_singular)


def _unknown_names(start: Start, solve: Names) -> list[str]:
    """The inputs to solve for. Raises AdError `usage` where there are several and none is chosen."""
    inputs = [variable.name for variable in start.program.inputs]
    if solve is None and len(inputs) > 1:
        listed = ", ".join(f"`{name}`" for name in inputs)
        message = f"which input is to be solved for? the program has {listed}"
        raise AdError(Problem("usage", message, help=f"for example: --solve {inputs[0]}"), start.program.source)
    return chosen_inputs(start.program, solve)


def _tape(start: Start, unknowns: Parameters, x: Vector) -> Tape | None:
    """The tape at values of the unknowns; None where the program has no value."""
    return tape_if_any(lambda: execute(start.program, unknowns.point_at(x), start.limits))


def _require_as_many(run: Run, equations: Sequence[str], unknowns: Parameters) -> None:
    count = sum(int(np.size(select(run.tape, name).value(run.tape))) for name in equations)
    if count != len(unknowns.lower):
        listed = ", ".join(f"`{name}`" for name in equations)
        numbers = f"{plural(count, 'equation')} ({listed}) for {plural(len(unknowns.lower), 'unknown')}"
        help_text = "--solve chooses as many inputs as there are equations, --of as many values as unknowns"
        raise AdError(Problem("solve-count", f"there are {numbers}", help=help_text), run.program.source)


def _searched(trace_at: Callable[[Value], _There], first: _There, unknowns: Parameters) -> tuple[str, Found[_There]]:
    """The search, in words, and what it found: within the declared range where a number changes its sign there."""
    low, high = float(unknowns.lower[0]), float(unknowns.upper[0])
    if len(unknowns.lower) == 1 and math.isfinite(low) and math.isfinite(high):
        left, right = trace_at(low), trace_at(high)
        if left.has_value and right.has_value and (left.off_by < 0) != (right.off_by < 0):
            found = within(trace_at, left, right)
            if found is not None:
                return f"Newton's method with bisection, within [{low:g}, {high:g}]", found
    if not first.has_value:
        return "none", Found(first, 0, False, False)
    return "Newton's method, damped", search(trace_at, first.at)


def _ended(found: Found[_There]) -> str:
    steps = plural(found.steps, "step")
    if found.is_root:
        return f"the equations hold within rounding after {steps}"
    if found.is_singular:
        return f"the root is singular: it has no derivative, and its digits are lost ({steps})"
    return f"no root was found in {steps}: begin nearer to one, or give the unknown a range in which the sign changes"


def _error(there: _There) -> Vector:
    """How far each unknown may be off: by the rounding of the equations, and by the step that would be next."""
    return np.atleast_1d(there.rounding + abs(there.solved(there.off_by)))


def _sensitivity(there: _There, others: Sequence[str]) -> dict[str, dict[str, Value]]:
    """dx/da = -J⁻¹ ∂F/∂a: a linear system and a sweep for each component of the unknowns."""
    assert there.tape is not None
    shares = [np.atleast_1d(there.solved(unit, transposed=True)) for unit in units(there.at)]
    return {
        label: adjoints_of(there.tape, there.seeds(-share), others)
        for label, share in zip(there.unknowns.labels, shares, strict=True)
    }


def _check(run: Run, there: _There, equations: Sequence[str], inputs: Sequence[str], where: str) -> None:
    """Hold the derivatives of the equations against a difference."""
    if not there.has_value:
        return
    drawn = np.random.default_rng(0)
    weights: dict[str, Value] = {}
    for name in equations:
        shape = shape_of(select(run.tape, name).value(run.tape))
        weights[name] = drawn.uniform(-1, 1, shape) if shape else float(drawn.uniform(-1, 1))
    flat = np.concatenate([np.ravel(weight) for weight in weights.values()])
    require_right(run, weights, adjoints_of(run.tape, there.seeds(flat), inputs), where)

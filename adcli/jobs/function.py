"""A program as a function of Python: a value with its derivatives at one point after another, or at columns of points.

A program of numbers is run by the interpreter where it decides in a new way; from then on the straight line that ran
is a function (`branches.py`), which tells by a status where it does not hold. What it has no number for the interpreter
computes, which knows the edges of rules. A root that is one number is among what such functions compute. A program with
arrays runs by plans (`native/runs.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import isfinite
from typing import Any

from adcli.derive.hessians import second_derivatives
from adcli.derive.modes import adjoints_of
from adcli.emit.function import ELSEWHERE, OK, Request
from adcli.errors import AdError, Problem
from adcli.jobs.branches import LONGEST, NAME, Branch
from adcli.native.library import engine
from adcli.native.plan import NotOurs
from adcli.native.runs import COMPILES_FROM, gradient_by_plan
from adcli.program.code import Solve
from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.run import Earlier, Names, Start, array_output, chosen_inputs
from adcli.tape.equations import codes_of
from adcli.tape.execute import execute
from adcli.tape.given import as_array
from adcli.tape.ieee import contained
from adcli.tape.inputs import Given, default_value, missing_inputs, missing_problem, resolve, unknown_inputs
from adcli.tape.limits import LIMITS, Limits
from adcli.tape.selected import Selected, select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.tape.what_ran import what_ran

_MOST = 30  # branches of one function; a program that decides in more ways than these is run where it decides anew
_KEPT = 10 * _MOST  # branches that are kept for columns to come


class Columns(NamedTuple):
    """What a function gives for columns of points, and which rows have no result.

    Attributes:
        value: for each row
        gradient: by each input, for each row
        hessian: by each input and each input, for each row; None where it was not asked for
        problems: of each row without a result what is the matter with it
    """

    value: Any
    gradient: Any
    hessian: Any
    problems: Mapping[int, AdError]


@dataclass
class DerivedFunction:
    """A value of a program, with its derivatives, as a function of the program's inputs.

    `value, gradient = f(x, y)`: the inputs in the order of the program, or by name; those with a default may be left
    out. The gradient is a tuple of the derivatives by the inputs `wrt`; the derivative itself if that is one input.
    With order 2 there is the Hessian as well, as rows of such. A column, an array of numbers, may be given for an input
    that is a number: the results are columns then. It can be pickled, and used by several processes and threads.

    Raises AdError where the program has no value, as its methods do; of columns the rows without a value are NaN, and
    `columns` tells why.
    """

    program: Program
    of: str
    wrt: tuple[str, ...]
    order: int
    limits: Limits = LIMITS

    def __post_init__(self) -> None:
        self._branches: list[Branch] = []
        self._work = 0  # entries that were not computed in the engine
        self._made: dict[int, Branch | None] = {}  # by what was done; None where these have no way to say it
        self._takes_columns = all(variable.shape == () for variable in self.program.inputs)
        self._earlier = Earlier()
        self._names = tuple(variable.name for variable in self.program.inputs)
        self._floats = [float] * len(self._names)

    def __getstate__(self) -> tuple[Any, ...]:
        return self.program, self.of, self.wrt, self.order, self.limits

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.program, self.of, self.wrt, self.order, self.limits = state
        self.__post_init__()

    def begin_anew(self) -> None:
        """Forget in which ways the program has decided, and keep the functions of these.

        What columns give depends on nothing before then: of each way the first row is the interpreter's, and the others
        are those of its branch.
        """
        self._branches = []
        if len(self._made) > _KEPT:
            self._made.clear()

    def __repr__(self) -> str:
        return f"<adcli function {self.of}({', '.join(self._names)})>"

    def __call__(self, /, *values: Given, **named: Given) -> Any:
        """The value with its derivatives, at a point or at columns of points."""
        if not named and [*map(type, values)] == self._floats:
            result = self._compiled(values)
            if result is not None:
                return result
        return self._anywhere(self._given(values, named))

    def _compiled(self, values: Sequence[float]) -> Any:
        """The results by the first branch that decides as the program does; None for none."""
        for branch in self._branches:
            status, *results = branch.numbers(*values)
            if status != ELSEWHERE:
                return self._shown(*results) if status == OK and all(map(isfinite, values)) else None
        return None

    def _given(self, values: Sequence[Given], named: Mapping[str, Given]) -> dict[str, Given]:
        """What is given, by the names of inputs. Raises AdError `usage`."""
        if len(values) > len(self._names):
            message = f"{self!r} takes {len(self._names)} inputs, and is given {len(values)}"
            raise AdError(Problem("usage", message))
        given = dict(zip(self._names, values, strict=False))
        twice = given.keys() & named.keys()
        if twice:
            raise AdError(Problem("usage", f"the input `{min(twice)}` is given twice"))
        return {**given, **named}

    @contained
    def _anywhere(self, given: Mapping[str, Given]) -> Any:
        if self._is_of_columns(given):
            found = self.columns(**given)
            results = (found.value, found.gradient, found.hessian)[: 1 + self.order]
            return self._shown(*results)
        point, _ = resolve(self.program, given, self._earlier.plans)
        values = tuple(point.values())
        result = self._compiled(values) if [*map(type, values)] == self._floats else None
        return self._shown(*self._by_interpreter(point)) if result is None else result

    def _is_of_columns(self, given: Mapping[str, Given]) -> bool:
        """Whether an input that is a number is given as a column."""
        return self._takes_columns and any(getattr(value, "ndim", 0) == 1 for value in given.values())

    def _shown(self, value: Any, *derivatives: Any) -> Any:
        """The results as they are given: of one input without a tuple around its derivative."""
        if not derivatives:
            return value
        if len(self.wrt) > 1:
            return (value, *derivatives)
        return (value, derivatives[0][0], *(rows[0][0] for rows in derivatives[1:]))

    # By the interpreter

    def _by_interpreter(self, point: Mapping[str, Value]) -> tuple[Any, ...]:
        """The results at a point; what ran there is a branch from then on."""
        if self._has_plans:
            found = gradient_by_plan(point, self.limits, self._earlier.plans, self.of, self.wrt if self.order else ())
            if found is not None:
                return (found[0], tuple(found[1]))[: 1 + self.order]
        tape = self._tape(point)
        selected = _selected(self.program, tape, self.of)
        if tape.plan is None and _is_of_numbers(tape):
            self._remember(point, tape, selected)
        value = selected.value(tape)
        if not self.order:
            return (value,)
        slopes = adjoints_of(tape, selected.seeds(tape), self.wrt)
        gradient = tuple([slopes[name] for name in self.wrt])
        if self.order == 1:
            return value, gradient
        longer, entries = with_entries(tape, [selected])
        entry = entries[selected.label]
        second = second_derivatives(longer, entry, self.wrt, self._earlier.colourings)
        if not any(second.components.shapes.values()):
            whole = second.whole
            return value, gradient, tuple(map(tuple, whole if isinstance(whole, list) else whole.tolist()))
        rows = second.rows
        return value, gradient, tuple([tuple([rows[name][other] for other in self.wrt]) for name in self.wrt])

    def _tape(self, point: Mapping[str, Value]) -> Tape:
        if self._has_plans or (self.order == 2 and not self.program.arrays):  # one too long for a branch
            return Start(self.program, point, self.limits, earlier=self._earlier).tape_for_gradient(point)
        return execute(self.program, point, self.limits)

    @cached_property
    def _has_plans(self) -> bool:
        """Whether plans run it, and not branches."""
        return self.order < 2 and self.program.arrays and not self._solves_for_numbers

    @cached_property
    def _solves_for_numbers(self) -> bool:
        """Whether a program has nothing to do with arrays but that each of its roots is one number."""
        codes = codes_of(self.program.code, self.program.functions)
        solved = [block.end for code in codes for block in code.blocks if isinstance(block.end, Solve)]
        numbers = all(operation.elementwise for code in codes for operation in code.operations())
        return self._takes_columns and numbers and all(len(end.results) == 1 for end in solved)

    def _remember(self, point: Mapping[str, Value], tape: Tape, selected: Selected) -> None:
        """Make functions of a run that did what none has done before."""
        self._work += len(tape)
        if len(self._branches) >= _MOST or (len(tape) > LONGEST and not self._is_worth_an_engine):
            return
        done = hash(what_ran(tape))
        if done not in self._made:
            self._made[done] = self._made_of(point, tape, selected)
        branch = self._made[done]
        if branch is not None and branch not in self._branches:
            self._branches.append(branch)

    @property
    def _is_worth_an_engine(self) -> bool:
        return engine(self._work >= COMPILES_FROM) is not None

    def _made_of(self, point: Mapping[str, Value], tape: Tape, selected: Selected) -> Branch | None:
        """A run as functions; None where there is something that these have no way to say."""
        request = Request(self.of, self.wrt, self.order, NAME)
        try:
            return Branch(self.program, point, tape, selected, request)
        except (AdError, NotOurs):
            return None

    # Columns

    @contained
    def columns(self, /, **given: Given) -> Columns:
        """The results for each row of columns of points: an array for some inputs, numbers for others.

        Raises AdError where the columns are not of one length, where an input is missing, and for a program with
        arrays.
        """
        import numpy as np

        points = self._points(given)
        count = points.shape[1]
        size = len(self.wrt)
        results = np.empty(((1, 1 + size, 1 + size + size * size)[self.order], count))
        problems: dict[int, AdError] = {}
        finite = np.isfinite(points).all(axis=0)
        for row in np.flatnonzero(~finite).tolist():
            problems[row] = _not_finite(self._names, points[:, row])
        rows = np.flatnonzero(finite)
        for branch in self._branches:
            rows = self._fill(branch, points, rows, results)
        while rows.size:
            row, rows, known = int(rows[0]), rows[1:], len(self._branches)
            point = dict(zip(self._names, points[:, row].tolist(), strict=True))
            try:
                results[:, row] = _flat(self._by_interpreter(point))
            except AdError as error:
                problems[row] = error
            for branch in self._branches[known:]:
                rows = self._fill(branch, points, rows, results)
        results[:, list(problems)] = np.nan
        gradient = tuple(results[1 : 1 + size]) if self.order else None
        second = tuple(map(tuple, results[1 + size :].reshape(size, size, count))) if self.order == 2 else None
        return Columns(results[0], gradient, second, problems)

    def _points(self, given: Mapping[str, Given]) -> Any:
        """The columns of all inputs, as the rows of a matrix."""
        import numpy as np

        if any(variable.shape for variable in self.program.inputs):
            raise AdError(Problem("usage", "columns are for programs whose inputs are numbers"))
        problems = unknown_inputs(self.program, given)
        columns: list[Any] = []
        for variable in self.program.inputs:
            if variable.name in given:
                columns.append(as_array(given[variable.name], f"the input `{variable.name}`"))
            elif variable.default is not None:
                columns.append(default_value(variable))
        missing = missing_inputs(self.program, given)
        problems += [missing_problem(missing)] if missing else []
        if problems:
            raise AdError(problems, self.program.source)
        try:
            shape = np.broadcast_shapes((1,), *map(np.shape, columns))
        except ValueError:
            sizes = [f"`{name}` has {np.size(column):,}" for name, column in zip(self._names, columns, strict=True)]
            note = ", ".join(sizes)
            raise AdError(Problem("usage", "the columns are not of one length", note=note)) from None
        points = np.empty((len(columns), *shape))
        for place, column in enumerate(columns):
            points[place] = column
        return points.reshape(len(columns), -1)

    def _fill(self, branch: Branch, points: Any, rows: Any, results: Any) -> Any:
        """Fill in what a branch gives for some rows; the rows for which it gives nothing."""
        import numpy as np

        if not rows.size:
            return rows
        given, place = points, results
        if rows.size < points.shape[1]:
            given, place = points[:, rows], np.empty((len(results), rows.size))
        self._work += branch.length * rows.size
        statuses = branch.columns(given, self._work >= COMPILES_FROM, place)
        if statuses is None:
            return rows
        held = statuses == OK
        if place is not results:
            results[:, rows[held]] = place[:, held]
        left: Any = rows[~held]
        return left


def derived_function(
    program: Program, of: str | None = None, wrt: Names = None, order: int = 1, limits: Limits = LIMITS
) -> DerivedFunction:
    """The function of a program: of its first output, or of the value `of`, by the inputs `wrt`.

    Raises AdError `unknown-input`, and `usage` where the program has no output.
    """
    return DerivedFunction(program, of or program.outputs[0], tuple(chosen_inputs(program, wrt)), order, limits)


def _selected(program: Program, tape: Tape, of: str) -> Selected:
    """What is differentiated: a number. Raises AdError `unknown-name` and `array-output`."""
    selected = select(tape, of)
    shape = shape_of(selected.value(tape))
    if shape:
        raise AdError(array_output(of, shape), program.source)
    return selected


def _is_of_numbers(tape: Tape) -> bool:
    """Whether all values are numbers, as those of a root's equations may not be, which lines do not have then."""
    return not tape.arrays or all(type(value) is float for value in tape.values)


def _flat(results: tuple[Any, ...]) -> list[float]:
    value, *derivatives = results
    return [value, *(derivatives[0] if derivatives else ()), *(part for row in derivatives[1:] for part in chain(*row))]


def _not_finite(names: Sequence[str], point: Any) -> AdError:
    name = next(name for name, value in zip(names, point, strict=True) if not isfinite(value))
    return AdError(Problem("not-finite", f"the input `{name}` is {point[names.index(name)]}"))

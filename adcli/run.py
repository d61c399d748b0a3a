"""A program, a point, a tape: the run that every command starts from, and what is asked of it before any report.

What is differentiated and by which inputs, and the warnings that a run owes its reader: values that are not finite,
decisions by equality, kinks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

from adcli.errors import AdError, CheckFailedError, Problem
from adcli.program.program import Program
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.shapes import shape_text
from adcli.syntax import nodes
from adcli.tape.components import split_at_commas
from adcli.tape.describe import first_not_finite, not_finite_text
from adcli.tape.execute import execute
from adcli.tape.execution import MAX_ENTRIES
from adcli.tape.inputs import Given, resolve, unknown_inputs
from adcli.tape.reach import active_entries
from adcli.tape.selected import Selected, select
from adcli.tape.tape import Tape, Value
from adcli.trust.budget import Budget, budget_beside
from adcli.trust.guards import EQUALITY, doubtful_guards, is_smooth

if TYPE_CHECKING:
    from adcli.tape.compiled import Plans
    from adcli.trust.kinks import Kinks

KINK = "kink"  # the code of the warning
Report = TypeVar("Report")
Names: TypeAlias = str | Sequence[str] | None  # as `x,y` or one by one; None stands for all
_MOST_SITES = 5  # kinks that are warned of one by one


class Run(NamedTuple):
    """A program that ran at a point.

    Attributes:
        program, point, tape: the run
        warnings: what is to be said of it
        max_entries: the limit of its tape
        began: when it began, by the clock of comparisons
    """

    program: Program
    point: Mapping[str, Value]
    tape: Tape
    warnings: tuple[Problem, ...]
    max_entries: int
    began: float

    def budget(self) -> Budget:
        """The time for a comparison that begins now, when the run and its derivatives are there."""
        return budget_beside(time.perf_counter() - self.began)


class Start:
    """What a run starts from: a program and what is given of its inputs.

    It runs when something asks for its tape, and only once: all that a command says is of one run.
    """

    def __init__(
        self,
        program: Program,
        given: Mapping[str, Given],
        max_entries: int = MAX_ENTRIES,
        suspicions: Sequence[Problem] = (),
        plans: Plans | None = None,
    ) -> None:
        """Take a program and its inputs.

        Args:
            program: what runs
            given: the inputs, by name; those that have a default may be left out
            max_entries: the limit of the tape
            suspicions: what `lint` found: warnings of the run, but for those that the run itself knows better
            plans: of earlier runs of the program; they get one of this run
        """
        self.program = program
        self.max_entries = max_entries
        self.suspicions = suspicions
        self._given = given
        self._plans = plans

    @cached_property
    def _resolved(self) -> tuple[Mapping[str, Value], list[Problem]]:
        return resolve(self.program, self._given, self._plans or ())

    @property
    def point(self) -> Mapping[str, Value]:
        """The value of each input. Raises AdError where what is given does not fit the program."""
        return self._resolved[0]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is to be said of the inputs."""
        return tuple(self._resolved[1])

    @cached_property
    def run(self) -> Run:
        """The run, with its whole tape. Raises AdError where the inputs do not fit, and what `execute` raises."""
        began = time.perf_counter()
        return self._finished(execute(self.program, self.point, self.max_entries), began)

    def run_for_gradient(self) -> Run:
        """A run that keeps only what a gradient needs; the whole one if it has been made already."""
        if "run" in self.__dict__ or not self.program.arrays:
            return self.run
        began, tape = time.perf_counter(), self._tape_for_gradient()
        # one that came upon an infinity runs again: the whole tape knows where that began
        return self.run if tape.forgot and _met_non_finite(tape, self.program) else self._finished(tape, began)

    def _tape_for_gradient(self) -> Tape:
        if self._plans is None:
            return execute(self.program, self.point, self.max_entries, forget=True)
        from adcli.tape.compiled import tape_by_plan  # which programs of numbers do not need

        return tape_by_plan(self.program, self.point, self.max_entries, self._plans)

    def _finished(self, tape: Tape, began: float) -> Run:
        """The run of a tape, with its warnings."""
        warnings = [*self.warnings, *(problem for problem in self.suspicions if problem.code != EQUALITY)]
        entry = None if tape.forgot else first_not_finite(tape)
        if entry is not None:
            text = f"the first value that is not finite is {not_finite_text(tape, entry)}"
            warnings.append(Problem("not-finite", text, tape.spans[entry]))
        return Run(self.program, self.point, tape, tuple(warnings), self.max_entries, began)


class Options(Generic[Report]):
    """What a command is asked: its options as a record, which answers from a run."""

    def answer(self, start: Start) -> Report:
        """Run the program, and report of the run."""
        return self.report(start.run)

    def report(self, run: Run) -> Report:
        """What the command says of a run."""
        raise NotImplementedError


def split_names(names: Names) -> Sequence[str] | None:
    """Names as they may be given, in one text between commas or one by one: `"x,w[2]"`, `["x", "w[2]"]`."""
    return [name.strip() for name in split_at_commas(names)] if isinstance(names, str) else names


def _met_non_finite(tape: Tape, program: Program) -> bool:
    """Whether a run that forgets met an infinity or a NaN: in an array, of which NumPy told, a number, or an output."""
    if tape.met_non_finite or not all(map(math.isfinite, [value for value in tape.values if type(value) is float])):
        return True
    return not all(is_finite(tape.values[tape.bindings[name]]) for name in program.outputs)


def chosen_inputs(program: Program, wrt: Names) -> list[str]:
    """The inputs to differentiate by, in the program's order; raises AdError `unknown-input`."""
    names = [variable.name for variable in program.inputs]
    wrt = split_names(wrt)
    if wrt is None:
        return names
    problems = unknown_inputs(program, wrt)
    if problems:
        raise AdError(problems)
    return [name for name in names if name in wrt]


def require_inputs(program: Program) -> None:
    """Refuse a program without inputs, where derivatives by them are all that is asked for: AdError `no-input`."""
    if program.inputs:
        return
    assigned = next((s for s in program.tree.statements if isinstance(s, nodes.Assignment)), None)
    message, note = "there is nothing to differentiate by: the program has no `input`", ""
    help_text = "declare what the derivatives are by: `input x = 2`"
    if assigned is not None:
        name, value = assigned.target.name, assigned.value
        note = f"line {program.source.place(assigned.span.start)[0]} assigns `{name}`"
        if isinstance(value, nodes.Number):
            help_text = f"write `input {name} = {value.text}`"
    raise AdError(
        Problem("no-input", message, None if assigned is None else assigned.span, "", note, help_text), program.source
    )


def differentiated_outputs(run: Run, of: str | None) -> dict[str, Selected]:
    """What is differentiated: one named value, or the outputs; each is a number. Raises AdError `array-output`."""
    names = run.program.outputs if of is None else (of,)
    selections = {name: select(run.tape, name) for name in names}
    shapes = {name: shape_of(selected.value(run.tape)) for name, selected in selections.items()}
    arrays = [name for name, shape in shapes.items() if shape]
    if arrays and (of is not None or len(arrays) == len(names)):
        name = arrays[0]
        message = f"`{name}` is {shape_text(shapes[name])}, and a gradient is that of one number"
        component = f"{name}[{', '.join('0' for _ in shapes[name])}]"
        help_text = f"`--of '{component}'` takes one component; `adcli jacobian` differentiates all"
        raise AdError(Problem("array-output", message, help=help_text))
    return {name: selected for name, selected in selections.items() if not shapes[name]}


def warned(run: Run, active: Sequence[bool]) -> Run:
    """The run, with warnings of decisions that spoil its derivatives by the active entries."""
    return run._replace(warnings=(*run.warnings, *doubtful_guards(run.tape, active)))


class Nonsmooth(str, Enum):
    """What to do at a point at which there is no derivative: say so, refuse, or say nothing."""

    REPORT = "report"
    ERROR = "error"
    QUIET = "quiet"


def with_kinks(
    run: Run, gradients: Mapping[str, Mapping[str, Value]], nonsmooth: Nonsmooth, budget: Budget
) -> tuple[Run, Kinks | None]:
    """The run with warnings of kinks and of decisions by equality, and the kinks that its outputs feel.

    Slopes are taken along as many components as the budget allows.
    Raises CheckFailedError where there are some and `nonsmooth` is `error`.
    """
    by_equality: list[Problem] = []
    if run.tape.guards:
        inputs = {run.tape.inputs[name] for slopes in gradients.values() for name in slopes}
        doubtful = doubtful_guards(run.tape, active_entries(run.tape, list(inputs)))
        by_equality = [problem for problem in doubtful if problem.code == EQUALITY]
        run = run._replace(warnings=(*run.warnings, *by_equality))
    if nonsmooth is Nonsmooth.QUIET or is_smooth(run.tape):
        return run, None
    told = [problem.span for problem in by_equality]
    kinks, problems = _kinks_felt(run, gradients, told, nonsmooth is Nonsmooth.ERROR, budget)
    return run._replace(warnings=(*run.warnings, *problems)), kinks


def _kinks_felt(
    run: Run,
    gradients: Mapping[str, Mapping[str, Value]],
    told: Collection[tuple[int, int] | None],
    refuse: bool,
    budget: Budget,
) -> tuple[Kinks, list[Problem]]:
    """The kinks that outputs feel, and warnings of those places that are not told already.

    Raises CheckFailedError where there are some and they are to be refused.
    """
    from adcli.trust.kinks import find_kinks  # which most points do not need

    kinks = find_kinks(run.program, run.point, run.tape, gradients, run.max_entries, budget)
    problems = [problem for problem in _kink_problems(kinks) if problem.span is None or problem.span not in told]
    if problems and refuse:
        raise CheckFailedError(problems, run.program.source)
    return kinks, problems


def _kink_problems(kinks: Kinks) -> list[Problem]:
    """A warning for each operation and decision at a kink that outputs feel."""
    if not kinks:
        return []
    output, component, slopes = next(
        (output, component, slopes)
        for output, by_component in kinks.slopes.items()
        for component, slopes in by_component.items()
    )
    from adcli.trust.kinks import slopes_text

    exists = all(
        slopes.common is not None for by_component in kinks.slopes.values() for slopes in by_component.values()
    )
    missing = "there is another derivative here than is used" if exists else "there is no derivative here"
    note = f"{output} along {component}: {slopes_text(slopes)}; {slopes.used:g} is used"
    problems = [
        Problem(
            KINK,
            f"`{site.text}` is at a kink{'' if site.times == 1 else f' {site.times:,} times'}: {missing}",
            site.span,
            "",
            note if place == 0 else "",
        )
        for place, site in enumerate(kinks.sites[:_MOST_SITES])
    ]
    rest = len(kinks.sites) - _MOST_SITES
    return [*problems, Problem(KINK, f"{rest} more operations and decisions are at a kink")] if rest > 0 else problems

"""A program, a point, a tape: the run that every command starts from, and what is asked of it before any report.

What is differentiated and by which inputs, and the warnings that a run owes its reader: values that are not finite,
decisions by equality, kinks.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from adcli.errors import AdError, CheckFailedError, Problem
from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.implicit import is_root
from adcli.rules.shapes import shape_text
from adcli.tape.components import split_at_commas
from adcli.tape.describe import first_not_finite, not_finite_text
from adcli.tape.execute import execute
from adcli.tape.ieee import contained
from adcli.tape.inputs import Given, resolve, unknown_inputs
from adcli.tape.limits import LIMITS, Limits
from adcli.tape.reach import active_entries
from adcli.tape.selected import Selected, select
from adcli.tape.tape import Tape, Value
from adcli.trust.budget import Budget, budget_beside
from adcli.trust.guards import EQUAL_SIDES, EQUALITY, KINK, OF_LINT_ALONE, doubtful_guards, is_smooth

if TYPE_CHECKING:
    from adcli.derive.known import KnownColourings
    from adcli.native.runs import Plans
    from adcli.trust.kinks import Kinks

DOUBTFUL = (EQUALITY, EQUAL_SIDES)  # the codes of decisions that spoil a derivative
Report = TypeVar("Report")
Names: TypeAlias = str | Sequence[str] | None  # as `x,y` or one by one; None stands for all
_NOT_OF_RUNS = (EQUALITY, *OF_LINT_ALONE)  # what a run knows better, or need not be told
_MOST_SITES = 5  # kinks that are warned of one by one


class Earlier:
    """What runs of a program leave for later ones: plans of how it runs, and which of its derivatives share a sweep."""

    def __init__(self) -> None:
        self.plans: Plans = {}

    @cached_property
    def colourings(self) -> KnownColourings:
        """The colourings of its matrices of derivatives."""
        from adcli.derive.known import KnownColourings  # which first derivatives do not need

        return KnownColourings()

    def __reduce__(self) -> tuple[type[Earlier], tuple[()]]:
        """Nothing is pickled: plans are functions, and all is made again."""
        return Earlier, ()


class Run(NamedTuple):
    """A program that ran at a point.

    Attributes:
        program, point, tape: the run
        warnings: what is to be said of it
        limits: of its tape
        began: when it began, by the clock of comparisons
        earlier: what earlier runs of the program left
    """

    program: Program
    point: Mapping[str, Value]
    tape: Tape
    warnings: tuple[Problem, ...]
    limits: Limits
    began: float
    earlier: Earlier | None = None

    @property
    def colourings(self) -> KnownColourings | None:
        """Which derivatives shared a sweep in earlier runs."""
        return None if self.earlier is None else self.earlier.colourings

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
        limits: Limits = LIMITS,
        suspicions: Sequence[Problem] = (),
        earlier: Earlier | None = None,
    ) -> None:
        """Take a program and its inputs.

        Args:
            program: what runs
            given: the inputs, by name; those that have a default may be left out
            limits: of the tape
            suspicions: what `lint` found: warnings of the run, but for those that the run itself knows better
            earlier: what earlier runs of the program left, to which this one adds
        """
        self.program = program
        self.limits = limits
        self.suspicions = suspicions
        self._given = given
        self.earlier = earlier

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: not a run with roots, which is made again."""
        state = self.__dict__.copy()
        if "run" in state and any(map(is_root, set(self.run.tape.operations))):
            del state["run"]
        return state

    @cached_property
    @contained
    def _resolved(self) -> tuple[Mapping[str, Value], list[Problem]]:
        return resolve(self.program, self._given, () if self.earlier is None else self.earlier.plans)

    def at(self, given: Mapping[str, Given]) -> Start:
        """The same start, with other values of some inputs."""
        return Start(self.program, {**self._given, **given}, self.limits, self.suspicions, self.earlier)

    @property
    def point(self) -> Mapping[str, Value]:
        """The value of each input. Raises AdError where what is given does not fit the program."""
        return self._resolved[0]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is to be said of the inputs."""
        return tuple(self._resolved[1])

    @cached_property
    @contained
    def run(self) -> Run:
        """The run, with its whole tape. Raises AdError where the inputs do not fit, and what `execute` raises."""
        began = time.perf_counter()
        return self._finished(execute(self.program, self.point, self.limits), began)

    @contained
    def run_for_gradient(self) -> Run:
        """A run that keeps only what a gradient needs; the whole one if it has been made already."""
        if "run" in self.__dict__ or (self.earlier is None and not self.program.arrays):
            return self.run
        began, tape = time.perf_counter(), self.tape_for_gradient(self.point)
        if not tape.forgot:  # all that other questions need is there
            self.__dict__["run"] = self._finished(tape, began)
            return self.run
        # one that came upon an infinity runs again: the whole tape knows where that began
        return self.run if tape.forgot and _met_non_finite(tape, self.program) else self._finished(tape, began)

    def run_of_numbers(self) -> Run:
        """The whole run, which a plan may have made where the program has no arrays."""
        return self.run if self.program.arrays else self.run_for_gradient()

    def tape_for_gradient(self, point: Mapping[str, Value]) -> Tape:
        """The tape at a point that has a value for every input, with only what a gradient needs."""
        if self.earlier is None:
            return execute(self.program, point, self.limits, forget=True)
        from adcli.native.runs import tape_by_plan  # which commands that run once do not need

        return tape_by_plan(self.program, point, self.limits, self.earlier.plans)

    def _finished(self, tape: Tape, began: float) -> Run:
        """The run of a tape, with its warnings."""
        warnings = [*self.warnings, *(problem for problem in self.suspicions if problem.code not in _NOT_OF_RUNS)]
        entry = None if tape.forgot or tape.plan is not None else first_not_finite(tape)
        if entry is not None:
            text = f"the first value that is not finite is {not_finite_text(tape, entry)}"
            warnings.append(Problem("not-finite", text, tape.spans[entry]))
        if tape.arrays and not tape.forgot:
            from adcli.trust.conditioning import ill_conditioned  # which only programs with arrays need

            warnings += ill_conditioned(tape)
        return Run(self.program, self.point, tape, tuple(warnings), self.limits, began, self.earlier)


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
    if not program.inputs:
        from adcli.trust.smoothness import without_inputs  # which few programs need

        raise AdError(without_inputs(program), program.source)


def differentiated_outputs(run: Run, of: str | None) -> dict[str, Selected]:
    """What is differentiated: one named value, or the outputs; each is a number. Raises AdError `array-output`."""
    names = run.program.outputs if of is None else (of,)
    selections = {name: select(run.tape, name) for name in names}
    shapes = {name: shape_of(selected.value(run.tape)) for name, selected in selections.items()}
    arrays = [name for name, shape in shapes.items() if shape]
    if arrays and (of is not None or len(arrays) == len(names)):
        raise AdError(array_output(arrays[0], shapes[arrays[0]]))
    return {name: selected for name, selected in selections.items() if not shapes[name]}


def array_output(name: str, shape: tuple[int, ...]) -> Problem:
    """The problem of an array that is to be differentiated as one number."""
    message = f"`{name}` is {shape_text(shape)}, and a gradient is that of one number"
    component = f"{name}[{', '.join('0' for _ in shape)}]"
    help_text = f"`--of '{component}'` takes one component; `adcli jacobian` differentiates all"
    return Problem("array-output", message, help=help_text)


def warned(run: Run, active: Sequence[bool]) -> Run:
    """The run, with warnings of decisions that spoil its derivatives by the active entries."""
    return run._replace(warnings=(*run.warnings, *doubtful_guards(run.tape, active)))


class Nonsmooth(str, Enum):
    """What to do at a point at which there is no derivative: say so, refuse, or say nothing."""

    REPORT = "report"
    ERROR = "error"
    QUIET = "quiet"


def with_kinks(
    run: Run,
    gradients: Mapping[str, Mapping[str, Value]],
    nonsmooth: Nonsmooth,
    budget: Budget,
    codes: Collection[str] = (EQUALITY,),
) -> tuple[Run, Kinks | None]:
    """The run with warnings of kinks and of doubtful decisions of some codes, and the kinks that its outputs feel.

    Slopes are taken along as many components as the budget allows.
    Raises CheckFailedError where there are some and `nonsmooth` is `error`.
    """
    inputs = dict.fromkeys(name for slopes in gradients.values() for name in slopes)
    return with_kinks_of(run, inputs, lambda: gradients, nonsmooth, budget, codes)


def with_kinks_of(
    run: Run,
    inputs: Iterable[str],
    gradients: Callable[[], Mapping[str, Mapping[str, Value]]],
    nonsmooth: Nonsmooth,
    budget: Budget,
    codes: Collection[str] = DOUBTFUL,
) -> tuple[Run, Kinks | None]:
    """The same with gradients that are made where something is at a kink."""

    def find() -> Kinks:
        from adcli.trust.kinks import find_kinks  # which most points do not need

        return find_kinks(run.program, run.point, run.tape, gradients(), run.limits, budget)

    return with_kinks_found(run, inputs, nonsmooth, find, codes)


def with_kinks_found(
    run: Run,
    inputs: Iterable[str],
    nonsmooth: Nonsmooth,
    find: Callable[[], Kinks],
    codes: Collection[str] = DOUBTFUL,
) -> tuple[Run, Kinks | None]:
    """The same with the kinks that `find` finds where an operation or a decision is at one."""
    doubtful: list[Problem] = []
    if run.tape.guards:
        entries = [run.tape.inputs[name] for name in inputs]
        doubtful = doubtful_guards(run.tape, active_entries(run.tape, entries))
        doubtful = [problem for problem in doubtful if problem.code in codes]
        run = run._replace(warnings=(*run.warnings, *doubtful))
    if nonsmooth is Nonsmooth.QUIET or is_smooth(run.tape):
        return run, None
    kinks = find()
    problems = _kink_problems(kinks)
    told = {problem.span: problem.code for problem in doubtful if problem.span is not None}
    refused = [problem for problem in problems if told.get(problem.span or (0, 0)) != EQUALITY]
    if refused and nonsmooth is Nonsmooth.ERROR:
        raise CheckFailedError(refused, run.program.source)
    problems = [problem for problem in problems if problem.span not in told]
    return run._replace(warnings=(*run.warnings, *problems)), kinks


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
    second = "second " if slopes.of == "gradient" else ""
    missing = f"there is {'another' if exists else 'no'} {second}derivative here{' than is used' if exists else ''}"
    note = f"{output} along {component}: {slopes_text(slopes)}; {slopes.used:g} is used"
    problems = [
        Problem(
            KINK,
            f"`{site.text}` is at a kink{'' if site.times == 1 else f' {site.times:,} times'}: {missing}",
            site.span,
            "",
            note if place == 0 else "",
            kinks.remedy if place == 0 else "",
        )
        for place, site in enumerate(kinks.sites[:_MOST_SITES])
    ]
    rest = len(kinks.sites) - _MOST_SITES
    return [*problems, Problem(KINK, f"{rest} more operations and decisions are at a kink")] if rest > 0 else problems

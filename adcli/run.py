"""A program, a point, a tape: the run that every command starts from, and what is asked of it before any report.

What is differentiated and by which inputs, and the warnings that a run owes its reader: values that are not finite,
decisions by equality, kinks.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from adcli.errors import AdError, CheckFailedError, Problem
from adcli.program.program import Program
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.shapes import shape_text
from adcli.tape.describe import find_entry, first_not_finite, not_finite_text
from adcli.tape.execute import execute
from adcli.tape.machine import MAX_ENTRIES
from adcli.tape.point import Given, resolve, unknown_inputs
from adcli.tape.tape import Tape, Value
from adcli.trust.guards import EQUALITY, doubtful_guards, is_smooth

if TYPE_CHECKING:
    from adcli.tape.replay import Plans
    from adcli.trust.kinks import Kinks

KINK = "kink"  # the code of the warning
_MOST_SITES = 5  # kinks that are warned of one by one


class Run(NamedTuple):
    """A program that ran at a point; `max_entries` is the limit of its tape."""

    program: Program
    point: Mapping[str, Value]
    tape: Tape
    warnings: tuple[Problem, ...]
    max_entries: int


def run_program(
    program: Program,
    given: Mapping[str, Given],
    max_entries: int = MAX_ENTRIES,
    suspicions: Sequence[Problem] = (),
    lean: bool = False,
    plans: Plans | None = None,
) -> Run:
    """Run a program with some inputs given; raises AdError where they do not fit, and what `execute` raises.

    `suspicions` are what `lint` found: they are warnings of the run, but for those that the run itself knows better.
    `lean` keeps only what a gradient needs; `plans` are of earlier runs of the program, and get one of this run.
    """
    point, warnings = resolve(program, given, plans or ())
    warnings += [problem for problem in suspicions if problem.code != EQUALITY]
    tape = _executed(program, point, max_entries, lean, plans)
    if tape.lean and _is_spoilt(tape, program):
        tape = execute(program, point, max_entries)  # which knows where it began
    entry = None if tape.lean else first_not_finite(tape)
    if entry is not None:
        text = f"the first value that is not finite is {not_finite_text(tape, entry)}"
        warnings.append(Problem("not-finite", text, tape.spans[entry]))
    return Run(program, point, tape, tuple(warnings), max_entries)


def _is_spoilt(tape: Tape, program: Program) -> bool:
    """Whether a lean run came upon an infinity or a NaN: in arrays, of which NumPy told, in a number, or in the end."""
    if tape.spoilt or not all(map(math.isfinite, [value for value in tape.values if type(value) is float])):
        return True
    return not all(is_finite(tape.values[tape.bindings[name]]) for name in program.outputs)


def _executed(program: Program, point: Mapping[str, Value], max_entries: int, lean: bool, plans: Plans | None) -> Tape:
    if plans is None or not lean or not program.arrays:
        return execute(program, point, max_entries, lean)
    from adcli.tape.replay import replayed  # which programs of numbers do not need

    return replayed(program, point, max_entries, plans)


def chosen_inputs(program: Program, wrt: Sequence[str] | None) -> list[str]:
    """The inputs to differentiate by, in the program's order; raises AdError `unknown-input`."""
    names = [variable.name for variable in program.inputs]
    if wrt is None:
        return names
    problems = unknown_inputs(program, wrt)
    if problems:
        raise AdError(problems)
    return [name for name in names if name in wrt]


def differentiated_outputs(run: Run, of: str | None) -> tuple[str, ...]:
    """What is differentiated: one named value, or the outputs; each is a number. Raises AdError `array-output`."""
    names = run.program.outputs if of is None else (of,)
    shapes = {name: shape_of(run.tape.values[find_entry(run.tape, name)]) for name in names}
    arrays = [name for name, shape in shapes.items() if shape]
    if arrays and (of is not None or len(arrays) == len(names)):
        name = arrays[0]
        message = f"`{name}` is {shape_text(shapes[name])}, and a gradient is that of one number"
        component = f"{name}[{', '.join('0' for _ in shapes[name])}]"
        help_text = f"`--of '{component}'` takes one component; `adcli jacobian` differentiates all"
        raise AdError(Problem("array-output", message, help=help_text))
    return tuple(name for name in names if not shapes[name])


def warned(run: Run, active: Sequence[bool]) -> Run:
    """The run, with warnings of decisions that spoil its derivatives by the active entries."""
    return run._replace(warnings=(*run.warnings, *doubtful_guards(run.tape, active)))


class Nonsmooth(str, Enum):
    """What to do at a point at which there is no derivative: say so, refuse, or say nothing."""

    REPORT = "report"
    ERROR = "error"
    QUIET = "quiet"


def with_kinks(
    run: Run, gradients: Mapping[str, Mapping[str, Value]], nonsmooth: Nonsmooth | str
) -> tuple[Run, Kinks | None]:
    """The run with warnings of kinks and of decisions by equality, and the kinks that its outputs feel.

    Raises CheckFailedError where there are some and `nonsmooth` is `error`.
    """
    by_equality: list[Problem] = []
    if run.tape.guards:
        inputs = {run.tape.inputs[name] for slopes in gradients.values() for name in slopes}
        doubtful = doubtful_guards(run.tape, run.tape.active(list(inputs)))
        by_equality = [problem for problem in doubtful if problem.code == EQUALITY]
        run = run._replace(warnings=(*run.warnings, *by_equality))
    if Nonsmooth(nonsmooth) is Nonsmooth.QUIET or is_smooth(run.tape):
        return run, None
    told = [problem.span for problem in by_equality]
    kinks, problems = _kinks_felt(run, gradients, told, Nonsmooth(nonsmooth) is Nonsmooth.ERROR)
    return run._replace(warnings=(*run.warnings, *problems)), kinks


def _kinks_felt(
    run: Run, gradients: Mapping[str, Mapping[str, Value]], told: Collection[tuple[int, int] | None], refuse: bool
) -> tuple[Kinks, list[Problem]]:
    """The kinks that outputs feel, and warnings of those places that are not told already.

    Raises CheckFailedError where there are some and they are to be refused.
    """
    from adcli.trust.kinks import find_kinks  # which most points do not need

    kinks = find_kinks(run.program, run.point, run.tape, gradients, run.max_entries)
    problems = [problem for problem in _kink_problems(kinks) if problem.span is None or problem.span not in told]
    if problems and refuse:
        raise CheckFailedError(problems, run.program.source)
    return kinks, problems


def _kink_problems(kinks: Kinks) -> list[Problem]:
    """A warning for each operation and decision at a kink that outputs feel."""
    if not kinks:
        return []
    output, component, slopes = next(
        (output, component, slopes) for output, found in kinks.slopes.items() for component, slopes in found.items()
    )
    from adcli.trust.kinks import slopes_text

    note = f"{output} along {component}: {slopes_text(slopes)}; {slopes.used:g} is used"
    problems = [
        Problem(
            KINK,
            f"`{site.text}` is at a kink{'' if site.times == 1 else f' {site.times:,} times'}: "
            f"there is no derivative here",
            site.span,
            "",
            note if place == 0 else "",
        )
        for place, site in enumerate(kinks.sites[:_MOST_SITES])
    ]
    rest = len(kinks.sites) - _MOST_SITES
    return [*problems, Problem(KINK, f"{rest} more operations and decisions are at a kink")] if rest > 0 else problems

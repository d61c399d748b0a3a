"""What every report has in common: a run of a program, the report of it as plain data, and its tables.

Each kind of report stands in a file of its own, with the function that makes it from a run and its tables. It has
`to_dict()`, the JSON of a command; `tables()`, what a person reads; and shows itself as a table in a terminal
(`rich`) and in a notebook.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from adcli.errors import AdError, Problem, Text
from adcli.program.program import Program
from adcli.report.cells import Column, Digits, Table, is_array
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.shapes import shape_text
from adcli.syntax.source import Source
from adcli.tape.describe import first_not_finite, not_finite_text
from adcli.tape.execute import execute
from adcli.tape.machine import MAX_ENTRIES
from adcli.tape.point import Given, resolve, unknown_inputs
from adcli.tape.selected import Selected, select
from adcli.tape.tape import Tape, Value
from adcli.trust.guards import EQUALITY, doubtful_guards, is_smooth

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from adcli.tape.replay import Plans
    from adcli.trust.kinks import Kinks


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


@dataclass(frozen=True, eq=False)
class Report:
    """What every command says.

    Attributes:
        source: the program's text
        inputs: the point
        warnings: what to look at before the numbers are believed
        outputs: the value of each output
    """

    source: Source
    inputs: Mapping[str, Value]
    warnings: tuple[Problem, ...]
    outputs: Mapping[str, Value]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the command. Infinities and NaN are strings, so that strict parsers read it."""
        warnings = [problem_to_dict(problem, self.source) for problem in self.warnings]
        head = {"program": self.source.name, "inputs": self.inputs, "warnings": warnings}
        result: dict[str, Any] = strict({**head, **self._body()})
        return result

    def own_dict(self) -> dict[str, Any]:
        """The keys that only this command has: what another command's JSON takes in."""
        result: dict[str, Any] = strict(self._own())
        return result

    def _body(self) -> dict[str, Any]:
        return {"outputs": self.outputs, **self._own()}

    def _own(self) -> dict[str, Any]:
        return {}

    def own_tables(self, digits: Digits = 6) -> list[Table]:
        """The tables that only this command has: what another command shows as well."""
        return self.tables(digits)[:1]

    def records(self) -> Table:
        """The one table that a program reads: a row for each thing, no cell that needs its neighbours."""
        raise NotImplementedError

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The tables that a person reads, with this many significant digits."""
        raise NotImplementedError

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from adcli.report.tables import renderables

        yield from (f"warning: {problem.message}" for problem in self.warnings)
        yield from renderables(self.tables())

    def _repr_html_(self) -> str:
        from adcli.report.html import to_html

        return to_html(self.tables(), notes=[f"warning: {problem.message}" for problem in self.warnings])


def head(run: Run, of: str | None = None) -> tuple[Source, Mapping[str, Value], tuple[Problem, ...], dict[str, Value]]:
    """What every report starts with. The outputs are the program's, and a named value that was asked for."""
    names = dict.fromkeys((*run.program.outputs, of) if of is not None else run.program.outputs)
    outputs = {name: select(run.tape, name).value(run.tape) for name in names if name is not None}
    return run.program.source, run.point, run.warnings, outputs


def chosen_inputs(program: Program, wrt: Sequence[str] | None) -> list[str]:
    """The inputs to differentiate by, in the program's order; raises AdError `unknown-input`."""
    names = [variable.name for variable in program.inputs]
    if wrt is None:
        return names
    problems = unknown_inputs(program, wrt)
    if problems:
        raise AdError(problems)
    return [name for name in names if name in wrt]


def differentiated_outputs(run: Run, of: str | None) -> dict[str, Selected]:
    """What is differentiated: one named value, or the outputs; each is a number. Raises AdError `array-output`."""
    names = run.program.outputs if of is None else (of,)
    selected = {name: select(run.tape, name) for name in names}
    shapes = {name: shape_of(one.value(run.tape)) for name, one in selected.items()}
    arrays = [name for name, shape in shapes.items() if shape]
    if arrays and (of is not None or len(arrays) == len(names)):
        name = arrays[0]
        message = f"`{name}` is {shape_text(shapes[name])}, and a gradient is that of one number"
        component = f"{name}[{', '.join('0' for _ in shapes[name])}]"
        help_text = f"`--of '{component}'` takes one component; `adcli jacobian` differentiates all"
        raise AdError(Problem("array-output", message, help=help_text))
    return {name: one for name, one in selected.items() if not shapes[name]}


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
    from adcli.report.kinks import found_kinks  # which most points do not need

    told = [problem.span for problem in by_equality]
    kinks, problems = found_kinks(run, gradients, told, Nonsmooth(nonsmooth) is Nonsmooth.ERROR)
    return run._replace(warnings=(*run.warnings, *problems)), kinks


def outputs_table(report: Report) -> Table:
    """The value of every output."""
    rows = tuple((name, value) for name, value in report.outputs.items())
    return Table("outputs", (Column("output"), Column("value", number=True)), rows)


def problem_to_dict(problem: Problem, source: Text | None) -> dict[str, Any]:
    """The JSON of a warning: its code, message and place."""
    line, column = source.place(problem.span[0]) if source is not None and problem.span is not None else (None, None)
    return {"code": problem.code, "message": problem.message, "line": line, "column": column}


def strict(value: Any) -> Any:
    """The same data with lists for tuples and arrays; infinities and NaN are texts: `Infinity`, `-Infinity`, `NaN`."""
    if is_array(value):
        return strict(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(item) for item in value]
    return value

"""What every report has in common: plain data, its JSON, and its tables.

Each kind of report stands in a file of its own, with the function that makes it from a run and its tables. It has
`to_dict()`, the JSON of a command; `tables()`, what a person reads; and shows itself as a table in a terminal
(`rich`) and in a notebook.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from adcli.errors import Problem, Text
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Digits, Records, Table, is_array, named, number
from adcli.report.fields import Field, as_dict
from adcli.rules.dispatch import shape_of
from adcli.run import Run, warned
from adcli.syntax.source import Source
from adcli.tape.ieee import contained
from adcli.tape.reach import active_entries
from adcli.tape.selected import select
from adcli.tape.tape import Value

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


class _Placed(NamedTuple):
    """A problem, and where it stands in the text."""

    problem: Problem
    line: int | None
    column: int | None


PROBLEM = (
    Field("code", "a word that stays the same, such as `not-finite`", lambda placed: placed.problem.code),
    Field("message", "what is to be looked at", lambda placed: placed.problem.message),
    Field("line", "where in the program; null where it has no place"),
    Field("column", "where in the line; null where it has no place"),
)

HEAD = (
    Field("program", "its path, `-` or `<expression>`", lambda report: report.source.name),
    Field("inputs", "the point", form="{input: value}"),
    Field(
        "warnings", "what to look at before the numbers are believed",
        lambda report: [_placed(problem, report.source) for problem in report.warnings], "[object]", PROBLEM,
    ),
    Field("outputs", "the value of each output, and of a named value that was asked for", form="{output: value}"),
)  # fmt: skip


_LINE = 100  # characters of what stands for a report
_ASKED = {"tables", "own_tables", "records", "sweep"}  # the methods of reports that compute something


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """What every command says.

    Attributes:
        source: the program's text
        inputs: the point
        warnings: what to look at before the numbers are believed
        outputs: the value of each output
        fields: what only this command says, beside `HEAD`
    """

    fields: ClassVar[tuple[Field, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Let what is computed when it is asked for leave NumPy's error state alone."""
        for name in _ASKED.intersection(vars(cls)):
            setattr(cls, name, contained(vars(cls)[name]))
        cls.__repr__ = Report.__repr__  # type: ignore[method-assign]  # else a dataclass tells all that is in it

    def __repr__(self) -> str:
        """One short line: the kind of the report, its outputs, and the point."""
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(self).__name__.removesuffix("Report")).lower()
        point = ", ".join(
            f"{name}[{', '.join(map(str, shape_of(value)))}]" if is_array(value) else f"{name} = {value:.6g}"
            for name, value in self.inputs.items()
        )
        line = f"adcli {kind} of {', '.join(self.outputs)}{' at ' if point else ''}{point}"
        return f"<{line if len(line) <= _LINE else f'{line[:_LINE]}…'}>"

    def __str__(self) -> str:
        """The tables, as the command line shows them without colours, below the warnings."""
        from adcli.report.terminal import terminal_text

        warnings = "".join(f"warning: {problem.message}\n" for problem in self.warnings)
        return f"{warnings}{terminal_text(self.tables(), 6)}".rstrip("\n")

    source: Source
    inputs: Mapping[str, Value]
    warnings: tuple[Problem, ...]
    outputs: Mapping[str, Value]

    @property
    def wrong(self) -> bool:
        """Whether a derivative, or a bound, was found wrong: the exit status tells."""
        return False

    def all_fields(self) -> tuple[Field, ...]:
        """What the JSON of the command has."""
        return (*HEAD, *self.fields)

    def own_fields(self) -> tuple[Field, ...]:
        """Of these, what another command's JSON takes in."""
        return self.fields

    @contained
    def to_dict(self) -> dict[str, Any]:
        """The JSON of the command. Infinities and NaN are strings, so that strict parsers read it."""
        result: dict[str, Any] = strict(as_dict(self, self.all_fields()))
        return result

    @contained
    def own_dict(self) -> dict[str, Any]:
        """The keys that only this command has: what another command's JSON takes in."""
        result: dict[str, Any] = strict(as_dict(self, self.own_fields()))
        return result

    def own_tables(self, digits: Digits = 6) -> list[Table]:
        """The tables that only this command has: what another command shows as well."""
        return self.tables(digits)[:1]

    def records(self) -> Records:
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


def head(
    run: Run, of: str | Iterable[str] | None = None, inputs: Iterable[str] | None = None
) -> tuple[Source, Mapping[str, Value], tuple[Problem, ...], dict[str, Value]]:
    """What every report starts with.

    Args:
        run: what ran
        of: the value, or the values, that were asked for; their values are told beside the program's outputs
        inputs: those that are differentiated by, if warnings are to tell of decisions that spoil these derivatives
    """
    if inputs is not None:
        run = warned(run, active_entries(run.tape, [run.tape.inputs[name] for name in inputs]))
    asked = (of,) if isinstance(of, str) else of or ()
    outputs = {name: select(run.tape, name).value(run.tape) for name in dict.fromkeys((*run.program.outputs, *asked))}
    return run.program.source, run.point, run.warnings, outputs


def outputs_table(report: Report) -> Table:
    """The value of every output."""
    return Table("outputs", (named("output"), number("value")), tuple(report.outputs.items()))


def problem_to_dict(problem: Problem, source: Text | None) -> dict[str, Any]:
    """The JSON of a warning: its code, message and place."""
    return as_dict(_placed(problem, source), PROBLEM)


def _placed(problem: Problem, source: Text | None) -> _Placed:
    line, column = source.place(problem.span[0]) if source is not None and problem.span is not None else (None, None)
    return _Placed(problem, line, column)


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

"""A table of derivatives with what differences say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from adcli.records import NamedTuple
from adcli.report.cells import Column, Digits, Records, Table, named, number, number_text
from adcli.report.fields import Field, records_of, rounded, table, within
from adcli.report.report import Report
from adcli.tape.components import flattened, numbers_of
from adcli.tape.tape import Value
from adcli.trust.compare import Comparison
from adcli.trust.judgement import Judgement, Verdict


class Compared(NamedTuple):
    """A derivative, and what was compared of it.

    Attributes:
        output: what is differentiated
        input: by what
        value: of the one or the other, or the direction
        derivative: the number or array
        judgement: what differences say; None where nothing was compared
        by: the second input of a second derivative
        label: its name in a note; by default the input
    """

    output: str
    input: str
    value: Value | None
    derivative: Value
    judgement: Judgement | None
    by: str = ""
    label: str = ""

    @property
    def verdict_text(self) -> str:
        """What a person reads of the verdict."""
        return "not compared" if self.judgement is None else self.judgement.verdict.value


def beside(
    values: Mapping[str, Value], derivatives: Mapping[str, Value], whole: bool = False
) -> Iterator[tuple[str, Value, Value]]:
    """Values with their derivatives: arrays whole, or component by component."""
    if whole:
        return ((name, values[name], derivative) for name, derivative in derivatives.items())
    components = flattened(derivatives)
    return zip(components, numbers_of(map(values.__getitem__, derivatives)), components.values(), strict=True)


def derivative_row(names: str, derivative: str, heading: str = "") -> tuple[Field, ...]:
    """The fields of a row: those that the names say, then the derivative.

    Args:
        names: some of `output`, `input`, `by`, and what the command calls the value. Tables are of one output each, and
            have no column of it where rows are by input
        derivative: what the command calls it
        heading: of its column if that is called otherwise
    """
    fields = []
    for name in names.split():
        if name in ("output", "input", "by"):
            fields.append(Field(name, column=None if name == "output" and "input" in names else named(name)))
        else:
            fields.append(Field(name, get=lambda row: row.value, column=number(name)))
    return (*fields, Field(derivative, get=lambda row: row.derivative, column=number(heading or derivative)))


def compared_table(title: str, rows: Sequence[Compared], fields: Iterable[Field], notes: Sequence[str] = ()) -> Table:
    """The derivatives, one to a row; with the comparison beside each if any was compared.

    Args:
        title: of the table
        rows: what to show
        fields: of each row
        notes: lines of the caption, behind those that the comparisons need
    """
    compared = any(row.judgement is not None for row in rows)
    reasons = [
        f"{row.label or row.input}: {row.judgement.reason}"
        for row in rows
        if row.judgement is not None and row.judgement.noteworthy and row.judgement.reason
    ]
    return table(title, rows, (*fields, *COMPARED) if compared else fields, "\n".join([*reasons, *notes]))


def number_or_none(value: float) -> float | None:
    """Nothing in the place of a NaN."""
    return None if value != value else value


def direction_notes(comparison: Comparison, digits: Digits) -> list[str]:
    """Where not all components were compared: how many were, and what a random direction says of all."""
    direction, compared = comparison.direction, len(comparison.components)
    if direction is None:
        return []
    judgement = direction.judgement
    scope = (
        f"{compared} of {comparison.among} components compared, the largest" if compared else "no component is compared"
    )
    difference = f"the difference {number_text(judgement.value, digits)} ± {judgement.error:.1e}: "
    if judgement.value != judgement.value:  # none was taken, or none could tell
        difference = f"{judgement.reason}: " if judgement.reason else ""
    return [
        f"{scope}; along a random direction (seed {direction.seed}) the gradient gives "
        f"{number_text(direction.derivative, digits)}, {difference}{judgement.verdict.value}"
    ]


def error_text(value: float) -> str:
    """An error in two digits; nothing where there is none to speak of."""
    return "" if value != value or value == float("inf") else f"{value:.1e}" if value else "0"


_NO_USE = (Verdict.WRONG, Verdict.LOST, Verdict.UNDEFINED)
VERDICT = Field(
    "verdict", "`agrees`, `wrong`, `step`, `nonsmooth`, `undefined` or `lost`", lambda row: row.verdict.value,
    column=Column("verdict"),
)  # fmt: skip
DIGITS = Field(
    "digits", "how many significant digits agree; null where there is nothing to compare",
    lambda row: rounded(row.digits), column=number("digits"),
    show=lambda row: None if row.digits is None else f"{row.digits:.0f}",
)  # fmt: skip
REASON = Field("reason", "what decided, in words")
ERROR = Field("error", "how far that may be off", column=number("± error"), show=lambda row: error_text(row.error))

JUDGEMENT = (
    Field(
        "value", "the derivative by differences", csv="difference", column=number("difference"),
        show=lambda judgement: number_or_none(judgement.value),
    ),
    ERROR,
    Field("", column=number("apart"), show=lambda judgement: error_text(judgement.apart)),
    DIGITS,
    VERDICT,
    REASON,
)  # fmt: skip

COMPARED = tuple(
    field._replace(show=lambda row: row.verdict_text) if field.key == "verdict" else field
    for field in within("judgement", JUDGEMENT)
)


class ComparedReport(Report):
    """A report of derivatives that may be compared with differences.

    Attributes:
        title: of the CSV
        row: the fields of a derivative
        judgements: what differences say, by component, or by output and component; empty where nothing was compared
    """

    title: ClassVar[str]
    row: ClassVar[tuple[Field, ...]]

    if TYPE_CHECKING:  # of some reports it is a field

        @property
        def judgements(self) -> Mapping[str, Any]:
            """What differences say."""

    def judgements_made(self) -> Iterator[Judgement]:
        """Everything that was compared."""
        for judgement in self.judgements.values():
            yield from judgement.values() if isinstance(judgement, Mapping) else (judgement,)

    def judged(self, output: str, component: Any) -> Judgement | None:
        """What was compared of a derivative, in a report that has several outputs."""
        judgement: Judgement | None = self.judgements.get(output, {}).get(component)
        return judgement

    @property
    def wrong(self) -> bool:
        """Whether a comparison found a derivative that is no use: wrong, or without digits, or not finite."""
        return any(judgement.verdict in _NO_USE for judgement in self.judgements_made())

    def derivatives(self) -> Iterable[Compared]:
        """Every derivative, by component."""
        raise NotImplementedError

    def records(self) -> Records:
        """A row for each derivative."""
        return records_of(self.derivatives(), (*self.row, *COMPARED))


def difference_field(form: str, get: Callable[[Any], Any]) -> Field:
    """What differences say, of a report that compares where it is asked to."""
    about = "what differences say; of arrays by component, such as `w[2]`"
    return Field("difference", about, lambda report: get(report) or None, form, JUDGEMENT, "with `--check`")

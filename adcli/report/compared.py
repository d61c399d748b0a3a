"""A table of derivatives with what differences say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from adcli.report.cells import Cell, Column, Digits, Table, number_text
from adcli.report.fields import Field, cells, headings, record, rounded
from adcli.report.fields import columns as field_columns
from adcli.report.report import Report
from adcli.tape.tape import Value
from adcli.trust.compare import Direction
from adcli.trust.verdict import Judgement, Verdict


class ComparedReport(Report):
    """A report of derivatives that may be compared with differences."""

    def judgements_made(self) -> Iterable[Judgement]:
        """Everything that was compared."""
        raise NotImplementedError

    @property
    def wrong(self) -> bool:
        """Whether a comparison found a derivative wrong."""
        return any(judgement.verdict is Verdict.WRONG for judgement in self.judgements_made())


class Compared(NamedTuple):
    """A row: what is differentiated and by what, the derivative, its name in a note, and what was compared of it."""

    cells: tuple[Cell, ...]
    derivative: Value
    label: str
    judgement: Judgement | None


def compared_records(title: str, own: str, rows: Iterable[tuple[tuple[Cell, ...], Judgement | None]]) -> Table:
    """The CSV.

    Args:
        title: of the table
        own: the headings of each row's own cells, with spaces between them
        rows: those cells, and what was compared
    """
    columns = map(Column, (*own.split(), *headings(JUDGEMENT)))
    return Table(
        title, tuple(columns), tuple((*own_cells, *record(judgement, JUDGEMENT)) for own_cells, judgement in rows)
    )


def compared_table(
    title: str, columns: Sequence[Column], heading: str, rows: Sequence[Compared], notes: Sequence[str] = ()
) -> Table:
    """The derivatives, one to a row; with the comparison beside each if any was compared.

    Args:
        title: of the table
        columns: of each row's own cells
        heading: of the column of derivatives
        rows: what to show
        notes: lines of the caption, behind those that the comparisons need
    """
    compared = any(row.judgement is not None for row in rows)
    columns = [*columns, Column(heading, number=True)]
    if compared:
        columns += field_columns(JUDGEMENT)
    rows_of_cells = [
        (*row.cells, row.derivative, *(_judgement_cells(row.judgement) if compared else ())) for row in rows
    ]
    reasons = [
        f"{row.label}: {row.judgement.reason}"
        for row in rows
        if row.judgement is not None and row.judgement.noteworthy and row.judgement.reason
    ]
    return Table(title, tuple(columns), tuple(rows_of_cells), "\n".join([*reasons, *notes]))


def _judgement_cells(judgement: Judgement | None) -> tuple[Cell, ...]:
    """What a person reads of a comparison."""
    return (None, None, None, None, "not compared") if judgement is None else cells(judgement, JUDGEMENT)


def number_or_none(value: float) -> float | None:
    """Nothing in the place of a NaN."""
    return None if value != value else value


def digits_text(digits: float | None) -> str | None:
    """So many digits agree; nothing where there was nothing to compare."""
    return None if digits is None else f"{digits:.0f}"


def direction_text(direction: Direction, digits: Digits) -> str:
    """What was compared along a random direction, as the end of a sentence."""
    judgement = direction.judgement
    return (
        f"along a random direction (seed {direction.seed}) the gradient gives "
        f"{number_text(direction.derivative, digits)}, the difference {number_text(judgement.value, digits)} "
        f"± {judgement.error:.1e}: {judgement.verdict.value}"
    )


def error_text(value: float) -> str:
    """An error in two digits; nothing where there is none to speak of."""
    return "" if value != value or value == float("inf") else f"{value:.1e}" if value else "0"


VERDICT = Field(
    "verdict", "`agrees`, `wrong`, `step`, `nonsmooth` or `undefined`", lambda row: row.verdict.value,
    column=Column("verdict"),
)  # fmt: skip
DIGITS = Field(
    "digits", "how many significant digits agree; null where there is nothing to compare",
    lambda row: rounded(row.digits), column=Column("digits", number=True), show=lambda row: digits_text(row.digits),
)  # fmt: skip
REASON = Field("reason", "what decided, in words")
ERROR = Field(
    "error", "how far that may be off", column=Column("± error", number=True), show=lambda row: error_text(row.error)
)

JUDGEMENT = (
    Field(
        "value", "the derivative by differences", csv="difference", column=Column("difference", number=True),
        show=lambda judgement: number_or_none(judgement.value),
    ),
    ERROR,
    Field("", column=Column("apart", number=True), show=lambda judgement: error_text(judgement.apart)),
    DIGITS,
    VERDICT,
    REASON,
)  # fmt: skip


def difference_field(form: str, get: Callable[[Any], Any]) -> Field:
    """What differences say, of a report that compares where it is asked to."""
    about = "what differences say; of arrays by component, such as `w[2]`"
    return Field("difference", about, lambda report: get(report) or None, form, JUDGEMENT, "with `--check`")

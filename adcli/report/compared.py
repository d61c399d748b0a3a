"""A table of derivatives with what differences say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from adcli.report.cells import Cell, Column, Digits, Table, number_text
from adcli.report.report import Report
from adcli.tape.tape import Value
from adcli.trust.compare import Direction
from adcli.trust.verdict import Judgement, Verdict

HEADINGS = ("difference", "error", "digits", "verdict", "reason")  # of the records


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
        columns += [
            Column("difference", number=True), Column("± error", number=True), Column("apart", number=True),
            Column("digits", number=True), Column("verdict"),
        ]  # fmt: skip
    cells = [(*row.cells, row.derivative, *(judgement_cells(row.judgement) if compared else ())) for row in rows]
    reasons = [
        f"{row.label}: {row.judgement.reason}"
        for row in rows
        if row.judgement is not None and row.judgement.noteworthy and row.judgement.reason
    ]
    return Table(title, tuple(columns), tuple(cells), "\n".join([*reasons, *notes]))


def judgement_cells(judgement: Judgement | None) -> tuple[Cell, ...]:
    """What a person reads of a comparison."""
    if judgement is None:
        return (None, None, None, None, "not compared")
    error, apart = (error_text(value) for value in (judgement.error, judgement.apart))
    digits = digits_text(judgement.digits)
    value = None if judgement.value != judgement.value else judgement.value
    return (value, error, apart, digits, judgement.verdict.value)


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


def judgement_record(judgement: Judgement | None) -> tuple[Cell, ...]:
    """What a program reads of a comparison, under `HEADINGS`."""
    return (None,) * len(HEADINGS) if judgement is None else tuple(judgement_to_dict(judgement).values())


def judgement_to_dict(judgement: Judgement) -> dict[str, Any]:
    """The JSON of one comparison."""
    return {
        "value": judgement.value,
        "error": judgement.error,
        "digits": None if judgement.digits is None else round(judgement.digits, 1),
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
    }


def judgements_to_dict(judgements: Mapping[str, Judgement]) -> dict[str, Any]:
    """The JSON of several comparisons, by name."""
    return {name: judgement_to_dict(judgement) for name, judgement in judgements.items()}

"""What the commands say → tables of cells, which each format writes in its own way."""

from __future__ import annotations

from functools import singledispatch
from typing import NamedTuple, TypeAlias

from adcli.report.model import Evaluation, Gradient, Report, SweepReport, TapeReport
from adcli.tape.describe import adjoint_name
from adcli.trust.compare import Comparison
from adcli.trust.verdict import Judgement

# A number stays one, so that a format may give it all its digits; a tuple is lines in one cell.
Cell: TypeAlias = str | float | int | tuple[str, ...] | None


class Column(NamedTuple):
    """A column: its heading, whether it holds numbers, and whether its texts may be broken over lines."""

    heading: str
    number: bool = False
    breaks: bool = False


class Table(NamedTuple):
    """A table of cells; `marked` are the rows to draw attention to, `dimmed` those to play down."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    marked: frozenset[int] = frozenset()
    dimmed: frozenset[int] = frozenset()


def number_text(value: float, digits: int) -> str:
    """A number with so many significant digits: `5.72058`, `inf`."""
    return f"{value:.{digits}g}"


def cell_text(cell: Cell, digits: int) -> str:
    """A cell as one text, with its lines below each other."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return "\n".join(cell)
    if isinstance(cell, float):
        return number_text(cell, digits)
    return str(cell)


@singledispatch
def tables_of(report: Report, digits: int) -> list[Table]:
    """The tables of a report."""
    return [_outputs(report)]


@tables_of.register
def _evaluation(report: Evaluation, digits: int) -> list[Table]:
    columns = (Column("name"), Column("operation", breaks=True), Column("value", number=True), Column("line", number=True))
    rows = tuple((row.name, row.operation, row.value, row.line) for row in report.values)
    outputs = frozenset(index for index, row in enumerate(report.values) if row.output)
    return [Table("values", columns, rows, marked=outputs)]


@tables_of.register
def _gradients(report: Gradient, digits: int) -> list[Table]:
    tables = [_outputs(report)]
    for output, slopes in report.gradient.items():
        comparison = report.comparisons[output]
        tables.append(_gradient_table(report, output, dict(slopes), comparison, digits))
    return tables


@tables_of.register
def _tape(report: TapeReport, digits: int) -> list[Table]:
    columns = (
        Column("entry"), Column("name"), Column("operation", breaks=True), Column("value", number=True),
        Column("partials", breaks=True), Column("line", number=True),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for row in report.entries:
        partials = []
        for partial in row.partials:
            value = number_text(partial.value, digits)
            formula = "" if partial.formula == value else f" = {partial.formula}"
            partials.append(f"∂{row.label}/∂{partial.of}{formula} = {value}")
        rows.append((row.entry, row.name, row.operation, row.value, tuple(partials), row.line))
    passive = frozenset(index for index, row in enumerate(report.entries) if not row.active)
    return [Table("tape", columns, tuple(rows), dimmed=passive)]


@tables_of.register
def _sweep(report: SweepReport, digits: int) -> list[Table]:
    columns = (
        Column("step", number=True), Column("entry", breaks=True), Column("adjoint", breaks=True),
        Column("contribution", breaks=True), Column("=", number=True), Column("accumulates", breaks=True),
    )  # fmt: skip
    start = adjoint_name(report.output)
    rows: list[tuple[Cell, ...]] = [("seed", report.output, f"{start} = 1", None, None, None)]
    marked = set()
    step = 0
    for row in report.rows:
        first = row.step != step
        step = row.step
        source, target = adjoint_name(row.source), adjoint_name(row.target)
        accumulates = f"{target}: {number_text(row.before, digits)} → {number_text(row.after, digits)}"
        fan_out = f"{_ordinal(row.nth)} of {row.uses} paths into {row.target}"
        if row.nth > 1:
            marked.add(len(rows))
        rows.append(
            (
                row.step if first else None,
                f"{row.source} = {row.operation}" if first else None,
                f"{source} = {number_text(row.adjoint, digits)}" if first else None,
                f"{target} += {row.formula}",
                row.contribution,
                (accumulates, fan_out) if row.nth > 1 else accumulates,
            )
        )
    slopes = dict(report.gradient[report.output])
    return [
        Table(f"reverse sweep from {report.output}", columns, tuple(rows), marked=frozenset(marked)),
        _gradient_table(report, report.output, slopes, Comparison({}, None), digits),
    ]


def _outputs(report: Report) -> Table:
    rows = tuple((name, value) for name, value in report.outputs.items())
    return Table("outputs", (Column("output"), Column("value", number=True)), rows)


def _gradient_table(
    report: Report, output: str, slopes: dict[str, float], comparison: Comparison, digits: int
) -> Table:
    columns = [Column("input"), Column("value", number=True), Column("gradient", number=True)]
    compared = bool(comparison.components)
    if compared:
        columns += [
            Column("difference", number=True), Column("± error", number=True), Column("apart", number=True),
            Column("digits", number=True), Column("verdict"),
        ]  # fmt: skip
    rows = []
    notes = []
    for name, slope in slopes.items():
        row: list[Cell] = [name, report.inputs[name], slope]
        if compared:
            judgement = comparison.components.get(name)
            row += _judgement_cells(judgement)
            if judgement is not None and judgement.verdict.value not in ("agrees",):
                notes.append(f"{name}: {judgement.reason}")
        rows.append(tuple(row))
    caption = "\n".join([*notes, *_direction_notes(output, comparison, len(slopes), digits)])
    return Table(f"gradient of {output}", tuple(columns), tuple(rows), caption)


def _judgement_cells(judgement: Judgement | None) -> list[Cell]:
    if judgement is None:
        return [None, None, None, None, "not compared"]
    error, apart = (_short(value) for value in (judgement.error, judgement.apart))
    digits = None if judgement.digits is None else f"{judgement.digits:.0f}"
    value = None if judgement.value != judgement.value else judgement.value
    return [value, error, apart, digits, judgement.verdict.value]


def _short(value: float) -> str:
    return "" if value != value or value == float("inf") else f"{value:.1e}" if value else "0"


def _direction_notes(output: str, comparison: Comparison, count: int, digits: int) -> list[str]:
    direction = comparison.direction
    if direction is None:
        return []
    judgement = direction.judgement
    compared = len(comparison.components)
    scope = f"the {compared} largest of {count} components are compared" if compared else "no component is compared"
    return [
        f"{scope}; along a random direction (seed {direction.seed}) the gradient gives "
        f"{number_text(direction.derivative, digits)}, the difference {number_text(judgement.value, digits)} "
        f"± {judgement.error:.1e}: {judgement.verdict.value}"
    ]


def _ordinal(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"

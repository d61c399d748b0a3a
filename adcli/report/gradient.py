"""What `adcli grad` says: the gradient, beside finite differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adcli.derive.modes import gradient
from adcli.report.cells import Cell, Column, Table, number_text
from adcli.report.model import Report, Run, chosen_inputs, head, outputs_table, warned
from adcli.tape.describe import find_entry
from adcli.trust.compare import Comparer, Comparison, Difference, Progress
from adcli.trust.verdict import Judgement, Verdict


@dataclass(frozen=True, eq=False)
class Gradient(Report):
    """What `adcli grad` says: derivatives by output, then by input, and what differences say of them."""

    gradient: Mapping[str, Mapping[str, float]]
    comparisons: Mapping[str, Comparison]

    @property
    def wrong(self) -> bool:
        """Whether a comparison found a derivative wrong."""
        return any(judgement.verdict is Verdict.WRONG for judgement in self._judgements())

    def _judgements(self) -> list[Judgement]:
        found = [judgement for c in self.comparisons.values() for judgement in c.components.values()]
        return found + [c.direction.judgement for c in self.comparisons.values() if c.direction is not None]

    def _own(self) -> dict[str, Any]:
        difference = {
            output: {name: judgement_to_dict(judgement) for name, judgement in comparison.components.items()}
            for output, comparison in self.comparisons.items()
        }
        directions = {
            output: {
                "seed": comparison.direction.seed,
                "derivative": comparison.direction.derivative,
                **judgement_to_dict(comparison.direction.judgement),
            }
            for output, comparison in self.comparisons.items()
            if comparison.direction is not None
        }
        body = {"gradient": self.gradient, "difference": difference}
        return {**body, "direction": directions} if directions else body

    def records(self) -> Table:
        """A row for each derivative, and one for the random direction, whose input is called `(direction)`."""
        headings = ("output", "input", "value", "gradient", "difference", "error", "digits", "verdict", "reason")
        rows: list[tuple[Cell, ...]] = []
        for output, slopes in self.gradient.items():
            comparison = self.comparisons[output]
            for name, slope in slopes.items():
                compared = _compared(comparison.components.get(name))
                rows.append((output, name, self.inputs[name], slope, *compared))
            if comparison.direction is not None:
                derivative, judgement = comparison.direction.derivative, comparison.direction.judgement
                rows.append((output, "(direction)", None, derivative, *_compared(judgement)))
        return Table("gradient", tuple(map(Column, headings)), tuple(rows))

    def tables(self, digits: int = 6) -> list[Table]:
        """The outputs, then the gradient of each."""
        tables = [outputs_table(self)]
        for output, slopes in self.gradient.items():
            comparison = self.comparisons[output]
            tables.append(gradient_table(self, output, dict(slopes), comparison, digits))
        return tables


def gradients(
    run: Run,
    of: str | None = None,
    wrt: Sequence[str] | None = None,
    difference: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Gradient:
    """The gradient of every output, or of one named value, beside its differences."""
    inputs = chosen_inputs(run.program, wrt)
    outputs = run.program.outputs if of is None else (of,)
    slopes = {name: gradient(run.tape, find_entry(run.tape, name), inputs) for name in outputs}
    which = None if difference is None else Difference(difference)
    comparer = Comparer(run.program, run.point, run.tape, progress, run.max_entries)
    comparisons = {name: comparer.compare(name, slopes[name], which, seed) for name in outputs}
    if run.tape.guards:
        run = warned(run, run.tape.active([run.tape.inputs[name] for name in inputs]))
    return Gradient(*head(run, of), slopes, comparisons)


def gradient_table(report: Report, output: str, slopes: dict[str, float], comparison: Comparison, digits: int) -> Table:
    """The gradient of one output, with what was compared of it."""
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
            if judgement is not None and judgement.noteworthy:
                notes.append(f"{name}: {judgement.reason}")
        rows.append(tuple(row))
    caption = "\n".join([*notes, *_direction_notes(output, comparison, len(slopes), digits)])
    return Table(f"gradient of {output}", tuple(columns), tuple(rows), caption)


def _compared(judgement: Judgement | None) -> tuple[Cell, ...]:
    return (None,) * 5 if judgement is None else tuple(judgement_to_dict(judgement).values())


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


def judgement_to_dict(judgement: Judgement) -> dict[str, Any]:
    """The JSON of one comparison."""
    return {
        "value": judgement.value,
        "error": judgement.error,
        "digits": None if judgement.digits is None else round(judgement.digits, 1),
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
    }

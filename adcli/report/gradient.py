"""What `adcli grad` says: the gradient, beside finite differences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adcli.derive.modes import adjoints_of
from adcli.errors import Problem
from adcli.program.program import Program, has_checkpoints
from adcli.report.cells import Cell, Column, Detail, Digits, Table, is_array, number_text
from adcli.report.compared import (
    HEADINGS,
    Compared,
    ComparedReport,
    compared_table,
    direction_text,
    judgement_record,
    judgement_to_dict,
    judgements_to_dict,
)
from adcli.report.model import (
    Nonsmooth,
    Report,
    Run,
    chosen_inputs,
    differentiated_outputs,
    head,
    outputs_table,
    with_kinks,
)
from adcli.rules.dispatch import shape_of
from adcli.tape.components import flattened, labels_of
from adcli.tape.machine import MAX_ENTRIES
from adcli.tape.point import Given, resolve
from adcli.tape.tape import Value
from adcli.trust.compare import AFFORDABLE, Comparer, Comparison, Difference, Progress
from adcli.trust.verdict import Judgement, Verdict

if TYPE_CHECKING:
    from adcli.trust.kinks import Kinks


@dataclass(frozen=True, eq=False)
class Gradient(ComparedReport):
    """What `adcli grad` says: derivatives by output, then by input, and what differences say of them."""

    gradient: Mapping[str, Mapping[str, Value]]
    comparisons: Mapping[str, Comparison]
    kinks: Kinks | None = None

    def judgements_made(self) -> Iterable[Judgement]:
        """Everything that was compared."""
        found = [judgement for c in self.comparisons.values() for judgement in c.components.values()]
        return found + [c.direction.judgement for c in self.comparisons.values() if c.direction is not None]

    def _own(self) -> dict[str, Any]:
        difference = {
            output: judgements_to_dict(comparison.components) for output, comparison in self.comparisons.items()
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
        if directions:
            body["direction"] = directions
        if self.kinks:
            from adcli.report.kinks import kinks_to_dict

            body["kinks"] = kinks_to_dict(self.kinks)
        return body

    def records(self) -> Table:
        """A row for each derivative, and one for the random direction, whose input is called `(direction)`."""
        headings = ("output", "input", "value", "gradient", *HEADINGS)
        rows: list[tuple[Cell, ...]] = []
        numbers = flattened(self.inputs)
        for output, slopes in self.gradient.items():
            comparison = self.comparisons[output]
            for name, slope in flattened(slopes).items():
                compared = judgement_record(comparison.components.get(name))
                rows.append((output, name, numbers[name], slope, *compared))
            if comparison.direction is not None:
                derivative, judgement = comparison.direction.derivative, comparison.direction.judgement
                rows.append((output, "(direction)", None, derivative, *judgement_record(judgement)))
        return Table("gradient", tuple(map(Column, headings)), tuple(rows))

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The outputs, then the gradient of each."""
        tables = [outputs_table(self)]
        for output, slopes in self.gradient.items():
            comparison = self.comparisons[output]
            tables.append(gradient_table(self, output, dict(slopes), comparison, digits))
        if self.kinks:
            from adcli.report.kinks import kink_table

            tables.append(kink_table(self.kinks))
        return tables


def gradients(
    run: Run,
    of: str | None = None,
    wrt: Sequence[str] | None = None,
    difference: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    snapshots: int | None = None,
    nonsmooth: Nonsmooth | str = Nonsmooth.REPORT,
) -> Gradient:
    """The gradient of every output, or of one named value, beside its differences.

    Loops are reversed from checkpoints where the program, or `snapshots`, says so.
    """
    inputs = chosen_inputs(run.program, wrt)
    outputs = differentiated_outputs(run, of)
    if has_checkpoints(run.program, snapshots):
        from adcli.derive.checkpoint import checkpointed_gradient  # which few programs need

        slopes = {
            name: checkpointed_gradient(run.program, run.point, name, inputs, snapshots, run.max_entries).gradient
            for name in outputs
        }
    else:
        slopes = {name: adjoints_of(run.tape, one.seeds(run.tape), inputs) for name, one in outputs.items()}
    which = None if difference is None else Difference(difference)
    run, kinks = with_kinks(run, slopes, nonsmooth)
    if which is Difference.NONE:
        comparisons = {name: Comparison({}, None) for name in outputs}
    else:
        comparer = Comparer(run.program, run.point, run.tape, progress, run.max_entries, outputs)
        comparisons = {name: comparer.compare(name, slopes[name], which, seed, kinks) for name in outputs}
    return Gradient(*head(run, of), slopes, comparisons, kinks)


def bounded_gradients(
    program: Program,
    given: Mapping[str, Given],
    of: str | None = None,
    wrt: Sequence[str] | None = None,
    snapshots: int | None = None,
    max_entries: int = MAX_ENTRIES,
    suspicions: Sequence[Problem] = (),
) -> Gradient:
    """The same without comparison, with loops reversed from checkpoints: the whole tape never exists."""
    from adcli.derive.checkpoint import checkpointed_gradient

    point, warnings = resolve(program, given)
    inputs = chosen_inputs(program, wrt)
    found = {
        name: checkpointed_gradient(program, point, name, inputs, snapshots, max_entries)
        for name in (program.outputs if of is None else (of,))
    }
    run = Run(program, point, next(iter(found.values())).tape, (*warnings, *suspicions), max_entries)
    names = differentiated_outputs(run, of)
    slopes = {name: found[name].gradient for name in names}
    return Gradient(*head(run, of), slopes, {name: Comparison({}, None) for name in names})


def gradient_table(
    report: Report, output: str, slopes: Mapping[str, Value], comparison: Comparison, digits: Digits
) -> Table:
    """The gradient of one output, with what was compared of it."""
    components, numbers = flattened(slopes), flattened({name: report.inputs[name] for name in slopes})
    rows: list[Compared] = []
    notes: list[str] = []
    full = isinstance(digits, Detail) and digits.full
    for name, slope in slopes.items():
        judgements = {label: comparison.components.get(label) for label in labels_of(name, shape_of(slope))}
        if is_array(slope) and len(components) > AFFORDABLE and not full:
            made = {label: judgement for label, judgement in judgements.items() if judgement is not None}
            rows.append(Compared((name, report.inputs[name]), slope, name, _worst(made)))
            notes.append(_array_note(name, slope, made, digits))
            judgements = {label: one for label, one in made.items() if one.verdict is not Verdict.AGREES}
        rows += [
            Compared((label, numbers[label]), components[label], label, judgement)
            for label, judgement in judgements.items()
        ]
    notes += _direction_notes(output, comparison, len(components), digits)
    columns = (Column("input"), Column("value", number=True))
    return compared_table(f"gradient of {output}", columns, "gradient", rows, notes)


def _worst(judgements: Mapping[str, Judgement]) -> Judgement | None:
    """What was compared of an array, in one line: the largest error and distance, and any verdict but `agrees`."""
    if not judgements:
        return None
    made = list(judgements.values())
    verdict = next((one.verdict for one in made if one.verdict is not Verdict.AGREES), Verdict.AGREES)
    digits = [one.digits for one in made if one.digits is not None]
    error, apart = (
        max(values, default=math.nan) for values in ([one.error for one in made], [one.apart for one in made])
    )
    return Judgement(math.nan, error, apart, min(digits, default=None), verdict, "")


def _array_note(name: str, slope: Value, judgements: Mapping[str, Judgement], digits: Digits) -> str:
    """The norm of a gradient by an array, and where it is farthest from its difference."""
    note = f"{name}: norm of the gradient {number_text(_norm(slope), digits)}"
    if not judgements:
        return note
    label = max(judgements, key=lambda label: judgements[label].apart)
    farthest = f"{label} is farthest from its difference, {judgements[label].apart:.1e}"
    return f"{note}; of {len(judgements)} components {farthest}"


def _norm(value: Value) -> float:
    return math.sqrt(sum(one * one for one in flattened({"": value}).values()))


def _direction_notes(output: str, comparison: Comparison, count: int, digits: Digits) -> list[str]:
    direction = comparison.direction
    if direction is None:
        return []
    compared = len(comparison.components)
    scope = f"the {compared} largest of {count} components are compared" if compared else "no component is compared"
    return [f"{scope}; {direction_text(direction, digits)}"]

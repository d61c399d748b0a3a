"""What `adcli grad` says: the gradient, beside finite differences."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from adcli.derive.modes import gradients_of
from adcli.program.program import has_checkpoints, no_checkpoints
from adcli.records import dataclass, replace
from adcli.report.cells import Detail, Digits, Table, is_array, number_text
from adcli.report.compared import (
    JUDGEMENT,
    Compared,
    ComparedReport,
    beside,
    compared_table,
    derivative_row,
    direction_notes,
)
from adcli.report.fields import Field, within
from adcli.report.kinks import KINKS, kink_table
from adcli.report.report import Report, head, outputs_table
from adcli.rules.dispatch import shape_of
from adcli.run import (
    Names,
    Nonsmooth,
    Options,
    Run,
    Start,
    chosen_inputs,
    differentiated_outputs,
    require_inputs,
    with_kinks,
)
from adcli.tape.components import elements, flattened, labels_of, name_of
from adcli.tape.tape import Value
from adcli.trust.budget import MOST_FOR_KINKS, UNLIMITED
from adcli.trust.compare import AFFORDABLE, Comparer, Comparison, Difference, Direction, Progress
from adcli.trust.judgement import Judgement, Verdict, worst

if TYPE_CHECKING:
    from adcli.derive.checkpoint import Checkpointed
    from adcli.trust.kinks import Kinks


DIRECTION = (
    Field("seed", "gives the direction again"),
    Field("derivative", "the derivative along it, by the reverse sweep"),
    *within("judgement", JUDGEMENT),
)

SLOPE = derivative_row("output input value", "gradient")


@dataclass(frozen=True, eq=False, repr=False)
class Gradient(ComparedReport):
    """What `adcli grad` says: derivatives by output, then by input, and what differences say of them."""

    title = "gradient"
    row = SLOPE
    fields = (
        Field("gradient", "the derivatives", form="{output: {input: derivative}}"),
        Field(
            "difference", "what differences say of each component that was compared",
            lambda report: report.judgements, "{output: {component: object}}", JUDGEMENT,
        ),
        Field(
            "direction", "what differences say along a random direction", lambda report: report._directions or None,
            "{output: object}", DIRECTION, "where a random direction was compared",
        ),
        KINKS,
    )  # fmt: skip

    gradient: Mapping[str, Mapping[str, Value]]
    comparisons: Mapping[str, Comparison]
    kinks: Kinks | None = None

    @cached_property
    def judgements(self) -> Mapping[str, Mapping[str, Judgement]]:
        """What differences say of each component that was compared, by output."""
        return {output: comparison.components for output, comparison in self.comparisons.items()}

    def judgements_made(self) -> Iterator[Judgement]:
        """Everything that was compared, random directions as well."""
        yield from super().judgements_made()
        yield from (direction.judgement for direction in self._directions.values())

    @property
    def _directions(self) -> dict[str, Direction]:
        return {name: c.direction for name, c in self.comparisons.items() if c.direction is not None}

    def derivatives(self) -> Iterator[Compared]:
        """Every derivative, and that along the random direction, whose input is called `(direction)`."""
        for output, slopes in self.gradient.items():
            for name, number, slope in beside(self.inputs, slopes):
                yield Compared(output, name, number, slope, self.judged(output, name))
            direction = self.comparisons[output].direction
            if direction is not None:
                yield Compared(output, "(direction)", None, direction.derivative, direction.judgement)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The outputs, then the gradient of each."""
        tables = [outputs_table(self)]
        for output, slopes in self.gradient.items():
            comparison = self.comparisons[output]
            tables.append(gradient_table(self, output, dict(slopes), comparison, digits))
        if self.kinks:
            tables.append(kink_table(self.kinks))
        return tables


@dataclass(frozen=True, eq=False, repr=False)
class GradientOptions(Options[Gradient]):
    """What `adcli grad` is asked.

    Attributes:
        of: the name of the value to differentiate; by default every output
        wrt: the inputs to differentiate by; by default all
        difference: "all", "direction" or "none"; by default all components up to 50 inputs, beyond that the
            20 largest and a random direction, as many as take no longer than 20 gradients, or two seconds if that is
            more
        seed: of the random direction
        checkpoint: how many states the reverse sweep of a loop may keep, for loops that do not say so themselves;
            with difference "none" the memory is bounded by that, as the whole tape is only needed to compare
        nonsmooth: what to do where there is no derivative: "report" it, raise an "error", or be "quiet"
        progress: told before each comparison how many are done, of how many
    """

    of: str | None = None
    wrt: Names = None
    difference: str | None = None
    seed: int = 0
    checkpoint: int | None = None
    nonsmooth: str = "report"
    progress: Progress | None = None

    def answer(self, start: Start) -> Gradient:
        """Run the program, no further than the gradient needs, and report of the run; raises AdError `no-input`."""
        require_inputs(start.program)
        report = self._answered(start)
        told = None if self.checkpoint is None else no_checkpoints(start.program)
        return report if told is None else replace(report, warnings=(*report.warnings, told))

    def _answered(self, start: Start) -> Gradient:
        if self.difference == "none":
            if has_checkpoints(start.program, self.checkpoint):
                return self._bounded(start)
            if self.of is None:
                return self.report(start.run_for_gradient())
        return super().answer(start)

    def report(self, run: Run) -> Gradient:
        """The gradient of every output, or of one named value, beside its differences."""
        inputs = chosen_inputs(run.program, self.wrt)
        outputs = differentiated_outputs(run, self.of)
        if has_checkpoints(run.program, self.checkpoint):
            reversals = _reversals(run, tuple(outputs), inputs, self.checkpoint)
            slopes = {name: reversal.gradient for name, reversal in reversals.items()}
        else:
            slopes = gradients_of(run.tape, outputs, inputs)
        difference = None if self.difference is None else Difference(self.difference)
        budget = UNLIMITED if difference is Difference.ALL else run.budget()
        run, kinks = with_kinks(run, slopes, Nonsmooth(self.nonsmooth), budget.part(MOST_FOR_KINKS))
        if difference is Difference.NONE:
            comparisons = dict.fromkeys(outputs, Comparison({}, None))
        else:
            comparer = Comparer(run.program, run.point, run.tape, self.progress, run.limits, outputs, budget)
            comparisons = {name: comparer.compare(name, slopes[name], difference, self.seed, kinks) for name in outputs}
        return Gradient(*head(run, self.of), slopes, comparisons, kinks)

    def _bounded(self, start: Start) -> Gradient:
        """The same without comparison, with loops reversed from checkpoints: the whole tape never exists."""
        names = start.program.outputs if self.of is None else (self.of,)
        began, point = time.perf_counter(), start.point
        reversals = _reversals(start, names, chosen_inputs(start.program, self.wrt), self.checkpoint)
        tape = next(iter(reversals.values())).tape
        run = Run(start.program, point, tape, (*start.warnings, *start.suspicions), start.limits, began, start.earlier)
        slopes = {name: reversals[name].gradient for name in differentiated_outputs(run, self.of)}
        return Gradient(*head(run, self.of), slopes, dict.fromkeys(slopes, Comparison({}, None)))


def _reversals(
    run: Run | Start, outputs: Sequence[str], inputs: Sequence[str], checkpoint: int | None
) -> dict[str, Checkpointed]:
    """The gradients of outputs, with loops reversed from checkpoints where the program, or `checkpoint`, says so."""
    from adcli.derive.checkpoint import checkpointed_gradient  # which few programs need

    return {
        name: checkpointed_gradient(run.program, run.point, name, inputs, checkpoint, run.limits) for name in outputs
    }


def gradient_table(
    report: Report, output: str, slopes: Mapping[str, Value], comparison: Comparison, digits: Digits
) -> Table:
    """The gradient of one output, with what was compared of it."""
    rows: list[Compared] = []
    notes: list[str] = []
    short = sum(slope.size if is_array(slope) else 1 for slope in slopes.values()) <= AFFORDABLE
    full = short or (isinstance(digits, Detail) and digits.full)
    for name, slope in slopes.items():
        judgements: Mapping[str, Judgement | None]
        if is_array(slope) and not full:
            made = {label: each for label, each in comparison.components.items() if name_of(label) == name}
            rows.append(Compared(output, name, report.inputs[name], slope, _summary(made.values())))
            notes.append(_array_note(name, slope, made, digits))
            judgements = {label: each for label, each in made.items() if each.verdict is not Verdict.AGREES}
        else:
            judgements = {label: comparison.components.get(label) for label in labels_of(name, shape_of(slope))}
        if judgements:
            components, numbers = flattened({name: slope}), flattened({name: report.inputs[name]})
            rows += [
                Compared(output, label, numbers[label], components[label], judgement)
                for label, judgement in judgements.items()
            ]
    notes += direction_notes(comparison, digits)
    return compared_table(f"gradient of {output}", rows, SLOPE, notes)


def _summary(judgements: Collection[Judgement]) -> Judgement | None:
    """What was compared of an array, in one line: the largest error and distance, and the worst verdict."""
    if not judgements:
        return None
    return Judgement(
        math.nan,
        max(judgement.error for judgement in judgements),
        max(judgement.apart for judgement in judgements),
        min((judgement.digits for judgement in judgements if judgement.digits is not None), default=None),
        worst(judgement.verdict for judgement in judgements),
        "",
    )


def _array_note(name: str, slope: Value, judgements: Mapping[str, Judgement], digits: Digits) -> str:
    """The norm of a gradient by an array, and where it is farthest from its difference."""
    note = f"{name}: norm of the gradient {number_text(_norm(slope), digits)}"
    if not judgements:
        return note
    label = max(judgements, key=lambda label: judgements[label].apart)
    farthest = f"{label} is farthest from its difference, {judgements[label].apart:.1e}"
    return f"{note}; of {len(judgements)} components {farthest}"


def _norm(value: Value) -> float:
    return math.sqrt(sum(slope * slope for slope in elements(value)))

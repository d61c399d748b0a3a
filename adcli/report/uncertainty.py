"""What `adcli uncertainty` says: the budget of each output, its interval, and Monte Carlo beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adcli.derive.modes import gradients_of
from adcli.errors import CheckFailedError, Problem
from adcli.jobs.intervals import Simulated, Validation, simulated, validated
from adcli.jobs.monte_carlo import propagated
from adcli.jobs.quantities import Quantities, Quantity, quantities_of
from adcli.jobs.uncertain import Distribution
from adcli.jobs.uncertainty import (
    MOST,
    Combined,
    Line,
    combined,
    concise_text,
    output_correlations,
    second_order,
    tolerance_of,
)
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import (
    Column,
    Detail,
    Digits,
    Records,
    Table,
    correlation_table,
    named,
    number,
    number_text,
)
from adcli.report.compared import direction_notes
from adcli.report.fields import Field, records_of, table, within
from adcli.report.gradient import DIRECTION
from adcli.report.kinks import KINKS, kink_table
from adcli.report.report import Report, head
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
from adcli.tape.inputs import Given
from adcli.trust.budget import MOST_FOR_KINKS
from adcli.trust.compare import Comparer, Comparison, Difference, Progress
from adcli.trust.judgement import Verdict

if TYPE_CHECKING:
    from adcli.trust.kinks import Kinks

_LONGEST_BAR = 12  # letters
MOST_LINES = 30  # of a budget that are shown
_MATTERS = 0.5  # of the last digit that is shown: a smaller change cannot be seen


class Row(NamedTuple):
    """A line of the budget of an output, with what the others of that output are held against."""

    output: str
    line: Line
    largest: float

    @property
    def quantity(self) -> Quantity:
        """What the line is about."""
        return self.line.quantity

    @property
    def bar(self) -> str:
        """The contribution as letters."""
        part = self.line.contribution / self.largest if 0 < self.largest < math.inf else 0.0
        return "#" * round(_LONGEST_BAR * part) if math.isfinite(part) else ""

    @property
    def percent(self) -> float | None:
        """The share in per cent; None where there is nothing to have a share of."""
        return None if math.isnan(self.line.share) else 100 * self.line.share


class Sampled(NamedTuple):
    """Monte Carlo beside the linear answer.

    Attributes:
        simulated: what the samples say
        tolerance: how far the ends may be apart
        validation: whether the linear answer may be used
        low_distance, high_distance: how far the ends are apart
    """

    simulated: Simulated
    tolerance: float
    validation: Validation
    low_distance: float
    high_distance: float


class Trial(NamedTuple):
    """How the samples were drawn: how many, the seed, how many ways through the program, why they are fewer."""

    samples: int
    seed: int
    ways: int
    reduced: str
    interrupted: bool


class Outcome(NamedTuple):
    """All that is said of one output.

    Attributes:
        output: its name
        combined: the linear answer
        significant: the digits of the uncertainty that are shown
        sampled: Monte Carlo; None where it was left out, or where hardly any sample has a value
    """

    output: str
    combined: Combined
    significant: int
    sampled: Sampled | None

    @property
    def concise(self) -> str:
        """The value with its standard uncertainty in the last digits."""
        return concise_text(self.combined.value, self.combined.uncertainty, self.significant)

    @property
    def curved(self) -> bool:
        """Whether second-order terms change a digit that is shown."""
        return bool(self.bias_matters or self.second_matters)

    @property
    def bias_matters(self) -> bool:
        """Whether curvature moves the mean by more than the digits that are shown."""
        second = self.combined.second
        return second is not None and abs(second.bias) > 2 * _MATTERS * self._unit

    @property
    def second_matters(self) -> bool:
        """Whether second-order terms move the uncertainty by more than half a unit of its last digit."""
        second, first = self.combined.second, self.combined.uncertainty
        if second is None or second.uncertainty is None or math.isnan(second.uncertainty):
            return False
        return abs(second.uncertainty - first) > _MATTERS * self._unit

    @property
    def _unit(self) -> float:
        """One unit of the last digit of the uncertainty."""
        return 2 * tolerance_of(self.combined.uncertainty, self.significant)


def _known_as(quantity: Quantity) -> str:
    """A distribution in words: `t, dof 18`; nothing of a plain normal."""
    dof = f"dof {quantity.dof:g}" if quantity.dof < math.inf else ""
    kind = "" if quantity.distribution is Distribution.NORMAL else quantity.distribution.value
    return ", ".join(part for part in (kind, dof) if part)


def _near(value: float, uncertainty: float, digits: Digits) -> str:
    """A number in as many digits as there are to be, and down to the second one of its uncertainty."""
    count = digits.digits if isinstance(digits, Detail) else digits
    if value and uncertainty and math.isfinite(value) and math.isfinite(uncertainty):
        count = max(count, min(math.floor(math.log10(abs(value))) - math.floor(math.log10(uncertainty)) + 2, 17))
    return number_text(value, count)


def _keyed(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Those that the JSON has."""
    return tuple(field for field in fields if field.key)


LINE = (
    Field("input", "the quantity", lambda row: row.quantity.label, column=named("input")),
    Field("value", "its estimate", lambda row: row.quantity.value, column=number("value"),
          text=lambda row, digits: _near(row.quantity.value, row.quantity.uncertainty, digits)),
    Field("uncertainty", "its standard uncertainty", lambda row: row.quantity.uncertainty, column=number("± u")),
    Field("distribution", "`normal`, `t`, `uniform`, `triangular` or `arcsine`",
          lambda row: row.quantity.distribution.value, column=Column("known as"),
          show=lambda row: _known_as(row.quantity)),
    Field("dof", "the degrees of freedom of the uncertainty", lambda row: row.quantity.dof),
    Field("sensitivity", "the derivative of the output by it", lambda row: row.line.sensitivity,
          column=number("sensitivity")),
    Field("contribution", "the size of the sensitivity times the uncertainty", lambda row: row.line.contribution,
          column=number("contribution")),
    Field("share", "of the variance; negative where a correlation takes some away; null where the variance is 0",
          lambda row: None if math.isnan(row.line.share) else row.line.share, column=number("share"),
          show=lambda row: None if row.percent is None else f"{row.percent:.1f} %"),
    Field("", column=Column("bar"), show=lambda row: row.bar),
)  # fmt: skip

SECOND = (
    Field("bias", "how far curvature moves the mean"),
    Field("uncertainty", "the combined standard uncertainty with second-order terms; null with correlations"),
)

RESULT = (
    Field("", column=named("output"), show=lambda outcome: outcome.output),
    Field("concise", "the value with the standard uncertainty in its last digits", column=number("result")),
    *within("combined", (
        Field("value", "at the estimates"),
        Field("uncertainty", "the combined standard uncertainty", column=number("u")),
        Field("dof", "its effective degrees of freedom; null with correlations, where the formula does not hold",
              column=number("dof"), show=lambda answer: _dof_text(answer.dof)),
        Field("factor", "the coverage factor", column=number("k")),
        Field("expanded", "the expanded uncertainty: the factor times the uncertainty", column=number("U")),
        Field("low", "where the coverage interval begins", column=number("from"),
              text=lambda answer, digits: _near(answer.low, answer.uncertainty, digits)),
        Field("high", "where it ends", column=number("to"),
              text=lambda answer, digits: _near(answer.high, answer.uncertainty, digits)),
        Field("second_order", "what curvature does; null for many inputs", lambda answer: answer.second, "object",
              SECOND),
    )),
)  # fmt: skip

INTERVAL = (
    Field("low", "where it begins"),
    Field("high", "where it ends"),
    Field("low_error", "one standard error of the beginning, as points are drawn"),
    Field("high_error", "one standard error of the end"),
)
HISTOGRAM = (
    Field("edges", "of the bins", form="[number]"),
    Field("counts", "samples in each", form="[number]"),
)
_ANSWERS = {Validation.YES: "may be used", Validation.NO: "fails", Validation.UNDECIDED: "undecided"}
SAMPLED = (
    *within("simulated", (
        Field("samples", "how many points were drawn"),
        Field("without", "how many of them have no finite value; they are in none of the numbers"),
        Field("average", "the mean", column=number("mean"),
              text=lambda part, digits: _near(part.average, part.uncertainty, digits)),
        Field("average_error", "its standard error"),
        Field("uncertainty", "the standard deviation", column=number("u")),
        Field("uncertainty_error", "its standard error"),
        Field("symmetric", "the interval with as much probability below it as above", form="object", fields=INTERVAL),
        Field("shortest", "the shortest interval", form="object", fields=INTERVAL),
        Field("", column=number("from"), text=lambda part, digits: _near(part.symmetric.low, part.uncertainty, digits)),
        Field("", column=number("to"), text=lambda part, digits: _near(part.symmetric.high, part.uncertainty, digits)),
        Field("", column=number("shortest from"),
              text=lambda part, digits: _near(part.shortest.low, part.uncertainty, digits)),
        Field("", column=number("to"), text=lambda part, digits: _near(part.shortest.high, part.uncertainty, digits)),
        Field("histogram", "how the values are spread, but for the outermost", form="object", fields=HISTOGRAM),
    )),
    Field("tolerance", "how far the ends of the linear answer may be from those of the symmetric interval"),
    Field("low_distance", "how far the beginnings are apart"),
    Field("high_distance", "how far the ends are apart"),
    Field("linear", "whether the linear answer may be used: `yes`, `no` or `undecided`",
          lambda sampled: sampled.validation.value, column=Column("linear answer"),
          show=lambda sampled: _ANSWERS[sampled.validation]),
)  # fmt: skip


def _dof_text(dof: float | None) -> str:
    if dof is None:
        return "none"
    return "inf" if dof == math.inf else f"{math.floor(dof)}" if dof >= 1 else f"{dof:.2g}"


@dataclass(frozen=True, eq=False, repr=False)
class UncertaintyReport(Report):
    """What `adcli uncertainty` says: how sure each output is, where that comes from, and what Monte Carlo says of it.

    Attributes:
        outcomes: by output
        coverage: the probability of the intervals
        correlations: of each two outputs; NaN where one has no uncertainty
        trial: how points were drawn; None where they were not
        comparisons: what a difference along a random direction says of each gradient
        kinks: where an output has no derivative
    """

    fields = (
        Field("coverage", "the probability of the intervals"),
        Field("budget", "what each input brings, the largest contribution first",
              lambda report: {output: report.rows(output) for output in report.outcomes}, "{output: [object]}", LINE),
        Field("results", "the linear answer", lambda report: report.outcomes, "{output: object}",
              _keyed(RESULT)),
        Field("correlations", "of the outputs; NaN where one has no uncertainty",
              lambda report: report.correlations or None, "{output: {output: number}}", (),
              "where several are asked for"),
        Field("monte_carlo", "what points drawn from the distributions say", lambda report: report.sampled or None,
              "{output: object}", _keyed(SAMPLED), "where points were drawn"),
        Field("direction", "what differences say of each gradient along a random direction",
              lambda report: report.directions or None, "{output: object}", DIRECTION,
              "where there was time for it"),
        KINKS,
    )  # fmt: skip

    outcomes: Mapping[str, Outcome]
    coverage: float
    correlations: Mapping[str, Mapping[str, float]]
    trial: Trial | None
    comparisons: Mapping[str, Comparison]
    kinks: Kinks | None = None

    @property
    def sampled(self) -> dict[str, Sampled]:
        """What Monte Carlo says, of each output that has values."""
        return {name: outcome.sampled for name, outcome in self.outcomes.items() if outcome.sampled is not None}

    @property
    def directions(self) -> dict[str, Any]:
        """What a difference along a random direction says of each gradient."""
        return {name: each.direction for name, each in self.comparisons.items() if each.direction is not None}

    def rows(self, output: str) -> list[Row]:
        """The budget of an output."""
        lines = self.outcomes[output].combined.lines
        largest = max((line.contribution for line in lines), default=0.0)
        return [Row(output, line, largest) for line in lines]

    def records(self) -> Records:
        """The budgets, a quantity to a row."""
        rows: Iterator[Row] = (row for output in self.outcomes for row in self.rows(output))
        return records_of(rows, (Field("output"), *LINE))

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The budget of each output, the results, their correlations, and Monte Carlo."""
        tables = [self._budget(output, digits) for output in self.outcomes]
        tables.append(self._results(digits))
        if len(self.outcomes) > 1:
            tables.append(correlation_table("correlation of the outputs", "output", self.correlations))
        if self.trial is not None:
            tables.append(self._monte_carlo(self.trial, digits))
        return [*tables, kink_table(self.kinks)] if self.kinks else tables

    def _budget(self, output: str, digits: Digits) -> Table:
        rows = self.rows(output)
        plain = not any(_known_as(row.quantity) for row in rows)
        fields = [field for field in LINE if not (plain and field.key == "distribution")]
        shown, notes = rows[:MOST_LINES], direction_notes(self.comparisons[output], digits)
        if len(rows) > len(shown):
            rest = math.fsum(row.line.share for row in rows[MOST_LINES:])
            notes.insert(0, f"{len(rows) - MOST_LINES:,} more bring {100 * rest:.1f} % together")
        return table(f"budget of {output}", shown, fields, "\n".join(notes), digits)

    def _results(self, digits: Digits) -> Table:
        outcomes = list(self.outcomes.values())
        notes: list[str] = []
        if any(outcome.combined.dof is None for outcome in outcomes):
            notes.append(
                "effective degrees of freedom: none, as the formula of Welch and Satterthwaite does not hold for "
                "correlated inputs; k is that of a normal distribution"
            )
        if any(outcome.combined.second is None for outcome in outcomes):
            notes.append(f"second-order terms are computed of no more than {MOST} uncertain components")
        for outcome in outcomes:
            notes += _curvature(outcome, digits)
        return table(f"uncertainty, with intervals of {_percent(self.coverage)}", outcomes, RESULT, "\n".join(notes))

    def _monte_carlo(self, trial: Trial, digits: Digits) -> Table:
        rows = [_Named(output, sampled) for output, sampled in self.sampled.items()]
        fields = (Field("", column=named("output"), show=lambda row: row.output), *within("sampled", SAMPLED))
        notes = [f"the samples are fewer than asked for: {trial.reduced}"] if trial.reduced else []
        if trial.ways > 1:
            notes.append(f"they took {trial.ways:,} ways through the program")
        for name, outcome in self.outcomes.items():
            notes += _sampling(name, outcome.sampled)
        return table(
            f"Monte Carlo: {trial.samples:,} samples, seed {trial.seed}", rows, fields, "\n".join(notes), digits
        )


class _Named(NamedTuple):
    output: str
    sampled: Sampled


def _percent(coverage: float) -> str:
    return f"{100 * coverage:.10g} %"


def _curvature(outcome: Outcome, digits: Digits) -> list[str]:
    """What second-order terms change, where they change what is shown."""
    second, notes = outcome.combined.second, []
    if second is None or not outcome.curved:
        return []
    if outcome.second_matters and second.uncertainty is not None:
        larger = number_text(second.uncertainty, digits)
        notes.append(f"with second-order terms (of normal, uncorrelated inputs) u is {larger}")
    if outcome.bias_matters:
        notes.append(f"curvature moves the mean by {number_text(second.bias, digits)}")
    return [f"{outcome.output}: {'; '.join(notes)}"]


def _sampling(output: str, sampled: Sampled | None) -> list[str]:
    """How sure the samples are, and what decided."""
    if sampled is None:
        return [f"{output}: fewer than ten samples have a finite value"]
    known = sampled.simulated
    without = [f"{output}: {known.without:,} samples have no finite value, and are left out"] if known.without else []
    apart = f"{sampled.low_distance:.2g} and {sampled.high_distance:.2g}"
    ends = max(known.symmetric.low_error, known.symmetric.high_error)
    more = ": more --samples decide" if sampled.validation is Validation.UNDECIDED else ""
    return [
        *without,
        f"{output}: one standard error of drawing is {known.average_error:.1e} of the mean, "
        f"{known.uncertainty_error:.1e} of u, {ends:.1e} of the ends; these are {apart} from those of the linear "
        f"answer, and {sampled.tolerance:g} is allowed{more}",
    ]


@dataclass(frozen=True)
class UncertaintyOptions(Options[UncertaintyReport]):
    """What `adcli uncertainty` is asked.

    Attributes:
        uncertainty: of inputs, by name: a standard uncertainty, an array of such, a text such as "5%" or
            "0.1 uniform", or an `adcli.Uncertain`
        of: the name of the value whose uncertainty is asked for; by default every output
        wrt: the inputs whose uncertainty counts; by default all
        correlation: of pairs of inputs or components of them: {("x", "w[2]"): 0.3}
        covariance: in place of uncertainties, the covariance matrix of all components of the inputs that count
        coverage: the probability of the intervals
        samples: how many points Monte Carlo draws; 0 leaves it out
        significant: the digits of an uncertainty that are shown and count, 1 or 2
        seed: of the points, and of the direction along which gradients are compared
        progress: told how many points are drawn, of how many
    """

    uncertainty: Mapping[str, Given] | None = None
    of: str | None = None
    wrt: Names = None
    correlation: Mapping[Any, Given] | None = None
    covariance: Given = None
    coverage: float = 0.95
    samples: int = 1_000_000
    significant: int = 2
    seed: int = 0
    progress: Progress | None = None

    def answer(self, start: Start) -> UncertaintyReport:
        """Run the program, and report of the run; raises AdError `no-input`."""
        require_inputs(start.program)
        return super().answer(start)

    def report(self, run: Run) -> UncertaintyReport:
        """The uncertainty of every output, or of one named value.

        Raises what `quantities_of` raises, and CheckFailedError `refuted-derivative`.
        """
        inputs = chosen_inputs(run.program, self.wrt)
        quantities = quantities_of(run, self.uncertainty or {}, inputs, self.correlation or {}, self.covariance)
        outputs = differentiated_outputs(run, self.of)
        slopes = gradients_of(run.tape, outputs, inputs)
        budget = run.budget()
        run, kinks = with_kinks(run, slopes, Nonsmooth.REPORT, budget.part(MOST_FOR_KINKS))
        comparer = Comparer(run.program, run.point, run.tape, None, run.limits, outputs, budget)
        comparisons = {
            name: comparer.compare(name, slopes[name], _which(selected.value(run.tape)), self.seed, kinks)
            for name, selected in outputs.items()
        }
        _require_right(run, comparisons)
        answers = {
            name: combined(
                selected.value(run.tape), slopes[name], quantities, self.coverage,
                second_order(run.tape, selected, slopes[name], quantities),
            )
            for name, selected in outputs.items()
        }  # fmt: skip
        sampled, trial = self._sampled(run, answers, quantities)
        outcomes = {name: Outcome(name, answers[name], self.significant, sampled.get(name)) for name in outputs}
        correlations = output_correlations(slopes, quantities) if len(outputs) > 1 else {}
        return UncertaintyReport(*head(run, self.of), outcomes, self.coverage, correlations, trial, comparisons, kinks)

    def _sampled(
        self, run: Run, answers: Mapping[str, Combined], quantities: Quantities
    ) -> tuple[dict[str, Sampled], Trial | None]:
        """Monte Carlo beside the linear answers."""
        if not self.samples:
            return {}, None
        drawn = propagated(run, list(answers), quantities, self.samples, self.seed, self.progress)
        result = {}
        for name, answer in answers.items():
            known = simulated(drawn.values[name], self.coverage)
            if known is not None:
                result[name] = _beside(known, answer, self.significant)
        return result, Trial(
            len(next(iter(drawn.values.values()))), self.seed, drawn.groups, drawn.reduced, drawn.interrupted
        )


def _beside(known: Simulated, answer: Combined, significant: int) -> Sampled:
    """Monte Carlo with what it says of the linear answer. The tolerance is that of the samples' own uncertainty."""
    tolerance, ends = tolerance_of(known.uncertainty, significant), known.symmetric
    return Sampled(
        known, tolerance, validated(answer.low, answer.high, ends, tolerance), abs(answer.low - ends.low),
        abs(answer.high - ends.high),
    )  # fmt: skip


def _which(value: float) -> Difference:
    """Of a value that is not finite there is no difference."""
    return Difference.DIRECTION if math.isfinite(value) else Difference.NONE


def _require_right(run: Run, comparisons: Mapping[str, Comparison]) -> None:
    """Stop where a gradient is wrong: all that follows would be."""
    problems = [
        Problem(
            "refuted-derivative",
            f"the gradient of `{name}` is wrong by its difference: {comparison.direction.judgement.reason}",
            help="`adcli check` tells by which input",
        )
        for name, comparison in comparisons.items()
        if comparison.direction is not None and comparison.direction.judgement.verdict is Verdict.WRONG
    ]
    if problems:
        raise CheckFailedError(problems, run.program.source)

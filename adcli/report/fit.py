"""What `adcli fit` says: the parameters with their errors, and how far the data determine them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adcli.jobs.choices import FitRequest, Loss
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Digits, Records, Table, correlation_table, named, number, number_text
from adcli.report.fields import Field, records_of, table
from adcli.report.report import Report, head
from adcli.rules.shapes import plural
from adcli.run import Options, Start
from adcli.tape.components import label_of
from adcli.tape.tape import Value

if TYPE_CHECKING:
    from adcli.jobs.fit import Fit

_MOST_CORRELATED = 12  # parameters whose correlations are shown as a table
_NOTHING = 1e-9  # standard errors: how much shorter a step is does not matter
_WEIGHTY = 3  # rows of largest leverage, that are told


class Parameter(NamedTuple):
    """A parameter that was fitted.

    Attributes:
        name: of the component
        start, value: where it was and is
        standard_error: NaN where the data do not determine it, 0 where a bound holds it
        low, high: of the confidence interval
        held: whether a bound holds it
    """

    name: str
    start: float
    value: float
    standard_error: float
    low: float
    high: float
    held: bool


class Step(NamedTuple):
    """A point on the way."""

    number: int
    sum_of_squares: float
    parameters: Mapping[str, float]


PARAMETER = (
    Field("parameter", "the component", lambda row: row.name, column=named("parameter")),
    Field("start", "where the fit began", column=number("start")),
    Field("value", "the estimate", column=number("estimate")),
    Field("standard_error", "its standard error; NaN where the data do not determine it",
          column=number("standard error"), show=lambda row: "at its bound" if row.held else (
              "not determined" if math.isnan(row.standard_error) else row.standard_error)),
    Field("low", "of the confidence interval", column=number("from"), show=lambda row: _end(row, row.low)),
    Field("high", "of the confidence interval", column=number("to"), show=lambda row: _end(row, row.high)),
    Field("held", "whether a bound holds it"),
)  # fmt: skip

ROW = (
    Field("residual", "of the program, in the order of the data"),
    Field("leverage", "how much its own datum weighs in its fitted value: from 0 to 1"),
    Field("standardized", "the residual over its standard deviation"),
)

STEP = (
    Field("iteration", "counted from 0, the start", lambda row: row.number),
    Field("sum_of_squares", "of the weighted residuals"),
    Field("parameters", "at it", form="{component: value}"),
)

COUNTS = (Field("values", "runs of the program"), Field("gradients", "forward sweeps", lambda row: row.gradients))


@dataclass(frozen=True, eq=False, repr=False)
class FitReport(Report):
    """What `adcli fit` says. Its `inputs` and `outputs` are those at the estimates."""

    fields = (
        Field("residual", "whose squares were made least"),
        Field("solver", "what searched"),
        Field("converged", "whether the end is a stationary point"),
        Field("ending", "`converged`, `steps`, `stuck` or `interrupted`"),
        Field("reason", "the same in a sentence"),
        Field("parameters", "by component", form="[object]", fields=PARAMETER),
        Field("solution", "the same estimates by input", form="{input: value}"),
        Field("correlations", "between the estimates", form="{component: {component: number}}"),
        Field("undetermined", "a direction along which the residuals do not change; empty where there is none",
              form="{component: number}"),
        Field("sum_of_squares", "of the weighted residuals"),
        Field("residual_standard_deviation", "the root of the sum over the degrees of freedom; null without any"),
        Field("observations", "how many residuals there are"),
        Field("degrees_of_freedom", "observations with a weight other than 0, less free parameters"),
        Field("r_squared", "the share of the response's variance that is explained; null without a response, and for a "
              "robust loss"),
        Field("response", "the input that the residuals compare with; null where no input is one"),
        Field("condition", "of the Jacobian with columns of length 1; infinite where a direction is undetermined"),
        Field("last_step", "the largest component of the next step, in standard errors"),
        Field("confidence", "the probability of the intervals"),
        Field("loss", "what was added up of each residual: `linear` is its square"),
        Field("rows", "the residuals", form="[object]", fields=ROW),
        Field("counts", "what the fit took", form="object", fields=COUNTS),
        Field("iterations", "the way from the start", form="[object]", fields=STEP),
    )  # fmt: skip

    residual: str
    solver: str
    ending: str
    reason: str
    parameters: Sequence[Parameter]
    solution: Mapping[str, Value]
    correlations: Mapping[str, Mapping[str, float]]
    undetermined: Mapping[str, float]
    sum_of_squares: float
    residual_standard_deviation: float | None
    degrees_of_freedom: int
    r_squared: float | None
    response: str | None
    condition: float
    last_step: float
    confidence: float
    loss: str
    residuals: Any
    leverage: Any
    standardized: Any
    counts: Any
    iterations: Sequence[Step]
    fit: Fit

    @property
    def converged(self) -> bool:
        """Whether the end is a stationary point."""
        return self.ending == "converged"

    @property
    def observations(self) -> int:
        """How many residuals there are."""
        return len(self.residuals)

    @property
    def wrong(self) -> bool:
        """Whether there is no estimate to be relied on."""
        return not self.converged or bool(self.undetermined)

    @property
    def rows(self) -> list[_Row]:
        """The residuals, one by one."""
        return [
            _Row(float(residual), float(leverage), float(standardized))
            for residual, leverage, standardized in zip(self.residuals, self.leverage, self.standardized, strict=True)
        ]

    def records(self) -> Records:
        """The parameters."""
        return records_of(self.parameters, PARAMETER)

    def residual_records(self) -> Records:
        """The residuals, as the file of `--residuals` has them."""
        return records_of(self.rows, ROW)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The parameters, and their correlations."""
        title = f"least squares of {self.residual}" if self.loss == "linear" else f"{self.loss} fit of {self.residual}"
        if not self.converged:
            title = f"{title}: not converged, the best point so far"
        intervals = tuple(
            field._replace(column=number(f"{heading} ({self.confidence * 100:g} %)")) if heading else field
            for field in PARAMETER
            for heading in [{"low": "from", "high": "to"}.get(field.key)]
        )
        tables = [table(title, self.parameters, intervals, "\n".join(self._notes(digits)))]
        if 1 < len(self.correlations) <= _MOST_CORRELATED:
            tables.append(correlation_table("correlations of the estimates", "", self.correlations))
        return tables

    def _notes(self, digits: Digits) -> Iterator[str]:
        verb = "converged" if self.converged else "not converged"
        yield f"{verb}: {self.reason}"
        if self.undetermined:
            along = ", ".join(f"{name} {step:+.2g}" for name, step in self.undetermined.items())
            yield f"not determined: along {along} the residuals do not change"
        text = f"{plural(self.observations, 'residual')}, {plural(self.degrees_of_freedom, 'degree')} of freedom"
        yield f"{text}; sum of squares {number_text(self.sum_of_squares, digits)}"
        facts = []
        if self.residual_standard_deviation is not None:
            facts.append(f"residual standard deviation {number_text(self.residual_standard_deviation, digits)}")
        if self.r_squared is not None:
            facts.append(f"R² {number_text(self.r_squared, digits)} of {self.response}")
        if facts:
            yield ", ".join(facts)
        close = _closest(self.correlations)
        if close is not None and len(self.correlations) > _MOST_CORRELATED:
            yield f"the closest correlation is that of {close[0]} and {close[1]}, {close[2]:.3f}"
        yield f"largest leverage: {self._weighty()}"
        if not self.undetermined:
            yield f"next step: {_step_text(self.last_step)}; condition of the scaled Jacobian {self.condition:.2g}"
        counts = self.counts
        yield f"{plural(counts.values, 'run')}, {plural(counts.gradients, 'forward sweep')}: {self.solver}"

    def _weighty(self) -> str:
        order = sorted(range(len(self.leverage)), key=lambda row: -self.leverage[row])[:_WEIGHTY]
        return ", ".join(f"{self.leverage[row]:.2f} of {label_of(self.residual, self.fit.shape, row)}" for row in order)


class _Row(NamedTuple):
    residual: float
    leverage: float
    standardized: float


def _end(row: Parameter, end: float) -> float | None:
    """An end of an interval; None where a bound holds the parameter, or nothing determines it."""
    return None if row.held or math.isnan(end) else end


def _step_text(step: float) -> str:
    if not math.isfinite(step):
        return "not told"
    return f"{step:.1e} standard errors" if step > _NOTHING else f"less than {_NOTHING:.0e} standard errors"


def _closest(correlations: Mapping[str, Mapping[str, float]]) -> tuple[str, str, float] | None:
    names = list(correlations)
    pairs = [(a, b, correlations[a][b]) for at, a in enumerate(names) for b in names[:at]]
    return max(pairs, key=lambda pair: abs(pair[2]), default=None)


@dataclass(frozen=True, eq=False, repr=False)
class FitOptions(FitRequest, Options[FitReport]):
    """What `adcli fit` is asked: see `FitRequest`."""

    def answer(self, start: Start) -> FitReport:
        """Fit from the start. Raises AdError where there is nothing to fit, and where a derivative is wrong."""
        from adcli.jobs.fit import fit

        made = fit(start, self)
        found, labels = made.found, made.parameters.labels
        columns = (made.parameters.start, found.best.x, made.errors, made.low, made.high)
        rows = zip(labels, *(column.tolist() for column in columns), found.held.tolist(), strict=True)
        squares = found.best.sum_of_squares
        return FitReport(
            *head(made.end),
            residual=made.residual,
            solver=found.solver,
            ending=found.ending.value,
            reason=found.reason,
            parameters=[Parameter(*row) for row in rows],
            solution=made.parameters.values(found.best.x),
            correlations=made.correlations or {},
            undetermined=made.undetermined,
            sum_of_squares=squares,
            residual_standard_deviation=math.sqrt(squares / made.degrees) if made.degrees > 0 else None,
            degrees_of_freedom=made.degrees,
            r_squared=None if made.response is None or self.chosen_loss is not Loss.LINEAR else made.response[1],
            response=None if made.response is None else made.response[0],
            condition=found.linear.condition,
            last_step=found.last_step,
            confidence=self.confidence,
            loss=self.chosen_loss.value,
            residuals=found.best.raw,
            leverage=made.leverage,
            standardized=made.standardized,
            counts=found.counts,
            iterations=[
                Step(step.number, step.sum_of_squares, dict(zip(labels, step.x.tolist(), strict=True)))
                for step in found.steps
            ],
            fit=made,
        )

"""What `adcli minimize` says: the way down, the point at its end, and how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adcli.errors import AdError, Problem
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Digits, Records, Table, named, number, number_text
from adcli.report.fields import Field, records_of, table
from adcli.report.kinks import KINKS, kink_table
from adcli.report.report import Report, head
from adcli.rules.shapes import plural
from adcli.run import Names, Nonsmooth, Options, Run, Start, differentiated_outputs, with_kinks
from adcli.tape.tape import Value

if TYPE_CHECKING:
    from adcli.jobs.minimize import Minimized
    from adcli.jobs.objective import Objective
    from adcli.trust.kinks import Kinks

_SHOWN = 8  # iterations at each end of a long search


class Iterate(NamedTuple):
    """A step of the search: see `adcli.jobs.minimize.Iteration`."""

    number: int
    value: float
    gradient: float
    step: float
    parameters: Mapping[str, float]


class Parameter(NamedTuple):
    """A parameter at the end of the search.

    Attributes:
        name: of the component
        start, value: where it was and is
        error: how far it may be from where the gradient vanishes; infinite where the curvature does not tell
        gradient: the derivative by it
        held: whether a bound holds it: there the derivative need not be zero
    """

    name: str
    start: float
    value: float
    error: float
    gradient: float
    held: bool


ITERATION = (
    Field("iteration", "counted from 0, the start", lambda row: row.number, column=number("iteration")),
    Field("value", "of the objective", column=number("value")),
    Field("gradient", "the norm of the gradient, without what bounds hold back", column=number("|gradient|")),
    Field("step", "how far the parameters moved", column=number("step")),
)

PARAMETER = (
    Field("parameter", "the component", lambda row: row.name, column=named("parameter")),
    Field("start", "where the search began", column=number("start")),
    Field("value", "at the end", column=number("solution")),
    Field("error", "how far it may be from where the gradient vanishes; infinite where the curvature does not tell",
          column=number("± error"), show=lambda row: "at its bound" if row.held else _error_text(row.error)),
    Field("gradient", "the derivative by it", column=number("gradient"), show=lambda row: _size_text(row.gradient)),
    Field("held", "whether a bound holds it"),
)  # fmt: skip

CURVATURE = (
    Field(
        "kind",
        "`minimum`, `maximum`, `saddle`, or `flat` where rounding hides it: of a point that has converged",
        lambda bend: bend.kind.value,
    ),
    Field("smallest", "eigenvalue of the Hessian by the parameters that no bound holds"),
    Field("largest", "eigenvalue"),
    Field("condition", "the ratio of their sizes; infinite where the smallest is zero within rounding"),
    Field("direction", "along which it curves least: the leading components", form="{component: number}"),
)

COUNTS = (
    Field("values", "runs of the program"),
    Field("gradients", "reverse sweeps"),
    Field("products", "of the Hessian with a direction"),
)


@dataclass(frozen=True, eq=False, repr=False)
class MinimizeReport(Report):
    """What `adcli minimize` says. Its `inputs` and `outputs` are those at the best point."""

    fields = (
        Field("objective", "what was minimized, or maximized"),
        Field("solver", "what searched"),
        Field("converged", "whether the end is a stationary point, as far as rounding lets anybody know"),
        Field("ending", "`converged`, `steps`, `stuck`, `unbounded` or `interrupted`"),
        Field("reason", "the same in a sentence"),
        Field("value", "of the objective at the end"),
        Field("value_error", "how far rounding may have taken it"),
        Field("solution", "the parameters at the end", form="{input: value}"),
        Field("parameters", "the same by component", form="[object]", fields=PARAMETER),
        Field("gradient_norm", "at the end, without what bounds hold back"),
        Field("gradient_rounding", "how large that may be by rounding alone"),
        Field("curvature", "of the objective at the end; null where it has a kink, or more than 2000 parameters",
              form="object", fields=CURVATURE),
        KINKS,
        Field("counts", "what the search took", form="object", fields=COUNTS),
        Field("iterations", "the way from the start", form="[object]", fields=ITERATION),
    )  # fmt: skip

    objective: str
    maximized: bool
    solver: str
    ending: str
    reason: str
    value: float
    value_error: float
    solution: Mapping[str, Value]
    parameters: Sequence[Parameter]
    gradient_norm: float
    gradient_rounding: float
    curvature: Any
    kinks: Kinks | None
    counts: Any
    iterations: Sequence[Iterate]

    @property
    def converged(self) -> bool:
        """Whether the end is a stationary point."""
        return self.ending == "converged"

    @property
    def wrong(self) -> bool:
        """Whether it is no minimum that was come to."""
        of_another_kind = self.curvature is not None and self.curvature.kind.value in self._not_sought
        return not self.converged or of_another_kind or self._way_on is not None

    @property
    def _way_on(self) -> str | None:
        """Along which parameter a kink is none that was sought: where the value goes on to one side, or jumps."""
        sign = -1.0 if self.maximized else 1.0
        outward = {
            row.name: sign * row.gradient for row in self.parameters if row.held
        }  # beyond a bound nothing counts
        for component, slopes in (self.kinks.slopes.get(self.objective, {}) if self.kinks else {}).items():
            left, right = (sign * (0.0 if side is None else side) for side in (slopes.left, slopes.right))
            beyond = outward.get(component, 0.0)
            if slopes.jump or (left > 0 and beyond <= 0) or (right < 0 and beyond >= 0):
                return component
        return None

    @property
    def _not_sought(self) -> tuple[str, str]:
        """The kinds of stationary points from which there is a way on."""
        return "saddle", "minimum" if self.maximized else "maximum"

    def records(self) -> Records:
        """The parameters."""
        return records_of(self.parameters, PARAMETER)

    def trace(self) -> Records:
        """The iterations with all parameters, as the file of `--trace` has them."""
        labels = [row.name for row in self.parameters]
        headings = (*(field.csv or field.key for field in ITERATION), *labels)

        def rows() -> Iterator[tuple[Any, ...]]:
            for step in self.iterations:
                yield step.number, step.value, step.gradient, step.step, *(step.parameters[label] for label in labels)

        return Records(headings, rows())

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The iterations, then the solution."""
        way = "maximizing" if self.maximized else "minimizing"
        steps = table(f"{way} {self.objective}: {self.solver}", self._shown(), ITERATION)
        end = table(self._title(), self.parameters, PARAMETER, "\n".join(self._notes(digits)))
        return [steps, end, *([kink_table(self.kinks)] if self.kinks else [])]

    def _shown(self) -> list[Any]:
        steps: list[Any] = list(self.iterations)
        left = len(steps) - 2 * _SHOWN
        return [*steps[:_SHOWN], f"{left:,} more", *steps[-_SHOWN:]] if left > 1 else steps

    def _title(self) -> str:
        if not self.converged:
            return f"best point of {self.objective} so far: not converged"
        if all(row.held for row in self.parameters):
            return f"{'maximum' if self.maximized else 'minimum'} of {self.objective}, where bounds hold everything"
        kind = None if self.curvature is None else self.curvature.kind.value
        if kind == "flat":
            return f"stationary point of {self.objective}, flat along a direction"
        return f"{kind or 'stationary point'} of {self.objective}"

    def _notes(self, digits: Digits) -> Iterator[str]:
        verb = "converged" if self.converged else "not converged"
        yield f"{verb}: {self.reason}"
        yield f"{self.objective} = {number_text(self.value, digits)} ± {_size_text(self.value_error)} by rounding"
        rounding = _size_text(self.gradient_rounding)
        yield f"|gradient| = {_size_text(self.gradient_norm)}; by rounding alone it may be {rounding}"
        if self.curvature is not None:
            yield from self._curvature_notes(self.curvature)
        if self.kinks:
            way, on = ("falls", "up") if self.maximized else ("rises", "down")
            component = self._way_on
            yield f"at a kink: along each parameter the value {way} to both sides" if component is None else (
                f"at a kink, and none that is sought: along {component} the value goes on {on}, or jumps"
            )  # fmt: skip
        counts = self.counts
        yield ", ".join((
            plural(counts.values, "run"), plural(counts.gradients, "gradient"),
            plural(counts.products, "Hessian-vector product"),
        ))  # fmt: skip

    def _curvature_notes(self, bend: Any) -> Iterator[str]:
        condition = "" if math.isinf(bend.condition) else f", condition {bend.condition:.2g}"
        ends = dict.fromkeys((f"{bend.smallest:.3g}", f"{bend.largest:.3g}"))
        yield f"eigenvalues of the Hessian: {' to '.join(ends)}{condition}"
        along = ", ".join(f"{name} {step:+.2g}" for name, step in bend.direction.items())
        if self.converged and bend.kind.value in self._not_sought:
            yield f"a {bend.kind.value}: it goes {'up' if self.maximized else 'down'} along {along}, both ways"
        if self.converged and bend.kind.value == "flat":
            yield f"flat: along {along} nothing within rounding changes, so the point may be one of many"


def _error_text(error: float) -> str:
    return "not told" if math.isinf(error) else _size_text(error)


def _size_text(size: float) -> str:
    return f"{size:.1e}" if size else "0"


@dataclass(frozen=True, eq=False, repr=False)
class MinimizeOptions(Options[MinimizeReport]):
    """What `adcli minimize` is asked.

    Attributes:
        of: the name of the value to minimize; by default the first output
        wrt: the inputs to move; by default all that it follows
        method: "trust", "newton", "bfgs", "lbfgs", "gd" or "adam"; by default the first
        steps: the most iterations
        rate: the length of the steps of gd and adam
        maximize: whether to go up instead
        iterated: told of each iteration
    """

    of: str | None = None
    wrt: Names = None
    method: str | None = None
    steps: int = 1000
    rate: float = 0.01
    maximize: bool = False
    iterated: Callable[[Any], None] | None = None

    def answer(self, start: Start) -> MinimizeReport:
        """Search from the start; raises AdError where there is nothing to search, and where a derivative is wrong."""
        from adcli.jobs.choices import Method
        from adcli.jobs.evidence import require_right
        from adcli.jobs.minimize import Settings, minimized
        from adcli.jobs.moving import moving_inputs
        from adcli.jobs.objective import Objective
        from adcli.jobs.parameters import parameters
        from adcli.jobs.solvers import solvers

        solvers()
        name = self.of or start.program.outputs[0]
        run = start.run
        (selected,) = differentiated_outputs(run, name).values()
        value = selected.value(run.tape)
        if not math.isfinite(value):
            raise AdError(_no_start(name, value), run.program.source)
        names, run = moving_inputs(run, selected.entry, self.wrt)
        moving = parameters(start, names)
        objective = Objective(start, name, moving, self.maximize)

        def check(there: Run, where: str) -> None:
            slopes = moving.values(objective.gradient(moving.vector(there.point)) * objective.sign)
            require_right(there, {name: 1.0}, slopes, where)

        check(run, "at the start")
        method = Method.TRUST if self.method is None else Method(self.method)
        found = minimized(objective, Settings(method, self.steps, self.rate, self.iterated))
        end = Start(start.program, moving.point_at(found.best.x), start.limits).run
        if found.ending.value != "interrupted":
            check(end, "at the end")
        end = end._replace(warnings=(*run.warnings, *(w for w in end.warnings if w not in run.warnings)))
        return self._reported(end, objective, found)

    def _reported(self, end: Run, objective: Objective, found: Minimized) -> MinimizeReport:
        """The report of a search that has ended, with a run at its best point."""
        best, name, moving = found.best, objective.output, objective.parameters
        labels, gradient = moving.labels, best.gradient * objective.sign
        kinks = None
        if not best.smooth and found.ending.value in ("converged", "stuck"):
            end, kinks = with_kinks(end, {name: moving.values(gradient)}, Nonsmooth.REPORT, end.budget())
        rows = zip(labels, moving.start, best.x, found.error, gradient, found.held, strict=True)
        return MinimizeReport(
            *head(end, self.of),
            objective=name,
            maximized=self.maximize,
            solver=found.solver,
            ending=found.ending.value,
            reason=found.reason,
            value=best.value * objective.sign,
            value_error=best.noise,
            solution=moving.values(best.x),
            parameters=[
                Parameter(label, float(first), float(last), float(error), float(slope), bool(held))
                for label, first, last, error, slope, held in rows
            ],
            gradient_norm=_norm(slope for slope, held in zip(gradient, found.held, strict=True) if not held),
            gradient_rounding=_norm(best.all_rounding),
            curvature=found.curvature,
            kinks=kinks,
            counts=found.counts,
            iterations=[
                Iterate(step.number, step.value, step.gradient, step.step,
                        dict(zip(labels, step.x.tolist(), strict=True)))
                for step in found.iterations
            ],
        )  # fmt: skip


def _norm(numbers: Any) -> float:
    return math.hypot(*map(float, numbers))


def _no_start(name: str, value: float) -> Problem:
    message = f"`{name}` is {value:g} at the start: there is no way down from there"
    return Problem("no-start", message, help="start where it has a value; `adcli eval` shows where it comes from")

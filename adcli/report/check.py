"""What `adcli check` says: every derivative by several ways, and a verdict on each and on the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from adcli.derive.modes import gradients_of
from adcli.errors import AdError, Problem
from adcli.program.claims import scope_of
from adcli.program.suggest import did_you_mean
from adcli.records import dataclass, replace
from adcli.report.cells import Digits, Records, Table
from adcli.report.checked import (
    CHECKED,
    MARGIN,
    PART,
    RANDOM,
    STATED,
    TAYLOR,
    PartVerdict,
    components_table,
    margins_table,
    random_table,
    stated_table,
    taylor_table,
)
from adcli.report.claims import CLAIM, claims_table
from adcli.report.compared import direction_notes
from adcli.report.curve import CURVE, curve_tables
from adcli.report.fields import Field, records_of, table
from adcli.report.kinks import KINKS, kink_table
from adcli.report.report import Report, head, outputs_table
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
from adcli.tape.components import flattened
from adcli.tape.tape import Value
from adcli.trust.at_random import RandomPoints, Settings, check_at_random
from adcli.trust.budget import MOST_FOR_KINKS, UNLIMITED
from adcli.trust.check import Checked, check_by_taylor, check_gradient, check_hessian
from adcli.trust.claims import JudgedClaim, Trial, judge_claim
from adcli.trust.claims_given import GivenClaims, claims_given
from adcli.trust.compare import Comparer, Comparison, Progress
from adcli.trust.curve import Curve, error_curve
from adcli.trust.judgement import Verdict, worst
from adcli.trust.kinks import NO_KINKS, Kinks
from adcli.trust.margins import Margin, margins
from adcli.trust.stated import StatedSlope, stated_slopes
from adcli.trust.taylor import Taylor

_FEW = 8  # components that a message names
_SHOWN_MARGINS = 10
_MOST_OF_ORDER = {1: 0.7, 2: 0.4}  # of the time: for the components; the Taylor test comes at the end


@dataclass(frozen=True, eq=False)
class CheckReport(Report):
    """What `adcli check` says.

    Attributes:
        components: of each output every derivative, or of many the largest
        second: the same of second derivatives, if they are checked
        comparisons: by output, with a random direction where components were left out
        taylor: the Taylor test of each output
        kinks: where outputs have no derivative
        claims: the claims of derivatives, judged
        stated: the derivatives that rules of the program state, beside those of their values
        at_random: what was found at random points, if any were tried
        seed: of the random direction and points
        margins: the nearest kinks and decisions, if they are asked for
        curves: the error of differences against their step, where that is asked for
    """

    fields = (
        Field("verdict", "the worst of all", lambda report: report.verdict.value),
        Field("components", "of each output every derivative, or of many the largest", None, "[object]", CHECKED),
        Field("taylor", "the Taylor test of each output", form="{output: object}", fields=TAYLOR),
        Field("claims", "the claims of derivatives", form="[object]", fields=CLAIM),
        Field("rules", "the derivatives that rules state, each where it is furthest off",
              lambda report: report.stated or None, "[object]", STATED, "of a program with rules"),
        Field("seed", "of the random direction and points"),
        Field(
            "second", "the second derivatives", lambda report: report.second or None, "[object]", CHECKED,
            "with `--order 2`",
        ),
        Field("random", "random points", lambda report: report.at_random, "object", RANDOM, "with `--random`"),
        Field("margins", "the nearest kinks and decisions", None, "[object]", MARGIN, "with `--margins`"),
        Field(
            "curves", "the error of differences against their step", lambda report: report.curves or None, "[object]",
            CURVE, "with `--curve`",
        ),
        KINKS,
    )  # fmt: skip

    components: tuple[Checked, ...]
    second: tuple[Checked, ...]
    comparisons: Mapping[str, Comparison]
    taylor: Mapping[str, Taylor]
    kinks: Kinks
    claims: tuple[JudgedClaim, ...]
    at_random: RandomPoints | None
    seed: int
    stated: tuple[StatedSlope, ...] = ()
    margins: tuple[Margin, ...] | None = None
    curves: tuple[Curve, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole: the worst of all that was checked."""
        return worst(part.verdict for part in self._parts())

    @property
    def wrong(self) -> bool:
        """Whether anything does not agree."""
        return self.verdict is not Verdict.AGREES

    def _parts(self) -> Iterator[PartVerdict]:
        """What was checked, and the verdict on it."""
        for output, comparison in self.comparisons.items():
            for title, checked in (("derivatives", self.components), ("second derivatives", self.second)):
                own = [derivative.verdict for derivative in checked if derivative.output == output]
                if own:
                    what = title if len(own) > 1 else title.removesuffix("s")
                    yield PartVerdict(f"{len(own)} {what} of {output}", worst(own))
            if comparison.direction is not None:
                yield PartVerdict(f"random direction of {output}", comparison.direction.judgement.verdict)
            if output in self.taylor:
                yield PartVerdict(f"Taylor test of {output}", self.taylor[output].verdict or Verdict.AGREES)
        for claim in self.claims:
            yield PartVerdict(f"claim {claim.text}", claim.verdict)
        if self.stated:
            yield PartVerdict("derivatives that rules state", worst(slope.verdict for slope in self.stated))
        if self.at_random is not None:
            verdicts = [point.checked.verdict for point in self.at_random.worst]
            yield PartVerdict(f"{self.at_random.tried} random points", worst(verdicts))

    def records(self) -> Records:
        """A row for each derivative that was checked."""
        return records_of((*self.components, *self.second), CHECKED)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The verdict; the outputs; the derivatives of each side by side, and its Taylor test; random points."""
        whole = PartVerdict("all", self.verdict)
        tables = [table("verdict", [whole, *self._parts()], PART), outputs_table(self)]
        for output, comparison in self.comparisons.items():
            own, second = (
                [derivative for derivative in checked if derivative.output == output]
                for checked in (self.components, self.second)
            )
            notes = direction_notes(comparison, digits)
            tables.append(components_table(f"derivatives of {output}", own, notes))
            if second:
                tables.append(components_table(f"second derivatives of {output}", second))
            if output in self.taylor:
                tables.append(taylor_table(output, self.taylor[output], self.seed))
        if self.claims:
            tables.append(claims_table(self.claims, digits))
        if self.stated:
            tables.append(stated_table(self.stated))
        if self.at_random is not None:
            tables.append(random_table(self.at_random, self.seed, digits))
        if self.kinks:
            tables.append(kink_table(self.kinks))
        if self.margins is not None:
            tables.append(margins_table(self.margins))
        for curve in self.curves:
            tables += curve_tables(curve, digits)
        return tables


@dataclass(frozen=True)
class CheckOptions(Options[CheckReport]):
    """What `adcli check` is asked.

    Attributes:
        of: the name of the value to differentiate; by default every output
        wrt: the inputs to differentiate by; by default all
        order: 1 for gradients, 2 for Hessians as well
        random: how many random points of the inputs' ranges to check besides
        seed: of the random direction and points
        everything: whether to check all components; by default, of more than 50 the 20 largest
        nonsmooth: what to do where there is no derivative: "report" it, raise an "error", or be "quiet"
        claims: derivatives that are claimed besides those in the program: a text as "dL/dx = y", a mapping of numbers,
            arrays or texts by input, as {"x": 5.88}, an array for the one input that has its shape, or a list of such
        margins: whether to look for the nearest kinks and decisions
        curve: the component of the inputs whose differences are taken at many steps
        progress: told before each comparison how many are done, of how many
        tolerance: how far claims may be off, relative to the derivative; by default each is as precise as it is given
    """

    of: str | None = None
    wrt: Names = None
    order: int = 1
    random: int = 0
    seed: int = 0
    everything: bool = False
    nonsmooth: str = "report"
    claims: GivenClaims = ()
    margins: bool = False
    curve: str | None = None
    progress: Progress | None = None
    tolerance: float | None = None

    def answer(self, start: Start) -> CheckReport:
        """Read the claims, run the program, and report of the run; raises AdError `no-input`."""
        program = start.program
        require_inputs(program)
        scope = scope_of(program)
        claims = claims_given(self.claims, program, start.point, scope, self.of)
        return Options.answer(replace(self, claims=claims), start)

    def report(self, run: Run) -> CheckReport:
        """Check the derivatives of every output, or of one named value. The claims are read already."""
        inputs = chosen_inputs(run.program, self.wrt)
        outputs = differentiated_outputs(run, self.of)
        slopes = gradients_of(run.tape, outputs, inputs)
        budget = UNLIMITED if self.everything else run.budget()
        run, felt = with_kinks(run, slopes, Nonsmooth(self.nonsmooth), budget.part(MOST_FOR_KINKS))
        kinks = NO_KINKS if felt is None else felt
        comparer = Comparer(run.program, run.point, run.tape, self.progress, run.limits, outputs, budget)
        components: list[Checked] = []
        second: list[Checked] = []
        comparisons: dict[str, Comparison] = {}
        taylor: dict[str, Taylor] = {}
        for name in outputs:
            share = comparer.share()
            checked, comparisons[name] = check_gradient(
                comparer, name, slopes[name], kinks, self.everything, self.seed, share.part(_MOST_OF_ORDER[self.order])
            )
            components += checked
            if self.order == 2:
                second += check_hessian(comparer, name, inputs, self.everything, share.part(_MOST_OF_ORDER[1]))
            test = None
            if not kinks.slopes.get(name):
                test = check_by_taylor(comparer, name, slopes[name], checked, self.seed, share)
            if test is not None:
                taylor[name] = test
        at_random = self._at_random(run, tuple(outputs), inputs)
        looking = Nonsmooth(self.nonsmooth) is not Nonsmooth.QUIET
        trial = Trial(run.program, run.point, run.tape, self.seed, run.limits, self.tolerance, looking)
        claims = tuple(judge_claim(trial, claim) for claim in (*run.program.claims, *self.claims))
        entries = [selected.entry for selected in outputs.values()]
        near = tuple(margins(run.tape, entries, inputs, _SHOWN_MARGINS)) if self.margins else None
        curves = tuple(_curve(comparer, name, slopes[name], self.curve) for name in outputs) if self.curve else ()
        return CheckReport(
            *head(run, self.of), tuple(components), tuple(second), comparisons, taylor, kinks, claims, at_random,
            self.seed, tuple(stated_slopes(run.tape)), near, curves,
        )  # fmt: skip

    def _at_random(self, run: Run, outputs: Sequence[str], inputs: Sequence[str]) -> RandomPoints | None:
        """The same at random points, if any are to be tried."""
        if not self.random:
            return None
        kinks = Nonsmooth(self.nonsmooth) is not Nonsmooth.QUIET
        settings = Settings(
            run.program, outputs, inputs, self.order, self.everything, self.seed, kinks, run.limits
        )  # fmt: skip
        return check_at_random(settings, run.point, self.random, self.progress)


def _curve(comparer: Comparer, output: str, slopes: Mapping[str, Value], component: str) -> Curve:
    """The error curve of an output by one component. Raises AdError `unknown-input`."""
    derivatives = flattened(slopes)
    if component not in derivatives:
        known = ", ".join(f"`{name}`" for name in list(derivatives)[:_FEW])
        message = f"there is no component `{component}` of the inputs to draw a curve for"
        raise AdError(Problem("unknown-input", message, help=did_you_mean(component, derivatives) or f"as in {known}"))
    return error_curve(comparer, output, component, derivatives[component])

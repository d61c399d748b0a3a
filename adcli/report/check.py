"""What `adcli check` says: every derivative by several ways, and a verdict on each and on the whole."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adcli.derive.modes import adjoints_of
from adcli.errors import AdError, Problem
from adcli.program.claims import CompiledClaim, claim_of, scope_of
from adcli.program.suggest import did_you_mean
from adcli.report.cells import Cell, Column, Digits, Table, point_text
from adcli.report.claims import claim_to_dict, claims_table
from adcli.report.compared import digits_text, direction_text, error_text
from adcli.report.curve import curve_tables, curve_to_dict
from adcli.report.kinks import kink_table, kinks_to_dict
from adcli.report.report import Report, head, outputs_table
from adcli.run import Names, Nonsmooth, Options, Run, Start, chosen_inputs, differentiated_outputs, with_kinks
from adcli.tape.components import flattened
from adcli.tape.tape import Value
from adcli.trust.at_random import RandomPoints, Settings, check_at_random
from adcli.trust.check import Checked, check_by_taylor, check_gradient, check_hessian
from adcli.trust.claims import JudgedClaim, Numbers, judge_claim
from adcli.trust.compare import Comparer, Comparison, Progress
from adcli.trust.curve import Curve, error_curve
from adcli.trust.kinks import NO_KINKS, Kinks
from adcli.trust.margins import Margin, margins
from adcli.trust.taylor import ORDERS, Taylor
from adcli.trust.verdict import Verdict, worst

_FEW = 8  # components whose inequalities are all told
_SHOWN_MARGINS = 10


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
        at_random: what was found at random points, if any were tried
        seed: of the random direction and points
        margins: the nearest kinks and decisions, if they are asked for
        curves: the error of differences against their step, where that is asked for
    """

    components: tuple[Checked, ...]
    second: tuple[Checked, ...]
    comparisons: Mapping[str, Comparison]
    taylor: Mapping[str, Taylor]
    kinks: Kinks
    claims: tuple[JudgedClaim, ...]
    at_random: RandomPoints | None
    seed: int
    margins: tuple[Margin, ...] | None = None
    curves: tuple[Curve, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole: the worst of all that was checked."""
        return worst([verdict for _, verdict in self._parts()])

    @property
    def wrong(self) -> bool:
        """Whether anything does not agree."""
        return self.verdict is not Verdict.AGREES

    def _parts(self) -> Iterator[tuple[str, Verdict]]:
        """What was checked, and the verdict on it."""
        for output, comparison in self.comparisons.items():
            for title, found in (("derivatives", self.components), ("second derivatives", self.second)):
                own = [one.verdict for one in found if one.output == output]
                if own:
                    yield f"{len(own)} {title if len(own) > 1 else title.removesuffix('s')} of {output}", worst(own)
            if comparison.direction is not None:
                yield f"random direction of {output}", comparison.direction.judgement.verdict
            if output in self.taylor:
                yield f"Taylor test of {output}", self.taylor[output].verdict or Verdict.AGREES
        for claim in self.claims:
            yield f"claim {claim.text}", claim.verdict
        if self.at_random is not None:
            yield f"{self.at_random.tried} random points", worst([one.checked.verdict for one in self.at_random.worst])

    def _own(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "verdict": self.verdict.value,
            "components": [_to_dict(one) for one in self.components],
            "taylor": {output: _taylor_to_dict(one) for output, one in self.taylor.items()},
            "claims": [claim_to_dict(one) for one in self.claims],
            "seed": self.seed,
        }
        if self.second:
            body["second"] = [_to_dict(one) for one in self.second]
        if self.at_random is not None:
            body["random"] = {
                "count": self.at_random.tried,
                "skipped": self.at_random.skipped,
                "verdicts": {verdict.value: times for verdict, times in self.at_random.verdicts.items()},
                "worst": [{**_to_dict(one.checked), "inputs": one.point} for one in self.at_random.worst],
            }
        if self.margins is not None:
            body["margins"] = [one._asdict() for one in self.margins]
        if self.curves:
            body["curves"] = [curve_to_dict(one) for one in self.curves]
        return {**body, "kinks": kinks_to_dict(self.kinks)} if self.kinks else body

    def records(self) -> Table:
        """A row for each derivative that was checked."""
        headings = tuple(map(Column, _FIELDS))
        return Table(
            "check", headings, tuple(tuple(_to_dict(one).values()) for one in (*self.components, *self.second))
        )

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The outputs; the derivatives of each side by side, and its Taylor test; random points; the verdict."""
        tables = [outputs_table(self)]
        for output, comparison in self.comparisons.items():
            own, second = ([one for one in found if one.output == output] for found in (self.components, self.second))
            tables.append(_components_table(f"derivatives of {output}", own, _direction_notes(comparison, digits)))
            if second:
                tables.append(_components_table(f"second derivatives of {output}", second, []))
            if output in self.taylor:
                tables.append(_taylor_table(output, self.taylor[output], self.seed))
        if self.claims:
            tables.append(claims_table(self.claims, digits))
        if self.at_random is not None:
            tables.append(_random_table(self.at_random, self.seed, digits))
        if self.kinks:
            tables.append(kink_table(self.kinks))
        if self.margins is not None:
            tables.append(_margins_table(self.margins))
        for curve in self.curves:
            tables += curve_tables(curve, digits)
        return [*tables, self._verdict_table()]

    def _verdict_table(self) -> Table:
        rows = [(what, verdict.value) for what, verdict in self._parts()]
        return Table(
            "verdict", (Column("checked", breaks=True), Column("verdict")), (*rows, ("all", self.verdict.value))
        )


_FIELDS = (
    "output",
    "input",
    "reverse",
    "forward",
    "difference",
    "error",
    "complex_step",
    "digits",
    "verdict",
    "reason",
)


def _to_dict(one: Checked) -> dict[str, Any]:
    fields = {**one._asdict(), "verdict": one.verdict.value}
    fields["digits"] = None if one.digits is None else round(one.digits, 1)
    return {name: fields[name] for name in _FIELDS}


def _taylor_to_dict(one: Taylor) -> dict[str, Any]:
    rows = [{"step": row.step, "remainders": row.sizes, "orders": row.orders} for row in one.rows]
    return {"passed": one.passed, "orders": one.orders, "reason": one.reason, "steps": rows}


def _components_table(title: str, found: Sequence[Checked], notes: Sequence[str]) -> Table:
    columns = (
        Column("input"), Column("reverse", number=True), Column("forward", number=True),
        Column("complex step", number=True), Column("difference", number=True), Column("± error", number=True),
        Column("digits", number=True), Column("verdict"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            one.input, one.reverse, one.forward, one.complex_step, None if one.difference != one.difference
            else one.difference, error_text(one.error), digits_text(one.digits),
            one.verdict.value,
        )
        for one in found
    ]  # fmt: skip
    decided = [f"{one.input}: {one.reason}" for one in _worth_a_reason(found) if one.reason]
    if any(one.complex_step is None for one in found):
        decided.append("no complex step: something on the way is not analytic, or at a kink")
    return Table(title, columns, tuple(rows), "\n".join([*decided, *notes]))


def _worth_a_reason(found: Sequence[Checked]) -> Sequence[Checked]:
    """Those whose inequality is told: all of few; of many what does not agree, and what agrees in the fewest digits."""
    if len(found) <= _FEW:
        return found
    bad = [one for one in found if one.verdict is not Verdict.AGREES]
    return bad or [min(found, key=lambda one: math.inf if one.digits is None else one.digits)]


def _direction_notes(comparison: Comparison, digits: Digits) -> list[str]:
    if comparison.direction is None:
        return []
    scope = f"the {len(comparison.components)} largest components are checked"
    return [f"{scope}; {direction_text(comparison.direction, digits)}"]


def _taylor_table(output: str, test: Taylor, seed: int) -> Table:
    columns: list[Column] = [Column("step", number=True)]
    for place in range(ORDERS):
        columns += [Column(f"remainder {place}", number=True), Column("order", number=True)]
    rows = []
    for row in test.rows:
        cells: list[Cell] = [f"2^{round(math.log2(row.step))}"]
        for size, order in zip(row.sizes, row.orders, strict=True):
            cells += [f"{size:.2e}", None if order is None else f"{order:.2f}"]
        rows.append(tuple(cells))
    orders = ", ".join("-" if order is None else f"{order:.2f}" for order in test.orders)
    wanted = f"observed orders {orders}; 1, 2, 3 or more are right" if test.rows else ""
    caption = "\n".join(text for text in (wanted, test.reason) if text)
    return Table(
        f"Taylor test of {output} along a random direction (seed {seed})", tuple(columns), tuple(rows), caption
    )


def _margins_table(found: Sequence[Margin]) -> Table:
    columns = (
        Column("what", breaks=True), Column("line", number=True), Column("gap", number=True), Column("input"),
        Column("move", number=True),
    )  # fmt: skip
    rows = tuple(
        (one.text, one.line, one.gap, one.input or None, one.move if one.input else "none closes it") for one in found
    )
    caption = "the gap closes where the input moves so far, to first order: beyond it another formula holds"
    if not found:
        caption = "no kink and no decision depends on the inputs"
    return Table("nearest kinks and decisions", columns, rows, caption)


def _random_table(found: RandomPoints, seed: int, digits: Digits) -> Table:
    columns = (
        Column("output"), Column("input"), Column("digits", number=True), Column("verdict"), Column("at", breaks=True),
        Column("decided by", breaks=True),
    )  # fmt: skip
    rows = tuple(
        (
            one.checked.output, one.checked.input, digits_text(one.checked.digits),
            one.checked.verdict.value, point_text(one.point, digits), one.checked.reason,
        )
        for one in found.worst
    )  # fmt: skip
    counts = ", ".join(f"{times} {verdict.value}" for verdict, times in found.verdicts.items() if times)
    notes = [f"of {found.tried} points: {counts}"]
    if found.skipped:
        notes.append(f"{found.skipped} more points were passed over: the program has no finite value there")
    return Table(f"the worst of {found.tried} random points (seed {seed})", columns, rows, "\n".join(notes))


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
        claims: derivatives that are claimed besides those in the program, as "dL/dx = y" or as numbers
        margins: whether to look for the nearest kinks and decisions
        curve: the component of the inputs whose differences are taken at many steps
        progress: told before each comparison how many are done, of how many
    """

    of: str | None = None
    wrt: Names = None
    order: int = 1
    random: int = 0
    seed: int = 0
    everything: bool = False
    nonsmooth: str = "report"
    claims: Sequence[str | CompiledClaim | Numbers] = ()
    margins: bool = False
    curve: str | None = None
    progress: Progress | None = None

    def answer(self, start: Start) -> CheckReport:
        """Read the claims, run the program, and report of the run."""
        program = start.program
        scope = scope_of(program.code, [variable.name for variable in program.inputs], program.tree, program.arrays)
        claims = [claim_of(claim, scope) if isinstance(claim, str) else claim for claim in self.claims]
        return Options.answer(replace(self, claims=claims), start)

    def report(self, run: Run) -> CheckReport:
        """Check the derivatives of every output, or of one named value. The claims are read already."""
        inputs = chosen_inputs(run.program, self.wrt)
        outputs = differentiated_outputs(run, self.of)
        slopes = {name: adjoints_of(run.tape, selected.seeds(run.tape), inputs) for name, selected in outputs.items()}
        run, felt = with_kinks(run, slopes, Nonsmooth(self.nonsmooth))
        kinks = felt or NO_KINKS
        comparer = Comparer(run.program, run.point, run.tape, self.progress, run.max_entries, outputs)
        components: list[Checked] = []
        second: list[Checked] = []
        comparisons: dict[str, Comparison] = {}
        taylor: dict[str, Taylor] = {}
        for name in outputs:
            checked, comparisons[name] = check_gradient(comparer, name, slopes[name], kinks, self.everything, self.seed)
            components += checked
            if self.order == 2:
                second += check_hessian(comparer, name, inputs, self.everything)
            test = None if kinks.slopes.get(name) else check_by_taylor(comparer, name, slopes[name], checked, self.seed)
            if test is not None:
                taylor[name] = test
        at_random = self._at_random(run, tuple(outputs), inputs)
        claims = tuple(
            judge_claim(run.program, run.point, run.tape, claim, self.seed, run.max_entries)
            for claim in (*run.program.claims, *self.claims)
            if not isinstance(claim, str)
        )
        entries = [selected.entry for selected in outputs.values()]
        near = tuple(margins(run.tape, entries, inputs, _SHOWN_MARGINS)) if self.margins else None
        curves = tuple(_curve(comparer, name, slopes[name], self.curve) for name in outputs) if self.curve else ()
        return CheckReport(
            *head(run, self.of), tuple(components), tuple(second), comparisons, taylor, kinks, claims, at_random,
            self.seed, near, curves,
        )  # fmt: skip

    def _at_random(self, run: Run, outputs: Sequence[str], inputs: Sequence[str]) -> RandomPoints | None:
        """The same at random points, if any are to be tried."""
        if not self.random:
            return None
        kinks = Nonsmooth(self.nonsmooth) is not Nonsmooth.QUIET
        settings = Settings(
            run.program, outputs, inputs, self.order, self.everything, self.seed, kinks, run.max_entries
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

"""What `adcli hessian` says: second derivatives."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from adcli.derive.hessians import Hessian, second_derivatives
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Digits, Table
from adcli.report.compared import JUDGEMENT, Compared, ComparedReport, compared_table, derivative_row, difference_field
from adcli.report.fields import Field
from adcli.report.jacobian import matrix
from adcli.report.kinks import KINKS, kink_table
from adcli.report.report import head, outputs_table
from adcli.report.symmetric import Asymmetry, Symmetric, symmetric
from adcli.rules.shapes import plural
from adcli.run import Names, Nonsmooth, Options, Run, Start, chosen_inputs, differentiated_outputs, with_kinks_found
from adcli.tape.components import in_order
from adcli.tape.selected import with_entries
from adcli.tape.tape import Value
from adcli.trust.budget import MOST_FOR_KINKS, Budget
from adcli.trust.compare import affordable, random_direction
from adcli.trust.judgement import Judgement
from adcli.trust.products import compare_gradient
from adcli.trust.rounding import total

if TYPE_CHECKING:
    from adcli.trust.kinks import Kinks


_MOST_FOR_PAIRS = 0.7  # of the time
_SEED = 0  # of the random direction


class SecondComparison(NamedTuple):
    """What differences of the gradient say of the second derivatives of one output.

    Attributes:
        pairs: of those that were compared, by two components of the inputs
        along: of the product of the Hessian with a random direction, by component, if some pairs were left out
        seed: of the random direction
    """

    pairs: Mapping[tuple[str, str], Judgement]
    along: Mapping[str, Judgement]
    seed: int

    def notes(self, among: int) -> list[str]:
        """How many of all pairs were compared, and what the product says of the others."""
        if len(self.pairs) == among:
            return []
        counts = Counter(judgement.verdict.value for judgement in self.along.values())
        said = ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "no time was left for it"
        scope = f"{len(self.pairs)} of {among} second derivatives compared, the largest"
        return [f"{scope}; components of the product with a random direction (seed {self.seed}): {said}"]


@dataclass(frozen=True, eq=False)
class HessianReport(ComparedReport):
    """What `adcli hessian` says: by output, by input, and by input again.

    Attributes:
        by_component: the mean of each second derivative and its mirror image, by the components of the inputs
        asymmetry: how far the two were apart
        computed: how they were computed, by output, without their numbers
        comparisons: what differences of the gradient say, by output, where that was asked for
    """

    title = "hessian"
    row = derivative_row("output input by", "derivative", "hessian")
    fields = (
        Field(
            "hessian", "the second derivatives", form="{output: {input: {input: derivative}}}",
        ),
        Field(
            "products", "of how many products with directions they are made: fewer than inputs where they are sparse",
            lambda report: {output: found.products for output, found in report.computed.items()}, "{output: number}",
        ),
        Field(
            "asymmetry", "how far a second derivative and its mirror image are apart at most",
            lambda report: {output: asymmetry.size for output, asymmetry in report.asymmetry.items()},
            "{output: size}",
        ),
        difference_field("{output: {component: {component: object}}}", lambda report: report._judgements_by_input),
        Field(
            "direction", "what they say of the product with a random direction",
            lambda report: {output: dict(c.along) for output, c in report.comparisons.items() if c.along} or None,
            "{output: {component: object}}", JUDGEMENT, "with `--check`, where pairs were left out",
        ),
        KINKS,
    )  # fmt: skip

    by_component: Mapping[str, Symmetric]
    asymmetry: Mapping[str, Asymmetry]
    computed: Mapping[str, Hessian]
    comparisons: Mapping[str, SecondComparison]
    kinks: Kinks | None = None

    @cached_property
    def judgements(self) -> Mapping[str, Mapping[tuple[str, str], Judgement]]:
        """What was compared, by output and pair of inputs."""
        return {output: comparison.pairs for output, comparison in self.comparisons.items()}

    def judgements_made(self) -> Iterator[Judgement]:
        """Everything that was compared, products with random directions as well."""
        yield from super().judgements_made()
        for comparison in self.comparisons.values():
            yield from comparison.along.values()

    @cached_property
    def hessian(self) -> dict[str, dict[str, dict[str, Value]]]:
        """The second derivatives by output, input and input: numbers, and arrays with the sizes of the two inputs."""
        return {name: rows.by_input() for name, rows in self.by_component.items()}

    @property
    def _judgements_by_input(self) -> dict[str, dict[str, dict[str, Judgement]]]:
        result: dict[str, dict[str, dict[str, Judgement]]] = {}
        for output, judgements in self.judgements.items():
            for (name, other), judgement in judgements.items():
                result.setdefault(output, {}).setdefault(name, {})[other] = judgement
        return result

    def derivatives(self) -> Iterator[Compared]:
        """Every second derivative, by a pair of components."""
        for output, slopes in self.by_component.items():
            for name, others in slopes.items():
                for other, slope in others.items():
                    yield Compared(output, name, None, slope, self.judged(output, (name, other)), other)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The outputs, then the matrix of each, with its comparison."""
        tables = [outputs_table(self)]
        for output, rows in self.by_component.items():
            apart = self.asymmetry[output]
            caption = "symmetric to the last bit" if len(rows) > 1 else ""
            if apart.place is not None:
                where = ", ".join(apart.place)
                caption = f"asymmetry left by rounding: {apart.size:.1e}, at {where}"
                if apart.size == math.inf:
                    caption = f"not symmetric at {where}: there is no finite second derivative"
            if self.computed[output].products < len(rows):
                caption = f"{caption}; {_sharing(self.computed[output], len(rows))}"
            tables.append(matrix(f"hessian of {output}", "input", rows, caption))
            comparison = self.comparisons.get(output)
            if comparison is not None:
                compared = [
                    Compared(output, name, None, rows[name][other], judgement, other, f"{name}, {other}")
                    for (name, other), judgement in comparison.pairs.items()
                ]
                notes = comparison.notes(len(rows) * (len(rows) + 1) // 2)
                tables.append(compared_table(f"second differences of {output}", compared, self.row, notes))
        return [*tables, kink_table(self.kinks)] if self.kinks else tables


@dataclass(frozen=True)
class HessianOptions(Options[HessianReport]):
    """What `adcli hessian` is asked.

    Attributes:
        of: the name of the value to differentiate; by default every output
        wrt: the inputs to differentiate by; by default all
        check: whether to compare with differences of the gradient
        nonsmooth: what to do where there is no second derivative: "report" it, raise an "error", or be "quiet"
    """

    of: str | None = None
    wrt: Names = None
    check: bool = False
    nonsmooth: str = "report"

    def answer(self, start: Start) -> HessianReport:
        """Run the program, by a plan of numbers where there is one, and report of the run."""
        return self.report(start.run_of_numbers())

    def report(self, run: Run) -> HessianReport:
        """The second derivatives of every output, or of one named value."""
        inputs = chosen_inputs(run.program, self.wrt)
        chosen = {name: run.point[name] for name in inputs}
        matrices: dict[str, Symmetric] = {}
        asymmetry = {}
        tape, entries = with_entries(run.tape, differentiated_outputs(run, self.of).values())
        computed = {}
        for output, entry in entries.items():
            found = second_derivatives(tape, entry, inputs, run.colourings)
            matrices[output], asymmetry[output] = symmetric(found, chosen)
            computed[output] = found._replace(numbers=(), places=None)
        run, kinks = with_second_kinks(run, matrices, inputs, Nonsmooth(self.nonsmooth))
        compared = matrices.items() if self.check else ()
        comparisons = {output: _compared(run, output, rows, run.budget(), kinks) for output, rows in compared}
        return HessianReport(*head(run, self.of), matrices, asymmetry, computed, comparisons, kinks)


def _sharing(found: Hessian, count: int) -> str:
    """How few products there are, and what that leaves of the comparison of mirror images."""
    text = f"{plural(found.products, 'product')}, shared by {plural(count, 'input')}"
    return f"{text}; some stand for their mirror images" if found.mirrored else text


def with_second_kinks(
    run: Run, matrices: Mapping[str, Mapping[str, Mapping[str, float]]], inputs: Sequence[str], nonsmooth: Nonsmooth
) -> tuple[Run, Kinks | None]:
    """The run with warnings of the kinks that second derivatives cross, and these kinks."""
    budget = run.budget().part(MOST_FOR_KINKS)

    def find() -> Kinks:
        from adcli.trust.kinks_along import columns_of, second_kinks  # which most points do not need

        seconds = [second for output, rows in matrices.items() for second in columns_of(output, rows, run.point)]
        return second_kinks(run.program, run.point, run.tape, seconds, inputs, run.limits, budget)

    return with_kinks_found(run, inputs, nonsmooth, find)


def _compared(run: Run, output: str, matrix: Symmetric, budget: Budget, kinks: Kinks | None) -> SecondComparison:
    """What differences of the gradient say of pairs of inputs, all or the largest, as far as the time goes.

    Where some are left out they are compared together: the product with a random direction, in one run of steps.
    """
    second = {(name, other): matrix[name][other] for name, other in combinations_with_replacement(matrix, 2)}
    pairs = affordable(second)
    derivatives = [(name, {other: 1.0}, second[name, other]) for name, other in pairs]
    slopes = [None if kinks is None else kinks.of(output, f"{name}, {other}") for name, other in pairs]
    part = budget.part(_MOST_FOR_PAIRS)
    judgements = compare_gradient(run.program, run.point, run.tape, output, derivatives, run.limits, part, slopes)
    compared = in_order(second, dict(zip(pairs, judgements, strict=False)))
    along: dict[str, Judgement] = {}
    if len(compared) < len(second):
        direction = random_direction(matrix.inputs, _SEED)
        products = [
            (name, direction, total([slope * direction[other] for other, slope in row.items()]))
            for name, row in matrix.items()
        ]
        judgements = compare_gradient(run.program, run.point, run.tape, output, products, run.limits, budget)
        along = dict(zip(matrix, judgements, strict=False))
    return SecondComparison(compared, along, _SEED)

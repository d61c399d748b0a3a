"""What `adcli hvp` says: second derivatives times a direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from adcli.derive.modes import SecondMode, hessian_product
from adcli.records import dataclass
from adcli.report.cells import Digits, Table, number_text
from adcli.report.compared import Compared, ComparedReport, beside, compared_table, derivative_row, difference_field
from adcli.report.fields import Field
from adcli.report.kinks import KINKS, kink_table
from adcli.report.products import directions, moving, whole_direction
from adcli.report.report import head, outputs_table
from adcli.run import Names, Nonsmooth, Options, Run, Start, chosen_inputs, differentiated_outputs, with_kinks_found
from adcli.tape.components import flattened
from adcli.tape.inputs import Given
from adcli.tape.selected import with_entries
from adcli.tape.tape import Value
from adcli.trust.budget import MOST_FOR_KINKS
from adcli.trust.judgement import Judgement
from adcli.trust.products import compare_gradient

if TYPE_CHECKING:
    from adcli.trust.kinks import Kinks


@dataclass(frozen=True, eq=False)
class HessianProduct(ComparedReport):
    """What `adcli hvp` says: how the gradient of each output changes along a direction.

    Attributes:
        direction: a component for each input
        product: by output, then by input
        mode: how it was computed
        judgements: what differences of the gradient say, by output and input, where that was asked for
    """

    title = "product"
    row = derivative_row("output input direction", "product")
    fields = (
        Field("direction", "along which the gradient changes", form="{input: value}"),
        Field("product", "the Hessian times the direction", form="{output: {input: value}}"),
        Field("mode", "how it was computed, such as `forward-over-reverse`", lambda report: report.mode.value),
        difference_field("{output: {component: object}}", lambda report: report.judgements),
        KINKS,
    )

    direction: Mapping[str, Value]
    product: Mapping[str, Mapping[str, Value]]
    mode: SecondMode
    judgements: Mapping[str, Mapping[str, Judgement]]
    kinks: Kinks | None = None

    def derivatives(self) -> Iterator[Compared]:
        """The product with the Hessian of every output, by component."""
        return (row for output in self.product for row in self._rows(output, whole=False))

    def _rows(self, output: str, whole: bool) -> list[Compared]:
        """The product with the Hessian of an output, an input to a row."""
        return [
            Compared(output, name, step, slope, self.judged(output, name))
            for name, step, slope in beside(self.direction, self.product[output], whole)
        ]

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The outputs, then the product of each."""
        tables = [outputs_table(self)]
        steps = moving(self.direction).items()
        along = ", ".join(f"{name} = {number_text(step, digits)}" for name, step in steps)
        notes = [f"{self.mode.value.replace('-', ' ')}, along {along or 'no direction'}"]
        for output in self.product:
            rows = self._rows(output, whole=not self.judgements.get(output))
            tables.append(compared_table(f"hessian of {output} times the direction", rows, self.row, notes))
        return [*tables, kink_table(self.kinks)] if self.kinks else tables


@dataclass(frozen=True)
class ProductOptions(Options[HessianProduct]):
    """What `adcli hvp` is asked.

    Attributes:
        dot: the direction; its components along the other inputs are 0
        of: the name of the value to differentiate; by default every output
        wrt: the inputs to differentiate by; by default all
        mode: "forward-over-reverse", "reverse-over-forward" or "reverse-over-reverse"; by default the first
        check: whether to compare with differences of the gradient
        nonsmooth: what to do where there is no second derivative: "report" it, raise an "error", or be "quiet"
    """

    dot: Mapping[str, Given]
    of: str | None = None
    wrt: Names = None
    mode: str | None = None
    check: bool = False
    nonsmooth: str = "report"

    def answer(self, start: Start) -> HessianProduct:
        """Run the program, by a plan of numbers where there is one, and report of the run."""
        return self.report(start.run_of_numbers())

    def report(self, run: Run) -> HessianProduct:
        """The Hessian of every output, or of one named value, times a direction of the inputs."""
        inputs = chosen_inputs(run.program, self.wrt)
        direction = directions(run, self.dot)
        mode = SecondMode.FORWARD_OVER_REVERSE if self.mode is None else SecondMode(self.mode)
        tape, entries = with_entries(run.tape, differentiated_outputs(run, self.of).values())
        products = {output: hessian_product(tape, entry, direction, inputs, mode) for output, entry in entries.items()}
        run, kinks = self._with_kinks(run, products, direction, inputs)
        judgements, budget = {}, run.budget()
        if self.check:
            for output, slopes in products.items():
                components = flattened(slopes)
                steps = flattened(direction)
                derivatives = [(name, steps, slope) for name, slope in components.items()]
                sides = [None if kinks is None else kinks.of(output, name) for name in components]
                compared = compare_gradient(
                    run.program, run.point, run.tape, output, derivatives, run.limits, budget, sides
                )
                judgements[output] = dict(zip(components, compared, strict=False))
        whole = whole_direction(run, direction)
        return HessianProduct(*head(run, self.of), whole, products, mode, judgements, kinks)

    def _with_kinks(
        self, run: Run, products: Mapping[str, Mapping[str, Value]], direction: Mapping[str, Value],
        inputs: Sequence[str],
    ) -> tuple[Run, Kinks | None]:  # fmt: skip
        """The run with warnings of the kinks that the products cross, and these kinks."""
        budget = run.budget().part(MOST_FOR_KINKS)

        def find() -> Kinks:
            from adcli.trust.kinks_along import product_of, second_kinks  # which most points do not need

            seconds = [product_of(output, slopes, moving(direction)) for output, slopes in products.items()]
            return second_kinks(run.program, run.point, run.tape, seconds, inputs, run.limits, budget)

        return with_kinks_found(run, inputs, Nonsmooth(self.nonsmooth), find)

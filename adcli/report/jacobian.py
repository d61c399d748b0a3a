"""What `adcli jacobian` says: the derivatives of all outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from adcli.derive.jacobians import Jacobian, jacobian
from adcli.derive.modes import Mode
from adcli.records import dataclass
from adcli.report.cells import Cell, Digits, Table, named, number
from adcli.report.compared import Compared, ComparedReport, derivative_row, difference_field
from adcli.report.fields import Field
from adcli.report.gradient import gradient_table
from adcli.report.kinks import KINKS, kink_table
from adcli.report.report import head, outputs_table
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import plural
from adcli.run import Names, Nonsmooth, Options, Run, chosen_inputs, split_names, with_kinks_of
from adcli.tape.components import flattened, index_of, labels_of, name_of, value_at
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Value
from adcli.trust.budget import MOST_FOR_KINKS
from adcli.trust.compare import Comparer, Comparison
from adcli.trust.judgement import Judgement

if TYPE_CHECKING:
    from adcli.trust.kinks import Kinks

_WIDEST = 8  # derivatives in a row


@dataclass(frozen=True, eq=False)
class JacobianReport(ComparedReport):
    """What `adcli jacobian` says.

    Attributes:
        jacobian: the derivatives by output, then by input; arrays have the sizes of the output, then those of the input
        mode, sweeps: how they were computed, and in how many sweeps
        comparisons: what differences say, by the components of the outputs, where that was asked for
        kinks: the places without a derivative
    """

    title = "jacobian"
    row = derivative_row("output input", "derivative")
    fields = (
        Field("jacobian", "the derivatives", form="{output: {input: derivative}}"),
        Field("mode", "`forward` or `reverse`", lambda report: report.mode.value),
        Field("sweeps", "how many it took: fewer than components where the Jacobian is sparse"),
        difference_field("{component: {component: object}}", lambda report: report.judgements),
        KINKS,
    )

    jacobian: Mapping[str, Mapping[str, Value]]
    mode: Mode
    sweeps: int
    comparisons: Mapping[str, Comparison]
    kinks: Kinks | None = None

    @cached_property
    def judgements(self) -> Mapping[str, Mapping[str, Judgement]]:
        """What differences say, by the components of the outputs and of the inputs, where that was asked for."""
        return {output: comparison.components for output, comparison in self.comparisons.items()}

    def derivatives(self) -> Iterator[Compared]:
        """Every derivative, by component."""
        for output, slopes in self.by_component.items():
            for name, slope in slopes.items():
                yield Compared(output, name, None, slope, self.judged(output, name))

    @cached_property
    def by_component(self) -> dict[str, Mapping[str, float]]:
        """The derivatives by the components of the outputs and of the inputs."""
        result: dict[str, Mapping[str, float]] = {}
        for output, slopes in self.jacobian.items():
            shape = shape_of(self.outputs[output])
            for label in labels_of(output, shape):
                index = index_of(label) if shape else ()
                result[label] = flattened({name: value_at(slope, index) for name, slope in slopes.items()})
        return result

    @property
    def _shared(self) -> str:
        """Whether each component has a sweep of its own, or how many share these."""
        each, values = ("output", self.outputs) if self.mode is Mode.REVERSE else ("input", self.inputs)
        names = self.jacobian if self.mode is Mode.REVERSE else next(iter(self.jacobian.values()), {})
        count = len(flattened({name: values[name] for name in names}))
        return f"one for each {each}" if count == self.sweeps else f"shared by {plural(count, each)}"

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The outputs, then the matrix: one of both across, whichever has room; and each comparison."""
        rows, mode, sweeps = self.jacobian, self.mode, self.sweeps
        caption = f"{mode.value} mode: {plural(sweeps, 'sweep')}, {self._shared}"
        tables = [outputs_table(self), matrix("jacobian", "output", self.by_component, caption)]
        for output, comparison in self.comparisons.items():
            slopes = _slopes(rows, output)
            tables.append(gradient_table(self, output, slopes, comparison, digits))
        return [*tables, kink_table(self.kinks)] if self.kinks else tables


def _slopes(rows: Mapping[str, Mapping[str, Value]], label: str) -> dict[str, Value]:
    """The derivatives of an output, or of a component of one."""
    if label in rows:
        return dict(rows[label])
    return {name: value_at(slope, index_of(label)) for name, slope in rows[name_of(label)].items()}


def matrix(title: str, of: str, rows: Mapping[str, Mapping[str, float]], caption: str) -> Table:
    """Derivatives with one name down and one across; where there are too many across, all below each other."""
    across = list(next(iter(rows.values()), {}))
    if len(across) <= _WIDEST:
        cells: list[tuple[Cell, ...]] = [(name, *slopes.values()) for name, slopes in rows.items()]
        columns = (named(of), *(number(f"∂/∂{name}") for name in across))
        return Table(title, columns, tuple(cells), caption)
    if len(rows) <= _WIDEST:
        cells = list(zip(across, *(slopes.values() for slopes in rows.values()), strict=True))
        columns = (named("input"), *(number(f"∂{name}") for name in rows))
        return Table(title, columns, tuple(cells), caption)
    cells = [(name, other, slope) for name, slopes in rows.items() for other, slope in slopes.items()]
    return Table(title, (named(of), named("input"), number("derivative")), tuple(cells), caption)


@dataclass(frozen=True)
class JacobianOptions(Options[JacobianReport]):
    """What `adcli jacobian` is asked.

    Attributes:
        of: the names of the values to differentiate, as "L,M"; by default every output
        wrt: the inputs to differentiate by; by default all
        mode: "forward" or "reverse"; by default whichever needs fewer sweeps
        check: whether to compare with differences
        nonsmooth: what to do where there is no derivative: "report" it, raise an "error", or be "quiet"
    """

    of: Names = None
    wrt: Names = None
    mode: str | None = None
    check: bool = False
    nonsmooth: str = "report"

    def report(self, run: Run) -> JacobianReport:
        """The derivatives of every output, or of some named values, by every input, or by some."""
        inputs = chosen_inputs(run.program, self.wrt)
        names = split_names(self.of)
        names = run.program.outputs if names is None else names
        selections = [select(run.tape, name) for name in names]
        tape, entries = with_entries(run.tape, selections)
        mode = None if self.mode is None else Mode(self.mode)
        derivatives = jacobian(tape, entries, inputs, mode, run.colourings)
        labels = [label for name, entry in entries.items() for label in labels_of(name, shape_of(tape.values[entry]))]
        run, kinks = with_kinks_of(
            run, inputs, lambda: {label: _slopes(derivatives.rows, label) for label in labels},
            Nonsmooth(self.nonsmooth), run.budget().part(MOST_FOR_KINKS),
        )  # fmt: skip
        comparisons = _compared(run, labels, derivatives, kinks) if self.check else {}
        return JacobianReport(*head(run, names), *derivatives, comparisons, kinks)


def _compared(run: Run, labels: Sequence[str], derivatives: Jacobian, kinks: Kinks | None) -> dict[str, Comparison]:
    """Each component of the outputs beside its differences."""
    components = {label: select(run.tape, label) for label in labels}
    comparer = Comparer(run.program, run.point, run.tape, None, run.limits, components, run.budget())
    rows = derivatives.rows
    return {label: comparer.compare(label, _slopes(rows, label), None, 0, kinks) for label in labels}

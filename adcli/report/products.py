"""What `adcli jvp` and `adcli vjp` say: a tangent of each output, an adjoint of each input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from adcli.derive.modes import adjoints_of, gradients_of, or_zero
from adcli.errors import AdError, Problem
from adcli.program.suggest import did_you_mean
from adcli.records import dataclass
from adcli.report.cells import Digits, Table, number, number_text, prose
from adcli.report.compared import Compared, ComparedReport, beside, compared_table, derivative_row, difference_field
from adcli.report.entries import LINE, NAME, NUMBER, OPERATION, RESULT, Entry
from adcli.report.fields import Field, table
from adcli.report.fold import Heading, folded
from adcli.report.kinks import KINKS, kink_table
from adcli.report.report import head
from adcli.report.selection import Chosen, Selection
from adcli.rules.dispatch import shape_of, zero_like
from adcli.rules.shapes import shape_text
from adcli.run import DOUBTFUL, Names, Nonsmooth, Options, Run, chosen_inputs, with_kinks, with_kinks_found
from adcli.syntax.formula import Formula
from adcli.tape.components import flattened, is_nonzero
from adcli.tape.describe import tangent_text
from adcli.tape.domains import push_forward
from adcli.tape.inputs import Given, value_given
from adcli.tape.labels import adjoint_name, label_formula, labels, tangent_name
from adcli.tape.reach import active_entries
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Guard, Value
from adcli.trust.budget import MOST_FOR_KINKS
from adcli.trust.compare import AFFORDABLE
from adcli.trust.guards import is_smooth
from adcli.trust.judgement import Judgement
from adcli.trust.products import compare_sum

if TYPE_CHECKING:
    from adcli.trust.kinks import Kinks, Slopes


def _written(row: Entry) -> str:
    label = label_formula(row.label)
    return Formula(label, " = ", row.operation) if row.tape.operands[row.place] else label


def _tangent_text(row: Entry, digits: Digits) -> str | None:
    """How the tangent comes out of those of the operands; nothing where it is zero by structure."""
    tangent = row.carried[row.place]
    if tangent is None:
        return None
    formula = tangent_text(row.tape, row.place, row.carried, row.names)
    return Formula(label_formula(tangent_name(row.label)), " = ", formula or number_text(tangent, digits))


def _is_passive(row: Entry) -> bool:
    """Whether the tangent is zero by structure."""
    return row.carried[row.place] is None


# Of an entry that carries the tangents of all.
TANGENT_ENTRY = (
    NUMBER.shown(prose("entry"), _written),
    NAME,
    OPERATION,
    RESULT,
    Field("", column=prose("tangent"), text=_tangent_text),
    Field(
        "tangent", "its tangent", lambda row: or_zero(row.carried[row.place], row.value),
        column=number("="), show=lambda row: row.carried[row.place],
    ),
    LINE,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class TangentReport(ComparedReport):
    """What `adcli jvp` says: the forward sweep along one direction.

    Attributes:
        direction: the tangent of each input
        tangents: the tangent of each output
        judgements: what differences say of them, where that was asked for
        run: what ran
        all_tangents: the tangent of every entry; None where it is zero by structure
        chosen: the entries that the reader wants to see
    """

    title = "tangents"
    row = derivative_row("output value", "tangent")
    fields = (
        Field("direction", "the tangent of each input", form="{input: tangent}"),
        Field("tangents", "the tangent of each output", form="{output: tangent}"),
        Field("entries", "the forward sweep", lambda report: report._entries, "[object]", TANGENT_ENTRY),
        difference_field("{component: object}", lambda report: report.judgements),
        KINKS,
    )

    direction: Mapping[str, Value]
    tangents: Mapping[str, Value]
    judgements: Mapping[str, Judgement]
    run: Run
    all_tangents: list[Value | None]
    chosen: Chosen
    kinks: Kinks | None = None

    @property
    def _entries(self) -> list[Entry]:
        return [self._entry(entry) for entry in self.chosen.entries()]

    def _entry(self, entry: int) -> Entry:
        return Entry(self.run.tape, self.chosen.names, entry, self.all_tangents)

    def derivatives(self, whole: bool = False) -> list[Compared]:
        """The tangents of the outputs, arrays by component or whole."""
        return [
            Compared(name, "", value, tangent, self.judgements.get(name), label=name)
            for name, value, tangent in beside(self.outputs, self.tangents, whole)
        ]

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The forward sweep, entry by entry, then the outputs."""
        rows = [
            item.text if isinstance(item, Heading) else self._entry(item)
            for item in folded(self.run.tape, self.chosen)
            if not isinstance(item, Guard)
        ]
        sweep = table("forward sweep", rows, TANGENT_ENTRY, digits=digits, dimmed=_is_passive)
        tables = [sweep, compared_table("tangents", self.derivatives(whole=not self.judgements), self.row)]
        return [*tables, kink_table(self.kinks)] if self.kinks else tables


def directions(run: Run, given: Mapping[str, Given]) -> dict[str, Value]:
    """A direction of the inputs as it is given, of their shapes; a number stands for all elements of an array.

    Raises AdError `unknown-input` or `shape`.
    """
    chosen_inputs(run.program, list(given))
    return {name: like(value, run.point[name], f"the tangent of `{name}`") for name, value in given.items()}


def like(given: Given, value: Value, what: str) -> Value:
    """What is given for a derivative, of the shape of the value; raises AdError `shape`."""
    number = value_given(given, what)
    shape, wanted = shape_of(number), shape_of(value)
    if not shape:
        return zero_like(value) + number if wanted else number
    if shape != wanted:
        message = f"{what} is {shape_text(shape)}, and the value is {shape_text(wanted)}"
        raise AdError(Problem("shape", message))
    return number


def moving(direction: Mapping[str, Value]) -> dict[str, Value]:
    """The part of a direction that is not zero."""
    return {name: step for name, step in direction.items() if is_nonzero(step)}


def whole_direction(run: Run, direction: Mapping[str, Value]) -> dict[str, Value]:
    """A direction with a component for each input."""
    return {name: direction.get(name, zero_like(value)) for name, value in run.point.items()}


@dataclass(frozen=True)
class TangentOptions(Options[TangentReport]):
    """What `adcli jvp` is asked.

    Attributes:
        dot: the tangents of inputs; those of the others are 0
        of: the name of the value whose tangent is asked for; by default every output
        check: whether to compare with differences
        selection: the entries to show
        nonsmooth: what to do where there is no derivative: "report" it, raise an "error", or be "quiet"
    """

    dot: Mapping[str, Given]
    of: str | None = None
    check: bool = False
    selection: Selection | None = None
    nonsmooth: str = "report"

    def report(self, run: Run) -> TangentReport:
        """The tangent of every output, or of one named value, along a direction of the inputs."""
        direction = directions(run, self.dot)
        names = run.program.outputs if self.of is None else (self.of,)
        tape, entries = with_entries(run.tape, [select(run.tape, name) for name in names])
        run = run._replace(tape=tape)
        inputs = {tape.inputs[name]: step for name, step in moving(direction).items()}
        every_tangent = push_forward(tape, inputs)
        tangents = {name: or_zero(every_tangent[entry], tape.values[entry]) for name, entry in entries.items()}
        active = active_entries(tape, list(inputs))
        chosen = Chosen(self.selection, tape, labels(tape), active)
        run, kinks = self._with_kinks(run, tangents, moving(direction))
        judgements = _judged_tangents(run, direction, tangents, kinks) if self.check else {}
        whole = whole_direction(run, direction)
        return TangentReport(*head(run, self.of), whole, tangents, judgements, run, every_tangent, chosen, kinks)

    def _with_kinks(
        self, run: Run, tangents: Mapping[str, Value], direction: Mapping[str, Value]
    ) -> tuple[Run, Kinks | None]:
        """The run with warnings of the kinks that the tangents cross, and these kinks."""

        def find() -> Kinks:
            from adcli.trust.kinks_along import tangent_kinks  # which most points do not need

            return tangent_kinks(run.program, run.point, run.tape, flattened(tangents), direction, run.limits)

        return with_kinks_found(run, direction, Nonsmooth(self.nonsmooth), find)


def _judged_tangents(
    run: Run, direction: Mapping[str, Value], tangents: Mapping[str, Value], kinks: Kinks | None
) -> dict[str, Judgement]:
    """What differences say of each component of the tangents."""
    steps, budget = flattened(direction), run.budget()
    judgements = {}
    for name, tangent in flattened(tangents).items():
        slopes = None if kinks is None else kinks.along(name)
        for judgement in compare_sum(
            run.program, run.point, run.tape, {name: 1.0}, [(steps, tangent)], run.limits, budget, [slopes]
        ):
            judgements[name] = judgement
    return judgements


@dataclass(frozen=True, eq=False)
class AdjointReport(ComparedReport):
    """What `adcli vjp` says: the adjoint of each input, given those of the outputs.

    Attributes:
        seeds: the adjoint that each output starts with
        adjoints: the adjoint of each input
        judgements: what differences say of them, where that was asked for
    """

    title = "adjoints"
    row = derivative_row("input value", "adjoint")
    fields = (
        Field("seeds", "the adjoint that each output starts with", form="{output: adjoint}"),
        Field("adjoints", "the adjoint of each input", form="{input: adjoint}"),
        difference_field("{component: object}", lambda report: report.judgements),
        KINKS,
    )

    seeds: Mapping[str, Value]
    adjoints: Mapping[str, Value]
    judgements: Mapping[str, Judgement]
    kinks: Kinks | None = None

    def derivatives(self, whole: bool = False) -> list[Compared]:
        """The adjoints of the inputs, arrays by component or whole."""
        return [
            Compared("", name, value, adjoint, self.judgements.get(name), label=adjoint_name(name))
            for name, value, adjoint in beside(self.inputs, self.adjoints, whole)
        ]

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The outputs with the adjoints that they start with, then the inputs with theirs."""
        seeds = [Compared(name, "", value, self.seeds.get(name, 0.0), None) for name, value in self.outputs.items()]
        adjoints = compared_table("adjoints", self.derivatives(whole=not self.judgements), self.row)
        tables = [compared_table("outputs", seeds, derivative_row("output value", "adjoint")), adjoints]
        return [*tables, kink_table(self.kinks)] if self.kinks else tables


@dataclass(frozen=True)
class AdjointOptions(Options[AdjointReport]):
    """What `adcli vjp` is asked.

    Attributes:
        bar: the adjoints of outputs, or of any named values; those of the others are 0
        wrt: the inputs whose adjoints are asked for; by default all
        check: whether to compare with differences
        nonsmooth: what to do where there is no derivative: "report" it, raise an "error", or be "quiet"
    """

    bar: Mapping[str, Given]
    wrt: Names = None
    check: bool = False
    nonsmooth: str = "report"

    def report(self, run: Run) -> AdjointReport:
        """The adjoint of each input: the sum over the outputs of each one's adjoint times its derivative."""
        tape = run.tape
        inputs = chosen_inputs(run.program, self.wrt)
        seeds = self._seeds(run)
        entries: dict[int, Value] = {}
        for name, seed in seeds.items():
            entries[tape.bindings[name]] = entries.get(tape.bindings[name], 0.0) + seed
        adjoints = adjoints_of(tape, entries, inputs)
        derivatives, budget = _derivatives_of(run, seeds, inputs), run.budget().part(MOST_FOR_KINKS)
        run, kinks = with_kinks(run, derivatives, Nonsmooth(self.nonsmooth), budget, DOUBTFUL)
        judgements: dict[str, Judgement] = {}
        if self.check:
            components = flattened(adjoints)
            directions = [({name: 1.0}, adjoint) for name, adjoint in components.items()]
            known = _known_slopes(seeds, derivatives, kinks) if kinks else {}
            slopes = [known.get(name) for name in components]
            compared = compare_sum(run.program, run.point, tape, seeds, directions, run.limits, run.budget(), slopes)
            judgements = dict(zip(components, compared, strict=False))
        return AdjointReport(*head(run, seeds), seeds, adjoints, judgements, kinks)

    def _seeds(self, run: Run) -> dict[str, Value]:
        """What is given, of the shapes of the values. Raises AdError `unknown-name` or `shape`."""
        bindings = run.tape.bindings
        unknown = next((name for name in self.bar if name not in bindings), None)
        if unknown is not None:
            help_text = did_you_mean(unknown, bindings) or f"its outputs: {', '.join(run.program.outputs)}"
            raise AdError(Problem("unknown-name", f"the program has no value `{unknown}`", help=help_text))
        return {
            name: like(value, run.tape.values[bindings[name]], f"the adjoint of `{name}`")
            for name, value in self.bar.items()
        }


def _known_slopes(
    seeds: Mapping[str, Value], derivatives: Mapping[str, Mapping[str, Value]], kinks: Kinks
) -> dict[str, Slopes]:
    """The slopes of the sum of the outputs, by component of the inputs; none where not all outputs were looked at."""
    from adcli.trust.kinks import slopes_of_sum  # which most points do not need

    weights = {label: seed for label, seed in flattened(seeds).items() if seed}
    return slopes_of_sum(kinks, weights, derivatives) if len(derivatives) == len(weights) else {}


def _derivatives_of(run: Run, seeds: Mapping[str, Value], inputs: Sequence[str]) -> dict[str, dict[str, Value]]:
    """The derivatives of each component of the outputs that starts with an adjoint; none where nothing has a kink."""
    if is_smooth(run.tape):
        return {name: dict.fromkeys(inputs, 0.0) for name in seeds}
    components = [select(run.tape, label) for label, seed in flattened(seeds).items() if seed]
    components = components[:AFFORDABLE]
    return gradients_of(run.tape, {part.label: part for part in components}, inputs)

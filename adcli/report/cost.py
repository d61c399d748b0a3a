"""What `adcli cost` says: what a gradient costs by each method."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

from adcli.derive.checkpoint import checkpointed_gradient
from adcli.derive.cost import Cost, gradient_cost, tape_bytes
from adcli.derive.modes import adjoints_of, units
from adcli.derive.reversal import Reversal
from adcli.derive.revolve import forward_steps, repetitions
from adcli.program.program import has_checkpoints
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Column, Digits, Records, Table, number, prose
from adcli.report.entries import LINE
from adcli.report.fields import Field, counted, records_of, table, within
from adcli.report.report import Report, head
from adcli.rules.shapes import plural
from adcli.run import Names, Options, Run, chosen_inputs, differentiated_outputs
from adcli.syntax.source import Source
from adcli.tape.describe import large
from adcli.tape.domains import push_forward
from adcli.tape.execute import execute
from adcli.tape.selected import Selected, with_entries

_PATIENCE = 0.5  # seconds that one method is measured for
_LEAST = 3  # times that it is measured


class Method(NamedTuple):
    """A way to a gradient: what it takes, the entries that it executes, and the seconds that were measured.

    `ratio` and `slower` are relative to the value: its entries, its seconds.
    """

    name: str
    takes: str
    entries: int
    ratio: float
    seconds: float | None
    slower: float | None


METHOD_NAME = Field("method", get=lambda row: row.name, column=Column("method"))
METHOD = (
    Field("", column=prose("takes"), show=lambda row: row.takes),
    Field("entries", "how many are executed", column=number("entries")),
    Field(
        "ratio", "the same, relative to those of the value", column=number("per value"),
        show=lambda row: f"{row.ratio:.2f}",
    ),
    Field("seconds", "what was measured; null where it was not"),
)  # fmt: skip
MEASURED = (
    Field(
        "", column=number("measured"),
        show=lambda row: "not measured" if row.seconds is None else duration(row.seconds),
    ),
    Field("", column=number("per value"), show=lambda row: None if row.slower is None else f"{row.slower:.2f}"),
)  # fmt: skip

MEMORY = (
    Field("saved", "values on the tape", lambda report: report.cost.saved),
    Field("needed", "values that the reverse sweep reads", lambda report: report.cost.needed),
    Field("bytes", "the memory of the tape"),
)


class Loop(NamedTuple):
    """A loop that was reversed from checkpoints."""

    source: Source
    reversal: Reversal

    @property
    def line(self) -> int:
        """Where it stands in the program."""
        return self.source.place(self.reversal.node.span.start)[0]

    @property
    def optimum(self) -> int:
        """The fewest steps that may be run again."""
        return forward_steps(self.reversal.steps, self.reversal.snapshots)


LOOP = (
    Field("", column=Column("loop"), show=lambda row: f"for {row.reversal.node.variable.name}"),
    LINE,
    *within("reversal", (
        Field("iterations", "how many it has", column=number("iterations"), show=lambda loop: f"{loop.iterations:,}"),
        Field("steps", "of how many steps these are: of one iteration each, or of a stretch of a long loop",
              column=number("steps"), show=lambda loop: f"{loop.steps:,}"),
        Field("snapshots", "how many states may be kept", column=number("kept states"),
              show=lambda loop: f"{loop.most_kept:,} of {loop.snapshots:,}"),
        Field("kept", "how many were at most", lambda loop: loop.most_kept),
        Field("again", "how many steps were run again", lambda loop: loop.advanced, column=number("run again"),
              show=lambda loop: f"{loop.advanced:,}"),
    )),
    Field("optimum", "the fewest possible", column=number("optimum"), show=lambda row: f"{row.optimum:,}"),
    *within("reversal", (
        Field("repetitions", "how often a step is run at most", lambda loop: repetitions(loop.steps, loop.snapshots)),
        Field("bytes", "the memory of the kept states", column=number("memory"),
              show=lambda loop: f"{loop.bytes:,} bytes"),
    )),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class CostReport(Report):
    """What `adcli cost` says.

    Attributes:
        output: what is differentiated
        cost: what was counted
        methods: the ways to the gradient, the value in front
        bytes: the memory of the tape
        loops: how those loops were reversed that are reversed from checkpoints
    """

    fields = (
        Field("output", "what is differentiated"),
        Field(
            "methods", "the ways to the gradient",
            lambda report: {method.name: method for method in report.methods}, "{method: object}", METHOD,
        ),
        Field("expression", "the symbols of the output as one expression; beyond 2^53 a power of ten as a text",
              lambda report: counted(report.cost.expression)),
        Field("symbolic", "the symbols of its derivatives, likewise", lambda report: counted(report.cost.symbolic)),
        Field("memory", "what the tape takes", lambda report: report, "object", MEMORY),
        Field(
            "checkpoints", "the loops",
            lambda report: report._loops or None, "[object]", LOOP,
            "where loops are reversed from checkpoints",
        ),
    )  # fmt: skip

    output: str
    cost: Cost
    methods: tuple[Method, ...]
    bytes: int
    loops: tuple[Reversal, ...] = ()

    @property
    def _loops(self) -> list[Loop]:
        return [Loop(self.source, reversal) for reversal in self.loops]

    def records(self) -> Records:
        """The methods, one to a row."""
        return records_of(self.methods, (METHOD_NAME, *METHOD))

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The methods, then the tape and the expressions."""
        title = f"cost of the gradient of {self.output} by {plural(self.cost.inputs, 'input')}"
        measured = MEASURED if self.methods[0].seconds is not None else ()
        tables = [table(title, self.methods, (METHOD_NAME, *METHOD, *measured)), self._sizes()]
        caption = (
            "each step is recorded once; those run again are the price of keeping few states, and no schedule has "
            "fewer (Griewank and Walther's revolve)"
        )
        return [*tables, table("loops reversed from checkpoints", self._loops, LOOP, caption)] if self.loops else tables

    def _sizes(self) -> Table:
        cost = self.cost
        share = f" ({100 * cost.needed / cost.saved:.0f} %)" if cost.saved else ""
        rows = [
            ("values on the tape", f"{cost.saved:,}"),
            ("values that the reverse sweep reads", f"{cost.needed:,}{share}"),
            ("memory of the tape", f"{self.bytes:,} bytes"),
        ]
        if cost.expression:
            rows += [
                (f"symbols of {self.output} as one expression", large(cost.expression)),
                ("symbols of its derivatives as expressions", large(cost.symbolic)),
            ]
        return Table("sizes", (Column("what"), number("size")), tuple(rows))


@dataclass(frozen=True)
class CostOptions(Options[CostReport]):
    """What `adcli cost` is asked.

    Attributes:
        of: the name of the value to differentiate; by default the first output
        wrt: the inputs to differentiate by; by default all
        measure: whether to measure times, and not only count
        checkpoint: how many states the reverse sweep of a loop may keep, for loops that do not say so themselves
    """

    of: str | None = None
    wrt: Names = None
    measure: bool = True
    checkpoint: int | None = None

    def report(self, run: Run) -> CostReport:
        """What a gradient costs."""
        inputs = chosen_inputs(run.program, self.wrt)
        ((output, selected),) = differentiated_outputs(run, self.of or run.program.outputs[0]).items()
        tape, entries = with_entries(run.tape, [selected])
        cost = gradient_cost(tape, entries[output], [run.tape.inputs[name] for name in inputs])
        methods = _methods(run, selected, inputs, cost, self.measure)
        loops: tuple[Reversal, ...] = ()
        if has_checkpoints(run.program, self.checkpoint):
            reversed_loops = checkpointed_gradient(run.program, run.point, output, inputs, self.checkpoint, run.limits)
            loops = tuple(reversed_loops.loops)
        return CostReport(*head(run, self.of), output, cost, methods, tape_bytes(run.tape), loops)


def _methods(run: Run, selected: Selected, inputs: Sequence[str], cost: Cost, measure: bool) -> tuple[Method, ...]:
    """The ways to a gradient: what each takes, and the seconds that it took."""
    value = seconds_of(lambda: execute(run.program, run.point, run.limits)) if measure else None

    def reverse() -> object:
        tape = execute(run.program, run.point, run.limits)
        return adjoints_of(tape, selected.seeds(tape), inputs)

    def forward() -> object:
        tape = execute(run.program, run.point, run.limits)
        return [push_forward(tape, {tape.inputs[name]: unit}) for name in inputs for unit in units(run.point[name])]

    def differences() -> object:
        return [execute(run.program, run.point, run.limits) for _ in range(2 * cost.inputs)]

    def seconds(work: Callable[[], object], entries: int) -> float | None:
        """None where it would take longer than anybody waits."""
        affordable = value is not None and value * entries <= 4 * _PATIENCE * max(cost.value, 1)
        return seconds_of(work) if affordable else None

    def method(name: str, takes: str, entries: int, seconds: float | None) -> Method:
        ratio = entries / cost.value if cost.value else 1.0
        return Method(name, takes, entries, ratio, seconds, seconds / value if seconds and value else None)

    count = plural(cost.inputs, "forward sweep")
    return (
        method("value", "1 run", cost.value, value),
        method("reverse mode", "1 run, 1 reverse sweep", cost.reverse, seconds_of(reverse) if measure else None),
        method("forward mode", f"1 run, {count}", cost.forward, seconds(forward, cost.forward)),
        method(
            "central differences", plural(2 * cost.inputs, "run"), cost.differences,
            seconds(differences, cost.differences),
        ),
    )  # fmt: skip


def seconds_of(work: Callable[[], object]) -> float:
    """How long something takes: the median of as many runs as there is time for."""
    times: list[float] = []
    end = time.perf_counter() + _PATIENCE
    while len(times) < _LEAST or (time.perf_counter() < end and len(times) < 100):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def duration(seconds: float) -> str:
    """`1.5 ms`."""
    unit, scale = next((unit, scale) for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)) if (
        seconds >= scale or unit == "ns"
    ))  # fmt: skip
    return f"{seconds / scale:.3g} {unit}"

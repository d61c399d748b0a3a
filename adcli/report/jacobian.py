"""What `adcli jacobian` says: the derivatives of all outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from adcli.derive.modes import Jacobian, Mode, jacobian
from adcli.report.cells import Cell, Column, Digits, Table
from adcli.report.compared import HEADINGS, ComparedReport, judgement_record, judgements_to_dict
from adcli.report.gradient import gradient_table
from adcli.report.model import Run, chosen_inputs, head, outputs_table, warned
from adcli.rules.dispatch import shape_of
from adcli.tape.components import flattened, index_of, labels_of, name_of, value_at
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Value
from adcli.trust.compare import Comparer, Comparison, Difference
from adcli.trust.verdict import Judgement

_WIDEST = 8  # derivatives in a row


@dataclass(frozen=True, eq=False)
class JacobianReport(ComparedReport):
    """What `adcli jacobian` says: the derivatives by output, then by input, and how they were computed."""

    jacobian: Jacobian
    comparisons: Mapping[str, Comparison]

    def judgements_made(self) -> Iterable[Judgement]:
        """Everything that was compared."""
        return (judgement for one in self.comparisons.values() for judgement in one.components.values())

    def _own(self) -> dict[str, Any]:
        how = {"mode": self.jacobian.mode.value, "sweeps": self.jacobian.sweeps}
        difference = {
            output: judgements_to_dict(comparison.components) for output, comparison in self.comparisons.items()
        }
        return {"jacobian": self.jacobian.rows, **how} | ({"difference": difference} if difference else {})

    def records(self) -> Table:
        """A row for each derivative."""
        rows = tuple(
            (output, name, slope, *judgement_record(self._judgement(output, name)))
            for output, slopes in self.by_component.items()
            for name, slope in slopes.items()
        )
        return Table("jacobian", tuple(map(Column, ("output", "input", "derivative", *HEADINGS))), rows)

    @cached_property
    def by_component(self) -> dict[str, dict[str, float]]:
        """The derivatives by the components of the outputs and of the inputs."""
        result: dict[str, dict[str, float]] = {}
        for output, slopes in self.jacobian.rows.items():
            shape = shape_of(self.outputs[output])
            for label in labels_of(output, shape):
                index = index_of(label) if shape else ()
                result[label] = flattened({name: value_at(slope, index) for name, slope in slopes.items()})
        return result

    def _judgement(self, output: str, name: str) -> Any:
        comparison = self.comparisons.get(output)
        return comparison.components.get(name) if comparison is not None else None

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The outputs, then the matrix: one of both across, whichever has room; and each comparison."""
        rows, mode, sweeps = self.jacobian
        each = "output" if mode is Mode.REVERSE else "input"
        caption = f"{mode.value} mode: {sweeps} sweep{'' if sweeps == 1 else 's'}, one for each {each}"
        tables = [outputs_table(self), matrix("jacobian", "output", self.by_component, caption)]
        for output, comparison in self.comparisons.items():
            slopes = _slopes(rows, output)
            tables.append(gradient_table(self, output, slopes, comparison, digits))
        return tables


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
        columns = (Column(of), *(Column(f"∂/∂{name}", number=True) for name in across))
        return Table(title, columns, tuple(cells), caption)
    if len(rows) <= _WIDEST:
        cells = [(name, *(slopes[name] for slopes in rows.values())) for name in across]
        columns = (Column("input"), *(Column(f"∂{name}", number=True) for name in rows))
        return Table(title, columns, tuple(cells), caption)
    cells = [(name, other, slope) for name, slopes in rows.items() for other, slope in slopes.items()]
    return Table(title, (Column(of), Column("input"), Column("derivative", number=True)), tuple(cells), caption)


def jacobian_report(
    run: Run,
    of: Sequence[str] | None = None,
    wrt: Sequence[str] | None = None,
    mode: str | None = None,
    check: bool = False,
) -> JacobianReport:
    """The derivatives of every output, or of some named values, by every input, or by some."""
    inputs = chosen_inputs(run.program, wrt)
    names = tuple(of) if of is not None else run.program.outputs
    tape, entries = with_entries(run.tape, [select(run.tape, name) for name in names])
    found = jacobian(tape, entries, inputs, None if mode is None else Mode(mode))
    comparisons: dict[str, Comparison] = {}
    if check:
        labels = [label for name, entry in entries.items() for label in labels_of(name, shape_of(tape.values[entry]))]
        components = {label: select(run.tape, label) for label in labels}
        comparer = Comparer(run.program, run.point, run.tape, None, run.max_entries, components)
        for label in labels:
            slopes = _slopes(found.rows, label)
            comparisons[label] = comparer.compare(label, slopes, Difference.ALL, 0)
    run = warned(run, run.tape.active([run.tape.inputs[name] for name in inputs]))
    source, point, warnings, outputs = head(run)
    outputs |= {name: tape.values[entry] for name, entry in entries.items()}
    return JacobianReport(source, point, warnings, outputs, found, comparisons)

"""What `adcli root` says: the root, and how it moves with the other inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Digits, Records, Table, named, number
from adcli.report.fields import Field, records_of, table
from adcli.report.report import Report, head
from adcli.run import Names, Options, Start
from adcli.tape.components import flattened
from adcli.tape.tape import Value

_SHOWN = 40  # sensitivities that a table has


class Unknown(NamedTuple):
    """A component of what was solved for.

    Attributes:
        name: of the component
        start, value: where it was and is
        error: how far it may be off by rounding
    """

    name: str
    start: float
    value: float
    error: float


class Sensitivity(NamedTuple):
    """How a component of the root moves with one of the other inputs."""

    unknown: str
    input: str
    value: float
    derivative: float


class Looked(NamedTuple):
    """A point at which the equations were looked at."""

    number: int
    off_by: float
    unknowns: Mapping[str, float]


UNKNOWN = (
    Field("unknown", "the component", lambda row: row.name, column=named("unknown")),
    Field("start", "where the search began", column=number("start")),
    Field("value", "at the root", column=number("root")),
    Field("error", "how far it may be off by rounding; infinite where the root is singular", column=number("± error"),
          show=lambda row: "not told" if math.isinf(row.error) else f"{row.error:.1e}"),
)  # fmt: skip

SENSITIVITY = (
    Field("unknown", "the component of the root", column=named("unknown")),
    Field("input", "the component of another input", column=named("input")),
    Field("value", "of that input", column=number("value")),
    Field("derivative", "of the root by it", column=number("derivative")),
)

LOOKED = (
    Field("point", "counted from 0", lambda row: row.number),
    Field("off_by", "the most that an equation is off by"),
    Field("unknowns", "there", form="{component: value}"),
)


@dataclass(frozen=True, eq=False, repr=False)
class RootReport(Report):
    """What `adcli root` says. Its `inputs` and `outputs` are those at the root."""

    fields = (
        Field("equations", "the values that are to be zero", form="[name]"),
        Field("method", "what searched"),
        Field("converged", "whether the equations hold within rounding, and the root has a derivative"),
        Field("reason", "how the search ended"),
        Field("unknowns", "the root by component", form="[object]", fields=UNKNOWN),
        Field("solution", "the same by input", form="{input: value}"),
        Field("off_by", "what each equation is off by", form="{component: number}"),
        Field("condition", "of the Jacobian with scaled rows and columns; infinite where it is singular"),
        Field("sensitivity", "the derivatives of the root by the other inputs", form="{component: {input: derivative}}",
              when="where it converged"),
        Field("looked", "the points at which the equations were looked at", form="[object]", fields=LOOKED),
    )  # fmt: skip

    equations: Sequence[str]
    method: str
    converged: bool
    interrupted: bool
    reason: str
    unknowns: Sequence[Unknown]
    solution: Mapping[str, Value]
    off_by: Mapping[str, float]
    condition: float
    sensitivity: Mapping[str, Mapping[str, Value]] | None
    looked: Sequence[Looked]

    @property
    def wrong(self) -> bool:
        """Whether there is no root to be relied on."""
        return not self.converged

    def sensitivities(self) -> Iterator[Sensitivity]:
        """The derivatives by component."""
        numbers = flattened(self.inputs)
        for unknown, slopes in (self.sensitivity or {}).items():
            for label, slope in flattened(slopes).items():
                yield Sensitivity(unknown, label, numbers[label], slope)

    def records(self) -> Records:
        """The unknowns."""
        return records_of(self.unknowns, UNKNOWN)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The root, then its sensitivities."""
        listed = ", ".join(f"{name} = 0" for name in self.equations)
        title = f"root of {listed}" if self.converged else f"no root of {listed}: where the search ended"
        tables = [table(title, self.unknowns, UNKNOWN, "\n".join(self._notes()))]
        rows: list[Any] = list(self.sensitivities())
        if rows:
            left = len(rows) - _SHOWN
            shown = [*rows[:_SHOWN], f"{left:,} more, which JSON has"] if left > 1 else rows
            tables.append(table("how the root moves with the other inputs", shown, SENSITIVITY))
        return tables

    def _notes(self) -> Iterator[str]:
        yield f"{'converged' if self.converged else 'not converged'}: {self.reason}"
        yield f"off by {max(map(abs, self.off_by.values()), default=0.0):.1e}; {self._condition()}"
        points = len(self.looked)
        yield f"{self.method}; the equations were looked at {points:,} {'time' if points == 1 else 'times'}"

    def _condition(self) -> str:
        if math.isinf(self.condition):
            return "the Jacobian is singular there"
        return f"condition of the Jacobian {self.condition:.2g}"


@dataclass(frozen=True, eq=False, repr=False)
class RootOptions(Options[RootReport]):
    """What `adcli root` is asked.

    Attributes:
        solve: the inputs to solve for; by default the only one
        of: the values that are to be zero; by default all outputs
        wrt: the inputs by which the root is differentiated; by default all others
        looked: told of each point at which the equations are looked at
    """

    solve: Names = None
    of: Names = None
    wrt: Names = None
    looked: Callable[[Any], None] | None = None

    def answer(self, start: Start) -> RootReport:
        """Search from the start. Raises AdError as `adcli.jobs.root.root` does."""
        from adcli.jobs.root import root

        found = root(start, self.solve, self.of, self.wrt, self.looked)
        unknowns = found.unknowns
        columns = (unknowns.start, found.x, found.error)
        rows = zip(unknowns.labels, *(column.tolist() for column in columns), strict=True)
        values = {name: found.end.tape.values[found.end.tape.bindings[name]] for name in found.end.tape.bindings}
        equations = flattened({name: values[name] for name in found.equations if name in values})
        labels = list(equations) if len(equations) == len(found.off_by) else list(found.equations)
        return RootReport(
            *head(found.end),
            equations=found.equations,
            method=found.method,
            converged=found.converged,
            interrupted=found.interrupted,
            reason=found.reason,
            unknowns=[Unknown(*row) for row in rows],
            solution=unknowns.values(found.x),
            off_by=dict(zip(labels, found.off_by.tolist(), strict=True)),
            condition=found.condition,
            sensitivity=found.sensitivity,
            looked=[
                Looked(each.number, each.off_by, dict(zip(unknowns.labels, each.x.tolist(), strict=True)))
                for each in found.looked
            ],
        )

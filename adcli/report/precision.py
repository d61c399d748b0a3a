"""What `adcli precision` says: how far rounding may have taken each output, and where its digits were lost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from adcli.derive.modes import units
from adcli.errors import AdError, Problem
from adcli.records import NamedTuple, dataclass
from adcli.report.cells import Digits, Records, Table
from adcli.report.entries import Entry
from adcli.report.fields import records_of
from adcli.report.precision_rows import BOUNDS, PRECISION, VERIFIED_BOUNDS, Rounded, Verification
from adcli.report.precision_tables import MOST_LOSSES, bounds_table, condition_table, losses_tables, verification_table
from adcli.report.report import Report, head
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import shape_text
from adcli.run import Names, Options, Run, chosen_inputs
from adcli.tape.components import flattened, index_of, labels_of
from adcli.tape.labels import labels
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.decisions import Decision, close_decisions
from adcli.trust.precision import Precision, Roundings, digits_of, precision

if TYPE_CHECKING:
    from adcli.trust.verify import Lost, Turned

_MOST_COMPONENTS = 50  # that are swept from
_EXACT_DIGITS = 20  # of an exact value


class Verified(NamedTuple):
    """What a run with many digits says: of each output, of the entries, and of the decisions."""

    outputs: Mapping[str, Verification]
    lost: Lost | None
    turned: tuple[Turned, ...]


@dataclass(frozen=True, eq=False)
class PrecisionReport(Report):
    """What `adcli precision` says.

    Attributes:
        results: the rounding error by output; of an array by component
        tape: what ran
        decisions: those that rounding may have turned
        verified: what a run with many digits says, if one was asked for
        left_out: the outputs with too many components
        everything: whether all losses are told
    """

    fields = PRECISION

    results: Mapping[str, Precision]
    tape: Tape
    decisions: tuple[Decision, ...]
    verified: Verified | None
    left_out: tuple[str, ...]
    everything: bool

    @property
    def wrong(self) -> bool:
        """Whether a true error exceeds its bound."""
        return self.verified is not None and any(row.holds is False for row in self.verified.outputs.values())

    @cached_property
    def rows(self) -> tuple[Rounded, ...]:
        """The outputs, one to a row; of an array its components."""
        names, most = labels(self.tape), None if self.everything else MOST_LOSSES
        verified = {} if self.verified is None else self.verified.outputs
        return tuple(
            Rounded(self.tape, names, name, result, verified.get(name), most) for name, result in self.results.items()
        )

    @property
    def lost(self) -> Entry | None:
        """The first entry that has lost half of its digits."""
        lost = self.verified and self.verified.lost
        return Entry(self.tape, labels(self.tape), lost.entry, lost) if lost else None

    def records(self) -> Records:
        """A row for each output."""
        return records_of(self.rows, BOUNDS if self.verified is None else VERIFIED_BOUNDS)

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The bounds, the entries that bring them, the condition numbers, and what was verified."""
        point = {name: self.inputs[name] for name in self.rows[0].result.condition}
        exact = [name for name in self.inputs if name not in point]
        tables = [bounds_table(self.rows, self.decisions, self.left_out, exact), *losses_tables(self.rows, digits)]
        if point:
            few = sum(map(_size, point.values())) <= _MOST_COMPONENTS
            tables.append(condition_table(self.rows, point, by_component=few))
        if self.verified is not None:
            tables.append(verification_table(self.rows, self.lost, self.verified.turned))
        return tables


def _size(value: Value) -> int:
    return 1 if type(value) is float else int(value.size)


class Swept(NamedTuple):
    """A number to sweep from: its label, its entry, the seed, and its value."""

    label: str
    entry: int
    seed: Value
    value: float


@dataclass(frozen=True)
class PrecisionOptions(Options[PrecisionReport]):
    """What `adcli precision` is asked.

    Attributes:
        of: the name of the value, or of a component of it; by default every output
        wrt: the inputs that are data, whose condition numbers are asked for; by default all
        verify: whether to run the same operations with 50 digits and compare, which takes mpmath
        everything: whether to tell every entry that was rounded, and not the first 10
    """

    of: str | None = None
    wrt: Names = None
    verify: bool = False
    everything: bool = False

    def report(self, run: Run) -> PrecisionReport:
        """The rounding errors of every output, or of one named value; of an array those of its components."""
        names = run.program.outputs if self.of is None else (self.of,)
        tape, entries = with_entries(run.tape, [select(run.tape, name) for name in names])
        run = run._replace(tape=tape)
        roundings = Roundings(tape, chosen_inputs(run.program, self.wrt))
        outputs, left_out = _outputs(tape, entries)
        results = {output.label: precision(roundings, output.entry, output.seed, output.value) for output in outputs}
        decisions = tuple(close_decisions(roundings))
        verified = _verify(run.tape, outputs, results) if self.verify else None
        return PrecisionReport(*head(run, self.of), results, run.tape, decisions, verified, left_out, self.everything)


def _outputs(tape: Tape, entries: Mapping[str, int]) -> tuple[list[Swept], tuple[str, ...]]:
    """The numbers to sweep from, and the outputs that have too many; raises AdError `array-output` if all have."""
    outputs: list[Swept] = []
    left_out = []
    for name, entry in entries.items():
        value = tape.values[entry]
        if _size(value) > _MOST_COMPONENTS:
            left_out.append(name)
            continue
        labelled = zip(labels_of(name, shape_of(value)), units(value), flattened({name: value}).values(), strict=True)
        outputs += [Swept(label, entry, seed, number) for label, seed, number in labelled]
    if left_out and not outputs:
        shape = shape_of(tape.values[entries[left_out[0]]])
        message = f"`{left_out[0]}` is {shape_text(shape)}: the rounding of each component takes a sweep of its own"
        component = f"{left_out[0]}[{', '.join('0' for _ in shape)}]"
        raise AdError(Problem("array-output", message, help=f"`--of '{component}'` takes one component"))
    return outputs, tuple(left_out)


def _verify(tape: Tape, outputs: Sequence[Swept], results: Mapping[str, Precision]) -> Verified:
    from adcli.trust.verify import PreciseRun

    second = PreciseRun(tape)
    verifications = {}
    for label, entry, _, value in outputs:
        index = index_of(label) if shape_of(tape.values[entry]) else ()
        error = second.error(entry, index, value)
        compared = not math.isnan(error)
        verifications[label] = Verification(
            second.text(entry, index, _EXACT_DIGITS), error, error <= results[label].bound if compared else None,
            digits_of(second.relative_error(entry, index, value)) if compared else None,
        )  # fmt: skip
    lost = second.first_lost(output.entry for output in outputs)
    return Verified(verifications, lost, tuple(second.turned()))

"""What `adcli precision` says: how far rounding may have taken each output, and where its digits were lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from adcli.derive.modes import units
from adcli.errors import AdError, Problem
from adcli.report.cells import Cell, Column, Digits, Table, brief_text, is_array
from adcli.report.entries import ENTRY, LINE, Entry
from adcli.report.fields import Field, picked, record_table, rounded, within
from adcli.report.report import Report, head
from adcli.rules.accuracy import UNIT
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import shape_text
from adcli.run import Names, Options, Run, chosen_inputs
from adcli.tape.components import flattened, index_of, labels_of
from adcli.tape.describe import Labels, expression_text, labels, operation_text
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.decisions import Decision, close_decisions
from adcli.trust.precision import Loss, Precision, Roundings, digits_of, precision
from adcli.trust.rounding import total

if TYPE_CHECKING:
    from adcli.trust.verify import Lost, Turned

_MOST_LOSSES = 10  # that are shown of an output
_MOST_COMPONENTS = 50  # that are swept from
_MOST_TABLES = 3  # of losses
_MOST_NOTES = 5  # of one kind
_A_DIGIT = 10  # roundings
_LONGEST = 60  # characters of an expression that is written out
_EXACT_DIGITS = 20  # of an exact value


class Verification(NamedTuple):
    """An output beside the one of a run with many digits.

    Attributes:
        exact: that one, as a text
        error: how far the two are apart; NaN where one is not finite
        holds: whether that is within the bound; None where there is nothing to compare
        digits: the significant digits that are right
    """

    exact: str
    error: float
    holds: bool | None
    digits: float | None


class Verified(NamedTuple):
    """What a run with many digits says: of each output, of the entries, and of the decisions."""

    outputs: Mapping[str, Verification]
    lost: Lost | None
    turned: tuple[Turned, ...]


class _Result(NamedTuple):
    """The rounding error of an output, as a row."""

    report: PrecisionReport
    names: Labels
    name: str
    result: Precision

    @property
    def verification(self) -> Verification:
        """What a run with many digits says of the output."""
        assert self.report.verified is not None
        return self.report.verified.outputs[self.name]

    @property
    def losses(self) -> list[Entry]:
        """What the entries bring, with their shares."""
        return [self._entry(loss.entry, (loss, _share(loss, self.result))) for loss in self.report._shown(self.result)]

    @property
    def lines(self) -> list[_LineRow]:
        """What the lines bring, with their shares."""
        return [_LineRow(line, _share(line, self.result)) for line in lines_of(self.report.tape, self.result)]

    @property
    def blind(self) -> str | None:
        """An entry whose digits are all lost where its adjoint is 0."""
        return None if (entry := self.result.second_order_loss) is None else self.names.number(entry)

    @property
    def cancellation(self) -> Entry | None:
        """Where most is lost."""
        cancellation = self.result.cancellation
        return None if cancellation is None else self._entry(cancellation.entry, cancellation)

    @property
    def rewrites(self) -> list[Entry]:
        """What to write instead."""
        return [self._entry(match.entry, match) for match in self.result.rewrites]

    def _entry(self, entry: int, carried: Any) -> Entry:
        return Entry(self.report.tape, self.names, entry, carried)


class _Verified(NamedTuple):
    own: Verified
    lost: Entry | None


class _LineRow(NamedTuple):
    own: Line
    share: float


def _by_output(key: str, about: str, get: Callable[[_Result], Any], form: str, fields: tuple[Field, ...] = ()) -> Field:
    """A field of each output; of an output that is an array, of each component."""
    return Field(
        key, about, lambda report: {row.name: get(row) for row in report._results}, f"{{output: {form}}}", fields
    )


def _finite(digits: Callable[[Precision], float]) -> Callable[[Precision], float | None]:
    return lambda result: round(digits(result), 1) if math.isfinite(result.value) else None


FIGURES = (
    Field("value", "the output"),
    Field("bound", "how far rounding may have taken it from the exact value"),
    Field("relative", "the same, relative to the value"),
    Field("digits", "that one may trust, with exact inputs", _finite(lambda result: result.digits)),
    Field(
        "conditioned_digits", "the same with data that are themselves rounded",
        _finite(lambda result: result.conditioned_digits),
    ),
)  # fmt: skip

LOSS = (
    *ENTRY,
    Field("adjoint", "its adjoint", lambda row: row.carried[0].adjoint),
    Field("contribution", "what its rounding brings to the bound", lambda row: row.carried[0].contribution),
    Field("share", "the same, as a share of the bound", lambda row: row.carried[1]),
    LINE,
)

LINES = (
    *within("own", (
        Field("line", "its number"),
        Field("entries", "how many are from it"),
        Field("contribution", "what they bring to the bound"),
    )),
    Field("share", "the same, as a share of the bound"),
)  # fmt: skip

EXPRESSION = Field("expression", "what the program writes", lambda row: _expression(row.tape, row.entry))

CANCELLATION = (
    *picked(ENTRY, "entry"),
    EXPRESSION,
    Field("digits", "in how many digits its operands agree", lambda row: round(row.carried.digits, 1)),
    LINE,
)

REWRITE = (
    EXPRESSION,
    Field("instead", "what is better", lambda row: row.carried.replacement(row.tape, row.names)),
    Field("why", "why it is", lambda row: row.carried.rewrite.reason),
    LINE,
)

DECISION = (
    Field("text", "what was decided"),
    Field("line", "where it stands in the program"),
    Field("apart", "how far apart its sides are"),
    Field("bound", "how far rounding may move them"),
)

VERIFICATION = (
    Field("exact", "the exact value, as a text"),
    Field("error", "how far the output is from it; NaN where one is not finite"),
    Field("holds", "whether that is within the bound; null where there is nothing to compare"),
    Field("digits", "that are right", lambda row: rounded(row.digits), csv="true_digits"),
)

LOST = (
    Field("entry", "such as `v3`", lambda row: row.names.number(row.entry) + row.carried.label),
    EXPRESSION,
    Field("value", "its value", lambda row: row.carried.value),
    Field("exact", "the exact one", lambda row: row.carried.exact),
    LINE,
)

VERIFIED = (
    Field("outputs", "each beside its exact value", lambda row: row.own.outputs, "{output: object}", VERIFICATION),
    Field("lost", "the first entry that has lost half of its digits, or null", form="object", fields=LOST),
    Field(
        "turned", "decisions that come out otherwise", lambda row: row.own.turned, "[object]",
        picked(DECISION, "text line"),
    ),
)  # fmt: skip


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

    fields = (
        _by_output("precision", "the bound, and what it is made of", lambda row: row.result, "object", FIGURES),
        _by_output("losses", "the 10 largest, or with `--all` all", lambda row: row.losses, "[object]", LOSS),
        _by_output("lines", "of the program, the one that brings most first", lambda row: row.lines, "[object]", LINES),
        _by_output(
            "condition", "how many times as large a relative error of an input arrives",
            lambda row: row.result.condition, "{input: number}",
        ),
        _by_output(
            "blind", "an entry that has lost all its digits where its adjoint is 0, or null", lambda row: row.blind,
            "entry",
        ),
        _by_output(
            "cancellation", "where most is lost, if that is a cancellation; or null", lambda row: row.cancellation,
            "object", CANCELLATION,
        ),
        _by_output("rewrites", "what to write instead", lambda row: row.rewrites, "[object]", REWRITE),
        Field("decisions", "those that rounding may have turned", form="[object]", fields=DECISION),
        Field(
            "verified", "the same operations with 50 digits",
            lambda report: report.verified and _Verified(report.verified, report._lost), "object", VERIFIED,
            "with `--verify`",
        ),
    )  # fmt: skip

    results: Mapping[str, Precision]
    tape: Tape
    decisions: tuple[Decision, ...]
    verified: Verified | None
    left_out: tuple[str, ...]
    everything: bool

    @property
    def wrong(self) -> bool:
        """Whether a true error exceeds its bound."""
        return self.verified is not None and any(one.holds is False for one in self.verified.outputs.values())

    def _shown(self, result: Precision) -> Sequence[Loss]:
        return result.losses if self.everything else result.losses[:_MOST_LOSSES]

    @property
    def _lost(self) -> Entry | None:
        lost = self.verified and self.verified.lost
        return Entry(self.tape, labels(self.tape), lost.entry, lost) if lost else None

    @property
    def _results(self) -> list[_Result]:
        return [_Result(self, labels(self.tape), name, result) for name, result in self.results.items()]

    def records(self) -> Table:
        """A row for each output."""
        fields = [Field("output", get=lambda row: row.name), *within("result", FIGURES)]
        if self.verified is not None:
            fields += within("verification", VERIFICATION)
        return record_table("precision", self._results, fields)

    # What a person reads

    def tables(self, digits: Digits = 6) -> list[Table]:
        """The bounds, the entries that bring them, the condition numbers, and what was verified."""
        shown = sorted(self.results, key=lambda name: self.results[name].digits)[:_MOST_TABLES]
        tables = [self._bounds()]
        for name, result in self.results.items():
            if name in shown and result.losses and math.isfinite(result.value):
                tables.append(self._losses(name, result, digits))
                if len(result.losses) > len(self._shown(result)):
                    tables.append(self._lines(name, result))
        tables += self._conditions()
        return tables if self.verified is None else [*tables, self._verification(self.verified)]

    def _bounds(self) -> Table:
        columns = (
            Column("output"), Column("value", number=True), Column("error bound", number=True),
            Column("relative", number=True), Column("digits", number=True), Column("with rounded data", number=True),
        )  # fmt: skip
        rows = tuple(
            (name, one.value, size_text(one.bound), _relative_text(one),
             _digits_text(one.digits, one), _digits_text(one.conditioned_digits, one))
            for name, one in self.results.items()
        )  # fmt: skip
        trusted = "digits one may trust: with exact inputs, and with data that are themselves rounded to 16 digits"
        notes = [f"{trusted}; if decisions come out as they did" if self.decisions else trusted]
        notes += [self._undefined(name, one) for name, one in self.results.items() if not one.bound < math.inf]
        notes += [
            self._blind(name, entry)
            for name, result in self.results.items()
            if (entry := result.second_order_loss) is not None
        ]
        notes += _some([_decision_text(decision) for decision in self.decisions], "decisions may")
        notes += [f"{name} has too many components: --of '{name}[0]' takes one" for name in self.left_out]
        return Table("rounding errors", columns, rows, "\n".join(notes))

    def _undefined(self, name: str, result: Precision) -> str:
        if not math.isfinite(result.value):
            return f"{name} is not finite: it has no digits"
        entry = result.losses[0].entry
        return f"{name} has no finite bound: an error of {self._place(entry)}, would arrive without any"

    def _blind(self, name: str, entry: int) -> str:
        return (
            f"{self._place(entry)}, has lost all its digits where its adjoint is 0: what that does to {name} is of "
            "second order and not in the bound; --verify tells"
        )

    def _place(self, entry: int) -> str:
        return f"`{_expression(self.tape, entry)}`, line {self.tape.line(entry)}"

    def _losses(self, name: str, result: Precision, digits: Digits) -> Table:
        columns = (
            Column("entry"), Column("operation", breaks=True), Column("value", number=True),
            Column("adjoint", number=True), Column("brings", number=True), Column("share", number=True),
            Column("line", number=True),
        )  # fmt: skip
        names = labels(self.tape)
        rows = tuple(
            (names[loss.entry], _expression(self.tape, loss.entry, whole=True),
             _brief(self.tape.values[loss.entry], digits), _brief(loss.adjoint, digits), size_text(loss.contribution),
             _percent(_share(loss, result)), self.tape.line(loss.entry))
            for loss in self._shown(result)
        )  # fmt: skip
        notes = self._what_happened(result)
        hidden = len(result.losses) - len(rows)
        if hidden:
            notes.append(f"{hidden:,} smaller ones are not shown: --all shows them")
        return Table(f"what brings the bound of {name}", columns, rows, "\n".join(notes))

    def _lines(self, name: str, result: Precision) -> Table:
        """The same by the lines of the program: a loop has many entries from one line."""
        columns = (
            Column("line", number=True), Column("program", breaks=True), Column("entries", number=True),
            Column("brings", number=True), Column("share", number=True),
        )  # fmt: skip
        text = self.source.text.splitlines()
        rows = tuple(
            (one.line, text[one.line - 1].strip(), f"{one.entries:,}", size_text(one.contribution),
             _percent(_share(one, result)))
            for one in lines_of(self.tape, result)[:_MOST_LOSSES]
        )  # fmt: skip
        return Table(f"lines that bring the bound of {name}", columns, rows)

    def _what_happened(self, result: Precision) -> list[str]:
        """In a sentence: where the digits went, and what to write instead."""
        if not math.isfinite(result.value) or not result.bound < math.inf:
            return []
        if result.is_good:
            count = result.relative / UNIT
            lost = "no digit" if count <= _A_DIGIT else "little"
            return [f"{lost} is lost: the bound is {count:.2g} × 2^-53 of the value"]
        notes = []
        found = result.cancellation
        if found is not None:
            agree = f"agree in {found.digits:.0f} digits" if found.digits < 15.9 else "agree in all their digits"
            terms = "operands" if len(self.tape.operands[found.entry]) == 2 else "terms"
            notes.append(f"most is lost in {self._place(found.entry)}: its {terms} {agree}")
        else:
            notes.append(self._largest(result))
        names = labels(self.tape)
        for match in result.rewrites:
            instead = match.replacement(self.tape, names)
            notes.append(f"write `{instead}` for `{_expression(self.tape, match.entry)}`: {match.rewrite.reason}")
        return notes

    def _largest(self, result: Precision) -> str:
        """What most comes from: an entry, or a line with many."""
        largest, line = result.losses[0], lines_of(self.tape, result)[0]
        if line.contribution > 2 * largest.contribution:
            share = _percent(_share(line, result))
            return (
                f"most comes from line {line.line}: {share} of the bound, by the rounding of {line.entries:,} entries"
            )
        share = _percent(_share(largest, result))
        return f"most comes from the rounding of {self._place(largest.entry)}: {share} of the bound"

    def _conditions(self) -> list[Table]:
        """How much larger a relative error of each input arrives in each output."""
        inputs = {name: self.inputs[name] for name in next(iter(self.results.values())).condition}
        if not inputs:
            return []
        broken_up = sum(_size(value) for value in inputs.values()) <= _MOST_COMPONENTS
        several = len(self.results) > 1
        rows: list[tuple[Cell, ...]] = []
        for output, result in self.results.items():
            numbers = flattened(result.condition) if broken_up else result.condition
            points = flattened(inputs) if broken_up else inputs
            rows += [((output,) if several else ()) + (name, points[name], numbers[name]) for name in points]
        columns = ([Column("output")] if several else []) + [
            Column("input"), Column("value", number=True), Column("condition number", number=True),
        ]  # fmt: skip
        caption = "a relative error of the input arrives in the output so many times as large"
        if not all(result.value for result in self.results.values()):
            caption += ", infinitely many where that is 0"
        return [Table("condition numbers", tuple(columns), tuple(rows), caption)]

    def _verification(self, verified: Verified) -> Table:
        columns = (
            Column("output"), Column("exact value", number=True), Column("true error", number=True),
            Column("bound", number=True), Column("holds"), Column("true digits", number=True),
        )  # fmt: skip
        rows: list[tuple[Cell, ...]] = []
        for name, one in verified.outputs.items():
            holds = {True: "yes", False: "no", None: "not compared"}[one.holds]
            error = None if math.isnan(one.error) else size_text(one.error)
            right = one.digits is not None and one.digits and not one.error
            digits = None if one.digits is None else "all" if right else f"{math.floor(one.digits)}"
            rows.append((name, one.exact, error, size_text(self.results[name].bound), holds, digits))
        return Table("the same operations with 50 digits", columns, tuple(rows), "\n".join(self._notes(verified)))

    def _notes(self, verified: Verified) -> list[str]:
        reason = (
            "holds for decisions that come out as they did"
            if verified.turned
            else "is one of first order: an adjoint is 0, or changes much, where digits are lost"
        )
        notes = [
            f"the true error of {name} exceeds the bound, which {reason}"
            for name, one in verified.outputs.items()
            if one.holds is False
        ]
        notes += [
            f"{name} is {one.exact} with 50 digits: rounding has kept an operation in its domain"
            for name, one in verified.outputs.items()
            if one.holds is None and math.isfinite(self.results[name].value)
        ]
        lost = verified.lost
        if lost is not None:
            values = f"{lost.value:.12g} instead of {lost.exact:.12g}"
            at = f" at {lost.label}" if lost.label else ""
            notes.append(f"the first to lose half of its digits is {self._place(lost.entry)}{at}: {values}")
        turned = [
            f"`{one.text}`, line {one.line}, comes out otherwise with 50 digits: another value may be right"
            for one in verified.turned
        ]
        return notes + _some(turned, "decisions do")


def _some(notes: list[str], what: str) -> list[str]:
    """The first of many notes, and how many more there are."""
    hidden = len(notes) - _MOST_NOTES
    return notes if hidden <= 0 else [*notes[:_MOST_NOTES], f"{hidden:,} more {what}: the JSON has them all"]


def size_text(value: float) -> str:
    """An error as a person reads it: `1.1e-16`, `0`, `inf`."""
    return f"{value:.2g}"


def _relative_text(result: Precision) -> str | None:
    return None if math.isnan(result.relative) else size_text(result.relative)


def _digits_text(digits: float, result: Precision) -> str:
    """Whole digits: a part of one is none."""
    if not math.isfinite(result.value):
        return ""
    if not result.bound and digits == result.digits:
        return "all" if result.second_order_loss is None else "?"
    return f"{math.floor(digits)}"


class Line(NamedTuple):
    """What a line of the program brings to a bound, and by how many entries."""

    line: int
    entries: int
    contribution: float


def lines_of(tape: Tape, result: Precision) -> list[Line]:
    """What the lines bring to the bound of an output, the largest first."""
    found: dict[int, list[float]] = {}
    for loss in result.losses:
        found.setdefault(tape.line(loss.entry) or 1, []).append(loss.contribution)
    lines = [Line(line, len(parts), total(parts)) for line, parts in found.items()]
    return sorted(lines, key=lambda one: (-one.contribution, one.line))


def _brief(value: Value, digits: Digits) -> Cell:
    return brief_text(value, digits) if is_array(value) else value


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "< 1 %"


def _share(loss: Loss | Line, result: Precision) -> float:
    if loss.contribution == math.inf:
        return 1.0
    return loss.contribution / result.bound if result.bound else 0.0


def _size(value: Value) -> int:
    return 1 if type(value) is float else int(value.size)


def _expression(tape: Tape, entry: int, whole: bool = False) -> str:
    """An entry with its unnamed operands written out, where that is short."""
    names = labels(tape)
    text = expression_text(tape, entry, names)
    return text if len(text) <= _LONGEST else operation_text(tape, entry, names)


def _decision_text(decision: Decision) -> str:
    return (
        f"`{decision.text}`, line {decision.line}, may come out otherwise: its sides are {size_text(decision.apart)} "
        f"apart, and rounding may move them by {size_text(decision.bound)}"
    )


class _Output(NamedTuple):
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
        wrt: the inputs whose condition numbers are asked for; by default all
        verify: whether to run the same operations with 50 digits and compare, which takes mpmath
        everything: whether to tell every entry that was rounded, and not the first 10
    """

    of: str | None = None
    wrt: Names = None
    verify: bool = False
    everything: bool = False

    def report(self, run: Run) -> PrecisionReport:
        """The rounding errors of every output, or of one named value; of an array those of its components."""
        inputs = chosen_inputs(run.program, self.wrt)
        names = run.program.outputs if self.of is None else (self.of,)
        tape, entries = with_entries(run.tape, [select(run.tape, name) for name in names])
        run = run._replace(tape=tape)
        roundings = Roundings(tape)
        outputs, left_out = _outputs(tape, entries)
        results = {
            output.label: precision(roundings, output.entry, output.seed, output.value, inputs) for output in outputs
        }
        decisions = tuple(close_decisions(roundings))
        verified = _verify(run.tape, outputs, results) if self.verify else None
        return PrecisionReport(*head(run, self.of), results, run.tape, decisions, verified, left_out, self.everything)


def _outputs(tape: Tape, entries: Mapping[str, int]) -> tuple[list[_Output], tuple[str, ...]]:
    """The numbers to sweep from, and the outputs that have too many; raises AdError `array-output` if all have."""
    outputs: list[_Output] = []
    left_out = []
    for name, entry in entries.items():
        value = tape.values[entry]
        if _size(value) > _MOST_COMPONENTS:
            left_out.append(name)
            continue
        labelled = zip(labels_of(name, shape_of(value)), units(value), flattened({name: value}).values(), strict=True)
        outputs += [_Output(label, entry, seed, number) for label, seed, number in labelled]
    if left_out and not outputs:
        shape = shape_of(tape.values[entries[left_out[0]]])
        message = f"`{left_out[0]}` is {shape_text(shape)}: the rounding of each component takes a sweep of its own"
        component = f"{left_out[0]}[{', '.join('0' for _ in shape)}]"
        raise AdError(Problem("array-output", message, help=f"`--of '{component}'` takes one component"))
    return outputs, tuple(left_out)


def _verify(tape: Tape, outputs: Sequence[_Output], results: Mapping[str, Precision]) -> Verified:
    from adcli.trust.verify import PreciseRun

    second = PreciseRun(tape)
    found = {}
    for label, entry, _, value in outputs:
        index = index_of(label) if shape_of(tape.values[entry]) else ()
        error = second.error(entry, index, value)
        compared = not math.isnan(error)
        found[label] = Verification(
            second.text(entry, index, _EXACT_DIGITS), error, error <= results[label].bound if compared else None,
            digits_of(second.relative_error(entry, index, value)) if compared else None,
        )  # fmt: skip
    return Verified(found, second.first_lost(one.entry for one in outputs), tuple(second.turned()))

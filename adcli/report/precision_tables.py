"""What a person reads of rounding errors: the tables, and sentences below them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from adcli.report.cells import Cell, Digits, Table, named, number
from adcli.report.entries import Entry
from adcli.report.fields import table
from adcli.report.precision_rows import (
    BOUNDS,
    LINES,
    LOSS,
    TRUE_ERRORS,
    Rounded,
    expression,
    percent,
    size_text,
)
from adcli.rules.accuracy import UNIT
from adcli.tape.components import flattened
from adcli.tape.tape import Value
from adcli.trust.decisions import Decision

if TYPE_CHECKING:
    from adcli.trust.verify import Turned

MOST_LOSSES = 10  # that are shown of an output
_MOST_TABLES = 3  # of losses
_MOST_NOTES = 5  # of one kind
_A_DIGIT = 10  # roundings


def bounds_table(
    rows: Sequence[Rounded], decisions: Sequence[Decision], left_out: Sequence[str], exact: Sequence[str]
) -> Table:
    """How far rounding may have taken each output; the inputs that are `exact` are no data."""
    trusted = "digits one may trust: with exact inputs, and with data that are themselves rounded to 16 digits"
    if exact:
        trusted += f", but for {', '.join(exact)}"
    notes = [f"{trusted}; if decisions come out as they did" if decisions else trusted]
    notes += [_undefined(row) for row in rows if not row.result.bound < math.inf]
    notes += [
        _second_order_loss(row.output, row.second_order_loss) for row in rows if row.second_order_loss is not None
    ]
    notes += _some([_decision_text(decision) for decision in decisions], "decisions may")
    notes += [f"{name} has too many components: --of '{name}[0]' takes one" for name in left_out]
    return table("rounding errors", rows, BOUNDS, "\n".join(notes))


def _undefined(row: Rounded) -> str:
    if not math.isfinite(row.result.value):
        return f"{row.output} is not finite: it has no digits"
    return f"{row.output} has no finite bound: an error of {_place(row.losses[0])}, would arrive without any"


def _second_order_loss(output: str, entry: Entry) -> str:
    return (
        f"{_place(entry)}, has lost all its digits where its adjoint is 0: what that does to {output} is of second "
        "order and not in the bound; --verify tells"
    )


def _place(entry: Entry) -> str:
    return f"`{expression(entry)}`, line {entry.line}"


def _decision_text(decision: Decision) -> str:
    return (
        f"`{decision.text}`, line {decision.line}, may come out otherwise: its sides are {size_text(decision.apart)} "
        f"apart, and rounding may move them by {size_text(decision.bound)}"
    )


def _some(notes: list[str], what: str) -> list[str]:
    """The first of many notes, and how many more there are."""
    hidden = len(notes) - _MOST_NOTES
    return notes if hidden <= 0 else [*notes[:_MOST_NOTES], f"{hidden:,} more {what}: the JSON has them all"]


def losses_tables(rows: Sequence[Rounded], digits: Digits) -> Iterator[Table]:
    """What brings the bounds, of the outputs with the fewest digits: by entries, and by lines where they are many."""
    worst = {row.output for row in sorted(rows, key=lambda row: row.result.digits)[:_MOST_TABLES]}
    for row in rows:
        if row.output not in worst or not row.result.losses or not math.isfinite(row.result.value):
            continue
        losses, notes = row.losses, _what_happened(row)
        hidden = len(row.result.losses) - len(losses)
        if hidden:
            notes.append(f"{hidden:,} smaller ones are not shown: --all shows them")
        yield table(f"what brings the bound of {row.output}", losses, LOSS, "\n".join(notes), digits)
        if hidden:
            yield table(f"lines that bring the bound of {row.output}", row.lines[:MOST_LOSSES], LINES)


def _what_happened(row: Rounded) -> list[str]:
    """In a sentence: where the digits went, and what to write instead."""
    result, cancellation = row.result, row.cancellation
    if not math.isfinite(result.value) or not result.bound < math.inf:
        return []
    if result.is_good:
        count = result.relative / UNIT
        lost = "no digit" if count <= _A_DIGIT else "little"
        return [f"{lost} is lost: the bound is {count:.2g} × 2^-53 of the value"]
    if cancellation is None:
        notes = [_largest(row)]
    else:
        digits = cancellation.carried.digits
        agree = f"agree in {digits:.0f} digits" if digits < 15.9 else "agree in all their digits"
        terms = "operands" if len(row.tape.operands[cancellation.place]) == 2 else "terms"
        notes = [f"most is lost in {_place(cancellation)}: its {terms} {agree}"]
    for written in row.rewrites:
        match = written.carried
        instead = match.replacement(row.tape, row.names)
        notes.append(f"write `{instead}` for `{expression(written)}`: {match.rewrite.reason}")
    return notes


def _largest(row: Rounded) -> str:
    """What most comes from: an entry, or a line with many."""
    largest, line = row.losses[0], row.lines[0]
    if line.contribution > 2 * largest.carried.contribution:
        return (
            f"most comes from line {line.line}: {percent(line.share)} of the bound, by the rounding of "
            f"{line.entries:,} entries"
        )
    return f"most comes from the rounding of {_place(largest)}: {percent(largest.carried.share)} of the bound"


def condition_table(rows: Sequence[Rounded], point: Mapping[str, Value], by_component: bool) -> Table:
    """How much larger a relative error of each input arrives in each output; of an array whole, or by component."""
    several = len(rows) > 1
    values = flattened(point) if by_component else point
    cells: list[tuple[Cell, ...]] = []
    for row in rows:
        factors = flattened(row.result.condition) if by_component else row.result.condition
        cells += [(*([row.output] if several else []), name, value, factors[name]) for name, value in values.items()]
    columns = (*([named("output")] if several else []), named("input"), number("value"), number("condition number"))
    caption = "a relative error of the input arrives in the output so many times as large"
    if not all(row.result.value for row in rows):
        caption += ", infinitely many where that is 0"
    return Table("condition numbers", columns, tuple(cells), caption)


def verification_table(rows: Sequence[Rounded], lost: Entry | None, turned: Sequence[Turned]) -> Table:
    """The outputs beside those of a run with many digits."""
    reason = (
        "holds for decisions that come out as they did"
        if turned
        else "is one of first order: an adjoint is 0, or changes much, where digits are lost"
    )
    notes = [
        f"the true error of {row.output} exceeds the bound, which {reason}"
        for row in rows
        if row.verification is not None and row.verification.holds is False
    ]
    notes += [
        f"{row.output} is {row.verification.exact} with 50 digits: rounding has kept an operation in its domain"
        for row in rows
        if row.verification is not None and row.verification.holds is None and math.isfinite(row.result.value)
    ]
    if lost is not None:
        values = f"{lost.carried.value:.12g} instead of {lost.carried.exact:.12g}"
        at = f" at {lost.carried.label}" if lost.carried.label else ""
        notes.append(f"the first to lose half of its digits is {_place(lost)}{at}: {values}")
    otherwise = [
        f"`{decision.text}`, line {decision.line}, comes out otherwise with 50 digits: another value may be right"
        for decision in turned
    ]
    notes += _some(otherwise, "decisions do")
    return table("the same operations with 50 digits", rows, TRUE_ERRORS, "\n".join(notes))

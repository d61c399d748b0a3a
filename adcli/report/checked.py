"""The rows of what `adcli check` says, and the tables of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from adcli.records import NamedTuple
from adcli.report.cells import Digits, Table, named, number, prose
from adcli.report.compared import DIGITS, ERROR, REASON, VERDICT, number_or_none
from adcli.report.entries import LINE, point_formula
from adcli.report.fields import Field, picked, table, within
from adcli.trust.at_random import RandomPoints
from adcli.trust.check import Checked
from adcli.trust.judgement import Verdict
from adcli.trust.margins import Margin
from adcli.trust.stated import StatedSlope
from adcli.trust.taylor import ORDERS, Remainders, Taylor

_FEW = 8  # components whose inequalities are all told


class PartVerdict(NamedTuple):
    """A part of what was checked, and the verdict on it."""

    checked: str
    verdict: Verdict


STATED = (
    Field("rule", "which rule of the program", column=named("rule")),
    Field("parameter", "by which of its parameters, or which component of it", column=named("parameter")),
    LINE,
    Field("stated", "the derivative as it is stated", column=number("stated")),
    Field("derivative", "that of what the value is computed by", column=number("derivative")),
    DIGITS,
    VERDICT,
    REASON,
)  # fmt: skip

PART = (Field("checked", column=prose("checked")), VERDICT)

CHECKED = (
    Field("output", "what is differentiated", column=named("output")),
    Field("input", "by which component; of a second derivative by which two, as `x, y`", column=named("input")),
    Field(
        "reverse", "by the reverse sweep; of a second derivative forward over reverse", column=number("reverse"),
    ),
    Field(
        "forward", "by the forward sweep; of a second derivative reverse over forward", column=number("forward"),
    ),
    Field(
        "difference", "by differences", column=number("difference"),
        show=lambda checked: number_or_none(checked.difference),
    ),
    ERROR,
    Field(
        "complex_step", "by the complex step; null where something on the way is not analytic",
        column=number("complex step"),
    ),
    DIGITS,
    VERDICT,
    REASON.shown(prose("decided by")),
)  # fmt: skip
_COMPONENT = picked(CHECKED, "input reverse forward complex_step difference error digits verdict")


def stated_table(slopes: Sequence[StatedSlope]) -> Table:
    """The derivatives that rules state, beside those of their values; below what decided where they are wrong."""
    notes = [f"{slope.rule}, {slope.parameter}: {slope.reason}" for slope in slopes if slope.verdict is Verdict.WRONG]
    return table("derivatives that rules state", slopes, STATED, "\n".join(notes))


def components_table(title: str, checked: Sequence[Checked], notes: Sequence[str] = ()) -> Table:
    """Derivatives by all ways side by side; below what decided."""
    decided = [
        f"{derivative.input}: {derivative.reason}" for derivative in _worth_a_reason(checked) if derivative.reason
    ]
    if any(derivative.complex_step is None for derivative in checked):
        decided.append("no complex step: something on the way is not analytic, or at a kink")
    return table(title, checked, _COMPONENT, "\n".join([*decided, *notes]))


def _worth_a_reason(checked: Sequence[Checked]) -> Sequence[Checked]:
    """Those whose inequality is told: all of few; of many what does not agree, and what agrees in the fewest digits."""
    if len(checked) <= _FEW:
        return checked
    bad = [derivative for derivative in checked if derivative.verdict is not Verdict.AGREES]
    return bad or [min(checked, key=lambda derivative: math.inf if derivative.digits is None else derivative.digits)]


def _remainder(degree: int) -> tuple[Field, Field]:
    """What a table shows of the remainder of the polynomial of this degree."""

    def order(row: Remainders) -> str | None:
        return None if row.orders[degree] is None else f"{row.orders[degree]:.2f}"

    return (
        Field("", column=number(f"remainder {degree}"), show=lambda row: f"{row.sizes[degree]:.2e}"),
        Field("", column=number("order"), show=order),
    )


TAYLOR_STEP = (
    Field("step", "how far from the point", column=number("step"), show=lambda row: f"2^{round(math.log2(row.step))}"),
    Field("remainders", "of the polynomials of degree 0, 1 and 2", lambda row: row.sizes, "[number]"),
    Field("orders", "observed from twice the step; null where a remainder is round-off", form="[number]"),
    *(field for degree in range(ORDERS) for field in _remainder(degree)),
)

TAYLOR = (
    Field("passed", "whether each remainder falls as fast as it should"),
    Field("orders", "the observed order of each; null where there is none to observe", form="[number]"),
    Field("reason", "what decided"),
    Field("steps", "the last steps at which something can be told", lambda test: test.rows, "[object]", TAYLOR_STEP),
)


def taylor_table(output: str, test: Taylor, seed: int) -> Table:
    """The remainders at falling steps, and how fast they fall."""
    orders = ", ".join("-" if order is None else f"{order:.2f}" for order in test.orders)
    wanted = f"observed orders {orders}; 1, 2, 3 or more are right" if test.rows else ""
    caption = "\n".join(text for text in (wanted, test.reason) if text)
    return table(f"Taylor test of {output} along a random direction (seed {seed})", test.rows, TAYLOR_STEP, caption)


RANDOM_POINT = (
    *within("checked", CHECKED),
    Field(
        "inputs", "the point", lambda row: row.point, "{input: value}", column=prose("at"),
        text=lambda row, digits: point_formula(row.point, digits),
    ),
)  # fmt: skip

RANDOM = (
    Field("count", "how many points there were", lambda points: points.tried),
    Field("skipped", "at how many more the program has no finite value"),
    Field(
        "verdicts", "how many points have each verdict",
        lambda points: {verdict.value: times for verdict, times in points.verdicts.items()}, "{verdict: count}",
    ),
    Field("worst", "of each component the worst", form="[object]", fields=RANDOM_POINT),
)  # fmt: skip


def random_table(points: RandomPoints, seed: int, digits: Digits) -> Table:
    """Of each derivative the point at which it was worst."""
    counts = ", ".join(f"{times} {verdict.value}" for verdict, times in points.verdicts.items() if times)
    notes = [f"of {points.tried} points: {counts}"]
    if points.skipped:
        notes.append(f"{points.skipped} more points were passed over: the program has no finite value there")
    title = f"the worst of {points.tried} random points (seed {seed})"
    fields = picked(RANDOM_POINT, "output input digits verdict inputs reason")
    return table(title, points.worst, fields, "\n".join(notes), digits)


MARGIN = (
    Field("text", "`abs(a)`, `x > 0`", column=prose("what")),
    LINE,
    Field("gap", "how far what meets there is apart", column=number("gap")),
    Field(
        "input", "the component of the inputs that has to move least, relative to itself", column=named("input"),
        show=lambda row: row.input or None,
    ),
    Field(
        "move", "how far it has to move for the gap to close, to first order; infinite if none closes it",
        column=number("move"), show=lambda row: row.move if row.input else "none closes it",
    ),
)  # fmt: skip


def margins_table(margins: Sequence[Margin]) -> Table:
    """The nearest kinks and decisions."""
    caption = "the gap closes where the input moves so far, to first order: beyond it another formula holds"
    if not margins:
        caption = "no kink and no decision depends on the inputs"
    return table("nearest kinks and decisions", margins, MARGIN, caption)

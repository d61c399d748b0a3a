"""The rows of what `adcli precision` says, and their fields."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from adcli.records import NamedTuple
from adcli.report.cells import Column, brief_text, named, number, prose
from adcli.report.entries import LINE, NAME, NUMBER, OPERATION, RESULT, Entry
from adcli.report.fields import Field, picked, rounded, within
from adcli.tape.describe import expression_text
from adcli.tape.labels import Labels
from adcli.tape.tape import Tape, Value
from adcli.trust.precision import Precision
from adcli.trust.rounding import total

_LONGEST = 60  # characters of an expression that is written out


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


class Brought(NamedTuple):
    """What the rounding of an entry brings to a bound."""

    adjoint: Value
    contribution: float
    share: float


class LineLoss(NamedTuple):
    """What a line of the program brings to a bound, and by how many entries."""

    line: int
    text: str
    entries: int
    contribution: float
    share: float


class Rounded(NamedTuple):
    """An output, or a component of one, and what rounding may have done to it.

    Attributes:
        tape: what ran
        names: what its entries are called
        output: the name
        result: the bound, and what it is made of
        verification: what a run with many digits says of it, if there was one
        most: how many losses are told; by default all
    """

    tape: Tape
    names: Labels
    output: str
    result: Precision
    verification: Verification | None
    most: int | None

    @property
    def losses(self) -> list[Entry]:
        """What the entries bring, with their shares."""
        return [
            self._entry(loss.entry, Brought(loss.adjoint, loss.contribution, self._share(loss.contribution)))
            for loss in self.result.losses[: self.most]
        ]

    @property
    def lines(self) -> list[LineLoss]:
        """What the lines bring, the largest first: a loop has many entries from one line."""
        parts: dict[int, list[float]] = {}
        for loss in self.result.losses:
            parts.setdefault(self.tape.line(loss.entry) or 1, []).append(loss.contribution)
        lines = []
        for line, contributions in parts.items():
            text, whole = self.tape.source.line(line).strip(), total(contributions)
            lines.append(LineLoss(line, text, len(contributions), whole, self._share(whole)))
        return sorted(lines, key=lambda line: (-line.contribution, line.line))

    @property
    def second_order_loss(self) -> Entry | None:
        """An entry whose digits are all lost where its adjoint is 0."""
        return None if self.result.second_order_loss is None else self._entry(self.result.second_order_loss)

    @property
    def cancellation(self) -> Entry | None:
        """Where most is lost."""
        cancellation = self.result.cancellation
        return None if cancellation is None else self._entry(cancellation.entry, cancellation)

    @property
    def rewrites(self) -> list[Entry]:
        """What to write instead."""
        return [self._entry(match.entry, match) for match in self.result.rewrites]

    def _share(self, contribution: float) -> float:
        """What a part brings, relative to the bound."""
        if contribution == math.inf:
            return 1.0
        return contribution / self.result.bound if self.result.bound else 0.0

    def _entry(self, entry: int, carried: Any = None) -> Entry:
        return Entry(self.tape, self.names, entry, carried)


def expression(row: Entry) -> str:
    """An entry with its unnamed operands written out, where that is short."""
    text = expression_text(row.tape, row.place, row.names)
    return text if len(text) <= _LONGEST else row.operation


def size_text(value: float) -> str:
    """An error as a person reads it: `1.1e-16`, `0`, `inf`."""
    return f"{value:.2g}"


def percent(share: float) -> str:
    """A share as a person reads it."""
    return f"{100 * share:.0f} %" if share >= 0.01 else "< 1 %"


def _digits(key: str, about: str, heading: str, get: Callable[[Precision], float]) -> Field:
    """Digits that one may trust; a person reads whole ones, as a part of one is none."""

    def whole(result: Precision) -> str:
        if not math.isfinite(result.value):
            return ""
        if not result.bound and get(result) == result.digits:
            return "all" if result.second_order_loss is None else "?"
        return f"{math.floor(get(result))}"

    def in_json(result: Precision) -> float | None:
        return round(get(result), 1) if math.isfinite(result.value) else None

    return Field(key, about, in_json, column=number(heading), show=whole)


OUTPUT = Field("output", column=named("output"))

FIGURES = (
    Field("value", "the output", column=number("value")),
    Field(
        "bound", "how far rounding may have taken it from the exact value", column=number("error bound"),
        show=lambda result: size_text(result.bound),
    ),
    Field(
        "relative", "the same, relative to the value", column=number("relative"),
        show=lambda result: None if math.isnan(result.relative) else size_text(result.relative),
    ),
    _digits("digits", "that one may trust, with exact inputs", "digits", lambda result: result.digits),
    _digits(
        "conditioned_digits", "the same with data that are themselves rounded", "with rounded data",
        lambda result: result.conditioned_digits,
    ),
)  # fmt: skip

_BRINGS = Field("contribution", column=number("brings"), show=lambda row: size_text(row.contribution))
_SHARE = Field(
    "share", "the same, as a share of the bound", column=number("share"),
    show=lambda row: percent(row.share),
)  # fmt: skip

LOSS = (
    NUMBER.shown(named("entry"), lambda row: row.label),
    NAME,
    OPERATION.shown(prose("operation"), expression),
    RESULT._replace(text=lambda row, digits: brief_text(row.value, digits)),
    *within("carried", (
        Field(
            "adjoint", "its adjoint", column=number("adjoint"),
            text=lambda brought, digits: brief_text(brought.adjoint, digits),
        ),
        _BRINGS._replace(about="what its rounding brings to the bound"),
        _SHARE,
    )),
    LINE,
)  # fmt: skip

LINES = (
    Field("line", "its number", column=number("line")),
    Field("", column=prose("program"), show=lambda row: row.text),
    Field("entries", "how many are from it", column=number("entries"), show=lambda row: f"{row.entries:,}"),
    _BRINGS._replace(about="what they bring to the bound"),
    _SHARE,
)

EXPRESSION = Field("expression", "what the program writes", expression)

CANCELLATION = (
    NUMBER,
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
    LINE,
    Field("apart", "how far apart its sides are"),
    Field("bound", "how far rounding may move them"),
)


def _right_digits(row: Verification) -> str | None:
    if row.digits is None:
        return None
    return "all" if row.digits and not row.error else f"{math.floor(row.digits)}"


VERIFICATION = (
    Field("exact", "the exact value, as a text", column=number("exact value")),
    Field(
        "error", "how far the output is from it; NaN where one is not finite", column=number("true error"),
        show=lambda row: None if math.isnan(row.error) else size_text(row.error),
    ),
    Field(
        "holds", "whether that is within the bound; null where there is nothing to compare", column=Column("holds"),
        show=lambda row: {True: "yes", False: "no", None: "not compared"}[row.holds],
    ),
    Field(
        "digits", "that are right", lambda row: rounded(row.digits), csv="true_digits", column=number("true digits"),
        show=_right_digits,
    ),
)  # fmt: skip

LOST = (
    NUMBER._replace(get=lambda row: row.entry + row.carried.label),
    EXPRESSION,
    Field("value", "its value", lambda row: row.carried.value),
    Field("exact", "the exact one", lambda row: row.carried.exact),
    LINE,
)

BOUNDS = (OUTPUT, *within("result", FIGURES))
VERIFIED_BOUNDS = (*BOUNDS, *within("verification", VERIFICATION))
TRUE_ERRORS = (
    OUTPUT,
    *within("verification", picked(VERIFICATION, "exact error")),
    Field("", column=number("bound"), show=lambda row: size_text(row.result.bound)),
    *within("verification", picked(VERIFICATION, "holds digits")),
)

VERIFIED = (
    Field(
        "outputs", "each beside its exact value", lambda report: report.verified.outputs, "{output: object}",
        VERIFICATION,
    ),
    Field("lost", "the first entry that has lost half of its digits, or null", form="object", fields=LOST),
    Field(
        "turned", "decisions that come out otherwise", lambda report: report.verified.turned, "[object]",
        picked(DECISION, "text line"),
    ),
)  # fmt: skip


def _by_output(key: str, about: str, get: Callable[[Rounded], Any], form: str, fields: tuple[Field, ...] = ()) -> Field:
    """A field of each output; of an output that is an array, of each component."""
    return Field(
        key, about, lambda report: {row.output: get(row) for row in report.rows}, f"{{output: {form}}}", fields
    )


PRECISION = (
    _by_output("precision", "the bound, and what it is made of", lambda row: row.result, "object", FIGURES),
    _by_output("losses", "the 10 largest, or with `--all` all", lambda row: row.losses, "[object]", LOSS),
    _by_output("lines", "of the program, the one that brings most first", lambda row: row.lines, "[object]", LINES),
    _by_output(
        "condition", "how many times as large a relative error of an input arrives",
        lambda row: row.result.condition, "{input: number}",
    ),
    _by_output(
        "blind", "an entry that has lost all its digits where its adjoint is 0, or null",
        lambda row: row.second_order_loss and row.second_order_loss.entry, "entry",
    ),
    _by_output(
        "cancellation", "where most is lost, if that is a cancellation; or null", lambda row: row.cancellation,
        "object", CANCELLATION,
    ),
    _by_output("rewrites", "what to write instead", lambda row: row.rewrites, "[object]", REWRITE),
    Field("decisions", "those that rounding may have turned", form="[object]", fields=DECISION),
    Field(
        "verified", "the same operations with 50 digits",
        lambda report: report if report.verified else None, "object", VERIFIED, "with `--verify`",
    ),
)  # fmt: skip

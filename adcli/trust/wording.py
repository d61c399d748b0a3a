"""Decisions, operations and partials of a run in words, with their lines."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.tape.describe import expression_text, guard_text, operation_text, partial_text
from adcli.tape.labels import Labels
from adcli.tape.tape import Guard, Tape


def place(tape: Tape, what: Guard | int, names: Labels, written_out: bool = False) -> tuple[str, int | None]:
    """The text of a decision or of an entry's operation, and its line.

    An operation that is `written_out` has in it what computed those of its operands that have no name.
    """
    if isinstance(what, Guard):
        return guard_text(tape, what, names), tape.source.place(what.span.start)[0]
    text = expression_text if written_out else operation_text
    return text(tape, what, names), tape.line(what)


def quoted(tape: Tape, what: Guard | int, names: Labels, written_out: bool = False) -> str:
    """The same as one text, such as `x > 0` in backquotes, and then `, line 3`."""
    text, line = place(tape, what, names, written_out)
    return f"`{text}`, line {line}"


def partial_equation(tape: Tape, entry: int, position: int, names: Labels) -> str:
    """`∂a/∂x = y`: the partial of an entry by one of its operands, with its formula."""
    operand = names[tape.operands[entry][position]]
    return f"∂{names[entry]}/∂{operand} = {partial_text(tape, entry, position, names)}"


def sides_text(left: float | None, right: float | None, jump: float, what: str = "value") -> str:
    """`slope -1 from the left, 1 from the right`: at a kink; a side without a value has no slope. `what` may jump."""
    left_text, right_text = ("none" if slope is None else f"{slope:.6g}" for slope in (left, right))
    text = f"slope {left_text} from the left, {right_text} from the right"
    return f"the {what} jumps by {jump:.6g}; {text}" if jump else text


def listed(texts: Sequence[str], most: int) -> str:
    """`a; b; c, and 4 others`: the first of several texts, and how many more there are."""
    more = f", and {len(texts) - most:,} others" if len(texts) > most else ""
    return "; ".join(texts[:most]) + more

"""The blocks of a `for` loop, which a statement and the index of a comprehension have alike."""

from __future__ import annotations

from collections.abc import Sequence

from adcli.program.build import CodeBuilder
from adcli.program.code import End, EnterFor, Jump, Repeat
from adcli.rules.table import ADDITION, COPY, MULTIPLICATION
from adcli.syntax import nodes


def open_loop(
    builder: CodeBuilder, loop: nodes.ForLoop | nodes.Index, bounds: Sequence[int], target: int, breaks: bool = False
) -> tuple[int, Repeat]:
    """Append the start of a loop: the block of its body, which is still empty, and what ends an iteration.

    The variable, whose slot is `target`, is a copy of the first bound, then the sum of itself and the step. `bounds`
    are the slots of the first and the last one, of the step, and of a checkpoint if there is one.
    """
    name, span = loop.variable.name, loop.header
    enter, first, body, following, after = (builder.block() for _ in range(5))
    slots = [builder.new_slot() for _ in bounds]  # the body has its own use for other slots
    start, last, step = kept = slots[:3]
    builder.end(Jump(enter, tuple(zip(slots, bounds, strict=True)), span))
    builder.start(enter)
    checkpoint = slots[3] if len(slots) > len(kept) else None
    builder.end(EnterFor(loop, start, last, step, first, following, after, checkpoint, breaks))

    builder.start(first)
    builder.operation(COPY, (start,), span, target)
    builder.rows.names[-1] = name
    if loop.step is None or _is_whole(loop.step):
        builder.end(Jump(body))
        builder.start(following)
        builder.operation(ADDITION, (target, step), span, target)
    else:  # to add the step again and again would add up its rounding: the steps are counted, and multiplied
        zero, one, steps = builder.constant("0", 0.0), builder.constant("1", 1.0), builder.new_slot()
        builder.end(Jump(body, ((steps, zero),), span))
        builder.start(following)
        builder.operation(ADDITION, (steps, one), span, steps)
        way = builder.operation(MULTIPLICATION, (steps, step), span)
        builder.operation(ADDITION, (start, way), span, target)
    builder.rows.names[-1] = name
    builder.end(Jump(body))
    return body, Repeat(following, after, target, start, last, step)


def block_of(builder: CodeBuilder, end: End) -> int:
    """A block that has nothing but an end."""
    rows, block = builder.rows, builder.block()
    builder.start(block)
    builder.end(end)
    builder.rows = rows
    return block


def _is_whole(step: nodes.Expression) -> bool:
    """Whether a step is written as a whole number."""
    if isinstance(step, nodes.Apply) and step.function == "-" and len(step.operands) == 1:
        (step,) = step.operands
    return isinstance(step, nodes.Number) and float(step.text).is_integer()

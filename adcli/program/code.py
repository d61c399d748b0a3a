"""What the interpreter runs: blocks of operations on numbered slots, and how one block leads to the next.

A slot is a place of a frame; while the code runs it holds the number of a tape entry. A frame has a slot for each
parameter, variable and constant, and slots for what has no name. So the code of a loop's body stands once,
however often it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from adcli.rules.primitive import Primitive
from adcli.syntax import nodes
from adcli.syntax.source import Span


class Stop(NamedTuple):
    """The end of the program."""


class Jump(NamedTuple):
    """Go to a block; `moves` are pairs of slots, to and from. `iterates` where it closes an iteration of a loop."""

    block: int
    moves: tuple[tuple[int, int], ...] = ()
    span: Span | None = None
    iterates: bool = False


class Decide(NamedTuple):
    """Compare the values of two slots, and go to one block if the comparison holds, to another if it fails.

    Where the block begins with the rest of a loop's body, `header` counts the rows that belong to the next iteration.
    `required` says that there is no other way: where it fails, the run ends. Where arrays are compared, `masked` is the
    block that chooses element by element; without one they cannot be.
    """

    comparison: str
    left: int
    right: int
    holds: int
    fails: int
    span: Span
    header: int | None = None
    required: bool = False
    masked: int | None = None


class Choose(NamedTuple):
    """Run both sides of a `where`, the first of which starts with `block`: the slot `mask` tells them apart."""

    mask: int
    block: int
    node: nodes.Apply


class EndSide(NamedTuple):
    """The end of one side of a `where`, with its value in the slot `source`: the `result`, which `after` follows.

    Where the sides are chosen element by element, the `other` side follows the first one.
    """

    source: int
    result: int
    after: int
    other: int
    node: nodes.Apply


class Call(NamedTuple):
    """Run a function of the program, put the entry that it returns into `result`, and go on with `block`."""

    function: str
    arguments: tuple[int, ...]
    result: int
    block: int
    node: nodes.Apply


class Return(NamedTuple):
    """Go back to the caller with the entry in a slot."""

    slot: int
    span: Span


class EnterFor(NamedTuple):
    """Count the iterations of a `for` loop from the slots of its bounds; its first one starts with `block`.

    `checkpoint` is the slot of how many states its reverse sweep may keep, if the program says so.
    """

    node: nodes.ForLoop
    first: int
    last: int
    step: int
    block: int
    after: int
    checkpoint: int | None = None


class Repeat(NamedTuple):
    """The end of an iteration of a `for` loop: `block` starts the next one, if there is one, else `after` follows.

    `variable` and the bounds are slots.
    """

    block: int
    after: int
    variable: int
    first: int
    last: int
    step: int


class EnterWhile(NamedTuple):
    """The start of a `while` loop; its condition starts with `block`."""

    node: nodes.WhileLoop
    block: int


class Leave(NamedTuple):
    """The condition of a `while` loop has failed; `block` stands behind the loop."""

    block: int


class Refuse(NamedTuple):
    """A `require` has failed: the program has nothing to say here."""

    node: nodes.Require


class Differentiate(NamedTuple):
    """`derivative(value, variable)`, with the slots of both; the slot `result` gets its entry, and `block` follows."""

    value: int
    variable: int
    result: int
    block: int
    node: nodes.Apply


End: TypeAlias = (
    Stop | Jump | Decide | Choose | EndSide | Call | Return | EnterFor | Repeat | EnterWhile | Leave | Refuse
    | Differentiate
)  # fmt: skip


class Block(NamedTuple):
    """Operations without a decision between them.

    Attributes:
        steps: for each operation its function, the slots of its operands and the slot of its value
        operations, names, spans: for each operation the primitive, the name that its value is bound to, its place
        end: what comes next
    """

    steps: tuple[tuple[Callable[..., Any], tuple[int, ...], int], ...]
    operations: tuple[Primitive, ...]
    names: tuple[str | None, ...]
    spans: tuple[Span, ...]
    end: End


class Code(NamedTuple):
    """The code of a program, of one function of it, or of an expression. The parameters are the first slots.

    Attributes:
        size: how many slots a frame has
        constants: slot, text and value of each
        blocks: the first is where it starts
        bindings: the slot of each name
        globals: for a function, the outer names that it reads: pairs of slots, in the program's frame and in its own
        states: those of them that are `state`, which a call may change
        assigned: those of them that it assigns itself
        result: the slot of the last expression's value
    """

    size: int
    constants: tuple[tuple[int, str, float], ...]
    blocks: tuple[Block, ...]
    bindings: Mapping[str, int]
    globals: tuple[tuple[int, int], ...]
    states: tuple[tuple[int, int], ...]
    assigned: tuple[tuple[int, int], ...]
    result: int

    def operations(self) -> Iterator[Primitive]:
        """Every operation that the code has."""
        for block in self.blocks:
            yield from block.operations


def following(block: Block) -> tuple[int, ...]:
    """The blocks that may follow one."""
    end = block.end
    if isinstance(end, (Jump, Call, Choose, EnterWhile, Leave, Differentiate)):
        return (end.block,)
    if isinstance(end, Decide):
        return (end.holds, end.fails) if end.masked is None else (end.holds, end.fails, end.masked)
    if isinstance(end, EndSide):
        return end.after, end.other
    return (end.block, end.after) if isinstance(end, (EnterFor, Repeat)) else ()

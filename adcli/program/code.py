"""What the interpreter runs: basic blocks of operations on numbered slots, each with an end that leads to others.

A slot is a place of a frame; while the code runs it holds the number of a tape entry. A frame has a slot for each
parameter, variable and constant, and slots for what has no name. So the code of a loop's body stands once,
however often it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from adcli.program.later import Later
from adcli.records import NamedTuple
from adcli.rules.primitive import Primitive
from adcli.syntax import nodes
from adcli.syntax.source import Span


class Flow(NamedTuple):
    """What every analysis asks of the end of a block, of whatever kind it is.

    Attributes:
        leads_to: the blocks that may follow
        reads, writes: the slots that the end itself reads, and those that it writes behind that
        copies: those written slots that get what another slot holds: pairs of slots, to and from
        body: the first block of the loop that begins here
        leaves: whether the program, or the function, has run to its end
        calls: whether a function of the program runs before the next block
    """

    leads_to: tuple[int, ...] = ()
    reads: tuple[int, ...] = ()
    writes: tuple[int, ...] = ()
    copies: tuple[tuple[int, int], ...] = ()
    body: int | None = None
    leaves: bool = False
    calls: bool = False


class Stop(NamedTuple):
    """The end of the program."""

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow(leaves=True)


class Jump(NamedTuple):
    """Go to a block; `moves` are pairs of slots, to and from. `iterates` where it closes an iteration of a loop."""

    block: int
    moves: tuple[tuple[int, int], ...] = ()
    span: Span | None = None
    iterates: bool = False

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        sources, targets = tuple([source for _, source in self.moves]), tuple([to for to, _ in self.moves])
        return Flow((self.block,), sources, targets, copies=self.moves)


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

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        ways = (self.holds, self.fails) if self.masked is None else (self.holds, self.fails, self.masked)
        return Flow(ways, (self.left, self.right))


class Choose(NamedTuple):
    """Run both sides of a `where`, the first of which starts with `block`: the slot `mask` tells them apart."""

    mask: int
    block: int
    node: nodes.Apply

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,), (self.mask,))


class EndSide(NamedTuple):
    """The end of one side of a `where`, with its value in the slot `source`: the `result`, which `after` follows.

    Where the sides are chosen element by element, the `other` side follows the first one.
    """

    source: int
    result: int
    after: int
    other: int
    node: nodes.Apply

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.after, self.other), (self.source,), (self.result,))


class Call(NamedTuple):
    """Run a function of the program, put the entries that it returns into `results`, and go on with `block`."""

    function: str
    arguments: tuple[int, ...]
    results: tuple[int, ...]
    block: int
    node: nodes.Apply

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,), self.arguments, self.results, calls=True)


class ReturnToCaller(NamedTuple):
    """Go back to the caller with the entries in some slots."""

    slots: tuple[int, ...]
    span: Span

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow(reads=self.slots, leaves=True)


class Expect(NamedTuple):
    """Go on with `block` if the value of a slot has `names` elements, or rows: one for each name that gets one."""

    slot: int
    names: int
    block: int
    span: Span

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,), (self.slot,))


class EnterFor(NamedTuple):
    """Count the iterations of a `for` loop from the slots of its bounds.

    The first one starts with `block`, each later one with `again`; the block `after` stands behind the loop.
    `checkpoint` is the slot of how many states its reverse sweep may keep, if the program says so. `breaks` says that
    the loop may end before its last iteration.
    """

    node: nodes.ForLoop | nodes.Index
    first: int
    last: int
    step: int
    block: int
    again: int
    after: int
    checkpoint: int | None = None
    breaks: bool = False

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block, self.after), (self.first, self.last, self.step), body=self.block)


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

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block, self.after), (self.variable, self.first, self.last, self.step))


class BreakLoop(NamedTuple):
    """The innermost loop ends here, and `after` follows; `repeat` is what ends the iterations of a `for` loop."""

    after: int
    repeat: Repeat | None

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.after,), () if self.repeat is None else self.repeat.flow.reads)


class BeginCollection(NamedTuple):
    """The values of a comprehension will be collected."""

    block: int

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,))


class Collect(NamedTuple):
    """The entry in a slot is one of the values of the innermost comprehension."""

    slot: int
    block: int

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,), (self.slot,))


class Gather(NamedTuple):
    """The slot `result` gets an array of all values of a comprehension; with `counts`, how many there are."""

    result: int
    block: int
    node: nodes.Comprehension
    counts: bool

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,), (), (self.result,))


class EnterWhile(NamedTuple):
    """The start of a `while` loop; its condition starts with `block`."""

    node: nodes.WhileLoop
    block: int

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,), body=self.block)


class Leave(NamedTuple):
    """The condition of a `while` loop has failed; `block` stands behind the loop."""

    block: int

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,))


class Refuse(NamedTuple):
    """A `require` has failed: the program has nothing to say here."""

    node: nodes.Require

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow()


class Differentiate(NamedTuple):
    """`derivative(value, variable)`, with the slots of both; the slot `result` gets its entry, and `block` follows."""

    value: int
    variable: int
    result: int
    block: int
    node: nodes.Apply

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,), (self.value, self.variable), (self.result,))


class Solve(NamedTuple):
    """`solve x from 1 in x^2 == a`: the slots `results` get the values of the unknowns, and `block` follows.

    Attributes:
        equations: the code of what each equation is to make 0, its left side less its right one; its parameters are the
            unknowns, and behind them what it reads of the code around it
        residuals: the slots of these values, in that code
        starts: the slots of the values with which the search begins
        reads: the slots of what the equations read
        results, block, node: what gets the root, what follows, and the statement
    """

    equations: Code
    residuals: tuple[int, ...]
    starts: tuple[int, ...]
    reads: tuple[int, ...]
    results: tuple[int, ...]
    block: int
    node: nodes.Solve

    @property
    def flow(self) -> Flow:
        """What analyses ask of it."""
        return Flow((self.block,), (*self.starts, *self.reads), self.results, calls=True)


End: TypeAlias = (
    Stop | Jump | Decide | Choose | EndSide | Call | ReturnToCaller | Expect | EnterFor | Repeat | BreakLoop
    | BeginCollection | Collect | Gather | EnterWhile | Leave | Refuse | Differentiate | Solve
)  # fmt: skip


class BasicBlock(NamedTuple):
    """Operations without a decision between them.

    Attributes:
        steps: for each operation its function, the slots of its operands and the slot of its value
        operations, names: for each operation the primitive, and the name that its value is bound to
        placed: where each stands, its span
        end: what comes next
        numbers: for each operation whether its value, and what that replaces, are known to be numbers, and its
            derivative needs no array but for the shape of the first operand
    """

    steps: tuple[tuple[Callable[..., Any], tuple[int, ...], int], ...]
    operations: tuple[Primitive, ...]
    names: tuple[str | None, ...]
    placed: Later[tuple[Span, ...]]
    end: End
    numbers: tuple[bool, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """The span of each operation."""
        return self.placed.value


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
    blocks: tuple[BasicBlock, ...]
    bindings: Mapping[str, int]
    globals: tuple[tuple[int, int], ...]
    states: tuple[tuple[int, int], ...]
    assigned: tuple[tuple[int, int], ...]
    result: int

    def operations(self) -> Iterator[Primitive]:
        """Every operation that the code has."""
        for block in self.blocks:
            yield from block.operations

    def calls(self) -> Iterator[Call]:
        """Every call of a function of the program that the code has, those of equations included."""
        todo = [self]
        while todo:
            for block in todo.pop().blocks:
                if isinstance(block.end, Call):
                    yield block.end
                elif isinstance(block.end, Solve):
                    todo.append(block.end.equations)


def in_order(code: Code) -> list[int]:
    """The blocks that can be reached, each behind those that lead to it, but for the ends of loops."""
    order: list[int] = []
    seen = {0}
    todo = [(0, list(code.blocks[0].end.flow.leads_to))]
    while todo:
        number, rest = todo[-1]
        if not rest:
            order.append(number)
            todo.pop()
            continue
        after = rest.pop()
        if after not in seen:
            seen.add(after)
            todo.append((after, list(code.blocks[after].end.flow.leads_to)))
    return order[::-1]

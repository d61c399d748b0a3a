"""What a checked program is."""

from __future__ import annotations

from collections.abc import Mapping

from adcli.errors import Problem
from adcli.program.code import Code, Differentiate, EnterFor
from adcli.program.functions import Functions
from adcli.program.later import Later
from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.source import Source, Span


class InputVariable(NamedTuple):
    """An independent variable: code for its default and its range, where it has them, and its help text."""

    declaration: nodes.Input
    default: Code | None
    range: tuple[Code, Code] | None
    help: str

    @property
    def name(self) -> str:
        """The input's name."""
        return self.declaration.name.name

    @property
    def shape(self) -> tuple[str | int, ...] | None:
        """A size or its name for each dimension; empty for a number, None where any shape will do."""
        sizes = self.declaration.shape
        if sizes is None:
            return None
        return tuple(int(size.text) if isinstance(size, nodes.Number) else size.name for size in sizes)


class CompiledClaim(NamedTuple):
    """A claimed derivative.

    Attributes:
        output, variable: what is differentiated, and by which input; a component as `w[2]`
        code: computes what is claimed; its parameters are the slots of the program
        text: the claim as it would be written
        source: the text that it stands in
        span: where
        numbers: what is written, by component, where that is a number or an array of numbers; else empty
        constant: whether it reads no value of the program, so that it is no formula
        error: how far it is said to be off at most; None where nothing is said
    """

    output: str
    variable: str
    code: Code
    text: str
    source: Source
    span: Span
    numbers: tuple[str, ...] = ()
    constant: bool = False
    error: float | None = None


class Program(NamedTuple):
    """A program without mistakes.

    Attributes:
        source: its text
        inputs: the independent variables, in the order of their declaration
        outputs: the names of the dependent variables
        code: its operations; the parameters are the inputs
        functions: the code of each function that it defines
        sizes: the names of sizes that the inputs bind; they are parameters of the code behind the inputs
        arrays: whether its values may be arrays
        claims: the derivatives that it claims
        of_expression: whether it was read as an expression, which says less than a program
        written: its tree and its functions, as they stand in the text
    """

    source: Source
    inputs: tuple[InputVariable, ...]
    outputs: tuple[str, ...]
    code: Code
    functions: Mapping[str, Code]
    sizes: tuple[str, ...]
    arrays: bool
    claims: tuple[CompiledClaim, ...]
    of_expression: bool
    written: Later[tuple[nodes.Tree, Functions]]

    @property
    def tree(self) -> nodes.Tree:
        """Its statements."""
        return self.written.value[0]

    @property
    def all_functions(self) -> Functions:
        """The functions that it may call, and what is known of them."""
        return self.written.value[1]


def differentiates(program: Program) -> bool:
    """Whether a program has derivatives in it, which read what they please."""
    return any(
        isinstance(block.end, Differentiate)
        for code in (program.code, *program.functions.values())
        for block in code.blocks
    )


def has_checkpoints(program: Program, snapshots: int | None = None) -> bool:
    """Whether any loop of a program is to be reversed from checkpoints; `snapshots` are for loops that say nothing.

    Programs with `derivative` keep their whole tape: it is read at any place.
    """

    def is_asked(loop: EnterFor | nodes.ForLoop) -> bool:
        return loop.checkpoint is not None or snapshots is not None

    in_code = (block.end for block in program.code.blocks if isinstance(block.end, EnterFor))
    if not any(map(is_asked, in_code)) or differentiates(program):  # then nobody needs the tree
        return False
    return any(is_asked(statement) for statement in program.tree.statements if isinstance(statement, nodes.ForLoop))


def no_checkpoints(program: Program) -> Problem | None:
    """A warning that checkpoints, which are asked for, change nothing of a program, or of some loops; None if not."""
    top = program.tree.statements
    endless = next((statement for statement in top if isinstance(statement, nodes.WhileLoop)), None)
    if differentiates(program):
        note = "a program with `derivative` in it keeps its whole tape"
    elif endless is not None:
        note = f"line {program.source.place(endless.span.start)[0]}: a `while` loop keeps its whole tape"
    elif not has_checkpoints(program, 1):
        note = "the program has no `for` loop at its top level"
    else:
        return None
    message = "a reversal from checkpoints is one of `for` loops at the top level of a program"
    return Problem("no-checkpoint", message, None if endless is None else endless.header, "", note)

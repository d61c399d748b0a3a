"""The tree of a program: records with the span of each in the source.

Named tuples, and not dataclasses: a class costs a tenth to make and a node half, and both are on the way to
every result. They compare with their spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from adcli.syntax.source import Span


class Number(NamedTuple):
    """A literal, as it is written."""

    text: str
    span: Span


class Name(NamedTuple):
    """A use of a name."""

    name: str
    span: Span


class Apply(NamedTuple):
    """An operator or a function applied to its operands: `function` is `+`, `sin`, `where`, `<` or `and`.

    What applies a comparison, `and`, `or` or `not` is a condition; the grammar lets one stand only where it decides.
    Besides, `[]` makes an array of its operands, and `'` transposes. `X[1:, j]` is `[.:,.]` applied to `X`, 1 and j:
    each point stands for an operand; `[.:,.]=`, whose second operand is the new value, puts it there. What a function
    does along an axis has that in its name: `sum axis=0`.
    """

    function: str
    operands: tuple[Expression, ...]
    span: Span


Expression: TypeAlias = Number | Name | Apply


class Input(NamedTuple):
    """One independent variable of an `input` statement: default and range are constant expressions.

    The shape has a number or a name for each dimension; it is empty for a single number, and None where any will do.
    """

    name: Name
    default: Expression | None
    range: tuple[Expression, Expression] | None
    span: Span
    shape: tuple[Number | Name, ...] | None = ()


class Inputs(NamedTuple):
    """An `input` statement with its declarations; `help` is the comment behind it on its line."""

    declarations: tuple[Input, ...]
    help: str
    span: Span


class Assignment(NamedTuple):
    """`target = value`."""

    target: Name
    value: Expression
    span: Span


class Unpacking(NamedTuple):
    """`Q, R = qr(A)`: several names for the parts of one value."""

    targets: tuple[Name, ...]
    value: Expression
    span: Span


class Output(NamedTuple):
    """`output u, v`, or `output L = value`, which assigns as well."""

    names: tuple[Name, ...]
    value: Expression | None
    span: Span


class State(NamedTuple):
    """`state target = value`: an assignment to a name that functions may assign as well."""

    target: Name
    value: Expression
    span: Span


class Block(NamedTuple):
    """The statements between `{` and `}`."""

    statements: tuple[Statement, ...]
    span: Span


class Return(NamedTuple):
    """`return value`."""

    value: Expression
    span: Span


class Definition(NamedTuple):
    """`def name(parameters) = body`, or with a block of statements as its body."""

    name: Name
    parameters: tuple[Name, ...]
    body: Expression | Block
    span: Span


class Branch(NamedTuple):
    """`if condition block`: one branch of a conditional; the span is that of `if condition`."""

    condition: Expression
    body: Block
    span: Span


class Conditional(NamedTuple):
    """`if … else if … else …`; `otherwise` is what stands behind the last `else`."""

    branches: tuple[Branch, ...]
    otherwise: Block | None
    span: Span


class ForLoop(NamedTuple):
    """`for variable = first to last step step checkpoint checkpoint body`; `header` is the span of all but the body."""

    variable: Name
    first: Expression
    last: Expression
    step: Expression | None
    body: Block
    header: Span
    span: Span
    checkpoint: Expression | None = None


class WhileLoop(NamedTuple):
    """`while condition body`; `header` is the span of all but the body."""

    condition: Expression
    body: Block
    header: Span
    span: Span


class Require(NamedTuple):
    """`require condition`: what follows is meant only where it holds."""

    condition: Expression
    span: Span


class Claim(NamedTuple):
    """`claim dL/dx = value ± error`: what somebody takes the derivative of L by x for.

    `dL` and `dx` are as they are written; the error may be left out.
    """

    output: Expression
    variable: Expression
    value: Expression
    span: Span
    error: Number | None = None


Statement: TypeAlias = (
    Inputs | Assignment | Unpacking | Output | State | Definition | Return | Conditional | ForLoop | WhileLoop | Require
    | Claim
)  # fmt: skip

NO_AXIS = 10**9  # in the place of an axis that is no whole number: no array has so many
AXIS = " axis="  # between the name of a function and the axis that it works along

# The comparisons, and what holds where each does not.
COMPARISONS = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


class Tree(NamedTuple):
    """A whole program; `description` is its leading comment block without the `#`."""

    description: str
    statements: tuple[Statement, ...]


def blocks_of(statement: Statement) -> tuple[Block, ...]:
    """The blocks of statements that a statement holds."""
    if isinstance(statement, Conditional):
        bodies = tuple(branch.body for branch in statement.branches)
        return bodies if statement.otherwise is None else (*bodies, statement.otherwise)
    if isinstance(statement, (ForLoop, WhileLoop)):
        return (statement.body,)
    if isinstance(statement, Definition) and isinstance(statement.body, Block):
        return (statement.body,)
    return ()


def nested(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements and all that stand in their blocks, in the order of the text."""
    todo = list(statements)[::-1]
    while todo:
        statement = todo.pop()
        yield statement
        for block in reversed(blocks_of(statement)):
            todo.extend(reversed(block.statements))


def targets_of(statement: Statement) -> tuple[Name, ...]:
    """The names that a statement itself gives a value; not those of statements in its blocks."""
    if isinstance(statement, (Assignment, State)):
        return (statement.target,)
    if isinstance(statement, Unpacking):
        return statement.targets
    if isinstance(statement, Inputs):
        return tuple(
            name for declaration in statement.declarations for name in (declaration.name, *sizes_of(declaration))
        )
    if isinstance(statement, Output):
        return statement.names if statement.value is not None else ()
    return (statement.variable,) if isinstance(statement, ForLoop) else ()


def sizes_of(declaration: Input) -> tuple[Name, ...]:
    """The names in the shape of an input: what is given binds them."""
    return tuple(size for size in declaration.shape or () if isinstance(size, Name))


def own_statements(statements: Iterable[Statement]) -> list[Statement]:
    """The statements and those in their blocks, but for the bodies of functions."""
    result: list[Statement] = []
    todo = list(statements)[::-1]
    while todo:
        statement = todo.pop()
        result.append(statement)
        if not isinstance(statement, Definition):
            for block in reversed(blocks_of(statement)):
                todo.extend(reversed(block.statements))
    return result


def always_returns(body: Block) -> bool:
    """Whether every way through a block ends with `return`."""
    todo = [body]
    while todo:
        statements = todo.pop().statements
        if any(isinstance(statement, Return) for statement in statements):
            continue
        complete = [
            statement
            for statement in statements
            if isinstance(statement, Conditional) and statement.otherwise is not None
        ]
        if not complete:
            return False
        todo += blocks_of(complete[-1])
    return True


def expressions_of(statement: Statement) -> tuple[Expression, ...]:
    """The expressions and conditions of a statement itself; not those of statements in its blocks."""
    if isinstance(statement, (Assignment, Unpacking, State, Return, Claim)):
        return (statement.value,)
    if isinstance(statement, Output):
        return (statement.value,) if statement.value is not None else ()
    if isinstance(statement, Definition):
        return () if isinstance(statement.body, Block) else (statement.body,)
    return headers_of(statement)


def headers_of(statement: Statement) -> tuple[Expression, ...]:
    """The expressions and conditions that decide whether the blocks of a statement run, and how often."""
    if isinstance(statement, Conditional):
        return tuple(branch.condition for branch in statement.branches)
    if isinstance(statement, (WhileLoop, Require)):
        return (statement.condition,)
    if isinstance(statement, ForLoop):
        optional = (statement.step, statement.checkpoint)
        return (statement.first, statement.last, *(part for part in optional if part is not None))
    return ()


def function_and_axis(function: str) -> tuple[str, int | None]:
    """`sum axis=0` as the name of the function and the axis, which is None where there is none."""
    name, separator, axis = function.partition(AXIS)
    if not separator:
        return name, None
    return name, int(axis) if axis.lstrip("-").isdigit() else NO_AXIS


def subexpressions(expression: Expression) -> Iterator[Expression]:
    """An expression and all that it consists of."""
    todo = [expression]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, Apply):
            todo.extend(reversed(node.operands))

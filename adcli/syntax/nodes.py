"""The tree of a program: records with the span of each in the source.

Named tuples, and not dataclasses: a class costs half to make and a node three quarters, and both are on the way to
every result. They compare with their spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from adcli.records import NamedTuple
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

    A comparison, `and`, `or` and `not` decide, and are 1 or 0 as a value; `a < b < c` is `and` applied to `a < b` and
    `b < c`, with one `b` in both. Besides, `[]` makes an array of its operands, and `'` transposes. `X[1:, j]` is
    `[.:,.]` applied to `X`, 1 and j: each point stands for an operand; `[.:,.]=`, whose second operand is the new
    value, puts it there. What a function does along an axis has that in its name, and so has a text that it is given:
    `sum axis=0`, `einsum ij,j`. An operand that is given by name is `v=` applied to its value.
    """

    function: str
    operands: tuple[Expression, ...]
    span: Span


class Index(NamedTuple):
    """`for variable = first to last step step`, in a comprehension."""

    variable: Name
    first: Expression
    last: Expression
    step: Expression | None
    span: Span

    @property
    def header(self) -> Span:
        """All of it, as it has no body of its own."""
        return self.span


class Comprehension(NamedTuple):
    """`function(body for i = first to last if condition)`: a function of the values of `body`, and `[]` an array.

    The clauses are indices, each of which may read those before it, and conditions between and behind them.
    """

    function: str
    body: Expression
    clauses: tuple[Index | Expression, ...]
    span: Span


Expression: TypeAlias = Number | Name | Apply | Comprehension


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
    """`target = value`; `target += x` has the sum as its value, and `+` for `operator`."""

    target: Name
    value: Expression
    span: Span
    operator: str = ""


class Unpacking(NamedTuple):
    """`a, b = b, a`, or `Q, R = qr(A)`: several names for as many values, or for the parts of one.

    A target such as `w[2]` puts its value into an array, as an update does.
    """

    targets: tuple[Name | Apply, ...]
    values: tuple[Expression, ...]
    span: Span


class Output(NamedTuple):
    """`output u, v`, or `output u, L = value`, which assigns as well: each name has its value, or None."""

    names: tuple[Name, ...]
    values: tuple[Expression | None, ...]
    span: Span

    def assigned(self) -> Iterator[tuple[Name, Expression]]:
        """The names that it gives a value, and what that is."""
        for name, value in zip(self.names, self.values, strict=True):
            if value is not None:
                yield name, value


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
    """`return value`, `return a, b`."""

    values: tuple[Expression, ...]
    span: Span


class Definition(NamedTuple):
    """`def name(parameters) = body`, or with a block of statements as its body.

    Each parameter has a default, or None. `rule name(parameters) = body with derivative partials` states its partial by
    each parameter as well.
    """

    name: Name
    parameters: tuple[Name, ...]
    body: Expression | Block
    span: Span
    defaults: tuple[Expression | None, ...] = ()
    partials: tuple[Expression, ...] = ()


class Use(NamedTuple):
    """`use "file.ad"`, `use f, g from "file.ad"`: the functions of another file; all of them without names."""

    names: tuple[Name, ...]
    path: str
    path_span: Span
    span: Span


class Break(NamedTuple):
    """`break`: the innermost loop ends."""

    span: Span
    word: str = "break"


class Continue(NamedTuple):
    """`continue`: the next iteration of the innermost loop begins."""

    span: Span
    word: str = "continue"


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


class Solve(NamedTuple):
    """`solve x, y from 1, 0.5 in x^2 + y^2 == 4, x * y == 1`: unknowns, where the search for each begins, equations."""

    unknowns: tuple[Name, ...]
    starts: tuple[Expression, ...]
    equations: tuple[Expression, ...]
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
    Inputs | Assignment | Unpacking | Output | State | Definition | Return | Conditional | ForLoop | WhileLoop
    | Break | Continue | Require | Claim | Use | Solve
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
        return tuple(map(name_of_target, statement.targets))
    if isinstance(statement, Inputs):
        return tuple(
            name for declaration in statement.declarations for name in (declaration.name, *sizes_of(declaration))
        )
    if isinstance(statement, Output):
        return tuple(name for name, _ in statement.assigned())
    if isinstance(statement, Solve):
        return statement.unknowns
    return (statement.variable,) if isinstance(statement, ForLoop) else ()


def name_of_target(target: Name | Apply) -> Name:
    """The name that a target of several gives a value: `w` of `w[2]`."""
    if isinstance(target, Name):
        return target
    array = target.operands[0]
    assert isinstance(array, Name)
    return array


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


def leaving(body: Block) -> Iterator[Break | Continue]:
    """Each `break` and `continue` of the loop that has this body; those of loops inside it are their own."""
    todo: list[Statement] = list(body.statements)
    while todo:
        statement = todo.pop()
        if isinstance(statement, (Break, Continue)):
            yield statement
        elif not isinstance(statement, (ForLoop, WhileLoop)):
            todo += [inner for block in blocks_of(statement) for inner in block.statements]


def always_ends(body: Block, ends: Iterable[type] = (Return,)) -> bool:
    """Whether every way through a block ends with `return`, or with another one of some statements."""
    todo = [body]
    while todo:
        statements = todo.pop().statements
        if any(type(statement) in ends for statement in statements):
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
    if isinstance(statement, (Assignment, State, Claim)):
        return (statement.value,)
    if isinstance(statement, Return):
        return statement.values
    if isinstance(statement, Unpacking):
        return (*statement.values, *(place for place in statement.targets if isinstance(place, Apply)))
    if isinstance(statement, Output):
        return tuple(value for _, value in statement.assigned())
    if isinstance(statement, Solve):
        return (*statement.starts, *(side for equation in statement.equations for side in sides_of(equation)))
    if isinstance(statement, Definition):
        return statement.partials if isinstance(statement.body, Block) else (statement.body, *statement.partials)
    return headers_of(statement)


def sides_of(equation: Expression) -> tuple[Expression, ...]:
    """Both sides of an equation of a `solve`, which decides nothing; of what is no equation all of it."""
    return equation.operands if isinstance(equation, Apply) and equation.function == "==" else (equation,)


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


def axis_of(operand: Expression) -> str:
    """What stands in the name of a function for `axis = 0` among its operands; empty for anything else."""
    if not isinstance(operand, Apply) or operand.function != "axis=":
        return ""
    (value,) = operand.operands
    sign = ""
    if isinstance(value, Apply) and value.function == "-" and len(value.operands) == 1:
        sign, (value,) = "-", value.operands
    return f"{AXIS}{sign}{value.text}" if isinstance(value, Number) else ""


def name_given(operand: Expression) -> str:
    """The name of a parameter in front of an operand, `v` of `f(x, v = 1)`; empty where there is none."""
    if not isinstance(operand, Apply) or len(operand.operands) != 1 or operand.function[-1] != "=":
        return ""
    return operand.function[:-1]


def function_and_text(function: str) -> tuple[str, str | None]:
    """`einsum ij,j` as the name of the function and the text that it is given, which is None where there is none."""
    if AXIS in function or function[0] == "[":
        return function, None
    name, separator, text = function.partition(" ")
    return name, text if separator else None


def function_and_axis(function: str) -> tuple[str, int | None]:
    """`sum axis=0` as the name of the function and the axis, which is None where there is none."""
    name, separator, axis = function.partition(AXIS)
    if not separator:
        return name, None
    return name, int(axis) if axis.lstrip("-").isdigit() else NO_AXIS


def chained(node: Expression) -> Expression | None:
    """The `b` of `a < b < c`, which both comparisons have from one place of the text; None where there is none."""
    if not isinstance(node, Apply) or node.function != "and":
        return None
    left, right = node.operands
    if isinstance(left, Apply) and left.function == "and":  # what is shared can only be the end of a longer chain
        left = left.operands[1]
    if not (isinstance(left, Apply) and isinstance(right, Apply)):
        return None
    compares = left.function in COMPARISONS and right.function in COMPARISONS
    between = left.operands[-1]
    same = compares and between.span == right.operands[0].span and between.span.start < between.span.end
    return between if same else None


def subexpressions(expression: Expression) -> Iterator[Expression]:
    """An expression and all that it consists of."""
    todo = [expression]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, Apply):
            todo.extend(reversed(node.operands))
        elif isinstance(node, Comprehension):
            todo.append(node.body)
            for clause in reversed(node.clauses):
                todo.extend(reversed(bounds_of(clause)) if isinstance(clause, Index) else [clause])


def bounds_of(index: Index) -> tuple[Expression, ...]:
    """The bounds of an index, and its step if it has one."""
    return (index.first, index.last) if index.step is None else (index.first, index.last, index.step)


def names_read(expression: Expression) -> Iterator[Name]:
    """The names in an expression, but for the indices of its comprehensions."""
    todo: list[tuple[Expression, frozenset[str]]] = [(expression, frozenset())]
    while todo:
        node, own = todo.pop()
        if isinstance(node, Name):
            if node.name not in own:
                yield node
        elif isinstance(node, Apply):
            todo.extend([(operand, own) for operand in reversed(node.operands)])
        elif isinstance(node, Comprehension):
            parts: list[tuple[Expression, frozenset[str]]] = []
            for clause in node.clauses:
                if isinstance(clause, Index):
                    parts += [(bound, own) for bound in bounds_of(clause)]
                    own |= {clause.variable.name}
                else:
                    parts.append((clause, own))
            todo += [(node.body, own), *reversed(parts)]

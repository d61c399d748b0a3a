"""Tree → canonical text.

A statement to a line, blocks indented by four; one space around operators, none around `^`, and no bracket that is
not needed. Nothing here recurses, so that no nesting is too deep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.source import Span

WIDTH = 100  # columns that a line has; an expression that needs more is put in brackets, over several lines
INDENT = "    "

# How tightly an operator binds, as in ad.lark. Below all of them is what only brackets and a statement may hold.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGNED, _POWER, _POSTFIX, _ATOM = range(1, 11)
_BINARY = {
    "or": _OR, "and": _AND, **dict.fromkeys(nodes.COMPARISONS, _COMPARISON),
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "@": _PRODUCT, "^": _POWER,
}  # fmt: skip
_SIGNS = {"-": "-", "not": "not "}
_CHAINS = {"or", "and", "+", "-", "*", "/", "@"}

# A text that is done, or an expression with how tightly it must bind where it stands.
_Part: TypeAlias = str | tuple[nodes.Expression, int]


class Line(NamedTuple):
    """A line of a program: its text, how deep its block is, and the stretch of the source that it stands for."""

    text: str
    depth: int
    span: Span


def format_tree(tree: nodes.Tree) -> str:
    """The text of a program, without the comments that the tree does not know."""
    lines = [f"# {line}".rstrip() for line in tree.description.split("\n")] if tree.description else []
    lines += [f"{INDENT * line.depth}{line.text}" for line in statement_lines(tree, helps=True)]
    return "".join(f"{line}\n" for line in lines)


def statement_lines(tree: nodes.Tree, helps: bool = False) -> Iterator[Line]:
    """The lines of a program's statements; `helps` puts the help text of inputs behind them."""
    todo: list[Line | tuple[nodes.Statement, int]] = [(statement, 0) for statement in reversed(tree.statements)]
    while todo:
        item = todo.pop()
        if isinstance(item, Line):
            yield item
            continue
        statement, depth = item
        blocks = nodes.blocks_of(statement)
        if not blocks:
            text = _simple(statement, WIDTH - len(INDENT) * depth)
            if helps and isinstance(statement, nodes.Inputs) and statement.help:
                text += f"  # {statement.help}"
            yield Line(text, depth, statement.span)
            continue
        start = statement.span.start
        parts: list[Line | tuple[nodes.Statement, int]] = []
        headers = _headers(statement, WIDTH - len(INDENT) * depth - len(" {"))
        for header, block in zip(headers, blocks, strict=True):
            parts.append(Line(f"{header} {{", depth, Span(start, block.span.start + 1)))
            parts += [(inner, depth + 1) for inner in block.statements]
            start = block.span.end - 1
        parts.append(Line(f"}}{_partials(statement)}", depth, Span(start, statement.span.end)))
        todo.extend(reversed(parts))


def _headers(statement: nodes.Statement, width: int) -> list[str]:
    """What stands in front of each block of a statement."""
    if isinstance(statement, nodes.Conditional):
        headers = [_fitted("} else if ", branch.condition, width) for branch in statement.branches]
        return [headers[0].removeprefix("} else "), *headers[1:], *(["} else"] if statement.otherwise else [])]
    if isinstance(statement, nodes.ForLoop):
        return [for_text(statement)]
    if isinstance(statement, nodes.WhileLoop):
        return [_fitted("while ", statement.condition, width)]
    assert isinstance(statement, nodes.Definition)
    return [_signature(statement)]


def for_text(loop: nodes.ForLoop | nodes.Index) -> str:
    """`for k = 1 to n step 2`."""
    kept = loop.checkpoint if isinstance(loop, nodes.ForLoop) else None
    return _text(_index(loop)[::-1]) + ("" if kept is None else f" checkpoint {format_expression(kept)}")


def _index(loop: nodes.ForLoop | nodes.Index) -> list[_Part]:
    step: list[_Part] = [] if loop.step is None else [" step ", (loop.step, 0)]
    return [f"for {loop.variable.name} = ", (loop.first, 0), " to ", (loop.last, 0), *step]


def while_text(loop: nodes.WhileLoop) -> str:
    """`while x > 1`."""
    return f"while {format_expression(loop.condition)}"


def _signature(definition: nodes.Definition) -> str:
    parts = [
        name.name if default is None else f"{name.name} = {format_expression(default)}"
        for name, default in zip(definition.parameters, definition.defaults, strict=True)
    ]
    return f"{'rule' if definition.partials else 'def'} {definition.name.name}({', '.join(parts)})"


def _simple(statement: nodes.Statement, width: int) -> str:
    """The text of a statement without a block."""
    if isinstance(statement, nodes.Inputs):
        text = f"input {', '.join(map(_input, statement.declarations))}"
        return text if len(text) <= width or len(statement.declarations) > 1 else _long_input(statement, width)
    if isinstance(statement, (nodes.Break, nodes.Continue)):
        return statement.word
    if isinstance(statement, nodes.Use):
        names = ", ".join(name.name for name in statement.names)
        return f'use {names} from "{statement.path}"' if names else f'use "{statement.path}"'
    start_and_values = _start_and_values(statement)
    if start_and_values is not None:
        return start_and_values[0] + ", ".join(start_and_values[1])
    error = error_text(statement)
    return _fitted(*_start_and_value(statement), width - len(error)) + error


def _start_and_values(statement: nodes.Statement) -> tuple[str, list[str]] | None:
    """A statement of several values, or names: what stands in front of them, and each; None if it is none."""
    if isinstance(statement, nodes.Output) and (len(statement.names) > 1 or statement.values[0] is None):
        pairs = zip(statement.names, statement.values, strict=True)
        return "output ", [n.name if v is None else f"{n.name} = {format_expression(v)}" for n, v in pairs]
    if isinstance(statement, nodes.Unpacking) and len(statement.values) > 1:
        targets = ", ".join(map(format_expression, statement.targets))
        return f"{targets} = ", [format_expression(value) for value in statement.values]
    if isinstance(statement, nodes.Solve):
        unknowns = ", ".join(name.name for name in statement.unknowns)
        starts = ", ".join(map(format_expression, statement.starts))
        return f"solve {unknowns} from {starts} in ", [format_expression(equation) for equation in statement.equations]
    if isinstance(statement, nodes.Return) and len(statement.values) > 1:
        return "return ", [format_expression(value) for value in statement.values]
    return None


def error_text(statement: nodes.Statement) -> str:
    """` ± 0.01` behind a claim that says how far it may be off."""
    return f" ± {statement.error.text}" if isinstance(statement, nodes.Claim) and statement.error else ""


def _long_input(statement: nodes.Inputs, width: int) -> str:
    """An input with a long default, over several lines."""
    (declaration,) = statement.declarations
    short = declaration._replace(default=None, range=None)
    if declaration.default is None:
        return f"input {_input(declaration)}"
    text = _wrapped(f"input {_input(short)} = ", declaration.default, width)
    return text + _range(declaration)


def _fitted(start: str, value: nodes.Expression, width: int) -> str:
    """A text that ends with an expression, over several lines if it is too long for one."""
    text = start + format_expression(value)
    return text if len(text) <= width else _wrapped(start, value, width)


def _start_and_value(statement: nodes.Statement) -> tuple[str, nodes.Expression]:
    """A statement that ends with an expression: what stands in front of it, and it."""
    if isinstance(statement, nodes.Assignment):
        return _assignment(statement)
    if isinstance(statement, nodes.Unpacking):
        return f"{', '.join(map(format_expression, statement.targets))} = ", statement.values[0]
    if isinstance(statement, nodes.State):
        return f"state {statement.target.name} = ", statement.value
    if isinstance(statement, nodes.Return):
        return "return ", statement.values[0]
    if isinstance(statement, nodes.Claim):
        output, variable = (format_expression(side) for side in (statement.output, statement.variable))
        return f"claim {output}/{variable} = ", statement.value
    if isinstance(statement, nodes.Require):
        return "require ", statement.condition
    if isinstance(statement, nodes.Definition):
        assert not isinstance(statement.body, nodes.Block)
        if not statement.partials:
            return f"{_signature(statement)} = ", statement.body
        *others, last = statement.partials
        before = "".join(f"{format_expression(partial)}, " for partial in others)
        return f"{_signature(statement)} = {format_expression(statement.body)} with derivative {before}", last
    assert isinstance(statement, nodes.Output)
    ((name, assigned),) = statement.assigned()
    return f"output {name.name} = ", assigned


def _assignment(statement: nodes.Assignment) -> tuple[str, nodes.Expression]:
    """`a = b`, `w[2] = x`, `a += x`, in front of its value and that."""
    text, value = statement.target.name, statement.value
    if isinstance(value, nodes.Apply) and value.function.endswith("]="):
        array, new, *subscripts = value.operands
        text, value = _text(_indexed(value.function[:-1], array, subscripts)[::-1]), new
    if statement.operator and isinstance(value, nodes.Apply):
        value = value.operands[1]
    return f"{text} {statement.operator}= ", value


def _partials(statement: nodes.Statement) -> str:
    """` with derivative 2 * u` behind the block of a rule."""
    if not isinstance(statement, nodes.Definition) or not statement.partials:
        return ""
    return f" with derivative {', '.join(map(format_expression, statement.partials))}"


def _wrapped(start: str, value: nodes.Expression, width: int) -> str:
    """`a = (`, then the terms or factors of a long expression filled into lines, then `)`."""
    opening, pieces, closing = _pieces(value)
    lines = [f"{start}{opening}"]
    room = width - len(INDENT)
    line = ""
    for piece in pieces:
        if line and len(line) + 1 + len(piece) > room:
            lines.append(INDENT + line)
            line = ""
        line = f"{line} {piece}" if line else piece
    return "\n".join([*lines, INDENT + line, closing]) if pieces else start + format_expression(value)


def _pieces(value: nodes.Expression) -> tuple[str, list[str], str]:
    """A bracket, the parts between which a long expression may be broken, and the bracket that ends it."""
    if not isinstance(value, nodes.Apply):
        return "", [], ""
    sign = ""
    while value.function in _SIGNS and len(value.operands) == 1 and isinstance(value.operands[0], nodes.Apply):
        sign += _SIGNS[value.function]
        value = value.operands[0]
    if value.function in _CHAINS and len(value.operands) == 2 and nodes.chained(value) is None:
        return f"{sign}(", _terms(value), ")"
    if value.function in _BINARY or value.function in _SIGNS or value.function == "'" or not value.operands:
        return "", [], ""
    if value.function[0] == "[" and value.function != "[]":
        return "", [], ""
    *operands, last = (format_expression(operand) for operand in value.operands)
    name, axis = nodes.function_and_axis(value.function)
    name, text = nodes.function_and_text(name)
    opening, closing = ("[", "]") if value.function == "[]" else (f"{name}(", ")")
    if axis is not None:
        operands, last = [*operands, last], f"axis = {axis}"
    if text is not None:
        operands = [f'"{text}"', *operands]
    return f"{sign}{opening}", [*(f"{operand}," for operand in operands), last], closing


def _terms(value: nodes.Apply) -> list[str]:
    """`a`, `+ b`, `- c`: the operands of a chain of operators that bind alike."""
    binding = _BINARY[value.function]
    pieces: list[str] = []
    node: nodes.Expression = value
    while isinstance(node, nodes.Apply) and len(node.operands) == 2 and _binding(node) == binding:
        pieces.append(f"{node.function} {_text([(node.operands[1], binding + 1)])}")
        node = node.operands[0]
    pieces.append(_text([(node, binding)]))
    return pieces[::-1]


def format_expression(expression: nodes.Expression) -> str:
    """The text of an expression or a condition, in one line."""
    return _text([(expression, 0)])


def _text(todo: list[_Part]) -> str:
    pieces: list[str] = []
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        node, least = item
        if isinstance(node, nodes.Number):
            pieces.append(node.text)
        elif isinstance(node, nodes.Name):
            pieces.append(node.name)
        else:
            binding, parts = _comprehension(node) if isinstance(node, nodes.Comprehension) else _parts(node)
            if binding < least:
                parts = ["(", *parts, ")"]
            todo.extend(reversed(parts))
    return "".join(pieces)


def _binding(node: nodes.Apply) -> int | None:
    """How tightly a binary operator binds; a chain of comparisons does like one of them."""
    return _BINARY.get(node.function) if nodes.chained(node) is None else _COMPARISON


def _comprehension(node: nodes.Comprehension) -> tuple[int, list[_Part]]:
    """`sum(x[i] for i = 0 to n - 1 if i != j)`, in parts."""
    parts: list[_Part] = [(node.body, 0)]
    for clause in node.clauses:
        parts += [" ", *_index(clause)] if isinstance(clause, nodes.Index) else [" if ", (clause, 0)]
    if node.function == "[]":
        return _ATOM, ["[", *parts, "]"]
    return _ATOM, [f"{node.function}(", *parts, ")"]


def _parts(node: nodes.Apply) -> tuple[int, list[_Part]]:
    """How tightly an application binds, and its text in parts: each operand with the least that it must bind."""
    if nodes.chained(node) is not None:
        left, right = node.operands
        assert isinstance(right, nodes.Apply)
        return _COMPARISON, [(left, _COMPARISON), f" {right.function} ", (right.operands[1], _SUM)]
    binding = _BINARY.get(node.function)
    if binding is not None and len(node.operands) == 2:
        left, right = node.operands
        if binding == _POWER:  # right-associative; the exponent may carry a sign
            return _POWER, [(left, _POSTFIX), "^", (right, _SIGNED)]
        # a comparison is not chained: both its sides bind more tightly
        least = _SUM if binding == _COMPARISON else binding
        return binding, [(left, least), f" {node.function} ", (right, binding + 1)]
    if node.function == "-":
        return _SIGNED, ["-", (node.operands[0], _SIGNED)]
    if node.function == "not":
        return _NOT, ["not ", (node.operands[0], _NOT)]
    if node.function == "'":
        return _POSTFIX, [(node.operands[0], _POSTFIX), "'"]
    if name_given := nodes.name_given(node):
        return 0, [f"{name_given} = ", (node.operands[0], 0)]
    arguments: list[_Part] = []
    for operand in node.operands:
        arguments += [", ", (operand, 0)]
    if node.function == "[]":
        return _ATOM, ["[", *arguments[1:], "]"]
    if node.function.endswith("]="):  # a statement, and here what it makes: `w[2] = x`
        array, value, *subscripts = node.operands
        return 0, [*_indexed(node.function[:-1], array, subscripts), " = ", (value, 0)]
    if node.function[0] == "[":
        return _POSTFIX, _indexed(node.function, node.operands[0], node.operands[1:])
    name, text = nodes.function_and_text(node.function)
    if text is not None:
        return _ATOM, [f'{name}("{text}"', *arguments, ")"]
    name, axis = nodes.function_and_axis(node.function)
    if axis is not None:
        arguments.append(f", axis = {axis}")
    return _ATOM, [name, "(", *arguments[1:], ")"]


def _indexed(pattern: str, array: nodes.Expression, subscripts: Sequence[nodes.Expression]) -> list[_Part]:
    """`X[1:, j]`, in parts: each point of the pattern is a subscript."""
    first, *others = pattern.replace(",", ", ").split(".")
    parts: list[_Part] = [(array, _POSTFIX), first]
    for subscript, text in zip(subscripts, others, strict=True):
        parts += [(subscript, 0), text]
    return parts


def _input(declaration: nodes.Input) -> str:
    text = declaration.name.name
    if declaration.shape:
        sizes = (size.text if isinstance(size, nodes.Number) else size.name for size in declaration.shape)
        text += f"[{', '.join(sizes)}]"
    if declaration.default is not None:
        text += f" = {format_expression(declaration.default)}"
    return text + _range(declaration)


def _range(declaration: nodes.Input) -> str:
    if declaration.range is None:
        return ""
    low, high = (format_expression(bound) for bound in declaration.range)
    return f" in [{low}, {high}]"

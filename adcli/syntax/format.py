"""Tree → canonical text: one space around `+ - * /`, none around `^`, and no bracket that is not needed."""

from __future__ import annotations

from adcli.syntax import nodes

# How tightly an operator binds, as in ad.lark.
_SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(1, 6)
_BINARY = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "^": _POWER}


def format_tree(tree: nodes.Tree) -> str:
    """The text of a program, one statement to a line."""
    lines = [f"# {line}".rstrip() for line in tree.description.split("\n")] if tree.description else []
    lines += [format_statement(statement) for statement in tree.statements]
    return "".join(f"{line}\n" for line in lines)


def format_statement(statement: nodes.Statement) -> str:
    """The text of a statement, with an input's help as the comment behind it."""
    if isinstance(statement, nodes.Assignment):
        return f"{statement.target.name} = {format_expression(statement.value)}"
    if isinstance(statement, nodes.Output):
        names = ", ".join(name.name for name in statement.names)
        return f"output {names}" + ("" if statement.value is None else f" = {format_expression(statement.value)}")
    declarations = ", ".join(_format_input(declaration) for declaration in statement.declarations)
    return f"input {declarations}" + (f"  # {statement.help}" if statement.help else "")


def format_expression(expression: nodes.Expression) -> str:
    """The text of an expression. Works through a stack of its own, so that no nesting is too deep."""
    pieces: list[str] = []
    todo: list[str | tuple[nodes.Expression, int]] = [(expression, 0)]
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
            binding, parts = _parts(node)
            if binding < least:
                parts = ["(", *parts, ")"]
            todo.extend(reversed(parts))
    return "".join(pieces)


def _parts(node: nodes.Apply) -> tuple[int, list[str | tuple[nodes.Expression, int]]]:
    """How tightly an application binds, and its text in parts: each operand with the least that it must bind."""
    binding = _BINARY.get(node.function)
    if binding is not None and len(node.operands) == 2:
        left, right = node.operands
        if binding == _POWER:  # right-associative; the exponent may carry a sign
            return _POWER, [(left, _ATOM), "^", (right, _SIGNED)]
        return binding, [(left, binding), f" {node.function} ", (right, binding + 1)]
    if node.function == "-":
        return _SIGNED, ["-", (node.operands[0], _SIGNED)]
    arguments: list[str | tuple[nodes.Expression, int]] = []
    for operand in node.operands:
        arguments += [", ", (operand, 0)]
    return _ATOM, [node.function, "(", *arguments[1:], ")"]


def _format_input(declaration: nodes.Input) -> str:
    text = declaration.name.name
    if declaration.default is not None:
        text += f" = {format_expression(declaration.default)}"
    if declaration.range is not None:
        low, high = (format_expression(bound) for bound in declaration.range)
        text += f" in [{low}, {high}]"
    return text

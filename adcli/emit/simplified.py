"""Operations without what changes nothing, to the last bit."""

from __future__ import annotations

from adcli.emit.lines import NOWHERE
from adcli.syntax import nodes
from adcli.tape.labels import label_node


def simplified(tree: nodes.Apply) -> nodes.Expression:
    """An operation without what changes nothing, to the last bit: `* 1`, `/ 1`, `^ 1`, `- 0`; whole numbers done."""
    function, operands = tree.function, tree.operands
    numbers = [_number(operand) for operand in operands]
    if function == "-" and len(operands) == 1:
        (inner,) = operands
        twice = isinstance(inner, nodes.Apply) and inner.function == "-" and len(inner.operands) == 1
        return inner.operands[0] if twice and isinstance(inner, nodes.Apply) else tree
    if len(operands) != 2:
        return tree
    left, right = operands
    if None not in numbers and function in ("+", "-", "*"):
        a, b = (number or 0.0 for number in numbers)
        value = {"+": a + b, "-": a - b, "*": a * b}[function]
        if value.is_integer() and abs(value) < 2**53:
            return label_node(str(int(value)))
    if function == "*" and numbers[0] in (1.0, -1.0):
        return right if numbers[0] == 1 else _negative(right)
    if function == "*" and numbers[1] in (1.0, -1.0):
        return left if numbers[1] == 1 else _negative(left)
    if function in ("/", "^") and numbers[1] == 1:
        return left
    if function == "-" and numbers[1] == 0:
        return left
    if function == "+":
        positive = _without_sign(right)
        return tree if positive is None else nodes.Apply("-", (left, positive), NOWHERE)
    return tree


def _without_sign(tree: nodes.Expression) -> nodes.Expression | None:
    """What a term is the negative of, if it is written with a sign: `-a`, `-a * b`."""
    if not isinstance(tree, nodes.Apply):
        return None
    if tree.function == "-" and len(tree.operands) == 1:
        return tree.operands[0]
    if tree.function in ("*", "/"):
        first = tree.operands[0]
        if isinstance(first, nodes.Apply) and first.function == "-" and len(first.operands) == 1:
            return nodes.Apply(tree.function, (first.operands[0], tree.operands[1]), NOWHERE)
    return None


def _negative(tree: nodes.Expression) -> nodes.Expression:
    return simplified(nodes.Apply("-", (tree,), NOWHERE))


def _number(tree: nodes.Expression) -> float | None:
    """The value of a literal, which may have a sign."""
    if isinstance(tree, nodes.Number):
        return float(tree.text)
    if isinstance(tree, nodes.Apply) and tree.function == "-" and len(tree.operands) == 1:
        inner = tree.operands[0]
        return -float(inner.text) if isinstance(inner, nodes.Number) else None
    return None

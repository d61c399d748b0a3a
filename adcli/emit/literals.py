"""Numbers, arrays and constants as a program writes them."""

from __future__ import annotations

from collections.abc import Container
from math import isfinite, isnan

from adcli.emit.lines import NOWHERE
from adcli.rules.dispatch import shape_of
from adcli.syntax import nodes
from adcli.syntax.parse import parse_expression
from adcli.syntax.source import Source
from adcli.tape.labels import label_node
from adcli.tape.tape import Tape, Value


def number_literal(value: Value) -> str:
    """A number, or an array, as a program writes it, with all its digits: `2`, `0.1`, `-1e-08`, `[1, 2]`."""
    if type(value) is not float and shape_of(value):
        return (
            f"[{', '.join(number_literal(item) if shape_of(item) else number_literal(float(item)) for item in value)}]"
        )
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def number_node(value: float) -> nodes.Expression:
    """A number as an expression of the language, which has no names of its own for infinity and for no number."""
    if isfinite(value):
        return label_node(number_literal(value))
    infinite = nodes.Apply("/", (label_node("0" if isnan(value) else "1"), label_node("0")), NOWHERE)
    return nodes.Apply("-", (infinite,), NOWHERE) if value < 0 else infinite


def not_finite(tree: nodes.Apply) -> str:
    """`inf` or `nan` where an expression is one that `number_node` writes for these; else nothing."""
    texts = "/".join(operand.text for operand in tree.operands if isinstance(operand, nodes.Number))
    return {"1/0": "inf", "0/0": "nan"}.get(texts, "") if tree.function == "/" else ""


def constant_node(tape: Tape, entry: int, inputs: Container[str]) -> nodes.Expression:
    """What a constant of a tape is written as, where inputs have some names."""
    value = tape.values[entry]
    if shape_of(value):
        return parse_expression(Source("", number_literal(value)))
    text = tape.names[entry] or ""
    return label_node(repr(value) if text in inputs else text)  # `pi` may be an input of the program

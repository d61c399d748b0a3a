"""What `lint` tells of a program that cannot be differentiated, or whose second derivatives a convention hides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adcli.errors import Problem
from adcli.program.program import Program
from adcli.rules.table import primitive_named
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.trust.guards import HIDDEN_CURVATURE, NO_INPUT


def without_inputs(program: Program) -> Problem:
    """What is said of a program that has no input: `adcli grad` refuses it."""
    assigned = next((s for s in program.tree.statements if isinstance(s, nodes.Assignment)), None)
    message, note = "there is nothing to differentiate by: the program has no `input`", ""
    help_text = "declare what the derivatives are by: `input x = 2`"
    if assigned is not None:
        name, value = assigned.target.name, assigned.value
        note = f"line {program.source.place(assigned.span.start)[0]} assigns `{name}`"
        if isinstance(value, nodes.Number):
            help_text = f"write `input {name} = {value.text}`"
    return Problem(NO_INPUT, message, None if assigned is None else assigned.span, "", note, help_text)


def hidden_curvatures(statements: Iterable[nodes.Statement]) -> Iterator[Problem]:
    """A warning for each power of something with a kink that another formula has without a kink."""
    for statement in statements:
        for expression in nodes.expressions_of(statement):
            for node in filter(_is_of_kink, nodes.subexpressions(expression)):
                text = _smooth(node)
                if text:
                    message = f"`{format_expression(node)}` hides its second derivative where its base is at a kink"
                    note = "the first derivative is right everywhere; at the kink the second one is taken to be 0"
                    yield Problem(HIDDEN_CURVATURE, message, node.span, "", note, f"write `{text}`")


def _is_of_kink(node: nodes.Expression) -> bool:
    """Whether an expression is an operator applied to a function with a kink: few are, and the others are not read."""
    if not isinstance(node, nodes.Apply) or node.function not in ("^", "*"):
        return False
    base = node.operands[0]
    row = primitive_named(base.function, len(base.operands)) if isinstance(base, nodes.Apply) else None
    return row is not None and row.kink is not None


def _smooth(node: nodes.Expression) -> str:
    """Another way to write an expression that has no kink; empty where none is known."""
    from adcli.trust.rewrites import SMOOTH, rewritten  # which few programs need

    return next((text for rewrite in SMOOTH if (text := rewritten(node, rewrite)) is not None), "")

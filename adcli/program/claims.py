"""Claims: derivatives as somebody has worked them out, to be held against those of the program.

A claim's expression is computed behind the program, from the last values of its names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from adcli.errors import AdError, Problem
from adcli.program.build import Outside
from adcli.program.expressions import ExpressionCompiler, uses_arrays
from adcli.program.mistakes import number_too_large
from adcli.program.program import CompiledClaim, Program
from adcli.program.suggest import did_you_mean
from adcli.records import NamedTuple
from adcli.syntax import nodes
from adcli.syntax.format import error_text, format_expression
from adcli.syntax.source import Source, Span

CODE = "bad-claim"
FORM = "write `claim dL/dx = …`, where L is an output and x an input; behind it `± 0.01` if it may be off"


class ClaimScope(NamedTuple):
    """What a claim may name: the slots of the program's values, its inputs, and how many slots and what else it has."""

    bindings: Mapping[str, int]
    inputs: tuple[str, ...]
    size: int
    outside: Outside


def compile_claim(claim: nodes.Claim, scope: ClaimScope, source: Source) -> tuple[CompiledClaim, list[Problem]]:
    """The code of a claim, and what is wrong with it."""
    outside = scope.outside
    claim = _with_error(claim)
    arrays = outside.arrays or uses_arrays([claim.value], outside.functions)
    builder = ExpressionCompiler(scope.size, outside._replace(arrays=arrays))
    builder.adopt(scope.bindings)
    builder.append(claim.value)
    problems = list(builder.problems)
    output, variable = (_claimed(side, problems) for side in (claim.output, claim.variable))
    for side, label, known, what in (
        (claim.output, output, scope.bindings, "value of the program"),
        (claim.variable, variable, scope.inputs, "input"),
    ):
        name = label.partition("[")[0]
        if name and name not in known:
            problems.append(_unknown(side, name, known, what))
    error = None if claim.error is None else float(claim.error.text)
    if claim.error is not None and error == math.inf:
        problems.append(number_too_large(claim.error.text, claim.error.span))
    text = f"d{output}/d{variable} = {format_expression(claim.value)}{error_text(claim)}"
    names = (name.name for name in nodes.names_read(claim.value))
    return CompiledClaim(
        output, variable, builder.finish(), text, source, claim.span, tuple(_numbers(claim.value)),
        not any(name in scope.bindings for name in names), error,
    ), problems  # fmt: skip


def _with_error(claim: nodes.Claim) -> nodes.Claim:
    """The same claim; what is written `5.88 +- 0.01` is `5.88 ± 0.01`."""
    value = claim.value
    if claim.error is not None or not (isinstance(value, nodes.Apply) and value.function == "+"):
        return claim
    number, error = value.operands[0], value.operands[-1]
    if len(value.operands) != 2 or not (isinstance(error, nodes.Apply) and error.function == "-"):
        return claim
    size = error.operands[0]
    if len(error.operands) != 1 or not isinstance(size, nodes.Number) or not _numbers(number):
        return claim
    return claim._replace(value=number, error=size)


def _numbers(value: nodes.Expression) -> list[str]:
    """The numbers that are written, perhaps with a sign and in an array; none where anything else is."""
    texts: list[str] = []
    todo = [(value, "")]
    while todo:
        part, sign = todo.pop()
        if isinstance(part, nodes.Number):
            texts.append(sign + part.text)
        elif isinstance(part, nodes.Apply) and part.function == "-" and len(part.operands) == 1 and not sign:
            todo.append((part.operands[0], "-"))
        elif isinstance(part, nodes.Apply) and part.function == "[]" and not sign:
            todo += [(operand, "") for operand in reversed(part.operands)]
        else:
            return []
    return texts


def claim_of(text: str, scope: ClaimScope, name: str = "--claim") -> CompiledClaim:
    """A claim that stands alone, as `dL/dx = y`; raises AdError with all that is wrong. `name` is where it stands."""
    from adcli.syntax.parse import read

    source = Source(name, f"claim {text.strip()}")
    reading = read(source)
    if reading.problems:
        raise AdError(reading.problems, source)
    statements = reading.tree.statements
    if len(statements) != 1 or not isinstance(statements[0], nodes.Claim):
        raise AdError(Problem(CODE, "this is no claim", Span(0, len(source.text)), help=FORM), source)
    claim, problems = compile_claim(statements[0], scope, source)
    if problems:
        raise AdError(problems, source)
    return claim


def scope_of(program: Program) -> ClaimScope:
    """What the claims of a program may name, which are read behind it."""
    states = frozenset(s.target.name for s in program.tree.statements if isinstance(s, nodes.State))
    functions = program.all_functions
    outside = Outside(functions.visible, functions, states=states, arrays=program.arrays)
    inputs = tuple(variable.name for variable in program.inputs)
    return ClaimScope(program.code.bindings, inputs, program.code.size, outside)


def _claimed(side: nodes.Expression, problems: list[Problem]) -> str:
    """`w[2]` of `dw[2]`; empty where it is nothing of the kind."""
    name, index = side, ""
    if isinstance(side, nodes.Apply):
        name, *subscripts = side.operands
        numbered = all(isinstance(subscript, nodes.Number) and subscript.text.isdigit() for subscript in subscripts)
        if not numbered or ":" in side.function:
            help_text = "a component has whole numbers: `dw[2]`, `dX[1, 0]`"
            problems.append(Problem(CODE, "a claim is of one component, or of all", side.span, help=help_text))
            return ""
        index = f"[{', '.join(subscript.text for subscript in subscripts if isinstance(subscript, nodes.Number))}]"
    assert isinstance(name, nodes.Name)
    if not name.name.startswith("d") or name.name == "d":
        message = f"`{name.name}` does not start with the `d` of a derivative"
        problems.append(Problem(CODE, message, name.span, help=FORM))
        return ""
    return name.name[1:] + index


def _unknown(side: nodes.Expression, name: str, known: Iterable[str], what: str) -> Problem:
    article = "an" if what == "input" else "a"
    close = did_you_mean(name, known)
    help_text = close.replace("`", "`d", 1) if close else f"there are {', '.join(f'`d{name}`' for name in known)}"
    return Problem(CODE, f"`{name}` is not {article} {what}", side.span, f"the claim is about `{name}`", help=help_text)

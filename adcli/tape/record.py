"""The recorded sweep: the reverse sweep written onto the tape that it sweeps, as more entries.

The formulas of the table are parsed, and the interpreter that runs users' programs runs them, with `a`, `b`,
`v` bound to entries. So what a sweep computes can be swept again, to any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from heapq import heappop, heappush

from adcli.program.build import CodeBuilder
from adcli.program.code import Code
from adcli.rules.formula import chosen_formula, formula_tree
from adcli.rules.primitive import Primitive
from adcli.rules.table import ADDITION, CONSTANT, MULTIPLICATION
from adcli.syntax.source import Span
from adcli.tape.machine import run
from adcli.tape.tape import Tape


def record_sweep(tape: Tape, seeds: Mapping[int, int], active: Sequence[bool]) -> dict[int, int]:
    """Append the reverse sweep; the entry of the adjoint of every entry that the seeds reach.

    Args:
        tape: what ran; the sweep is appended to it
        seeds: for each output entry the entry of the adjoint that it starts with
        active: for each entry whether it depends on an input that matters
    """
    adjoints = dict(seeds)
    for entry in range(max(seeds, default=-1), -1, -1):
        if entry not in adjoints or not active[entry]:
            continue
        first_new = len(tape)
        _pass_on(tape, entry, adjoints, active.__getitem__)
        for new in range(first_new, len(tape)):  # what a rule computes stands where its operation stands
            tape.spans[new] = tape.spans[entry]
    return adjoints


def record_derivative(tape: Tape, value: int, variable: int, span: Span) -> int:
    """Append the derivative of one entry by an earlier one, along all ways between the two; its entry.

    Only the entries on these ways are walked through, so that a loop may differentiate in every iteration.
    """
    depends = tape.dependents(variable, value)
    if value not in depends:
        return tape.constant("0", 0.0)
    first_new = len(tape)
    adjoints = {value: tape.constant("1", 1.0)}
    todo = [-value]  # a heap: the last entries first
    while todo[0] != -variable:
        entry = -heappop(todo)
        for source in {source for source in tape.operands[entry] if source in depends and source not in adjoints}:
            heappush(todo, -source)
        _pass_on(tape, entry, adjoints, depends.__contains__)
    for new in range(first_new, len(tape)):
        tape.spans[new] = None if tape.operations[new] is CONSTANT else span
    return adjoints[variable]


def _pass_on(tape: Tape, entry: int, adjoints: dict[int, int], matters: Callable[[int], bool]) -> None:
    """Append the contributions of one entry to the adjoints of those operands that matter."""
    for position, source in enumerate(tape.operands[entry]):
        if matters(source):
            contribution = _times_partial(tape, entry, position, adjoints[entry])
            so_far = adjoints.get(source)
            adjoints[source] = contribution if so_far is None else _apply(tape, ADDITION, so_far, contribution)


def record_forward(tape: Tape, tangents: Mapping[int, int], end: int | None = None) -> dict[int, int]:
    """Append the forward sweep; the entry of the tangent of every entry that the given ones reach.

    Args:
        tape: what ran; the sweep is appended to it
        tangents: for some input entries the entry of the tangent
        end: the entry at which the sweep ends; by default all that is on the tape is swept
    """
    result = dict(tangents)
    for entry in range(len(tape) if end is None else end):
        first_new = len(tape)
        for position, source in enumerate(tape.operands[entry]):
            if source in result:
                term = _times_partial(tape, entry, position, result[source])
                so_far = result.get(entry)
                result[entry] = term if so_far is None else _apply(tape, ADDITION, so_far, term)
        for new in range(first_new, len(tape)):
            tape.spans[new] = tape.spans[entry]
    return result


def _times_partial(tape: Tape, entry: int, position: int, g: int) -> int:
    """The entry of g times one partial of an entry's operation."""
    operation, operands = tape.operations[entry], tape.operands[entry]
    formula = chosen_formula(operation, position, tape.operand_values(entry), tape.values[entry])
    if formula == "1":
        return g
    code = formula_code(formula, (*operation.letters(len(operands)), "v"))
    slots = run(code, tape, (*operands, entry))
    return _apply(tape, MULTIPLICATION, g, slots[code.result])


@cache
def formula_code(formula: str, parameters: tuple[str, ...]) -> Code:
    """A formula of the table as code, with the names that it uses as parameters."""
    builder = CodeBuilder(len(parameters))
    builder.bindings.update((name, slot) for slot, name in enumerate(parameters))
    builder.append(formula_tree(formula))
    if builder.problems:
        raise ValueError(f"the formula `{formula}` is wrong: {builder.problems[0].message}")
    return builder.finish()


def _apply(tape: Tape, primitive: Primitive, left: int, right: int) -> int:
    """The entry of an operator applied to two entries."""
    code = formula_code(f"a {primitive.symbol} b", ("a", "b"))
    entry: int = run(code, tape, (left, right))[code.result]
    return entry

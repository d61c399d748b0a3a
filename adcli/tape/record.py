"""The recorded sweep: the reverse sweep written onto the tape that it sweeps, as more entries.

The formulas of the table are parsed, and the interpreter that runs users' programs runs them, with `a`, `b`,
`v` bound to entries. So what a sweep computes can be swept again, to any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from heapq import heappop, heappush

from adcli.errors import AdError
from adcli.program.build import CodeBuilder, Outside
from adcli.program.code import Code
from adcli.program.mistakes import derivative_of_array
from adcli.rules import array_formula
from adcli.rules.arrays import EXPAND, SUM_TO
from adcli.rules.dispatch import is_finite, shape_of, shapes_of
from adcli.rules.formula import chosen_formula
from adcli.rules.primitive import Primitive
from adcli.rules.table import ADDITION, CONSTANT, MULTIPLICATION, SELECT
from adcli.syntax.source import Span
from adcli.tape.arrays import sides_of
from adcli.tape.execute import quiet
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


def append_zeros(tape: Tape, entry: int) -> int:
    """The entry of zeros of the shape of another one."""
    sizes = shape_of(tape.values[entry])
    code = formula_code(f"zeros({', '.join(map(str, sizes))})" if sizes else "0 * 1", (), True)
    result: int = run(code, tape, ())[code.result]
    return result


def record_derivative(tape: Tape, value: int, variable: int, span: Span) -> int:
    """Append the derivative of one entry by an earlier one, along all ways between the two; its entry.

    Only the entries on these ways are walked through, so that a loop may differentiate in every iteration.
    """
    shape = shape_of(tape.values[value])
    if shape:
        raise AdError(derivative_of_array(shape, span), tape.source)
    tape.arrays = tape.arrays or any(type(one) is not float for one in tape.values)
    depends = tape.dependents(variable, value)
    if value not in depends:
        return append_zeros(tape, variable) if shape_of(tape.values[variable]) else tape.constant("0", 0.0)
    first_new = len(tape)
    adjoints = {value: tape.constant("1", 1.0)}
    todo = [-value]  # a heap: the last entries first
    while todo and todo[0] != -variable:
        entry = -heappop(todo)
        new_ones = {source for source in tape.operands[entry] if source in depends and source not in adjoints}
        _pass_on(tape, entry, adjoints, depends.__contains__)
        for source in new_ones & adjoints.keys():  # an array of which only the shape is read receives nothing
            heappush(todo, -source)
    for new in range(first_new, len(tape)):
        tape.spans[new] = None if tape.operations[new] is CONSTANT else span
    if variable not in adjoints:  # nothing is received along any way
        return append_zeros(tape, variable)
    return adjoints[variable]


def _pass_on(tape: Tape, entry: int, adjoints: dict[int, int], matters: Callable[[int], bool]) -> None:
    """Append the contributions of one entry to the adjoints of those operands that matter."""
    for position, source in enumerate(tape.operands[entry]):
        if matters(source):
            contribution = _contribution(tape, entry, position, adjoints[entry])
            if contribution is None:
                continue
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
                term = _term(tape, entry, position, result[source])
                if term is None:
                    continue
                so_far = result.get(entry)
                result[entry] = term if so_far is None else _apply(tape, ADDITION, so_far, term)
        for new in range(first_new, len(tape)):
            tape.spans[new] = tape.spans[entry]
    return result


def _contribution(tape: Tape, entry: int, position: int, g: int) -> int | None:
    """The entry of what an operand of an entry receives from its adjoint g; None for nothing."""
    if not tape.arrays:
        return _times_partial(tape, entry, position, g)
    operation, operands = tape.operations[entry], tape.operands[entry]
    values = tape.operand_values(entry)
    formula = array_formula.pullback_formula(operation, position, shapes_of(values))
    if not formula:
        return None
    sides, first_new = sides_of(tape, entry), len(tape)
    received = _formula(tape, entry, formula, "g", g)
    edge = operation.edge(position)
    if edge is not None and array_formula.needs_edge(
        operation, edge, tape.values[entry], values, tape.values[received]
    ):
        other = array_formula.edge_formula(operation, edge)
        received = _formula(tape, entry, f"where({edge[0]} == 0, {other}, {formula})", "g", g)
    for side in sides if not is_finite(tape.values[received]) else ():
        if shape_of(tape.values[side.mask]) == shape_of(tape.values[received]):
            zero = tape.constant("0", 0.0)
            chosen = (received, zero) if side.holds else (zero, received)
            received = _append(tape, SELECT, side.mask, *chosen)
    received = _fit(tape, received, operands[position], SUM_TO)
    tape.masked += [side._replace(start=first_new, end=len(tape)) for side in sides]
    return received


def _term(tape: Tape, entry: int, position: int, tangent: int) -> int | None:
    """The entry of what the tangent of an operand adds to that of an entry; None for nothing."""
    if not tape.arrays:
        return _times_partial(tape, entry, position, tangent)
    operation, values = tape.operations[entry], tape.operand_values(entry)
    formula = array_formula.pushforward_formula(operation, position, values)
    if not formula:
        return None
    letter = f"d{operation.letters(len(values))[position]}"
    sides, first_new = sides_of(tape, entry), len(tape)
    term = _formula(tape, entry, formula, letter, tangent)
    edge = operation.edge(position)
    if edge is not None and array_formula.needs_edge(operation, edge, tape.values[entry], values, tape.values[term]):
        other = array_formula.edge_tangent(operation, edge, letter)
        term = _formula(tape, entry, f"where({edge[0]} == 0, {other}, {formula})", letter, tangent)
    term = _fit(tape, term, entry, EXPAND)
    tape.masked += [side._replace(start=first_new, end=len(tape)) for side in sides]
    return term


def _formula(tape: Tape, entry: int, formula: str, letter: str, given: int) -> int:
    """The entry of a formula of an entry's operation, with one more letter for a given entry."""
    if formula == letter:
        return given
    operation, operands = tape.operations[entry], tape.operands[entry]
    code = formula_code(formula, (*operation.letters(len(operands)), "v", letter), True)
    with quiet(tape):
        result: int = run(code, tape, (*operands, entry, given))[code.result]
    return result


def _fit(tape: Tape, entry: int, wanted: int, primitive: Primitive) -> int:
    """The entry, summed or repeated to the shape of another one."""
    shape, other = shape_of(tape.values[entry]), shape_of(tape.values[wanted])
    if shape == other:
        return entry
    return _append(tape, EXPAND if len(shape) < len(other) else primitive, entry, wanted)


def _append(tape: Tape, primitive: Primitive, *operands: int) -> int:
    """The entry of a primitive applied to entries."""
    with quiet(tape):
        value = primitive.function(*(tape.values[operand] for operand in operands))
    return tape.append(primitive, operands, value, None, None)


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
def formula_code(formula: str, parameters: tuple[str, ...], arrays: bool = False) -> Code:
    """A formula of the table as code, with the names that it uses as parameters."""
    builder = CodeBuilder(len(parameters), Outside(arrays=arrays))
    builder.bindings.update((name, slot) for slot, name in enumerate(parameters))
    lines, result = array_formula.formula_lines(formula)
    for line in lines:
        builder.define(line.target.name, line.value)
    builder.append(result)
    if builder.problems:
        raise ValueError(f"the formula `{formula}` is wrong: {builder.problems[0].message}")
    return builder.finish()


def _apply(tape: Tape, primitive: Primitive, left: int, right: int) -> int:
    """The entry of an operator applied to two entries."""
    if tape.arrays:
        return _append(tape, primitive, left, right)
    code = formula_code(f"a {primitive.symbol} b", ("a", "b"))
    entry: int = run(code, tape, (left, right))[code.result]
    return entry

"""The terms of recorded sweeps: what an operand receives, or its tangent adds, as entries appended to the tape.

The formulas of the table are parsed, and the interpreter that runs users' programs runs them, with `a`, `b`,
`v` bound to entries. So what a sweep computes can be swept again, to any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from adcli.program.build import Outside
from adcli.program.code import Code
from adcli.program.expressions import ExpressionCompiler
from adcli.records import NamedTuple
from adcli.rules.arrays import EXPAND, SUM_TO
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.formulas import (
    MOST_FORMULAS,
    Shapes,
    contribution_formula,
    edge_contribution,
    edge_tangent,
    formula_lines,
    leaves_gaps,
    reads_operands,
    tangent_formula,
    tangent_letter,
    times,
)
from adcli.rules.local import chosen_formula, is_at_edge
from adcli.rules.primitive import ArrayPrimitive, Primitive, Recorder
from adcli.rules.shapes import Refused
from adcli.rules.table import ADDITION, CONSTANT
from adcli.tape.ieee import quiet
from adcli.tape.interpreter import append_numbers, run
from adcli.tape.local import is_of_numbers, may_leave_gaps, refused
from adcli.tape.tape import Tape


def append_zeros(tape: Tape, entry: int) -> int:
    """The entry of zeros of the shape of another one."""
    sizes = shape_of(tape.values[entry])
    code = formula_code(f"zeros({', '.join(map(str, sizes))})" if sizes else "0 * 1", (), True)
    result: int = run(code, tape, ())[code.result]
    return result


def recorder_of(tape: Tape, entry: int) -> Recorder | None:
    """What writes the derivative of an entry, where its formulas cannot."""
    operation = tape.operations[entry]
    return operation.recorder if isinstance(operation, ArrayPrimitive) else None


def recorded_contribution(tape: Tape, entry: int, position: int, g: int, shapes: Shapes) -> int | None:
    """The entry of what an operand of an entry receives from its adjoint g; None for nothing."""
    try:
        return _contribution(tape, entry, position, g, shapes)
    except Refused as error:
        raise refused(tape, entry, error) from None


def _contribution(tape: Tape, entry: int, position: int, g: int, shapes: Shapes) -> int | None:
    recorder = recorder_of(tape, entry)
    if recorder is not None:
        return recorder.contribution(tape, entry, position, g)
    if is_of_numbers(tape, entry):
        return _term_of_numbers(tape, entry, position, "g", g)
    operation = tape.operations[entry]
    formula = contribution_formula(operation, position, shapes)
    if not formula:
        return None
    if operation.edge(position) is not None:
        formula = _with_edge(tape, entry, position, edge_contribution(operation, position), formula)
    received = _fit(tape, _formula(tape, entry, formula, "g", g), tape.operands[entry][position], SUM_TO)
    return _without_gaps(tape, entry, position, formula, "g", g, received)


def recorded_tangent_term(tape: Tape, entry: int, position: int, tangent: int, shapes: Shapes) -> int | None:
    """The entry of what the tangent of an operand adds to that of an entry; None for nothing."""
    try:
        return _tangent_term(tape, entry, position, tangent, shapes)
    except Refused as error:
        raise refused(tape, entry, error) from None


def _tangent_term(tape: Tape, entry: int, position: int, tangent: int, shapes: Shapes) -> int | None:
    recorder = recorder_of(tape, entry)
    if recorder is not None:
        return recorder.tangent(tape, entry, position, tangent)
    operation, count = tape.operations[entry], len(tape.operands[entry])
    letter = tangent_letter(operation, position, count)
    if is_of_numbers(tape, entry):
        return _term_of_numbers(tape, entry, position, letter, tangent)
    formula = tangent_formula(operation, position, shapes)
    if not formula:
        return None
    if operation.edge(position) is not None:
        formula = _with_edge(tape, entry, position, edge_tangent(operation, position, count), formula)
    term = _fit(tape, _formula(tape, entry, formula, letter, tangent), entry, EXPAND)
    return _without_gaps(tape, entry, position, formula, letter, tangent, term)


class _NumberRule(NamedTuple):
    """What is passed on along an operand of an operation on numbers, whose rule has no edge there.

    Attributes:
        formula: of it
        leaves_gaps: whether that may give nothing
        code: the same as code; None where the formula is what is given
        reads: whether the operands are parameters of the code
    """

    formula: str
    leaves_gaps: bool
    code: Code | None
    reads: bool


@lru_cache(maxsize=MOST_FORMULAS)
def _number_rule(operation: Primitive, position: int, count: int, letter: str) -> _NumberRule | None:
    """The rule of an operation on so many numbers; None where it has an edge. Raises Refused."""
    if operation.edge(position) is not None:
        return None
    formula = times(operation.formulas(count)[position], letter)
    reads = reads_operands(operation, formula)
    parameters = (*operation.letters(count), "v", letter) if reads else ("v", letter)
    code = None if formula == letter else formula_code(formula, parameters)
    return _NumberRule(formula, leaves_gaps(formula), code, reads)


def recorded_term_of_numbers(tape: Tape, entry: int, position: int, letter: str, given: int) -> int | None:
    """The entry of what is passed on along an operand of an operation on numbers; None for nothing."""
    try:
        return _term_of_numbers(tape, entry, position, letter, given)
    except Refused as error:
        raise refused(tape, entry, error) from None


def _term_of_numbers(tape: Tape, entry: int, position: int, letter: str, given: int) -> int | None:
    operands = tape.operands[entry]
    rule = _number_rule(tape.operations[entry], position, len(operands), letter)
    if rule is None:
        formula = times(_partial(tape, entry, position), letter)
        received = _formula(tape, entry, formula, letter, given)
        return _without_gaps(tape, entry, position, formula, letter, given, received)
    received = given
    if rule.code is not None:
        received = _appended(tape, rule.code, (*operands, entry, given) if rule.reads else (entry, given), True)
    if rule.leaves_gaps or tape.gaps:
        return _without_gaps(tape, entry, position, rule.formula, letter, given, received)
    return received


def _with_edge(tape: Tape, entry: int, position: int, there: str, elsewhere: str) -> str:
    """The formula of an operation whose rule has an edge: where it stands at that, the edge's."""
    operation = tape.operations[entry]
    if _stays_at_edge(tape, entry, position):
        return there
    if is_at_edge(operation, position, tape.values[entry], tape.operand_values(entry)):
        return _where_at_edge(operation, position, there, elsewhere)
    return elsewhere


def _without_gaps(
    tape: Tape, entry: int, position: int, formula: str, letter: str, given: int, received: int
) -> int | None:
    """What was recorded as received, or one that is no NaN where nothing was passed on; None for nothing at all.

    Args:
        tape, entry, position: the operation, and which of its operands receives, or moves
        formula, letter, given: of what is received, and what its letter for an adjoint or a tangent stands for
        received: the entry of the formula's value, fitted to its shape
    """
    if not (may_leave_gaps(tape, entry, formula) or given in tape.gaps):
        return received
    if is_finite(tape.values[received]):
        tape.gaps.setdefault(received, (entry, position, letter, given))  # nobody may ask
        return received
    from adcli.tape.gaps import finite_alike, mark, passed_on  # which scalar programs rarely need

    with quiet(tape):
        term = passed_on(tape, entry, position, letter, given)
    if term is None:
        return None
    mark(tape, received, term)
    if finite_alike(tape.values[received], term.value):
        return received
    wanted, fit = (tape.operands[entry][position], SUM_TO) if letter == "g" else (entry, EXPAND)
    for attempt in (_guarded(tape, entry, formula, letter, given), _masked(tape, received)):
        other = None if attempt is None else _fit(tape, attempt, wanted, fit)
        if other is not None and finite_alike(tape.values[other], term.value):
            mark(tape, other, term)
            return other
    return received


def _masked(tape: Tape, received: int) -> int | None:
    """The entry of what was received, with 0 for what is not finite in its gaps; None where it has none."""
    if not shape_of(tape.values[received]) or received not in tape.gaps:
        return None
    from adcli.tape.gaps import presence

    mask = tape.append(CONSTANT, (), presence(tape, received), "mask", None)
    code = formula_code("where(m == 0 and not r - r == 0, 0, r)", ("r", "m"), True)
    with quiet(tape):
        result: int = run(code, tape, (received, mask))[code.result]
    return result


def _guarded(tape: Tape, entry: int, formula: str, letter: str, given: int) -> int | None:
    """The entry of a formula in which what its adjoint, or tangent, is nothing in meets no factor; None without one."""
    from adcli.rules.guarded import PRESENCE, guarded
    from adcli.tape.gaps import presence

    shape = shape_of(tape.values[given])
    text = guarded(formula, letter, len(shape) == 1) if shape and given in tape.gaps else None
    if text is None:
        return None
    mask = tape.append(CONSTANT, (), presence(tape, given), "mask", None)
    return _formula(tape, entry, text, letter, given, {PRESENCE: mask})


def _partial(tape: Tape, entry: int, position: int) -> str:
    """The formula of a partial of numbers: its own, or its edge's."""
    operation = tape.operations[entry]
    if _stays_at_edge(tape, entry, position):
        edge = operation.edge(position)
        assert edge is not None
        return edge[1]
    return chosen_formula(operation, position, tape.operand_values(entry), tape.values[entry])


def _stays_at_edge(tape: Tape, entry: int, position: int) -> bool:
    """Whether a constant holds a rule at its edge, whatever moves: x^0 has the slope 0 everywhere, and no other form.

    Its own formula, 0 * x^(-1), has an infinite slope times 0 near x = 0.
    """
    operation = tape.operations[entry]
    edge = operation.edge(position)
    if edge is None:
        return False
    operands = tape.operands[entry]
    letters = dict(zip(operation.letters(len(operands)), operands, strict=True))
    source = letters.get(edge[0])
    return source is not None and tape.operations[source] is CONSTANT and tape.values[source] == 0


def _where_at_edge(operation: Primitive, position: int, there: str, elsewhere: str) -> str:
    edge = operation.edge(position)
    assert edge is not None
    return f"where({edge[0]} == 0, {there}, {elsewhere})"


def _formula(tape: Tape, entry: int, formula: str, letter: str, given: int, more: Mapping[str, int] = {}) -> int:
    """The entry of a formula of an entry's operation, with one more letter for a given entry, or several."""
    if formula == letter:
        return given
    parameters, entries = ("v", letter, *more), (entry, given, *more.values())
    operation, operands = tape.operations[entry], tape.operands[entry]
    if reads_operands(operation, formula):
        parameters, entries = (*operation.letters(len(operands)), *parameters), (*operands, *entries)
    numbers = is_of_numbers(tape, entry)
    return _appended(tape, formula_code(formula, parameters, not numbers), entries, numbers)


def _appended(tape: Tape, code: Code, entries: Sequence[int], numbers: bool) -> int:
    """The entry of what a formula gives of some entries; of numbers there may be millions."""
    result = append_numbers(code, tape, entries) if numbers else None
    if result is None:
        with quiet(tape):
            result = run(code, tape, entries)[code.result]
    return result


def _fit(tape: Tape, entry: int, wanted: int, primitive: Primitive) -> int:
    """The entry, summed or repeated to the shape of another one."""
    shape, other = shape_of(tape.values[entry]), shape_of(tape.values[wanted])
    if shape == other:
        return entry
    return append(tape, EXPAND if len(shape) < len(other) else primitive, entry, wanted)


def append(tape: Tape, primitive: Primitive, *operands: int) -> int:
    """The entry of a primitive applied to entries."""
    with quiet(tape):
        value = primitive.function(*(tape.values[operand] for operand in operands))
    return tape.append(primitive, operands, value, None, None)


def recorded_sum(tape: Tape, left: int, right: int) -> int:
    """The entry of a sum of two, which is nothing where both are."""
    total = append(tape, ADDITION, left, right)
    if left in tape.gaps and right in tape.gaps:
        tape.gaps[total] = left, right
    return total


@cache
def formula_code(formula: str, parameters: tuple[str, ...], arrays: bool = False) -> Code:
    """A formula of the table as code, with the names that it uses as parameters."""
    builder = ExpressionCompiler(len(parameters), Outside(arrays=arrays))
    builder.bindings.update((name, slot) for slot, name in enumerate(parameters))
    lines, result = formula_lines(formula)
    for line in lines:
        builder.define(line.target.name, line.value)
    builder.append(result)
    if builder.problems:
        raise ValueError(f"the formula `{formula}` is wrong: {builder.problems[0].message}")
    return builder.finish()

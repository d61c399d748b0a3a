"""Where a value or a derivative stops being a finite number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from adcli.records import NamedTuple
from adcli.rules.compile import array_function, evaluated
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.formulas import quotient, times
from adcli.rules.local import chosen_formula, named_values
from adcli.tape.components import elements, name_of
from adcli.tape.contributions import Contribution, contributions
from adcli.tape.describe import contribution_text, first_not_finite, not_finite_text
from adcli.tape.ieee import quiet
from adcli.tape.labels import adjoint_name, labels
from adcli.tape.local import is_of_numbers, partial
from adcli.tape.reach import active_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.wording import partial_equation


class Undefined(NamedTuple):
    """A contribution that is not finite.

    Attributes:
        entry: whose adjoint is passed on
        text: what is not finite there, with its line: a partial where it is to blame
        clash: where it is no number, though it is made of such: `bar_x += bar_y * (2 * x) = inf * 0 = nan, line 2`
    """

    entry: int
    text: str
    clash: str = ""


def undefined_reason(tape: Tape, output: int, name: str) -> str:
    """The first value, or the first contribution on the way back, that is not finite; empty if there is none."""
    if not is_finite(tape.values[output]):
        first = first_not_finite(tape)
        entry = output if first is None else first
        return not_finite_text(tape, entry) + _by_underflow(tape, tape.operands[entry])
    undefined = undefined_contributions(tape, output, active_entries(tape, [tape.inputs[name_of(name)]]))
    if not undefined:
        return ""
    return undefined[0].text + _by_underflow(tape, (undefined[0].entry, *tape.operands[undefined[0].entry]))


def _by_underflow(tape: Tape, entries: Iterable[int]) -> str:
    """What is to blame in the end, where one of the values underflowed; else empty."""
    from adcli.trust.underflow import has_underflown, underflow_text  # which few need

    small = next((entry for entry in sorted(entries) if has_underflown(tape, entry)), None)
    return "" if small is None else f"; {underflow_text(tape, small)}"


def undefined_contributions(tape: Tape, output: int, active: Sequence[bool]) -> list[Undefined]:
    """On the way back: the first contribution that is not finite, and the first one that is no number any more.

    Both may be the same, and then stand once.
    """
    undefined: list[Undefined] = []
    adjoints: dict[int, Value] = {output: 1.0}
    for term in contributions(tape, {output: 1.0}, active):
        if not is_finite(term.after):
            clash = _clash(tape, term, adjoints[term.entry])
            if not undefined or clash:
                undefined.append(Undefined(term.entry, _text(tape, term), clash))
            if clash:
                break
        adjoints[term.target] = term.after
    return undefined


def _text(tape: Tape, term: Contribution) -> str:
    """`∂y/∂x = 1 / (2 * y) = inf, line 2`: where a partial is not finite; else the contribution, or the sum."""
    names, line = labels(tape), tape.line(term.entry)
    slope = partial(tape, term.entry, term.position) if is_of_numbers(tape, term.entry) else None
    if slope is not None and not is_finite(slope):
        return f"{partial_equation(tape, term.entry, term.position, names)} = {slope}, line {line}"
    adjoint = adjoint_name(names[term.target])
    text = contribution_text(tape, term.entry, term.position, names)
    if is_finite(term.contribution):
        return f"{adjoint} += {text} is beyond the range of numbers, line {line}"
    if slope is None:
        return f"{adjoint} += {text} is not finite, line {line}"
    return f"{adjoint} += {text} = {term.contribution}, line {line}"


def _clash(tape: Tape, term: Contribution, adjoint: Value) -> str:
    """The `0 * inf`, `0 / 0` or `inf + -inf` that makes a contribution no number; empty if there is none."""
    for left, sign, right, result in _factors(tape, term, adjoint):
        if math.isnan(result) and not (math.isnan(left) or math.isnan(right)):
            text = contribution_text(tape, term.entry, term.position, labels(tape))
            numbers = f"{left + 0.0:.6g} {sign} {right + 0.0:.6g}"  # 0 and not -0
            return f"{_receiver(tape, term)} += {text} = {numbers} = nan, line {tape.line(term.entry)}"
    sums = () if term.before is None else zip(elements(term.before), elements(term.contribution), strict=True)
    for before, added in sums:
        if math.isinf(before) and before == -added:
            line = tape.line(term.entry)
            return f"{_receiver(tape, term)} is {before:.6g} + {added:.6g} = nan, line {line}"
    return ""


def _receiver(tape: Tape, term: Contribution) -> str:
    return adjoint_name(labels(tape)[term.target])


def _factors(tape: Tape, term: Contribution, adjoint: Value) -> list[tuple[float, str, float, float]]:
    """What a contribution is the product, or the quotient, of, and it: of each element where there are several."""
    operation, position = tape.operations[term.entry], term.position
    operands, value = tape.operand_values(term.entry), tape.values[term.entry]
    if not operation.elementwise:
        return []
    numerator, denominator = quotient(chosen_formula(operation, position, operands, value))
    named = {"g": adjoint, **named_values(operation, value, operands)}
    parts = [times(numerator, "g"), denominator] if denominator else ["g", numerator]
    with quiet(tape):
        left, right = (evaluated(array_function(part, tuple(named)), tuple(named.values())) for part in parts)
    if not shape_of(left) == shape_of(right) == shape_of(term.contribution):
        return []
    results = zip(elements(left), elements(right), elements(term.contribution), strict=True)
    return [(first, "/" if denominator else "*", second, result) for first, second, result in results]

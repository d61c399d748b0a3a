"""The derivative rules of one operation at its values: partials, contributions and tangents, of numbers and of arrays.

Here is the one handling of edges: where a rule's own formula has no finite number, and a letter is 0, the edge's
formula stands in for it, in an array for those elements alone. Everything that needs speed takes the compiled rules of
a pattern of operands at the end of this file, which raise one of `RAISED` where they do not know better.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from math import isfinite, isnan
from typing import Any

from adcli.records import NamedTuple
from adcli.rules.compile import Array, array_function, array_in_place, evaluated, number_function
from adcli.rules.dispatch import is_finite, shape_of, zero_like
from adcli.rules.formulas import (
    Shapes,
    contribution_formula,
    edge_contribution,
    edge_tangent,
    largest_formula,
    reads_operands,
    tangent_formula,
    tangent_letter,
    times,
)
from adcli.rules.primitive import ArrayPrimitive, Primitive


def is_of_numbers(primitive: Primitive, v: Array) -> bool:
    """Whether an operation with this result is one of numbers on numbers."""
    return type(v) is float and primitive.elementwise


def partial(primitive: Primitive, position: int, operands: Sequence[float], v: float) -> float:
    """The partial of an operation on numbers with respect to one operand."""
    return float(contribution(primitive, position, 1.0, v, operands))


def contribution(primitive: Primitive, position: int, g: Array, v: Array, operands: Sequence[Array]) -> Array:
    """What an operand receives from the adjoint g, not yet fitted to its shape; None for nothing. Raises Refused."""
    shapes = _NUMBERS[len(operands)] if is_of_numbers(primitive, v) else tuple(map(shape_of, operands))
    rule = _contribution_rule(primitive, position, shapes, is_of_numbers(primitive, v))
    if rule is None:
        return None
    term = evaluated(rule, (g, v, *operands))
    if primitive.edge(position) is not None and not is_finite(term):
        return _at_edge(primitive, position, edge_contribution(primitive, position), "g", g, v, operands, term)
    return term


def contribution_of_linear(primitive: Primitive, position: int, g: Array, shapes: Shapes) -> Array:
    """What an operand of a linear operation receives, whose rule says nothing of values. Raises Refused."""
    return evaluated(array_function(contribution_formula(primitive, position, shapes), ("g",)), (g,))


def tangent_of_linear(primitive: Primitive, position: int, tangent: Array, shapes: Shapes) -> Array:
    """What the tangent of one operand of a linear operation adds to that of the result. Raises Refused."""
    letter = tangent_letter(primitive, position, len(shapes))
    return evaluated(array_function(tangent_formula(primitive, position, shapes), (letter,)), (tangent,))


def tangent_term(primitive: Primitive, position: int, tangent: Array, v: Array, operands: Sequence[Array]) -> Array:
    """What the tangent of an operand adds to that of the result, in its shape; None for nothing. Raises Refused."""
    shapes = _NUMBERS[len(operands)] if is_of_numbers(primitive, v) else tuple(map(shape_of, operands))
    rule = _tangent_rule(primitive, position, shapes, is_of_numbers(primitive, v))
    if rule is None:
        return None
    term = evaluated(rule, (tangent, v, *operands))
    if primitive.edge(position) is not None and not is_finite(term):
        letter = tangent_letter(primitive, position, len(operands))
        edge = edge_tangent(primitive, position, len(operands))
        term = _at_edge(primitive, position, edge, letter, tangent, v, operands, term)
    return fitted(term, shape_of(v))


def tangent_of(primitive: Primitive, tangents: Sequence[Array | None], v: Array, operands: Sequence[Array]) -> Array:
    """The tangent of the result from those of its operands, None where they do not move. Raises Refused."""
    if primitive.linear and _several(tangents):
        pairs = zip(tangents, operands, strict=True)
        return primitive.function(*(zero_like(operand) if tangent is None else tangent for tangent, operand in pairs))
    total = None
    for position, tangent in enumerate(tangents):
        if tangent is not None:
            term = tangent_term(primitive, position, tangent, v, operands)
            if term is not None:
                total = term if total is None else total + term
    return total


def _several(tangents: Sequence[Array | None]) -> bool:
    """Whether more than one operand moves."""
    return sum(tangent is not None for tangent in tangents) > 1


def largest_contribution(
    primitive: ArrayPrimitive, position: int, g: Array, v: Array, operands: Sequence[Array]
) -> Array:
    """What an operand receives, with the absolute value of everything that its formula adds up; None for nothing.

    The adjoint g is not negative.
    """
    formula = largest_formula(primitive, position, tuple(map(shape_of, operands)))
    if not formula:
        return None
    rule = array_function(formula, ("g", "v", *primitive.letters(len(operands))))
    return evaluated(rule, (g, v, *operands))


class _Numbers(dict[int, tuple[tuple[int, ...], ...]]):
    """The shapes of so many numbers."""

    def __missing__(self, count: int) -> tuple[tuple[int, ...], ...]:
        self[count] = shapes = ((),) * count
        return shapes


_NUMBERS = _Numbers()


def _parameters(primitive: Primitive, formula: str, count: int, *first: str) -> tuple[str, ...]:
    """What the function of a formula is given: some letters and the operands, which have no names if none is read."""
    return (*first, *primitive.letters(count)) if reads_operands(primitive, formula) else (*first, "*_")


@lru_cache(maxsize=10_000)
def _contribution_rule(primitive: Primitive, position: int, shapes: Shapes, numbers: bool) -> Callable[..., Any] | None:
    formula = contribution_formula(primitive, position, shapes)
    parameters = _parameters(primitive, formula, len(shapes), "g", "v")
    return (number_function if numbers else array_function)(formula, parameters) if formula else None


@lru_cache(maxsize=10_000)
def _tangent_rule(primitive: Primitive, position: int, shapes: Shapes, numbers: bool) -> Callable[..., Any] | None:
    formula = tangent_formula(primitive, position, shapes)
    parameters = _parameters(primitive, formula, len(shapes), tangent_letter(primitive, position, len(shapes)), "v")
    return (number_function if numbers else array_function)(formula, parameters) if formula else None


def fitted(value: Array, shape: tuple[int, ...]) -> Array:
    """A value summed over what was repeated of a shape, or repeated to it."""
    if shape_of(value) == shape:
        return value
    from adcli.rules.readings.values import fitted as on_arrays

    return on_arrays(value, shape)


# Edges


def chosen_formula(primitive: Primitive, position: int, operands: Sequence[float], v: float) -> str:
    """The formula of a partial of numbers at these values: its own, or its edge's.

    The edge's stands in only where its own has no finite number: elsewhere its own also tells how the partial
    changes, which second derivatives need.
    """
    edge = primitive.edge(position)
    if edge is not None and is_at_edge(primitive, position, v, operands):
        return edge[1]
    return primitive.formulas(len(operands))[position]


def is_at_edge(primitive: Primitive, position: int, v: Array, operands: Sequence[Array]) -> bool:
    """Whether an edge's formula has to stand in somewhere for what an operand receives."""
    edge = primitive.edge(position)
    if edge is None:
        return False
    letter = named_values(primitive, v, operands)[edge[0]]
    if not (letter == 0 if type(letter) is float else (letter == 0).any()):
        return False
    shapes = tuple(map(shape_of, operands))
    rule = _contribution_rule(primitive, position, shapes, is_of_numbers(primitive, v))
    assert rule is not None
    if all(type(value) is float for value in (letter, v, *operands)):
        return edge_elements(letter, evaluated(rule, (1.0, v, *operands))) is not None
    import numpy

    with numpy.errstate(all="ignore"):  # a question that no run asks
        ones = numpy.ones(shape_of(v)) if shape_of(v) else 1.0
        return edge_elements(letter, evaluated(rule, (ones, v, *operands))) is not None


def _at_edge(
    primitive: Primitive, position: int, formula: str, letter: str, given: Array, v: Array, operands: Sequence[Array],
    result: Array,
) -> Array:  # fmt: skip
    """A result that is not finite, with the edge's formula in those elements that have no number of their own there."""
    edge = primitive.edge(position)
    assert edge is not None
    named = named_values(primitive, v, operands)
    elements = edge_elements(named[edge[0]], result)
    if elements is None:
        return result
    compiled = number_function if is_of_numbers(primitive, v) else array_function
    other = evaluated(compiled(formula, (letter, *named)), (given, *named.values()))
    if elements is True:
        return other
    import numpy

    chosen: Any = numpy.where(elements, other, result)
    return chosen if chosen.shape else float(chosen)


def edge_elements(letter: Array, result: Array) -> Any:
    """Where a letter is 0 and a result not finite: True for numbers, a mask for arrays; None for nowhere."""
    if type(letter) is float and type(result) is float:
        return True if letter == 0 and not isfinite(result) else None
    import numpy

    if shape_of(letter) not in ((), shape_of(result)):  # as a norm along an axis, whose formula has no edge
        return None
    elements = (letter == 0) & ~numpy.isfinite(result)
    return elements if numpy.any(elements) else None


def named_values(primitive: Primitive, v: Array, operands: Sequence[Array]) -> dict[str, Array]:
    """What a formula of the primitive calls its operands and its result, with their values."""
    return {**dict(zip(primitive.letters(len(operands)), operands, strict=True)), "v": v}


# Compiled rules of numbers


@cache
def number_pullback(primitive: Primitive, active: tuple[bool, ...]) -> Callable[..., Any]:
    """The function of g, v and the operands that gives each active operand its contribution.

    It gives one float where one operand is active, else a tuple, and raises one of `RAISED` where Python does.
    A passive operand's partial is not evaluated.
    """
    terms = [
        times(formula, "g") for formula, wanted in zip(primitive.formulas(len(active)), active, strict=True) if wanted
    ]
    body = terms[0] if len(terms) == 1 else f"({', '.join(terms)})"
    function = number_function(body, ("g", "v", *primitive.letters(len(active))))
    return nan_raises(function) if primitive.edges else function


@cache
def number_pushforward(primitive: Primitive, moving: tuple[bool, ...]) -> Callable[..., float]:
    """The function of v, the operands and their tangents that gives the result's tangent; some do not move."""
    letters = primitive.letters(len(moving))
    terms = [
        times(formula, f"d{letter}")
        for letter, formula, moves in zip(letters, primitive.formulas(len(moving)), moving, strict=True)
        if moves
    ]
    function = number_function(" + ".join(terms), ("v", *letters, *(f"d{letter}" for letter in letters)))
    return nan_raises(function) if primitive.edges else function


def nan_raises(function: Callable[..., Any]) -> Callable[..., Any]:
    """For a primitive with edges: where its own formula has no number without Python having raised (inf * 0)."""

    def guarded(*arguments: float) -> Any:
        result = function(*arguments)
        if any(term != term for term in result) if isinstance(result, tuple) else isnan(result):
            raise ArithmeticError
        return result

    return guarded


# Compiled rules of arrays


class Pullback(NamedTuple):
    """What one operand of an operation receives.

    Attributes:
        primitive, position: the operation, and which of its operands
        shape: of the operand
        sign: where the operand receives g or -g, with which sign; else None
        function: the compiled formula, of g, v and the operands; None where the operand receives g
        in_place: the same, computed in the memory of g; None where that is not possible
        edge: the edge of the rule
    """

    primitive: Primitive
    position: int
    shape: tuple[int, ...]
    sign: float | None
    function: Callable[..., Array] | None
    in_place: Callable[..., Array] | None
    edge: tuple[str, str] | None


@lru_cache(maxsize=10_000)
def pullbacks(primitive: Primitive, active: tuple[bool, ...], *shapes: tuple[int, ...]) -> tuple[Pullback, ...]:
    """The rules of those active operands that receive anything, for operands of these shapes."""
    return tuple(
        _pullback(primitive, position, shapes)
        for position, wanted in enumerate(active)
        if wanted and contribution_formula(primitive, position, shapes)
    )


def _pullback(primitive: Primitive, position: int, shapes: tuple[tuple[int, ...], ...]) -> Pullback:
    formula, edge = contribution_formula(primitive, position, shapes), primitive.edge(position)
    sign = {"g": 1.0, "-g": -1.0}.get(formula)
    parameters = _parameters(primitive, formula, len(shapes), "g", "v")
    function = None if formula == "g" else array_function(formula, parameters)
    in_place = None
    if function is not None and primitive.elementwise and edge is None:
        in_place = array_in_place(primitive.formulas(len(shapes))[position], ("v", *primitive.letters(len(shapes))))
    return Pullback(primitive, position, shapes[position], sign, function, in_place, edge)


def received(rule: Pullback, g: Array, v: Array, operands: Sequence[Array]) -> Array:
    """What an operand receives by a compiled rule, before it is fitted to its shape; raises Refused."""
    return contribution(rule.primitive, rule.position, g, v, operands)

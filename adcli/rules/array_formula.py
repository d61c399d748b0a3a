"""The rules of the table on arrays: what an operand receives in the reverse sweep, and what its tangent adds.

An operation element by element has partials, which are multiplied with the adjoint; one on whole arrays has formulas
for both. All are read by the grammar and compiled to Python functions over NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from adcli.rules.dispatch import is_finite, shape_of, shapes_of
from adcli.rules.formula import RAISED, ieee_value, replaced, times_tangent
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused
from adcli.rules.table import CONSTANTS, primitive_named
from adcli.syntax import nodes
from adcli.syntax.format import format_expression
from adcli.syntax.parse import parse, parse_expression
from adcli.syntax.source import Source

Array: TypeAlias = Any  # an array of floats, or a float
_MOST_FORMULAS = 5_000  # that are kept compiled: those with sizes in them are others for each shape


class Lines(NamedTuple):
    """A formula: assignments, and the expression behind them."""

    assignments: tuple[nodes.Assignment, ...]
    result: nodes.Expression


@lru_cache(maxsize=_MOST_FORMULAS)
def formula_lines(formula: str) -> Lines:
    """A formula as trees of the language."""
    *before, last = formula.split(";")
    statements = parse(Source("formula", "\n".join(before))).statements if before else ()
    assignments = tuple(statement for statement in statements if isinstance(statement, nodes.Assignment))
    return Lines(assignments, parse_expression(Source("formula", last)))


def pullback_formula(primitive: Primitive, position: int, shapes: Sequence[tuple[int, ...]]) -> str:
    """What an operand receives, as a formula of `g`, `v` and the operands; empty for nothing."""
    if isinstance(primitive, ArrayPrimitive):
        return primitive.pullbacks(shapes)[position]
    formula = primitive.formulas(len(shapes))[position]
    return {"1": "g", "-1": "-g"}.get(formula, f"g * ({formula})")


def pushforward_formula(primitive: Primitive, position: int, operands: Sequence[Array]) -> str:
    """What an operand's tangent adds, as a formula of it, `v` and the operands; empty for nothing."""
    if isinstance(primitive, ArrayPrimitive):
        return primitive.pushforwards(shapes_of(operands))[position]
    formula = primitive.formulas(len(operands))[position]
    tangent = f"d{primitive.letters(len(operands))[position]}"
    return times_tangent(formula, tangent)


class Pullback(NamedTuple):
    """What one operand of an operation receives.

    Attributes:
        primitive, position: the operation, and which of its operands
        shape: of the operand
        sign: where the operand receives g or -g, with which sign; else None
        function: the compiled formula, of g, v and the operands; None where the operand receives g
        factor: that of g, compiled, as a function of v and the operands; None where it has none, or an edge
        edge: the edge of the rule
    """

    primitive: Primitive
    position: int
    shape: tuple[int, ...]
    sign: float | None
    function: Callable[..., Array] | None
    factor: Callable[..., Array] | None
    edge: tuple[str, str] | None


@lru_cache(maxsize=10_000)
def pullbacks(primitive: Primitive, active: tuple[bool, ...], *shapes: tuple[int, ...]) -> tuple[Pullback, ...]:
    """The rules of those active operands that receive anything, for operands of these shapes."""
    found: list[Pullback] = []
    for position in (position for position, wanted in enumerate(active) if wanted):
        formula = pullback_formula(primitive, position, shapes)
        if formula:
            letters, edge = ("v", *primitive.letters(len(shapes))), primitive.edge(position)
            sign = {"g": 1.0, "-g": -1.0}.get(formula)
            function = None if formula == "g" else array_function(formula, ("g", *letters))
            factor = None
            if function is not None and primitive.elementwise and edge is None:
                factor = array_function(primitive.formulas(len(shapes))[position], letters)
            found.append(Pullback(primitive, position, shapes[position], sign, function, factor, edge))
    return tuple(found)


def received(rule: Pullback, g: Array, v: Array, operands: Sequence[Array]) -> Array:
    """What an operand receives from the adjoint of the result, before it is fitted to its shape; raises Refused."""
    if rule.function is None:
        return g
    term = _evaluated(rule.function, (g, v, *operands))
    return term if rule.edge is None else _at_edges(rule.primitive, rule.edge, g, v, operands, term)


def contribution(primitive: Primitive, position: int, g: Array, v: Array, operands: Sequence[Array]) -> Array:
    """The same of one operand; None for nothing."""
    active = tuple(place == position for place in range(len(operands)))
    rules = pullbacks(primitive, active, *map(shape_of, operands))
    return received(rules[0], g, v, operands) if rules else None


def array_partial(primitive: Primitive, position: int, operands: Sequence[Array], v: Array) -> Array:
    """The partial of an operation element by element."""
    return contribution(primitive, position, 1.0, v, operands)


def tangent_term(primitive: Primitive, position: int, tangent: Array, v: Array, operands: Sequence[Array]) -> Array:
    """What the tangent of an operand adds to that of the result; None for nothing. Raises Refused."""
    formula = pushforward_formula(primitive, position, operands)
    if not formula:
        return None
    letters = primitive.letters(len(operands))
    function = array_function(formula, (f"d{letters[position]}", "v", *letters))
    term = _evaluated(function, (tangent, v, *operands))
    edge = primitive.edge(position)
    if edge is not None:
        term = _at_edges(primitive, edge, tangent, v, operands, term)
    return fitted(term, shape_of(v))


def fitted(value: Array, shape: tuple[int, ...]) -> Array:
    """A value summed over what was repeated of a shape, or repeated to it."""
    if shape_of(value) == shape:
        return value
    from adcli.rules.readings.values import fitted as on_arrays

    return on_arrays(value, shape)


def edge_formula(primitive: Primitive, edge: tuple[str, str]) -> str:
    """What stands in at an edge: on whole arrays it is what is received, element by element it is the partial."""
    return edge[1] if isinstance(primitive, ArrayPrimitive) else f"g * ({edge[1]})"


def edge_tangent(primitive: Primitive, edge: tuple[str, str], tangent: str) -> str:
    """What stands in at an edge for what an operand's tangent adds."""
    return f"sum({edge[1]} * {tangent})" if isinstance(primitive, ArrayPrimitive) else f"{tangent} * ({edge[1]})"


def needs_edge(primitive: Primitive, edge: tuple[str, str], v: Array, operands: Sequence[Array], result: Array) -> bool:
    """Whether an edge's formula has to stand in for a result somewhere."""
    if is_finite(result):
        return False
    import numpy

    letter = _named(primitive, v, operands)[edge[0]]
    if shape_of(letter) not in ((), shape_of(result)):  # as a norm along an axis, whose formula has no edge
        return False
    return bool(numpy.any((letter == 0) & ~numpy.isfinite(result)))


def _at_edges(
    primitive: Primitive, edge: tuple[str, str], g: Array, v: Array, operands: Sequence[Array], result: Array
) -> Array:
    """A result, with the edge's formula in those elements that have no number of their own there."""
    if not needs_edge(primitive, edge, v, operands, result):
        return result
    import numpy

    named = {"g": g, **_named(primitive, v, operands)}
    other = _evaluated(array_function(edge_formula(primitive, edge), tuple(named)), tuple(named.values()))
    chosen: Any = numpy.where((named[edge[0]] == 0) & ~numpy.isfinite(result), other, result)
    return chosen if chosen.shape else float(chosen)


def _named(primitive: Primitive, v: Array, operands: Sequence[Array]) -> dict[str, Array]:
    return {**dict(zip(primitive.letters(len(operands)), operands, strict=True)), "v": v}


def _evaluated(function: Callable[..., Array], arguments: tuple[Array, ...]) -> Array:
    """The value of a compiled formula; by IEEE 754 where Python raises."""
    try:
        return function(*arguments)
    except Refused:
        raise
    except RAISED:
        import numpy

        by_ieee = array_function(*_SOURCES[function], True)
        result = by_ieee(*(numpy.float64(one) if type(one) is float else one for one in arguments))
        return result if getattr(result, "shape", ()) else float(result)


# The formula and the parameters of each function.
_SOURCES: WeakKeyDictionary[Callable[..., Array], tuple[str, tuple[str, ...]]] = WeakKeyDictionary()


@lru_cache(maxsize=_MOST_FORMULAS)
def array_function(formula: str, parameters: tuple[str, ...], ieee: bool = False) -> Callable[..., Array]:
    """The formula as a Python function of floats and arrays; one of `ieee` takes NumPy's floats, and never raises."""
    lines, result = formula_lines(formula)
    from adcli.rules.readings import sums

    functions: dict[str, Any] = {}
    text = "".join(f"    {line.target.name} = {_python(line.value, functions)}\n" for line in lines)
    text = f"def rule({', '.join(parameters)}):\n{text}    return {_python(result, functions)}\n"
    if ieee:
        functions.update({name: _by_ieee(primitive) for name, primitive in functions.items()})
    else:
        functions.update({name: primitive.function for name, primitive in functions.items()})
    functions.update(scaled=sums.scaled, softmax_times=sums.softmax_times)
    exec(compile(text, f"<formula {formula}>", "exec"), functions)
    rule: Callable[..., Array] = functions["rule"]
    _SOURCES[rule] = formula, parameters
    return rule


def _by_ieee(primitive: Primitive) -> Callable[..., Array]:
    """A primitive that keeps numbers among NumPy's floats, whose arithmetic raises nothing."""
    import numpy

    def function(*operands: Array) -> Array:
        if primitive.elementwise and not any(map(shape_of, operands)):
            return numpy.float64(ieee_value(primitive, operands))
        result = primitive.function(*operands)
        return numpy.float64(result) if type(result) is float else result

    return function


_INFIX = {"+", "-", "*", "/"}


def _python(tree: nodes.Expression, functions: dict[str, Any]) -> str:
    """An expression in Python; the primitives that it calls are put among `functions`. Formulas are shallow."""
    if isinstance(tree, nodes.Number):
        return repr(float(tree.text))
    if isinstance(tree, nodes.Name):
        return repr(CONSTANTS[tree.name]) if tree.name in CONSTANTS else tree.name
    if tree.function == "where":
        tree = nodes.Apply("select", tree.operands, tree.span)
    if tree.function == "*":
        left, right = tree.operands
        return _product(left, right, functions)
    operands = [_python(operand, functions) for operand in tree.operands]
    if tree.function == "-" and len(operands) == 1:
        return f"(-{operands[0]})"
    if tree.function in _INFIX:
        return f"({operands[0]} {tree.function} {operands[1]})"
    primitive = primitive_named(tree.function, len(operands))
    assert primitive is not None, tree.function
    name = f"f{len(functions)}"
    functions[name] = primitive
    return f"{name}({', '.join(operands)})"


def _product(left: nodes.Expression, right: nodes.Expression, functions: dict[str, Any]) -> str:
    """A product in Python: into the memory of its right factor, if that is a function and computed for it alone."""
    factor = _python(left, functions)
    if isinstance(right, nodes.Apply):
        primitive = primitive_named(right.function, len(right.operands))
        if isinstance(primitive, ArrayPrimitive) and primitive.kernel == "softmax":
            settings = "".join(f", {setting!r}" for setting in primitive.settings)
            return f"softmax_times({_python(right.operands[0], functions)}, {factor}{settings})"
        if primitive is not None and primitive.numpy and primitive.name != "pow":  # a first power is the array itself
            return f"scaled({_python(right, functions)}, {factor})"
    return f"({factor} * {_python(right, functions)})"


@lru_cache(maxsize=10_000)
def values_read(primitive: Primitive, active: tuple[bool, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The operands whose values what the active ones receive is made of, by position; -1 is the result."""
    letters = primitive.letters(len(shapes))
    names: set[str] = set()
    for position, wanted in enumerate(active):
        if wanted:
            names |= _names_in(pullback_formula(primitive, position, shapes))
            edge = primitive.edge(position)
            if edge is not None:
                names |= {edge[0], *_names_in(edge[1])}
    read = tuple(place for place, letter in enumerate(letters) if letter in names)
    return (*read, -1) if "v" in names else read


def values_kept(primitive: Primitive, active: tuple[bool, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Those that a run has to keep for a reverse sweep: what it reads, and what tells whether there is a kink."""
    read = values_read(primitive, active, *shapes)
    return tuple({*read, *range(len(shapes))}) if primitive.kink is not None and True in active else read


@lru_cache(maxsize=_MOST_FORMULAS)
def _names_in(formula: str) -> frozenset[str]:
    """The letters of a formula, but for those of arrays of which it reads the shape alone."""
    if not formula:
        return frozenset()
    lines, result = formula_lines(formula)
    found: set[str] = set()
    for tree in (*(line.value for line in lines), result):
        todo = [tree]
        while todo:
            node = todo.pop()
            if isinstance(node, nodes.Name):
                found.add(node.name)
            elif isinstance(node, nodes.Apply):
                todo.extend(node.operands[:1] if node.function in ("expand", "sum_to") else node.operands)
    return frozenset(found)


def largest_contribution(primitive: Primitive, position: int, g: Array, v: Array, operands: Sequence[Array]) -> Array:
    """What an operand receives, with the absolute value of everything that its formula adds up; g is not negative."""
    formula = pullback_formula(primitive, position, tuple(map(shape_of, operands)))
    function = array_function(_without_cancellation(formula), ("g", "v", *primitive.letters(len(operands))))
    return _evaluated(function, (g, v, *operands))


@lru_cache(maxsize=_MOST_FORMULAS)
def _without_cancellation(formula: str) -> str:
    lines, result = formula_lines(formula)
    before = [f"{line.target.name} = {format_expression(_absolute(line.value))}" for line in lines]
    return "; ".join([*before, format_expression(_absolute(result))])


def _absolute(tree: nodes.Expression) -> nodes.Expression:
    """A bound on the absolute value of a formula of sums, products and inverses. Formulas are shallow: it recurses."""
    if isinstance(tree, nodes.Name):
        return nodes.Apply("abs", (tree,), tree.span)
    if not isinstance(tree, nodes.Apply):
        return tree
    if tree.function == "inv":
        return nodes.Apply("abs", (tree,), tree.span)
    operands = tuple(map(_absolute, tree.operands))
    if tree.function == "-":
        return operands[0] if len(operands) == 1 else nodes.Apply("+", operands, tree.span)
    return nodes.Apply(tree.function, operands, tree.span)


def substituted(formula: str, substitutes: Mapping[str, nodes.Expression]) -> nodes.Expression:
    """A formula as one expression, with its assignments written out and other nodes for its letters."""
    lines, result = formula_lines(formula)
    known = dict(substitutes)
    for line in lines:
        known[line.target.name] = replaced(line.value, known)
    return replaced(result, known)

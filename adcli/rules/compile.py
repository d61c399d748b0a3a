"""The formulas of the table as Python functions, of numbers and of arrays.

Formulas of numbers are text of the language that is also Python: Python compiles them for floats, which costs a start
nothing. All others are read by the grammar and written out for NumPy. Where Python raises and IEEE 754 has an answer,
the formula is evaluated once more on NumPy's own floats, so that the common path pays nothing. A test holds the
readings together.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from adcli.rules.dispatch import shape_of
from adcli.rules.formulas import MOST_FORMULAS, formula_lines, formula_tree, quotient
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused
from adcli.rules.table import CONSTANTS, PRIMITIVES, primitive_named
from adcli.syntax import nodes

Array: TypeAlias = Any  # an array of floats, or a float

RAISED = (ArithmeticError, ValueError)  # what Python's float arithmetic and `math` raise

# The formula and the parameters of each function, for its other reading.
_SOURCES: WeakKeyDictionary[Callable[..., Any], tuple[str, tuple[str, ...]]] = WeakKeyDictionary()


def evaluated(function: Callable[..., Array], arguments: Sequence[Array]) -> Array:
    """The value of a compiled formula; by IEEE 754 where Python raises. Raises Refused where arrays do not fit."""
    try:
        return function(*arguments)
    except Refused:
        raise
    except RAISED:
        import numpy

        by_ieee = _written(*_SOURCES[function], True)
        with numpy.errstate(all="ignore"):
            result = by_ieee(*(numpy.float64(value) if type(value) is float else value for value in arguments))
        return result if getattr(result, "shape", ()) else float(result)


def ieee_value(primitive: Primitive, operands: Sequence[float]) -> float:
    """The value of a primitive by IEEE 754 arithmetic, which has one for any operands."""
    import numpy

    function = getattr(numpy, primitive.numpy) if primitive.numpy else primitive.value
    with numpy.errstate(all="ignore"):
        return float(function(*(numpy.float64(operand) for operand in operands)))


def applied(primitive: Primitive, operands: Sequence[Array]) -> Array:
    """The value of an operation; of numbers by IEEE 754 where Python raises. Raises Refused where arrays do not fit."""
    try:
        return primitive.function(*operands)
    except Refused:
        raise
    except RAISED:
        return ieee_value(primitive, operands)


# Numbers


class _Powers(ast.NodeTransformer):
    """`a ** b` as `pow(a, b)`: the primitive, which is NaN where Python's operator turns complex."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Pow):
            return node
        return ast.Call(ast.Name("pow", ast.Load()), [node.left, node.right], [])


class _Renamed(ast.NodeTransformer):
    """Other names for some of the letters of a formula; functions keep theirs."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._names.get(node.id, node.id), node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = [self.visit(argument) for argument in node.args]
        return node


def letters_of(formula: str) -> set[str]:
    """The letters of a formula of numbers, and what else it names."""
    return {node.id for node in ast.walk(ast.parse(formula, mode="eval")) if isinstance(node, ast.Name)}


def renamed(formula: str, names: Mapping[str, str]) -> str:
    """A formula of numbers, as Python writes it, with other names for some of its letters."""
    return ast.unparse(_Renamed(names).visit(ast.parse(formula, mode="eval")))


# What formulas of numbers name; the functions among it are put here when the first formula calls them.
_PYTHON_NAMES: dict[str, Any] = {"__builtins__": {}, **CONSTANTS}


@cache
def number_function(formula: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    """The formula as a function of floats; it raises one of `RAISED` where Python does."""
    function = number_rule(parameters, (), formula)
    _SOURCES[function] = formula, parameters
    return function


def number_rule(parameters: Sequence[str], lines: Sequence[str], result: str) -> Callable[..., Any]:
    """A function of floats made of lines of formulas; it raises one of `RAISED` where Python does."""
    return number_lines(parameters, [*lines, f"return {result}"], shown=f"<formula {result}>")


def number_lines(
    parameters: Sequence[str], lines: Sequence[str], names: Mapping[str, Any] | None = None, shown: str = "<formulas>"
) -> Callable[..., Any]:
    """A function made of lines of Python with formulas of floats in them, which may name more than primitives.

    It raises one of `RAISED` where Python does.
    """
    body = "".join(f"    {line}\n" for line in lines)
    source: Any = f"def rule({', '.join(parameters)}):\n{body}"
    if "**" in source:
        source = ast.fix_missing_locations(_Powers().visit(ast.parse(source)))
    known = {**_PYTHON_NAMES, **names} if names else _PYTHON_NAMES
    made: dict[str, Any] = {}
    exec(compile(source, shown, "exec"), known, made)
    for name in made["rule"].__code__.co_names:
        if name not in known:
            known[name] = PRIMITIVES[name].value
    return made["rule"]  # type: ignore[no-any-return]


# Arrays


def array_function(formula: str, parameters: tuple[str, ...]) -> Callable[..., Array]:
    """The formula as a function of floats and arrays; it raises one of `RAISED` where Python does, and Refused."""
    return _written(formula, parameters, False)


def array_in_place(partial: str, parameters: tuple[str, ...]) -> Callable[..., Array]:
    """The function of g and the parameters that makes g what it is times a partial, in its own memory."""
    numerator, denominator = quotient(partial)
    functions: dict[str, Any] = {}
    lines = [f"g *= {_python(formula_tree(numerator), functions)}"] if numerator != "1" else []
    lines += [f"g /= {_python(formula_tree(denominator), functions)}"] if denominator else []
    text = f"def rule(g, {', '.join(parameters)}):\n    {'; '.join([*lines, 'return g'])}\n"
    return _function(text, {name: primitive.function for name, primitive in functions.items()})


@lru_cache(maxsize=2 * MOST_FORMULAS)
def _written(formula: str, parameters: tuple[str, ...], ieee: bool) -> Callable[..., Array]:
    """The formula, read by the grammar, as a Python function; one of `ieee` takes NumPy's floats, and never raises."""
    lines, result = formula_lines(formula)
    functions: dict[str, Any] = {}
    text = "".join(f"    {line.target.name} = {_python(line.value, functions)}\n" for line in lines)
    text = f"def rule({', '.join(parameters)}):\n{text}    return {_python(result, functions)}\n"
    reading = _by_ieee if ieee else attrgetter("function")
    rule = _function(text, {name: reading(primitive) for name, primitive in functions.items()})
    _SOURCES[rule] = formula, parameters
    return rule


def _function(text: str, functions: dict[str, Any]) -> Callable[..., Array]:
    from adcli.rules.readings import sums

    functions.update(scaled=sums.scaled, softmax_times=sums.softmax_times)
    exec(compile(text, "<formula>", "exec"), functions)
    return functions["rule"]  # type: ignore[no-any-return]


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
    assert isinstance(tree, nodes.Apply)
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

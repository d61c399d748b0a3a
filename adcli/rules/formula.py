"""The formulas of the table as Python functions.

Python compiles a formula's text for floats. Where Python raises and IEEE 754 has an answer, the same text is
evaluated once more on NumPy's float64, so that the common path pays nothing. The grammar reads the same text
for everything else; a test holds the two readings together.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from math import isfinite, isnan
from typing import Any, TypeAlias

from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANTS, PRIMITIVES
from adcli.syntax import nodes
from adcli.syntax.parse import parse_expression
from adcli.syntax.source import Source

# g, v and the operands → what each active operand receives: one float, or a tuple of them for several.
Pullback: TypeAlias = Callable[..., Any]

RAISED = (ArithmeticError, ValueError)  # what Python's float arithmetic and `math` raise


class _Powers(ast.NodeTransformer):
    """`a ** b` as `pow(a, b)`: the primitive, which is NaN where Python's operator turns complex."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Pow):
            return node
        return ast.Call(ast.Name("pow", ast.Load()), [node.left, node.right], [])


@cache
def _python_functions() -> dict[str, Any]:
    return {"__builtins__": {}, **CONSTANTS, **{name: row.value for name, row in PRIMITIVES.items()}}


@cache
def _numpy_functions() -> dict[str, Any]:
    import numpy

    functions = {name: getattr(numpy, row.numpy) for name, row in PRIMITIVES.items() if row.numpy}
    return {**_python_functions(), **functions}


@cache
def _compiled(formula: str, parameters: tuple[str, ...]) -> Any:
    tree = ast.parse(f"lambda {', '.join(parameters)}: {formula}", mode="eval")
    return compile(ast.fix_missing_locations(_Powers().visit(tree)), f"<formula {formula}>", "eval")


@cache
def python_function(formula: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    """The formula as a function of floats; it raises one of `RAISED` where Python does."""
    return eval(_compiled(formula, parameters), _python_functions())  # type: ignore[no-any-return]


def ieee_value(primitive: Primitive, operands: Sequence[float]) -> float:
    """The value of a primitive by IEEE 754 arithmetic, which has one for any operands."""
    return _on_float64(_numpy_functions()[primitive.name] if primitive.numpy else primitive.value, operands)


@cache
def formula_tree(formula: str) -> nodes.Expression:
    """The formula as a tree of the language."""
    return parse_expression(Source("formula", formula))


def replaced(tree: nodes.Expression, known: Mapping[str, nodes.Expression]) -> nodes.Expression:
    """A formula's tree with other nodes for its letters. A formula is ours and shallow: plain recursion will do."""
    if isinstance(tree, nodes.Name):
        return known.get(tree.name, tree)
    if isinstance(tree, nodes.Apply):
        return nodes.Apply(tree.function, tuple(replaced(one, known) for one in tree.operands), tree.span)
    return tree


def names_of(primitive: Primitive, operands: Sequence[float], value: float) -> dict[str, float]:
    """What a formula of the primitive calls its operands and its result, with their values."""
    return {**dict(zip(primitive.letters(len(operands)), operands, strict=True)), "v": value}


def chosen_formula(primitive: Primitive, position: int, operands: Sequence[float], value: float) -> str:
    """The formula of the partial with respect to one operand at these values: its own, or its edge's.

    The edge's stands in only where its own has no finite number: elsewhere its own also tells how the partial
    changes, which second derivatives need.
    """
    formula = primitive.formulas(len(operands))[position]
    edge = primitive.edge(position)
    if edge is not None:
        named = names_of(primitive, operands, value)
        if named[edge[0]] == 0 and not isfinite(_evaluate(formula, named)):
            return edge[1]
    return formula


def partial(primitive: Primitive, position: int, operands: Sequence[float], value: float) -> float:
    """The number of one partial of one operation."""
    formula = chosen_formula(primitive, position, operands, value)
    return _evaluate(formula, names_of(primitive, operands, value))


def pullback(primitive: Primitive, active: Sequence[bool]) -> Pullback:
    """The function of g, v and the operands that gives each active operand its contribution.

    It gives one float where one operand is active, else a tuple, and raises one of `RAISED` where Python does.
    A passive operand's partial is not evaluated.
    """
    formulas = primitive.formulas(len(active))
    products = [_product(formula) for formula, wanted in zip(formulas, active, strict=True) if wanted]
    body = products[0] if len(products) == 1 else f"({', '.join(products)})"
    function = python_function(body, ("g", "v", *primitive.letters(len(active))))
    return nan_raises(function) if primitive.edges else function


def pushforward(primitive: Primitive, moving: Sequence[bool]) -> Callable[..., float]:
    """The function of v, the operands and their tangents that gives the result's tangent; some do not move."""
    letters = primitive.letters(len(moving))
    terms = [
        times_tangent(formula, f"d{letter}")
        for letter, formula, moves in zip(letters, primitive.formulas(len(moving)), moving, strict=True)
        if moves
    ]
    function = python_function(" + ".join(terms), ("v", *letters, *(f"d{letter}" for letter in letters)))
    return nan_raises(function) if primitive.edges else function


@cache
def times_tangent(formula: str, tangent: str) -> str:
    """The text of a partial times a tangent.

    Where the partial is the result divided by an operand, as -v / b, one multiplies before one divides: the quotient
    may underflow where the tangent is as large as the operand. Else the Hessian of log(1 + exp(x)) at 400 would be 1.
    """
    if formula in ("1", "-1"):
        return tangent if formula == "1" else f"-{tangent}"
    tree = ast.parse(formula, mode="eval").body
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div) and _letters(tree.left) == {"v"}:
        return f"({ast.unparse(tree.left)}) * {tangent} / ({ast.unparse(tree.right)})"
    return f"({formula}) * {tangent}"


def _letters(tree: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def compiled_rule(parameters: Sequence[str], lines: Sequence[str], result: str) -> Callable[..., Any]:
    """A function of floats made of lines of formulas; it raises one of `RAISED` where Python does."""
    body = "".join(f"    {line}\n" for line in lines)
    tree = ast.parse(f"def rule({', '.join(parameters)}):\n{body}    return {result}\n")
    names = dict(_python_functions())
    exec(compile(ast.fix_missing_locations(_Powers().visit(tree)), "<rule>", "exec"), names)
    return names["rule"]  # type: ignore[no-any-return]


def nan_raises(function: Pullback) -> Pullback:
    """For a primitive with edges: where its own formula has no number without Python having raised (inf * 0)."""

    def guarded(*arguments: float) -> Any:
        result = function(*arguments)
        if any(term != term for term in result) if isinstance(result, tuple) else isnan(result):
            raise ArithmeticError
        return result

    return guarded


def _product(formula: str) -> str:
    return {"1": "g", "-1": "-g"}.get(formula, f"g * ({formula})")


def _evaluate(formula: str, named: Mapping[str, float]) -> float:
    try:
        return float(python_function(formula, tuple(named))(*named.values()))
    except RAISED:
        return _on_float64(eval(_compiled(formula, tuple(named)), _numpy_functions()), named.values())


def _on_float64(function: Callable[..., Any], arguments: Iterable[float]) -> float:
    import numpy

    with numpy.errstate(all="ignore"):
        return float(function(*(numpy.float64(argument) for argument in arguments)))

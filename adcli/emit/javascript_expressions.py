"""Expressions in JavaScript: numbers have operators, arrays the functions of the script."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence

from adcli.emit.bundle import has_javascript, name_in_table, table_entries, table_of
from adcli.emit.function import Function
from adcli.emit.identifiers import Identifiers
from adcli.emit.infix import CHOICES, SIGN, Dialect, spelled
from adcli.emit.lines import AT, COUNT, NOWHERE
from adcli.emit.refused import no_spelling
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused, Shape, broadcast
from adcli.rules.table import CONDITIONS, SELECT, STACK, primitive_named
from adcli.syntax import nodes

_NAME = re.compile(r"[A-Za-z]\w*$")
_CALLABLE = re.compile(r"(?:Math\.)?[A-Za-z]\w*$")
# The words of the language (ECMA-262, 12.7.2), and what a function needs of its library.
_SYNTAX = """
arguments async await break case catch class const continue debugger default delete do else enum eval export extends
false finally for function if implements import in instanceof interface let new null package private protected public
return static super switch this throw true try typeof undefined var void while with yield
"""
_LIBRARY = (
    "Array ArrayBuffer BigInt BigInt64Array Error Float64Array Infinity Map Math NaN Number Object Set String TypeError"
)
WORDS = frozenset([*_SYNTAX.split(), *_LIBRARY.split(" ")])
_ZERO, _ONE = nodes.Number("0", NOWHERE), nodes.Number("1", NOWHERE)


class Expressions:
    """Writes the expressions of lines as JavaScript, and notes the functions that these call.

    Attributes:
        kernels: the texts of those, by their names
        shapes: the shape of each name of the lines that are being written; names that have none are numbers
    """

    def __init__(self, function: Function, names: Identifiers, declared: Collection[str]) -> None:
        """Take the function, how names are written, and what the script declares."""
        self.kernels: dict[str, str] = {}
        self.shapes: Mapping[str, Shape] = {}
        self._declared = declared
        self._dialect = Dialect(
            number=number_text,
            constants=function.constants({"pi": "Math.PI", "π": "Math.PI", "e": "Math.E", "inf": "Infinity"}),
            name=names.of, call=self._call,
            choice=lambda condition, yes, no: f"{condition} ? {yes} : {no}",
            operators={"and": "&&", "or": "||", "not": "!", "==": "===", "!=": "!=="}, not_level=SIGN,
            apart=self._of_arrays,
        )  # fmt: skip

    def text(self, tree: nodes.Expression) -> str:
        """An expression as it is written."""
        return spelled(self._numeric(tree), self._dialect)

    def decided_otherwise(self, comparison: nodes.Expression, holds: bool) -> str:
        """The condition that a comparison comes out in another way, as it is written."""
        condition = self._condition(comparison)
        return spelled(nodes.Apply("not", (condition,), NOWHERE) if holds else condition, self._dialect)

    def is_number(self, tree: nodes.Expression) -> bool:
        """Whether an expression is known to be a number."""
        return self._shape(tree) == ()

    def _numeric(self, tree: nodes.Expression) -> nodes.Expression:
        """An expression in which what a condition is counts as a number where one is meant: JavaScript tells them."""
        if not isinstance(tree, nodes.Apply):
            return tree
        if tree.function in CONDITIONS and self.is_number(tree):
            return nodes.Apply(CHOICES[0], (self._condition(tree), _ONE, _ZERO), NOWHERE)
        first, *others = tree.operands
        chooses = tree.function in CHOICES and self.is_number(tree)
        operands = (self._condition(first) if chooses else self._numeric(first), *map(self._numeric, others))
        return nodes.Apply(tree.function, operands, NOWHERE)

    def _condition(self, tree: nodes.Expression) -> nodes.Expression:
        """A number as a condition, which holds where it is not 0."""
        if not isinstance(tree, nodes.Apply) or tree.function not in CONDITIONS:
            return nodes.Apply("!=", (self._numeric(tree), _ZERO), NOWHERE)
        joins = tree.function in ("and", "or", "not")
        operands = map(self._condition if joins else self._numeric, tree.operands)
        return nodes.Apply(tree.function, tuple(operands), NOWHERE)

    def _of_arrays(self, tree: nodes.Apply) -> str | None:
        """An operation on arrays; None for one on numbers, which has operators."""
        if tree.function in CHOICES:
            return None if self.is_number(tree) else self._applied(SELECT, tree.operands)
        primitive = primitive_named(tree.function, len(tree.operands))
        assert primitive is not None, tree.function
        if not primitive.elementwise:
            literal = _literal_array(tree) if primitive is STACK else None
            return self._applied(primitive, tree.operands) if literal is None else f"asArray({literal})"
        if all(map(self.is_number, tree.operands)):
            return None
        return f"eachElement({', '.join([self._called(primitive), *map(self._operand, tree.operands)])})"

    def _applied(self, primitive: Primitive, operands: Sequence[nodes.Expression]) -> str:
        settings = primitive.settings if isinstance(primitive, ArrayPrimitive) else ()
        return f"{self._called(primitive)}({', '.join([*map(self._operand, operands), *map(json.dumps, settings)])})"

    def _operand(self, tree: nodes.Expression) -> str:
        return spelled(tree, self._dialect)

    def _call(self, primitive: Primitive, operands: Sequence[nodes.Expression], texts: Sequence[str]) -> str:
        return f"{self._called(primitive)}({', '.join(texts)})"

    def _called(self, primitive: Primitive) -> str:
        """What the function of a row is called, or, if it has no name that JavaScript could read, its text."""
        if not has_javascript(primitive):
            raise no_spelling("JavaScript", primitive)
        key = name_in_table(primitive)
        text = table_entries(table_of(primitive))[key].partition(": ")[2].rstrip(",")
        if _CALLABLE.match(text):
            return text
        if not _NAME.match(key) or key in WORDS:
            return text
        name = key if key not in self._declared else f"{key}Kernel"
        self.kernels[name] = f"const {name} = {text};"
        return name

    def _shape(self, tree: nodes.Expression) -> Shape | None:
        """The shape of an expression; None where it is not known before it runs."""
        if isinstance(tree, nodes.Number):
            return ()
        if isinstance(tree, nodes.Name):
            return self.shapes.get(tree.name, ())
        assert isinstance(tree, nodes.Apply)
        if tree.function in (AT, COUNT):  # loops are of numbers alone
            return ()
        shapes = [self._shape(operand) for operand in tree.operands]
        known = [shape for shape in shapes if shape is not None]
        if len(known) < len(shapes):
            return None
        primitive = SELECT if tree.function in CHOICES else primitive_named(tree.function, len(shapes))
        assert primitive is not None, tree.function
        try:
            if not isinstance(primitive, ArrayPrimitive) or primitive is SELECT:
                return broadcast(known)
            return primitive.shape(known, [_known(operand) for operand in tree.operands])
        except Refused:
            return None


def number_text(value: float) -> str:
    """A number, with its sign in brackets: `--1` is another operation."""
    text = repr(value).removesuffix(".0").replace("inf", "Infinity").replace("nan", "NaN")
    return f"({text})" if text.startswith("-") else text


def _known(tree: nodes.Expression) -> float | None:
    """The value of a literal, which may be a size."""
    text = _literal(tree)
    return None if text is None else float(text)


def _literal(tree: nodes.Expression) -> str | None:
    """A number with its sign; None for what has to be computed."""
    if isinstance(tree, nodes.Apply) and tree.function == "-" and isinstance(tree.operands[0], nodes.Number):
        return f"-{number_text(float(tree.operands[0].text))}" if len(tree.operands) == 1 else None
    return number_text(float(tree.text)) if isinstance(tree, nodes.Number) else None


def _literal_array(tree: nodes.Apply) -> str | None:
    """Lists of numbers; None where one has to be computed."""
    texts: list[str] = []
    for operand in tree.operands:
        is_row = isinstance(operand, nodes.Apply) and operand.function == tree.function
        parts = [*map(_literal, operand.operands if is_row and isinstance(operand, nodes.Apply) else [operand])]
        if None in parts:
            return None
        text = ", ".join(part for part in parts if part is not None)
        texts.append(f"[{text}]" if is_row else text)
    return f"[{', '.join(texts)}]"

"""Expressions as a textbook writes them: sums over an index, ones in place of what is repeated, functions by formulas.

Which array an operation is applied to decides how it is written, so the shapes of names are asked for. What is inside
one line is short: functions here recurse over it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TypeAlias

from adcli.emit.lines import AT, NOWHERE
from adcli.emit.mathematics import BY_ELEMENTS
from adcli.records import NamedTuple
from adcli.rules.arrays import EXPAND, ONES
from adcli.rules.facts import Over
from adcli.rules.formulas import formula_tree
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused, broadcast
from adcli.rules.table import CONSTANTS, primitive_named
from adcli.syntax import nodes
from adcli.syntax.formula import replaced
from adcli.tape.labels import label_node

_INDICES = "ijlmnpqrst"
_Shape: TypeAlias = tuple[int, ...]
_Tree: TypeAlias = nodes.Expression


class Textbook(NamedTuple):
    """How the expressions of some lines are written.

    Attributes:
        shapes: of names
        indices: two letters that are no names, for rows and columns
        numbers: what else numbers are called
    """

    shapes: Mapping[str, _Shape]
    indices: tuple[str, ...]
    numbers: frozenset[str]

    @classmethod
    def of(cls, shapes: Mapping[str, _Shape], letter: str) -> Textbook:
        """The way to write lines with these names, and a letter that counts passes of loops."""
        free = [index for index in _INDICES if index not in shapes and index != letter]
        indices = tuple(free[:2])
        return cls(shapes, indices, frozenset((*indices, letter, *CONSTANTS)) - shapes.keys())

    def tree(self, tree: _Tree) -> _Tree:
        """An expression as it is written."""
        if not isinstance(tree, nodes.Apply):
            return tree
        primitive = None if tree.function in (AT, BY_ELEMENTS) else primitive_named(tree.function, len(tree.operands))
        if primitive is not None and len(self.indices) == 2:
            written = self._over_indices(primitive, tree)
            if written is not None:
                return written
        operands = tuple(map(self.tree, tree.operands))
        if tree.function == "*" and all(map(self.shape, tree.operands)):
            return nodes.Apply(BY_ELEMENTS, operands, tree.span)
        formula = "" if primitive is None or len(operands) != primitive.arity else primitive.textbook
        if primitive is None or not isinstance(formula, str) or not formula:
            return nodes.Apply(tree.function, operands, tree.span)
        return _of_formula(formula, dict(zip(primitive.letters(len(operands)), operands, strict=True)))

    def _over_indices(self, primitive: Primitive, tree: nodes.Apply) -> _Tree | None:
        """What repeats a value, or goes over the elements of an array whose shape is known; None for all else."""
        if primitive is EXPAND:
            return self._repeated(*tree.operands)
        over, shape = primitive.textbook, self.shape(tree.operands[0])
        if not isinstance(over, Over) or not shape or 0 in shape or len(shape) > len(self.indices):
            return None
        axes = self._axes(tree, shape)
        return self._over(over, tree.operands[0], axes, shape) if axes else None

    def _axes(self, tree: nodes.Apply, shape: _Shape) -> Sequence[int]:
        """Along which axes an operation goes: one, all, or those that another array has not; none if it is unknown."""
        if len(tree.operands) == 1:
            _, axis = nodes.function_and_axis(tree.function)
            return range(len(shape)) if axis is None else [range(len(shape))[axis]]
        part = self.shape(tree.operands[1])
        if part is None:
            return ()
        more = len(shape) - len(part)
        return [place for place, size in enumerate(shape) if place < more or size != part[place - more]]

    def _over(self, over: Over, array: _Tree, axes: Sequence[int], shape: _Shape) -> _Tree:
        """A sum, or a product, of the elements along some axes."""
        letters = [nodes.Name(letter, NOWHERE) for letter in self.indices]
        element = self.element(array, [letters[axis] if axis in axes else None for axis in range(len(shape))])
        ends = [nodes.Index(letters[axis], label_node("0"), label_node(str(shape[axis] - 1)), None, NOWHERE)
                for axis in axes]  # fmt: skip
        body = _of_formula(over.element, {"a": self.tree(element)})
        total = nodes.Comprehension(over.sign, body, tuple(ends), NOWHERE)
        return _of_formula(over.result, {"s": total, "n": label_node(str(prod(shape[axis] for axis in axes)))})

    def _repeated(self, value: _Tree, like: _Tree) -> _Tree | None:
        """What is repeated to the shape of another array: a number times ones, or an array times such, by elements."""
        shape = self.shape(like)
        if not shape:
            return None
        ones = nodes.Apply(ONES.name, tuple([label_node(str(size)) for size in shape]), NOWHERE)
        if isinstance(value, nodes.Number) and value.text == "1":
            return ones
        return nodes.Apply(BY_ELEMENTS if self.shape(value) else "*", (self.tree(value), ones), NOWHERE)

    def shape(self, tree: _Tree) -> _Shape | None:
        """The shape of what an expression gives; None where that is not known."""
        if isinstance(tree, nodes.Name):
            return () if tree.name in self.numbers else self.shapes.get(tree.name)
        if isinstance(tree, nodes.Number):
            return ()
        if not isinstance(tree, nodes.Apply):
            return None
        if tree.function == AT:
            return self.shape(tree.operands[0])
        shapes = [shape for shape in map(self.shape, tree.operands) if shape is not None]
        primitive = primitive_named(tree.function, len(tree.operands))
        if primitive is None or len(shapes) < len(tree.operands):
            return None
        values = [float(part.text) if isinstance(part, nodes.Number) else None for part in tree.operands]
        rule = primitive.shape if isinstance(primitive, ArrayPrimitive) else broadcast
        try:
            sizes = rule(shapes, values)
        except Refused:
            return None
        known = tuple([size for size in sizes if size is not None])
        return known if len(known) == len(sizes) else None

    def element(self, tree: _Tree, places: Sequence[_Tree | None]) -> _Tree:
        """The elements of an array at some places, where None is all of an axis; of a product a product of such."""
        shape = self.shape(tree)
        if shape == ():
            return tree
        if isinstance(tree, nodes.Apply) and tree.function == EXPAND.name and self.shape(tree.operands[0]) == ():
            return tree.operands[0]
        if isinstance(tree, nodes.Apply) and self._goes_by_elements(tree, shape):
            return nodes.Apply(tree.function, tuple([self.element(part, places) for part in tree.operands]), tree.span)
        pattern = ",".join(":" if place is None else "." for place in places)
        return nodes.Apply(f"[{pattern}]", (tree, *[place for place in places if place is not None]), NOWHERE)

    def _goes_by_elements(self, tree: nodes.Apply, shape: _Shape | None) -> bool:
        """Whether an operation goes element by element, and nothing is repeated in it but numbers."""
        primitive = primitive_named(tree.function, len(tree.operands)) if tree.function != AT else None
        elementwise = primitive is not None and primitive.elementwise
        return elementwise and all(other in ((), shape) for other in map(self.shape, tree.operands))


def _of_formula(formula: str, letters: Mapping[str, _Tree]) -> _Tree:
    return replaced(formula_tree(formula), letters)

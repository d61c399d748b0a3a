"""Expressions as a textbook writes them: sums over an index, ones in place of what is repeated, functions by formulas.

Which array an operation is applied to decides how it is written, so the shapes of names are asked for. What is inside
one line is short: functions here recurse over it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from adcli.emit.lines import AT, NOWHERE
from adcli.emit.mathematics import BY_ELEMENTS
from adcli.records import NamedTuple
from adcli.rules.formulas import formula_tree
from adcli.rules.primitive import ArrayPrimitive
from adcli.rules.shapes import Refused, broadcast
from adcli.rules.table import primitive_named
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
    """

    shapes: Mapping[str, _Shape]
    indices: tuple[str, ...]

    @classmethod
    def of(cls, shapes: Mapping[str, _Shape], letter: str) -> Textbook:
        """The way to write lines with these names, and a letter that counts passes of loops."""
        free = [index for index in _INDICES if index not in shapes and index != letter]
        return cls(shapes, tuple(free[:2]))

    def tree(self, tree: _Tree) -> _Tree:
        """An expression as it is written."""
        if not isinstance(tree, nodes.Apply):
            return tree
        name, axis = nodes.function_and_axis(tree.function)
        if name in _WRITTEN and len(self.indices) == 2:
            written = _WRITTEN[name](self, tree.operands, axis)
            if written is not None:
                return written
        operands = tuple(map(self.tree, tree.operands))
        if tree.function == "*" and all(map(self.shape, tree.operands)):
            return nodes.Apply(BY_ELEMENTS, operands, tree.span)
        primitive = primitive_named(tree.function, len(operands)) if tree.function not in (AT, BY_ELEMENTS) else None
        if primitive is None or not primitive.textbook:
            return nodes.Apply(tree.function, operands, tree.span)
        return replaced(formula_tree(primitive.textbook), dict(zip("abc", operands, strict=False)))

    def shape(self, tree: _Tree) -> _Shape | None:
        """The shape of what an expression gives; None where that is not known."""
        if isinstance(tree, nodes.Name):
            return self.shapes.get(tree.name, ())
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
        if isinstance(tree, nodes.Apply) and self._goes_by_elements(tree, shape):
            return nodes.Apply(tree.function, tuple([self.element(part, places) for part in tree.operands]), tree.span)
        pattern = ",".join(":" if place is None else "." for place in places)
        return nodes.Apply(f"[{pattern}]", (tree, *[place for place in places if place is not None]), NOWHERE)

    def _goes_by_elements(self, tree: nodes.Apply, shape: _Shape | None) -> bool:
        """Whether an operation goes element by element, and nothing is repeated in it but numbers."""
        primitive = primitive_named(tree.function, len(tree.operands)) if tree.function != AT else None
        elementwise = primitive is not None and primitive.elementwise
        return elementwise and all(other in ((), shape) for other in map(self.shape, tree.operands))

    def over(self, function: str, array: _Tree, axes: Sequence[int], shape: _Shape, of: str = "") -> _Tree:
        """A sum, or a product, of the elements along some axes; of a function of each of them."""
        letters = [nodes.Name(letter, NOWHERE) for letter in self.indices]
        body = self.element(array, [letters[axis] if axis in axes else None for axis in range(len(shape))])
        body = self.tree(_applied(of, body) if of else body)
        ends = [nodes.Index(letters[axis], label_node("0"), label_node(str(shape[axis] - 1)), None, NOWHERE)
                for axis in axes]  # fmt: skip
        return nodes.Comprehension(function, body, tuple(ends), NOWHERE)

    def reduced(self, array: _Tree, axis: int | None, function: str, of: str = "") -> tuple[_Tree, int] | None:
        """A sum, or a product, of all elements or along an axis, and of how many; None where that is not known."""
        shape = self.shape(array)
        if not shape or 0 in shape:
            return None
        axes = range(len(shape)) if axis is None else [range(len(shape))[axis]]
        count = 1
        for place in axes:
            count *= shape[place]
        return self.over(function, array, axes, shape, of), count


def _sum(book: Textbook, operands: Sequence[_Tree], axis: int | None) -> _Tree | None:
    found = book.reduced(operands[0], axis, "sum")
    return found and found[0]


def _product(book: Textbook, operands: Sequence[_Tree], axis: int | None) -> _Tree | None:
    found = book.reduced(operands[0], axis, "prod")
    return found and found[0]


def _mean(book: Textbook, operands: Sequence[_Tree], axis: int | None) -> _Tree | None:
    found = book.reduced(operands[0], axis, "sum")
    return found and _applied("*", _applied("/", label_node("1"), label_node(str(found[1]))), found[0])


def _logsumexp(book: Textbook, operands: Sequence[_Tree], axis: int | None) -> _Tree | None:
    found = book.reduced(operands[0], axis, "sum", "exp")
    return found and _applied("log", found[0])


def _repeated(book: Textbook, operands: Sequence[_Tree], axis: int | None) -> _Tree | None:
    """What is repeated to the shape of another array: a number times ones, or an array times such, by elements."""
    shape = book.shape(operands[1])
    if not shape:
        return None
    ones = _applied("ones", *[label_node(str(size)) for size in shape])
    value = book.tree(operands[0])
    return ones if isinstance(value, nodes.Number) and value.text == "1" else _applied("*", value, ones)


def _summed_to(book: Textbook, operands: Sequence[_Tree], axis: int | None) -> _Tree | None:
    """What is summed over where the shape of another array was repeated."""
    whole, part = map(book.shape, operands)
    if not whole or part is None:
        return None
    sizes = (1,) * (len(whole) - len(part)) + part
    axes = [place for place, (size, other) in enumerate(zip(whole, sizes, strict=True)) if size != other]
    return book.over("sum", operands[0], axes, whole) if axes else None


def _share(sign: float) -> Callable[[Textbook, Sequence[_Tree], int | None], _Tree | None]:
    """Whether one of two is the larger, and a half where they are equal."""

    def share(book: Textbook, operands: Sequence[_Tree], axis: int | None) -> _Tree | None:
        if len(operands) != 2:
            return None
        left, right = map(book.tree, operands if sign > 0 else reversed(operands))
        above = left if isinstance(right, nodes.Number) and float(right.text) == 0 else _applied("-", left, right)
        return _applied("/", _applied("+", label_node("1"), _applied("sign", above)), label_node("2"))

    return share


_WRITTEN: Mapping[str, Callable[[Textbook, Sequence[_Tree], int | None], _Tree | None]] = {
    "sum": _sum, "prod": _product, "mean": _mean, "logsumexp": _logsumexp, "expand": _repeated, "sum_to": _summed_to,
    "is_max": _share(1.0), "is_min": _share(-1.0),
}  # fmt: skip


def _applied(function: str, *operands: _Tree) -> nodes.Apply:
    return nodes.Apply(function, operands, NOWHERE)

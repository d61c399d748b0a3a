"""The shapes of results: what an operation on arrays makes of the shapes of its operands.

A size that is not known before the run is None, and fits any other. Where shapes do not fit, Refused says so, with the
shapes of the operands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from adcli.syntax.nodes import NO_AXIS

# The sizes of an array, one for each dimension; empty for a single number. A size is None before a run that decides it.
Shape: TypeAlias = tuple["int | None", ...]

# What an operation on arrays may refuse: the codes of its messages.
REFUSALS = ("shape", "subscript", "singular", "not-finite", "too-large", "no-derivative")


class Refused(ValueError):  # noqa: N818 - it is no mistake of ours
    """What an operation on arrays cannot do, and why; `remedy` says what would help."""

    def __init__(self, message: str, code: str = "shape", remedy: str = "") -> None:
        super().__init__(message)
        assert code in REFUSALS
        self.code = code
        self.remedy = remedy


# A result's shape from the operands' shapes, and from their values where those are numbers that are known.
Rule: TypeAlias = Callable[[Sequence[Shape], Sequence[Any]], Shape]


def shape_text(shape: Shape) -> str:
    """`a number`, `a vector of 3`, `a 2 × 3 matrix`."""
    sizes = ["?" if size is None else str(size) for size in shape]
    if not sizes:
        return "a number"
    return f"a vector of {sizes[0]}" if len(sizes) == 1 else f"a {' × '.join(sizes)} matrix"


def plural(number: int, what: str) -> str:
    """A number of things, of which there may be one: `1 run`, `2,000 runs`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(shapes: Sequence[Shape]) -> str:
    """`a number and a vector of 3`."""
    return enumerated([shape_text(shape) for shape in shapes])


def enumerated(texts: Sequence[str]) -> str:
    """`x, y and z`; nothing for none."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}" if texts else ""


def _differ(left: int | None, right: int | None) -> bool:
    return left is not None and right is not None and left != right


def of_first(shapes: Sequence[Shape], values: Sequence[Any] = ()) -> Shape:
    """Of what gives its first operand."""
    return shapes[0]


def broadcast(shapes: Sequence[Shape], values: Sequence[Any] = ()) -> Shape:
    """Of an operation element by element: sizes agree from the last backward, or are 1 and repeated."""
    rank = max(len(shape) for shape in shapes)
    result: list[int | None] = []
    for place in range(rank):
        sizes = [shape[place - rank + len(shape)] for shape in shapes if place - rank + len(shape) >= 0]
        larger = {size for size in sizes if size not in (1, None)}
        if len(larger) > 1:
            raise Refused(f"{listed([shape for shape in shapes if shape])} do not fit together")
        result.append(larger.pop() if larger else None if None in sizes else 1)
    return tuple(result)


def fits_into(given: Shape, room: Shape) -> None:
    """Refuse what cannot be put into a part of an array: sizes agree from the last backward, or are 1 and repeated."""
    pairs = zip(reversed(given), reversed(room), strict=False)
    if len(given) > len(room) or any(size != 1 and _differ(size, place) for size, place in pairs):
        raise Refused(f"{shape_text(given)} does not fit into {shape_text(room)}")


def array_only(name: str, shape: Shape) -> Shape:
    """The shape, which must not be that of a number."""
    if not shape:
        raise Refused(f"`{name}` takes a vector or a matrix, and is given a number")
    return shape


def along(name: str, axis: int, shape: Shape) -> int:
    """The axis counted from the first."""
    if axis == NO_AXIS:
        raise Refused("an axis is a whole number", remedy="0 goes over the rows, 1 over the columns")
    if not -len(shape) <= axis < len(shape):
        raise Refused(f"`{name}` cannot go along axis {axis} of {shape_text(shape)}")
    return axis % len(shape)


def reduced(name: str, axis: int | None) -> Rule:
    """Of a sum and the like: a number, or an array without the axis."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        shape = array_only(name, shapes[0])
        if axis is None:
            return ()
        place = along(name, axis, shape)
        return shape[:place] + shape[place + 1 :]

    return rule


def same(name: str, axis: int | None = None) -> Rule:
    """Of what keeps the shape of an array."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        shape = array_only(name, shapes[0])
        if axis is not None:
            along(name, axis, shape)
        return shape

    return rule


def alike(name: str, axis: int | None = None) -> Rule:
    """Of what keeps the shape that two arrays have."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        if len(shapes[0]) != len(shapes[1]) or any(map(_differ, *shapes)):
            raise Refused(f"`{name}` needs two arrays of one shape, and is given {listed(shapes)}")
        return same(name, axis)(shapes[:1], values)

    return rule


def vector_only(name: str) -> Rule:
    """Of what keeps the shape of a vector."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        if len(shapes[0]) != 1:
            remedy = f"say along which axis: `{name}(A, axis = 0)`" if len(shapes[0]) == 2 else ""
            raise Refused(f"`{name}` takes a vector, and is given {shape_text(shapes[0])}", remedy=remedy)
        return shapes[0]

    return rule


def product(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `A @ B`: the last size of the left operand meets the first of the right one."""
    left, right = shapes
    if not left or not right:
        raise Refused(
            f"`@` multiplies vectors and matrices, and is given {listed(shapes)}", remedy="with a number, write `*`"
        )
    if _differ(left[-1], right[0]):
        turned = (len(left) == 2 and left[0] == right[0]) or (len(right) == 2 and right[-1] == left[-1])
        remedy = "transpose one of the two with `'`" if turned else ""
        meet = f"{left[-1]} {'columns' if len(left) == 2 else 'elements'} meet {right[0]} rows"
        raise Refused(f"{listed(shapes)} cannot be multiplied: {meet}", remedy=remedy)
    return left[:-1] + right[1:]


def dot(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of two vectors of the same size."""
    left, right = shapes
    if len(left) != 1 or len(right) != 1:
        raise Refused(f"`dot` takes two vectors, and is given {listed(shapes)}", remedy="for matrices, write `A @ B`")
    if _differ(left[0], right[0]):
        raise Refused(f"`dot` takes vectors of the same size, and is given {listed(shapes)}")
    return ()


def outer(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of two vectors: a matrix."""
    if any(len(shape) != 1 for shape in shapes):
        raise Refused(f"`outer` takes two vectors, and is given {listed(shapes)}")
    return shapes[0] + shapes[1]


def transposed(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """The sizes the other way round."""
    return shapes[0][::-1]


def matrix_only(name: str, shape: Shape) -> Shape:
    """The shape, which must be that of a matrix."""
    if len(shape) != 2:
        raise Refused(f"`{name}` takes a matrix, and is given {shape_text(shape)}")
    return shape


def square(name: str, shape: Shape) -> int | None:
    """The size of a square matrix."""
    rows, columns = matrix_only(name, shape)
    if _differ(rows, columns):
        raise Refused(f"`{name}` takes a square matrix, and is given {shape_text(shape)}")
    return rows if columns is None else columns


def of_square(name: str, scalar: bool) -> Rule:
    """Of a function of a square matrix: a number, or a matrix of its shape."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        size = square(name, shapes[0])
        return () if scalar else (size, size)

    return rule


def two_squares(name: str) -> Rule:
    """Of a function of two square matrices of one shape: a matrix of that shape."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        size, other = (square(name, shape) for shape in shapes)
        if _differ(size, other):
            raise Refused(f"`{name}` needs two matrices of one shape, and is given {listed(shapes)}")
        return size, size

    return rule


def trace(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of a matrix: a number."""
    matrix_only("trace", shapes[0])
    return ()


def of_matrix(name: str) -> Rule:
    """Of what keeps the shape of a matrix."""
    return lambda shapes, values: matrix_only(name, shapes[0])


def diagonal(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """A vector makes a square matrix, a matrix gives its diagonal."""
    shape = array_only("diag", shapes[0])
    if len(shape) == 1:
        return shape * 2
    return (None if None in shape else min(shape),)  # type: ignore[type-var]


def solved(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `solve(A, b)`."""
    size = square("solve", shapes[0])
    return right_side("solve", size, shapes)


def least_squares(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `lstsq(A, b)`."""
    rows, columns = tall("lstsq", shapes[0])
    right_side("lstsq", rows, shapes)
    return (columns, *shapes[1][1:])


def right_side(name: str, rows: int | None, shapes: Sequence[Shape]) -> Shape:
    """The shape of the right side of a system of equations with so many rows."""
    if not shapes[1] or _differ(rows, shapes[1][0]):
        raise Refused(f"`{name}` needs a right side with as many rows as the matrix, and is given {listed(shapes)}")
    return shapes[1]


def tall(name: str, shape: Shape) -> Shape:
    """The shape of a matrix that has at least as many rows as columns."""
    rows, columns = matrix_only(name, shape)
    if rows is not None and columns is not None and rows < columns:
        raise Refused(
            f"`{name}` takes a matrix with at least as many rows as columns, and is given {shape_text(shape)}"
        )
    return shape


def qr(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Both factors below each other."""
    rows, columns = tall("qr", shapes[0])
    return (None if rows is None or columns is None else rows + columns, columns)


def stacked(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Numbers make a vector, vectors of the same size a matrix."""
    first = shapes[0]
    for shape in shapes:
        if len(shape) != len(first) or any(_differ(*pair) for pair in zip(shape, first, strict=True)):
            raise Refused(f"the rows of an array are alike, and these are {shape_text(first)} and {shape_text(shape)}")
    if len(first) > 1:
        raise Refused(
            "matrices cannot be stacked: there are vectors and matrices only", remedy="join them with `concat`"
        )
    return (len(shapes), *first)


def joined(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Vectors end to end, matrices below each other."""
    first = shapes[0]
    for shape in shapes:
        array_only("concat", shape)
        if len(shape) != len(first) or any(_differ(*pair) for pair in zip(shape[1:], first[1:], strict=True)):
            message = f"`concat` joins vectors, or matrices with as many columns: these are {shape_text(first)}"
            raise Refused(f"{message} and {shape_text(shape)}")
    sizes = [shape[0] for shape in shapes]
    return (None if None in sizes else sum(size or 0 for size in sizes), *first[1:])


def size_value(name: str, value: Any, least: int = 0) -> int | None:
    """A size that is given as a number: whole, and not negative."""
    if value is None:
        return None
    if not isinstance(value, float) or value != value or value < least or value > 2**53 or not value.is_integer():
        given = f"{value:g}" if isinstance(value, float) else shape_text(value.shape)
        raise Refused(f"`{name}` takes a whole number from {least} as a size, and is given {given}")
    return int(value)


def sized(name: str) -> Rule:
    """Of `zeros(n)`, `zeros(m, n)`."""
    return lambda shapes, values: tuple(size_value(name, value) for value in values)


def identity(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `eye(n)`, `eye(m, n)`."""
    sizes = tuple(size_value("eye", value) for value in values)
    return sizes if len(sizes) == 2 else sizes * 2


def spaced(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `linspace(a, b, n)`."""
    if shapes[0] or shapes[1]:
        raise Refused(f"`linspace` goes from a number to a number, and is given {listed(shapes[:2])}")
    return (size_value("linspace", values[2], 1),)


def _is_free(size: Any) -> bool:
    """Whether a size is what is left; an array is none."""
    return isinstance(size, (int, float)) and size == -1


def reshaped(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `reshape(a, m, n)`; one size may be -1."""
    shape, sizes = shapes[0], [None if _is_free(value) else size_value("reshape", value) for value in values[1:]]
    total = None if None in shape else _count(shape)
    if total is None or any(value is None for value in values[1:]):
        return tuple(sizes)
    free = [place for place, value in enumerate(values[1:]) if _is_free(value)]
    rest = _count([size for size in sizes if size is not None])
    fits = (rest and total % rest == 0) if len(free) == 1 else rest == total and not free
    if not fits:
        wanted = " × ".join(f"{value:g}" for value in values[1:])
        raise Refused(f"`reshape` keeps the number of elements: {shape_text(shape)} has {total}, which is not {wanted}")
    return tuple(total // rest if size is None else size for size in sizes)


def _count(shape: Sequence[int | None]) -> int:
    count = 1
    for size in shape:
        count *= size or 0
    return count


def counted(axis: int | None) -> Rule:
    """Of `length`: a number."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        along("length", axis or 0, array_only("length", shapes[0]))
        return ()

    return rule


def like_second(name: str) -> Rule:
    """Of what gives its first operand the shape of its second one."""

    def rule(shapes: Sequence[Shape], values: Sequence[Any]) -> Shape:
        wide, narrow = (shapes[1], shapes[0]) if name == "expand" else (shapes[0], shapes[1])
        if None not in (*wide, *narrow) and broadcast([wide, narrow]) != wide:
            raise Refused(f"`{name}` cannot make {shape_text(shapes[0])} into {shape_text(shapes[1])}")
        return shapes[1]

    return rule

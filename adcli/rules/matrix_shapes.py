"""The shapes of what functions of matrices give, beside those of `shapes.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcli.rules.shapes import (
    Refused,
    Rule,
    Shape,
    matrix_only,
    of_square,
    right_side,
    shape_text,
    square,
    two_squares,
    vector_only,
)


def solved_triangle(of: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `solve_triangular(A, b)`, and with a third operand that tells which triangle."""
    size = square("solve_triangular", of[0])
    lower = values[2] if len(values) > 2 else 0.0
    if (len(of) > 2 and of[2]) or (lower is not None and lower not in (0.0, 1.0)):
        raise Refused("the third operand of `solve_triangular` is 0 for the upper triangle, and 1 for the lower one")
    return right_side("solve_triangular", size, of)


def pseudoinverse(of: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `pinv(A)`: the sizes the other way round."""
    return matrix_only("pinv", of[0])[::-1]


_LARGEST = 2.0**53  # below it every whole number is a float


def power(name: str) -> Rule:
    """Of a power of a square matrix, or how it changes along another one: the last operand is a whole number."""

    def rule(of: Sequence[Shape], values: Sequence[Any]) -> Shape:
        *matrices, exponent = of
        value = values[-1]
        given = not exponent and (value is None or (abs(value) <= _LARGEST and value == int(value)))
        if not given:
            shown = f"{value:g}" if not exponent else shape_text(exponent)
            raise Refused(f"the exponent of `{name}` is a whole number, and not {shown}")
        return (two_squares(name) if len(matrices) == 2 else of_square(name, scalar=False))(matrices, values[:-1])

    return rule


def pairs(name: str) -> Rule:
    """Of a matrix with an element for each pair of those of a vector."""
    return lambda of, values: vector_only(name)(of, values) * 2


def eigenvalues(of: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `eigvalsh(A)`."""
    return (square("eigvalsh", of[0]),)


def eigenvectors(of: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `eigh(A)`: the eigenvalues above the vectors."""
    size = square("eigh", of[0])
    return (None if size is None else size + 1, size)


def svd(of: Sequence[Shape], values: Sequence[Any]) -> Shape:
    """Of `svd(A)`: U, the singular values and V below each other."""
    rows, columns = matrix_only("svd", of[0])
    if rows is None or columns is None:
        return None, None
    return rows + 1 + columns, min(rows, columns)

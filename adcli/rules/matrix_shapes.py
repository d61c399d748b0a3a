"""The shapes of what functions of matrices give, beside those of `shapes.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adcli.rules.shapes import Refused, Shape, matrix_only, right_side, square


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

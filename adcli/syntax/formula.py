"""A text that keeps the trees it was written from, so that a document can set it as mathematics."""

from __future__ import annotations

from collections.abc import Iterable

from adcli.syntax import nodes
from adcli.syntax.format import format_expression


class Formula(str):
    """`bar_a += bar_b * cos(a)`: a text for all who want no more, made of trees and of the texts between them.

    Attributes:
        parts: the trees, and the texts that join them
    """

    parts: tuple[str | nodes.Expression, ...]

    def __new__(cls, *parts: str | nodes.Expression) -> Formula:
        """Put parts beside each other; those of a formula become its own."""
        flat: list[str | nodes.Expression] = []
        for part in parts:
            flat += part.parts if isinstance(part, Formula) else (part,)
        text = "".join(part if isinstance(part, str) else format_expression(part) for part in flat)
        formula = super().__new__(cls, text)
        formula.parts = tuple(flat)
        return formula

    @classmethod
    def joined(cls, sign: str, parts: Iterable[str | nodes.Expression]) -> Formula:
        """Parts with a sign between them."""
        return cls(*[piece for part in parts for piece in (sign, part)][1:])

"""Trees compared by what they say, wherever they stand."""

from __future__ import annotations

from typing import Any

from adcli.syntax.source import Span


def said(tree: Any) -> Any:
    """The tree as nested tuples with the kinds of the nodes and without their spans."""
    if isinstance(tree, Span):
        return None
    if isinstance(tree, tuple):
        return (type(tree).__name__, *(said(part) for part in tree))
    return tree

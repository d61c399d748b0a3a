"""Figures of matplotlib, an extra that few have: one to draw on, and one as the content of a file."""

from __future__ import annotations

import io
import os
from typing import Any

from adcli.errors import AdError, Problem


def figure(width: float = 6.4, height: float = 4.4) -> Any:
    """An empty figure, in inches. Raises AdError `usage` where matplotlib is not installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        help_text = "pip install 'adcli[plot]', or pip install matplotlib"
        raise AdError(Problem("usage", "a plot needs matplotlib", help=help_text)) from None
    return Figure(figsize=(width, height), layout="constrained")


def content(drawn: Any, name: str) -> bytes:
    """A figure as the content of a file; its kind is that of the name's ending.

    Raises AdError `output` where matplotlib draws no such files.
    """
    kind = os.path.splitext(name)[1].lower().removeprefix(".") or "png"
    file = io.BytesIO()
    try:
        drawn.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AdError(Problem("output", f"cannot draw `{name}`: {reason}", help="as in --plot curve.svg")) from None
    return file.getvalue()

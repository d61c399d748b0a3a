"""The colours of graphs by what they stand for: a value ink, a partial ochre, an adjoint blue.

Texts have a contrast of 4.5 to 1 or more to what is behind them (WCAG 2.1, level AA), light and dark.
"""

from __future__ import annotations

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "panel": "#ffffff", "sunk": "#f7f8fa", "ink": "#12161c", "soft": "#505a67", "edge": "#8a94a1",
    "partial": "#8a5000", "partial-bg": "#fcf1de", "adjoint": "#1a4bbd", "on-adjoint": "#ffffff",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "panel": "#151a21", "sunk": "#1a2028", "ink": "#e9edf2", "soft": "#a3aebb", "edge": "#71808f",
    "partial": "#f0b45c", "partial-bg": "#32260f", "adjoint": "#97b8ff", "on-adjoint": "#0b1530",
}  # fmt: skip

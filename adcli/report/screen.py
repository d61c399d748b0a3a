"""A text that stands for a terminal."""

from __future__ import annotations

import io


class Screen(io.StringIO):
    """What is written to it is as wide as the terminal, and has its colours."""

    def isatty(self) -> bool:
        """As a terminal answers."""
        return True

"""A progress bar for comparisons that take a while: on standard error, and only if that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_PATIENCE = 1.0  # seconds without a bar
_WIDTH = 30


class ProgressBar:
    """Called with the number of comparisons that are done, and of all; draws over its own line."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.drawn = False

    def __call__(self, done: int, count: int) -> None:
        """Draw the bar, if the comparisons have taken a while."""
        if sys.stderr is not None and sys.stderr.isatty() and time.monotonic() - self.start > _PATIENCE:
            filled = _WIDTH * done // count
            bar = "#" * filled + "-" * (_WIDTH - filled)
            sys.stderr.write(f"\rcomparing [{bar}] {done}/{count}")
            sys.stderr.flush()
            self.drawn = True

    def clear(self) -> None:
        """Take the bar away."""
        if self.drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@contextmanager
def progress_bar() -> Iterator[ProgressBar]:
    """A bar for as long as something is compared."""
    bar = ProgressBar()
    try:
        yield bar
    finally:
        bar.clear()

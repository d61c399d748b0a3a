"""While a comparison takes long: the result so far and a bar, on standard error, and only if that is a terminal.

Ctrl-C ends the comparison, and what was compared until then is the result; a second one ends the command.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from adcli.cli.status import in_main_thread
from adcli.trust.budget import begin_anew, end_all

_PATIENCE = 1.0  # seconds without a bar
_WIDTH = 30


class ProgressBar:
    """Called with the number of comparisons that are done, and of all; draws over its own lines."""

    def __init__(self, preview: Callable[[], str] | None = None) -> None:
        """Take what gives the result so far, as a text of lines."""
        self.start = time.monotonic()
        self.drawn = False
        self.interrupted = False  # whether the comparison was ended before its end
        self._comparing = False
        self._preview = preview
        self._lines = 0  # of the preview

    def __call__(self, done: int, count: int) -> None:
        """Draw the bar, if the comparisons have taken a while; above it the result that is there already."""
        self._comparing = True
        if sys.stderr is not None and sys.stderr.isatty() and time.monotonic() - self.start > _PATIENCE:
            if not self.drawn and self._preview is not None:
                self._draw(self._preview())
            filled = _WIDTH * done // count
            bar = "#" * filled + "-" * (_WIDTH - filled)
            sys.stderr.write(f"\rcomparing [{bar}] {done}/{count}")
            sys.stderr.flush()
            self.drawn = True

    def _draw(self, text: str) -> None:
        """Draw lines that fit on the terminal, so that they can be taken away again."""
        from shutil import get_terminal_size  # which a result that is quick does not need

        columns, rows = get_terminal_size()
        lines = [line[: columns - 1] for line in text.splitlines()[: max(rows - 2, 0)]]
        self._lines = len(lines)
        sys.stderr.write("".join(f"{line}\n" for line in lines))

    def interrupt(self, number: int, frame: object) -> None:
        """End the comparison, once it has begun; the second time, or before it, the command."""
        if self.interrupted or not self._comparing:
            raise KeyboardInterrupt
        self.interrupted = True
        end_all()
        if sys.stderr is not None:
            sys.stderr.write("\ninterrupted: what was compared until now follows; Ctrl-C again ends at once\n")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the bar away, and the result so far."""
        if self.drawn:
            up = f"\x1b[{self._lines}A" if self._lines else ""
            sys.stderr.write(f"\r{up}\x1b[J")
            sys.stderr.flush()


def counted(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces of a long result; where that takes long, a terminal is told how much is written."""
    start, drawn, size = time.monotonic(), False, 0
    for piece in pieces:
        yield piece
        size += len(piece)
        if sys.stderr is not None and sys.stderr.isatty() and time.monotonic() - start > _PATIENCE:
            sys.stderr.write(f"\rwritten: {size / 1e6:,.0f} MB")
            sys.stderr.flush()
            drawn = True
    if drawn and sys.stderr is not None:
        sys.stderr.write("\r\x1b[K")


@contextmanager
def progress_bar(preview: Callable[[], str] | None = None) -> Iterator[ProgressBar]:
    """A bar for as long as something is compared; `preview` gives the result so far."""
    bar = ProgressBar(preview)
    chosen = signal.getsignal(signal.SIGINT)
    ours = chosen is signal.default_int_handler and in_main_thread()
    if ours:
        signal.signal(signal.SIGINT, bar.interrupt)
    try:
        yield bar
    finally:
        if ours:
            signal.signal(signal.SIGINT, chosen)
        begin_anew()
        bar.clear()


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A line on standard error, if that is a terminal, that tells of a long job how far it has come."""
    start, drawn = time.monotonic(), False

    def tell(text: str) -> None:
        nonlocal drawn
        if sys.stderr is not None and sys.stderr.isatty() and time.monotonic() - start > _PATIENCE:
            from shutil import get_terminal_size

            width = get_terminal_size().columns - 1
            sys.stderr.write(f"\r{text[:width]:{width}}")
            sys.stderr.flush()
            drawn = True

    try:
        yield tell
    finally:
        if drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

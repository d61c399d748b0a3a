"""`--watch`: a command runs again when a file that it has read is saved."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from adcli.cli.status import ExitStatus
from adcli.errors import AdError, Problem
from adcli.syntax.source import Stamp, files_read, forget_reads, stamp

_PAUSE = 0.025  # seconds between two looks at the files
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"  # a terminal, with what has scrolled out of it


def watched(run: Callable[[], int]) -> int:
    """Run, and run again after each change, until Ctrl-C; the status of the last run.

    Raises AdError `usage` where there is no file to watch.
    """
    status = run()
    while status != ExitStatus.INTERRUPTED:
        files = files_read()
        if not files:
            if status == ExitStatus.UNUSABLE:
                return status
            raise AdError(Problem("usage", "there is nothing to watch: no file was read", help="name a program"))
        try:
            gc.collect()
            _tell(f"watching {', '.join(files)}; Ctrl-C ends this")
            _wait_for_change(files)
        except KeyboardInterrupt:
            _tell("")
            return status
        forget_reads()
        _clear()
        status = run()
    return status


def _wait_for_change(files: Mapping[str, Stamp | None]) -> None:
    """Wait until a file is another than it was, and is no longer being written."""
    while all(stamp(path) == known for path, known in files.items()):
        time.sleep(_PAUSE)
    state = None
    while state != (state := {path: stamp(path) for path in files}):
        time.sleep(_PAUSE)


def _tell(text: str) -> None:
    with suppress(OSError, AttributeError, ValueError):  # nobody may listen
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def _clear() -> None:
    """Make the terminal empty; elsewhere an empty line stands between two results."""
    if sys.stdout is not None:
        sys.stdout.write(_CLEAR if sys.stdout.isatty() else "\n")
        sys.stdout.flush()

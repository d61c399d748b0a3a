"""How a command ends, and what could end it."""

from __future__ import annotations

import sys
from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit statuses of `adcli`."""

    DONE = 0
    CHECK_FAILED = 1  # a derivative, or a bound, was found wrong
    UNUSABLE = 2  # the program, an input or the command line is wrong
    INTERNAL = 70  # a bug of adcli's own
    INTERRUPTED = 130
    TERMINATED = 143  # as a shell says it of a process that SIGTERM has ended


def in_main_thread() -> bool:
    """Whether this is the thread that signals come to; without `threading`, which a start does not need, it is."""
    threading = sys.modules.get("threading")
    return threading is None or threading.current_thread() is threading.main_thread()

"""Work is counted, not timed: what a clock shows depends on the machine and on what else runs there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(function: Callable[[], object]) -> int:
    """How many lines of Python a call runs, a line in a loop once for each time.

    The call is made twice, and counted the second time: the first may import modules and fill caches.
    """
    function()
    count = 0

    def at_line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return at_line

    before = sys.gettrace()
    sys.settrace(at_line)
    try:
        function()
    finally:
        sys.settrace(before)
    return count

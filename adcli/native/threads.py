"""Sharing out many points among the processors of this machine."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_LEAST = 16_384  # points that are worth a thread
_most: list[int] = []  # threads, where a process says how many it may have


def use_at_most(threads: int) -> None:
    """Let this process have so many threads: one of several that share the processors."""
    _most[:] = [threads]


def share_out(compute: Callable[[int, int], None], count: int) -> None:
    """Compute all points: from a first one to before a last one, in several threads where there are many."""
    threads = min(_available(), count // _LEAST)
    if threads < 2:
        compute(0, count)
        return
    from concurrent.futures import wait  # few need it

    own, *others = itertools.pairwise([count * part // threads for part in range(threads + 1)])
    tasks = [_helpers(threads - 1).submit(compute, *ends) for ends in others]
    try:
        compute(*own)
    finally:
        wait(tasks)
    for task in tasks:
        task.result()


@cache
def _helpers(count: int) -> ThreadPoolExecutor:
    """So many threads besides this one. They stay: a new one begins without memory, and asks the system for it."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(count)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helpers.cache_clear)  # a child has none of them


def _available() -> int:
    if _most:
        return _most[0]
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

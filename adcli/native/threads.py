"""Sharing out many points among the processors of this machine."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable

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
    from concurrent.futures import ThreadPoolExecutor  # few need it

    bounds = [count * part // threads for part in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(compute, *ends) for ends in itertools.pairwise(bounds)]:
            done.result()


def _available() -> int:
    if _most:
        return _most[0]
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Blocks of work in other processes, a few at a time, with their results in order."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from adcli.errors import AdError, Problem
from adcli.native.threads import use_at_most

Result = TypeVar("Result")

_AHEAD = 2  # tasks of each process that are under way: what they take does not grow with their number
_work: Callable[[Any], Any]  # of a process, which is given it once


def in_order(work: Callable[[Any], Result], tasks: Iterable[Any], processes: int) -> Iterator[Result]:
    """What `work` makes of each task, in their order; with one process, in this one.

    Raises what the work raises, and AdError `usage` where a process ends before its work.
    """
    if processes == 1:
        yield from map(work, tasks)
        return
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (work,))
    under_way: deque[Future[Any]] = deque()
    try:
        for task in tasks:
            under_way.append(pool.submit(_do, task))
            if len(under_way) >= _AHEAD * processes:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool:
        help_text = "fewer of them, by --jobs, take less memory"
        raise AdError(Problem("usage", "a process ended before its work was done", help=help_text)) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(work: Callable[[Any], Any]) -> None:
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the process that asked ends the others
    use_at_most(1)  # thread: there are as many processes as are wanted
    _work = work


def _do(task: Any) -> Any:
    return _work(task)

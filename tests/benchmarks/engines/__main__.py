"""The table of goals, with what is reached now.

    python -m tests.benchmarks.engines [ROW ...]

Each row is measured in a process of its own, by runs in turn with its peers, of which it is said who is not installed.
A line: the work, its goal, now (`!` where that is more), the time of adcli, that of the peer, and who that is.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from tests.benchmarks.engines.line import Line
from tests.benchmarks.engines.rows import FAILED, ROWS, failure, measured

WIDTHS = (62, 19, 18, 12, 12)


def text(line: Line) -> str:
    """A line as it is printed."""
    now = f"{line.now} !".strip() if line.met is False else line.now
    cells = (line.work, line.goal, now, line.ours, line.theirs)
    return "".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)) + line.peer


def main(names: list[str]) -> int:
    """Print the rows of these names, or all."""
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        print(f"there is no row {unknown[0]}; there are: {', '.join(ROWS)}", file=sys.stderr)
        return 2
    print(text(Line("work", "goal", "now", "adcli", "peer", "which peer")))
    failed = False
    for name in names or ROWS:
        with ProcessPoolExecutor(1, get_context("spawn")) as own:
            try:
                lines = own.submit(measured, name).result()
            except BrokenProcessPool as error:
                lines = [failure(name, error)]
        for line in lines:
            print(text(line), flush=True)
            failed |= line.now == FAILED
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

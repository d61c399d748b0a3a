"""Value and gradient of the program of `batch.py` for many rows, by hand in NumPy; nothing of adcli is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ROWS = 65_536  # of a block, as in `adcli batch`


class ByHand:
    """The sweep of the program in NumPy, in buffers."""

    def __init__(self) -> None:
        self.buffers = np.empty((24, ROWS))

    def __call__(self, x: Any, y: Any, results: Any) -> None:
        """Fill in the value and the derivatives by x and by y."""
        p, a, cy, b, s, c, q, d, r, g, h, k, m, t = (buffer[: len(x)] for buffer in self.buffers[:14])
        value, by_x, by_y = results
        np.multiply(x, y, out=p)
        np.add(p, np.sin(x, out=a), out=a)
        np.cos(y, out=cy)
        np.subtract(np.multiply(a, a, out=s), np.multiply(cy, x, out=t), out=b)
        np.add(s, 1, out=s)
        np.divide(b, s, out=c)
        np.exp(np.negative(np.multiply(c, c, out=q), out=q), out=q)
        np.add(q, p, out=d)
        np.sqrt(np.add(np.multiply(b, b, out=r), 1, out=r), out=r)
        np.add(np.multiply(d, a, out=g), r, out=g)
        np.multiply(g, d, out=value)
        np.add(g, np.multiply(d, a, out=h), out=h)  # by d
        np.multiply(d, d, out=k)  # by a, from e
        np.divide(np.multiply(d, b, out=m), r, out=m)  # by b, from the root
        np.multiply(np.multiply(np.multiply(h, q, out=t), -2, out=t), c, out=t)  # by c
        np.divide(t, s, out=t)
        np.add(m, t, out=m)
        np.multiply(np.multiply(np.multiply(t, c, out=t), -2, out=t), a, out=t)
        np.add(k, t, out=k)
        np.multiply(np.multiply(m, a, out=t), 2, out=t)
        np.add(k, t, out=k)
        np.add(h, k, out=h)  # by x * y
        np.multiply(h, y, out=by_x)
        np.add(by_x, np.multiply(k, np.cos(x, out=t), out=t), out=by_x)
        np.subtract(by_x, np.multiply(m, cy, out=t), out=by_x)
        np.multiply(h, x, out=by_y)
        np.add(by_y, np.multiply(np.multiply(m, x, out=m), np.sin(y, out=t), out=t), out=by_y)


def in_blocks(fill: Callable[[Any, Any, Any], None], x: Any, y: Any) -> Any:
    """The results of all rows, block by block."""
    results = np.empty((3, len(x)))
    for start in range(0, len(x), ROWS):
        rows = slice(start, start + ROWS)
        fill(x[rows], y[rows], results[:, rows])
    return results


def points(count: int) -> Any:
    """As many rows."""
    return np.random.default_rng(0).normal(size=(count, 2))

"""Random programs whose arrays have spoilt elements, which nothing passes on to the result.

Each has a twin in which the spoilt elements are constants: it has the same derivatives, and nothing to stumble over.
"""

from __future__ import annotations

import random
from typing import NamedTuple

import numpy as np

POINT = {"x": np.array([1.25, 0.75, 2.0]), "y": np.array([0.5, -1.5, 3.0])}
NAMES = list(POINT)

# of u, which is 0 where it spoils: a value, a slope or a second derivative that is not finite
_SPOILING = (
    "sqrt({u})", "log({u})", "1 / ({u})", "({u})^1.5", "({u})^-0.5", "atan2({u}, {u})", "cbrt({u})", "exp(1 / ({u})^2)",
    "sqrt({u} - 1e-3)", "({u}) / ({u})", "asin(1 - ({u})^2 / 8)", "norm([{u}, {u}], axis = 0) / ({u})",
)  # fmt: skip


class GapProgram(NamedTuple):
    """A program, with the value `f`, and its twin."""

    text: str
    twin: str


class _Writer:
    """Writes a program and its twin, and knows which elements of the vector `r` are spoilt."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.spoilt = np.array([self.random.random() < 0.5 for _ in range(3)])

    def begin(self) -> tuple[str, str]:
        """The line that spoils, and that of the twin: the elements one by one, with constants among them."""
        shape = self.random.choice(_SPOILING)
        zeros = [f"{value:g}" if bad else "0.25" for value, bad in zip(POINT["x"], self.spoilt, strict=True)]
        own = [shape.format(u=f"x[{place}] - {zero}") for place, zero in enumerate(zeros)]
        twin = ["0.3" if bad else text for text, bad in zip(own, self.spoilt, strict=True)]
        if "norm" in shape:
            own = [text.replace(", axis = 0", "") for text in own]
            twin = [text.replace(", axis = 0", "") for text in twin]
            return f"r = [{', '.join(own)}]", f"r = [{', '.join(twin)}]"
        return f"r = {shape.format(u=f'(x - [{chr(44).join(zeros)}])')}", f"r = [{', '.join(twin)}]"

    def step(self) -> None:
        """One more line, and what becomes spoilt by it."""
        n, old = len(self.spoilt), self.spoilt
        pad = f"[{', '.join(f'x[{k % 3}] * y[{(k + 1) % 3}]' for k in range(n))}]"
        place = self.random.randrange(n)
        none = np.zeros(n, bool)
        options = [
            ("r = r[::-1]", old[::-1]),
            ("r = cumsum(r)", np.logical_or.accumulate(old)),
            ("r = concat(y, r)", np.concatenate([none[:0], [False] * 3, old])),
            (f"r = [{pad}, r] @ {pad}", np.array([False, old.any()])),
            (f"r = {pad} @ [r, {pad}]'", np.array([old.any(), False])),
            (f"r = ([r, {pad}]' @ [[1, 2], [3, 4]])[:, 0]", old),
            (f"r = ([r, {pad}] @ outer({pad}, y))[:, 1]", np.array([old.any(), False])),
            (f"r = outer(r, y)[:, {place % 3}] * 2", old),
            (f"r = reshape([r, {pad}], {2 * n})", np.concatenate([old, none])),
            (f"r = [r, {pad}]'[{place}]", np.array([old[place], False])),
            (f"r = norm([{pad}, r], axis = 1)", np.array([False, old.any()])),
            (f"r = sum([{pad}, r], axis = 1) * y[1]", np.array([False, old.any()])),
            ("r = sin(r) * r", old),
            ("r = h(r, y[0])", old[::-1]),
            (f"r[{place}] = y[2]", old & (np.arange(n) != place)),
            (f"r = where({pad} > 0, r, {pad})", old & (self.value(n) > 0)),
            (f"r = [r[0] * r[{place}], y[1]]", np.array([old[0] or old[place], False])),
        ]  # fmt: skip
        line, self.spoilt = self.random.choice(options)
        self.lines.append(line)

    def value(self, n: int) -> np.ndarray:
        """What the vectors are that a `where` asks."""
        return np.array([POINT["x"][k % 3] * POINT["y"][(k + 1) % 3] for k in range(n)])

    def end(self) -> str:
        """What passes on nothing that is spoilt."""
        sound = np.flatnonzero(~self.spoilt)
        if not len(sound):
            return "f = x @ y"
        mask = f"[{', '.join('01'[not bad] for bad in self.spoilt)}]"
        place = self.random.choice(list(sound))
        choices = [
            f"f = sum(where({mask} > 0, r, 0)^2)",
            f"f = sum(where({mask} == 0, y[0], r) * y[1])",
            f"f = sin(r[{place}]) * y[0]",
            f"f = sum(r[{place}:{place + 1}]) * x[1]",
            f"r = where({mask} > 0, r, 3)\nf = sum(r[::-1] * y[2])",
        ]
        return self.random.choice(choices)


def gap_program(seed: int) -> GapProgram:
    """A random program."""
    writer = _Writer(seed)
    own, twin = writer.begin()
    for _ in range(writer.random.randrange(5)):
        if len(writer.spoilt) < 20:
            writer.step()
    head = "input x[3], y[3]\ndef h(u, s) {\n    t = u * s\n    return t[::-1] + s\n}\n"
    tail = "\n".join(["", *writer.lines, writer.end(), "output f", ""])
    return GapProgram(head + own + tail, head + twin + tail)

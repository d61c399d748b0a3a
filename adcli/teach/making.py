"""Which questions a quiz has: some of all that can be asked about a run."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from adcli.teach import comparisons, forward, steps, sums
from adcli.teach.question import Question
from adcli.teach.subject import Subject

_MAKERS: dict[str, Callable[[Subject], Iterator[Question]]] = {
    "partial": steps.partials, "contribution": steps.contributions, "adjoint": sums.adjoints,
    "gradient": sums.gradients, "growth": comparisons.growth, "which": comparisons.which,
    "tangent": forward.tangents, "cost": forward.costs,
}  # fmt: skip
LEVELS = {
    1: ("partial", "contribution", "growth"),
    2: ("contribution", "adjoint", "gradient", "which"),
    3: ("adjoint", "gradient", "tangent", "cost"),
}


def questions(subject: Subject, level: int, seed: int, most: int = 8) -> list[Question]:
    """Questions of a level, chosen and ordered by a seed: as many kinds as there are, then more of each."""
    generator = random.Random(seed)
    pools = []
    for kind in LEVELS[level]:
        pool = [question for question in _MAKERS[kind](subject) if math.isfinite(question.truth)]
        generator.shuffle(pool)
        pools.append(pool)
    chosen: list[Question] = []
    while any(pools) and len(chosen) < most:
        for pool in pools:
            if pool and len(chosen) < most:
                chosen.append(pool.pop())
    order = list(LEVELS[level])
    return sorted(chosen, key=lambda question: order.index(question.kind))

"""What the formulas of a row tell of the structure of derivatives: by which operands there are any, and which meet.

Two operands meet where the second derivative of the result by both may be another number than 0: where what the one
receives is told by the value of the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from adcli.rules.facts import EVERY, MOVED
from adcli.rules.formulas import MOST_FORMULAS, Shapes, formula_tree, granted, values_read
from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.shapes import Refused
from adcli.rules.table import CONSTANTS, primitive_named
from adcli.syntax import nodes

Pairs = tuple[tuple[int, int], ...]

_RESULT = -1  # among positions of operands


@cache
def carrying(primitive: Primitive, count: int) -> tuple[int, ...]:
    """The positions, among so many, of the operands that an operation has derivatives by that are not 0 everywhere."""
    by = primitive.known("by")
    places = tuple(range(count)) if by is EVERY else by
    if not primitive.elementwise:
        return places
    formulas = primitive.formulas(count)
    return tuple([place for place in places if formulas[place] != "0"])


@lru_cache(maxsize=10_000)
def meeting(primitive: Primitive, *shapes: tuple[int, ...]) -> Pairs:
    """The pairs of operands of these shapes, by their positions, that meet; the first is not behind the second."""
    count, carried = len(shapes), carrying(primitive, len(shapes))
    if not primitive.elementwise and getattr(primitive, "spread", None) is MOVED:
        return ()
    pairs: set[tuple[int, int]] = set()
    for place in carried:
        for other in _telling(primitive, place, shapes):
            for position in carried if other == _RESULT else (other,):
                pairs.add((min(place, position), max(place, position)))
    return tuple(sorted(pair for pair in pairs if pair[1] < count))


def _telling(primitive: Primitive, position: int, shapes: Shapes) -> Iterable[int]:
    """The positions of what tells what an operand receives: operands, or the result. All where no formula says it."""
    count = len(shapes)
    if isinstance(primitive, ArrayPrimitive) and primitive.recorder is not None:
        return range(count)
    try:
        if isinstance(primitive, ArrayPrimitive):
            return values_read(primitive, tuple([place == position for place in range(count)]), *shapes)
        edge = primitive.edge(position)
        formulas = [primitive.formulas(count)[position], *([edge[1]] if edge else [])]
        letters = frozenset[str]().union(*map(_letters_of, formulas))
    except Refused:
        return range(count)
    named = {letter: place for place, letter in enumerate(primitive.letters(count))} | {"v": _RESULT}
    return [named[letter] for letter in letters]


@lru_cache(maxsize=MOST_FORMULAS)
def _letters_of(partial: str) -> frozenset[str]:
    """The letters by which a partial has a derivative; raises Refused where there is no formula."""
    names, todo = set(), [formula_tree(granted(partial))]
    while todo:
        node = todo.pop()
        if isinstance(node, nodes.Name):
            names.add(node.name)
        elif isinstance(node, nodes.Apply):
            primitive = primitive_named(node.function, len(node.operands))
            places = range(len(node.operands)) if primitive is None else carrying(primitive, len(node.operands))
            todo.extend(node.operands[place] for place in places)
    return frozenset(names) - CONSTANTS.keys()

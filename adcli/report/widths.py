"""How wide the columns of a table are on a terminal, and where their texts may be broken over lines.

A text of words is broken between any two of them. A formula is broken as loosely as the room allows: in front of a
relation, then of a sum outside of all brackets, then of a product, then the same inside brackets.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from adcli.records import NamedTuple
from adcli.report.frames import text_width

SPACE = "\U000f0000"  # one that is no place to break a line at: of the letters for private use, which no program uses
GAP = 2  # columns between two columns of a table
ANYWHERE = 99  # the rank of a space in a formula at which it is broken only where nothing else is left

_RELATIONS = frozenset({"=", "+=", "→", "<", ">", "<=", ">=", "==", "!=", "and", "or"})
_SUMS = frozenset({"+", "-"})
_PRODUCTS = frozenset({"*", "/", "@"})
_DEEPEST = 8  # brackets in each other that are told apart
_RANKS = (-1, *range(3 * (_DEEPEST + 1)), ANYWHERE)


class Words(NamedTuple):
    """One line of a cell.

    Attributes:
        text: of it
        formula: whether it is one
        whole: whether it is never broken
        comfort: the width to which it is not narrowed for the sake of a formula beside it
    """

    text: str
    formula: bool = False
    whole: bool = False
    comfort: int = 0


def broken(words: Words, width: int) -> str:
    """The text, with spaces where it may be broken to be no wider, as loosely as that can be, and SPACE elsewhere."""
    if text_width(words.text) <= width:
        return words.text.replace(" ", SPACE)
    rank = next((rank for rank in _RANKS if narrowest(words, rank) <= width), ANYWHERE)
    return breakable(words, rank)


def breakable(words: Words, rank: int) -> str:
    """The text, with spaces at which it may be broken where those up to a rank are, and SPACE elsewhere."""
    if words.whole:
        return words.text.replace(" ", SPACE)
    if not words.formula:
        return words.text
    pieces = words.text.split(" ")
    depth, parts = 0, pieces[:1]
    for before, piece in pairwise(pieces):
        depth += sum(map(before.count, "([")) - sum(map(before.count, ")]"))
        parts += [" " if _rank(before, piece, min(depth, _DEEPEST)) <= rank else SPACE, piece]
    return "".join(parts)


def _rank(before: str, piece: str, depth: int) -> int:
    """How loosely the parts of a formula are joined by the space between two pieces; the loosest have the least."""
    listed = before.endswith((";", ","))
    if piece == "=" and depth:  # `axis = 1`
        return ANYWHERE
    if piece in _RELATIONS or (listed and depth == 0):
        return 3 * depth
    if piece in _SUMS or listed:
        return 3 * depth + 1
    return 3 * depth + 2 if piece in _PRODUCTS else ANYWHERE


def narrowest(words: Words, rank: int) -> int:
    """The widest part that is left in one line when the text is broken wherever the rank allows."""
    return max(map(text_width, breakable(words, rank).split(" ")))


def fitted(columns: Sequence[Sequence[Words]], room: int) -> list[int]:
    """The width of each column, for a table that is so wide.

    Where the parts that are not broken take more room than there is, the table is wider.
    """
    full = [max((text_width(words.text) for words in column), default=0) for column in columns]
    room -= GAP * (len(columns) - 1)
    if sum(full) <= room:
        return full
    for comfort in (True, False):
        for rank in _RANKS:
            least = [_least(column, rank, comfort) for column in columns]
            if sum(least) <= room:
                return _widened(least, full, room - sum(least))
    return least


def _least(column: Sequence[Words], rank: int, comfort: bool) -> int:
    return max((max(narrowest(words, rank), _comfort(words) if comfort else 0) for words in column), default=0)


def _comfort(words: Words) -> int:
    return min(text_width(words.text), words.comfort)


def _widened(least: list[int], full: list[int], left: int) -> list[int]:
    """What is left of the room goes to all columns alike; what one cannot use goes to the others."""
    widths = list(least)
    order = sorted(range(len(full)), key=lambda place: full[place] - least[place])
    for done, place in enumerate(order):
        more = min(full[place] - least[place], left // (len(order) - done))
        widths[place] += more
        left -= more
    return widths

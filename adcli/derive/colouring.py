"""Colours of the columns of sparse matrices of derivatives: those of one colour are computed in one sweep.

Gebremedhin, Manne and Pothen, "What color is your Jacobian? Graph coloring for computing derivatives", SIAM Review 47
(2005), 629-705. Columns without a common row can share a sweep: a colouring of distance 1 in the graph of columns that
meet in a row. Of a symmetric matrix each entry stands twice, and one of the two is enough: a star colouring, in
which every path of four vertices has three colours, tells each entry in one of the sweeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from adcli.derive.sparsity import Pattern
from adcli.records import NamedTuple

NONE = -1  # the colour of a column in which there is nothing


class Colouring(NamedTuple):
    """The colour of each column, from 0, or NONE; and how many there are."""

    colours: Sequence[int]
    number: int

    @property
    def groups(self) -> list[list[int]]:
        """The columns of each colour."""
        groups: list[list[int]] = [[] for _ in range(self.number)]
        for column, colour in enumerate(self.colours):
            if colour != NONE:
                groups[colour].append(column)
        return groups


def columns_coloured(pattern: Pattern) -> Colouring:
    """Colours of the columns such that no two of one colour have a common row: the fewer of two orders."""
    columns = pattern.columns
    return _fewer(_coloured_columns(pattern, columns, order) for order in _orders(columns))


def star_coloured(pattern: Pattern) -> Colouring:
    """A star colouring of a symmetric pattern: the fewer of two orders."""
    neighbours = [[other for other in row if other != place] for place, row in enumerate(pattern.rows)]
    return _fewer(_stars(pattern, neighbours, order) for order in _orders(neighbours))


def _orders(lists: Sequence[Sequence[int]]) -> list[list[int]]:
    """The order as it is, and that with the longest ones first."""
    natural = list(range(len(lists)))
    return [natural, sorted(natural, key=lambda place: -len(lists[place]))]


def _fewer(colourings: Iterable[Colouring]) -> Colouring:
    return min(colourings, key=lambda colouring: colouring.number)


def _coloured_columns(pattern: Pattern, columns: Sequence[Sequence[int]], order: Sequence[int]) -> Colouring:
    taken: list[set[int]] = [set() for _ in pattern.rows]
    colours = [NONE] * pattern.width
    for column in order:
        rows = columns[column]
        if rows:
            colour = colours[column] = _free(set[int]().union(*[taken[row] for row in rows]))
            for row in rows:
                taken[row].add(colour)
    return Colouring(colours, max(colours, default=NONE) + 1)


def _free(taken: set[int]) -> int:
    """The first colour that is not taken."""
    return next(colour for colour in count() if colour not in taken)


def _stars(pattern: Pattern, neighbours: Sequence[Sequence[int]], order: Sequence[int]) -> Colouring:
    """A star colouring, one vertex after the other: any two colours together are stars, before and after each.

    Of each vertex it is noted how many of its neighbours have which colour, and the last one of these: where that is
    the only one, it may be the centre of a star. So the work is that of the edges times the colours about them.
    """
    colours = [NONE] * pattern.width
    about: list[dict[int, tuple[int, int]]] = [{} for _ in neighbours]  # by colour: how many neighbours, and the last
    for vertex in order:
        if not pattern.rows[vertex]:
            continue
        around, taken = about[vertex], set(about[vertex])
        for neighbour in neighbours[vertex]:
            own = colours[neighbour]
            if own == NONE:
                continue
            if around[own][0] > 1:  # this vertex becomes the centre of a star: no neighbour may be in another one
                taken.update(about[neighbour])
            else:
                taken.update(
                    colour for colour, (number, other) in about[neighbour].items()
                    if number == 1 and about[other][own][0] > 1
                )  # fmt: skip
        colour = colours[vertex] = _free(taken)
        for neighbour in neighbours[vertex]:
            about[neighbour][colour] = about[neighbour].get(colour, (0, 0))[0] + 1, vertex
    return Colouring(colours, max(colours, default=NONE) + 1)

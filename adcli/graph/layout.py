"""Where nodes and edges of a graph stand: in layers, what is read before what reads it.

Sugiyama, Tagawa and Toda's method (1981): longest paths give the layers, barycentres the order in them, and places come
from the means of the neighbours. An edge that has a label has a place for it in a layer between two layers of nodes, as
in Gansner et al. (1993), so no label can stand on anything else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from adcli.records import NamedTuple

_ROUNDS = 24  # of ordering, and of placing
_GAP = 20.0  # between layers, for curves to turn
_APART = 14.0  # between nodes of a layer
_LANE = 12.0  # what an edge takes that passes through a layer
_MARGIN = 12.0
_PORTS = 14.0  # between the ends of edges at a node
_TIP = 8.0  # length of the head of an arrow


class Size(NamedTuple):
    """Of a node or a label."""

    width: float
    height: float


class _Extent(NamedTuple):
    """The same along the direction of the edges, and across it."""

    along: float
    across: float


class Point(NamedTuple):
    """A place in the picture."""

    x: float
    y: float


class Route(NamedTuple):
    """The way of an edge: curves, with straight pieces between them.

    Attributes:
        points: from the source to the target, in pairs: a curve goes from the first of a pair to the second
        label: the middle of its label; None where it has none
        down: whether it goes downward, and not to the right
    """

    points: tuple[Point, ...]
    label: Point | None
    down: bool

    def curves(self) -> Iterator[tuple[Point, Point, Point, Point]]:
        """Each curve as a Bézier curve of degree three, which leaves and arrives along the direction of the edges."""
        for start, end in zip(self.points[::2], self.points[1::2], strict=True):
            if self.down:
                middle = (start.y + end.y) / 2
                yield start, Point(start.x, middle), Point(end.x, middle), end
            else:
                middle = (start.x + end.x) / 2
                yield start, Point(middle, start.y), Point(middle, end.y), end

    def head(self, back: bool) -> tuple[Point, Point, Point]:
        """The corners of the head of an arrow at the target; at the source where it points back."""
        (x, y), size = (self.points[0], _TIP) if back else (self.points[-1], -_TIP)
        if self.down:
            return Point(x, y), Point(x - _TIP / 2, y + size), Point(x + _TIP / 2, y + size)
        return Point(x, y), Point(x + size, y - _TIP / 2), Point(x + size, y + _TIP / 2)


class Layout(NamedTuple):
    """Where everything stands.

    Attributes:
        nodes: the middle of each node
        routes: the way of each edge
        width, height: of the picture
    """

    nodes: tuple[Point, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


@dataclass(eq=False)
class _Place:
    """A node, a label, or an edge on its way through a layer."""

    layer: int
    size: _Extent
    is_real: bool = False
    order: int = 0
    along: float = 0.0
    across: float = 0.0
    before: list[_Place] = field(default_factory=list)
    behind: list[_Place] = field(default_factory=list)


def layout(
    nodes: Sequence[Size], edges: Sequence[tuple[int, int]], labels: Sequence[Size | None], down: bool = False
) -> Layout:
    """Lay out a graph without circles.

    Args:
        nodes: the size of each
        edges: from which node to which, by their places
        labels: the size of the label of each edge; None for none
        down: whether edges go downward, and not to the right
    """

    def extent(size: Size) -> _Extent:
        return _Extent(size.height, size.width) if down else _Extent(*size)

    places = [_Place(2 * rank, extent(size), True) for rank, size in zip(_ranks(len(nodes), edges), nodes, strict=True)]
    chains = [
        _chain(places[source], places[target], None if label is None else extent(label))
        for (source, target), label in zip(edges, labels, strict=True)
    ]
    layers: list[list[_Place]] = [[] for _ in range(1 + max((place.layer for place in places), default=0))]
    for place in [*places, *(place for chain in chains for place in chain[1:-1])]:
        layers[place.layer].append(place)
    _order(layers)
    across = _place_across(layers, chains)
    along = _place_along(layers)
    turned: Callable[[float, float], Point] = (lambda a, b: Point(b, a)) if down else Point
    ports = _ports(places, chains)
    routes = tuple(
        _route(chain, ends, label is not None, turned, down)
        for chain, ends, label in zip(chains, ports, labels, strict=True)
    )
    middles = tuple(turned(place.along, place.across) for place in places)
    return Layout(middles, routes, *turned(along, across))


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each node: as early as what it reads allows, then as late as its readers allow.

    Nodes come in an order in which what is read stands before what reads it.
    """
    reads: list[list[int]] = [[] for _ in range(count)]
    readers: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        reads[target].append(source)
        readers[source].append(target)
    ranks = [0] * count
    for node in range(count):
        ranks[node] = max((ranks[source] + 1 for source in reads[node]), default=0)
    for node in reversed(range(count)):
        if readers[node]:
            ranks[node] = min(ranks[reader] for reader in readers[node]) - 1
    least = min(ranks, default=0)
    return [rank - least for rank in ranks]


def _chain(source: _Place, target: _Place, label: _Extent | None) -> list[_Place]:
    """The places of an edge in each layer from its source to its target; its label stands before the target."""
    chain = [source]
    for layer in range(source.layer + 1, target.layer):
        here = label if layer == target.layer - 1 else None
        chain.append(_Place(layer, here or _Extent(0.0, _LANE)))
    chain.append(target)
    for before, behind in pairwise(chain):
        before.behind.append(behind)
        behind.before.append(before)
    return chain


def _order(layers: list[list[_Place]]) -> None:
    """Order the places of each layer so that few edges cross: by the barycentres of their neighbours."""
    _number(layers)
    best, least = [list(layer) for layer in layers], _crossings(layers)
    for turn in range(_ROUNDS):
        if not least:
            break
        if turn == _ROUNDS // 2:  # once more, from another beginning
            for layer in layers:
                layer.reverse()
            _number(layers)
        forward = turn % 2 == 0
        for layer in layers if forward else reversed(layers):
            keys = {id(place): _barycentre(place, forward) for place in layer}
            layer.sort(key=lambda place: keys[id(place)])
            _number([layer])
        crossings = _crossings(layers)
        if crossings < least:
            best, least = [list(layer) for layer in layers], crossings
    layers[:] = best
    _number(layers)


def _number(layers: Sequence[Sequence[_Place]]) -> None:
    for layer in layers:
        for order, place in enumerate(layer):
            place.order = order


def _barycentre(place: _Place, forward: bool) -> float:
    neighbours = place.before if forward else place.behind
    return sum(other.order for other in neighbours) / len(neighbours) if neighbours else place.order


def _crossings(layers: Sequence[Sequence[_Place]]) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    crossings = 0
    for layer in layers:
        ends = [sorted(other.order for other in place.behind) for place in layer]
        flat = [end for own in ends for end in own]
        crossings += sum(later < end for at, end in enumerate(flat) for later in flat[at + 1 :])
    return crossings


def _place_across(layers: Sequence[Sequence[_Place]], chains: Sequence[Sequence[_Place]]) -> float:
    """Place everything across the direction: near its neighbours, and apart in its layer; the size of all."""
    for layer in layers:
        _spread(layer, [0.0] * len(layer))
    for turn in range(_ROUNDS):
        for layer in layers if turn % 2 == 0 else reversed(layers):
            _spread(layer, [_wish(place) for place in layer])
    for chain in 2 * sorted(chains, key=len, reverse=True):  # the longest choose first; then once more
        _straighten(layers, [place for place in chain[1:-1] if not place.size.along])
    everything = [place for layer in layers for place in layer]
    low = min((place.across - place.size.across / 2 for place in everything), default=0.0)
    high = max((place.across + place.size.across / 2 for place in everything), default=0.0)
    for place in everything:
        place.across += _MARGIN - low
    return high - low + 2 * _MARGIN


def _wish(place: _Place) -> float:
    """The mean of the neighbours; a straight line matters more to what is on its way."""
    neighbours = [*place.before, *place.behind]
    weights = [1.0 if place.is_real or other.is_real else 4.0 for other in neighbours]
    if not neighbours:
        return place.across
    return sum(w * other.across for w, other in zip(weights, neighbours, strict=True)) / sum(weights)


def _spread(layer: Sequence[_Place], wishes: Sequence[float]) -> None:
    """Place a layer as near to the wishes as its order and sizes allow, by least squares: neighbours that would stand
    on each other move together, at the mean of what they wish."""
    offsets, reach = [], 0.0
    for at, place in enumerate(layer):
        if at:
            reach += (layer[at - 1].size.across + place.size.across) / 2 + _APART
        offsets.append(reach)
    blocks: list[tuple[float, int]] = []  # the mean of each, and of how many
    for wish, offset in zip(wishes, offsets, strict=True):
        mean, count = wish - offset, 1
        while blocks and blocks[-1][0] >= mean:
            other, others = blocks.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    for place, mean, offset in zip(layer, means, offsets, strict=True):
        place.across = mean + offset


def _straighten(layers: Sequence[Sequence[_Place]], lanes: Sequence[_Place]) -> None:
    """Give an edge the same place in neighbouring layers, as far as what stands beside it there allows."""
    run: list[_Place] = []
    low, high = -math.inf, math.inf
    for place in [*lanes, None]:
        least, most = (math.inf, -math.inf) if place is None else _room(layers[place.layer], place)
        if max(low, least) > min(high, most):
            mean = sum(one.across for one in run) / max(len(run), 1)
            for one in run:
                one.across = min(max(mean, low), high)
            run, low, high = [], -math.inf, math.inf
        if place is not None:
            run.append(place)
            low, high = max(low, least), min(high, most)


def _room(layer: Sequence[_Place], place: _Place) -> tuple[float, float]:
    """Between which places a place of a layer may stand."""
    least, most = -math.inf, math.inf
    if place.order:
        other = layer[place.order - 1]
        least = other.across + (other.size.across + place.size.across) / 2 + _APART
    if place.order < len(layer) - 1:
        other = layer[place.order + 1]
        most = other.across - (other.size.across + place.size.across) / 2 - _APART
    return min(least, place.across), max(most, place.across)  # where it stands it may stay


def _place_along(layers: Sequence[Sequence[_Place]]) -> float:
    """Place the layers behind each other; the size of all."""
    reach = _MARGIN
    for number, layer in enumerate(layers):
        width = max((place.size.along for place in layer), default=0.0)
        for place in layer:
            place.along = reach + width / 2
            if not place.size.along:  # what passes through a layer does so straight, beside what stands in it
                place.size = _Extent(width, place.size.across)
        reach += width + (_GAP if number < len(layers) - 1 else _MARGIN)
    return reach


def _ports(places: Sequence[_Place], chains: Sequence[Sequence[_Place]]) -> list[tuple[float, float]]:
    """Where each edge leaves its source and reaches its target, across: in the order of where they come from."""
    leaving: dict[int, list[int]] = {}
    reaching: dict[int, list[int]] = {}
    for number, chain in enumerate(chains):
        leaving.setdefault(id(chain[0]), []).append(number)
        reaching.setdefault(id(chain[-1]), []).append(number)
    ends = [[chain[0].across, chain[-1].across] for chain in chains]
    for place in places:
        for side, own, near in ((0, leaving, 1), (1, reaching, -2)):
            numbers = sorted(own.get(id(place), []), key=lambda number: chains[number][near].across)
            room = min(_PORTS, (place.size.across - 16) / max(len(numbers), 1))
            for at, number in enumerate(numbers):
                ends[number][side] = place.across + (at - (len(numbers) - 1) / 2) * room
    return [(first, last) for first, last in ends]


def _route(
    chain: Sequence[_Place],
    ends: tuple[float, float],
    has_label: bool,
    turned: Callable[[float, float], Point],
    down: bool,
) -> Route:
    source, target = chain[0], chain[-1]
    points = [turned(source.along + source.size.along / 2, ends[0])]
    for place in chain[1:-1]:
        half = place.size.along / 2
        points += [turned(place.along - half, place.across), turned(place.along + half, place.across)]
    points.append(turned(target.along - target.size.along / 2, ends[1]))
    label = turned(chain[-2].along, chain[-2].across) if has_label else None
    return Route(tuple(points), label, down)

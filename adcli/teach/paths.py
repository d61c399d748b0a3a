"""The paths of a graph from one node to another, each with its factors."""

from __future__ import annotations

import math
from collections.abc import Mapping

from adcli.graph.model import Edge, Graph
from adcli.records import NamedTuple

_MOST = 12  # paths that are told one by one


class Path(NamedTuple):
    """A path, as the places of its nodes and the edges between them."""

    nodes: tuple[int, ...]
    edges: tuple[Edge, ...]

    @property
    def product(self) -> float:
        """The product of its partials."""
        return math.prod(float(edge.partial) for edge in self.edges if edge.partial is not None)

    def text(self, graph: Graph) -> str:
        """`x → a → L`."""
        return " → ".join(graph.nodes[node].label for node in self.nodes)


def paths_between(graph: Graph, source: int, target: int) -> list[Path] | None:
    """All paths, None where there are too many to tell or a partial on the way is no number."""
    readers = edges_by_source(graph)
    found: list[Path] = []
    todo = [Path((source,), ())]
    while todo:
        path = todo.pop()
        if path.nodes[-1] == target:
            found.append(path)
            if len(found) > _MOST:
                return None
            continue
        for edge in reversed(readers.get(path.nodes[-1], [])):
            if edge.target > target:
                continue
            if edge.partial is None:
                return None
            todo.append(Path((*path.nodes, edge.target), (*path.edges, edge)))
        if len(todo) > 20 * _MOST:
            return None
    return found


def edges_by_source(graph: Graph) -> Mapping[int, list[Edge]]:
    """The edges that derivatives go along, by the node that is read."""
    readers: dict[int, list[Edge]] = {}
    for edge in graph.edges:
        if not edge.guard:
            readers.setdefault(edge.source, []).append(edge)
    return readers

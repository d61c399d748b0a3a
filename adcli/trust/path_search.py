"""The search for the largest paths: without the others, of which there may be more than atoms."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from adcli.records import NamedTuple
from adcli.tape.components import unit_at
from adcli.tape.ieee import quiet
from adcli.tape.tape import Value
from adcli.trust.component import Index
from adcli.trust.paths import Path, Paths, PathStep, carried_along, joined, scaled_product, size_of

MOST_PATHS = 2000  # through arrays that are walked to find the largest
_MOST_STEPS = 50_000  # of those walks together


class Largest(NamedTuple):
    """The largest paths, and whether they are known to be that: not where too many go through arrays."""

    paths: tuple[Path, ...]
    exact: bool


def largest_paths(paths: Paths, source: int, limit: int, index: Index = ()) -> Largest:
    """The paths from a source with the largest products, the largest first."""
    if _between_numbers(paths, source, index):
        return Largest(_sorted(_of_numbers(paths, source, index, limit)), True)
    walked, complete = _through_arrays(paths, source, index)
    return Largest(_sorted(walked)[:limit], complete)


def all_paths(paths: Paths, source: int, index: Index = ()) -> Iterator[Path]:
    """All paths from a source, the largest first.

    There may be many. Between numbers each is searched for when it is asked for; through arrays there are at most
    `MOST_PATHS`.
    """
    if _between_numbers(paths, source, index):
        return _of_numbers(paths, source, index, None)
    return iter(_sorted(_through_arrays(paths, source, index)[0]))


def _between_numbers(paths: Paths, source: int, index: Index) -> bool:
    return paths.between_numbers and all(step.partial is not None for step in paths.steps_from(source, index))


def _sorted(paths: Iterable[Path]) -> tuple[Path, ...]:
    """By their sizes, the largest first; of equals the first."""
    return tuple(sorted(paths, key=lambda path: -path.size))


class _Trail(NamedTuple):
    """The start of a path: its last step, and what is in front of that."""

    before: _Trail | None
    step: PathStep


class _Candidates:
    """Starts of paths, by the size of the product that each may come to; no more of them than paths are wanted."""

    def __init__(self, wanted: int | None) -> None:
        self._wanted = wanted
        self._sorted: list[tuple[float, int, _Trail, Any]] = []  # the best last; of equals the first
        self._added = 0

    def __bool__(self) -> bool:
        return bool(self._sorted)

    def add(self, size: float, trail: _Trail, carried: Any) -> None:
        """Add a start, with what it carries so far."""
        if self._wanted is not None and len(self._sorted) >= self._wanted:
            if not self._wanted or size <= self._sorted[0][0]:
                return
            del self._sorted[0]
        self._added += 1
        insort(self._sorted, (size, -self._added, trail, carried))

    def pop(self) -> tuple[_Trail, Any]:
        """Take the best start, with what it carries. It leads to one of the paths that are wanted."""
        if self._wanted is not None:
            self._wanted -= 1
        return self._sorted.pop()[2:]


# A step onward: how large the product of a path may become with it, the step, and what is carried along it.
_Onward: TypeAlias = tuple[float, PathStep, Any]


def _search(
    paths: Paths, candidates: _Candidates, onward: Callable[[int, Any], Sequence[_Onward]]
) -> Iterator[tuple[_Trail, Any]]:
    """Whole paths, with what they carry.

    A path takes the best step onward from everywhere, which comes first. The steps that it passes by are candidates for
    the next paths.
    """
    while candidates:
        trail, carried = candidates.pop()
        while trail.step.entry != paths.target:
            (_, best_step, along), *others = onward(trail.step.entry, carried)
            for size, step, carried_there in others:
                candidates.add(size, _Trail(trail, step), carried_there)
            trail, carried = _Trail(trail, best_step), along
        yield trail, carried


def _of_numbers(paths: Paths, source: int, index: Index, limit: int | None) -> Iterator[Path]:
    """The paths in falling order, as each entry knows the largest product that goes on from it."""
    if source == paths.target:
        yield Path(source, (), 1.0, 0.0)
        return

    def onward(entry: int, size: float, index: Index = ()) -> list[_Onward]:
        sizes = [(joined(size, step.size), step) for step in paths.steps_from(entry, index)]
        return [(joined(before, paths.best[step.entry]), step, before) for before, step in sizes]

    candidates = _Candidates(limit)
    for size, step, carried in onward(source, 0.0, index):
        candidates.add(size, _Trail(None, step), carried)
    for trail, _ in _search(paths, candidates, onward):
        steps = _steps(trail)
        yield Path(source, steps, *scaled_product([step.partial or 0.0 for step in steps]))


def _through_arrays(paths: Paths, source: int, index: Index) -> tuple[list[Path], bool]:
    """Paths through arrays, and whether these are all: else those that promised most.

    What goes on from an entry is guessed from the adjoint that it would have if nothing cancelled.
    """
    steps_seen = 0

    def onward(entry: int, carried: Value, index: Index = ()) -> list[_Onward]:
        nonlocal steps_seen
        terms = [(step, carried_along(paths.tape, step, carried)) for step in paths.steps_from(entry, index)]
        steps_seen += len(terms)
        promises = [(size_of(_sum_of_sizes(term, paths.uncancelled[step.entry])), step, term) for step, term in terms]
        return sorted(promises, key=lambda promise: promise[0], reverse=True)

    walked: list[Path] = []
    candidates = _Candidates(None)
    with quiet(paths.tape):
        for size, step, term in onward(source, unit_at(paths.tape.values[source], index), index):
            candidates.add(size, _Trail(None, step), term)
        steps_seen = 0  # those out of the source are no walk yet
        for trail, carried in _search(paths, candidates, onward):
            walked.append(Path(source, _steps(trail), float(carried), size_of(float(carried))))
            if len(walked) == MOST_PATHS or steps_seen >= _MOST_STEPS:
                break
    return walked, not candidates


def _sum_of_sizes(carried: Value, weight: Value | None) -> float:
    if weight is None:
        return 0.0
    product = abs(carried * weight)
    return product if type(product) is float else float(product.sum())


def _steps(trail: _Trail | None) -> tuple[PathStep, ...]:
    """The steps of a trail from the first to the last."""
    steps: list[PathStep] = []
    while trail is not None:
        steps.append(trail.step)
        trail = trail.before
    return tuple(reversed(steps))

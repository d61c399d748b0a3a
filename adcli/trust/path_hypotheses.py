"""Mistakes in the chain rule: what goes through one of its edges, or along some of its paths, is taken wrongly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations

from adcli.syntax.format import format_expression
from adcli.tape.describe import expression_node
from adcli.tape.labels import Labels, labels
from adcli.trust.component import entry_and_index
from adcli.trust.edge_sums import EdgeSum, both_sweeps, edge_sums
from adcli.trust.edge_words import Teller, lines_of
from adcli.trust.mistakes import Candidate, Hypothesis, Prediction, Sample
from adcli.trust.path_search import all_paths
from adcli.trust.paths import Edge, Path, Paths

_FEW_PATHS = 14  # of which every sum of some is tried


def _where_the_same_ran(sample: Sample, predict: Prediction) -> Prediction:
    """A prediction that is only made of runs of the same operations, in which entries mean the same."""
    return lambda other: predict(other) if other.tape.operations == sample.tape.operations else None


def _through(sample: Sample, edge: Edge, change: Callable[[EdgeSum], float | None]) -> Prediction:
    """The derivative, changed by what goes through an edge."""

    def predict(other: Sample) -> float | None:
        through = edge_sums(other.tape, other.output, other.component).get(edge)
        changed = None if through is None else change(through)
        return None if changed is None else other.derivative + changed

    return _where_the_same_ran(sample, predict)


def _left_out(through: EdgeSum) -> float:
    return -through.amount


def _doubled(through: EdgeSum) -> float:
    return through.amount


def _flipped(through: EdgeSum) -> float:
    return -2 * through.amount


def _without_partial(through: EdgeSum) -> float | None:
    return None if through.without is None else through.without - through.amount


def edges_changed(sample: Sample) -> Iterator[Candidate]:
    """One edge, with all paths through it, left out, doubled, with the wrong sign, or without its partial."""
    near, derivative = sample.near, sample.derivative
    sums = edge_sums(sample.tape, sample.output, sample.component)
    part = {edge: through for edge, through in sums.items() if near < abs(through.amount)}
    proper = {edge: through for edge, through in part.items() if abs(through.amount - derivative) > near}
    told = Teller(sample.tape, sample.output, sample.component)
    for kind, change, words in (
        ("missing-path", _left_out, "the claim leaves out {}"),
        ("doubled-path", _doubled, "the claim counts {} twice"),
        ("path-sign", _flipped, "the claim takes {} with the wrong sign"),
    ):
        for edge, through in proper.items():
            tell = partial(_told_through, sample, told, edge, (kind, words), change)
            yield Candidate(kind, derivative + change(through), tell)
    for edge, through in part.items():
        changed = _without_partial(through)
        if changed is None or abs(changed) <= near or abs(changed + 2 * through.amount) <= near:  # a partial of 1 or -1
            continue
        which = _side(sample, edge)
        yield Candidate(f"{which}-derivative", derivative + changed, partial(_told_partial, sample, told, edge, which))


def _told_through(
    sample: Sample, told: Teller, edge: Edge, what: tuple[str, str], change: Callable[[EdgeSum], float | None]
) -> Hypothesis:
    text, lines = told.through(edge)
    return Hypothesis(what[0], what[1].format(text), _through(sample, edge, change), lines)


def _told_partial(sample: Sample, told: Teller, edge: Edge, which: str) -> Hypothesis:
    text, lines = told.partial(edge)
    words = f"the {which} derivative {text} is left out"
    return Hypothesis(f"{which}-derivative", words, _through(sample, edge, _without_partial), lines)


def _side(sample: Sample, edge: Edge) -> str:
    """Whether the partial of an edge is an outer or an inner derivative of the output."""
    return "outer" if edge[0] == sample.output else "inner"


def cuts(sample: Sample) -> Iterator[Candidate]:
    """The chain rule cut at an entry that all paths go through.

    Of the two factors, the derivative by that entry and the derivative of that entry, the claim has only one.
    """
    tape = sample.tape
    tangents, adjoints = both_sweeps(tape, sample.output, sample.component)
    names = labels(tape)
    for entry, tangent in enumerate(tangents[: sample.output]):
        adjoint = adjoints[entry]
        if type(tangent) is not float or type(adjoint) is not float or not tape.operands[entry]:
            continue
        if abs(adjoint * tangent - sample.derivative) > sample.near:
            continue
        yield Candidate("inner-derivative", adjoint, partial(_told_cut, sample, entry, names, 1))
        yield Candidate("outer-derivative", tangent, partial(_told_cut, sample, entry, names, 0))


def _told_cut(sample: Sample, entry: int, names: Labels, side: int) -> Hypothesis:
    tape = sample.tape
    where = f"`{format_expression(expression_node(tape, entry, names))}`, line {tape.line(entry)}"
    kind, text = "outer-derivative", f"this is the derivative of {where}, and not of {names[sample.output]}"
    if side:
        kind = "inner-derivative"
        text = f"this is the derivative by {where}: the inner derivative by {sample.component} is missing"
    return Hypothesis(kind, text, _cut(sample, entry, side), lines_of(tape, [entry]))


def _cut(sample: Sample, entry: int, side: int) -> Prediction:
    """The tangent (side 0) or the adjoint (side 1) of an entry."""

    def predict(other: Sample) -> float | None:
        slope = both_sweeps(other.tape, other.output, other.component)[side][entry]
        return slope if type(slope) is float else None

    return _where_the_same_ran(sample, predict)


def some_paths(sample: Sample) -> Iterator[Candidate]:
    """The sum over some of the paths, where there are few."""
    source, index = entry_and_index(sample.tape, sample.component)
    tape_paths = Paths(sample.tape, sample.output, [source])
    count = tape_paths.count(source, index)
    if not 1 < count <= _FEW_PATHS:
        return
    paths = list(all_paths(tape_paths, source, index))
    if len(paths) != count:
        return
    told = Teller(sample.tape, sample.output, sample.component)
    for path in paths:
        yield from _without_a_partial(sample, path, told)
    for size in range(2, len(paths)):
        for chosen in combinations(paths, size):
            value = sample.derivative - math.fsum(path.product for path in chosen)
            yield Candidate("some-paths", value, partial(_told_some, sample, told, paths, chosen))


def _told_some(sample: Sample, told: Teller, paths: list[Path], chosen: tuple[Path, ...]) -> Hypothesis:
    text, lines = told.some(paths, chosen)
    return Hypothesis("some-paths", text, _without(sample, chosen), lines)


def _without_a_partial(sample: Sample, path: Path, told: Teller) -> Iterator[Candidate]:
    """One path, with the partial of one of its steps left out."""
    for step in path.steps:
        if step.partial:
            value = sample.derivative - path.product + path.product / step.partial
            tell = partial(_told_of_path, sample, told, path, step.edge)
            yield Candidate(f"{_side(sample, step.edge)}-derivative", value, tell)


def _told_of_path(sample: Sample, told: Teller, path: Path, edge: Edge) -> Hypothesis:
    text, lines = told.partial(edge)
    which = _side(sample, edge)
    words = f"the {which} derivative {text} is left out of {told.path(path)[0]}"
    return Hypothesis(f"{which}-derivative", words, _without(sample, [path], edge), lines)


def _without(sample: Sample, left_out: Sequence[Path], inner: Edge | None = None) -> Prediction:
    """The derivative without some paths, or without the partial of one edge in them."""
    edges = {path.edges for path in left_out}

    def kept(path: Path) -> float:
        slope = next((step.partial for step in path.steps if step.edge == inner), None)
        return path.product / slope if slope else 0.0

    def predict(other: Sample) -> float | None:
        source, index = entry_and_index(other.tape, other.component)
        paths = all_paths(Paths(other.tape, other.output, [source]), source, index)
        return other.derivative - math.fsum(path.product - kept(path) for path in paths if path.edges in edges)

    return _where_the_same_ran(sample, predict)

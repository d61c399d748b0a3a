"""Mistakes that people make in a derivative by hand, and what a claim would be if one had been made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple, TypeAlias

from adcli.program.program import Program
from adcli.rules.dispatch import shape_of
from adcli.syntax.format import format_expression
from adcli.tape.components import index_of, name_of
from adcli.tape.describe import expression_node, labels
from adcli.tape.tape import Tape
from adcli.trust.component import entry_and_index
from adcli.trust.edge_sums import EdgeSum, both_sweeps, edge_sums, slopes_of
from adcli.trust.edge_words import Teller, lines_of
from adcli.trust.path_search import all_paths
from adcli.trust.paths import Edge, Path, Paths

_FEW_PATHS = 14  # of which every sum of some is tried
NEAR = 1e-9  # a distance, relative to both numbers, that rounding explains
LIKELY = 2  # points at which a hypothesis fits, from which on chance is unlikely

# Factors that people forget, or bring in.
_FACTORS: Mapping[float, str] = {
    2.0: "2", 0.5: "1/2", 3.0: "3", 1 / 3: "1/3", 4.0: "4", 0.25: "1/4", math.pi: "π", 1 / math.pi: "1/π",
    2 * math.pi: "2π", 1 / (2 * math.pi): "1/(2π)", math.pi / 180: "π/180, from degrees to radians",
    180 / math.pi: "180/π, from radians to degrees", math.log(10): "log(10)", 1 / math.log(10): "1/log(10)",
    math.log(2): "log(2)", 1 / math.log(2): "1/log(2)", math.sqrt(2): "√2", 1 / math.sqrt(2): "1/√2", 10.0: "10",
    0.1: "1/10", 100.0: "100, of percent", 0.01: "1/100, of percent", 1000.0: "1000", 0.001: "1/1000",
}  # fmt: skip


class Sample(NamedTuple):
    """A component of a claim at a point.

    Attributes:
        tape: of the program there
        output: the entry that is differentiated
        component: of the inputs
        derivative, claimed: what it is, and what is claimed
        tolerance: how far the two may be apart by rounding
    """

    tape: Tape
    output: int
    component: str
    derivative: float
    claimed: float
    tolerance: float

    def fits(self, value: float) -> bool:
        """Whether a number is what is claimed, as far as rounding lets one tell."""
        size = max(abs(self.claimed), abs(value))
        return abs(self.claimed - value) <= self.tolerance + NEAR * size

    @property
    def near(self) -> float:
        """A distance from the derivative that rounding explains."""
        return self.tolerance + NEAR * abs(self.derivative)


# What a claim would be if a mistake had been made; None where the mistake cannot be made.
Prediction: TypeAlias = Callable[[Sample], "float | None"]


class Hypothesis(NamedTuple):
    """A mistake: its kind, in words, what a claim would be with it, and the lines that it is about."""

    kind: str
    text: str
    predict: Prediction
    lines: tuple[int, ...] = ()


def hypotheses(program: Program, sample: Sample, usable: Sequence[Sample]) -> Iterator[Hypothesis]:
    """All mistakes that explain one sample, the plainest first."""
    if sample.claimed == 0:
        yield Hypothesis("zero", f"the claim is 0, as if {sample.component} did not matter", lambda other: 0.0)
    if sample.fits(-sample.derivative):
        yield Hypothesis("sign", "the sign is wrong: the derivative is the negative of this", _times(-1.0))
    yield from _other_derivatives(program, sample)
    yield from _factors(sample)
    edges = list(_edges(sample))
    cuts = _cuts(sample)
    yield from (*edges, *cuts) if any(hypothesis.kind in _LEFT_OUT for hypothesis in edges) else (*cuts, *edges)
    yield from _some_paths(sample)
    yield from _any_factor(usable)


_LEFT_OUT = ("inner-derivative", "outer-derivative", "missing-path")  # by one step, which says more than a cut


def _times(factor: float) -> Prediction:
    return lambda sample: factor * sample.derivative


def _factors(sample: Sample) -> Iterator[Hypothesis]:
    sizes = {size for value in sample.tape.values for size in shape_of(value) if size > 1}
    named = {
        factor: f"{text}, and {size} is a size of its arrays: is a sum meant, or a mean?"
        for size in sizes
        for factor, text in ((float(size), str(size)), (1.0 / size, f"1/{size}"))
    }
    for factor, name in {**_FACTORS, **named}.items():
        for sign, also in ((1.0, ""), (-1.0, ", with the wrong sign")):
            if sample.fits(sign * factor * sample.derivative):
                yield Hypothesis("factor", f"the claim is the derivative times {name}{also}", _times(sign * factor))


def _any_factor(usable: Sequence[Sample]) -> Iterator[Hypothesis]:
    """A factor without a name, where it is the same at several points."""
    ratios = [sample.claimed / sample.derivative for sample in usable if sample.derivative]
    if len({id(sample.tape) for sample in usable}) > LIKELY and ratios:
        yield Hypothesis("factor", f"the claim is the derivative times {ratios[0]:.9g}, everywhere", _times(ratios[0]))


def _other_derivatives(program: Program, sample: Sample) -> Iterator[Hypothesis]:
    """The derivative by another input, by another component, or of another output."""
    component, tape = sample.component, sample.tape
    if _mirrored(component):
        value = _transposed(sample)
        if value is not None and sample.fits(value):
            yield Hypothesis("other-input", "this is the transpose of the derivative", _transposed)
    for name, slope in slopes_of(tape, sample.output).items():
        if name != component and sample.fits(slope):
            text = f"this is the derivative by {name}, and not by {component}"
            yield Hypothesis("other-input", text, _by(component, name))
    for name in program.outputs:
        entry = tape.bindings[name]
        if entry != sample.output and not shape_of(tape.values[entry]):
            predict = _of(name)
            value = predict(sample)
            if value is not None and sample.fits(value):
                yield Hypothesis("other-output", f"this is the derivative of {name}", predict)


def _transposed(sample: Sample) -> float | None:
    """The derivative by the element of a matrix that is mirrored at the diagonal."""
    return slopes_of(sample.tape, sample.output).get(_mirrored(sample.component))


def _mirrored(component: str) -> str:
    """`X[1, 0]` of `X[0, 1]`; empty for what is no element of a matrix beside its diagonal."""
    index = index_of(component)
    if len(index) != 2 or index[0] == index[1]:
        return ""
    return f"{name_of(component)}[{index[1]}, {index[0]}]"


def _by(component: str, other: str) -> Prediction:
    """The derivative by another component in the place of that by the claimed component."""

    def predict(sample: Sample) -> float | None:
        return slopes_of(sample.tape, sample.output).get(other) if sample.component == component else None

    return predict


def _of(output: str) -> Prediction:
    """The derivative of another output."""
    return lambda sample: slopes_of(sample.tape, sample.tape.bindings[output]).get(sample.component)


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


def _edges(sample: Sample) -> Iterator[Hypothesis]:
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
            if sample.fits(derivative + change(through)):
                text, lines = told.through(edge)
                yield Hypothesis(kind, words.format(text), _through(sample, edge, change), lines)
    for edge, through in part.items():
        changed = _without_partial(through)
        if changed is None or abs(changed) <= near or abs(changed + 2 * through.amount) <= near:  # a partial of 1 or -1
            continue
        if sample.fits(derivative + changed):
            text, lines = told.partial(edge)
            which, predict = _side(sample, edge), _through(sample, edge, _without_partial)
            yield Hypothesis(f"{which}-derivative", f"the {which} derivative {text} is left out", predict, lines)


def _side(sample: Sample, edge: Edge) -> str:
    """Whether the partial of an edge is an outer or an inner derivative of the output."""
    return "outer" if edge[0] == sample.output else "inner"


def _cuts(sample: Sample) -> Iterator[Hypothesis]:
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
        where = f"`{format_expression(expression_node(tape, entry, names))}`, line {tape.line(entry)}"
        lines = lines_of(tape, [entry])
        if sample.fits(adjoint):
            text = f"this is the derivative by {where}: the inner derivative by {sample.component} is missing"
            yield Hypothesis("inner-derivative", text, _cut(sample, entry, 1), lines)
        if sample.fits(tangent):
            text = f"this is the derivative of {where}, and not of {names[sample.output]}"
            yield Hypothesis("outer-derivative", text, _cut(sample, entry, 0), lines)


def _cut(sample: Sample, entry: int, side: int) -> Prediction:
    """The tangent (side 0) or the adjoint (side 1) of an entry."""

    def predict(other: Sample) -> float | None:
        slope = both_sweeps(other.tape, other.output, other.component)[side][entry]
        return slope if type(slope) is float else None

    return _where_the_same_ran(sample, predict)


def _some_paths(sample: Sample) -> Iterator[Hypothesis]:
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
            if sample.fits(sample.derivative - math.fsum(path.product for path in chosen)):
                text, lines = told.some(paths, chosen)
                yield Hypothesis("some-paths", text, _without(sample, chosen), lines)


def _without_a_partial(sample: Sample, path: Path, told: Teller) -> Iterator[Hypothesis]:
    """One path, with the partial of one of its steps left out."""
    for step in path.steps:
        if step.partial and sample.fits(sample.derivative - path.product + path.product / step.partial):
            partial, lines = told.partial(step.edge)
            which = _side(sample, step.edge)
            text = f"the {which} derivative {partial} is left out of {told.path(path)[0]}"
            yield Hypothesis(f"{which}-derivative", text, _without(sample, [path], step.edge), lines)


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

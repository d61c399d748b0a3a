"""Mistakes that people make in a derivative by hand, and what a claim would be if one had been made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import NamedTuple, TypeAlias

from adcli.program.program import Program
from adcli.rules.dispatch import shape_of
from adcli.syntax.format import format_expression
from adcli.tape.components import index_of, name_of
from adcli.tape.describe import expression_node, labels
from adcli.tape.tape import Tape
from adcli.trust.edge_words import Teller
from adcli.trust.flows import Edge, Flow, both_sweeps, edges_of, flows_of, slopes_of
from adcli.trust.paths import Path, Paths

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
        yield Hypothesis("zero", f"the claim is 0, as if {sample.component} did not matter", lambda one: 0.0)
    if sample.fits(-sample.derivative):
        yield Hypothesis("sign", "the sign is wrong: the derivative is the negative of this", _times(-1.0))
    yield from _other_derivatives(program, sample)
    yield from _factors(sample)
    edges = list(_edges(sample))
    cuts = _cuts(sample)
    yield from (*edges, *cuts) if any(one.kind in _LEFT_OUT for one in edges) else (*cuts, *edges)
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
    mirrored = _mirrored(component)
    if mirrored:

        def turned(one: Sample) -> float | None:
            return slopes_of(one.tape, one.output).get(_mirrored(one.component))

        value = turned(sample)
        if value is not None and sample.fits(value):
            yield Hypothesis("other-input", "this is the transpose of the derivative", turned)
    for other, slope in slopes_of(tape, sample.output).items():
        if other != component and sample.fits(slope):
            text = f"this is the derivative by {other}, and not by {component}"
            yield Hypothesis("other-input", text, _by(component, other))
    for name in program.outputs:
        entry = tape.bindings[name]
        if entry != sample.output and not shape_of(tape.values[entry]):

            def of_other(one: Sample, name: str = name) -> float | None:
                return slopes_of(one.tape, one.tape.bindings[name]).get(one.component)

            value = of_other(sample)
            if value is not None and sample.fits(value):
                yield Hypothesis("other-output", f"this is the derivative of {name}", of_other)


def _by(component: str, other: str) -> Prediction:
    """The derivative by another component in the place of one."""

    def predict(sample: Sample) -> float | None:
        return slopes_of(sample.tape, sample.output).get(other) if sample.component == component else None

    return predict


def _mirrored(component: str) -> str:
    """`X[1, 0]` of `X[0, 1]`; empty for what is no element of a matrix beside its diagonal."""
    index = index_of(component)
    if len(index) != 2 or index[0] == index[1]:
        return ""
    return f"{name_of(component)}[{index[1]}, {index[0]}]"


def _same_structure(one: Sample, other: Sample) -> bool:
    """Whether the same operations ran, so that entries mean the same."""
    return one.tape.operations == other.tape.operations


def _through(sample: Sample, step: Edge, change: Callable[[Flow], float | None]) -> Prediction:
    """The derivative, changed by what goes through a step; for tapes of the same structure."""

    def predict(one: Sample) -> float | None:
        if not _same_structure(one, sample):
            return None
        flow = flows_of(one.tape, one.output, one.component).get(step)
        changed = None if flow is None else change(flow)
        return None if changed is None else one.derivative + changed

    return predict


def _left_out(flow: Flow) -> float:
    return -flow.amount


def _doubled(flow: Flow) -> float:
    return flow.amount


def _flipped(flow: Flow) -> float:
    return -2 * flow.amount


def _without_inner(flow: Flow) -> float | None:
    return None if flow.without is None else flow.without - flow.amount


def _edges(sample: Sample) -> Iterator[Hypothesis]:
    """One step, with all paths through it, left out, doubled, with the wrong sign, or without its partial."""
    flows = flows_of(sample.tape, sample.output, sample.component)
    near = sample.tolerance + NEAR * abs(sample.derivative)
    part = {step: flow for step, flow in flows.items() if near < abs(flow.amount)}
    proper = {step: flow for step, flow in part.items() if abs(flow.amount - sample.derivative) > near}
    told = Teller(sample.tape, sample.output, sample.component)
    for kind, change, words in (
        ("missing-path", _left_out, "the claim leaves out {}"),
        ("doubled-path", _doubled, "the claim counts {} twice"),
        ("path-sign", _flipped, "the claim takes {} with the wrong sign"),
    ):
        for step, flow in proper.items():
            if sample.fits(sample.derivative + change(flow)):
                text, lines = told.paths(step)
                yield Hypothesis(kind, words.format(text), _through(sample, step, change), lines)
    for step, flow in part.items():
        without = _without_inner(flow)
        if without is None or abs(without) <= near or abs(without + 2 * flow.amount) <= near:  # a partial of 1 or -1
            continue
        if sample.fits(sample.derivative + without):
            text, lines = told.partial(step)
            which = "outer" if step[0] == sample.output else "inner"
            words = f"the {which} derivative {text} is left out"
            yield Hypothesis(f"{which}-derivative", words, _through(sample, step, _without_inner), lines)


def _cuts(sample: Sample) -> Iterator[Hypothesis]:
    """The chain rule cut at an entry that all paths go through: the derivative by it, or its own, and no more."""
    tangents, adjoints = both_sweeps(sample.tape, sample.output, sample.component)
    names = labels(sample.tape)
    for entry, tangent in enumerate(tangents[: sample.output]):
        adjoint = adjoints[entry]
        if type(tangent) is not float or type(adjoint) is not float or not sample.tape.operands[entry]:
            continue
        near = sample.tolerance + NEAR * abs(sample.derivative)
        if abs(adjoint * tangent - sample.derivative) > near:
            continue
        text, line = format_expression(expression_node(sample.tape, entry, names)), sample.tape.line(entry)
        lines = () if line is None else (line,)
        if sample.fits(adjoint):
            missing = f"the inner derivative by {sample.component} is missing"
            words = f"this is the derivative by `{text}`, line {line}: {missing}"
            yield Hypothesis("inner-derivative", words, _cut(sample, entry, 1), lines)
        if sample.fits(tangent):
            words = f"this is the derivative of `{text}`, line {line}, and not of {names[sample.output]}"
            yield Hypothesis("outer-derivative", words, _cut(sample, entry, 0), lines)


def _cut(sample: Sample, entry: int, side: int) -> Prediction:
    """The tangent (0) or the adjoint (1) of an entry; for tapes of the same structure."""

    def predict(one: Sample) -> float | None:
        if not _same_structure(one, sample):
            return None
        slope = both_sweeps(one.tape, one.output, one.component)[side][entry]
        return slope if type(slope) is float else None

    return predict


def _some_paths(sample: Sample) -> Iterator[Hypothesis]:
    """The sum over some of the paths, where there are few."""
    tape, component = sample.tape, sample.component
    source, index = tape.inputs[name_of(component)], index_of(component)
    found = Paths(tape, sample.output, [source])
    if not 1 < found.count(source, index) <= _FEW_PATHS:
        return
    paths = list(islice(found.all(source, index), _FEW_PATHS))
    if len(paths) != found.count(source, index):
        return
    told = Teller(sample.tape, sample.output, sample.component)
    for path in paths:
        for step in path.steps:
            if step.partial and sample.fits(sample.derivative - path.product + path.product / step.partial):
                inner, lines = told.partial((step.entry, step.position))
                which = "outer" if step.entry == sample.output else "inner"
                text = f"the {which} derivative {inner} is left out of {told.path(path)[0]}"
                key = tuple(edges_of(path))
                changed = _without(sample, {key}, (step.entry, step.position))
                yield Hypothesis(f"{which}-derivative", text, changed, lines)
    for count in range(2, len(paths)):
        for chosen in combinations(paths, count):
            if sample.fits(sample.derivative - math.fsum(path.product for path in chosen)):
                text, lines = told.some(paths, chosen)
                keys = {tuple(edges_of(path)) for path in chosen}
                yield Hypothesis("some-paths", text, _without(sample, keys), lines)


def _without(sample: Sample, left_out: set[tuple[Edge, ...]], inner: Edge | None = None) -> Prediction:
    """The derivative without some paths, or without the partial of one step in them."""

    def kept(path: Path) -> float:
        slope = next((step.partial for step in path.steps if (step.entry, step.position) == inner), None)
        return path.product / slope if slope else 0.0

    def predict(one: Sample) -> float | None:
        if not _same_structure(one, sample):
            return None
        source, index = one.tape.inputs[name_of(one.component)], index_of(one.component)
        paths = Paths(one.tape, one.output, [source]).all(source, index)
        return one.derivative - math.fsum(
            path.product - kept(path) for path in paths if tuple(edges_of(path)) in left_out
        )

    return predict

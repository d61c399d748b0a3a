"""Mistakes that people make in a derivative by hand, and what a claim would be if one had been made.

All are tried, and those that fit are told with how many were tried: of thousands some fit any number by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from adcli.program.program import Program
from adcli.rules.dispatch import shape_of
from adcli.tape.components import index_of, name_of
from adcli.trust.edge_sums import slopes_of
from adcli.trust.mistakes import Candidate, Hypothesis, Prediction, Sample
from adcli.trust.path_hypotheses import cuts, edges_changed, some_paths

_SEVERAL = 2  # points beyond which a factor without a name is none of chance

# Factors that people forget, or bring in.
_FACTORS: Mapping[float, str] = {
    2.0: "2", 0.5: "1/2", 3.0: "3", 1 / 3: "1/3", 4.0: "4", 0.25: "1/4", math.pi: "π", 1 / math.pi: "1/π",
    2 * math.pi: "2π", 1 / (2 * math.pi): "1/(2π)", math.pi / 180: "π/180, from degrees to radians",
    180 / math.pi: "180/π, from radians to degrees", math.log(10): "log(10)", 1 / math.log(10): "1/log(10)",
    math.log(2): "log(2)", 1 / math.log(2): "1/log(2)", math.sqrt(2): "√2", 1 / math.sqrt(2): "1/√2", 10.0: "10",
    0.1: "1/10", 100.0: "100, of percent", 0.01: "1/100, of percent", 1000.0: "1000", 0.001: "1/1000",
}  # fmt: skip


def hypotheses(program: Program, sample: Sample, usable: Sequence[Sample]) -> Iterator[Hypothesis]:
    """All mistakes that explain one sample, the plainest first."""
    for tried, candidate in enumerate(_candidates(program, sample, usable), start=1):
        if candidate.value is not None and sample.fits(candidate.value):
            yield candidate.tell()._replace(tried=tried)


def _candidates(program: Program, sample: Sample, usable: Sequence[Sample]) -> Iterator[Candidate]:
    if sample.claimed == 0:
        text = f"the claim is 0, as if {sample.component} did not matter"
        yield _candidate("zero", 0.0, text, lambda other: 0.0)
    text = "the sign is wrong: the derivative is the negative of this"
    yield _candidate("sign", -sample.derivative, text, _times(-1.0))
    yield from _other_derivatives(program, sample)
    yield from _factors(sample)
    edges, cut = list(edges_changed(sample)), list(cuts(sample))
    left_out = (edge.value for edge in edges if edge.kind in _LEFT_OUT and edge.value is not None)
    yield from (*edges, *cut) if any(map(sample.fits, left_out)) else (*cut, *edges)
    yield from some_paths(sample)
    yield from _any_factor(sample, usable)


def _candidate(kind: str, value: float | None, text: str, predict: Prediction, fitted: int = 0) -> Candidate:
    """A mistake whose words are at hand."""
    return Candidate(kind, value, lambda: Hypothesis(kind, text, predict, fitted=fitted))


_LEFT_OUT = ("inner-derivative", "outer-derivative", "missing-path")  # by one step, which says more than a cut


def _times(factor: float) -> Prediction:
    return lambda sample: factor * sample.derivative


def _factors(sample: Sample) -> Iterator[Candidate]:
    sizes = {size for value in sample.tape.values for size in shape_of(value) if size > 1}
    named = {
        factor: f"{text}, and {size} is a size of its arrays: is a sum meant, or a mean?"
        for size in sizes
        for factor, text in ((float(size), str(size)), (1.0 / size, f"1/{size}"))
    }
    for factor, name in {**_FACTORS, **named}.items():
        for sign, also in ((1.0, ""), (-1.0, ", with the wrong sign")):
            text = f"the claim is the derivative times {name}{also}"
            yield _candidate("factor", sign * factor * sample.derivative, text, _times(sign * factor))


def _any_factor(sample: Sample, usable: Sequence[Sample]) -> Iterator[Candidate]:
    """A factor without a name, where it is the same at several points."""
    if len({id(other.tape) for other in usable}) > _SEVERAL and sample.derivative:
        ratio = sample.claimed / sample.derivative
        text = f"the claim is the derivative times {ratio:.9g}, everywhere"
        yield _candidate("factor", sample.claimed, text, _times(ratio), fitted=1)


def _other_derivatives(program: Program, sample: Sample) -> Iterator[Candidate]:
    """The derivative by another input, by another component, or of another output."""
    component, tape = sample.component, sample.tape
    if _mirrored(component):
        yield _candidate("other-input", _transposed(sample), "this is the transpose of the derivative", _transposed)
    for name, slope in slopes_of(tape, sample.output).items():
        if name != component:
            text = f"this is the derivative by {name}, and not by {component}"
            yield _candidate("other-input", slope, text, _by(component, name))
    for name in program.outputs:
        entry = tape.bindings[name]
        if entry != sample.output and not shape_of(tape.values[entry]):
            predict = _of(name)
            yield _candidate("other-output", predict(sample), f"this is the derivative of {name}", predict)


def _transposed(sample: Sample) -> float | None:
    """The derivative by the element of a matrix that is mirrored at the diagonal."""
    slope: float | None = slopes_of(sample.tape, sample.output).get(_mirrored(sample.component))
    return slope


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

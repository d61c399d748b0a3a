"""What is wrong with a claimed derivative: hypotheses that explain its numbers, at every point that was tried.

Most mistakes of hand-derived formulas are one of a few: a sign, a factor, the derivative by another input, a path of
the chain rule that is left out, counted twice or taken with the wrong sign, an inner derivative that is missing. Each
says what the claim would be if it had been made; it fits only if that is what is claimed wherever it was tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, islice
from typing import NamedTuple, TypeAlias

from adcli.derive.forward import push_forward
from adcli.derive.modes import gradient
from adcli.derive.reverse import sweep
from adcli.program.program import Program
from adcli.rules.dispatch import shape_of
from adcli.syntax.format import format_expression
from adcli.tape.components import flattened, index_of, name_of, unit_of
from adcli.tape.describe import Labels, expression_node, labels, operation_text, partial_text
from adcli.tape.execute import quiet
from adcli.tape.tape import Tape, Value
from adcli.trust.paths import Path, Paths

MOST_DIAGNOSES = 3
_FEW_PATHS = 14  # of which every sum of some is tried
_TOLD_PATHS = 3  # of a sum that are told one by one
_SHOWN_PATHS = 200  # that are searched for the one to show
_NEAR = 1e-9  # a distance, relative to both numbers, that rounding explains
_EXACT = 1e-4  # a tolerance, relative to a claim, with which hardly anything fits by chance
_SURE, _LIKELY = 5, 2  # points at which a hypothesis fits

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
        return abs(self.claimed - value) <= self.tolerance + _NEAR * size


class Diagnosis(NamedTuple):
    """What would explain a wrong claim.

    Attributes:
        kind: `sign`, `factor`, `other-input`, `other-output`, `missing-path`, `doubled-path`, `path-sign`,
            `inner-derivative`, `outer-derivative`, `some-paths`, `zero`, `one-point`
        text: in words, with the place in the program
        sure: how sure it is: `sure`, `likely` or `possible`
        points: at how many points it fits
        lines: of the program, that it is about
    """

    kind: str
    text: str
    sure: str
    points: int
    lines: tuple[int, ...] = ()


# What a claim would be if a mistake had been made; None where the mistake cannot be made.
_Prediction: TypeAlias = Callable[[Sample], "float | None"]


class _Hypothesis(NamedTuple):
    kind: str
    text: str
    predict: _Prediction
    lines: tuple[int, ...] = ()


def diagnose(program: Program, samples: Sequence[Sample], failed: int, tried: int) -> tuple[Diagnosis, ...]:
    """What explains a wrong claim, the plainest first; nothing where nothing fits.

    Args:
        program: what was differentiated
        samples: components of the claim at the given point, and at others
        failed, tried: at how many of how many random points it is wrong
    """
    usable = [sample for sample in samples if math.isfinite(sample.claimed) and math.isfinite(sample.derivative)]
    wrong = [sample for sample in usable if not sample.fits(sample.derivative)]
    if not wrong:
        return ()
    try:
        return tuple(_explained(program, samples, usable, wrong, failed, tried))
    finally:
        for function in (_gradient, _both_sweeps, _flows):
            function.cache_clear()  # the tapes of all points would stay in memory


def _explained(
    program: Program,
    samples: Sequence[Sample],
    usable: Sequence[Sample],
    wrong: Sequence[Sample],
    failed: int,
    tried: int,
) -> list[Diagnosis]:
    found = _fitting(program, usable, wrong)
    own = [sample for sample in usable if sample.component == wrong[0].component]
    if not found and len(own) < len(usable):  # what is wrong with one component need not be wrong with others
        found = _fitting(program, own, [sample for sample in wrong if sample.component == wrong[0].component])
        found = [one._replace(text=f"of {wrong[0].component}: {one.text}") for one in found]
    if not found and wrong[0].tape is not samples[0].tape:
        text = f"right at the given point, and wrong at {failed} of {tried} random points: it does not hold in general"
        found.append(Diagnosis("one-point", text, "sure", failed))
    return found


def _fitting(program: Program, usable: Sequence[Sample], wrong: Sequence[Sample]) -> list[Diagnosis]:
    """The hypotheses that fit all samples, each kind once."""
    found: list[Diagnosis] = []
    for hypothesis in _hypotheses(program, wrong[0], usable):
        if any(hypothesis.kind in (one.kind, *_SAME_AS.get(one.kind, ())) for one in found):
            continue
        points = _points_explained(hypothesis, usable, wrong)
        if points:
            sure = _sure(hypothesis.kind, points, wrong)
            found.append(Diagnosis(hypothesis.kind, hypothesis.text, sure, points, hypothesis.lines))
        if len(found) == MOST_DIAGNOSES or (found and found[0].kind in _PLAIN):
            break
    return found


_PLAIN = ("sign", "zero", "other-input")  # which need no second explanation
_SAME_AS = {  # a kind, and the less plain ones that would tell the same mistake once more
    "missing-path": ("some-paths", "outer-derivative"),
    "inner-derivative": ("path-sign",),
    "outer-derivative": ("path-sign",),
}


def _sure(kind: str, points: int, wrong: Sequence[Sample]) -> str:
    """How sure a hypothesis is. Of the many sums of some paths one may fit a few digits by chance."""
    exact = wrong[0].tolerance <= _EXACT * abs(wrong[0].claimed) and kind != "some-paths"
    if points >= _SURE:
        return "sure"
    return "likely" if points >= _LIKELY or exact else "possible"


def _points_explained(hypothesis: _Hypothesis, usable: Sequence[Sample], wrong: Sequence[Sample]) -> int:
    """At how many points a hypothesis explains a claim that is wrong there; 0 if it does not at some."""
    told: set[int] = set()  # the samples of which it says something, by identity
    for sample in usable:
        value = hypothesis.predict(sample)
        if value is not None and not sample.fits(value):
            return 0
        if value is not None:
            told.add(id(sample))
    return len({id(sample.tape) for sample in wrong if id(sample) in told})


def _hypotheses(program: Program, sample: Sample, usable: Sequence[Sample]) -> Iterator[_Hypothesis]:
    """All mistakes that explain one sample, the plainest first."""
    if sample.claimed == 0:
        yield _Hypothesis("zero", f"the claim is 0, as if {sample.component} did not matter", lambda one: 0.0)
    if sample.fits(-sample.derivative):
        yield _Hypothesis("sign", "the sign is wrong: the derivative is the negative of this", _times(-1.0))
    yield from _other_derivatives(program, sample)
    yield from _factors(sample)
    edges = list(_edges(sample))
    cuts = _cuts(sample)
    yield from (*edges, *cuts) if any(one.kind in _LEFT_OUT for one in edges) else (*cuts, *edges)
    yield from _some_paths(sample)
    yield from _any_factor(usable)


_LEFT_OUT = ("inner-derivative", "outer-derivative", "missing-path")  # by one step, which says more than a cut


def _times(factor: float) -> _Prediction:
    return lambda sample: factor * sample.derivative


def _factors(sample: Sample) -> Iterator[_Hypothesis]:
    sizes = {size for value in sample.tape.values for size in shape_of(value) if size > 1}
    named = {
        factor: f"{text}, and {size} is a size of its arrays: is a sum meant, or a mean?"
        for size in sizes
        for factor, text in ((float(size), str(size)), (1.0 / size, f"1/{size}"))
    }
    for factor, name in {**_FACTORS, **named}.items():
        for sign, also in ((1.0, ""), (-1.0, ", with the wrong sign")):
            if sample.fits(sign * factor * sample.derivative):
                yield _Hypothesis("factor", f"the claim is the derivative times {name}{also}", _times(sign * factor))


def _any_factor(usable: Sequence[Sample]) -> Iterator[_Hypothesis]:
    """A factor without a name, where it is the same at several points."""
    ratios = [sample.claimed / sample.derivative for sample in usable if sample.derivative]
    if len({id(sample.tape) for sample in usable}) > _LIKELY and ratios:
        yield _Hypothesis("factor", f"the claim is the derivative times {ratios[0]:.9g}, everywhere", _times(ratios[0]))


def _other_derivatives(program: Program, sample: Sample) -> Iterator[_Hypothesis]:
    """The derivative by another input, by another component, or of another output."""
    component, tape = sample.component, sample.tape
    mirrored = _mirrored(component)
    if mirrored:

        def turned(one: Sample) -> float | None:
            return _gradient(one.tape, one.output).get(_mirrored(one.component))

        value = turned(sample)
        if value is not None and sample.fits(value):
            yield _Hypothesis("other-input", "this is the transpose of the derivative", turned)
    for other, slope in _gradient(tape, sample.output).items():
        if other != component and sample.fits(slope):
            text = f"this is the derivative by {other}, and not by {component}"
            yield _Hypothesis("other-input", text, _by(component, other))
    for name in program.outputs:
        entry = tape.bindings[name]
        if entry != sample.output and not shape_of(tape.values[entry]):

            def of_other(one: Sample, name: str = name) -> float | None:
                return _gradient(one.tape, one.tape.bindings[name]).get(one.component)

            value = of_other(sample)
            if value is not None and sample.fits(value):
                yield _Hypothesis("other-output", f"this is the derivative of {name}", of_other)


def _by(component: str, other: str) -> _Prediction:
    """The derivative by another component in the place of one."""

    def predict(sample: Sample) -> float | None:
        return _gradient(sample.tape, sample.output).get(other) if sample.component == component else None

    return predict


def _mirrored(component: str) -> str:
    """`X[1, 0]` of `X[0, 1]`; empty for what is no element of a matrix beside its diagonal."""
    index = index_of(component)
    if len(index) != 2 or index[0] == index[1]:
        return ""
    return f"{name_of(component)}[{index[1]}, {index[0]}]"


@lru_cache(maxsize=256)
def _gradient(tape: Tape, output: int) -> dict[str, float]:
    return flattened(gradient(tape, output, list(tape.inputs)))


# One step of the chain rule, with the paths through it: an entry, and which of its operands


class _Flow(NamedTuple):
    """What goes through one step.

    Attributes:
        amount: the sum of the products of all paths through it
        without: the same if the partial of the step were 1; None where it is no factor, as that of a matrix product
    """

    amount: float
    without: float | None


_Step: TypeAlias = tuple[int, int]


@lru_cache(maxsize=256)
def _both_sweeps(tape: Tape, output: int, component: str) -> tuple[list[Value | None], list[Value | None]]:
    """The tangents along a component of the inputs, and the adjoints of an output."""
    source = tape.inputs[name_of(component)]
    tangents = push_forward(tape, {source: unit_of(tape.values[source], component)})
    return tangents, sweep(tape, {output: 1.0}, [tangent is not None for tangent in tangents])


@lru_cache(maxsize=256)
def _flows(tape: Tape, output: int, component: str) -> dict[_Step, _Flow]:
    """What goes through each step between a component of the inputs and an output."""
    tangents, adjoints = _both_sweeps(tape, output, component)
    active = [tangent is not None for tangent in tangents]
    flows: dict[_Step, _Flow] = {}
    with quiet(tape):
        for entry, operands in enumerate(tape.operands[: output + 1]):
            g = adjoints[entry]
            if g is None or not active[entry]:
                continue
            for position, operand in enumerate(operands):
                if active[operand]:
                    flows[entry, position] = _flow(tape, entry, position, g, tangents[operand])
    return flows


def _flow(tape: Tape, entry: int, position: int, g: Value, tangent: Value) -> _Flow:
    if tape.arrays:
        from adcli.tape.arrays import received  # which programs of numbers do not need

        term = received(tape, entry, position, g)
        if term is None:
            return _Flow(0.0, None)
        same = tape.operations[entry].elementwise and shape_of(g) == shape_of(tangent)
        return _Flow(_total(term * tangent), _total(g * tangent) if same else None)
    from adcli.rules.formula import partial

    slope = partial(tape.operations[entry], position, tape.operand_values(entry), tape.values[entry])
    return _Flow(g * slope * tangent, g * tangent)


def _total(product: Value) -> float:
    return product if type(product) is float else float(product.sum())


def _same_structure(one: Sample, other: Sample) -> bool:
    """Whether the same operations ran, so that entries mean the same."""
    return one.tape.operations == other.tape.operations


def _through(sample: Sample, step: _Step, change: Callable[[_Flow], float | None]) -> _Prediction:
    """The derivative, changed by what goes through a step; for tapes of the same structure."""

    def predict(one: Sample) -> float | None:
        if not _same_structure(one, sample):
            return None
        flow = _flows(one.tape, one.output, one.component).get(step)
        changed = None if flow is None else change(flow)
        return None if changed is None else one.derivative + changed

    return predict


def _left_out(flow: _Flow) -> float:
    return -flow.amount


def _doubled(flow: _Flow) -> float:
    return flow.amount


def _flipped(flow: _Flow) -> float:
    return -2 * flow.amount


def _without_inner(flow: _Flow) -> float | None:
    return None if flow.without is None else flow.without - flow.amount


def _edges(sample: Sample) -> Iterator[_Hypothesis]:
    """One step, with all paths through it, left out, doubled, with the wrong sign, or without its partial."""
    flows = _flows(sample.tape, sample.output, sample.component)
    near = sample.tolerance + _NEAR * abs(sample.derivative)
    part = {step: flow for step, flow in flows.items() if near < abs(flow.amount)}
    proper = {step: flow for step, flow in part.items() if abs(flow.amount - sample.derivative) > near}
    told = _Teller(sample)
    for kind, change, words in (
        ("missing-path", _left_out, "the claim leaves out {}"),
        ("doubled-path", _doubled, "the claim counts {} twice"),
        ("path-sign", _flipped, "the claim takes {} with the wrong sign"),
    ):
        for step, flow in proper.items():
            if sample.fits(sample.derivative + change(flow)):
                text, lines = told.paths(step)
                yield _Hypothesis(kind, words.format(text), _through(sample, step, change), lines)
    for step, flow in part.items():
        without = _without_inner(flow)
        if without is None or abs(without) <= near or abs(without + 2 * flow.amount) <= near:  # a partial of 1 or -1
            continue
        if sample.fits(sample.derivative + without):
            text, lines = told.partial(step)
            which = "outer" if step[0] == sample.output else "inner"
            words = f"the {which} derivative {text} is left out"
            yield _Hypothesis(f"{which}-derivative", words, _through(sample, step, _without_inner), lines)


def _cuts(sample: Sample) -> Iterator[_Hypothesis]:
    """The chain rule cut at an entry that all paths go through: the derivative by it, or its own, and no more."""
    tangents, adjoints = _both_sweeps(sample.tape, sample.output, sample.component)
    names = labels(sample.tape)
    for entry, tangent in enumerate(tangents[: sample.output]):
        adjoint = adjoints[entry]
        if type(tangent) is not float or type(adjoint) is not float or not sample.tape.operands[entry]:
            continue
        near = sample.tolerance + _NEAR * abs(sample.derivative)
        if abs(adjoint * tangent - sample.derivative) > near:
            continue
        text, line = format_expression(expression_node(sample.tape, entry, names)), sample.tape.line(entry)
        lines = () if line is None else (line,)
        if sample.fits(adjoint):
            missing = f"the inner derivative by {sample.component} is missing"
            words = f"this is the derivative by `{text}`, line {line}: {missing}"
            yield _Hypothesis("inner-derivative", words, _cut(sample, entry, 1), lines)
        if sample.fits(tangent):
            words = f"this is the derivative of `{text}`, line {line}, and not of {names[sample.output]}"
            yield _Hypothesis("outer-derivative", words, _cut(sample, entry, 0), lines)


def _cut(sample: Sample, entry: int, side: int) -> _Prediction:
    """The tangent (0) or the adjoint (1) of an entry; for tapes of the same structure."""

    def predict(one: Sample) -> float | None:
        if not _same_structure(one, sample):
            return None
        slope = _both_sweeps(one.tape, one.output, one.component)[side][entry]
        return slope if type(slope) is float else None

    return predict


class _Teller:
    """Steps and paths in words."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample
        self.tape = sample.tape
        self.names: Labels = labels(sample.tape)

    def paths(self, step: _Step) -> tuple[str, tuple[int, ...]]:
        """The paths through a step: the one that there is, or the operation that they share."""
        source, index = self.tape.inputs[name_of(self.sample.component)], index_of(self.sample.component)
        found = Paths(self.tape, self.sample.output, [source])
        if found.count(source, index) <= _SHOWN_PATHS:
            through = [path for path in found.all(source, index) if step in _steps(path)]
            if len(through) == 1:
                return self.path(through[0])
        entry, position = step
        line = self.tape.line(entry)
        operand = self.names[self.tape.operands[entry][position]]
        text = f"what goes from {operand} through `{self.operation(entry)}`, line {line}"
        return text, () if line is None else (line,)

    def path(self, path: Path) -> tuple[str, tuple[int, ...]]:
        """`the path x → a → L (lines 7, 9)`."""
        lines = tuple(dict.fromkeys(line for entry in path.entries[1:] if (line := self.tape.line(entry)) is not None))
        chain = " → ".join(self.names[entry] for entry in path.entries)
        where = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
        return f"the path {chain} ({where})", lines

    def some(self, paths: Sequence[Path], left_out: Sequence[Path]) -> tuple[str, tuple[int, ...]]:
        """Those of all paths that are left out, or of many those that are not; of very many how many they are."""
        kept = [path for path in paths if path not in left_out]
        few, verb = (left_out, "leaves out") if len(left_out) <= max(len(kept), 2) else (kept, "counts only")
        texts = [self.path(path) for path in few]
        lines = tuple(dict.fromkeys(line for _, own in texts for line in own))
        if len(few) > _TOLD_PATHS:
            return f"the claim {verb} {len(few)} of the {len(paths)} paths", lines
        return f"the claim {verb} {' and '.join(text for text, _ in texts)}", lines

    def partial(self, step: _Step) -> tuple[str, tuple[int, ...]]:
        """`∂a/∂x = y, line 7`."""
        entry, position = step
        operand = self.names[self.tape.operands[entry][position]]
        formula, line = partial_text(self.tape, entry, position, self.names), self.tape.line(entry)
        text = f"∂{self.names[entry]}/∂{operand} = {formula} of `{self.operation(entry)}`, line {line},"
        return text, () if line is None else (line,)

    def operation(self, entry: int) -> str:
        """`a * b`."""
        return operation_text(self.tape, entry, self.names)


def _steps(path: Path) -> list[_Step]:
    return [(step.entry, step.position) for step in path.steps]


def _some_paths(sample: Sample) -> Iterator[_Hypothesis]:
    """The sum over some of the paths, where there are few."""
    tape, component = sample.tape, sample.component
    source, index = tape.inputs[name_of(component)], index_of(component)
    found = Paths(tape, sample.output, [source])
    if not 1 < found.count(source, index) <= _FEW_PATHS:
        return
    paths = list(islice(found.all(source, index), _FEW_PATHS))
    if len(paths) != found.count(source, index):
        return
    told = _Teller(sample)
    for path in paths:
        for step in path.steps:
            if step.partial and sample.fits(sample.derivative - path.product + path.product / step.partial):
                inner, lines = told.partial((step.entry, step.position))
                which = "outer" if step.entry == sample.output else "inner"
                text = f"the {which} derivative {inner} is left out of {told.path(path)[0]}"
                key = tuple(_steps(path))
                changed = _without(sample, {key}, (step.entry, step.position))
                yield _Hypothesis(f"{which}-derivative", text, changed, lines)
    for count in range(2, len(paths)):
        for chosen in combinations(paths, count):
            if sample.fits(sample.derivative - math.fsum(path.product for path in chosen)):
                text, lines = told.some(paths, chosen)
                keys = {tuple(_steps(path)) for path in chosen}
                yield _Hypothesis("some-paths", text, _without(sample, keys), lines)


def _without(sample: Sample, left_out: set[tuple[_Step, ...]], inner: _Step | None = None) -> _Prediction:
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
            path.product - kept(path) for path in paths if tuple(_steps(path)) in left_out
        )

    return predict

"""A gradient beside finite differences: component by component, or along one random direction."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.rules.dispatch import is_finite
from adcli.tape.components import ByComponent, Key, flattened, in_order, in_shapes_of, largest, numbers_of
from adcli.tape.ieee import quiet
from adcli.tape.labels import labels
from adcli.tape.limits import LIMITS, Limits
from adcli.tape.selected import Selected, Selections, select, with_entries
from adcli.tape.tape import Tape, Value
from adcli.trust.budget import UNLIMITED, Budget, OutOfTime
from adcli.trust.component import direction_along
from adcli.trust.difference import EPSILON, Estimate, nothing
from adcli.trust.evidence import Evidence
from adcli.trust.judgement import Judgement
from adcli.trust.neighbourhood import Neighbourhood
from adcli.trust.rounding import Differentiated, round_off, round_off_of_sweep, rounded_inputs, total
from adcli.trust.sizes import size_or_one
from adcli.trust.verdict import verdict
from adcli.trust.wording import quoted

if TYPE_CHECKING:
    from adcli.trust.kinks import Kinks
    from adcli.trust.taylor import Taylor
    from adcli.trust.underflow import Underflow

AFFORDABLE = 50  # inputs whose components are all compared by default
LARGEST = 20  # components that are compared beyond that
_MOST_FOR_A_COMPONENT = 0.5  # of the time that is left
_NO_TIME = "no step was small enough when the time for comparing was over: `--difference all` takes more of it"

Progress = Callable[[int, int], None]
# The Hessian of what is differentiated times a direction of the inputs.
HessianTimes = Callable[[Mapping[str, Value]], Mapping[str, Value]]


class Difference(str, Enum):
    """Which differences to take beside a gradient."""

    ALL = "all"
    DIRECTION = "direction"
    NONE = "none"


class Direction(NamedTuple):
    """The derivative along one random direction, which all components share in; the seed gives it again."""

    seed: int
    derivative: float
    judgement: Judgement


class Comparison(NamedTuple):
    """What was compared of one output.

    Attributes:
        components: those that were compared, by the input's name
        direction: what stands for the others
        among: how many components there are
    """

    components: Mapping[str, Judgement]
    direction: Direction | None
    among: int = 0


def affordable(slopes: Mapping[Key, float], everything: bool = False) -> list[Key]:
    """The derivatives to compare: all of few, the largest of many. The largest come first, as time may run out."""
    return largest(slopes, len(slopes) if everything or len(slopes) <= AFFORDABLE else LARGEST)


def random_direction(inputs: Mapping[str, Value], seed: int) -> ByComponent:
    """A direction whose components are as large as those of the inputs."""
    import random  # which one component needs not

    draw = random.Random(seed).random
    drawn = in_shapes_of(inputs, [2 * draw() - 1 for _ in range(len(flattened(inputs)))])
    return flattened({name: step * size_or_one(inputs[name]) for name, step in drawn.items()})


def products(slopes: Mapping[str, Value], direction: ByComponent) -> list[float]:
    """Each derivative by a component times what a direction moves that by."""
    return numbers_of(slope * direction.parts[name] for name, slope in slopes.items())


class Comparer:
    """Runs a program near a point, and remembers the runs: all outputs share them."""

    def __init__(
        self,
        program: Program,
        point: Mapping[str, Value],
        tape: Tape,
        progress: Progress | None = None,
        limits: Limits = LIMITS,
        outputs: Mapping[str, Selected] | None = None,
        budget: Budget = UNLIMITED,
    ) -> None:
        """Start from a run of the program.

        Args:
            program, point, tape: the run
            progress: told before each component how many are done, of how many
            limits: of each tape
            outputs: what is differentiated, by name; by default the outputs of the program
            budget: the time for all comparisons; those of one output get an even share of it
        """
        self.limits = limits
        self._progress = progress or (lambda done, count: None)
        self.program = program
        self.point = point
        if outputs is None:
            outputs = {name: select(tape, name) for name in program.outputs}
        self.tape, self.entries = with_entries(tape, outputs.values())  # to take a component out counts as rounding
        self._budget = budget
        self._waiting = len(outputs)  # for their share
        selections = Selections(outputs)
        self._runs = Neighbourhood(
            program, point, tape, selections.values, selections.entries, limits,
            lambda other: {
                name: round_off(other, selected.seeds(other)).size for name, selected in selections.on(other).items()
            },
        )  # fmt: skip
        self._differentiated = cache(lambda output: Differentiated(self.tape, {self.entries[output]: 1.0}))
        self._underflow_behind = cache(lambda output: _underflow_on_the_way(self.tape, self.entries[output]))

    def compare(
        self,
        output: str,
        gradient: Mapping[str, Value],
        which: Difference | None,
        seed: int,
        kinks: Kinks | None = None,
    ) -> Comparison:
        """Hold a gradient against differences.

        Args:
            output: the name of the value that was differentiated
            gradient: its gradient, by input; of an array each component is compared on its own
            which: None compares all components where they are few, else the largest and a random direction
            seed: of the random direction
            kinks: what is known of kinks at the point
        """
        if which is Difference.NONE:
            return Comparison({}, None)
        judgements, budget = {}, self.share()
        for evidence in self.evidence(output, gradient, which, budget):
            if kinks is not None:
                evidence = kinks.beside(evidence, output)
            judgements[evidence.component] = verdict(evidence)
        return self.compared(output, gradient, judgements, seed, budget)

    def compared(
        self,
        output: str,
        gradient: Mapping[str, Value],
        judgements: Mapping[str, Judgement],
        seed: int,
        budget: Budget = UNLIMITED,
    ) -> Comparison:
        """What was compared by components, in their order, with a random direction if some are left."""
        components = flattened(gradient)
        rest = self._rest(output, gradient, len(judgements), seed, budget)
        return Comparison(in_order(components, judgements), rest, len(components))

    def share(self) -> Budget:
        """The time for the next output."""
        share, self._waiting = 1 / max(self._waiting, 1), self._waiting - 1
        return self._budget.part(share)

    def evidence(
        self, output: str, gradient: Mapping[str, Value], which: Difference | None, budget: Budget = UNLIMITED
    ) -> Iterator[Evidence]:
        """What differences know of components, all or the largest; the largest come first.

        It ends where no time would be left for a random direction that stands for the rest.
        """
        slopes = flattened(gradient)
        chosen = [] if which is Difference.DIRECTION else affordable(slopes, everything=which is Difference.ALL)
        longest = 0.0
        for done, component in enumerate(chosen):
            self._progress(done, len(chosen))
            if budget.left < 2 * longest:
                return
            left = budget.left
            try:
                with self._runs.within(budget.part(_MOST_FOR_A_COMPONENT)):
                    evidence = self._of_component(output, component, slopes[component])
            except OutOfTime:
                return
            yield evidence
            longest = max(longest, left - budget.left)

    def _of_component(self, output: str, component: str, slope: float) -> Evidence:
        tape, entry, number = self.tape, self.entries[output], self._differentiated(output)
        size = number.magnitudes[component]
        evidence = Evidence(
            slope,
            round_off=round_off_of_sweep(size),
            magnitude=size,
            component=component,
            uncertainty=number.uncertainty({component: 1.0}),
            scale=number.scale({component: 1.0}),
            parting=lambda: self._parting(component),
            underflow=lambda: self._underflow(output, component),
            by_decisions=lambda: self._runs.slope_by_decisions(output, component),
            complex_step=cache(lambda: _complex_step(tape, entry, direction_along(tape, component))),
        )
        if math.isfinite(slope) and math.isfinite(tape.values[entry]):
            return evidence._replace(difference=self._runs.slope(output, {component: 1.0}, number.noise.size))
        from adcli.trust.undefined import undefined_reason  # which few need

        return evidence._replace(undefined=undefined_reason(tape, entry, component))

    def _underflow(self, output: str, component: str) -> tuple[float, str]:
        """How much of a derivative comes through values that are too small for a float, and the first of these."""
        underflow = self._underflow_behind(output)
        return (0.0, "") if underflow is None else (underflow.share[component], underflow.text)

    def _parting(self, component: str) -> str:
        """The first decision or operation that comes out otherwise beside the point, with its line."""
        what = self._runs.parting(component)
        return "" if what is None else f": {quoted(self.tape, what, labels(self.tape))}"

    def taylor(
        self,
        output: str,
        gradient: Mapping[str, Value],
        hessian_times: HessianTimes,
        seed: int,
        budget: Budget = UNLIMITED,
    ) -> Taylor | None:
        """The Taylor test of a gradient along a random direction; `hessian_times` gives the second derivatives.

        None where those are not finite, as the remainders then fall as they please, and where no time is left for it.
        """
        from adcli.trust.taylor import taylor_test  # which only `check` needs

        if budget.left < 0:
            return None
        direction = self._random_direction(gradient, seed)
        bends = hessian_times(direction.parts)
        with quiet(self.tape):
            slope, curvature = sum(products(gradient, direction)), sum(products(bends, direction))
        if not math.isfinite(curvature):
            return None
        line = self._runs.along(output, direction)
        noise, growth = self._noise_along(output, gradient), self._rounded_inputs(bends)
        try:
            with self._runs.within(budget):
                return taylor_test(line, slope, curvature, noise, growth)
        except OutOfTime:
            return None

    def value(self, output: str, component: str, number: float) -> float:
        """An output where one component of the inputs is another number; NaN where there is no value."""
        return self._runs.value(output, component, number)

    def estimate(self, output: str, component: str) -> Estimate:
        """The difference of an output by a component."""
        return self._runs.slope(output, {component: 1.0}, self._differentiated(output).noise.size)

    def _noise_along(self, output: str, gradient: Mapping[str, Value]) -> float:
        """The round-off of an output along a direction, where every step rounds the inputs as well."""
        return self._differentiated(output).noise.size + self._rounded_inputs(gradient)

    def _rounded_inputs(self, gradient: Mapping[str, Value]) -> float:
        with quiet(self.tape):
            return rounded_inputs(flattened(gradient), flattened(self.point))

    def _random_direction(self, gradient: Mapping[str, Value], seed: int) -> ByComponent:
        """A random direction of the inputs of a gradient."""
        return random_direction({name: self.point[name] for name in gradient}, seed)

    def _rest(
        self, output: str, gradient: Mapping[str, Value], compared: int, seed: int, budget: Budget = UNLIMITED
    ) -> Direction | None:
        """The comparison along a random direction, where not all components were compared; else None."""
        if compared == len(flattened(gradient)):
            return None
        direction = self._random_direction(gradient, seed)
        with quiet(self.tape):
            terms = products(gradient, direction)
        derivative = total(terms)
        number = self._differentiated(output)
        rounding = round_off_of_sweep(number.magnitude(direction))
        rounding += EPSILON * total([*map(abs, terms)])
        estimate = nothing("")
        if all(map(is_finite, gradient.values())):
            try:
                with self._runs.within(budget):
                    estimate = self._runs.slope(output, direction, self._noise_along(output, gradient))
            except OutOfTime:
                estimate = nothing(_NO_TIME)
        steps = {self.tape.inputs[name]: step for name, step in direction.parts.items()}
        evidence = Evidence(
            derivative, difference=estimate, round_off=rounding, uncertainty=number.uncertainty(direction),
            scale=number.scale(direction),
            complex_step=cache(lambda: _complex_step(self.tape, self.entries[output], steps)),
        )  # fmt: skip
        return Direction(seed, derivative, verdict(evidence))


def _underflow_on_the_way(tape: Tape, entry: int) -> Underflow | None:
    from adcli.trust.underflow import underflow_on_the_way  # which few need

    return underflow_on_the_way(tape, entry)


def _complex_step(tape: Tape, entry: int, direction: Mapping[int, Value]) -> float | None:
    """The derivative of a number along a direction, which has a value for some input entries, by the complex step."""
    from adcli.trust.complex_step import complex_step  # which few need

    steps = complex_step(tape, [entry], direction)
    return None if steps is None else steps[0] + 0.0

"""Second derivatives by other ways than forward over reverse, and what rounds in them: from one recorded sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from adcli.derive.modes import SecondMode, gradient_magnitude, hessian_product
from adcli.tape.components import flattened, index_of, name_of, unit_of, value_at
from adcli.tape.tape import Tape, Value
from adcli.trust.rounding import DerivativeRounding, RecordedGradient, rounded_inputs


class SecondWays:
    """The derivatives of the gradient of one number, component by component; each is worked out once."""

    def __init__(self, tape: Tape, entry: int, inputs: Sequence[str]) -> None:
        """Take the number's entry, and the inputs to differentiate by."""
        self.tape = tape
        self.entry = entry
        self._every = list(tape.inputs)
        self._inputs = {name: tape.values[tape.inputs[name]] for name in inputs}
        self._gradient = RecordedGradient(tape, entry)
        self.forward = cache(self._forward)
        self.complex_steps = cache(self._complex_steps)
        self.sizes = cache(self._sizes)
        self.noise = cache(self._noise)
        self.rounding = cache(self._rounding)

    def _direction(self, component: str) -> dict[str, Value]:
        name = name_of(component)
        return {name: unit_of(self.tape.values[self.tape.inputs[name]], component)}

    def _forward(self, component: str) -> dict[str, float]:
        """Reverse over forward, along a component."""
        mode = SecondMode.REVERSE_OVER_FORWARD
        return flattened(hessian_product(self.tape, self.entry, self._direction(component), list(self._inputs), mode))

    def _complex_steps(self, component: str) -> dict[str, float | None]:
        """The complex step of the recorded gradient along a component."""
        from adcli.trust.complex_step import complex_step  # which only `check` needs

        longer = self._gradient.tape
        direction = {longer.inputs[name]: unit for name, unit in self._direction(component).items()}
        result: dict[str, float | None] = {}
        for name, value in self._inputs.items():
            slope = self._gradient.slopes[name]
            steps = None if slope is None else complex_step(longer, [slope], direction)
            for label in flattened({name: value}):
                result[label] = None if steps is None else value_at(steps[0], index_of(label))
        return result

    def _sizes(self, component: str) -> Mapping[str, float]:
        """The sums of the absolute contributions to the derivatives of one component of the gradient."""
        return flattened(gradient_magnitude(self._gradient.tape, self._gradient.seeds(component), self._every))

    def _noise(self, component: str) -> float:
        """The round-off of one component of the gradient, and how much it moves with the rounding of the inputs."""
        numbers = flattened({name: self.tape.values[entry] for name, entry in self.tape.inputs.items()})
        return self._gradient.noise(component) + rounded_inputs(self.sizes(component), numbers)

    def _rounding(self, component: str) -> DerivativeRounding:
        """How far rounding may take the derivatives of one component of the gradient apart."""
        for slope, unit in self._gradient.seeds(component).items():
            return DerivativeRounding(self._gradient.tape, slope, unit)
        return DerivativeRounding(self._gradient.tape, self.entry)

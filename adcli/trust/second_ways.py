"""Second derivatives by other ways than forward over reverse, and what rounds in them: from one recorded sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from adcli.derive.modes import SecondMode, hessian_product
from adcli.tape.components import flattened, index_of, name_of, unit_of, value_at
from adcli.tape.tape import Tape, Value
from adcli.trust.component import direction_along
from adcli.trust.rounding import Differentiated, RecordedGradient


class SecondWays:
    """The derivatives of the gradient of one number, component by component; each is worked out once."""

    def __init__(self, tape: Tape, entry: int, inputs: Sequence[str]) -> None:
        """Take the number's entry, and the inputs to differentiate by."""
        self.tape = tape
        self.entry = entry
        self._inputs = inputs
        self._gradient = RecordedGradient(tape, entry)
        self.forward = cache(self._forward)
        self.of_component = cache(self._of_component)
        self._complex_steps = cache(self._complex_steps_of)

    def _forward(self, component: str) -> Mapping[str, float]:
        """The derivatives of the gradient along a component, by reverse over forward."""
        name = name_of(component)
        direction = {name: unit_of(self.tape.values[self.tape.inputs[name]], component)}
        mode = SecondMode.REVERSE_OVER_FORWARD
        return flattened(hessian_product(self.tape, self.entry, direction, list(self._inputs), mode))

    def _of_component(self, component: str) -> Differentiated:
        """One component of the gradient, which is differentiated again."""
        return Differentiated(self._gradient.tape, self._gradient.seeds({component: 1.0}))

    def complex_step(self, component: str, along: str) -> float | None:
        """The derivative of one component of the gradient along another one, by the complex step."""
        slope = self._gradient.slopes[name_of(component)]
        steps = None if slope is None else self._complex_steps(slope, along)
        return None if steps is None else value_at(steps[0], index_of(component))

    def _complex_steps_of(self, slope: int, along: str) -> list[Value] | None:
        from adcli.trust.complex_step import complex_step  # which only `check` needs

        return complex_step(self._gradient.tape, [slope], direction_along(self._gradient.tape, along))

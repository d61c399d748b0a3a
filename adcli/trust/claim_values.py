"""What a claim stands for: a number for each component of a derivative, with what its own computing rounds."""

from __future__ import annotations

from collections.abc import Mapping

from adcli.errors import AdError, Problem
from adcli.program.claims import CODE
from adcli.program.program import CompiledClaim, Program
from adcli.records import NamedTuple
from adcli.rules.dispatch import is_finite, shape_of
from adcli.rules.shapes import shape_text
from adcli.tape.components import flattened, index_of, name_of, unit_of
from adcli.tape.ieee import quiet
from adcli.tape.interpreter import run
from adcli.tape.tape import Tape, Value
from adcli.trust.claimed import ClaimedNumber, Numbers, written
from adcli.trust.rounding import round_off

ROUNDINGS = 64  # unit round-offs that each contribution to a derivative or to a claim may be off by


class Claimed(NamedTuple):
    """A component of a claim.

    Attributes:
        number: what is claimed, as precise as it is written
        rounding: how far computing it may have taken it
        constant: whether it is a number, and no formula
    """

    number: ClaimedNumber
    rounding: float = 0.0
    constant: bool = True


def claimed_values(
    program: Program, tape: Tape, claim: CompiledClaim | Numbers, derivative: Value
) -> Mapping[str, Claimed]:
    """The numbers that a claim stands for, by component. Raises AdError where it has another shape."""
    if isinstance(claim, CompiledClaim):
        return _computed(program, tape, claim, derivative)
    if claim.shape != shape_of(derivative):
        wanted = shape_text(shape_of(derivative))
        message = f"the claim is {shape_text(claim.shape)}, and the derivative by `{claim.variable}` is {wanted}"
        raise bad_claim(claim, message, "give a number for each component, in the shape of the input")
    return {label: Claimed(number) for label, number in claim.numbers.items()}


def claimed_index(tape: Tape, claim: CompiledClaim | Numbers) -> tuple[int, ...]:
    """The index of the component that a claim is about; empty for all. Raises AdError where there is none such."""
    name = name_of(claim.variable)
    shape = shape_of(tape.values[tape.inputs[name]])
    try:
        index = index_of(claim.variable)
    except ValueError:
        index = (-1,)
    inside = len(index) == len(shape) and all(0 <= place < size for place, size in zip(index, shape, strict=True))
    if claim.variable != name and not (index and inside):
        message = f"there is no component `{claim.variable}`: `{name}` is {shape_text(shape)}"
        raise bad_claim(claim, message, "components are numbered from 0, as in `w[2]` or `X[1, 0]`")
    return index


def _computed(program: Program, tape: Tape, claim: CompiledClaim, derivative: Value) -> dict[str, Claimed]:
    """What a claim's expression gives, by component."""
    longer = tape.copy()
    longer.source = claim.source  # where its operations stand
    longer.arrays = tape.arrays or any(not operation.elementwise for operation in claim.code.operations())
    arguments: list[int | None] = [None] * program.code.size
    for name, slot in program.code.bindings.items():
        arguments[slot] = tape.bindings.get(name)
    with quiet(longer):
        slots = run(claim.code, longer, arguments, program.functions)  # type: ignore[arg-type]
    entry = slots[claim.code.result]
    value = longer.values[entry]
    if shape_of(value) != shape_of(derivative):
        message = (
            f"the claim is {shape_text(shape_of(value))}, and the derivative is {shape_text(shape_of(derivative))}"
        )
        raise bad_claim(claim, message, "claim all components of the input, or one: `dL/dw[2]`")
    numbers = flattened({claim.variable: value})
    if claim.numbers and len(claim.numbers) == len(numbers):
        return {label: Claimed(written(text)) for label, text in zip(numbers, claim.numbers, strict=True)}
    rounded = dict.fromkeys(numbers, 0.0)
    if is_finite(value):
        rounded = {label: round_off(longer, {entry: unit_of(value, label)}).size for label in numbers}
    return {
        label: Claimed(ClaimedNumber(number), ROUNDINGS * rounded[label], claim.constant)
        for label, number in numbers.items()
    }


def bad_claim(claim: CompiledClaim | Numbers, message: str, help_text: str) -> AdError:
    """The error that a claim cannot be judged."""
    if isinstance(claim, CompiledClaim):
        return AdError(Problem(CODE, message, claim.span, help=help_text), claim.source)
    return AdError(Problem(CODE, f"{claim.text}: {message}", help=help_text))

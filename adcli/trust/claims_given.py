"""Claims as they are given: as texts, as numbers by the name of the input, or as an array for the input that fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from adcli.errors import AdError, Problem
from adcli.program.claims import CODE, ClaimScope, claim_of
from adcli.program.program import CompiledClaim, Program
from adcli.program.suggest import did_you_mean
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import shape_text
from adcli.tape.components import labels_of, name_of
from adcli.tape.tape import Value
from adcli.trust.claimed import COARSER, ClaimedNumber, Numbers, Written, computed, written

FORMS = 'give numbers by the name of their input, as in {"x": 5.88}, below the name of the output if there are several'
_MOST_DIMENSIONS = 2
_REAL = ("float64", "float32", "float16", "int", "uint")  # what the names of types of real numbers start with

# Texts, mappings, arrays, numbers, or a list of such.
GivenClaims: TypeAlias = Any


class ClaimData(NamedTuple):
    """What a file holds.

    Attributes:
        data: a text of a claim, or numbers by input, below their output or not, or an array
        place: what messages call it
        output: what is differentiated, where that stands beside the data
    """

    data: Any
    place: str
    output: str = ""


class _Claimant(NamedTuple):
    """What claims are fitted to: a program with its point, what texts may name, and the output that is asked for."""

    program: Program
    point: Mapping[str, Value]
    scope: ClaimScope
    of: str | None


def claims_given(
    given: GivenClaims, program: Program, point: Mapping[str, Value], scope: ClaimScope, of: str | None = None
) -> list[CompiledClaim | Numbers]:
    """All claims that are given; raises AdError `bad-claim` where one cannot be one of the program."""
    claimant = _Claimant(program, point, scope, of)
    claims: list[CompiledClaim | Numbers] = []
    for one in _single_claims(given):
        claims += _claims_of(one, claimant)
    return claims


def bad_data(message: str, help_text: str = FORMS, note: str = "") -> AdError:
    """The error that data are no claims."""
    return AdError(Problem(CODE, message, note=note, help=help_text))


def _single_claims(given: GivenClaims) -> Sequence[Any]:
    """Each claim of a list. A list of numbers, or of lists of them, is an array, and so one claim."""
    if not isinstance(given, (list, tuple)) or isinstance(given, (CompiledClaim, Numbers, ClaimData)):
        return [given]
    return [given] if given and all(map(_is_numbers, given)) else given


def _is_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_number, value))
    return _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _claims_of(given: Any, claimant: _Claimant) -> Iterator[CompiledClaim | Numbers]:
    if isinstance(given, (CompiledClaim, Numbers)):
        yield given
        return
    in_file = isinstance(given, ClaimData)
    data, place, output = given if in_file else (given, "`claims`", "")
    if isinstance(data, str):
        yield claim_of(data, claimant.scope, place if in_file else "--claim")
        return
    if not isinstance(data, Mapping):
        value = _array(data, place)
        data, output = {_the_input_that_fits(value.shape, place, claimant): value}, _the_output(place, claimant)
    elif not data:
        raise bad_data(f"{place} holds no derivatives")
    elif not output and not any(isinstance(value, Mapping) for value in data.values()):
        output = _the_output(place, claimant)
    for of, derivatives in {output: data}.items() if output else data.items():
        if not isinstance(derivatives, Mapping):
            raise bad_data(f"`{of}` in {place} is no mapping of derivatives")
        for variable, value in derivatives.items():
            yield _claim(str(of), str(variable), value, place, in_file, claimant)


def _claim(
    output: str, variable: str, value: Any, place: str, in_file: bool, claimant: _Claimant
) -> CompiledClaim | Numbers:
    """The claim of a derivative by one input. A text is a formula, but in a file a number."""
    inputs = [variable.name for variable in claimant.program.inputs]
    bindings = claimant.program.code.bindings
    for name, known, what in ((output, bindings, "value"), (variable, inputs, "input")):
        if name_of(name) not in known:
            raise bad_data(f"{place}: the program has no {what} `{name}`", did_you_mean(name, known) or FORMS)
    if isinstance(value, str) and not in_file:
        return claim_of(f"d{output}/d{variable} = {value}", claimant.scope)
    array = value if isinstance(value, _Array) else _array(value, f"{place}: the derivative by `{variable}`")
    labels = labels_of(variable, array.shape)
    numbers = dict(zip(labels, array.numbers, strict=True))
    return Numbers(output, variable, array.shape, numbers, f"d{output}/d{variable} in {place}")


def _the_output(place: str, claimant: _Claimant) -> str:
    outputs = (claimant.of,) if claimant.of is not None else claimant.program.outputs
    if len(outputs) > 1:
        names = ", ".join(f"`{name}`" for name in outputs)
        raise bad_data(f"{place} does not say of which output the derivatives are", note=f"the outputs are {names}")
    return outputs[0]


def _the_input_that_fits(shape: tuple[int, ...], place: str, claimant: _Claimant) -> str:
    """The one input of a shape. Raises AdError where there is none, or are several."""
    fitting = [name for name, value in claimant.point.items() if shape_of(value) == shape]
    if len(fitting) == 1:
        return fitting[0]
    inputs = "; ".join(f"`{name}` is {shape_text(shape_of(value))}" for name, value in claimant.point.items())
    message = f"{place} holds {shape_text(shape)}, and no input is that"
    if fitting:
        message = f"{place} holds {shape_text(shape)}, and {len(fitting)} inputs are that"
    raise bad_data(message, 'say by which input: {"' + (fitting or list(claimant.point))[0] + '": …}', inputs)


class _Array(NamedTuple):
    """Numbers in a shape, one after another."""

    shape: tuple[int, ...]
    numbers: Sequence[ClaimedNumber]


def _array(data: Any, place: str) -> _Array:
    """The numbers in data of any kind. Raises AdError where there is anything else."""
    if isinstance(data, (str, Decimal, int, float)) and not hasattr(data, "dtype"):
        return _Array((), [_decimal(data, place)])
    if isinstance(data, (list, tuple)):
        return _of_lists(data, place)
    kind = str(getattr(data, "dtype", type(data).__name__)).rpartition(".")[2]  # of NumPy, JAX, PyTorch
    if not hasattr(data, "tolist") or not kind.startswith(_REAL):
        help_text = "an array of real numbers is one of float64, float32 or integers"
        raise bad_data(f"{place} is no number: elements of type {kind} are no real numbers", help_text)
    shape = tuple(data.shape)
    if len(shape) > _MOST_DIMENSIONS or not math.prod(shape):
        raise bad_data(f"{place} has the shape {shape}", "an input is a number, a vector or a matrix")
    elements = [data] if not shape else data.reshape(-1)
    arithmetic = kind if kind in COARSER else ""
    numbers = zip(labels_of("element ", shape), elements, strict=True)
    return _Array(shape, [_element(float(number), f"{place}, {label}", arithmetic) for label, number in numbers])


def _element(number: float, place: str, arithmetic: str) -> ClaimedNumber:
    """A number out of an array."""
    if not math.isfinite(number):
        raise bad_data(f"{place} is no number: {number}", "a claimed derivative is finite")
    return computed(number, arithmetic)


def _of_lists(rows: Sequence[Any], place: str) -> _Array:
    """The numbers in a list, or in lists of the same length."""
    if not any(isinstance(row, (list, tuple)) for row in rows):
        numbers = [_decimal(number, f"{place}, element [{index}]") for index, number in enumerate(rows)]
        if not numbers:
            raise bad_data(f"{place} holds no derivatives")
        return _Array((len(numbers),), numbers)
    lengths = [len(row) if isinstance(row, (list, tuple)) else 0 for row in rows]
    if len(set(lengths)) > 1 or not lengths[0]:
        raise bad_data(
            f"{place} has rows of {', '.join(map(str, lengths[:5]))} numbers", "give rows of the same length"
        )
    numbers = [
        _decimal(number, f"{place}, element [{line}, {column}]")
        for line, row in enumerate(rows)
        for column, number in enumerate(row)
    ]
    return _Array((len(rows), lengths[0]), numbers)


def _decimal(value: Any, place: str) -> ClaimedNumber:
    """A number as it is written, or as Python writes it."""
    if hasattr(value, "dtype"):  # an element of an array
        return _array(value, place).numbers[0]
    try:
        if not isinstance(value, (str, Decimal, int, float)) or isinstance(value, bool):
            raise InvalidOperation
        text = value.strip() if isinstance(value, str) else value if isinstance(value, Written) else str(value)
        if not math.isfinite(float(text)):
            raise InvalidOperation
        return written(text)
    except (InvalidOperation, OverflowError, ValueError):
        shown = str(value) if len(str(value)) <= 40 else f"{str(value)[:39]}…"
        raise bad_data(f"{place} is no number: {shown}", "a claimed derivative is a finite number") from None

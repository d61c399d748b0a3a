"""The complex step: a derivative from values alone, without cancellation (Squire and Trapp, SIAM Review 40, 1998).

For an analytic f the imaginary part of f(x + ih) is h f'(x) up to h², and h may be so small that h² vanishes. The tape
is run again on complex numbers; decisions stay as they are.
"""

from __future__ import annotations

import cmath
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adcli.rules.primitive import Primitive
from adcli.rules.table import CONSTANT, COPY, INPUT
from adcli.tape.execute import quiet
from adcli.tape.tape import Tape, Value

_STEP = 1e-150  # its square vanishes beside any number that matters


def _expm1(z: Any) -> Any:
    sinh, exp = _functions(z, "sinh", "exp")
    return 2 * sinh(z / 2) * exp(z / 2)


def _log1p(z: Any) -> Any:
    """By the inverse hyperbolic tangent, which keeps its digits near 0; near -1 the logarithm does."""
    atanh, log = _functions(z, "atanh", "log")
    small = abs(z) < 0.5
    if type(z) in (float, complex):
        return 2 * atanh(z / (2 + z)) if small else log(1 + z)
    import numpy

    return numpy.where(small, 2 * atanh(z / (2 + z)), log(1 + z))


def _exp2(z: Any) -> Any:
    (exp,) = _functions(z, "exp")
    return exp(z * 0.6931471805599453)


def _log2(z: Any) -> Any:
    (log,) = _functions(z, "log")
    return log(z) / 0.6931471805599453


def _power(a: Any, b: Any) -> Any:
    """A power; of a negative base it is real for whole exponents only."""
    if type(b) is float and b.is_integer() and abs(b) <= 100:
        return a ** int(b)
    return a**b


# Where neither Python nor NumPy has the function, or theirs loses digits near 0.
_OWN: dict[str, Callable[..., Any]] = {
    "expm1": _expm1, "log1p": _log1p, "exp2": _exp2, "log2": _log2, "pow": _power,
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "neg": operator.neg,
}  # fmt: skip


def _functions(z: Any, *names: str) -> list[Callable[[Any], Any]]:
    """Functions of complex numbers, or of arrays of them."""
    if type(z) in (float, complex):
        return [getattr(cmath, name) for name in names]
    import numpy

    return [getattr(numpy, {"atanh": "arctanh"}.get(name, name)) for name in names]


def complex_function(primitive: Primitive) -> Callable[..., Any]:
    """An analytic primitive on complex numbers, and on arrays of them."""
    if not primitive.elementwise:
        return primitive.function
    if primitive.name in _OWN:
        return _OWN[primitive.name]

    def on_either(z: Any) -> Any:
        if type(z) in (float, complex):
            return getattr(cmath, primitive.name)(z)
        import numpy

        return getattr(numpy, primitive.numpy)(z)

    return on_either


def is_analytic(tape: Tape, outputs: Sequence[int], active: Sequence[bool]) -> bool:
    """Whether all that outputs are computed by, from what is active, is analytic."""
    behind = tape.behind(outputs)
    return all(
        operation.analytic or operation in (INPUT, CONSTANT, COPY)
        for entry, operation in enumerate(tape.operations)
        if behind[entry] and active[entry]
    )


def complex_step(
    tape: Tape, outputs: Sequence[int], direction: Mapping[int, Value], step: float = _STEP
) -> list[Value] | None:
    """The derivatives of output entries along a direction of input entries.

    None where something on the way is not analytic, or has no value for complex numbers.
    """
    active = tape.active(list(direction))
    if not is_analytic(tape, outputs, active):
        return None
    behind = tape.behind(outputs)
    values: list[Any] = list(tape.values)
    with quiet(tape):
        try:
            for entry, operation in enumerate(tape.operations):
                if entry in direction:
                    values[entry] = tape.values[entry] + 1j * step * direction[entry]
                elif active[entry] and behind[entry] and operation is not COPY:
                    values[entry] = complex_function(operation)(*[values[one] for one in tape.operands[entry]])
                elif active[entry] and behind[entry]:
                    values[entry] = values[tape.operands[entry][0]]
        except (ArithmeticError, ValueError):  # at the edge of what complex functions are defined for
            return None
    return [_imaginary(values[output], tape.values[output], step) for output in outputs]


def _imaginary(value: Any, real: Value, step: float) -> Value:
    part = value.imag / step if hasattr(value, "imag") else 0.0
    return float(part) if type(real) is float else part

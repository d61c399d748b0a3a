"""The complex step: a derivative from values alone, without cancellation (Squire and Trapp, SIAM Review 40, 1998).

For an analytic f the imaginary part of f(x + ih) is h f'(x) up to h², and h may be so small that h² vanishes. The tape
is run again on complex numbers; decisions stay as they are.
"""

from __future__ import annotations

import cmath
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from typing import Any

from adcli.rules.primitive import ArrayPrimitive, Primitive
from adcli.rules.table import CONSTANT, COPY, INPUT, PRIMITIVES
from adcli.tape.domains import Operations
from adcli.tape.ieee import quiet
from adcli.tape.reach import active_entries, entries_behind
from adcli.tape.tape import Tape, Value
from adcli.tape.walk import forward
from adcli.trust.guards import is_at_kink

COMPLEX_ROUNDINGS = 64  # unit round-offs that each path may leave in it: complex functions are less exact
STEP = 1e-120  # relative to the input: its square vanishes beside any number that matters
LEAST_TOLD = sys.float_info.min / sys.float_info.epsilon / STEP  # of smaller derivatives it loses digits, or all
_SMALLEST_STEP = 1e-280  # that leaves room for its digits in what is computed with it
_LARGEST_STEP = 1e-12  # relative to the input: its square is below the last digit still


# Analytic functions that neither Python nor NumPy has for complex numbers, or whose digits theirs lose. Functions made
# of analytic pieces are that piece which the real parts lie on: a complex step is not for points at a kink.


def _either(z: Any, chosen: Any, there: Any, elsewhere: Any) -> Any:
    """One of two values, for each element of an array."""
    if type(z) in (float, complex):
        return there if chosen else elsewhere
    import numpy

    return numpy.where(chosen, there, elsewhere)


def _expm1(z: Any) -> Any:
    """Near 0 by the hyperbolic sine, which keeps its digits there."""
    sinh, exp = _functions(z, "sinh", "exp")
    small = abs(z) < 0.5
    near = z * small
    return _either(z, small, 2 * sinh(near / 2) * exp(near / 2), exp(z) - 1)


def _log1p(z: Any) -> Any:
    """Near 0 by the inverse hyperbolic tangent, which keeps its digits there; near -1 the logarithm does."""
    atanh, log = _functions(z, "atanh", "log")
    small = abs(z) < 0.5
    near = z * small
    return _either(z, small, 2 * atanh(near / (2 + near)), log(1 + z * (1 - small)))


def _exp2(z: Any) -> Any:
    (exp,) = _functions(z, "exp")
    return exp(z * 0.6931471805599453)


def _log2(z: Any) -> Any:
    (log,) = _functions(z, "log")
    return log(z) / 0.6931471805599453


def _power(a: Any, b: Any) -> Any:
    """A power; of a negative base it is real for whole exponents only, and at 0 analytic for those."""
    if type(b) is float and b.is_integer() and abs(b) <= 100:
        return a ** int(b)
    if _any(a.real == 0):
        raise ValueError("not analytic at 0")
    return a**b


def _any(found: Any) -> bool:
    return bool(found.any()) if hasattr(found, "any") else bool(found)


def _gauss(z: Any) -> Any:
    """exp(-(a + ib)²) = exp(-a²) exp(b² - 2iab): the large part is the real function's."""
    (exp,) = _functions(z, "exp")
    return PRIMITIVES["gauss"].function(z.real) * exp(z.imag * z.imag - 2j * z.real * z.imag)


def _sech(z: Any) -> Any:
    cosh, exp = _functions(z, "cosh", "exp")
    near = abs(z.real) < 700
    return _either(z, near, 1 / cosh(_either(z, near, z, 0 * z)), 2 * exp(-_with_sign(z, z)))


def _sigmoid(z: Any) -> Any:
    (exp,) = _functions(z, "exp")
    small = exp(-_with_sign(z, z))
    return _either(z, z.real >= 0, 1 / (1 + small), small / (1 + small))


def _softplus(z: Any) -> Any:
    (exp,) = _functions(z, "exp")
    return _either(z, z.real > 0, z, 0 * z) + _log1p(exp(-_with_sign(z, z)))


def _with_sign(z: Any, of: Any) -> Any:
    """z, with the opposite sign where the real part of a number is negative."""
    return _either(z, of.real < 0, -z, z)


def _cbrt(z: Any) -> Any:
    return _with_sign(_with_sign(z, z) ** (1 / 3), z)


def _hypot(a: Any, b: Any) -> Any:
    (sqrt,) = _functions(a + b, "sqrt")
    size = _larger(abs(a.real), abs(b.real))
    return size * sqrt((a / size) ** 2 + (b / size) ** 2)


def _atan2(a: Any, b: Any) -> Any:
    """Up to a constant: the arc tangent of the quotient that is below 1."""
    (atan,) = _functions(a + b, "atan")
    flat = abs(a.real) <= abs(b.real)
    one = _either(a + b, flat, 1.0, 0.0)
    return _either(a + b, flat, atan(a / (b * one + (1 - one))), -atan(b / (a * (1 - one) + one)))


def _larger(a: Any, b: Any) -> Any:
    return _either(a + b, a.real >= b.real, a, b)


def _smaller(a: Any, b: Any) -> Any:
    return _either(a + b, a.real <= b.real, a, b)


def _mod(a: Any, b: Any) -> Any:
    return a - (a.real / b.real) // 1 * b


def _norm(a: Any, axis: int | None = None) -> Any:
    import numpy

    from adcli.rules.kernels import value_of

    size = numpy.max(abs(a.real), axis=axis, keepdims=True)
    root = numpy.sqrt(numpy.sum((a / size) ** 2, axis=axis, keepdims=True)) * size
    return value_of(root.reshape(numpy.sum(a, axis=axis).shape))


def _logdet(a: Any) -> Any:
    import numpy

    sign, size = numpy.linalg.slogdet(a)
    return complex(size, numpy.angle(sign / numpy.sign(sign.real)))


# Where neither Python nor NumPy has the function, or theirs loses digits near 0.
_OWN: dict[str, Callable[..., Any]] = {
    "copy": lambda z: z, "expm1": _expm1, "log1p": _log1p, "exp2": _exp2, "log2": _log2, "pow": _power,
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "neg": operator.neg,
    "sech": _sech, "gauss": _gauss, "sigmoid": _sigmoid, "softplus": _softplus, "cbrt": _cbrt, "hypot": _hypot,
    "atan2": _atan2, "abs": lambda z: _with_sign(z, z), "relu": lambda z: _larger(z, 0 * z), "mod": _mod,
    "max": lambda *all_of_them: reduce(_larger, all_of_them), "min": lambda *all_of_them: reduce(_smaller, all_of_them),
}  # fmt: skip
_OWN_OF_ARRAYS: dict[str, Callable[..., Any]] = {"norm": _norm, "logdet": _logdet}


def _functions(z: Any, *names: str) -> list[Callable[[Any], Any]]:
    """Functions of complex numbers, or of arrays of them."""
    if type(z) in (float, complex):
        return [getattr(cmath, name) for name in names]
    import numpy

    return [getattr(numpy, {"atanh": "arctanh"}.get(name, name)) for name in names]


@cache
def complex_function(primitive: Primitive) -> Callable[..., Any]:
    """An analytic primitive on complex numbers, and on arrays of them."""
    if isinstance(primitive, ArrayPrimitive):
        own = _OWN_OF_ARRAYS.get(primitive.kernel)
        return primitive.function if own is None else lambda *operands: own(*operands, *primitive.settings)
    if primitive.name in _OWN:
        return _OWN[primitive.name]
    if all(formula == "0" for formula in primitive.formulas(primitive.arity)):  # constant, piece by piece
        return lambda *operands: primitive.function(*(operand.real for operand in operands))

    def on_either(z: Any) -> Any:
        if type(z) in (float, complex):
            return getattr(cmath, primitive.name)(z)
        import numpy

        return getattr(numpy, primitive.numpy)(z)

    return on_either


def is_analytic(tape: Tape, outputs: Sequence[int], active: Sequence[bool]) -> bool:
    """Whether all that outputs are computed by, from what is active, is analytic, and not at a kink."""
    behind = entries_behind(tape, outputs)
    return all(
        (operation.analytic and not is_at_kink(tape, entry)) or operation in (INPUT, CONSTANT, COPY)
        for entry, operation in enumerate(tape.operations)
        if behind[entry] and active[entry]
    )


def complex_step(tape: Tape, outputs: Sequence[int], direction: Mapping[int, Value]) -> list[Value] | None:
    """The derivatives of output entries along a direction of input entries.

    None where something on the way is not analytic, or has no value for complex numbers.
    """
    return complex_steps(tape, outputs, direction)(_step(max(_size(tape.values[entry]) for entry in direction)))


def complex_steps(
    tape: Tape, outputs: Sequence[int], direction: Mapping[int, Value]
) -> Callable[[float], list[Value] | None]:
    """The same as a function of the step."""
    active, behind = active_entries(tape, list(direction)), entries_behind(tape, outputs)
    analytic = is_analytic(tape, outputs, active)
    entries = [entry for entry, operands in enumerate(tape.operands) if operands and active[entry] and behind[entry]]
    functions = {entry: complex_function(tape.operations[entry]) for entry in entries} if analytic else {}

    def at(step: float) -> list[Value] | None:
        if not analytic:
            return None
        values: list[Any] = list(tape.values)
        for entry, part in direction.items():
            values[entry] = values[entry] + 1j * step * part
        with quiet(tape):
            try:
                forward(tape, Operations(values, functions), entries)
            except (ArithmeticError, ValueError):  # at the edge of what complex functions are defined for
                return None
        return [_imaginary(values[output], tape.values[output], step) for output in outputs]

    return at


def _step(size: float) -> float:
    """The step for inputs of a size: for very small ones not so small that it loses its own digits."""
    return max(STEP * size, min(_SMALLEST_STEP, _LARGEST_STEP * size), sys.float_info.min)


def _size(value: Value) -> float:
    """The largest absolute value; 1 for zero."""
    return float(abs(value) if type(value) is float else abs(value).max(initial=0.0)) or 1.0


def _imaginary(value: Any, real: Value, step: float) -> Value:
    part = value.imag / step if hasattr(value, "imag") else 0.0
    return float(part) if type(real) is float else part

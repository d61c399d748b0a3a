"""The primitives on complex numbers, and on arrays of them, for the complex step; NumPy is for arrays alone."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from functools import reduce
from typing import Any

from adcli.rules.readings import real

# Analytic functions that neither Python nor NumPy has for complex numbers, or whose digits theirs lose. Functions made
# of analytic pieces are that piece which the real parts lie on: a complex step is not for points at a kink.


def either(z: Any, chosen: Any, there: Any, elsewhere: Any) -> Any:
    """One of two values, for each element of an array."""
    if type(z) in (float, complex):
        return there if chosen else elsewhere
    import numpy

    return numpy.where(chosen, there, elsewhere)


def _expm1(z: Any) -> Any:
    """Near 0 by the hyperbolic sine, which keeps its digits there."""
    sinh, exp = functions(z, "sinh", "exp")
    small = abs(z) < 0.5
    near = z * small
    return either(z, small, 2 * sinh(near / 2) * exp(near / 2), exp(z) - 1)


def _log1p(z: Any) -> Any:
    """Near 0 by the inverse hyperbolic tangent, which keeps its digits there; near -1 the logarithm does."""
    atanh, log = functions(z, "atanh", "log")
    small = abs(z) < 0.5
    near = z * small
    return either(z, small, 2 * atanh(near / (2 + near)), log(1 + z * (1 - small)))


def _exp2(z: Any) -> Any:
    (exp,) = functions(z, "exp")
    return exp(z * 0.6931471805599453)


def _log2(z: Any) -> Any:
    (log,) = functions(z, "log")
    return log(z) / 0.6931471805599453


def _power(a: Any, b: Any) -> Any:
    """A power; of a negative base it is real for whole exponents only, and at 0 analytic for those."""
    if type(b) is float and b.is_integer() and abs(b) <= 100:
        return a ** int(b)
    if any_of(a.real == 0):
        raise ValueError("not analytic at 0")
    return a**b


def _power_log(a: Any, b: Any) -> Any:
    (log,) = functions(a + b, "log")
    return _power(a, b) * log(a)


def any_of(mask: Any) -> bool:
    """Whether something holds, of a number or for any element of an array."""
    return bool(mask.any()) if hasattr(mask, "any") else bool(mask)


def _gauss_of_array(a: Any) -> Any:
    from adcli.rules.readings import elementwise

    return elementwise.KERNELS["gauss"](a)


def _gauss(z: Any) -> Any:
    """exp(-(a + ib)²) = exp(-a²) exp(b² - 2iab): the large part is the real function's."""
    (exp,) = functions(z, "exp")
    large = real.gauss(z.real) if type(z.real) is float else _gauss_of_array(z.real)
    return large * exp(z.imag * z.imag - 2j * z.real * z.imag)


def _sech(z: Any) -> Any:
    cosh, exp = functions(z, "cosh", "exp")
    near = abs(z.real) < 700
    return either(z, near, 1 / cosh(either(z, near, z, 0 * z)), 2 * exp(-with_sign(z, z)))


def _sigmoid(z: Any) -> Any:
    (exp,) = functions(z, "exp")
    small = exp(-with_sign(z, z))
    return either(z, z.real >= 0, 1 / (1 + small), small / (1 + small))


def _softplus(z: Any) -> Any:
    (exp,) = functions(z, "exp")
    return either(z, z.real > 0, z, 0 * z) + _log1p(exp(-with_sign(z, z)))


def with_sign(z: Any, of: Any) -> Any:
    """z, with the opposite sign where the real part of a number is negative."""
    return either(z, of.real < 0, -z, z)


def _beyond_even(z: Any) -> Any:
    """What a number is beyond an even one."""
    half = z.real / 2
    return z - 2 * (half.round() if hasattr(half, "round") else real.nearest(half))


def _sinpi(z: Any) -> Any:
    """As for real numbers: what is beyond an even number is folded before it is multiplied by pi."""
    sin, cos = functions(z, "sin", "cos")
    rest = _beyond_even(z)
    w = with_sign(rest, rest)
    flat, outer = (w.real > 0.25) & (w.real <= 0.75), either(z, w.real > 0.75, 1 - w, w)
    return with_sign(either(z, flat, cos(math.pi * (0.5 - w)), sin(math.pi * outer)), rest)


def _cospi(z: Any) -> Any:
    sin, cos = functions(z, "sin", "cos")
    rest = _beyond_even(z)
    w = with_sign(rest, rest)
    outer = either(z, w.real > 0.75, -cos(math.pi * (1 - w)), cos(math.pi * w))
    return either(z, (w.real > 0.25) & (w.real <= 0.75), sin(math.pi * (0.5 - w)), outer)


def _cbrt(z: Any) -> Any:
    return with_sign(with_sign(z, z) ** (1 / 3), z)


def _hypot(a: Any, b: Any) -> Any:
    (sqrt,) = functions(a + b, "sqrt")
    size = larger(abs(a.real), abs(b.real))
    return size * sqrt((a / size) ** 2 + (b / size) ** 2)


def _one_minus_square(z: Any) -> Any:
    return (1 - z.real) * (1 + z.real) + z.imag**2 - 2j * z.real * z.imag


def _over_hypot(a: Any, b: Any) -> Any:
    return a / _hypot(a, b)


def _atan2(a: Any, b: Any) -> Any:
    """Up to a constant: the arc tangent of the quotient that is below 1."""
    (atan,) = functions(a + b, "atan")
    flat = abs(a.real) <= abs(b.real)
    flatter = either(a + b, flat, 1.0, 0.0)
    return either(a + b, flat, atan(a / (b * flatter + (1 - flatter))), -atan(b / (a * (1 - flatter) + flatter)))


def larger(a: Any, b: Any) -> Any:
    """The operand with the larger real part."""
    return either(a + b, a.real >= b.real, a, b)


def _smaller(a: Any, b: Any) -> Any:
    return either(a + b, a.real <= b.real, a, b)


def _mod(a: Any, b: Any) -> Any:
    return a - (a.real / b.real) // 1 * b


def _norm(a: Any, axis: int | None = None) -> Any:
    import numpy

    from adcli.rules.readings.values import value_of

    size = numpy.max(abs(a.real), axis=axis, keepdims=True)
    root = numpy.sqrt(numpy.sum((a / size) ** 2, axis=axis, keepdims=True)) * size
    return value_of(root.reshape(numpy.sum(a, axis=axis).shape))


def _std(a: Any, axis: int | None = None) -> Any:
    from adcli.rules.readings.statistics import demeaned

    above = demeaned(a, axis)
    return _norm(above, axis) / math.sqrt(a.size if axis is None else a.shape[axis])


def _sort(a: Any, axis: int | None = None) -> Any:
    return _taken(a, a, -1 if axis is None else axis)


def _taken(a: Any, b: Any, axis: int) -> Any:
    """b in the order of the real parts of a."""
    import numpy

    return numpy.take_along_axis(b, numpy.argsort(a.real, axis=axis, kind="stable"), axis)


def _median(a: Any, axis: int | None = None) -> Any:
    from adcli.rules.readings.values import value_of

    lines, along = (a.ravel(), 0) if axis is None else (a, axis)
    ordered, size = _taken(lines, lines, along), lines.shape[along]
    return value_of((ordered.take((size - 1) // 2, along) + ordered.take(size // 2, along)) / 2)


def _logdet(a: Any) -> Any:
    import numpy

    sign, size = numpy.linalg.slogdet(a)
    return complex(size, numpy.angle(sign / numpy.sign(sign.real)))


KERNELS: dict[str, Callable[..., Any]] = {
    "expm1": _expm1, "log1p": _log1p, "exp2": _exp2, "log2": _log2, "pow": _power, "sech": _sech, "gauss": _gauss,
    "power_log": _power_log,
    "sigmoid": _sigmoid, "softplus": _softplus, "cbrt": _cbrt, "hypot": _hypot, "over_hypot": _over_hypot,
    "one_minus_square": _one_minus_square,
    "atan2": _atan2,
    "sinpi": _sinpi, "cospi": _cospi,
    "abs": lambda z: with_sign(z, z), "relu": lambda z: larger(z, 0 * z), "mod": _mod,
    "max": lambda *all_of_them: reduce(larger, all_of_them), "min": lambda *all_of_them: reduce(_smaller, all_of_them),
    "clip": lambda a, low, high: _smaller(larger(a, low), high),
    "norm": _norm, "logdet": _logdet, "std": _std, "sort": _sort, "median": _median,
}  # fmt: skip


def functions(z: Any, *names: str) -> list[Callable[[Any], Any]]:
    """Functions of complex numbers, or of arrays of them."""
    if type(z) in (float, complex):
        return [getattr(cmath, name) for name in names]
    import numpy

    return [getattr(numpy, {"atanh": "arctanh"}.get(name, name)) for name in names]


def of_library(name: str, numpy_name: str) -> Callable[[Any], Any]:
    """The function that cmath has under a name, and NumPy for arrays under another one."""
    on_numbers = getattr(cmath, name)

    def on_either(z: Any) -> Any:
        if type(z) in (float, complex):
            return on_numbers(z)
        import numpy

        return getattr(numpy, numpy_name)(z)

    return on_either

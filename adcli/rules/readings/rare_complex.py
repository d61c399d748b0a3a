"""The analytic functions of the rare families on complex numbers, and on arrays of them; as `complex.py` has others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adcli.rules.readings import complex as common


def _xlogy(a: Any, b: Any) -> Any:
    (log,) = common.functions(a + b, "log")
    still = (a == 0) * 1.0  # at 0 it is 0 for any b
    return a * log(b * (1 - still) + still) if common.any_of(still) else a * log(b)


def _logit(z: Any) -> Any:
    (log,) = common.functions(z, "log")
    return log(z) - log(1 - z)


def _logaddexp(a: Any, b: Any) -> Any:
    (exp,) = common.functions(a + b, "exp")
    apart = common.with_sign(a - b, a - b)
    return common.larger(a, b) + common.KERNELS["log1p"](exp(-apart))


def _log_diff_exp(a: Any, b: Any) -> Any:
    (log,) = common.functions(a + b, "log")
    return a + log(-common.KERNELS["expm1"](b - a))


def _below(z: Any, there: Any, elsewhere: Any) -> Any:
    return common.either(z, z.real < 0, there, elsewhere)


def _expm1_below(z: Any) -> Any:
    return common.KERNELS["expm1"](_below(z, z, 0 * z))


def _sinc(z: Any) -> Any:
    """Near 0 by its series, whose imaginary part keeps its digits there."""
    near = abs(z.real) < 0.3
    square = -((3.141592653589793 * common.either(z, near, z, 0 * z)) ** 2)
    total = 1.0
    for k in range(10, 0, -1):
        total = 1 + total * square / (2 * k * (2 * k + 1))
    return common.either(
        z, near, total, common.KERNELS["sinpi"](z) / (3.141592653589793 * common.either(z, near, 1.0 + 0 * z, z))
    )


def _copysign(a: Any, b: Any) -> Any:
    return common.with_sign(common.with_sign(a, a), b)


def _fmod(a: Any, b: Any) -> Any:
    quotient = a.real / b.real
    size = common.with_sign(quotient, quotient) // 1
    return a - common.with_sign(size, quotient) * b


KERNELS: Mapping[str, Callable[..., Any]] = {
    "xlogy": _xlogy, "xlog1py": lambda a, b: a * common.KERNELS["log1p"](b), "logit": _logit,
    "logaddexp": _logaddexp, "log_diff_exp": _log_diff_exp, "silu": lambda z: z * common.KERNELS["sigmoid"](z),
    "elu": lambda z: _below(z, _expm1_below(z), z), "elu_scaled": lambda z, b: _below(z, b * _expm1_below(z), z),
    "leaky_relu": lambda z: _below(z, 0.01 * z, z), "prelu": lambda z, b: _below(z, b * z, z),
    "fmod": _fmod, "copysign": _copysign, "fma": lambda a, b, c: a * b + c, "sinc": _sinc,
}  # fmt: skip

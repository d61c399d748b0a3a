"""The operations element by element that NumPy lacks, or that lose digits or time there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from adcli.rules.readings.values import Array


def _power(a: Array, b: Array) -> Array:
    if type(b) is float and b == 1.0:
        return a  # as in the derivative of a square
    return a**b  # which knows squares and roots; `np.power` takes ten times as long for them


def _power_log(a: Array, b: Array) -> Array:
    power = a**b
    result = power * np.log(a)
    return np.where((power == 0) & (a >= 0), 0.0, result) if np.any(power == 0) else result


def _sech(a: Array) -> Array:
    small = np.exp(-np.abs(a))
    return 2 * small / (1 + small * small)


def _sigmoid(a: Array) -> Array:
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, small) / (1 + small)


def _softplus(a: Array) -> Array:
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


def _relu(a: Array) -> Array:
    return np.where(a <= 0, 0.0, a)


def _extreme(choose: Any) -> Callable[..., Array]:
    def extreme(*operands: Array) -> Array:
        result = operands[0]
        for operand in operands[1:]:
            result = choose(result, operand)
        return result

    return extreme


def _share(choose: Any) -> Callable[..., Array]:
    def share(*operands: Array) -> Array:
        largest = _extreme(choose)(*operands)
        ties = sum(np.equal(operand, largest).astype(float) for operand in operands)
        return np.where(np.isnan(largest), np.nan, np.where(operands[0] == largest, 1 / np.maximum(ties, 1), 0.0))

    return share


def _over_hypot(a: Array, b: Array) -> Array:
    return a / np.hypot(a, b)


def _gauss(a: Array) -> Array:
    scaled = 134217729.0 * a  # as in real.py
    high = scaled - (scaled - a)
    low = a - high
    return np.where(np.abs(a) > 28, 0.0, np.exp(-high * high) * np.exp(-low * (a + high)))


def _sinpi(a: Array) -> Array:
    rest = a - 2 * np.rint(a / 2)  # as in real.py
    size = np.abs(rest)
    small = np.pi * np.minimum(size, 1 - size)
    result = np.where((size > 0.25) & (size <= 0.75), np.cos(np.pi * (0.5 - size)), np.sin(small))
    return np.copysign(result, np.where(result == 0, a, rest))


def _cospi(a: Array) -> Array:
    size = np.abs(a - 2 * np.rint(a / 2))
    outer = np.where(size <= 0.25, np.cos(np.pi * size), -np.cos(np.pi * (1 - size)))
    return np.where((size > 0.25) & (size <= 0.75), np.sin(np.pi * (0.5 - size)), outer)


def _mask(compare: Any) -> Callable[..., Array]:
    return lambda *operands: compare(*operands).astype(float)


KERNELS: Mapping[str, Callable[..., Array]] = {
    "sinpi": _sinpi, "cospi": _cospi,
    "pow": _power, "power_log": _power_log, "cbrt": np.cbrt, "sech": _sech, "gauss": _gauss, "over_hypot": _over_hypot,
    "sigmoid": _sigmoid, "softplus": _softplus,
    "relu": _relu, "sign": np.sign,
    "max": _extreme(np.maximum), "min": _extreme(np.minimum), "is_max": _share(np.maximum),
    "is_min": _share(np.minimum), "floor": np.floor, "ceil": np.ceil, "round": np.rint, "mod": np.mod,
    "<": _mask(np.less), "<=": _mask(np.less_equal), ">": _mask(np.greater), ">=": _mask(np.greater_equal),
    "==": _mask(np.equal), "!=": _mask(np.not_equal), "and": _mask(np.logical_and), "or": _mask(np.logical_or),
    "not": _mask(np.logical_not),
}  # fmt: skip

"""The functions of the rare families on arrays, where they are not computed one element after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from adcli.rules.readings.values import Array


def _xlogy(a: Array, b: Array) -> Array:
    return np.where((a == 0) & ~np.isnan(b), 0.0, a * np.log(np.where((a == 0) & ~np.isnan(b), 1.0, b)))


def _xlog1py(a: Array, b: Array) -> Array:
    return np.where((a == 0) & ~np.isnan(b), 0.0, a * np.log1p(np.where((a == 0) & ~np.isnan(b), 0.0, b)))


def _logit(a: Array) -> Array:
    near = np.abs(a - 0.5) < 0.25
    return np.where(near, 2 * np.arctanh(np.where(near, 2 * a - 1, 0.0)), np.log(np.where(near, 1.0, a / (1 - a))))


def _exp_of_difference(a: Array, b: Array) -> Array:
    """As in `elementary.py`."""
    apart = np.maximum(a - b, -800.0)
    part = apart + b
    lost = np.where(np.isfinite(a) & np.isfinite(b) & (apart > -800), (a - part) + ((part - apart) - b), 0.0)
    return np.where(apart <= -800, 0.0, np.exp(apart)) * (1 + lost)


def _logaddexp(a: Array, b: Array) -> Array:
    return np.where(a == b, a + np.log(2.0), np.maximum(a, b) + np.log1p(_exp_of_difference(*_ordered(a, b))))


def _ordered(a: Array, b: Array) -> tuple[Array, Array]:
    return np.minimum(a, b), np.maximum(a, b)


def _log_diff_exp(a: Array, b: Array) -> Array:
    apart = b - a
    near = apart > -0.7
    above = np.log(-np.expm1(np.where(near, apart, -1.0)))
    return a + np.where(near, above, np.log1p(-np.where(near, 0.0, _exp_of_difference(b, a))))


def _sigmoid(a: Array) -> Array:
    small = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, small) / (1 + small)


def _sinc(a: Array) -> Array:
    from adcli.rules.readings.elementwise import KERNELS as COMMON

    tiny = np.abs(a) < 1e-100
    return np.where(tiny, 1.0, COMMON["sinpi"](np.where(tiny | np.isinf(a), 1.0, a)) / (np.pi * np.where(tiny, 1.0, a)))


KERNELS: Mapping[str, Callable[..., Array]] = {
    "xlogy": _xlogy, "xlog1py": _xlog1py, "logit": _logit, "logaddexp": _logaddexp, "log_diff_exp": _log_diff_exp,
    "silu": lambda a: np.where(a < -800, -0.0, np.maximum(a, -800.0) * _sigmoid(np.maximum(a, -800.0))),
    "elu": lambda a: np.where(a < 0, np.expm1(np.minimum(a, 0)), a),
    "elu_scaled": lambda a, b: np.where(a < 0, b * np.expm1(np.minimum(a, 0)), np.where(np.isnan(b), b, a)),
    "leaky_relu": lambda a: np.where(a < 0, 0.01 * a, a),
    "prelu": lambda a, b: np.where(a < 0, b * a, np.where(np.isnan(b), b, a)),
    "sinc": _sinc,
}  # fmt: skip

"""Eigenvalues of symmetric matrices and singular values, with their vectors, and what they do where some are equal.

Beside a matrix with equal eigenvalues they move as those of what moves it, seen in the space of their vectors (Kato,
Perturbation Theory for Linear Operators, 1966, section II.2); the vectors jump.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from adcli.rules import matrix_shapes
from adcli.rules.readings.linalg import refuse_not_finite
from adcli.rules.readings.values import Array, check

_EPSILON = float(np.finfo(float).eps)


def over_differences(a: Array) -> Array:
    """1 over the difference of the elements j and i, at place i, j; 0 where rounding cannot tell them apart."""
    check(matrix_shapes.pairs("over_differences"), a)
    apart = a - a[:, None]
    same = np.abs(apart) <= _indistinct(a)
    return np.where(same, 0.0, 1.0 / np.where(same, 1.0, apart))


def shares(a: Array) -> Array:
    """1 over the number of elements that are the same as element i, in the places i, j of those; else 0."""
    check(matrix_shapes.pairs("shares"), a)
    result = np.zeros((len(a), len(a)))
    order = np.argsort(a, kind="stable")
    for part in _clusters(a[order]):
        same = order[part]
        result[np.ix_(same, same)] = 1.0 / len(same)
    return result


def _indistinct(values: Array) -> float:
    """How far eigenvalues are apart at most where rounding may have taken them apart."""
    return 4.0 * _EPSILON * len(values) * float(np.max(np.abs(values), initial=0.0))


def eigvalsh(a: Array) -> Array:
    """The eigenvalues of the symmetric part of a, ascending."""
    check(matrix_shapes.eigenvalues, a)
    refuse_not_finite("eigvalsh", a)
    return np.linalg.eigvalsh((a + a.T) / 2)


def eigh(a: Array) -> Array:
    """The same, and below them the vectors as columns."""
    check(matrix_shapes.eigenvectors, a)
    refuse_not_finite("eigh", a)
    values, vectors = np.linalg.eigh((a + a.T) / 2)
    return np.concatenate([values[None], vectors * _signs(vectors)])


def svd(a: Array) -> Array:
    """U, the singular values and V below each other, each with as many columns as there are singular values."""
    check(matrix_shapes.svd, a)
    refuse_not_finite("svd", a)
    left, values, right = np.linalg.svd(a, full_matrices=False)
    signs = _signs(right.T)
    return np.concatenate([left * signs, values[None], right.T * signs])


def _signs(vectors: Array) -> Array:
    """What gives each column a positive product with exp(-k / n), k = 0, 1 ….

    These numbers are linearly independent over the algebraic ones (Lindemann and Weierstrass): no vector of a matrix of
    fractions is orthogonal to them, so that none jumps from sign to sign there.
    """
    weights = np.exp(-np.arange(len(vectors)) / max(len(vectors), 1))
    return np.where(weights @ vectors < 0, -1.0, 1.0)


# Where values meet


def _gap(ascending: Array) -> float:
    """How far the nearest two are apart; 0 where rounding cannot tell them apart."""
    least = float(np.min(np.diff(ascending), initial=math.inf))
    return 0.0 if least <= _indistinct(ascending) else least


def over_differences_gap(operands: Sequence[Any], value: Any) -> float:
    """How far the nearest two elements are apart."""
    return _gap(np.sort(operands[0]))


def eigvalsh_gap(operands: Sequence[Any], value: Any) -> float:
    """How far the nearest two eigenvalues are apart."""
    return _gap(value)


def eigh_gap(operands: Sequence[Any], value: Any) -> float:
    """The same."""
    return _gap(value[0])


def svd_gap(operands: Sequence[Any], value: Any) -> float:
    """How far the nearest two singular values are apart, or the least one from what it is with the other sign."""
    values = value[len(operands[0])]
    return _gap(np.concatenate([-values, values[::-1]]))


def over_differences_beside(operands: Sequence[Any], value: Any, tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Beside equal elements it has no limit: the tangents do not tell."""
    return value, np.full(value.shape, math.nan)


def _clusters(values: Array) -> Iterator[slice]:
    """Where values that are in order are the same to rounding."""
    start = 0
    for place in range(1, len(values) + 1):
        if place == len(values) or abs(values[place] - values[place - 1]) > _indistinct(values):
            yield slice(start, place)
            start = place


def eigvalsh_beside(operands: Sequence[Any], value: Any, tangents: Sequence[Any]) -> tuple[Any, Any]:
    """How eigenvalues move: equal ones apart, as those of what moves the matrix in their space."""
    moved = (tangents[0] + tangents[0].T) / 2
    vectors = np.linalg.eigh((operands[0] + operands[0].T) / 2)[1]
    inside = vectors.T @ moved @ vectors
    return value, np.concatenate([np.linalg.eigvalsh(inside[part, part]) for part in _clusters(value)])


def eigh_beside(operands: Sequence[Any], value: Any, tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The same of the values. Vectors of equal ones jump, and this does not tell how they go on."""
    values, vectors = value[0], value[1:]
    inside = vectors.T @ ((tangents[0] + tangents[0].T) / 2) @ vectors
    slopes = vectors @ (over_differences(values) * inside)
    for part in _clusters(values):
        if part.stop - part.start > 1:
            slopes[:, part] = math.nan
    return value, np.concatenate([eigvalsh_beside(operands, values, tangents)[1][None], slopes])


def svd_beside(operands: Sequence[Any], value: Any, tangents: Sequence[Any]) -> tuple[Any, Any]:
    """How singular values move: those that are 0 as those of what moves the matrix between the spaces of the rest."""
    values, moved = value[len(operands[0])], tangents[0]
    slopes = np.full(value.shape, math.nan)
    left, _, right = np.linalg.svd(operands[0])
    rank = int(np.sum(2 * values > _indistinct(np.concatenate([values, values]))))
    inside = left.T @ moved @ right.T
    row = slopes[len(operands[0])]
    for part in _clusters(values[:rank]):
        row[part] = np.linalg.eigvalsh((inside[part, part] + inside[part, part].T) / 2)[::-1]
    if rank < len(values):
        row[rank:] = np.linalg.svd(inside[rank:, rank:], compute_uv=False)[: len(values) - rank]
    return value, slopes

"""Eigenvalues of symmetric matrices and singular values, with their vectors, each with its derivative.

The rules are those of Giles (2008), as for `arrays.py`, and of Townsend, Differentiating the singular value
decomposition (2016). They divide by differences of eigenvalues, which is a row of its own: where two are equal their
vectors have no derivative, and it gives 0. There equal ones are taken to move together, with the mean of their slopes:
that is right for functions of eigenvalues that do not tell them apart, and does not depend on which vectors are chosen.
"""

from __future__ import annotations

from adcli.rules import kinks, matrix_shapes
from adcli.rules.along import Shapes
from adcli.rules.facts import NO_SUM, NOT_ANALYTIC
from adcli.rules.families import plain

_SQUARE = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]]
_SKEW = [[1.0, 2.0], [0.4, -1.0]]
_TALL = [[1.0, 2.0], [0.5, -1.0], [3.0, 0.3]]
_WIDE = [[1.0, 0.5, 3.0], [2.0, -1.0, 0.3]]
_SIGNS = "each vector has a positive product with exp(-[0, 1, 2, …] / n)"
_TOGETHER = "equal ones move together, with the mean of their slopes, and so do their vectors"
_TOWNSEND = "Townsend, Differentiating the singular value decomposition (2016)"


def _eigvalsh_vjp(size: str = "") -> tuple[str]:
    return (f"u = {size}(eigh(a)[1:]); u * (shares(v) @ g) @ u'",)


def _eigh_vjp(size: str = "") -> tuple[str]:
    """What the matrix receives; with `abs` the most that it may receive."""
    turned = f"t = {size}(over_differences(v[0])) * (u' @ g[1:])"
    return (f"u = {size}(v[1:]); {turned}; x = u @ (diag(shares(v[0]) @ g[0]) + t) @ u'; (x + x') / 2",)


def _eigh_jvp(s: Shapes) -> tuple[str]:
    size = s[0][0]
    lines = [
        "u = v[1:]", "t = u' @ ((da + da') / 2) @ u", f"concat(reshape(shares(v[0]) @ diag(t), 1, {size}), "
        "u @ (over_differences(v[0]) * t))",
    ]  # fmt: skip
    return ("; ".join(lines),)


# Of a = u diag(s) w': how u and w turn is told by the symmetric part of u' da w over the differences of the singular
# values, and by the rest over their sums, which are those of the eigenvalues -s and s of [[0, a], [a', 0]].


def _svd_start(s: Shapes, size: str = "") -> list[str]:
    rows, least = s[0][0], min(s[0])
    return [
        f"c = concat(-v[{rows}], v[{rows}])", "d = over_differences(c)", "f = shares(c)",
        f"f = f[{least}:, {least}:] - f[{least}:, :{least}]", f"u = {size}(v[:{rows}])",
        f"w = {size}(v[{rows + 1}:])", f"p = {size}(d[{least}:, {least}:])", f"q = {size}(d[:{least}, {least}:])",
    ]  # fmt: skip


def _svd_vjp(s: Shapes, size: str = "") -> tuple[str]:
    (rows, columns), least = s[0], min(s[0])
    less = "+" if size else "-"
    lines = [
        *_svd_start(s, size), f"h = g[:{rows}]", f"k = g[{rows + 1}:]", "x = u' @ h", "y = w' @ k",
        "m = p * (x + y)", f"n = q * (x {less} y)", f"t = diag(f @ g[{rows}]) + (m + m' + n {less} n') / 2",
        "r = u @ t @ w'",
    ]  # fmt: skip
    if rows > least:
        lines.append(f"r = r + ((h {less} u @ x) * (2 * diag(q))) @ w'")
    if columns > least:
        lines.append(f"r = r + u @ ((k {less} w @ y) * (2 * diag(q)))'")
    return ("; ".join([*lines, "r"]),)


def _svd_jvp(s: Shapes) -> tuple[str]:
    (rows, columns), least = s[0], min(s[0])
    lines = [
        *_svd_start(s), "h = da @ w", "k = da' @ u", "t = u' @ h", "m = p * (t + t') / 2", "n = q * (t - t') / 2",
        "x = u @ (m + n)", "y = w @ (m - n)",
    ]  # fmt: skip
    if rows > least:
        lines.append("x = x + (h - u @ t) * (2 * diag(q))")
    if columns > least:
        lines.append("y = y + (k - w @ t') * (2 * diag(q))")
    return ("; ".join([*lines, f"concat(x, reshape(f @ diag(t), 1, {least}), y)"]),)


ROWS = (
    plain(
        "over_differences", "matrix of 1 / (a[j] - a[i]), with 0 where the two are the same to rounding",
        (([1.5, -0.5, 2.0],),), complex=NOT_ANALYTIC, kink=kinks.spectral("over_differences"),
        rounding="over_differences", terms=NO_SUM, shape=matrix_shapes.pairs("over_differences"), cancels=True,
        vjp=("t = g * v * v; sum(t, axis = 1) - sum(t, axis = 0)",),
        jvp=lambda s: (f"v * v * (reshape(da, {s[0][0]}, 1) - da)",),
        convention="0 for equal elements",
    ),
    plain(
        "shares", "matrix of the shares that elements of a vector have among those that are the same to rounding",
        (([1.5, -0.5, 2.0],), ([1.0, 2.0, 1.0],)), complex=NOT_ANALYTIC, kink=kinks.spectral("over_differences"),
        shape=matrix_shapes.pairs("shares"), by=(), vjp=("",), jvp=("",), rounding="shares", terms=NO_SUM,
    ),
    plain(
        "eigvalsh", "eigenvalues of (a + a') / 2, ascending", ((_SQUARE,), (_SKEW,)),
        complex=NOT_ANALYTIC, kink=kinks.spectral("eigvalsh"), rounding="eigvalsh", terms=NO_SUM, mixes=True,
        cancels=lambda s: _eigvalsh_vjp("abs"), shape=matrix_shapes.eigenvalues,
        vjp=_eigvalsh_vjp(), jvp=("u = eigh(a)[1:]; shares(v) @ sum(u * ((da + da') / 2 @ u), axis = 0)",),
        convention=_TOGETHER,
    ),
    plain(
        "eigh", f"eigenvalues of (a + a') / 2, ascending, and below them the vectors as columns; {_SIGNS}",
        ((_SQUARE,), (_SKEW,)), complex=NOT_ANALYTIC, kink=kinks.spectral("eigh"),
        rounding="eigh", terms=NO_SUM, mixes=True, cancels=lambda s: _eigh_vjp("abs"), shape=matrix_shapes.eigenvectors,
        vjp=_eigh_vjp(), jvp=_eigh_jvp, parts=("v[0]", "v[1:]"), convention=_TOGETHER,
    ),
    plain(
        "svd", "U, below it the singular values s, descending, and V, each with as many columns; U @ diag(s) @ V' = a; "
        f"of V {_SIGNS}", ((_TALL,), (_WIDE,), (_SQUARE,)), complex=NOT_ANALYTIC, kink=kinks.spectral("svd"),
        rounding="svd", terms=NO_SUM, mixes=True, cancels=lambda s: _svd_vjp(s, "abs"), shape=matrix_shapes.svd,
        vjp=_svd_vjp, jvp=_svd_jvp, parts=("v[:length(a)]", "v[length(a)]", "v[length(a) + 1:]'"),
        convention=_TOGETHER, source=_TOWNSEND,
    ),
)  # fmt: skip

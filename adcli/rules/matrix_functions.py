"""Functions of a square matrix as a whole: its powers and its exponential, each with its derivative.

How such a function f changes along a matrix is a row of its own, as that has to be computed with care as well. It
stands in f of a matrix of twice the size, f([[a, b], [0, a]]) = [[f(a), f_along(a, b)], [0, f(a)]] (Mathias, A chain
rule for matrix functions and applications, SIAM J. Matrix Anal. Appl. 17 (1996) 610), and how it changes itself is the
same row of matrices of twice the size.
"""

from __future__ import annotations

from adcli.rules import matrix_shapes, shapes
from adcli.rules.along import Shapes
from adcli.rules.facts import NO_SUM, NOT_ANALYTIC
from adcli.rules.families import moving, plain

_SQUARE = [[0.4, 1.0, 0.5], [1.0, -0.3, -0.2], [0.7, -0.2, 0.2]]
_OTHER = [[1.0, 0.5, -1.0], [2.0, 0.3, 0.2], [-0.5, 1.0, 0.7]]
_SOURCE = "Higham, Functions of Matrices, SIAM (2008), section 3.2"


class _Along:
    """The formulas of a row that tells how a function of a matrix a changes along b.

    How that changes as a moves is the same function of matrices of twice the size, in which b may be scaled: it is
    linear in b, and a large b should have no say in how an exponential is computed.
    """

    def __init__(self, name: str, more: str = "", scale: str = "") -> None:
        """Take the name of the row, what else it is given, and the formula of what b is divided by, if it is."""
        self._name, self._more = name, more
        self._rest = ("",) if more else ()
        self._before, self._over, self._times = (f"s = {scale}; ", " / s", "s * ") if scale else ("", "", "")

    def _twice(self, size: int, corner: str, **parts: str) -> str:
        """The lines that make x of the matrix and of what stands in a corner of it, and y."""
        upper, lower = f":{size}, :{size}", f"{size}:, {size}:"
        zeros = f"zeros({2 * size}, {2 * size})"
        matrix = f"x = {zeros}; x[{upper}] = {parts['a']}; x[{lower}] = {parts['a']}; x[{corner}] = {parts['b']}"
        return f"{self._before}{matrix}{self._over}; y = {zeros}; "

    def vjp(self, s: Shapes) -> tuple[str, ...]:
        """What a and b receive."""
        n = s[0][0]
        start = self._twice(n, f"{n}:, :{n}", a="a'", b="b'")
        result = f"z = {self._name}(x, y{self._more}); {self._times}(z[:{n}, :{n}] + z[{n}:, {n}:])"
        return f"{start}y[:{n}, {n}:] = g; {result}", f"{self._name}(a', g{self._more})", *self._rest

    def jvp(self, s: Shapes) -> tuple[str, ...]:
        """What the tangents of a and b add."""
        n = s[0][0]
        start = self._twice(n, f":{n}, {n}:", a="a", b="b")
        result = f"{self._times}{self._name}(x, y{self._more})[:{n}, {n}:]"
        moved = f"y[:{n}, :{n}] = da; y[{n}:, {n}:] = da; {result}"
        return start + moved, f"{self._name}(a, db{self._more})", *self._rest


_POWER, _EXPONENTIAL = _Along("matrix_power_along", ", c"), _Along("expm_along", scale="size_of(b)")

ROWS = (
    moving(
        "size_of", "power of 2 next to the largest of all absolute values, or 1: for results that it has no part in",
        ((_SQUARE,),), complex=NOT_ANALYTIC, shape=shapes.reduced("size_of", None), by=(), vjp=("",), jvp=("",),
    ),
    plain(
        "matrix_power", "a @ a @ … with b factors; of inv(a) if b is negative",
        ((_SQUARE, 3.0), (_SQUARE, -2.0), (_SQUARE, 0.0)),
        rounding="matrix_power", terms=NO_SUM, shape=matrix_shapes.power("matrix_power"), counts=(2, 2), by=(0,),
        vjp=("matrix_power_along(a', g, b)", ""), jvp=("matrix_power_along(a, da, b)", ""),
        domain="b >= 0 or det(a) != 0", source=_SOURCE,
        tex=r"#1^{#2}",
    ),
    plain(
        "matrix_power_along", "how matrix_power(a, c) changes along b",
        ((_SQUARE, _OTHER, 3.0), (_SQUARE, _OTHER, -2.0), (_SQUARE, _OTHER, 0.0)),
        rounding="matrix_power_along", terms=NO_SUM, shape=matrix_shapes.power("matrix_power_along"), counts=(3, 3),
        by=(0, 1), vjp=_POWER.vjp, jvp=_POWER.jvp,
        domain="c >= 0 or det(a) != 0", source=_SOURCE,
        tex=r"\mathrm{D}(X \mapsto X^{#3})(#1)[#2]",
    ),
    plain(
        "expm", "exponential of a matrix: the sum of its powers, each divided by a factorial", ((_SQUARE,),),
        rounding="expm", terms=NO_SUM, mixes=True, shape=shapes.of_square("expm", scalar=False),
        vjp=("expm_along(a', g)",), jvp=("expm_along(a, da)",), source=_SOURCE,
        tex=r"\exp",
    ),
    plain(
        "expm_along", "how expm(a) changes along b", ((_SQUARE, _OTHER),),
        rounding="expm_along", terms=NO_SUM, mixes=True, shape=shapes.two_squares("expm_along"), counts=(2, 2),
        vjp=_EXPONENTIAL.vjp, jvp=_EXPONENTIAL.jvp, source=_SOURCE,
        tex=r"\mathrm{D}{\exp}(#1)[#2]",
    ),
)  # fmt: skip

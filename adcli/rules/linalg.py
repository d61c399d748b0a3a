"""Linear algebra: determinants, inverses, systems of equations and factorisations, each with its derivative.

The rules are those of Giles (2008), as for `arrays.py`, where a row names no other source.
"""

from __future__ import annotations

from adcli.rules import matrix_shapes, shapes
from adcli.rules.along import Shapes
from adcli.rules.facts import NO_SUM, NOT_ANALYTIC, OWN
from adcli.rules.families import plain

INVERTING = ("inv", "solve")  # what solves with a square matrix, and loses what its condition number says
_SQUARE = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]]
_TALL = [[1.0, 2.0], [0.5, -1.0], [3.0, 0.3]]


def _solve_vjp(s: Shapes) -> tuple[str, str]:
    back = "solve(a', g)"
    return f"-outer({back}, v)" if len(s[1]) == 1 else f"-{back} @ v'", back


def _triangle(s: Shapes, formula: str) -> str:
    """What a formula of a triangle is of the one that is read: the upper, the lower, or as the third operand says."""
    if len(s) == 2:
        return f"triu({formula})"
    return f"select(c, tril({formula}), triu({formula}))"


def _solve_triangular_vjp(s: Shapes) -> tuple[str, ...]:
    back = f"solve_triangular(a', g, {'1' if len(s) == 2 else '1 - c'})"
    product = "outer(t, v)" if len(s[1]) == 1 else "t @ v'"
    return f"t = {back}; -{_triangle(s, product)}", back, *[""] * (len(s) - 2)


def _solve_triangular_jvp(s: Shapes) -> tuple[str, ...]:
    which = "" if len(s) == 2 else ", c"
    return (
        f"-solve_triangular(a, {_triangle(s, 'da')} @ v{which})",
        f"solve_triangular(a, db{which})",
        *[""] * (len(s) - 2),
    )


def _pinv_vjp(s: Shapes) -> tuple[str]:
    rows, columns = s[0]
    if rows > columns:
        return ("t = g' @ v @ v'; t - a @ (v @ t) - v' @ g @ v'",)
    return ("t = v' @ v @ g'; t - t @ v @ a - v' @ g @ v'" if rows < columns else "-v' @ g @ v'",)


def _pinv_jvp(s: Shapes) -> tuple[str]:
    rows, columns = s[0]
    if rows > columns:
        return ("t = v @ v' @ da'; t - t @ a @ v - v @ da @ v",)
    return ("t = da' @ v' @ v; t - v @ (a @ t) - v @ da @ v" if rows < columns else "-v @ da @ v",)


_PSEUDO = (
    "Golub and Pereyra, The differentiation of pseudo-inverses and nonlinear least squares problems whose "
    "variables separate, SIAM J. Numer. Anal. 10 (1973) 413"
)


def _qr_vjp(s: Shapes) -> tuple[str]:
    rows = s[0][0]
    lines = [
        f"q = v[:{rows}]", f"r = v[{rows}:]", f"t = r @ g[{rows}:]' - g[:{rows}]' @ q",
        f"solve(r, (g[:{rows}] + q @ copyltu(t))')'",
    ]  # fmt: skip
    return ("; ".join(lines),)


def _qr_jvp(s: Shapes) -> tuple[str]:
    rows = s[0][0]
    lines = [
        f"q = v[:{rows}]", f"r = v[{rows}:]", "t = solve(r', da')'", "x = q' @ t", "s = tril(x) - diag(diag(x))",
        "y = x - s + s'", "concat(t - q @ y, y @ r)",
    ]  # fmt: skip
    return ("; ".join(lines),)


def _lstsq_vjp(s: Shapes) -> tuple[str, str]:
    z = f"r = qr(a)[{s[0][0]}:]; z = solve(r, solve(r', g))"
    if len(s[1]) == 1:
        return f"{z}; outer(b - a @ v, z) - outer(a @ z, v)", f"{z}; a @ z"
    return f"{z}; (b - a @ v) @ z' - (a @ z) @ v'", f"{z}; a @ z"


def _lstsq_jvp(s: Shapes) -> tuple[str, str]:
    factor = f"r = qr(a)[{s[0][0]}:]"
    return f"{factor}; solve(r, solve(r', da' @ (b - a @ v))) - lstsq(a, da @ v)", "lstsq(a, db)"


def _third(s: Shapes, x: str) -> str:
    """What the first operand of `cofactor_along` receives from x, or adds by moving along it: D³det(a)[b, x].

    It is that of a cubic form: none of two rows, constant for three, and else by Jacobi's formula, d det = tr(adj dA).
    """
    if s[0][0] < 3:
        return f"0 * {x}"
    if s[0][0] == 3:
        return f"cofactor_along({x}, b)"
    terms = [
        "(trace(p) * trace(q) - trace(p @ q)) * t", "trace(p) * q @ t", "trace(q) * p @ t", "p @ q @ t", "q @ p @ t",
    ]  # fmt: skip
    total = f"{terms[0]} - {terms[1]} - {terms[2]} + {terms[3]} + {terms[4]}"
    return f"t = inv(a); p = t @ b; q = t @ {x}; det(a) * ({total})'"


def _cofactor_along_vjp(s: Shapes) -> tuple[str, str]:
    return _third(s, "g"), "cofactor_along(a, g)"


def _cofactor_along_jvp(s: Shapes) -> tuple[str, str]:
    return _third(s, "da"), "cofactor_along(a, db)"


LINALG = (
    plain(
        "det", "determinant", ((_SQUARE,), ([[1.0, 2.0], [2.0, 4.0]],)),
        tex=r"\det", rounding="det", terms=NO_SUM, shape=shapes.of_square("det", scalar=True),
        vjp=("g * cofactor(a)",), jvp=("sum(cofactor(a) * da)",),
    ),
    plain(
        "cofactor", "matrix of the cofactors: det(a) * inv(a)'", ((_SQUARE,),),
        complex=NOT_ANALYTIC,
        rounding="cofactor", terms=NO_SUM, mixes=True, cancels=True, shape=shapes.of_square("cofactor", scalar=False),
        vjp=("cofactor_along(a, g)",), jvp=("cofactor_along(a, da)",),
        tex=r"\operatorname{cof}",
    ),
    plain(
        "cofactor_along", "how cofactor(a) changes along b: the second derivative of det(a), also where that is 0",
        ((_SQUARE, [[1.0, 0.5, -1.0], [2.0, 0.3, 0.2], [-0.5, 1.0, 0.7]]),), complex=NOT_ANALYTIC,
        rounding="cofactor_along", terms=NO_SUM, mixes=True, cancels=True, shape=shapes.two_squares("cofactor_along"),
        counts=(2, 2), vjp=_cofactor_along_vjp, jvp=_cofactor_along_jvp,
        tex=r"\mathrm{D}{\operatorname{cof}}(#1)[#2]",
    ),
    plain(
        "logdet", "logarithm of the absolute value of the determinant", ((_SQUARE,),),
        complex=OWN, rounding="logdet", terms=NO_SUM, shape=shapes.of_square("logdet", scalar=True),
        vjp=("g * inv(a)'",), jvp=("trace(solve(a, da))",),
        domain="det(a) != 0",
        tex=r"\log\lvert\det(#1)\rvert",
    ),
    plain(
        "inv", "inverse of a matrix", ((_SQUARE,),),
        tex=r"#1^{-1}", rounding="solve", terms=NO_SUM, shape=shapes.of_square("inv", scalar=False),
        vjp=("-v' @ g @ v'",), jvp=("-v @ da @ v",), domain="det(a) != 0",
    ),
    plain(
        "solve", "x with a @ x = b", ((_SQUARE, [1.0, 2.0, 3.0]), (_SQUARE, _TALL)),
        rounding="solve", terms=NO_SUM, shape=shapes.solved, counts=(2, 2),
        vjp=_solve_vjp, jvp=("-solve(a, da @ v)", "solve(a, db)"), domain="det(a) != 0",
        tex=r"#1^{-1} #2",
    ),
    plain(
        "solve_triangular", "x with t @ x = b for the upper triangle t of a, or for the lower one if c is 1",
        ((_SQUARE, [1.0, 2.0, 3.0]), (_SQUARE, _TALL, 1.0), (_SQUARE, [1.0, 2.0, 3.0], 0.0)),
        rounding="solve_triangular", terms=NO_SUM, shape=matrix_shapes.solved_triangle, counts=(2, 3), by=(0, 1),
        vjp=_solve_triangular_vjp, jvp=_solve_triangular_jvp, domain="no 0 on the diagonal of a",
    ),
    plain(
        "cholesky", "lower triangle v with v @ v' = (a + a') / 2", ((_SQUARE,),),
        complex=NOT_ANALYTIC, rounding="cholesky", terms=NO_SUM, shape=shapes.of_square("cholesky", scalar=False),
        vjp=("t = copyltu(v' @ g); solve(v', solve(v', t)') / 2",),
        jvp=("t = solve(v, solve(v, (da + da') / 2)'); v @ (tril(t) - diag(diag(t)) / 2)",),
        domain="a positive definite", source="Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527",
        tex=r"\operatorname{chol}",
    ),
    plain(
        "qr", "Q with orthonormal columns and R below it, a triangle with a positive diagonal; Q @ R = a",
        ((_SQUARE,), (_TALL,)), complex=NOT_ANALYTIC,
        rounding="qr", terms=NO_SUM, mixes=True, shape=shapes.qr, vjp=_qr_vjp, jvp=_qr_jvp,
        parts=("v[:length(a)]", "v[length(a):]"),
        domain="the columns of a independent",
        source="Walter and Lehmann, Algorithmic differentiation of linear algebra functions, arXiv:1009.6112",
    ),
    plain(
        "lstsq", "the x for which a @ x is nearest to b", ((_TALL, [1.0, 2.0, 3.0]), (_TALL, _SQUARE)),
        complex=NOT_ANALYTIC, rounding="lstsq", terms=NO_SUM, mixes=True,
        shape=shapes.least_squares, counts=(2, 2), vjp=_lstsq_vjp, jvp=_lstsq_jvp,
        domain="the columns of a independent",
        source=_PSEUDO,
        tex=r"#1^{+} #2",
    ),
    plain(
        "pinv", "pseudoinverse: v @ b is the shortest of all x for which a @ x is nearest to b",
        ((_TALL,), ([[1.0, 0.5, 3.0], [2.0, -1.0, 0.3]],), (_SQUARE,)),
        tex=r"#1^{+}", complex=NOT_ANALYTIC, rounding="pinv", terms=NO_SUM, mixes=True,
        shape=matrix_shapes.pseudoinverse, vjp=_pinv_vjp, jvp=_pinv_jvp,
        domain="the columns of a, or its rows, independent", source=_PSEUDO,
    ),
)  # fmt: skip

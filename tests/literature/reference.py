"""The problems of optimization once more, in Python over any kind of number: what the programs are held against.

A function has the name of its program, takes its inputs in their order and gives its outputs in theirs.
"""

from __future__ import annotations

from math import prod
from typing import Any

from mpmath import atan, cos, exp, log, mp, pi, sin, sqrt

from .data import BARD, HARTMANN3, HARTMANN6, KOWALIK_OSBORNE, MEYER, OSBORNE, SHEKEL

Numbers = Any


def dot(a: Numbers, b: Numbers) -> Any:
    return sum(u * v for u, v in zip(a, b, strict=True))


def squares(values: Numbers) -> Any:
    return sum(value * value for value in values)


def root2(number: float) -> Any:
    """A square root as the program has it, rounded to a double."""
    return float(sqrt(number))


# --- Hock and Schittkowski ------------------------------------------------------------------------


def valley(u: Any, v: Any, steepness: int = 100) -> Any:
    return steepness * (v - u * u) * (v - u * u) + (u - 1) * (u - 1)


def hs001(a: Any, b: Any) -> list[Any]:
    return [valley(a, b)]


def hs002(a: Any, b: Any) -> list[Any]:
    return [valley(a, b), b - 1.5]


def hs003(a: Any, b: Any) -> list[Any]:
    return [b + 1e-5 * (a - b) ** 2]


def hs004(a: Any, b: Any) -> list[Any]:
    return [(a**3 + 3 * a**2 + 3 * a + 1) / 3 + b]


def hs005(a: Any, b: Any) -> list[Any]:
    return [sin(a) * cos(b) + cos(a) * sin(b) + a * a - 2 * a * b + b * b - 3 * a / 2 + 5 * b / 2 + 1]


def hs006(x: Numbers) -> list[Any]:
    return [x[0] ** 2 - 2 * x[0] + 1, 10 * x[1] - 10 * x[0] ** 2]


def hs007(a: Any, b: Any) -> list[Any]:
    return [log(1 + a * a) - b, a**4 + 2 * a**2 + b**2 - 3]


def hs010(a: Any, b: Any) -> list[Any]:
    return [a - b, 1 - 2 * a * a - (a - b) ** 2]


def hs012(a: Any, b: Any) -> list[Any]:
    return [a * a / 2 + b * (b - a) - 7 * (a + b), 25 - (2 * a) ** 2 - b * b]


def hs014(a: Any, b: Any) -> list[Any]:
    return [squares([a - 2, b - 1]), 1 - squares([a / 2, b]), a + 1 - 2 * b]


def hs015(a: Any, b: Any) -> list[Any]:
    return [valley(a, b), a * b - 1, a + b * b]


def hs021(a: Any, b: Any) -> list[Any]:
    return [0.01 * a * a + b * b - 100, 10 * a - b - 10, a - 2]


def hs022(a: Any, b: Any) -> list[Any]:
    return [squares([a - 2, b - 1]), [2 - a - b, b - a * a]]


def hs024(a: Any, b: Any) -> list[Any]:
    root = root2(3)
    return [a * (a - 6) * b**3 / (27 * root), [a / root - b, a + root * b, 6 - a - root * b]]


def hs026(x: Numbers) -> list[Any]:
    a, b, c = x
    return [(a - b) ** 2 + (b - c) ** 4, a + a * b * b + c**4 - 3]


def hs028(x: Numbers) -> list[Any]:
    a, b, c = x
    return [squares([a + b, b + c]), a + 2 * b + 3 * c - 1]


def hs035(x: Numbers) -> list[Any]:
    a, b, c = x
    return [9 - dot([8, 6, 4], x) + a * a + b * b + (a + b) ** 2 + c * (c + 2 * a), 3 - a - b - 2 * c]


def hs038(a: Any, b: Any, c: Any, d: Any) -> list[Any]:
    return [valley(a, b) + valley(c, d, 90) + 10.1 * squares([b - 1, d - 1]) + 19.8 * (b - 1) * (d - 1)]


def hs039(x: Numbers) -> list[Any]:
    a, b, c, d = x
    return [-a, b - a**3 - c * c, a * a - b - d * d]


def hs040(x: Numbers) -> list[Any]:
    a, b, c, d = x
    return [-a * b * c * d, [a**3 + b * b - 1, a * a * d - c, d * d - b]]


def hs043(x: Numbers) -> list[Any]:
    a, b, c, d = x
    return [
        dot([1, 1, 2, 1], [a * a, b * b, c * c, d * d]) - dot([5, 5, 21, -7], x),
        8 - squares(x) - a + b - c + d,
        10 - squares(x) - b * b - d * d + a + d,
        5 - squares([a, a, b, c]) - 2 * a + b + d,
    ]


def hs045(x: Numbers) -> list[Any]:
    return [2 - prod(x) / 120, [k + 1 - x[k] for k in range(5)]]


def hs048(*x: Any) -> list[Any]:
    return [squares([x[0] - 1, x[1] - x[2], x[3] - x[4]]), sum(x) - 5, x[2] - 2 * x[3] - 2 * x[4] + 3]


def hs049(*x: Any) -> list[Any]:
    f = squares([x[0] - x[1], x[2] - 1, (x[3] - 1) ** 2, (x[4] - 1) ** 3])
    return [f, x[0] + x[1] + x[2] + 4 * x[3] - 7, x[2] + 5 * x[4] - 6]


def hs050(x: Numbers) -> list[Any]:
    a, b, c, d, e = x
    f = squares([a - b, b - c, (c - d) ** 2, d - e])
    return [f, [dot([1, 2, 3], x[k : k + 3]) - 6 for k in range(3)]]


def hs051(x: Numbers, factor: int = 1, first: int = 4) -> list[Any]:
    a, b, c, d, e = x
    return [squares([factor * a - b, b + c - 2, d - 1, e - 1]), [a + 3 * b - first, c + d - 2 * e, b - e]]


def hs052(x: Numbers) -> list[Any]:
    return hs051(x, 4, 0)


def hs071(*x: Any) -> list[Any]:
    return [x[0] * x[3] * sum(x[:3]) + x[2], prod(x) - 25, squares(x) - 40]


def hs076(x: Numbers) -> list[Any]:
    a, b, c, d = x
    f = a * (a - c - 1) + b * (b / 2 - 3) + c * (c + d + 1) + d * (d / 2 - 1)
    return [f, [5 - a - 2 * b - c - d, 4 - 3 * a - b - 2 * c + d, b + 4 * c - 1.5]]


def hs077(*x: Any) -> list[Any]:
    a, b, c, d, e = x
    f = squares([a - 1, a - b, c - 1, (d - 1) ** 2, (e - 1) ** 3])
    return [f, a * a * d + sin(d - e) - 2 * root2(2), b + c**4 * d**2 - 8 - root2(2)]


def hs078(x: Numbers) -> list[Any]:
    a, b, c, d, e = x
    return [a * b * c * d * e, squares(x) - 10, b * c - 5 * d * e, a**3 + b**3 + 1]


def hs079(x: Numbers) -> list[Any]:
    a, b, c, d, e = x
    f = squares([a - 1, a - b, b - c, (c - d) ** 2, (d - e) ** 2])
    return [f, a + b * b + c**3 - 2 - 3 * root2(2), b - c * c + d + 2 - 2 * root2(2), a * e - 2]


def hs100(x: Numbers) -> list[Any]:
    a, b, c, d, e, f, g = x
    value = (a - 10) ** 2 + 5 * (b - 12) ** 2 + c**4 + 3 * (d - 11) ** 2 + 10 * e**6
    value += f * (7 * f - 4 * g - 10) + g * (g**3 - 8)
    return [
        value,
        127 - 2 * a * a - 3 * b**4 - c - 4 * d * d - 5 * e,
        282 - 7 * a - 3 * b - 10 * c * c - d + e,
        196 - 23 * a - b * b - 6 * f * f + 8 * g,
        b * (3 * a - b) - 4 * a * a - 2 * c * c - 5 * f + 11 * g,
    ]


def hs110(x: Numbers) -> list[Any]:
    return [squares([log(v - 2) for v in x] + [log(10 - v) for v in x]) - prod(x) ** 0.2]


def hs113(x: Numbers) -> list[Any]:
    a, b, c, d, e, f, g, h, i, j = x
    value = a * (a + b - 14) + b * (b - 16) + squares([c - 10, 2 * (d - 5), e - 3, j - 7]) + 45
    value += 2 * (f - 1) ** 2 + 5 * g * g + 7 * (h - 11) ** 2 + 2 * (i - 10) ** 2
    return [
        value,
        [
            105 - dot([4, 5, -3, 9], [a, b, g, h]),
            dot([-10, 8, 17, -2], [a, b, g, h]),
            dot([8, -2, -5, 2], [a, b, i, j]) + 12,
            120 - 3 * (a - 2) ** 2 - 4 * (b - 3) ** 2 - 2 * c * c + 7 * d,
            40 - 5 * a * a - 8 * b - (c - 6) ** 2 + 2 * d,
            30 - (a - 8) ** 2 / 2 - 2 * (b - 4) ** 2 - 3 * e * e + f,
            a * (2 * b - a) - 2 * (b - 2) ** 2 - 14 * e + 6 * f,
            3 * a - 6 * b - 12 * (i - 8) ** 2 + 7 * j,
        ],
    ]


# --- Moré, Garbow and Hillstrom -------------------------------------------------------------------


def mgh01_rosenbrock(x: Numbers) -> list[Any]:
    return [valley(*x)]


def mgh02_freudenstein_roth(a: Any, b: Any) -> list[Any]:
    return [squares([-13 + a + 5 * b**2 - b**3 - 2 * b, -29 + a + b**3 + b**2 - 14 * b])]


def mgh03_powell_badly_scaled(a: Any, b: Any) -> list[Any]:
    return [squares([10**4 * a * b - 1, exp(-a) + exp(-b) - 1.0001])]


def mgh04_brown_badly_scaled(a: Any, b: Any) -> list[Any]:
    return [squares([a - 10**6, b - 2e-6, a * b - 2])]


def mgh05_beale(x: Numbers) -> list[Any]:
    a, b = x
    return [squares([1.5 - a + a * b, 2.25 - a + a * b**2, 2.625 - a + a * b**3])]


def mgh06_jennrich_sampson(x: Numbers) -> list[Any]:
    return [squares(2 + 2 * i - exp(i * x[0]) - exp(i * x[1]) for i in range(1, 11))]


def mgh07_helical_valley(a: Any, b: Any, c: Any) -> list[Any]:
    turn = atan(b / a) / (2 * pi) + (0 if a > 0 else 0.5)
    return [squares([10 * c - 100 * turn, 10 * sqrt(a * a + b * b) - 10, c])]


def mgh08_bard(a: Any, b: Any, c: Any) -> list[Any]:
    return [squares(y - a - i / ((16 - i) * b + min(i, 16 - i) * c) for i, y in enumerate(BARD, 1))]


def mgh09_gaussian(a: Any, b: Any, c: Any) -> list[Any]:
    y = [0.0009, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989]
    return [squares(a * exp(-b * (4 - i / 2 - c) ** 2 / 2) - y[min(i, 16 - i) - 1] for i in range(1, 16))]


def mgh10_meyer(x: Numbers) -> list[Any]:
    return [squares(x[0] * exp(x[1] / (50 + 5 * i + x[2])) - y for i, y in enumerate(MEYER))]


def mgh11_gulf(a: Any, b: Any, c: Any) -> list[Any]:
    y = [25 + (-50 * log(i / mp.mpf(100))) ** (mp.mpf(2) / 3) for i in range(1, 100)]
    return [squares(exp(-(abs(v - b) ** c) / a) - i / mp.mpf(100) for i, v in enumerate(y, 1))]


def mgh12_box(a: Any, b: Any, c: Any) -> list[Any]:
    t = [i / mp.mpf(10) for i in range(1, 11)]
    return [squares(exp(-s * a) - exp(-s * b) - c * (exp(-s) - exp(-10 * s)) for s in t)]


def mgh13_powell_singular(x: Numbers) -> list[Any]:
    a, b, c, d = x
    return [(a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4]


def mgh15_kowalik_osborne(a: Any, b: Any, c: Any, d: Any) -> list[Any]:
    return [squares(y - a * u * (u + b) / (u * (u + c) + d) for u, y in KOWALIK_OSBORNE)]


def mgh16_brown_dennis(x: Numbers) -> list[Any]:
    t = [i / mp.mpf(5) for i in range(1, 21)]
    pairs = [(x[0] + s * x[1] - exp(s), x[2] + sin(s) * x[3] - cos(s)) for s in t]
    return [squares(squares(pair) for pair in pairs)]


def mgh17_osborne1(a: Any, b: Any, c: Any, d: Any, e: Any) -> list[Any]:
    return [squares(y - a - b * exp(-10 * i * d) - c * exp(-10 * i * e) for i, y in enumerate(OSBORNE))]


def mgh18_biggs_exp6(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any) -> list[Any]:
    def residual(t: Any) -> Any:
        return c * exp(-t * a) - d * exp(-t * b) + f * exp(-t * e) - exp(-t) + 5 * exp(-10 * t) - 3 * exp(-4 * t)

    return [squares(residual(i / mp.mpf(10)) for i in range(1, 14))]


def mgh20_watson(x: Numbers) -> list[Any]:
    def residual(t: Any) -> Any:
        return sum(j * v * t ** (j - 1) for j, v in enumerate(x) if j) - sum(v * t**j for j, v in enumerate(x)) ** 2 - 1

    return [squares([*(residual(i / mp.mpf(29)) for i in range(1, 30)), x[0], x[1] - x[0] ** 2 - 1])]


def mgh21_extended_rosenbrock(x: Numbers) -> list[Any]:
    return [sum(valley(x[k], x[k + 1]) for k in range(0, len(x), 2))]


def mgh23_penalty1(x: Numbers) -> list[Any]:
    return [1e-5 * squares(v - 1 for v in x) + (squares(x) - 0.25) ** 2]


def mgh25_variably_dimensioned(x: Numbers) -> list[Any]:
    s = sum(j * (v - 1) for j, v in enumerate(x, 1))
    return [squares([v - 1 for v in x]) + s**2 + s**4]


def mgh26_trigonometric(x: Numbers) -> list[Any]:
    free = sum(1 - cos(v) for v in x)
    return [squares(free + i * (1 - cos(v)) - sin(v) for i, v in enumerate(x, 1))]


def mgh27_brown_almost_linear(x: Numbers) -> list[Any]:
    return [squares([v + sum(x) - 11 for v in x[:9]] + [prod(x) - 1])]


def mgh28_discrete_boundary_value(x: Numbers) -> list[Any]:
    y, h = [0, *x, 0], mp.mpf(1) / 10
    return [squares(2 * y[k] - y[k - 1] - y[k + 1] + h * h * (y[k] + k * h + 1) ** 3 / 2 for k in range(1, 10))]


def mgh30_broyden_tridiagonal(x: Numbers) -> list[Any]:
    y = [0, *x, 0]
    return [squares(3 * y[k] - 2 * y[k] ** 2 - y[k - 1] - 2 * y[k + 1] + 1 for k in range(1, 11))]


def mgh35_chebyquad(x: Numbers) -> list[Any]:
    from mpmath import chebyt

    n = len(x)
    means = [sum(chebyt(i, 2 * v - 1) for v in x) / n for i in range(1, n + 1)]
    return [squares(m - (0 if i % 2 else mp.mpf(1) / (1 - i * i)) for i, m in enumerate(means, 1))]


# --- functions for tests of global optimization ---------------------------------------------------


def ackley(x: Numbers) -> list[Any]:
    n = len(x)
    return [20 - 20 * exp(-sqrt(squares(x) / n) * 0.2) - exp(sum(cos(2 * pi * v) for v in x) / n) + exp(1)]


def rastrigin(x: Numbers) -> list[Any]:
    return [sum(v * v + 20 * sin(pi * v) ** 2 for v in x)]


def griewank(x: Numbers) -> list[Any]:
    return [1 + squares(x) / 4000 - prod(cos(v / sqrt(i)) for i, v in enumerate(x, 1))]


def himmelblau(a: Any, b: Any) -> list[Any]:
    return [squares([a * a + b - 11, a + b * b - 7])]


def goldstein_price(x: Any, y: Any) -> list[Any]:
    s, d = x + y, 2 * x - 3 * y
    left = 1 + (s + 1) ** 2 * (19 - 14 * s + 3 * s * s)
    return [left * (30 + d * d * (18 - 16 * d + 3 * d * d))]


def branin(a: Any, b: Any) -> list[Any]:
    return [(b - 5.1 * (a / (2 * pi)) ** 2 + 5 * a / pi - 6) ** 2 + 10 * ((1 - 1 / (8 * pi)) * cos(a) + 1)]


def hartmann(x: Numbers, tables: Numbers) -> list[Any]:
    rows = zip([1, 1.2, 3, 3.2], *tables, strict=True)
    return [-sum(c * exp(-sum(a * (v - p) ** 2 for a, v, p in zip(A, x, P, strict=True))) for c, A, P in rows)]


def hartmann3(x: Numbers) -> list[Any]:
    return hartmann(x, HARTMANN3)


def hartmann6(x: Numbers) -> list[Any]:
    return hartmann(x, HARTMANN6)


def shekel(x: Numbers) -> list[Any]:
    return [-sum(1 / (squares(v - c for v, c in zip(x, hole, strict=True)) + beta) for beta, hole in SHEKEL)]


def levy(x: Numbers) -> list[Any]:
    w = [(v + 3) / 4 for v in x]
    inner = sum((v - 1) ** 2 * (1 + 10 * sin(pi * v + 1) ** 2) for v in w[:-1])
    return [sin(pi * w[0]) ** 2 + inner + (w[-1] - 1) ** 2 * (1 + sin(2 * pi * w[-1]) ** 2)]


def michalewicz(x: Numbers) -> list[Any]:
    return [-sum(sin(v) * sin(i * v * v / pi) ** 20 for i, v in enumerate(x, 1))]


def easom(x: Numbers) -> list[Any]:
    return [-cos(x[0]) * cos(x[1]) * exp(-((x[0] - pi) ** 2) - (x[1] - pi) ** 2)]


def six_hump_camel(x: Any, y: Any) -> list[Any]:
    return [4 * x**2 - 2.1 * x**4 + x**6 / 3 + x * y - 4 * y**2 + 4 * y**4]


def styblinski_tang(x: Numbers) -> list[Any]:
    return [sum(v * (v * (v * v - 16) + 5) for v in x) / 2]

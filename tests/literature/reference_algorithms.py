"""What the algorithms compute, by other means: closed forms, or another algorithm (see reference.py)."""

# ruff: noqa: N803, N806  # names as in the literature

from __future__ import annotations

from itertools import product
from math import comb
from typing import Any

from mpmath import acos, cos, erf, exp, findroot, gamma, log, matrix, mp, mpf, pi, sin, sqrt
from mpmath import lu_solve as solve

from .data import WATER
from .reference import Numbers, dot, squares


def agm(k: Any) -> list[Any]:
    return [mp.ellipk(k * k)]


def lanczos(x: Any) -> list[Any]:
    return [gamma(x)]


def romberg(a: Any, b: Any) -> list[Any]:
    return [log(b / a)]


def adaptive_simpson(a: Any, b: Any) -> list[Any]:
    return [sqrt(pi) / 2 * (erf(b) - erf(a))]


def gauss_legendre(a: Any, b: Any) -> list[Any]:
    return [exp(b) - exp(a)]


def crank_nicolson(diffusivity: Any, time: Any) -> list[Any]:
    """A sine stays one, and each step shrinks it by the same factor."""
    r = diffusivity * time / 4 * 100 * (1 - cos(pi / 10))
    return [((1 - r) / (1 + r)) ** 4]


def lu_pivoting(A: Numbers, b: Numbers) -> list[Any]:
    return [list(solve(matrix(A), matrix(b)))]


def power_iteration(A: Numbers) -> list[Any]:
    values = mp.eig(matrix(A), left=False, right=False)
    return [max(value.real for value in values)]


def gram_schmidt(A: Numbers) -> list[Any]:
    """The triangle of Cholesky's factorization of A' A."""
    return [mp.cholesky(matrix(A).T * matrix(A)).T.tolist()]


def cox_de_boor(x: Any, control: Numbers) -> list[Any]:
    """The pieces of the uniform cubic, by Schoenberg's truncated powers."""

    def basis(u: Any) -> Any:
        return sum((-1) ** k * comb(4, k) * max(u - k, 0) ** 3 for k in range(5)) / 6

    return [sum(c * basis(x - i) for i, c in enumerate(control))]


def de_casteljau(t: Any, points: Numbers) -> list[Any]:
    weights = [comb(3, k) * t**k * (1 - t) ** (3 - k) for k in range(4)]
    return [dot(weights, [p[axis] for p in points]) for axis in range(2)]


def dormand_prince(y0: Numbers, mu: Any, h: Any) -> list[Any]:
    q = mpf
    rows = [
        [],
        [q(1) / 5],
        [q(3) / 40, q(9) / 40],
        [q(44) / 45, -q(56) / 15, q(32) / 9],
        [q(19372) / 6561, -q(25360) / 2187, q(64448) / 6561, -q(212) / 729],
        [q(9017) / 3168, -q(355) / 33, q(46732) / 5247, q(49) / 176, -q(5103) / 18656],
        [q(35) / 384, 0, q(500) / 1113, q(125) / 192, -q(2187) / 6784, q(11) / 84],
    ]
    error = [q(71) / 57600, 0, -q(71) / 16695, q(71) / 1920, -q(17253) / 339200, q(22) / 525, -q(1) / 40]
    y = list(y0)
    for _ in range(3):
        slopes: list[Any] = []
        for row in rows:
            u, v = (y[i] + h * sum(a * s[i] for a, s in zip(row, slopes, strict=True)) for i in range(2))
            slopes.append([v, mu * (1 - u * u) * v - u])
        y = [u, v]
        estimate = sqrt(squares(h * dot(error, [s[i] for s in slopes]) for i in range(2)))
    return [y, estimate]


def kalman(process: Any, noise: Any, measured: Numbers) -> list[Any]:
    """All measurements at once are normal with a mean and a matrix of covariances."""
    n = len(measured)
    F, Q = matrix([[1, 1], [0, 1]]), process**2 * matrix([[mpf(1) / 3, mpf(1) / 2], [mpf(1) / 2, 1]])
    covariance = mp.zeros(n)
    P = mp.eye(2)
    for k in range(n):
        P = F * P * F.T + Q
        moved = P.copy()
        for later in range(k, n):
            covariance[k, later] = covariance[later, k] = moved[0, 0] + (noise**2 if later == k else 0)
            moved = F * moved
    residual = matrix([m - k for k, m in enumerate(measured, 1)])
    distance = (residual.T * solve(covariance, residual))[0]
    return [-(n * log(2 * pi) + log(mp.det(covariance)) + distance) / 2]


def hidden_markov(start: Numbers, transition: Numbers, emission: Numbers) -> list[Any]:
    """The sum over all paths."""
    total = mpf(0)
    seen = [0, 1, 2, 1]
    for path in product(range(2), repeat=4):
        p = start[path[0]] * emission[path[0]][seen[0]]
        for t in range(1, 4):
            p *= transition[path[t - 1]][path[t]] * emission[path[t]][seen[t]]
        total += p
    return [log(total)]


def binomial_tree(S: Any, K: Any, r: Any, v: Any, T: Any) -> list[Any]:
    up = exp(v * sqrt(T / 5))
    p = (exp(r * T / 5) - 1 / up) / (up - 1 / up)

    def value(step: int, height: int) -> Any:
        now = max(K - S * up**height, 0)
        if step == 5:
            return now
        later = p * value(step + 1, height + 1) + (1 - p) * value(step + 1, height - 1)
        return max(now, exp(-r * T / 5) * later)

    return [value(0, 0)]


def peng_robinson(T: Any, P: Any) -> list[Any]:
    """The largest root, where it was found as a root of the equation in the molar volume."""
    Tc, Pc, w, R = 369.83, 4.248e6, 0.152, 8.31446261815324
    a = 0.45724 * (R * Tc) ** 2 / Pc * (1 + (0.37464 + 1.54226 * w - 0.26992 * w * w) * (1 - sqrt(T / Tc))) ** 2
    b = 0.0778 * R * Tc / Pc

    def rest(Z: Any) -> Any:
        V = Z * R * T / P
        return 1 - R * T / (V - b) / P + a / (V * (V + b) + b * (V - b)) / P

    return [findroot(rest, mpf(9) / 10)]


def colebrook(Re: Any, roughness: Any) -> list[Any]:
    x = findroot(lambda x: x + 2 * log(roughness / 3.7 + 2.51 * x / Re) / log(10), 7)
    return [1 / x**2]


def slerp(p: Numbers, q: Numbers, t: Any) -> list[Any]:
    """The first one, turned by a part of the angle in the plane of both."""
    p = [v / sqrt(squares(p)) for v in p]
    q = [v / sqrt(squares(q)) for v in q]
    sign = 1 if dot(p, q) >= 0 else -1
    across = [sign * b - sign * dot(p, q) * a for a, b in zip(p, q, strict=True)]
    angle = acos(sign * dot(p, q)) * t
    return [[a * cos(angle) + c * sin(angle) / sqrt(squares(across)) for a, c in zip(p, across, strict=True)]]


def soft_dtw(x: Numbers, y: Numbers, g: Any) -> list[Any]:
    """The soft minimum over all ways through the table."""

    def ways(i: int, j: int) -> Any:
        cost = exp(-((x[i] - y[j]) ** 2) / g)
        if i == j == 0:
            return cost
        before = [(i - 1, j), (i, j - 1), (i - 1, j - 1)]
        return cost * sum(ways(a, b) for a, b in before if a >= 0 and b >= 0)

    return [-g * log(ways(len(x) - 1, len(y) - 1))]


def attention(Q: Numbers, K: Numbers, V: Numbers) -> list[Any]:
    rows = []
    for i, query in enumerate(Q):
        weights = [exp(dot(query, key) / sqrt(2)) for key in K[: i + 1]]
        rows.append([dot(weights, [v[k] for v in V[: i + 1]]) / sum(weights) for k in range(2)])
    return [rows]


def fft(x: Numbers) -> list[Any]:
    """The power by the sum itself, and Parseval's theorem."""
    angles = [2 * pi * j / 8 for j in range(8)]
    return [dot(x, map(cos, angles)) ** 2 + dot(x, map(sin, angles)) ** 2, squares(x)]


def newton_system(radius: Any, rate: Any) -> list[Any]:
    return [list(findroot(lambda x, y: [x * x + y * y - radius**2, exp(rate * x) + y - 1], (1, -1.7)))]


def heat_index(T: Any, RH: Any) -> list[Any]:
    c = [
        [-42.379, 10.14333127, -5.481717e-2],
        [2.04901523, -0.22475541, 8.5282e-4],
        [-6.83783e-3, 1.22874e-3, -1.99e-6],
    ]
    return [sum(c[i][j] * T**i * RH**j for i in range(3) for j in range(3))]


def water(T: Any, p: Any) -> list[Any]:
    """With the derivatives of the release, written out."""
    R, P, t = 0.461526, p / 16.53, 1386 / T
    terms = [(n * (7.1 - P) ** i * (t - 1.222) ** j, i, j) for i, j, n in WATER]
    u, v = 7.1 - P, t - 1.222
    g = sum(g for g, _, _ in terms)
    gp, gt = -sum(g * i for g, i, _ in terms) / u, sum(g * j for g, _, j in terms) / v
    gpp = sum(g * i * (i - 1) for g, i, _ in terms) / u**2
    gtt = sum(g * j * (j - 1) for g, _, j in terms) / v**2
    gpt = -sum(g * i * j for g, i, j in terms) / (u * v)
    sound = gp**2 / ((gp - t * gpt) ** 2 / (t**2 * gtt) - gpp)
    return [
        P * gp * R * T / (1000 * p),
        t * gt * R * T,
        (t * gt - g) * R,
        -(t**2) * gtt * R,
        sqrt(1000 * R * T * sound),
    ]

"""The models, integrators and kernels once more, in Python over any kind of number (see reference.py)."""

# ruff: noqa: N803, N806  # names as in the literature

# ruff: noqa: N803, N806  # names as in the literature

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from mpmath import (
    acos,
    asin,
    atan,
    atan2,
    cbrt,
    cos,
    erfc,
    exp,
    findroot,
    floor,
    log,
    matrix,
    mp,
    mpf,
    pi,
    sin,
    sqrt,
    tan,
)
from mpmath import lu_solve as solve

from .reference import Numbers, dot, squares


def normal(d: Any) -> Any:
    return erfc(-d / sqrt(2)) / 2


def bundle_adjustment(r: Numbers, t: Numbers, f: Any, k1: Any, k2: Any, X: Numbers, seen: Numbers, w: Any) -> list[Any]:
    """The rotation as a matrix, I + sin(θ) K + (1 - cos(θ)) K^2."""
    angle = sqrt(squares(r))
    K = matrix([[0, -r[2], r[1]], [r[2], 0, -r[0]], [-r[1], r[0], 0]]) / angle
    P = (mp.eye(3) + sin(angle) * K + (1 - cos(angle)) * K * K) * matrix(X) + matrix(t)
    u, v = -P[0] / P[2], -P[1] / P[2]
    s = u * u + v * v
    return [[w * (f * (1 + k1 * s + k2 * s * s) * c - o) for c, o in zip((u, v), seen, strict=True)]]


def lstm(x: Numbers, hidden: Numbers, cell: Numbers, W: Numbers, U: Numbers, b: Numbers) -> list[Any]:
    z = [dot(W[k], x) + dot(U[k], hidden) + b[k] for k in range(8)]
    gate = [1 / (1 + exp(-v)) for v in z[:6]]
    new = [gate[2 + k] * cell[k] + gate[k] * mp.tanh(z[6 + k]) for k in range(2)]
    return [new, [gate[4 + k] * mp.tanh(new[k]) for k in range(2)]]


def rk4(f: Callable[[Numbers], Numbers], u: Numbers, h: Any, steps: int) -> Numbers:
    def moved(by: Any, k: Numbers) -> Numbers:
        return [a + by * s for a, s in zip(u, k, strict=True)]

    for _ in range(steps):
        k1 = f(u)
        k2 = f(moved(h / 2, k1))
        k3 = f(moved(h / 2, k2))
        k4 = f(moved(h, k3))
        u = moved(h / 6, [a + 2 * b + 2 * c + d for a, b, c, d in zip(k1, k2, k3, k4, strict=True)])
    return u


def lotka_volterra(x0: Any, y0: Any, a: Any, b: Any, d: Any, g: Any) -> list[Any]:
    x, y = rk4(lambda u: [u[0] * (a - b * u[1]), u[1] * (d * u[0] - g)], [x0, y0], mpf(2) / 8, 8)
    return [x, y, d * (x - x0) - g * log(x / x0) + b * (y - y0) - a * log(y / y0)]


def brusselator(u: Numbers, a: Any, b: Any) -> list[Any]:
    return [rk4(lambda y: [a + y[0] * (y[0] * y[1] - b - 1), y[0] * (b - y[0] * y[1])], u, mpf(1) / 10, 10)]


def reaction(y: Numbers, k: Numbers) -> tuple[Any, Any]:
    """The rates of Robertson's reaction and their matrix of derivatives."""
    a, b, c = y
    slow, quick, back = k[0] * a, k[1] * b * b, k[2] * b * c
    rows = [[-k[0], k[2] * c, k[2] * b], [k[0], -k[2] * c - 2 * k[1] * b, -k[2] * b], [0, 2 * k[1] * b, 0]]
    return matrix([back - slow, slow - back - quick, quick]), matrix(rows)


def robertson(y0: Numbers, *k: Any) -> list[Any]:
    """Implicit Euler, solved to the end."""
    h, y = 0.1, matrix(y0)
    for _ in range(4):
        old, step = y, 1
        while step > mpf(10) ** -30:
            rates, J = reaction(y, k)
            change = solve(mp.eye(3) - h * J, y - old - h * rates)
            y, step = y - change, mp.norm(change)
    return [list(y), sum(y)]


def rosenbrock_step(y0: Numbers, *k: Any) -> list[Any]:
    gamma, h, y = 1 + 1 / sqrt(2), 1e-4, matrix(y0)
    for _ in range(2):
        rates, J = reaction(y, k)
        M = mp.eye(3) - gamma * h * J
        first = solve(M, rates)
        y = y + h * (3 * first + solve(M, reaction(y + h * first, k)[0] - 2 * first)) / 2
    return [list(y), sum(y)]


def kepler(e: Any, M: Any) -> list[Any]:
    E = findroot(lambda E: E - e * sin(E) - M, M)
    return [E, acos((cos(E) - e) / (1 - e * cos(E)))]


def implied_volatility(price: Any, S: Any, K: Any, r: Any, T: Any) -> list[Any]:
    def call(v: Any) -> Any:
        d = (log(S / K) + r * T) / (v * sqrt(T))
        return S * normal(d + v * sqrt(T) / 2) - K * exp(-r * T) * normal(d - v * sqrt(T) / 2)

    return [findroot(lambda v: call(v) - price, 0.2)]


def light(c: Any) -> Any:
    return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4


def srgb_to_lab(rgb: Numbers) -> list[Any]:
    M = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    relative = [dot(row, [light(c) for c in rgb]) / sum(map(mpf, row)) for row in M]
    kappa = mpf(24389) / 27
    x, y, z = (cbrt(t) if t > mpf(216) / 24389 else (kappa * t + 16) / 116 for t in relative)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


def srgb_round_trip(code: Any, gain: Any) -> list[Any]:
    def back(c: Any) -> Any:
        return 12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055

    return [light(code), back(light(code)), back(min(gain * light(code), 1))]


def ciede2000(L1: Any, a1: Any, b1: Any, L2: Any, a2: Any, b2: Any) -> list[Any]:
    """With vectors for angles, where the two hues are less than half a turn apart, as at the program's point."""
    C = (sqrt(a1 * a1 + b1 * b1) + sqrt(a2 * a2 + b2 * b2)) / 2
    G = (3 - sqrt(C**7 / (C**7 + 25**7))) / 2
    p, q = mp.mpc(G * a1, b1), mp.mpc(G * a2, b2)
    h1, h2 = (atan2(v.imag, v.real) * 180 / pi % 360 for v in (p, q))
    h = (h1 + h2) / 2
    turn = atan2((q * p.conjugate()).imag, (q * p.conjugate()).real)
    L, C = (L1 + L2) / 2, (abs(p) + abs(q)) / 2
    terms = [(0.17, 1, -30), (-0.24, 2, 0), (-0.32, 3, 6), (0.2, 4, -63)]
    T = 1 - sum(c * cos((n * h + at) * pi / 180) for c, n, at in terms)
    dL = (L2 - L1) / (1 + 0.015 * (L - 50) ** 2 / sqrt(20 + (L - 50) ** 2))
    dC = (abs(q) - abs(p)) / (1 + 0.045 * C)
    dH = 2 * sqrt(abs(p * q)) * sin(turn / 2) / (1 + 0.015 * C * T)
    R = 2 * sqrt(C**7 / (C**7 + 25**7)) * sin(pi / 3 * exp(-(((h - 275) / 25) ** 2)))
    return [sqrt(dL**2 + dC**2 + dH**2 - R * dC * dH)]


def vincenty_inverse(lat1: Any, lon1: Any, lat2: Any, lon2: Any, a: Any, f: Any) -> list[Any]:
    """The direct problem, turned round: the distance and the azimuth that lead to the second point."""

    def miss(azimuth: Any, distance: Any) -> list[Any]:
        lat, lon = vincenty_direct(lat1, lon1, azimuth, distance, a, f)
        return [lat - lat2, lon - lon2]

    azimuth, distance = findroot(miss, (306.868159, 54972.2711))
    sphere = cos(atan((1 - f) * tan(lat1 * pi / 180))) * sin(azimuth * pi / 180)
    back = asin(sphere / cos(atan((1 - f) * tan(lat2 * pi / 180)))) * 180 / pi
    return [distance, azimuth, 180 + back]


def vincenty_direct(lat1: Any, lon1: Any, azimuth: Any, distance: Any, a: Any, f: Any) -> list[Any]:
    """Vincenty's equations, solved for the arc."""
    b, U, az = a * (1 - f), atan((1 - f) * tan(lat1 * pi / 180)), azimuth * pi / 180
    start = atan2(tan(U), cos(az))
    sine = cos(U) * sin(az)
    c2 = 1 - sine**2
    u2 = c2 * (a * a / (b * b) - 1)
    A = 1 + u2 / 16384 * (4096 + u2 * (u2 * (320 - 175 * u2) - 768))
    B = u2 / 1024 * (256 + u2 * (u2 * (74 - 47 * u2) - 128))

    def rest(s: Any) -> Any:
        m = cos(2 * start + s)
        inner = cos(s) * (2 * m * m - 1) - B * m * (4 * sin(s) ** 2 - 3) * (4 * m * m - 3) / 6
        return s - B * sin(s) * (m + B * inner / 4) - distance / (b * A)

    s = findroot(rest, distance / (b * A))
    m = cos(2 * start + s)
    lat = atan2(
        sin(U) * cos(s) + cos(U) * sin(s) * cos(az),
        (1 - f) * sqrt(1 - (sin(U) * cos(s) + cos(U) * sin(s) * cos(az)) ** 2),
    )
    lam = atan2(sin(s) * sin(az), cos(U) * cos(s) - sin(U) * sin(s) * cos(az))
    C = f * c2 * (4 + f * (4 - 3 * c2)) / 16
    arc = s + C * sin(s) * (m + C * cos(s) * (2 * m * m - 1))
    return [lat * 180 / pi, lon1 + (lam - (1 - C) * f * sine * arc) * 180 / pi]


# --- kernels of FPBench ---------------------------------------------------------------------------


def fpbench_odometry(right: Any, left: Any) -> list[Any]:
    x = y = mpf(0)
    angle = -0.985
    for t in range(60):
        # The wheels change places behind the steps 50, 101, …
        r, s = (right, left) if t <= 50 else (left, right)
        mid = angle + 12.34 * (r - s) * 0.1 / 2
        way = 12.34 * (r + s) / 2
        x += way * (1 - mid**2 / 2 + mid**4 * 0.0416666666)
        y += way * (mid - mid**3 * 0.1666666666 + mid**5 * 0.008333333)
        angle += 12.34 * (r - s) * 0.1
    return [x, y]


def fpbench_pid(m: Any, kp: Any, ki: Any, kd: Any, c: Any) -> list[Any]:
    errors = [mpf(0)]
    for _ in range(40):
        errors.append(c - m)
        m = m + (kp * errors[-1] + ki * sum(errors) / 2 + 2 * kd * (errors[-1] - errors[-2])) * 0.01
    return [m]


def fpbench_runge_kutta(y: Any, c: Any, h: Any) -> list[Any]:
    return rk4(lambda u: [1.2 * (c - u[0]) ** 2], [y], h, 19)


def fpbench_lead_lag(y: Any, yd: Any) -> list[Any]:
    p, q, e, v = mpf(0), mpf(0), 1, min(max(y - yd, -1), 1)
    while e > 0.01:
        u = 564.48 * p - 1280 * v
        p, q = 0.499 * p - 0.05 * q + v, 0.01 * p + q
        e = abs(v - q)
    return [u, q]


def fpbench_trapeze(u: Any, a: Any, b: Any) -> list[Any]:
    h = (b - a) / 25
    g = [u / (0.7 * x**3 - 0.6 * x**2 + 0.9 * x - 0.2) for x in (a + k * h for k in range(26))]
    return [h * (sum(g) - (g[0] + g[-1]) / 2)]


def fpbench_newton_raphson(x: Any) -> list[Any]:
    step = mpf(1)
    while abs(step) > 0.0005:
        step = (x - 2) / 5
        x -= step
    return [x]


def fpbench_pendulum(t: Any, w: Any) -> list[Any]:
    for _ in range(100):
        t, w = (
            t + 0.01 * (w - 0.005 * 9.80665 / 2 * sin(t)),
            w - 0.01 * 9.80665 / 2 * sin(t + 0.005 * w),
        )
    return [t, w]


def fpbench_sine_newton(x: Any) -> list[Any]:
    for _ in range(2):
        top = x * (1 + x * x * (-mpf(1) / 6 + x * x * (mpf(1) / 120 + x * x / 5040)))
        x = x - top / (1 + x * x * (-mpf(1) / 2 + x * x * (mpf(1) / 24 + x * x / 720)))
    return [x]


def fpbench_n_body(place: Numbers, speed: Numbers) -> list[Any]:
    for _ in range(10):
        pull = 39.47841760435743 * 0.1 / sqrt(squares(place)) ** 3
        speed = [v - pull * p for v, p in zip(speed, place, strict=True)]
        place = [p + 0.1 * v for v, p in zip(speed, place, strict=True)]
    return [place[0], place[0] * speed[1] - place[1] * speed[0]]


def fpbench_arclength(end: Any) -> list[Any]:
    points = [end * i / 30 for i in range(31)]
    curve = [x + sum(sin(2**k * x) / 2**k for k in range(1, 6)) for x in points]
    return [sum(sqrt((end / 30) ** 2 + (b - a) ** 2) for a, b in pairwise(curve))]


def fpbench_square_root(x: Any) -> list[Any]:
    return [sqrt(1 + x) if x >= 1e-5 else 1 + x / 2]


def fpbench_cav10(x: Any) -> list[Any]:
    return [x * x + 2 if x * x < x else x / 10]


def fpbench_smart_root(c: Any) -> list[Any]:
    return [(-3.5 + sqrt(12.25 - 12 * c)) / 6]


def fpbench_jet_engine(a: Any, b: Any) -> list[Any]:
    d = a * a + 1
    s, t = (3 * a * a + 2 * b - a) / d, (3 * a * a - 2 * b - a) / d
    return [2 * a + a**3 + 3 * t + a * a * (3 * s + d * (4 * s - 6)) + 2 * a * s * (s - 3) * d]


# --- colorsys, as its documents say: cones and planes instead of its branches ---------------------


def colorsys_rgb_to_yiq(r: Any, g: Any, b: Any) -> list[Any]:
    y = 0.3 * r + 0.59 * g + 0.11 * b
    return [y, 0.74 * (r - y) - 0.27 * (b - y), 0.48 * (r - y) + 0.41 * (b - y)]


def colorsys_yiq_to_rgb(y: Any, i: Any, q: Any) -> list[Any]:
    rows = [
        (0.9468822170900693, 0.6235565819861433),
        (-0.27478764629897834, -0.6356910791873801),
        (-1.1085450346420322, 1.7090069284064666),
    ]
    return [min(max(y + a * i + b * q, 0), 1) for a, b in rows]


def hue(r: Any, g: Any, b: Any) -> Any:
    top, width = max(r, g, b), max(r, g, b) - min(r, g, b)
    sector = (g - b) / width if top == r else 2 + (b - r) / width if top == g else 4 + (r - g) / width
    return sector / 6 - floor(sector / 6)


def colorsys_rgb_to_hls(r: Any, g: Any, b: Any) -> list[Any]:
    top, low = max(r, g, b), min(r, g, b)
    return [hue(r, g, b), (top + low) / 2, (top - low) / (1 - abs(top + low - 1))]


def colorsys_rgb_to_hsv(r: Any, g: Any, b: Any) -> list[Any]:
    top, low = max(r, g, b), min(r, g, b)
    return [hue(r, g, b), (top - low) / top, top]


def colorsys_hls_to_rgb(h: Any, l: Any, s: Any) -> list[Any]:  # noqa: E741
    half = s * min(l, 1 - l)
    turns = [(n + 12 * h) % 12 for n in (0, 8, 4)]
    return [l - half * max(-1, min(k - 3, 9 - k, 1)) for k in turns]


def colorsys_hsv_to_rgb(h: Any, s: Any, v: Any) -> list[Any]:
    turns = [(n + 6 * h) % 6 for n in (5, 3, 1)]
    return [v - v * s * max(0, min(k, 4 - k, 1)) for k in turns]

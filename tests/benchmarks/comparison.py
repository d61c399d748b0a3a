"""What a comparison costs beside its gradient, and how much it compares: of programs whose gradient takes a while."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

import adcli
from adcli.trust.budget import GRADIENTS, LEAST

PARTICLES = """
input p[3, 2] = [[0, 0], [1.1, 0], [0.5, 1]]
input v[3, 2] = [[0.1, 0], [0, 0.1], [-0.1, -0.1]]
input dt = 0.002
q = p
w = v
for t = 1 to 100 {
    f = q * 0
    for i = 0 to 2 {
        for j = 0 to 2 {
            if i != j {
                d = q[i] - q[j]
                s = 1 / dot(d, d)^3
                f[i] = f[i] + 24 * (2 * s * s - s) / dot(d, d) * d
            }
        }
    }
    w = w + dt * f
    q = q + dt * w
}
output energy = sum(q * q) + sum(w * w)
"""

PENDULUM = """
input angle = 0.3
input speed = 0
input g = 9.81
input c = 0.1
def acceleration(angle, speed) { return -g * sin(angle) - c * speed }
h = 0.01
for t = 1 to 200 {
    k1 = speed
    m1 = acceleration(angle, speed)
    k2 = speed + h / 2 * m1
    m2 = acceleration(angle + h / 2 * k1, k2)
    k3 = speed + h / 2 * m2
    m3 = acceleration(angle + h / 2 * k2, k3)
    k4 = speed + h * m3
    m4 = acceleration(angle + h * k3, k4)
    angle = angle + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    speed = speed + h / 6 * (m1 + 2 * m2 + 2 * m3 + m4)
}
output last = angle
"""

REGRESSION = """
input X[10000, 3]
input t[10000]
input w[3] = 0.1
input b = 0
r = 1 / (1 + exp(-(X @ w + b))) - t
output loss = sum(r * r) / 10000
"""

CONVERGENCE = """
input x0 = 1
input tol = 1e-3
x = x0
old = x0 + 1
while abs(x - old) > tol {
    old = x
    x = x - (x^2 - 2) / (2 * x)
}
output root = x
"""


def main() -> None:
    generator = np.random.default_rng(0)
    rows = {"X": generator.normal(size=(10000, 3)), "t": generator.integers(0, 2, 10000).astype(float)}
    print(f"allowed: {GRADIENTS + 5} gradients, or {LEAST + 0.5} s where that is more")
    for name, text, point in (
        ("three particles, 100 steps", PARTICLES, {}), ("a pendulum, 200 steps", PENDULUM, {}),
        ("10,000 rows", REGRESSION, rows), ("a loop that converges", CONVERGENCE, {}),
    ):  # fmt: skip
        measure(name, adcli.parse(text), point)


def measure(name: str, program: adcli.DifferentiableProgram, point: Mapping[str, Any]) -> None:
    """Print what is compared of a gradient, in how many times its own time."""
    program.gradient(point, difference="none")
    start = time.perf_counter()
    program.gradient(point, difference="none")
    gradient = time.perf_counter() - start
    start = time.perf_counter()
    report = program.gradient(point)
    comparison = time.perf_counter() - start - gradient
    (compared,) = report.comparisons.values()
    scope = f"{len(compared.components):,} of {compared.among:,} components compared"
    print(f"{name:28}{comparison / gradient:8.1f} gradients, {comparison:6.2f} s; {scope}")


if __name__ == "__main__":
    main()

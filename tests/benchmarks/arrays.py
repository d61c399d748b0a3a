"""Gradients of programs with arrays beside the same written by hand in NumPy, and beside other tools where installed.

A Gaussian mixture (10 dimensions, 25 components, 1,000 points), and 100 steps of a wave equation with 100,000 cells:
the time of value and gradient, and for the wave equation the largest memory. Each ratio is measured in processes of its
own, by runs in turn: what other arrays leave behind in a process decides whether memory is at hand or has to be asked
for, which moves all times by a third.
"""

# ruff: noqa: N803, N806 - matrices have capital letters
from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np

from adcli.api import parse
from tests.benchmarks.timing import ROOT, check_same, peak, ratio

DIMENSIONS, COMPONENTS, POINTS = 10, 25, 1000
CELLS, STEPS = 100_000, 100

MIXTURE = """
input X[n, d], logits[k], means[k, d], logs[k, d]
precisions = exp(-2 * logs)
squares = X^2 @ precisions' - 2 * X @ (means * precisions)' + sum(means^2 * precisions, axis = 1)
weights = logits - logsumexp(logits) - sum(logs, axis = 1)
output L = -sum(logsumexp(weights - squares / 2, axis = 1)) + n * d / 2 * log(2 * pi)
"""

WAVE = """
input c[m]
s = (0.4 * c[1:-1])^2
u = exp(-100 * linspace(-1, 1, m)^2)
before = u
for k = 1 to 100 {
    after = u
    after[1:-1] = 2 * u[1:-1] - before[1:-1] + s * (u[2:] - 2 * u[1:-1] + u[:-2])
    before = u
    u = after
}
output L = sum(u^2)
"""


def mixture_point() -> dict[str, Any]:
    generator = np.random.default_rng(7)
    shape = (COMPONENTS, DIMENSIONS)
    return {
        "X": generator.normal(size=(POINTS, DIMENSIONS)), "logits": generator.normal(size=COMPONENTS),
        "means": generator.normal(size=shape), "logs": 0.1 * generator.normal(size=shape),
    }  # fmt: skip


def speeds() -> Any:
    return np.linspace(0.8, 1.2, CELLS)


def mixture_by_hand(X: Any, logits: Any, means: Any, logs: Any) -> dict[str, Any]:
    precisions = np.exp(-2 * logs)
    scaled = means * precisions
    X2 = X**2
    squares = X2 @ precisions.T - 2 * X @ scaled.T + np.sum(means**2 * precisions, axis=1)
    top = logits.max()
    exponentials = np.exp(logits - top)
    weights = logits - np.log(exponentials.sum()) - top - logs.sum(axis=1)
    terms = weights - squares / 2
    largest = terms.max(axis=1, keepdims=True)
    powers = np.exp(terms - largest)
    sums = powers.sum(axis=1, keepdims=True)
    L = -np.sum(np.log(sums) + largest) + POINTS * DIMENSIONS / 2 * np.log(2 * np.pi)

    bar_terms = -powers / sums
    bar_squares = bar_terms * -0.5
    bar_weights = bar_terms.sum(axis=0)
    bar_logits = bar_weights - bar_weights.sum() * exponentials / exponentials.sum()
    column = bar_squares.sum(axis=0)[:, None]
    bar_scaled = -2 * bar_squares.T @ X
    bar_precisions = bar_squares.T @ X2 + bar_scaled * means + column * means**2
    bar_means = bar_scaled * precisions + 2 * column * means * precisions
    bar_logs = bar_precisions * precisions * -2 - bar_weights[:, None]
    bar_X = 2 * X * (bar_squares @ precisions) - 2 * bar_squares @ scaled
    return {"L": L, "X": bar_X, "logits": bar_logits, "means": bar_means, "logs": bar_logs}


def wave_by_hand(c: Any) -> dict[str, Any]:
    s = (0.4 * c[1:-1]) ** 2
    u = np.exp(-100 * np.linspace(-1, 1, CELLS) ** 2)
    before = u
    bends = []
    for _ in range(STEPS):
        bend = u[2:] - 2 * u[1:-1] + u[:-2]
        after = u.copy()
        after[1:-1] = 2 * u[1:-1] - before[1:-1] + s * bend
        before, u = u, after
        bends.append(bend)
    L = np.sum(u**2)

    bar_u, bar_before = 2 * u, np.zeros(CELLS)
    bar_s = np.zeros(CELLS - 2)
    for bend in reversed(bends):
        bar_after = bar_u
        inner = bar_after[1:-1]
        bar_s += inner * bend
        bar_bend = inner * s
        bar_u = bar_before
        bar_u[0] += bar_after[0]
        bar_u[-1] += bar_after[-1]
        bar_u[1:-1] += 2 * inner - 2 * bar_bend
        bar_u[2:] += bar_bend
        bar_u[:-2] += bar_bend
        bar_before = np.zeros(CELLS)
        bar_before[1:-1] = -inner
    bar_c = np.zeros(CELLS)
    bar_c[1:-1] = bar_s * 2 * 0.4 * 0.4 * c[1:-1]
    return {"L": L, "c": bar_c}


def ours(text: str, point: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
    program = parse(text)

    def work() -> dict[str, Any]:
        report = program.gradient(point, difference="none")
        return {"L": report.outputs["L"], **report.gradient["L"]}

    return work


def mixture_loss(xp: Any, X: Any, logits: Any, means: Any, logs: Any) -> Any:
    """The mixture in the words of autograd and JAX, whose modules take the place of NumPy."""
    precisions = xp.exp(-2 * logs)
    squares = X**2 @ precisions.T - 2 * X @ (means * precisions).T + xp.sum(means**2 * precisions, axis=1)
    top = xp.max(logits)
    weights = logits - xp.log(xp.sum(xp.exp(logits - top))) - top - xp.sum(logs, axis=1)
    terms = weights - squares / 2
    largest = xp.max(terms, axis=1, keepdims=True)
    return -xp.sum(xp.log(xp.sum(xp.exp(terms - largest), axis=1, keepdims=True)) + largest)


def wave_loss(xp: Any, c: Any) -> Any:
    """The wave in the same words: a new array at each step, as neither of them writes into one."""
    s = (0.4 * c[1:-1]) ** 2
    u = before = xp.exp(-100 * xp.linspace(-1, 1, CELLS) ** 2)
    for _ in range(STEPS):
        inner = 2 * u[1:-1] - before[1:-1] + s * (u[2:] - 2 * u[1:-1] + u[:-2])
        u, before = xp.concatenate([u[:1], inner, u[-1:]]), u
    return xp.sum(u**2)


def by_autograd() -> tuple[Callable[[], object], Callable[[], object]]:
    import autograd.numpy as anp
    from autograd import value_and_grad

    by_all = value_and_grad(partial(mixture_loss, anp), argnum=(0, 1, 2, 3))
    by_speed, point = value_and_grad(partial(wave_loss, anp)), list(mixture_point().values())
    return lambda: by_all(*point), lambda: by_speed(speeds())


def by_jax() -> tuple[Callable[[], object], Callable[[], object]]:
    """Compiled, and without the time that compiling takes: `ratio` runs each once before it measures."""
    import jax

    jax.config.update("jax_enable_x64", True)
    by_all = jax.jit(jax.value_and_grad(partial(mixture_loss, jax.numpy), argnums=(0, 1, 2, 3)))
    by_speed, point = jax.jit(jax.value_and_grad(partial(wave_loss, jax.numpy))), list(mixture_point().values())
    return lambda: jax.block_until_ready(by_all(*point)), lambda: jax.block_until_ready(by_speed(speeds()))


def by_torch() -> tuple[Callable[[], object], Callable[[], object]]:
    import torch

    def leaf(value: Any) -> Any:
        return torch.tensor(value, requires_grad=True)

    def mixture() -> object:
        X, logits, means, logs = (leaf(value) for value in mixture_point().values())
        precisions = torch.exp(-2 * logs)
        squares = X**2 @ precisions.T - 2 * X @ (means * precisions).T + torch.sum(means**2 * precisions, dim=1)
        weights = logits - torch.logsumexp(logits, dim=0) - torch.sum(logs, dim=1)
        loss = -torch.sum(torch.logsumexp(weights - squares / 2, dim=1))
        return torch.autograd.grad(loss, (X, logits, means, logs))

    def wave() -> object:
        c = leaf(speeds())
        s = (0.4 * c[1:-1]) ** 2
        u = before = torch.tensor(np.exp(-100 * np.linspace(-1, 1, CELLS) ** 2))
        for _ in range(STEPS):
            inner = 2 * u[1:-1] - before[1:-1] + s * (u[2:] - 2 * u[1:-1] + u[:-2])
            u, before = torch.cat([u[:1], inner, u[-1:]]), u
        return torch.autograd.grad(torch.sum(u**2), c)

    return mixture, wave


def _named_slopes(found: Mapping[str, Any]) -> list[Any]:
    return [value for name, value in found.items() if name != "L"]


def _second(found: tuple[Any, Any]) -> list[Any]:
    return [*found[1]] if isinstance(found[1], tuple) else [found[1]]


# Of what each gives the derivatives: the values of other tools leave out what does not depend on the inputs.
SLOPES: dict[str, Callable[[Any], list[Any]]] = {
    "ours": _named_slopes, "NumPy by hand": _named_slopes, "autograd": _second, "jax": _second, "torch": list,
}  # fmt: skip


# How far derivatives may lie apart. The second differences of the wave lose eight digits: of 1, which tools round by
# 1e-16, 8e-8 is left beside the neighbours of a cell.
SAME = {"mixture": 1e-10, "wave": 1e-8}


def works(tool: str) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """For the mixture and the wave our work, and that of a tool."""
    point = mixture_point()
    if tool == "NumPy by hand":
        theirs: tuple[Callable[[], Any], Callable[[], Any]] = (
            partial(mixture_by_hand, **point),
            partial(wave_by_hand, speeds()),
        )
    else:
        theirs = {"autograd": by_autograd, "jax": by_jax, "torch": by_torch}[tool]()
    return {"mixture": (ours(MIXTURE, point), theirs[0]), "wave": (ours(WAVE, {"c": speeds()}), theirs[1])}


def measured(tool: str, name: str, what: str) -> float:
    """One ratio: of the time, or of the memory."""
    mine, theirs = works(tool)[name]
    check_same(SLOPES["ours"](mine()), SLOPES[tool](theirs()), SAME[name])
    return peak(mine) / peak(theirs) if what == "memory" else ratio(mine, theirs, {"mixture": 101, "wave": 9}[name])


def in_processes(*arguments: str, count: int) -> float:
    """The median of some processes that each measure the same."""
    command = [sys.executable, "-m", "tests.benchmarks.arrays", *arguments]
    runs = [subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True) for _ in range(count)]
    return median(float(run.stdout) for run in runs)


def main() -> None:
    """Print the ratios, or with three arguments one of them."""
    if sys.argv[1:]:
        tool, name, what = sys.argv[1:]
        print(measured(tool, name, what))
        return
    for name in ("mixture", "wave"):
        by_hand = in_processes("NumPy by hand", name, "time", count=5)
        print(f"{name + ', beside NumPy by hand':<34} {by_hand:5.2f}   (at most 1.3)")
    memory = in_processes("NumPy by hand", "wave", "memory", count=1)
    print(f"wave, memory beside NumPy by hand  {memory:5.2f}   (at most 1.2)")
    for tool in ("autograd", "jax", "torch"):
        if not find_spec(tool):
            print(f"{tool} is not installed")
            continue
        for name in ("mixture", "wave"):
            beside = in_processes(tool, name, "time", count=3)
            print(f"{name + f', beside {tool}':<34} {beside:5.2f}   (below 1 adcli is faster)")


if __name__ == "__main__":
    main()

"""Second derivatives: Hessians with few and with all elements, and products with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from adcli.api import DifferentiableProgram, parse
from tests.benchmarks import derivatives
from tests.benchmarks.engines.line import Effort, Line, Peer, alone, beside_peers, line, told
from tests.benchmarks.timing import Beside, beside

ROSENBROCK = "input x[n]\noutput s = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)"


def hessian(effort: Effort) -> Iterator[Line]:
    """The Hessian of Rosenbrock's function, with a band of three."""
    size = effort.of(1_000, 6)
    x = np.full(size, 0.5)
    program, by_numbers = parse(ROSENBROCK), DifferentiableProgram(derivatives.rosenbrock(size)[0])
    point = {f"x{place}": number for place, number in enumerate(x.tolist())}

    def ours() -> Any:
        return program.hessian(x=x).hessian["s"]["x"]["x"]

    peers: list[tuple[float | None, Peer]] = [
        (None, Peer("jax.jit, dense", partial(hessian_by_jax, x))),
        (None, Peer("CasADi, sparse", partial(hessian_by_casadi, x))),
    ]
    work = f"Hessian of Rosenbrock {size:,}"
    found = [*beside_peers(effort, f"{work}, a vector", ours, peers)]
    for _ in range(effort.of(160, 1)):  # until the engine and its part for this are compiled
        by_numbers.hessian(point, of="s")
    found.append(alone(effort, f"{work}, as many numbers", None, lambda: by_numbers.hessian(point, of="s"), "nobody"))
    for each in found:
        yield each._replace(goal="≤ 3 ms", now=each.now or told(each.seconds), met=each.seconds <= 3e-3)


def dense(effort: Effort) -> Iterator[Line]:
    """A Hessian without a zero, beside a gradient for each input."""
    inputs = effort.of(100, 5)
    times = beside(*derivatives.dense_hessian_and_gradient(inputs), effort.pairs, effort.least)
    gradients = Beside(times.ours, inputs * times.theirs, times.ratio / inputs)
    yield line(f"dense Hessian, {inputs} inputs", 2, gradients, f"{inputs} gradients")


def rosenbrock(summed: Callable[[Any], Any], x: Any) -> Any:
    return summed(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def hessian_by_jax(x: Any) -> Callable[[], Any]:
    import jax

    jax.config.update("jax_enable_x64", True)
    second = jax.jit(jax.hessian(partial(rosenbrock, jax.numpy.sum)))
    return lambda: second(x).block_until_ready()


def hessian_by_casadi(x: Any) -> Callable[[], Any]:
    import casadi as ca  # type: ignore[import-not-found]

    symbols = ca.SX.sym("x", len(x))
    return partial(ca.Function("H", [symbols], [ca.hessian(rosenbrock(ca.sum1, symbols), symbols)[0]]), x)


def product(effort: Effort) -> Iterator[Line]:
    """A product with the Hessian beside a gradient, both with a run of the program."""
    for inputs in effort.of((10, 1_000), (3,)):
        times = beside(*derivatives.product_and_gradient(inputs), effort.pairs, effort.least)
        yield line(f"Hessian-vector product, {inputs:,} inputs", 3, times, "one gradient")

"""Second derivatives: Hessians with few and with all elements, and products with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from adcli.api import DifferentiableProgram, parse
from tests.benchmarks import derivatives
from tests.benchmarks.engines.line import Effort, Line, Peer, amount, beside_peers, line
from tests.benchmarks.timing import Beside, beside, seconds

ROSENBROCK = "input x[n]\noutput s = sum(100 * (x[1:] - x[:-1]^2)^2 + (1 - x[:-1])^2)"


def hessian(effort: Effort) -> Iterator[Line]:
    """The Hessian of Rosenbrock's function, with a band of three."""
    size = effort.of(1_000, 6)
    x = np.full(size, 0.5)
    program, by_numbers = parse(ROSENBROCK), DifferentiableProgram(derivatives.rosenbrock(size)[0])
    point = {f"x{place}": number for place, number in enumerate(x.tolist())}

    def ours() -> Any:
        return program.hessian(x=x).hessian["s"]["x"]["x"]

    works = {"a vector": ours, "as many numbers": lambda: by_numbers.hessian(point, of="s").by_component}
    for how, work in works.items():
        now = median(seconds(work) for _ in range(effort.pairs))
        yield amount(f"Hessian of Rosenbrock {size:,}, {how}", 3, "ms", 1e3 * now)
    peers: list[tuple[float | None, Peer]] = [
        (None, Peer("jax.jit, dense", partial(hessian_by_jax, x))),
        (None, Peer("CasADi, sparse", partial(hessian_by_casadi, x))),
    ]
    yield from beside_peers(effort, f"Hessian of Rosenbrock {size:,}, a vector", ours, peers)


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

"""Programs with arrays beside tools of arrays: a mixture, and a Jacobian with a band."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from adcli.api import parse
from tests.benchmarks import arrays
from tests.benchmarks.engines.line import Effort, Line, Peer, beside_peers


def mixture(effort: Effort) -> Iterator[Line]:
    """Value and gradient of a Gaussian mixture."""
    work = f"GMM d {arrays.DIMENSIONS}, K {arrays.COMPONENTS}, N {arrays.POINTS}"
    mine = arrays.ours(arrays.MIXTURE, arrays.mixture_point())
    goals = {"jax": 1.2, "NumPy by hand": 1.3, "autograd": None, "torch": None}
    peers = [(most, Peer(tool, partial(_of_mixture, tool), arrays.SLOPES[tool])) for tool, most in goals.items()]
    yield from beside_peers(effort, work, mine, peers, read=arrays.SLOPES["ours"])


def _of_mixture(tool: str) -> Callable[[], Any]:
    return arrays.works(tool)["mixture"][1]


def jacobian(effort: Effort) -> Iterator[Line]:
    """The Jacobian of outputs of which each depends on three inputs."""
    outputs = effort.of(300, 10)
    x = np.linspace(0, 1, outputs + 2)
    program = parse(f"input x[{outputs + 2}]\noutput r = x[2:]^2 * x[1:-1] - sin(x[:-2])")
    peers = [
        (1.0, Peer("jax.jit, dense", partial(jacobian_by_jax, x))),
        (None, Peer("CasADi, sparse", partial(jacobian_by_casadi, x))),
    ]
    yield from beside_peers(
        effort, f"Jacobian, {outputs} banded outputs", lambda: program.jacobian(x=x).jacobian["r"]["x"], peers
    )


def banded(xp: Any, x: Any) -> Any:
    """The outputs in Python; `xp` has the functions."""
    return x[2:] ** 2 * x[1:-1] - xp.sin(x[:-2])


def jacobian_by_jax(x: Any) -> Callable[[], Any]:
    import jax

    jax.config.update("jax_enable_x64", True)
    return partial(_ready, jax.jit(jax.jacobian(partial(banded, jax.numpy))), x)


def _ready(function: Callable[[Any], Any], x: Any) -> Any:
    return function(x).block_until_ready()


def jacobian_by_casadi(x: Any) -> Callable[[], Any]:
    import casadi as ca  # type: ignore[import-not-found]

    symbols = ca.SX.sym("x", len(x))
    return partial(ca.Function("J", [symbols], [ca.jacobian(banded(ca, symbols), symbols)]), x)

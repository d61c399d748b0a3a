"""Tapes of numbers: small and long ones at other points, recorded anew, their memory, and loops over pairs."""

# ruff: noqa: N806 - the field writes V
from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import partial
from math import cos, sin
from typing import Any

import numpy as np

from adcli.api import parse
from adcli.derive.modes import gradient
from adcli.program.check import program_from
from adcli.syntax.source import Source
from adcli.tape.execute import execute
from tests.benchmarks import derivatives, tape
from tests.benchmarks.batch import PROGRAM
from tests.benchmarks.engines.line import Effort, Line, Peer, amount, beside_peers, each_flat, over
from tests.benchmarks.engines.native import compiled
from tests.benchmarks.timing import peak

Point = tuple[float, float]


def small_program(xp: Any, x: Any, y: Any) -> Any:
    """The program of `batch.py` in Python; `xp` has the functions."""
    a = x * y + xp.sin(x)
    b = a * a - xp.cos(y) * x
    c = b / (1 + a * a)
    d = xp.exp(-c * c) + x * y
    return (d * a + xp.sqrt(1 + b * b)) * d


def small(effort: Effort) -> Iterator[Line]:
    """One gradient of a program of 20 operations, at one point after another."""
    points = [(float(x), float(y)) for x, y in np.random.default_rng(1).uniform(0.2, 2, (effort.of(100, 2), 2))]
    ours = over(parse(PROGRAM).function(), points)
    peers = [
        (1.5, Peer("CasADi", partial(small_by_casadi, points), each_flat)),
        (1.5, Peer("jax.jit", partial(small_by_jax, points), each_flat)),
        (None, Peer("autograd", partial(small_by_autograd, points), each_flat)),
        (None, Peer("PyTorch", partial(small_by_torch, points), each_flat)),
    ]
    work = "one gradient, 20 operations"
    yield from beside_peers(effort, work, ours, peers, len(points))


def small_by_casadi(points: list[Point]) -> Callable[[], Any]:
    import casadi as ca  # type: ignore[import-not-found]

    x, y = ca.SX.sym("x"), ca.SX.sym("y")
    value = small_program(ca, x, y)
    return over(ca.Function("f", [x, y], [value, ca.gradient(value, ca.vertcat(x, y))]), points)


def small_by_jax(points: list[Point]) -> Callable[[], Any]:
    import jax

    jax.config.update("jax_enable_x64", True)
    work = over(jax.jit(jax.value_and_grad(partial(small_program, jax.numpy), argnums=(0, 1))), points)
    return lambda: jax.block_until_ready(work())


def small_by_autograd(points: list[Point]) -> Callable[[], Any]:
    import autograd.numpy as anp  # type: ignore[import-not-found]
    from autograd import value_and_grad

    return over(value_and_grad(partial(small_program, anp), argnum=(0, 1)), points)


def small_by_torch(points: list[Point]) -> Callable[[], Any]:
    import torch  # type: ignore[import-not-found]

    def work(*point: float) -> Any:
        x, y = (torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in point)
        value = small_program(torch, x, y)
        return value.item(), [slope.item() for slope in torch.autograd.grad(value, (x, y))]

    return over(work, points)


def long_tape(effort: Effort) -> Iterator[Line]:
    """Ten thousand operations in a loop, at one point after another: the time of an operation."""
    rounds = effort.of(2_500, 5)
    text = "\n".join([*tape.START, f"for k = 1 to {rounds} {{", *tape.BODY, "}", "output L = a"])
    points = [(1.1 + place / 1000, 0.3) for place in range(effort.of(10, 2))]
    ours = over(parse(text).function(), points)
    peers = [
        (1.2, Peer("CasADi", partial(chain_by_casadi, rounds, points), each_flat)),
        (None, Peer("C by hand", partial(chain_by_c, rounds, points))),
        (None, Peer("numba by hand", partial(chain_by_numba, rounds, points))),
        (None, Peer("Python by hand", lambda: over(partial(chain_by_hand, rounds), points))),
    ]
    work = f"scalar tape, {4 * rounds:,} operations, other points, an operation"
    yield from beside_peers(effort, work, ours, peers, 4 * rounds * len(points))


def chain_by_hand(rounds: int, x: float, y: float) -> tuple[float, float, float]:
    """Value and gradient of the loop by hand."""
    kept, a = [], x
    for _ in range(rounds):
        kept.append(a)
        a = (sin(a * y) + x) / y
    value, bar, by_x, by_y = a, 1.0, 0.0, 0.0
    for before in kept[::-1]:
        bar_sum = bar / y
        bar_product = bar_sum * cos(before * y)
        by_y += bar_product * before - bar_sum * a
        by_x += bar_sum
        bar, a = bar_product * y, before
    return value, by_x + bar, by_y


def chain_by_numba(rounds: int, points: list[Point]) -> Callable[[], Any]:
    from numba import njit  # type: ignore[import-not-found]

    return over(partial(njit(chain_by_hand), rounds), points)


def chain_by_casadi(rounds: int, points: list[Point]) -> Callable[[], Any]:
    import casadi as ca

    x, y = ca.SX.sym("x"), ca.SX.sym("y")
    value = derivatives.run_body(x, y, ca.sin, rounds)
    return over(ca.Function("f", [x, y], [value, ca.gradient(value, ca.vertcat(x, y))]), points)


def chain_by_c(rounds: int, points: list[Point]) -> Callable[[], Any]:
    chain, kept, results = compiled().chain, np.empty(rounds), np.empty(3)
    chain.argtypes = [ctypes.c_long, ctypes.c_double, ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p]

    def work(x: float, y: float) -> Any:
        chain(rounds, x, y, kept.ctypes.data, results.ctypes.data)
        return results.tolist()

    return over(work, points)


def anew(effort: Effort) -> Iterator[Line]:
    """Run and sweep by the interpreter, beside a plain Python tape, and beside others that trace."""
    rounds = effort.of(tape.ROUNDS, 5)
    program = program_from(Source("benchmark", "\n".join([*tape.START, *tape.BODY * rounds])))

    def ours() -> Any:
        recorded = execute(program, {"x": 1.1, "y": 0.3})
        return list(gradient(recorded, recorded.bindings["a"], ["x", "y"]).values())

    def list_tape() -> Any:
        plain = tape.PlainTape()
        return plain.sweep(plain.run(1.1, 0.3, rounds))[:2]

    peers: list[tuple[float | None, Peer]] = [(1.5, Peer("a bare list tape", lambda: list_tape))]
    yield from beside_peers(effort, "record and sweep anew, an entry", ours, peers, 4 * rounds)
    traced = derivatives.traced()
    others = [(None, Peer(name, make, flat_slopes)) for name, make in derivatives.TOOLS.items()]
    work = "record and sweep anew, an operation of 2,000"
    yield from beside_peers(effort, work, lambda: list(traced().values()), others, 4 * derivatives.ROUNDS)


def flat_slopes(found: Any) -> list[float]:
    """The slopes that a tool gives as numbers, as tensors, or in one array."""
    (numbers,) = each_flat([list(found)] if isinstance(found, tuple) else [found])
    return numbers


def memory(effort: Effort) -> Iterator[Line]:
    """What a tape keeps for an entry."""
    rounds = effort.of(tape.ROUNDS, 5)
    program = program_from(Source("benchmark", "\n".join([*tape.START, f"for k = 1 to {rounds} {{", *tape.BODY, "}"])))
    point = {"x": 1.1, "y": 0.3}
    count = len(execute(program, point))
    theirs = peak(lambda: tape.PlainTape().run(1.1, 0.3, rounds)) / (4 * rounds)
    now = peak(lambda: execute(program, point)) / count
    yield amount("memory of an entry", 130, "bytes", now, f"{theirs:.0f} bytes", "a bare list tape")


def pairs(effort: Effort) -> Iterator[Line]:
    """The energy of Lennard and Jones of all pairs of particles, which stand about a distorted lattice."""
    side = effort.of(5, 2)
    lattice = np.stack(np.meshgrid(*[np.arange(side)] * 3), -1).reshape(-1, 3)[: effort.of(100, 5)]
    place = 1.2 * lattice + np.random.default_rng(2).uniform(-0.1, 0.1, lattice.shape)
    x, y, z = place.T.copy()
    function = parse(tape.SUBSCRIPTED).function()
    numbers = [column.tolist() for column in (x, y, z)]
    peers = [
        (1.0, Peer("Python by hand", lambda: partial(pairs_by_hand, *numbers), with_arrays)),
        (None, Peer("numba by hand", partial(pairs_by_numba, x, y, z), with_arrays)),
    ]
    yield from beside_peers(effort, f"Lennard-Jones pair loops, N = {len(x)}", lambda: function(x, y, z), peers)


def pairs_by_hand(x: Any, y: Any, z: Any) -> Any:
    """Value and gradient of the energy by hand: the force of a pair is what one receives, and the other gives."""
    count, V = len(x), 0.0
    by_x, by_y, by_z = [0.0] * count, [0.0] * count, [0.0] * count
    for i in range(count - 1):
        for j in range(i + 1, count):
            dx, dy, dz = x[i] - x[j], y[i] - y[j], z[i] - z[j]
            r2 = dx * dx + dy * dy + dz * dz
            s = 1 / (r2 * r2 * r2)
            V += 4 * (s * s - s)
            slope = -24 * (2 * s - 1) * s / r2
            by_x[i] += slope * dx
            by_x[j] -= slope * dx
            by_y[i] += slope * dy
            by_y[j] -= slope * dy
            by_z[i] += slope * dz
            by_z[j] -= slope * dz
    return V, by_x, by_y, by_z


def pairs_by_numba(x: Any, y: Any, z: Any) -> Callable[[], Any]:
    from numba import njit

    return partial(njit(pairs_by_hand), x, y, z)


def with_arrays(found: Any) -> Any:
    """Value and slopes, these as arrays."""
    return found[0], tuple(np.array(column) for column in found[1:])

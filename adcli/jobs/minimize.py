"""The least value of a number of a program: SciPy's solvers on exact derivatives, and what can be said of the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from typing import Any

import numpy as np

from adcli.jobs.choices import Method
from adcli.jobs.curvature import FELT, LARGEST, Curvature, Kind, curvature, leading, scaled
from adcli.jobs.objective import Counts, Evaluated, Objective
from adcli.jobs.parameters import Vector
from adcli.jobs.solvers import solvers
from adcli.records import NamedTuple, dataclass
from adcli.trust.difference import EPSILON

_DENSE = 250  # parameters up to which the whole Hessian is formed at each step; beyond it products are enough
_POLISHING = 12  # of Newton's steps behind a solver
_LITTLE = 0.1  # of a gradient
_AT_REST = 3  # of these from where there is nothing to gain but digits
_SHORTENED = 40  # times that a step is halved
_RESTING = 60  # iterations at one place, after which a solver is stopped: a trust region may have been very wide
_ARMIJO = (
    1e-4  # the share of the decrease which the slope promises that a step must bring (Nocedal and Wright 2006, 3.4)
)
_NEAR = 1e-6  # of the first gradient, or of the value for a decrease: from there on it is worth asking for rounding
_FAR = 1e12  # times the size of the start, from which what still falls is taken for unbounded
_LOW = -1e30
_WIDEST = 1e100  # trust region


class Ending(str, Enum):
    """Why a search ended."""

    CONVERGED = "converged"
    STEPS = "steps"
    STUCK = "stuck"
    UNBOUNDED = "unbounded"
    INTERRUPTED = "interrupted"


class Iteration(NamedTuple):
    """A step of a search: the values of all are those of what is minimized or maximized itself.

    Attributes:
        number: counted from 0, the start
        value: of the objective
        gradient: the norm of its gradient, without what bounds hold back
        step: how far the parameters moved
        x: the parameters
    """

    number: int
    value: float
    gradient: float
    step: float
    x: Vector


@dataclass(frozen=True)
class Settings:
    """How to search.

    Attributes:
        method: the way down
        steps: the most iterations
        rate: the length of a step of `gd`, as a factor of the gradient, and of `adam` for each parameter
        progress: told of each iteration
    """

    method: Method = Method.TRUST
    steps: int = 1000
    rate: float = 0.01
    progress: Callable[[Iteration], None] | None = None


class Minimized(NamedTuple):
    """What a search came to.

    Attributes:
        ending: why it ended
        reason: the same in words
        solver: what searched, in words
        best: the best point
        iterations: from the start on
        counts: of runs and sweeps
        held: which parameters are held by a bound there
        error: how far each parameter may be from where the gradient vanishes: Newton's step, and what the rounding of
            the gradient makes of it; infinite where the curvature does not tell
        curvature: along the parameters that are free; None where it is not known
    """

    ending: Ending
    reason: str
    solver: str
    best: Evaluated
    iterations: tuple[Iteration, ...]
    counts: Counts
    held: Vector
    error: Vector
    curvature: Curvature | None


class _Ended(Exception):  # noqa: N818 - it is no error: the search is over
    def __init__(self, ending: Ending, reason: str) -> None:
        self.ending, self.reason = ending, reason


def minimized(objective: Objective, settings: Settings) -> Minimized:
    """Search from the start of the parameters, whose ranges are bounds.

    What an interrupt (Ctrl-C), a solver that gives up, or the limit of steps leaves is the best point until then.
    """
    search = _Search(objective, settings)
    solver, ways = _ways(objective, settings.method)
    try:
        with suppress(_Settled):
            search.iterated(objective.parameters.start)
        for way in ways:
            way(search)
        ending, reason = search.at_rest()
    except _Ended as end:
        ending, reason = end.ending, end.reason
    except KeyboardInterrupt:
        ending, reason = Ending.INTERRUPTED, "interrupted: this is the best point until then"
    best = objective.best or objective.at(objective.parameters.start)
    held = _held(objective, best)
    if ending is Ending.CONVERGED and not held.all() and not best.smooth:
        reason = "an operation is at a kink there, and the derivative that is used for it is zero"
    fallen = abs(search.iterations[0].value * objective.sign - best.value) if search.iterations else 0.0
    error, bend = _trust_of(objective, best, ~held, max(best.noise, EPSILON**1.5 * fallen))
    if ending is not Ending.CONVERGED:
        error = np.where(held, 0.0, math.inf)
    if reason == _NOTHING_LEFT and bend is not None and bend.kind is not Kind.FLAT and _has_no_end(objective, best):
        error, bend = _as_flat(objective, error, bend)
    return Minimized(ending, reason, solver, best, tuple(search.iterations), objective.counts, held, error, bend)


def _has_no_end(objective: Objective, best: Evaluated) -> bool:
    """Whether Newton's step leaves much of the gradient: that of x⁴ leads two thirds of the way, wherever x is."""
    free = ~_held(objective, best)
    step = np.zeros_like(best.x)
    step[free] = scaled(best.hessian[np.ix_(free, free)]).inverse() @ best.gradient[free]
    there = objective.at(best.x - step)
    after, before = (float(np.linalg.norm(_projected(objective, each))) for each in (there, best))
    return after > max(_LITTLE * before, float(np.linalg.norm(there.all_rounding)))


def _as_flat(objective: Objective, error: Vector, bend: Curvature) -> tuple[Vector, Curvature]:
    """What is said of such a point: steps came nearer to it, and never to it, so that no error is known."""
    direction = leading(error / error.max(), objective.parameters.labels)
    error = np.where(error >= FELT * error.max(), math.inf, error)
    return error, bend._replace(kind=Kind.FLAT, condition=math.inf, direction=direction)


Way = Callable[["_Search"], None]


def _ways(objective: Objective, method: Method) -> tuple[str, tuple[Way, ...]]:
    """What a method does for an objective, in words, and the solvers one after another."""
    count, bounded = len(objective.parameters.lower), objective.parameters.bounded
    few = count <= LARGEST
    if method is Method.GD:
        return "gradient descent", (_descend,)
    if method is Method.ADAM:
        return "Adam", (_adam,)
    if bounded or method is Method.LBFGS:
        exact = method in (Method.TRUST, Method.NEWTON) and few
        way = _scipy("L-BFGS-B", ftol=0, gtol=0, maxls=50)
        text = "L-BFGS-B, then Newton's steps within the bounds" if exact else "L-BFGS-B"
        return text, (way, _newton_within_bounds) if exact else (way,)
    if method is Method.BFGS:
        return "BFGS", (_scipy("BFGS", gtol=0),)
    if method is Method.NEWTON:
        way = _scipy("Newton-CG", xtol=0)
        return "Newton-CG, by Hessian-vector products", (way, _newton_within_bounds) if few else (way,)
    if count <= _DENSE:
        way = _scipy("trust-exact", gtol=0, max_trust_radius=_WIDEST)
        return "a trust region with exact Hessians", (way, _newton_within_bounds)
    way = _scipy("trust-ncg", gtol=0, max_trust_radius=_WIDEST)
    return "a trust region, by Hessian-vector products", (way, _newton_within_bounds) if few else (way,)


class _Search:
    """The iterations so far, and when to stop."""

    def __init__(self, objective: Objective, settings: Settings) -> None:
        self.objective = objective
        self.settings = settings
        self.iterations: list[Iteration] = []
        self._resting = 0

    @property
    def left(self) -> int:
        """How many steps are left."""
        return self.settings.steps - max(len(self.iterations) - 1, 0)

    @property
    def x(self) -> Vector:
        """Where the search is."""
        return self.iterations[-1].x

    @property
    def _fallen(self) -> float:
        """How far the value has fallen since the start."""
        return abs(self.iterations[0].value - self.iterations[-1].value)

    def iterated(self, x: Vector) -> None:
        """Take note of an iteration; raises _Ended where it is the last one."""
        here, objective = self.objective.at(x), self.objective
        before = self.iterations[-1] if self.iterations else None
        step = 0.0 if before is None else float(np.linalg.norm(here.x - before.x))
        if before is not None and step == 0:
            self._resting += 1
            if self._resting >= _RESTING:
                raise _Ended(*self.at_rest())
            return
        self._resting = 0
        slope = float(np.linalg.norm(_projected(objective, here)))
        iteration = Iteration(len(self.iterations), here.value * objective.sign, slope, step, here.x)
        self.iterations.append(iteration)
        if self.settings.progress is not None:
            self.settings.progress(iteration)
        self._stop(here, before)

    def _stop(self, here: Evaluated, before: Iteration | None) -> None:
        first, last = self.iterations[0], self.iterations[-1]
        reach = _FAR * max(1.0, float(np.abs(first.x).max(initial=0.0)))
        value = here.value
        if value > -_LOW * max(1.0, abs(first.value)):
            raise _Ended(Ending.STUCK, "the steps are too long, and lead away: a smaller --rate shortens them")
        far = value < first.value * self.objective.sign and float(np.abs(here.x).max(initial=0.0)) > reach
        if value < _LOW * max(1.0, abs(first.value)) or far:
            raise _Ended(Ending.UNBOUNDED, "the value falls without end: there is no minimum this way")
        fallen = math.inf if before is None else abs(before.value - last.value)
        if last.gradient <= _NEAR * first.gradient or fallen <= _NEAR * abs(last.value):
            reason = _settled(self.objective, here, self._fallen)
            if reason and self.settings.method not in (Method.TRUST, Method.NEWTON):
                raise _Ended(Ending.CONVERGED, reason)
            if reason:  # of Newton's steps one more costs little and brings all digits
                raise _Settled
        if len(self.iterations) > self.settings.steps:
            ending, reason = self.at_rest()
            if ending is Ending.CONVERGED:
                raise _Ended(ending, reason)
            raise _Ended(Ending.STEPS, f"{self.settings.steps:,} steps were not enough: --steps allows more")

    def at_rest(self) -> tuple[Ending, str]:
        """What to say where a solver goes no further."""
        best = self.objective.best
        reason = "" if best is None else _settled(self.objective, best, self._fallen, thorough=True)
        if reason:
            return Ending.CONVERGED, reason
        reason = (
            "the solver found no step that lowers the value, and the gradient is not zero: there may be a kink near"
        )
        if best is not None and not best.smooth:
            reason += ": an operation is at a kink there"
        return Ending.STUCK, reason


class _Settled(Exception):  # noqa: N818 - the search is nearly over
    pass


def _projected(objective: Objective, here: Evaluated) -> Vector:
    """The gradient without the components that point out of a bound at which a parameter stands."""
    return np.where(_held(objective, here), 0.0, here.gradient)


def _held(objective: Objective, here: Evaluated) -> Vector:
    """Which parameters stand at a bound, beyond which the value would fall."""
    parameters = objective.parameters
    low, high = here.x <= parameters.lower, here.x >= parameters.upper
    return (low & (here.gradient > 0)) | (high & (here.gradient < 0))


def _settled(objective: Objective, here: Evaluated, fallen: float, thorough: bool = False) -> str:
    """Why a point may be called stationary; empty where it may not.

    The gradient is zero within its rounding, of which `thorough` asks more; or Newton's step would lower the value by
    no more than its rounding (half the Newton decrement, Boyd and Vandenberghe 2004, 9.5); or by no more than ε² of
    what it has fallen, and is short itself: the minimum of x⁴ is come to in ever smaller steps. Where a solver found no
    lower point, and so `thorough` asks, ε^1.5 of that is enough for a step as long as the parameters.
    """
    slope = _projected(objective, here)
    if not np.isfinite(slope).all():
        return ""
    if (np.abs(slope) <= here.rounding).all() or (thorough and (np.abs(slope) <= here.all_rounding).all()):
        return "the gradient is zero within its rounding"
    reach = _reach(objective, here)
    if thorough and float(np.abs(slope).max()) * reach <= EPSILON**1.5 * fallen:
        return _NOTHING_LEFT
    free = ~_held(objective, here)
    if int(free.sum()) > (LARGEST if thorough else _DENSE):
        return ""
    hessian = here.hessian[np.ix_(free, free)]
    if not np.isfinite(hessian).all():
        return ""
    parts = scaled(hessian)
    if parts.values[0] < -parts.nothing:  # along which it goes down
        return ""
    step = parts.inverse() @ slope[free]
    decrease = float(slope[free] @ step) / 2
    if decrease <= here.noise:
        return "no step lowers the value by more than its rounding"
    if decrease <= EPSILON**2 * fallen and float(np.abs(step).max()) <= _NEAR * reach:
        return _NOTHING_LEFT
    return ""


_NOTHING_LEFT = "what a step would still lower is nothing beside what the value has fallen"


def _reach(objective: Objective, here: Evaluated) -> float:
    """How large the parameters are: 1, if they are not larger."""
    return float(max(1.0, *np.abs(here.x), *np.abs(objective.parameters.start)))


# How SciPy's methods end where they know no step: trust-exact fails of a name where a gradient is exactly 0.
_GIVEN_UP = (np.linalg.LinAlgError, ValueError, FloatingPointError, UnboundLocalError)


def _scipy(name: str, **options: Any) -> Way:
    """A method of `scipy.optimize.minimize`, which goes on until the search ends, or it gives up itself."""

    def way(search: _Search) -> None:
        objective = search.objective
        parameters = objective.parameters
        arguments: dict[str, Any] = {"jac": objective.gradient}
        if name == "trust-exact":
            arguments["hess"] = objective.hessian
        elif name in ("trust-ncg", "Newton-CG"):
            arguments["hessp"] = objective.hessian_times
        elif name == "L-BFGS-B":
            arguments["bounds"] = list(zip(parameters.lower, parameters.upper, strict=True))
            options["maxfun"] = 50 * search.settings.steps
        if not np.isfinite(objective.at(search.x).gradient).all():
            return
        try:
            with np.errstate(all="ignore"):
                solvers().minimize(
                    objective.value, search.x, method=name, callback=lambda x: search.iterated(x),
                    options={"maxiter": max(search.left, 1) + _RESTING} | options, **arguments,
                )  # fmt: skip
        except (_Settled, *_GIVEN_UP):
            pass  # what is to be said of the point where it stands, `at_rest` says

    return way


def _newton_within_bounds(search: _Search) -> None:
    """Newton's steps along what is free of bounds (Bertsekas 1982), with a search along each.

    A Hessian that is not positive definite is taken with the absolute values of its eigenvalues, so that a saddle is
    left on the side that leads down.
    """
    objective = search.objective
    parameters = objective.parameters
    x = search.x if objective.best is None else objective.best.x
    settled = 0  # steps from points that may be called stationary: they bring digits, and of x⁴ there is no end to them
    for _ in range(max(search.left, _POLISHING)):
        here = objective.at(x)
        slope = _projected(objective, here)
        free = ~_held(objective, here)
        if not slope.any() or not np.isfinite(here.hessian).all():
            return
        parts = scaled(here.hessian[np.ix_(free, free)])
        for curved in (False, True):  # along what is flat within rounding a step may lead far away, and gain nothing
            step = np.zeros_like(x)
            step[free] = -parts.inverse(curved) @ slope[free]
            following = _along(objective, here, step, parameters.lower, parameters.upper)
            if following is not None:
                break
        if following is None:
            return
        x = following.x
        try:
            search.iterated(x)
        except _Settled:
            settled += 1
            if settled > _AT_REST or not _gains(objective, here, following):
                return


def _along(objective: Objective, here: Evaluated, step: Vector, lower: Vector, upper: Vector) -> Evaluated | None:
    """The first point along a step, halved again and again, that is lower; None where there is none.

    Where the values differ by their rounding alone, a smaller gradient decides.
    """
    for halvings in range(_SHORTENED):
        there = objective.at(np.clip(here.x + step * 0.5**halvings, lower, upper))
        if (there.x == here.x).all():
            return None
        promised = float(here.gradient @ (there.x - here.x))
        if there.value <= here.value + _ARMIJO * min(promised, 0.0) and there.value < here.value:
            return there
        if halvings == 0 and there.value <= here.value + here.noise and _gains(objective, here, there):
            objective.best = there
            return there
    return None


def _gains(objective: Objective, here: Evaluated, there: Evaluated) -> bool:
    """Whether the gradient is clearly smaller at another point."""
    before, after = (float(np.linalg.norm(_projected(objective, each))) for each in (here, there))
    return after < 0.5 * before


def _trust_of(
    objective: Objective, best: Evaluated, free: Vector, negligible: float
) -> tuple[Vector, Curvature | None]:
    """How far each parameter may be off, and the curvature along the free ones."""
    error = np.where(free, math.inf, 0.0)
    count = int(free.sum())
    whole = count and count <= LARGEST and np.isfinite(best.gradient).all()
    if not whole or not best.smooth:
        return error, None
    hessian = best.hessian[np.ix_(free, free)]
    labels = [label for label, moves in zip(objective.parameters.labels, free, strict=True) if moves]
    bend = curvature(hessian, labels, objective.sign < 0, _reach(objective, best), negligible)
    if bend is not None and math.isfinite(bend.condition):
        inverse = scaled(hessian).inverse()
        slope, rounding = best.gradient[free], best.rounding[free]
        with np.errstate(all="ignore"):
            off = np.abs(inverse @ slope) + np.abs(inverse) @ rounding + EPSILON * np.abs(best.x[free])
        error[free] = np.where(np.isnan(off), math.inf, off)
    return error, bend


def _descend(search: _Search) -> None:
    """Gradient descent with steps of one length: x -= rate * gradient."""
    for here in _going(search):
        search.iterated(_inside(search.objective, here.x - search.settings.rate * here.gradient))


def _adam(search: _Search) -> None:
    """Adam (Kingma and Ba 2015, algorithm 1), with the constants of the paper."""
    keep, keep_squares, least = 0.9, 0.999, 1e-8
    mean, square = np.zeros_like(search.x), np.zeros_like(search.x)
    for number, here in enumerate(_going(search), start=1):
        mean = keep * mean + (1 - keep) * here.gradient
        square = keep_squares * square + (1 - keep_squares) * here.gradient**2
        slope, size = mean / (1 - keep**number), np.sqrt(square / (1 - keep_squares**number))
        search.iterated(_inside(search.objective, here.x - search.settings.rate * slope / (size + least)))


def _going(search: _Search) -> Iterator[Evaluated]:
    """Where the search is, as long as there is a gradient."""
    while np.isfinite((here := search.objective.at(search.x)).gradient).all() and here.gradient.any():
        yield here


def _inside(objective: Objective, x: Vector) -> Vector:
    return np.clip(x, objective.parameters.lower, objective.parameters.upper)

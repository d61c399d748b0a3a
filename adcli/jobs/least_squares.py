"""Least squares: SciPy's solvers on the exact Jacobian, and the statistics of what they find.

The linear algebra is that of the QR decomposition of the Jacobian whose columns are scaled to length 1: its columns may
differ by many powers of ten, and the normal equations would lose twice the digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adcli.jobs.choices import Loss
from adcli.jobs.curvature import leading
from adcli.jobs.minimize import Ending
from adcli.jobs.objective import Counts
from adcli.jobs.parameters import Matrix, Vector
from adcli.jobs.residuals import Fitted, Residuals
from adcli.jobs.solvers import solvers
from adcli.records import NamedTuple, dataclass
from adcli.trust.difference import EPSILON

_POLISHING = 20  # Gauss and Newton's steps behind a solver
_SHORTENED = 30  # times that one is halved
_OF_AN_ERROR = 1e-6  # a step is none that is smaller than this share of the standard error,
_OF_A_VALUE = 1e-11  # or of the parameter
_TOO_FEW = "the maximum of steps was reached"
# Tolerances of a solver, one after another: Newton's steps behind it bring the other digits. The first is so loose that
# no step of it is within rounding, where what is taken for lower would be chance.
_TOLERANCES = (1e-6, 1e-10, 4 * EPSILON)


class Step(NamedTuple):
    """A point at which a solver has asked for the Jacobian."""

    number: int
    sum_of_squares: float
    x: Vector


@dataclass(frozen=True)
class Settings:
    """How to fit.

    Attributes:
        loss: of each residual
        loss_scale: the residual, with its weight, from which on one counts as large
        steps: the most evaluations of a solver
        absolute: whether the weights are those of known standard deviations: then these make the standard errors, and
            not the scatter of the residuals
        progress: told of each step
    """

    loss: Loss = Loss.LINEAR
    loss_scale: float = 1.0
    steps: int = 1000
    absolute: bool = False
    progress: Callable[[Step], None] | None = None


class Linear(NamedTuple):
    """The linear algebra at a point: J = Q R D, with columns of length 1 in Q R.

    Attributes:
        q, r: the decomposition
        basis: orthonormal columns that span what the Jacobian reaches: Q where its columns are independent
        lengths: D, of the columns of the Jacobian
        condition: of Q R; infinite where a direction is undetermined
        undetermined: the direction along which the residuals do not change, within rounding; None where there is none
    """

    q: Matrix
    r: Matrix
    basis: Matrix
    lengths: Vector
    condition: float
    undetermined: Vector | None


class LeastSquares(NamedTuple):
    """What a fit came to.

    Attributes:
        ending, reason, solver: how it ended, and what searched
        best: the point
        linear: the Jacobian there
        covariance: of the parameters; NaN where the data do not determine them
        held: which parameters are held by a bound: they count as known
        last_step: the largest component of the next step, in standard errors
        steps, counts: what it took
    """

    ending: Ending
    reason: str
    solver: str
    best: Fitted
    linear: Linear
    covariance: Matrix
    held: Vector
    last_step: float
    steps: tuple[Step, ...]
    counts: Counts


def fitted(residuals: Residuals, settings: Settings) -> LeastSquares:
    """Find the parameters that make the sum of the losses of all residuals least.

    Several solvers are tried until one comes to a stationary point that the data determine. What an interrupt, or
    solvers that give up, leave is the best point until then.
    """
    search = _Search(residuals, settings)
    results: list[tuple[Fitted, str, str]] = []
    ending, reason, solver = Ending.STUCK, "", ""
    try:
        for name in _solvers(residuals, settings):
            solver, there = name, residuals.at(residuals.parameters.start)
            for tolerance in _TOLERANCES:
                there, gave_up = search.by(name, there.x, tolerance)
                there = there if _TOO_FEW in gave_up else search.polished(there)
                if _TOO_FEW in gave_up or search.is_settled(there):
                    break
            results.append((there, name, gave_up))
            if _TOO_FEW in gave_up or search.is_settled(there):
                break
        settled = [result for result in results if search.is_settled(result[0])]
        best, solver, gave_up = min(settled or results, key=lambda result: search.cost(result[0]))
        if settled:
            ending, reason = Ending.CONVERGED, search.why_settled(best)
        else:
            ending = Ending.STEPS if _TOO_FEW in gave_up else Ending.STUCK
            reason = f"{gave_up}: --steps allows more" if ending is Ending.STEPS else (
                "no step lowers the sum of squares, but the residuals still slope: another start may help"
            )  # fmt: skip
    except KeyboardInterrupt:
        ending, reason = Ending.INTERRUPTED, "interrupted: this is the best point until then"
        best = residuals.best or residuals.at(residuals.parameters.start)
    held = search.held(best)
    linear = search.linear(best)
    if linear.undetermined is not None and ending is Ending.CONVERGED:
        reason = "the sum of squares falls no further, but the data do not determine all parameters"
    covariance = search.covariance(best)
    last = search.last_step(best)
    return LeastSquares(
        ending, reason, _NAMES[solver], best, linear, covariance, held, last, tuple(search.steps), residuals.counts
    )


_NAMES = {
    "": "none",
    "lm": "Levenberg and Marquardt's method (MINPACK)",
    "trf": "a trust region that respects bounds",
    "dogbox": "Powell's dogleg within a box",
}


def _solvers(residuals: Residuals, settings: Settings) -> tuple[str, ...]:
    plain = settings.loss is Loss.LINEAR and not residuals.parameters.bounded
    return ("lm", "trf", "dogbox") if plain else ("trf", "dogbox")


def decomposed(jacobian: Matrix) -> Linear:
    """The QR decomposition of a Jacobian with scaled columns, and the direction that it does not see.

    Of one that is not finite all is NaN.
    """
    q, r = np.linalg.qr(jacobian)
    lengths = np.array([math.hypot(*column) for column in r.T.tolist()])  # those of the columns of J: Q turns them
    if not np.isfinite(lengths).all():
        return Linear(np.full_like(q, math.nan), np.full_like(r, math.nan), q, np.ones_like(lengths), math.nan, None)
    lengths[lengths == 0] = 1.0
    r = r / lengths
    if not r.size:
        return Linear(q, r, q, lengths, 1.0, None)
    reached, sizes, ways = np.linalg.svd(r)
    nothing = 10 * max(jacobian.shape) * EPSILON * sizes[0]
    undetermined = ways[-1] / lengths if sizes[-1] <= nothing or len(sizes) < len(lengths) else None
    basis = q if undetermined is None else q @ reached[:, : len(sizes)][:, sizes > nothing]
    condition = float(sizes[0] / sizes[-1]) if undetermined is None else math.inf
    return Linear(q, r, basis, lengths, condition, undetermined)


def undetermined(linear: Linear, labels: list[str]) -> dict[str, float]:
    """The direction that the data do not determine, by component; empty where there is none."""
    if linear.undetermined is None:
        return {}
    direction = linear.undetermined / np.abs(linear.undetermined).max()
    return leading(direction, labels)


class _TooFewError(Exception):
    """There are no more steps."""


class _Search:
    """One fit: its steps, and when it is at rest."""

    def __init__(self, residuals: Residuals, settings: Settings) -> None:
        self.residuals = residuals
        self.settings = settings
        self.steps: list[Step] = []
        self._decomposed: list[tuple[Fitted, Linear]] = []
        self._steps: list[tuple[Fitted, Vector]] = []

    def by(self, method: str, start: Vector, tolerance: float) -> tuple[Fitted, str]:
        """The point that a method of `scipy.optimize.least_squares` comes to from another one, and why it ended."""
        residuals, settings = self.residuals, self.settings
        parameters = residuals.parameters
        arguments: dict[str, Any] = {"loss": settings.loss.value, "f_scale": settings.loss_scale}
        if method != "lm":
            arguments["bounds"] = parameters.lower, parameters.upper
        evaluations = max(settings.steps - len(self.steps), 1) * (1 if method != "lm" else 2)
        try:
            with np.errstate(all="ignore"):
                found = solvers().least_squares(
                    lambda x: residuals.at(x).values, start, jac=self._jacobian, method=method,
                    x_scale="jac", ftol=tolerance, xtol=tolerance, gtol=tolerance, max_nfev=evaluations, **arguments,
                )  # fmt: skip
        except _TooFewError:
            return residuals.best or residuals.at(start), _TOO_FEW
        except (ValueError, np.linalg.LinAlgError) as error:
            return residuals.best or residuals.at(start), str(error)
        return residuals.at(found.x), _TOO_FEW if found.status == 0 else str(found.message)

    def _jacobian(self, x: Vector) -> Matrix:
        there = self.residuals.at(x)
        if len(self.steps) > self.settings.steps:
            raise _TooFewError
        step = Step(len(self.steps), there.sum_of_squares, there.x)
        self.steps.append(step)
        if self.settings.progress is not None:
            self.settings.progress(step)
        return there.jacobian if there.finite else np.zeros((self.residuals.count, len(there.x)))

    def cost(self, there: Fitted) -> float:
        """What is made least."""
        if self.settings.loss is Loss.LINEAR:
            return there.sum_of_squares
        return float(self._rho(there)[0].sum())

    def _rho(self, there: Fitted) -> Any:
        """The loss of each residual and its first two derivatives by the square, as SciPy defines them."""
        size = self.settings.loss_scale
        return size**2 * _RHO[self.settings.loss]((there.values / size) ** 2)

    def _weighted(self, there: Fitted) -> tuple[Vector, Matrix]:
        """The residuals and the Jacobian of the least squares problem whose step is the next one of a robust fit."""
        if self.settings.loss is Loss.LINEAR:
            return there.values, there.jacobian
        weights = np.sqrt(self._rho(there)[1] / self.settings.loss_scale**2)
        return there.values * weights, there.jacobian * weights[:, None]

    def held(self, there: Fitted) -> Vector:
        """Which parameters stand at a bound, beyond which the sum would fall."""
        parameters = self.residuals.parameters
        low, high = there.x <= parameters.lower, there.x >= parameters.upper
        if not (low.any() or high.any()):
            return low
        values, jacobian = self._weighted(there)
        slope = jacobian.T @ values
        return (low & (slope > 0)) | (high & (slope < 0))

    def step(self, there: Fitted) -> Vector:
        """Gauss and Newton's step from a point along what is free; along what the data do not determine it is 0.

        It is kept for the last few points.
        """
        for point, known in self._steps:
            if point is there:
                return known
        step = self._step(there)
        self._steps = [(there, step), *self._steps[:2]]
        return step

    def _step(self, there: Fitted) -> Vector:
        free = ~self.held(there)
        step = np.zeros_like(there.x)
        linear = self.linear(there)
        values = there.values
        if self.settings.loss is not Loss.LINEAR:
            values, jacobian = self._weighted(there)
            linear = decomposed(jacobian[:, free])
        step[free] = np.linalg.lstsq(linear.r, -(linear.q.T @ values), rcond=None)[0] / linear.lengths
        return step

    def linear(self, there: Fitted) -> Linear:
        """The Jacobian at a point by the parameters that are free, decomposed; kept for the last few points."""
        for point, known in self._decomposed:
            if point is there:
                return known
        known = decomposed(there.jacobian[:, ~self.held(there)])
        self._decomposed = [(there, known), *self._decomposed[:2]]
        return known

    def polished(self, there: Fitted) -> Fitted:
        """Gauss and Newton's steps until a point is settled, and one more, which brings its last digits."""
        if not there.finite or not np.isfinite(there.jacobian).all():
            return there
        for _ in range(_POLISHING):
            settled = self.is_settled(there)
            following = self._lower(there, 1 if settled else _SHORTENED)
            if following is None:
                break
            there = following
            if settled:
                break
        return there

    def _lower(self, there: Fitted, tries: int) -> Fitted | None:
        """The first point along the step, halved again and again, that costs less; None where there is none.

        Behind the whole step it is enough that the next one is clearly shorter: costs may differ by their rounding.
        """
        parameters, step = self.residuals.parameters, self.step(there)
        for halvings in range(tries):
            at = np.clip(there.x + step * 0.5**halvings, parameters.lower, parameters.upper)
            following = self.residuals.at(at)
            if following.finite and (
                self.cost(following) < self.cost(there) or (not halvings and self._gains(following, step))
            ):
                return following
        return None

    def _gains(self, there: Fitted, before: Vector) -> bool:
        """Whether the next step from a point is clearly shorter than the one that led there, and costs no more."""
        if not there.finite or not np.isfinite(there.jacobian).all():
            return False
        scale = np.maximum(np.abs(there.x), 1e-300)
        return float(np.abs(self.step(there) / scale).max()) < 0.5 * float(np.abs(before / scale).max())

    def last_step(self, there: Fitted) -> float:
        """The largest component of the next step, in standard errors; infinite where these are not known."""
        if not there.finite:
            return math.inf
        errors = np.sqrt(np.diag(self.covariance(there)))
        step = np.abs(self.step(there))
        with np.errstate(all="ignore"):
            shares = np.where(step == 0, 0.0, step / errors)
        return float(np.nan_to_num(shares, nan=math.inf).max(initial=0.0))

    def is_settled(self, there: Fitted) -> bool:
        """Whether a point is stationary."""
        return bool(self.why_settled(there))

    def why_settled(self, there: Fitted) -> str:
        """Why a point is stationary: the next step is nothing beside each parameter, or its error; else empty."""
        if not there.finite or not np.isfinite(there.jacobian).all():
            return ""
        step = np.abs(self.step(there))
        if (step <= _OF_A_VALUE * np.abs(there.x)).all():
            return f"the next step is less than {_OF_A_VALUE:.0e} of each parameter"
        errors = np.sqrt(np.diag(self.covariance(there)))
        if (step <= np.maximum(_OF_AN_ERROR * np.nan_to_num(errors), _OF_A_VALUE * np.abs(there.x))).all():
            return f"the next step is less than {_OF_AN_ERROR:.0e} standard errors of each parameter"
        return ""

    def covariance(self, there: Fitted) -> Matrix:
        """The covariance of the parameters: s² (J' J)⁻¹, or without s² where the weights are those of known errors.

        Of a robust fit it is that of Huber (1981, 7.6), which is asymptotic: the mean of ψ² over the square of the mean
        of ψ'.
        NaN where the data do not determine the parameters, and where there are no more data than parameters.
        """
        count, linear, held = len(there.x), self.linear(there), self.held(there)
        covariance = np.zeros((count, count))
        free = np.flatnonzero(~held)
        degrees = self.residuals.counted - len(free)
        if linear.undetermined is not None or (degrees <= 0 and not self.settings.absolute):
            covariance[np.ix_(free, free)] = math.nan
            return covariance
        inverse = np.linalg.inv(linear.r) / linear.lengths[:, None]
        unit = inverse @ inverse.T
        if self.settings.loss is not Loss.LINEAR:
            unit = unit * self._huber(there, degrees, len(free))
        elif not self.settings.absolute:
            unit = unit * (there.sum_of_squares / degrees)
        covariance[np.ix_(free, free)] = unit
        return covariance

    def _huber(self, there: Fitted, degrees: int, free: int) -> float:
        _, first, second = self._rho(there) / self.settings.loss_scale**2
        squares = (there.values / self.settings.loss_scale) ** 2
        slopes = first + 2 * squares * second
        mean = float(slopes.mean())
        correction = 1 + free / self.residuals.count * float(slopes.var()) / mean**2
        return correction**2 * float(((first * there.values) ** 2).sum()) / degrees / mean**2


def _rho(loss: Callable[[Vector], tuple[Any, Any, Any]]) -> Callable[[Vector], Any]:
    return lambda z: np.array(np.broadcast_arrays(*loss(z)))


# ρ(z), ρ'(z) and ρ''(z) of the squares z, as in the documentation of `scipy.optimize.least_squares`.
_RHO: dict[Loss, Callable[[Vector], Any]] = {
    Loss.SOFT_L1: _rho(lambda z: (2 * (np.sqrt(1 + z) - 1), (1 + z) ** -0.5, -0.5 * (1 + z) ** -1.5)),
    Loss.HUBER: _rho(lambda z: (
        np.where(z <= 1, z, 2 * np.sqrt(z) - 1),
        np.where(z <= 1, 1.0, np.maximum(z, 1) ** -0.5),
        np.where(z <= 1, 0.0, -0.5 * np.maximum(z, 1) ** -1.5),
    )),
    Loss.CAUCHY: _rho(lambda z: (np.log1p(z), 1 / (1 + z), -1 / (1 + z) ** 2)),
    Loss.ARCTAN: _rho(lambda z: (np.arctan(z), 1 / (1 + z**2), -2 * z / (1 + z**2) ** 2)),
}  # fmt: skip

"""Parameters of a program fitted to data: what is a parameter, weights, errors, leverage, the response."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from adcli.derive.modes import adjoints_of
from adcli.errors import AdError, Problem
from adcli.jobs.choices import FitRequest
from adcli.jobs.evidence import require_right
from adcli.jobs.least_squares import LeastSquares, Settings, fitted, undetermined
from adcli.jobs.minimize import Ending
from adcli.jobs.moving import moving_inputs
from adcli.jobs.parameters import Parameters, Vector, parameters
from adcli.jobs.residuals import Residuals
from adcli.jobs.solvers import solvers
from adcli.records import NamedTuple
from adcli.rules.dispatch import shape_of
from adcli.rules.shapes import shape_text
from adcli.run import Run, Start
from adcli.tape.components import label_of
from adcli.tape.domains import push_forward
from adcli.tape.reach import active_entries
from adcli.tape.selected import select
from adcli.trust.rounding import round_off_with_inputs

_ENOUGH = 1_000  # residuals, of which what holds for a few holds for all
_CHECKED = 12  # residuals that are drawn to have their derivatives checked
_NOISE = 1e-3  # the share of the residuals that is rounding, from which on their scatter tells little


class Fit(NamedTuple):
    """What was fitted, and how well.

    Attributes:
        found: what the search came to
        residual, shape: the name of the residual, and its sizes
        parameters: what moved
        errors, low, high: of each component the standard error and the confidence interval
        correlations: of the components that no bound holds; None where the data do not determine them
        undetermined: the direction along which they do not; empty where they do
        degrees: of freedom
        leverage, standardized: of each residual
        response: the input that the residuals compare with, and R²; None where there is none
        sign: 1 where the residuals are data less model, -1 where they are model less data
        band: of each fitted value half the width of its confidence interval
        end: the run at the estimates
    """

    found: LeastSquares
    residual: str
    shape: tuple[int, ...]
    parameters: Parameters
    errors: Vector
    low: Vector
    high: Vector
    correlations: Any
    undetermined: dict[str, float]
    degrees: int
    leverage: Vector
    standardized: Vector
    response: tuple[str, float] | None
    sign: float
    band: Vector
    end: Run


def fit(start: Start, request: FitRequest) -> Fit:
    """Fit from the start.

    Raises AdError: `no-residual`, `no-parameter`, `idle-parameter`, `outside-range`, `too-few-data`, `bad-weights`,
    `not-a-number` where a residual is none at the start; CheckFailedError `refuted-derivative`.
    """
    solvers()
    run = start.run
    if request.weights is not None and request.sigma is not None:
        raise AdError(Problem("bad-weights", "--weights and --sigma are two ways to say the same", help="give one"))
    name = _residual(run, request.residual)
    selected = select(run.tape, name)
    shape = shape_of(selected.value(run.tape))
    run = _without_warnings_of(run, request.weights or request.sigma)
    among = [each for each in _without_rows(run, shape) if each not in (request.weights, request.sigma)]
    moved, run = moving_inputs(run, selected.entry, request.wrt, among)
    moving = parameters(start, moved)
    _require_data(run, name, math.prod(shape), moving)
    _require_numbers(run, name)
    residuals = Residuals(start, name, moving, _scale(run, name, moving, request))
    _require_slopes(run, name, residuals)
    _check(_thinned(run, residuals), residuals, "at the start")
    settings = Settings(
        request.chosen_loss, request.loss_scale, request.steps, request.sigma is not None, request.iterated
    )
    found = fitted(residuals, settings)
    end = Start(start.program, moving.point_at(found.best.x), start.limits).run
    end = _without_warnings_of(end, request.weights or request.sigma)
    fewer = _thinned(end, residuals)
    if found.ending is not Ending.INTERRUPTED:
        _check(fewer, residuals, "at the end")
    own = tuple(warning for warning in end.warnings if warning not in run.warnings)
    end = end._replace(warnings=(*run.warnings, *own, *_noise(fewer, name)))
    return _judged(found, name, moving, residuals, request, end)


def _residual(run: Run, name: str | None) -> str:
    """The name of the residual; raises AdError `no-residual` where none is given, or it is no array."""
    bound = run.tape.bindings
    arrays = [each for each in bound if shape_of(run.tape.values[bound[each]]) and each not in run.tape.inputs]
    example = f"for example: --residual {arrays[-1]}" if arrays else "assign one: `r = y - model`"
    if name is None:
        message = "a fit needs to know which value is to become small: the residuals, one for each datum"
        raise AdError(Problem("no-residual", message, help=example), run.program.source)
    if not shape_of(select(run.tape, name).value(run.tape)):
        message = f"`{name}` is {shape_text(())}, and a fit takes an array: a residual for each datum"
        raise AdError(
            Problem("no-residual", message, help=f"{example}; `adcli minimize` takes a number"), run.program.source
        )
    return name


def _without_rows(run: Run, of_residual: tuple[int, ...]) -> list[str]:
    """The inputs that may be parameters: those that have not a row for each residual, or row of residuals."""
    shapes = {name: shape_of(value) for name, value in run.point.items()}
    return [name for name, shape in shapes.items() if not shape or shape[0] != of_residual[0]]


def _without_warnings_of(run: Run, weights: str | None) -> Run:
    """The run without warnings that nothing uses the weights, or the inputs that they are computed from."""
    if weights is None:
        return run
    tape, entry = run.tape, select(run.tape, weights).entry
    used = [weights, *(name for name, place in tape.inputs.items() if active_entries(tape, [place])[entry])]

    def is_of_weights(warning: Problem) -> bool:
        return warning.code in ("unused-input", "unused-name") and any(f"`{name}`" in warning.message for name in used)

    return run._replace(warnings=tuple(warning for warning in run.warnings if not is_of_weights(warning)))


def _require_data(run: Run, name: str, count: int, moving: Parameters) -> None:
    free = len(moving.lower)
    if count < free:
        message = f"there are more parameters, {free:,}, than residuals `{name}`, {count:,}: nothing determines them"
        help_text = "give more data, or move fewer parameters: --wrt names them"
        raise AdError(Problem("too-few-data", message, help=help_text), run.program.source)


def _require_numbers(run: Run, name: str) -> None:
    """Refuse residuals that are no numbers at the start: AdError `not-a-number`, which names the first row."""
    shape = shape_of(select(run.tape, name).value(run.tape))
    values = np.ravel(select(run.tape, name).value(run.tape))
    wrong = np.flatnonzero(~np.isfinite(values))
    if not len(wrong):
        return
    row = int(wrong[0])
    data = [f"{each} = {np.ravel(value)[row]:.6g}" for each, value in run.point.items() if shape_of(value) == shape]
    more = f", and {len(wrong) - 1:,} more are none" if len(wrong) > 1 else ""
    of_data = row // math.prod(shape[1:]) + 1
    message = f"`{label_of(name, shape, row)}` is {values[row]:g} at the start{more}: row {of_data:,} of the data"
    help_text = "start with other parameters, or leave the row out; `adcli eval` shows where it comes from"
    raise AdError(Problem("not-a-number", message, None, "", ", ".join(data), help_text), run.program.source)


def _require_slopes(run: Run, name: str, residuals: Residuals) -> None:
    """Refuse a start at which a residual has no finite derivative: AdError `not-a-number`, which names the first."""
    slopes = residuals.at(residuals.parameters.start).raw_jacobian
    if np.isfinite(slopes).all():
        return
    row, column = (int(at) for at in np.argwhere(~np.isfinite(slopes))[0])
    of, by = label_of(name, residuals.shape, row), residuals.parameters.labels[column]
    message = f"the derivative of `{of}` by `{by}` is {slopes[row, column]:g} at the start"
    help_text = f"start elsewhere; `adcli why --of '{of}' --wrt '{by}'` shows where it comes from"
    raise AdError(Problem("not-a-number", message, help=help_text), run.program.source)


def _scale(run: Run, name: str, moving: Parameters, request: FitRequest) -> Vector | float:
    """What each residual is multiplied by: the root of its weight, or one over its standard deviation."""
    if request.weights is None and request.sigma is None:
        return 1.0
    what = request.weights or request.sigma or ""
    selected = select(run.tape, what)
    value = selected.value(run.tape)
    own = shape_of(select(run.tape, name).value(run.tape))
    problem = ""
    if shape_of(value) not in ((), own):
        problem = f"`{what}` is {shape_text(shape_of(value))}, and `{name}` is {shape_text(own)}"
    elif active_entries(run.tape, [run.tape.inputs[each] for each in moving.names])[selected.entry]:
        problem = f"`{what}` varies with the parameters, and weights are known beforehand"
    numbers = np.ravel(value).astype(float)
    if not problem and not (numbers > 0).all() and request.sigma is not None:
        problem = f"`{what}` has to be greater than 0 everywhere, and is {numbers[~(numbers > 0)][0]:g} at a place"
    if not problem and not (numbers >= 0).all():
        problem = f"`{what}` may not be negative, and is {numbers[~(numbers >= 0)][0]:g} at a place"
    if problem:
        raise AdError(
            Problem("bad-weights", problem, help="a number for each residual, or one for all"), run.program.source
        )
    scale: Vector = np.sqrt(numbers) if request.weights is not None else 1 / numbers
    return scale if shape_of(value) else float(scale[0])


def _thinned(run: Run, residuals: Residuals) -> Run:
    """The run with no more than some thousand of its data, evenly drawn, where all data have a row for each residual.

    What is asked of every operation and of every row takes as long as the fit itself where there are very many.
    """
    step, rows = math.ceil(residuals.count / _ENOUGH), residuals.shape[0]
    if step == 1 or len(residuals.shape) > 1:
        return run
    moving, point = residuals.parameters.names, dict(run.point)
    for name, value in run.point.items():
        if shape_of(value)[:1] == (rows,) and name not in moving:
            point[name] = value[::step].copy()
    try:
        fewer = Start(run.program, point, run.limits).run
    except AdError:  # a size is a number in the program
        return run
    values = select(fewer.tape, residuals.name).value(fewer.tape)
    return fewer if 1 < int(np.size(values)) < residuals.count else run


def _check(run: Run, residuals: Residuals, where: str) -> None:
    """Hold the derivatives of some residuals, drawn at random, against differences."""
    selected, drawn = select(run.tape, residuals.name), random.Random(0)
    shape = shape_of(selected.value(run.tape))
    count = math.prod(shape)
    rows = range(count) if count <= _CHECKED else drawn.sample(range(count), _CHECKED)
    weights = {label_of(residuals.name, shape, row): drawn.uniform(-1, 1) for row in rows}
    seed = np.zeros(count)
    seed[list(rows)] = list(weights.values())
    slopes = adjoints_of(run.tape, {selected.entry: seed.reshape(shape)}, residuals.parameters.names)
    require_right(run, weights, slopes, where)


def _noise(run: Run, name: str) -> list[Problem]:
    """A warning where the residuals are little more than rounding."""
    selected = select(run.tape, name)
    values = np.asarray(selected.value(run.tape))
    size = float(np.linalg.norm(values.ravel()))
    unit = values / size if size else np.ones(values.shape)
    noise = round_off_with_inputs(run.tape, {selected.entry: unit})
    if noise <= _NOISE * size:
        return []
    share = "all" if noise >= size else f"{noise / size:.1g}"
    message = f"the residuals are so small that {share} of them is rounding: their scatter tells little of errors"
    return [Problem("exact-fit", message, help="where the errors of the data are known, --sigma states them")]


def _judged(
    found: LeastSquares, name: str, moving: Parameters, residuals: Residuals, request: FitRequest, end: Run
) -> Fit:
    labels = moving.labels
    free = np.flatnonzero(~found.held)
    degrees = residuals.counted - len(free)
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(found.covariance))
    half = errors * _quantile(request, degrees)
    open_labels = [labels[at] for at in free]
    lost = undetermined(found.linear, open_labels)
    correlations = None if lost or not found.best.finite else _correlations(found, open_labels)
    leverage = np.einsum("ij,ij->i", found.linear.basis, found.linear.basis)
    scatter = math.sqrt(found.best.sum_of_squares / degrees) if degrees > 0 else math.nan
    spread = (1.0 if request.sigma is not None else scatter) * np.sqrt(np.clip(1 - leverage, 0, None))
    with np.errstate(all="ignore"):
        standardized = found.best.values / spread
    response, sign = _response(end, name, request.response, residuals, found)
    slopes = found.best.raw_jacobian
    with np.errstate(invalid="ignore"):
        band = _quantile(request, degrees) * np.sqrt(((slopes @ found.covariance) * slopes).sum(axis=1))
    return Fit(
        found, name, residuals.shape, moving, errors, found.best.x - half, found.best.x + half, correlations, lost,
        degrees, leverage, standardized, response, sign, band, end,
    )  # fmt: skip


def _quantile(request: FitRequest, degrees: int) -> float:
    """Student's quantile for the confidence; that of the normal distribution where errors are known."""
    special = solvers("special")
    upper = (1 + request.confidence) / 2
    if request.sigma is not None:
        return float(special.ndtri(upper))
    return float(special.stdtrit(degrees, upper)) if degrees > 0 else math.nan


def _correlations(found: LeastSquares, labels: Sequence[str]) -> dict[str, dict[str, float]]:
    """Those of (J' J)⁻¹, which a factor does not change: of an exact fit the covariance itself is 0."""
    rows = np.linalg.inv(found.linear.r)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    matrix = rows @ rows.T
    return {label: dict(zip(labels, row, strict=True)) for label, row in zip(labels, matrix.tolist(), strict=True)}


def _response(
    run: Run, name: str, asked: str | None, residuals: Residuals, found: LeastSquares
) -> tuple[tuple[str, float] | None, float]:
    """The input that the residuals compare with and the share of its variance that is explained; and its sign in them.

    It is the input whose change goes into each residual as it is, or with the other sign: of anything else a share of
    the variance would compare numbers of two kinds. Raises AdError `unknown-input` where one is asked for that is none.
    """
    for each, value in run.point.items():
        if each in residuals.parameters.names or shape_of(value) != residuals.shape or asked not in (None, each):
            continue
        sign = _slope_of_one(run, name, each)
        if sign and sign == _slope_of_one(residuals.start.run, name, each):  # and not by chance, at these parameters
            data = np.ravel(value)
            squares = np.broadcast_to(np.asarray(residuals.scale) ** 2, data.shape)
            total = float(squares @ (data - np.average(data, weights=squares)) ** 2)
            return (each, 1 - found.best.sum_of_squares / total) if total else None, sign
    if asked is not None:
        message = f"`{asked}` is no input whose numbers go into the residuals `{name}` as they are, one into each"
        help_text = "--response names the data that a model is compared with, as `y` in `r = y - model`"
        raise AdError(Problem("unknown-input", message, help=help_text), run.program.source)
    return None, 1.0


def _slope_of_one(run: Run, name: str, each: str) -> float:
    """1 or -1 where that is the derivative of each residual by its own element of an input, and of all; else 0."""
    tape = run.tape
    tangent: Any = push_forward(tape, {tape.inputs[each]: np.ones_like(run.point[each])})[select(tape, name).entry]
    if tangent is None:
        return 0.0
    return next((sign for sign in (1.0, -1.0) if np.equal(tangent, sign).all()), 0.0)

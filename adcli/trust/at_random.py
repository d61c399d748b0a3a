"""Checks at random points: where a derivative may be wrong that is right at the given one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from adcli.derive.modes import gradients_of
from adcli.errors import AdError
from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.rules.dispatch import is_finite
from adcli.tape.execute import execute
from adcli.tape.limits import Limits
from adcli.tape.selected import select
from adcli.tape.tape import Value
from adcli.trust.budget import MOST_FOR_KINKS, UNLIMITED, are_over, budget_beside
from adcli.trust.check import Checked, check_gradient, check_hessian
from adcli.trust.compare import Comparer, Progress
from adcli.trust.judgement import SEVERITY, Verdict, worst
from adcli.trust.kinks import NO_KINKS, find_kinks
from adcli.trust.points import looked_at, random_points

_TRIES = 10  # points that are drawn for each one at which the program has a value


class AtRandom(NamedTuple):
    """A component at the worst of several random points."""

    checked: Checked
    point: Mapping[str, Value]


class RandomPoints(NamedTuple):
    """What was found at random points.

    Attributes:
        tried: how many there were
        skipped: how many more at which the program has no finite value
        verdicts: how many points have each verdict
        worst: of each component the worst
    """

    tried: int
    skipped: int
    verdicts: Mapping[Verdict, int]
    worst: tuple[AtRandom, ...]


class Settings(NamedTuple):
    """What to check at each point.

    Attributes:
        program, outputs, inputs: what to differentiate, by which inputs
        order: 1 for gradients, 2 for Hessians as well
        everything: whether to check all components, however many
        seed: of the points
        kinks: whether to look for kinks
        limits: of each tape
    """

    program: Program
    outputs: Sequence[str]
    inputs: Sequence[str]
    order: int
    everything: bool
    seed: int
    kinks: bool
    limits: Limits


def check_at_random(
    settings: Settings, point: Mapping[str, Value], count: int, progress: Progress | None = None
) -> RandomPoints:
    """Check components at random points of the inputs' ranges; `progress` is told how many are done, of how many."""
    worst_of: dict[tuple[str, str], AtRandom] = {}
    verdicts = dict.fromkeys(SEVERITY, 0)
    done = skipped = 0
    points = random_points(settings.program, point, settings.seed)
    for drawn, rows in looked_at(points, lambda there: _checked_at(settings, there), count, _TRIES):
        if rows is None:
            skipped += 1
            continue
        for row in rows:
            key = row.output, row.input
            if key not in worst_of or _badness(row) > _badness(worst_of[key].checked):
                worst_of[key] = AtRandom(row, drawn)
        verdicts[worst(row.verdict for row in rows)] += 1
        done += 1
        if progress is not None:
            progress(done, count)
        if are_over():
            break
    return RandomPoints(done, skipped, verdicts, tuple(worst_of.values()))


def _badness(row: Checked) -> tuple[int, float]:
    return SEVERITY.index(row.verdict), -(row.digits if row.digits is not None else 0.0)


def _checked_at(settings: Settings, point: Mapping[str, Value]) -> list[Checked] | None:
    """The components at another point; None where the program has no finite value there."""
    began = time.perf_counter()
    try:
        tape = execute(settings.program, point, settings.limits)
        outputs = {name: select(tape, name) for name in settings.outputs}
    except AdError:
        return None
    if not all(is_finite(selected.value(tape)) for selected in outputs.values()):
        return None
    slopes = gradients_of(tape, outputs, settings.inputs)
    # each point is a comparison of its own: how many there are, the user has chosen
    budget = UNLIMITED if settings.everything else budget_beside(time.perf_counter() - began)
    kinks = NO_KINKS
    if settings.kinks:
        most = budget.part(MOST_FOR_KINKS)
        kinks = find_kinks(settings.program, point, tape, slopes, settings.limits, most)
    comparer = Comparer(settings.program, point, tape, None, settings.limits, outputs, budget)
    rows: list[Checked] = []
    for name in settings.outputs:
        share = comparer.share()
        most = share.part(1 / settings.order)
        rows += check_gradient(comparer, name, slopes[name], kinks, settings.everything, settings.seed, most)[0]
        if settings.order == 2:
            rows += check_hessian(comparer, name, settings.inputs, settings.everything, share)
    return rows

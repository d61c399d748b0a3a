"""The derivatives of a job beside differences: once where it starts and once where it ends."""

from __future__ import annotations

from collections.abc import Mapping

from adcli.errors import CheckFailedError, Problem
from adcli.jobs.objective import smooth_by
from adcli.run import Run
from adcli.tape.ieee import quiet
from adcli.tape.selected import select, with_entries
from adcli.tape.tape import Value
from adcli.trust.budget import OutOfTime
from adcli.trust.compare import products, random_direction
from adcli.trust.judgement import Judgement, Verdict
from adcli.trust.products import compare_sum
from adcli.trust.rounding import total

_SEED = 0
_TOLD = 2  # values whose derivative is wrong, by their names


def require_right(run: Run, weights: Mapping[str, Value], slopes: Mapping[str, Value], where: str) -> Judgement | None:
    """Hold the derivatives of a weighted sum of values against a difference along a random direction.

    Args:
        run: at the point
        weights: of named values; of an array there is one for each component
        slopes: the derivatives by the inputs that move
        where: the point, in words: `at the start`

    Returns what the difference says; None where there was no time for one, and at a kink, where no difference tells.

    Raises CheckFailedError `refuted-derivative` where they do not agree: nothing that follows could be trusted.
    """
    tape, entries = with_entries(run.tape, [select(run.tape, name) for name in weights])
    if not smooth_by(tape, list(entries.values()), list(slopes)):
        return None
    direction = random_direction({name: run.point[name] for name in slopes}, _SEED)
    with quiet(tape):
        derivative = total(products(slopes, direction))
    try:
        judgements = compare_sum(
            run.program, run.point, run.tape, weights, [(direction, derivative)], run.limits, run.budget()
        )
    except OutOfTime:
        return None
    judgement = next(iter(judgements), None)
    if judgement is not None and judgement.verdict is Verdict.WRONG:
        names = [f"`{name}`" for name in weights]
        more = f" and {len(names) - _TOLD:,} more" if len(names) > _TOLD else ""
        told = ", ".join(names[:_TOLD])
        message = (
            f"the derivative of {told}{more} along a random direction is wrong {where}: {derivative:.6g}, and its "
            f"difference {judgement.value:.6g} ± {judgement.error:.1g}"
        )
        help_text = "`adcli check` at this point tells which component, and why"
        raise CheckFailedError([Problem("refuted-derivative", message, help=help_text)], run.program.source)
    return judgement

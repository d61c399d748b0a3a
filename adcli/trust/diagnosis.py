"""What is wrong with a claimed derivative: hypotheses that explain its numbers, at every point that was tried.

Most mistakes of hand-derived formulas are one of a few: a sign, a factor, the derivative by another input, a path of
the chain rule that is left out, counted twice or taken with the wrong sign, an inner derivative that is missing. Each
says what the claim would be if it had been made; it fits only if that is what is claimed wherever it was tried. What it
has to explain is how far the claim is off, to so many digits that none of all that were tried would do so by chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from adcli.program.program import Program
from adcli.records import NamedTuple
from adcli.trust.edge_sums import forget
from adcli.trust.hypotheses import hypotheses
from adcli.trust.mistakes import Hypothesis, Sample

MOST_DIAGNOSES = 3
_SURE = 5  # points at which a hypothesis fits that is sure
_OF_PATHS = 2  # the same of a sum of some paths, that is likely: small numbers often have the same sum

# How likely any of the hypotheses that were tried fits by chance, at most.
_CHANCE = {"sure": 1e-6, "likely": 1e-4, "possible": 1e-2}


class Diagnosis(NamedTuple):
    """What would explain a wrong claim.

    Attributes:
        kind: `sign`, `factor`, `other-input`, `other-output`, `missing-path`, `doubled-path`, `path-sign`,
            `inner-derivative`, `outer-derivative`, `some-paths`, `zero`, `one-point`
        text: in words, with the place in the program
        sure: how sure it is: `sure`, `likely` or `possible`
        points: at how many points it fits
        lines: of the program, that it is about
    """

    kind: str
    text: str
    sure: str
    points: int
    lines: tuple[int, ...] = ()


def diagnose(program: Program, samples: Sequence[Sample], failed: int, tried: int) -> tuple[Diagnosis, ...]:
    """What explains a wrong claim, the plainest first; nothing where nothing fits.

    Args:
        program: what was differentiated
        samples: components of the claim at the given point, and at others
        failed, tried: at how many of how many random points it is wrong
    """
    usable = [sample for sample in samples if math.isfinite(sample.claimed) and math.isfinite(sample.derivative)]
    wrong = [sample for sample in usable if not sample.fits(sample.derivative)]
    if not wrong:
        return ()
    try:
        return tuple(_explained(program, samples, usable, wrong, failed, tried))
    finally:
        forget()


def _explained(
    program: Program,
    samples: Sequence[Sample],
    usable: Sequence[Sample],
    wrong: Sequence[Sample],
    failed: int,
    tried: int,
) -> list[Diagnosis]:
    component = wrong[0].component
    diagnoses = _fitting(program, usable, wrong)
    own = [sample for sample in usable if sample.component == component]
    if not diagnoses and len(own) < len(usable):  # what is wrong with one component need not be wrong with others
        of_own = _fitting(program, own, [sample for sample in wrong if sample.component == component])
        diagnoses = [diagnosis._replace(text=f"of {component}: {diagnosis.text}") for diagnosis in of_own]
    if not diagnoses and wrong[0].tape is not samples[0].tape:
        text = f"right at the given point, and wrong at {failed} of {tried} random points: it does not hold in general"
        diagnoses.append(Diagnosis("one-point", text, "sure", failed))
    return diagnoses


def _fitting(program: Program, usable: Sequence[Sample], wrong: Sequence[Sample]) -> list[Diagnosis]:
    """The hypotheses that fit all samples, each kind once."""
    diagnoses: list[Diagnosis] = []
    told: set[str] = set()  # the kinds that there are already, and those that would tell the same
    for hypothesis in hypotheses(program, wrong[0], usable):
        if hypothesis.kind in told:
            continue
        explained = _explained_by(hypothesis, usable, wrong)
        points = len({id(sample.tape) for sample in explained})
        sure = _sure(hypothesis, explained, points)
        if sure:
            diagnoses.append(Diagnosis(hypothesis.kind, hypothesis.text, sure, points, hypothesis.lines))
            told |= {hypothesis.kind, *_SAME_AS.get(hypothesis.kind, ())}
        if len(diagnoses) == MOST_DIAGNOSES or (diagnoses and diagnoses[0].kind in _PLAIN):
            break
    return diagnoses


_PLAIN = ("sign", "zero", "other-input")  # which need no second explanation
_SAME_AS = {  # a kind, and the less plain ones that would tell the same mistake once more
    "missing-path": ("some-paths", "outer-derivative"),
    "inner-derivative": ("path-sign",),
    "outer-derivative": ("path-sign",),
}


def _sure(hypothesis: Hypothesis, explained: Sequence[Sample], points: int) -> str:
    """How sure a hypothesis is; empty where chance would explain as much."""
    chance = hypothesis.tried * math.prod(sample.chance for sample in explained[hypothesis.fitted :])
    if not explained or chance > _CHANCE["possible"]:
        return ""
    if points >= _SURE and chance <= _CHANCE["sure"]:
        return "sure"
    few = hypothesis.kind == "some-paths" and points < _OF_PATHS
    return "likely" if chance <= _CHANCE["likely"] and not few else "possible"


def _explained_by(hypothesis: Hypothesis, usable: Sequence[Sample], wrong: Sequence[Sample]) -> list[Sample]:
    """What a hypothesis explains of the wrong claim; nothing if there is a point that it does not explain."""
    told: set[int] = set()  # the samples of which it says something, by identity
    for sample in usable:
        value = hypothesis.predict(sample)
        if value is not None and not sample.fits(value):
            return []
        if value is not None:
            told.add(id(sample))
    return [sample for sample in wrong if id(sample) in told]

"""A question with its answer, its hints, and what wrong answers may come from."""

from __future__ import annotations

import math

from adcli.records import NamedTuple
from adcli.teach.words import said

_NEAR = 5e-3  # of an answer, relative to the truth
_NEAR_ZERO = 5e-4
_MOST_SLIPS = 2  # that are told of one answer


class Slip(NamedTuple):
    """A number that somebody may answer, and what is to be said of it: of the number, and not of who answered."""

    number: float
    says: str


class Choice(NamedTuple):
    """One of the answers to choose from."""

    key: str
    text: str


class Question(NamedTuple):
    """What is asked.

    Attributes:
        kind: `partial`, `contribution`, `adjoint`, `gradient`, `growth`, `which`, `tangent` or `cost`
        asked: the question
        truth: the answer as a number; of a choice its place among the choices
        hints: where to look; the rule with its names; the numbers without the result
        because: what is said of a right answer
        slips: what a wrong number may come from
        choices: the answers, where one is to be chosen
        leads: what is said of a wrong choice
    """

    kind: str
    asked: str
    truth: float
    hints: tuple[str, str, str]
    because: str
    slips: tuple[Slip, ...] = ()
    choices: tuple[Choice, ...] = ()
    leads: str = ""


def is_near(number: float, truth: float) -> bool:
    """Whether a number is right to about three digits."""
    return abs(number - truth) <= (_NEAR * abs(truth) if truth else _NEAR_ZERO)


def diagnosis(question: Question, number: float, text: str) -> str:
    """What is said of a wrong number: of all that it fits, and that does not fit the truth as well."""
    fitting = [
        slip.says
        for slip in question.slips
        if math.isfinite(slip.number) and is_near(number, slip.number) and not is_near(slip.number, question.truth)
    ]
    if not fitting:
        return said("no guess", text=text)
    return said("or").join(dict.fromkeys(fitting[:_MOST_SLIPS]))

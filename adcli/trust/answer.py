"""The answer to the question where one component of a gradient comes from."""

from __future__ import annotations

from enum import Enum

from adcli.records import NamedTuple, dataclass
from adcli.syntax.source import Span
from adcli.trust.cures import Cure
from adcli.trust.paths import Path


class Kind(str, Enum):
    """What there is to say of a component of a gradient."""

    ORDINARY = "ordinary"  # a number, and not zero
    UNUSED = "unused"  # zero: nothing reads the input
    UNREACHED = "unreached"  # zero: what is computed from it ends before the output
    ROUNDED = "rounded"  # zero: all ways go through what has slope 0 everywhere, such as floor
    DECIDES = "decides"  # zero: it only decides
    UNTAKEN = "untaken"  # zero: it counts in a branch that was not taken
    FLAT = "flat"  # zero: each path has a partial that is 0 at this point
    CANCELS = "cancels"  # zero: the paths cancel
    UNDERFLOW = "underflow"  # zero: what is not zero is too small for a float
    VALUE = "value"  # not finite: a value on the way is not
    PARTIAL = "partial"  # not finite: something on the way back is not


class Answer(NamedTuple):
    """What makes a component what it is: the plain answer, and the entries and the lines that it names."""

    kind: Kind
    text: str
    entries: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Why:
    """Where one component of a gradient comes from.

    Attributes:
        output, input: what is differentiated, by what: `L`, `w[2]`
        gradient: the component
        answer: the plain answer
        number: how many paths there are
        paths: the largest of them
        exact: whether they are known to be the largest
        rest: what the other paths sum to; None where the gradient is not finite
        total: the sum of the absolute products of all paths
        notes: what else to know, such as a kink on a path
        cure: another way to write what is at fault
    """

    output: str
    input: str
    gradient: float
    answer: Answer
    number: int
    paths: tuple[Path, ...]
    exact: bool
    rest: float | None
    total: float
    notes: tuple[str, ...] = ()
    cure: Cure | None = None

"""What a user chooses of a search; importing it imports no NumPy."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from adcli.records import dataclass
from adcli.run import Names


class Method(str, Enum):
    """The ways to go down."""

    TRUST = "trust"
    NEWTON = "newton"
    BFGS = "bfgs"
    LBFGS = "lbfgs"
    GD = "gd"
    ADAM = "adam"


class Loss(str, Enum):
    """What is added up of each residual: its square, or less of a large one (`scipy.optimize.least_squares`)."""

    LINEAR = "linear"
    SOFT_L1 = "soft_l1"
    HUBER = "huber"
    CAUCHY = "cauchy"
    ARCTAN = "arctan"


@dataclass(frozen=True, eq=False, repr=False)
class FitRequest:
    """What is to be fitted, and how.

    Attributes:
        residual: the name of the value whose squares are made least: an array, a residual for each datum
        wrt: the parameters; by default the inputs that the residual follows and that are not as long as it
        weights: the name of a value, or of an input: of each residual the weight of its square, up to a common factor
        sigma: the same of its standard deviation, which is known: the errors of the parameters follow from it alone
        loss: "linear", "soft_l1", "huber", "cauchy" or "arctan"; by default the first, least squares
        loss_scale: the weighted residual from which on a loss takes one for large
        confidence: the probability of the intervals
        response: the input that the residuals compare with, whose derivative is 1 or -1 everywhere; by default the
            first such input
        steps: the most iterations
        iterated: told of each iteration
    """

    residual: str | None = None
    wrt: Names = None
    weights: str | None = None
    sigma: str | None = None
    loss: str | None = None
    loss_scale: float = 1.0
    confidence: float = 0.95
    response: str | None = None
    steps: int = 1000
    iterated: Callable[[Any], None] | None = None

    @property
    def chosen_loss(self) -> Loss:
        """What is added up of each residual."""
        return Loss.LINEAR if self.loss is None else Loss(self.loss)
